"""One line for each request: method, route name, status, milliseconds, and nothing else. ``prescreen.logs`` writes it as JSON."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

logger = logging.getLogger("prescreen.requests")

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"})


class RequestLog:
    """Outermost, so that every response is counted, refusals and faults too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Logs the request when its response is made. Its route is null where no page has such an address."""
        began = time.perf_counter()
        response = self.get_response(request)
        spent = round((time.perf_counter() - began) * 1000, 1)
        route = request.resolver_match.view_name if request.resolver_match else None
        # A method is any word that a client likes to send, so only the known ones are written.
        method = request.method if request.method in METHODS else "other"
        logger.info("request %s", {"method": method, "route": route, "status": response.status_code, "ms": spent})
        return response
