"""A paper's code opened again: the page that takes it, and the provider's page. The reader's own answers are neither read nor changed."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from prescreen import paper_code, reopening
from prescreen.answers import Unreadable


@require_http_methods(["GET", "HEAD", "POST"])
def reopen(request: HttpRequest) -> HttpResponse:
    """Takes a code by POST only, and shows at once what it holds. Every code that does not open gets the same answer."""
    if request.method != "POST":
        return render(request, "prescreen/reopen.html")
    code = paper_code.bare(request.POST.get("code", ""))
    try:
        on_paper = paper_code.unseal(code, timezone.now())
    except Unreadable:
        return render(request, "prescreen/reopen.html", {"typed": request.POST.get("code", "")}, status=422)
    page = reopening.build(on_paper, request.POST, timezone.localdate())
    return render(request, "prescreen/provider.html", {"page": page, "code": code, "marks": reopening.marks()})
