"""The summary on screen, as a PDF file, and as data."""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from prescreen import answers, paper_code, pdf, summary
from prescreen.screening import Screening

from .pages import started_page


@require_http_methods(["GET", "HEAD", "POST"])
@started_page
def show_summary(request: HttpRequest, screening: Screening) -> HttpResponse:
    """The paper on screen. A POST says which trials go into it."""
    if request.method == "POST":
        ticked = tuple(number for number in screening.pickable if number in request.POST.getlist("trial"))
        return answers.keep(redirect("summary"), replace(screening.to_keep, picked=ticked))
    today = timezone.localdate()
    context = {
        "screening": screening,
        "paper": summary.build(screening, today),
        "code": _code(request, screening),
        "choices": summary.pickable(screening),
        "layouts": pdf.CHOICES,
    }
    return render(request, "prescreen/summary.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@started_page
def summary_pdf(request: HttpRequest, screening: Screening) -> HttpResponse:
    """The paper as a PDF file. Its layout, which is no answer, may be posted or stand in the address."""
    layout = pdf.Layout.of(request.POST or request.GET)
    try:
        content = pdf.render(summary.build(screening, timezone.localdate()), _code(request, screening), layout)
    except pdf.PaperError:
        return render(request, "prescreen/no_pdf.html", {"screening": screening}, status=503)
    return _file(HttpResponse(content, content_type="application/pdf"), layout.file_name)


@require_safe
@started_page
def summary_json(request: HttpRequest, screening: Screening) -> HttpResponse:
    """What the paper says as data, for a program: in the form of ``match --json``, with the questions and answers."""
    found = JsonResponse(summary.as_json(screening, timezone.localdate()), json_dumps_params={"ensure_ascii": False, "indent": 2})
    return _file(found, "trial-summary.json")


def _code(request: HttpRequest, screening: Screening) -> paper_code.Code:
    return paper_code.make(screening, timezone.localdate(), request.build_absolute_uri(reverse("reopen")))


def _file(response: HttpResponse, name: str) -> HttpResponse:
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
