"""Check your answers, results, and the summary."""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from prescreen import answers, pdf, results, summary
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
def show_summary(request: HttpRequest, screening: Screening) -> HttpResponse:
    """The paper on screen. A POST says which trials go into it."""
    if request.method == "POST":
        ticked = tuple(number for number in screening.pickable if number in request.POST.getlist("trial"))
        return answers.keep(redirect("summary"), replace(screening.to_keep, picked=ticked))
    paper = summary.build(screening, timezone.localdate())
    return render(request, "prescreen/summary.html", {"screening": screening, "paper": paper, "choices": summary.pickable(screening)})


@require_safe
@started_page
def summary_pdf(request: HttpRequest, screening: Screening) -> HttpResponse:
    """The paper as a PDF file."""
    content = pdf.render(summary.build(screening, timezone.localdate()))
    return HttpResponse(content, content_type="application/pdf", headers={"Content-Disposition": 'attachment; filename="trial-summary.pdf"'})
