"""What is not taken, and why: pages that are plain and kind, each with the right status."""

from __future__ import annotations

import math

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400; 413 for more fields or files than a form can have."""
    if isinstance(exception, RequestDataTooBig | TooManyFieldsSent | TooManyFilesSent):
        return too_large(request)
    return unreadable(request)


def unreadable(request: HttpRequest) -> HttpResponse:
    """400."""
    said = _("Something in the request was not as we expected, so nothing was done. Try again from the start page.")
    return _refused(request, 400, _("We could not read that"), said)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403 for somebody whose account does not open a page."""
    said = _("If you work at the trials desk and need this page, ask the person who looks after your account.")
    return _refused(request, 403, _("This page is not open to you"), said)


def too_large(request: HttpRequest) -> HttpResponse:
    """413."""
    said = _("It is more than this page can take, so nothing was saved. At the trials desk, send a large file in parts.")
    return _refused(request, 413, _("That was too much at once"), said)


def too_long(request: HttpRequest) -> HttpResponse:
    """414."""
    return _refused(request, 414, _("That address is too long"), _("We have no page with an address this long. Try again from the start page."))


def too_many(request: HttpRequest, seconds: int) -> HttpResponse:
    """429, with the seconds to wait."""
    minutes = math.ceil(seconds / 60)
    again = ngettext("You can try again in %(minutes)s minute.", "You can try again in %(minutes)s minutes.", minutes) % {"minutes": minutes}
    response = _refused(request, 429, _("Please wait a little"), _("Many people asked for this page from your network just now.") + " " + again)
    response["Retry-After"] = str(seconds)
    return response


def _refused(request: HttpRequest, status: int, heading: str, said: str) -> HttpResponse:
    return render(request, "prescreen/refused.html", {"heading": heading, "said": said}, status=status)
