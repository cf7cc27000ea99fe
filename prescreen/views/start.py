"""The start page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from prescreen import answers


@require_safe
@cache_control(no_store=True, private=True)
def start(request: HttpRequest) -> HttpResponse:
    """What the program does, and the way in. Answers that can no longer be read are cleared without a word: nobody asked for them here."""
    try:
        started = answers.read(request).started
    except answers.Unreadable:
        return answers.forget(render(request, "prescreen/start.html"))
    return render(request, "prescreen/start.html", {"has_answers": started})
