"""The start page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from prescreen.screening import Screening

from .pages import screening_page


@require_safe
@screening_page
def start(request: HttpRequest, screening: Screening) -> HttpResponse:
    """What the program does, and the way in."""
    return render(request, "prescreen/start.html", {"screening": screening})
