"""Forms and addresses are read as UTF-8, which is what our pages send, whatever a request claims.

Django takes a request's word for it: ``charset=rot13`` would end in an error of the server, ``charset=utf-7`` in text that cannot be shown again.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse


class Utf8Alone:
    """Middleware, before all that reads a form."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Has the request read as UTF-8."""
        request.encoding = settings.DEFAULT_CHARSET
        return self.get_response(request)
