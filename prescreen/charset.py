"""Forms and addresses are read as UTF-8, which is what our pages send, whatever a request claims; an address with a zero byte is refused.

Django takes a request's word for it: ``charset=rot13`` would end in an error of the server, ``charset=utf-7`` in text that cannot be shown again.
It reads an address's query by that word as it makes the request, before any middleware, so the request itself has to know better.
Zero bytes it keeps out of forms alone, and PostgreSQL cannot be asked for a text that holds one: a search or filter for it would end in an error, too.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse

from prescreen.views import refusals


class Utf8Request(WSGIRequest):
    """A request that is UTF-8 from the start, for ``prescreen.wsgi``."""

    @property
    def encoding(self) -> str:
        """UTF-8."""
        return settings.DEFAULT_CHARSET

    @encoding.setter
    def encoding(self, _claimed: str) -> None:
        """Whatever the request claims."""


class Utf8Alone:
    """Middleware, before all that reads a form or looks for what an address names."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Has the request read as UTF-8, or refuses it with 400."""
        request.encoding = settings.DEFAULT_CHARSET
        if "%00" in request.get_full_path():
            return refusals.unreadable(request)
        return self.get_response(request)
