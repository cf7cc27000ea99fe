"""Check your answers, the results, and trials side by side."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from prescreen import compare as comparing
from prescreen import results, summary
from prescreen.screening import Screening

from .pages import started_page


@require_safe
@started_page
def check(request: HttpRequest, screening: Screening) -> HttpResponse:
    """Every answer, each with a way to change it."""
    return render(request, "prescreen/check.html", {"screening": screening, "answered": summary.answered(screening)})


@require_safe
@started_page
def show_results(request: HttpRequest, screening: Screening) -> HttpResponse:
    """The trials in three groups, with reasons."""
    return render(request, "prescreen/results.html", {"screening": screening, "results": results.build(screening, timezone.localdate())})


@require_http_methods(["GET", "HEAD", "POST"])
@started_page
def compare(request: HttpRequest, screening: Screening) -> HttpResponse:
    """Two or three trials side by side. They are ticked on the results page and posted, so that no address holds them."""
    if request.method != "POST":
        return redirect("results")
    found = comparing.build(screening, request.POST.getlist("trial"), timezone.localdate())
    is_enough = len(found.trials) > 1
    return render(request, "prescreen/compare.html", {"screening": screening, "comparison": found}, status=200 if is_enough else 422)
