"""How much a request may bring. What is too large is refused before any of it is read.

The number of fields and files, and the size of fields, are Django's own settings; see ``prescreen.views.refusals.bad_request``.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve

from prescreen.views import refusals

LONGEST_ADDRESS = 4_000
"""Characters of path and query. The longest of ours, a list of the desk with all its filters, has under 1,000."""

LARGEST_BODY = 500_000
"""Bytes for everybody's pages. The largest form of ours, a reopened paper with 50 trials of 100 criteria, sends some 30 bytes a mark: 150,000."""

LARGEST_DESK_BODY = 6_000_000
"""Bytes for the desk: a trial with 2,000 sites is one form of 20,000 fields, of about 250 bytes each as browsers send them."""

LARGEST_UPLOAD = 21_000_000
"""Bytes for the pages that take files: 20 MB, and what surrounds the file."""

UPLOAD_ROUTES = frozenset({"admin:trials_trial_import", "admin:trials_criterion_import"})


class Sizes:
    """Refuses long addresses with 414, large bodies with 413, and with 400 a length that is none."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Lets a request in, or refuses it. A body without a length is never read: Django takes it for empty."""
        if len(request.path_info) + len(request.META.get("QUERY_STRING", "")) > LONGEST_ADDRESS:
            return refusals.too_long(request)
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not re.fullmatch("[0-9]{1,18}", length):  # Django would break on it
            return refusals.unreadable(request)
        if int(length) > LARGEST_BODY and not _is_of_the_desk(request):
            return refusals.too_large(request)
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: object) -> HttpResponse | None:
        """The desk's own limits. Here it can be told who is signed in, so that the audit trail has the refusal; and nothing has read the body yet."""
        largest = LARGEST_UPLOAD if request.resolver_match.view_name in UPLOAD_ROUTES else LARGEST_DESK_BODY
        return refusals.too_large(request) if int(request.META.get("CONTENT_LENGTH") or 0) > largest else None


def _is_of_the_desk(request: HttpRequest) -> bool:
    try:
        return "admin" in resolve(request.path_info).namespaces
    except Resolver404:
        return False
