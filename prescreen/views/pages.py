"""What all patient pages share: the screening of the request, and kind ways out."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from prescreen import answers
from prescreen.screening import AREA, Screening

View = Callable[..., HttpResponse]


def screening_page(view: View) -> View:
    """A page of the screening: the view is given the screening. Answers that cannot be read, or are too many to be kept, lead to a page that says so."""

    @wraps(view)
    def page(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        try:
            screening = Screening.of(request)
        except answers.Unreadable:
            return answers.forget(redirect("expired"))
        try:
            return view(request, screening, *args, **kwargs)
        except answers.Full:
            return render(request, "prescreen/full.html", {"screening": screening}, status=422)

    return page


def started_page(view: View) -> View:
    """A page that needs answers; without any it leads to the page that says so."""

    @wraps(view)
    @screening_page
    def page(request: HttpRequest, screening: Screening, *args, **kwargs) -> HttpResponse:
        if not screening.started:
            return redirect("expired")
        return view(request, screening, *args, **kwargs)

    return page


def question_or_check(screening: Screening, came_from_check: bool = False) -> HttpResponse:
    """On to the next question, or to the check page where there is none."""
    key = screening.next_page
    if key is None:
        return redirect("check")
    response = redirect("question", key=key or AREA)
    if came_from_check:
        response["Location"] += "?from=check"
    return response
