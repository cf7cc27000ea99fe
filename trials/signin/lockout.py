"""Lockouts after wrong passwords and codes, by django-axes.

Counted for a name together with an address: whoever guesses at somebody's password from elsewhere locks out only themselves. A generous count for
the address alone, with a whole clinic in mind, ends the trying of many names.
"""

from __future__ import annotations

from axes.attempts import get_cool_off_threshold
from axes.backends import AxesStandaloneBackend
from axes.handlers.database import AxesDatabaseHandler
from axes.handlers.proxy import AxesProxyHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.models import AbstractBaseUser
from django.contrib.auth.signals import user_login_failed
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from trials import audit
from trials.audit import Act

PER_ADDRESS = 100
"""Wrong tries from one address, whatever the names, within the time of a lockout."""


class Handler(AxesDatabaseHandler):
    """Counts in the database, so for all processes and machines."""

    def is_locked(self, request: HttpRequest, credentials: dict | None = None) -> bool:
        """Whether this name at this address, or the address, has to wait."""
        return super().is_locked(request, credentials) or _wrong_from(request) >= PER_ADDRESS


class Backend(AxesStandaloneBackend):
    """Refuses to look at the password of whoever is locked out. A command has no request, comes from no address and is not counted."""

    def authenticate(self, request: HttpRequest | None, **credentials: object) -> None:
        """Gives nobody; raises ``PermissionDenied`` where somebody is locked out."""
        if request is not None:
            super().authenticate(request, **credentials)


def is_locked_out(request: HttpRequest, user: AbstractBaseUser) -> bool:
    """Whether somebody has to wait before the next code."""
    return not AxesProxyHandler.is_allowed(request, _credentials(user))


def note_wrong(request: HttpRequest, user: AbstractBaseUser, detail: str) -> None:
    """Counts a wrong code, or a wrong password of somebody signed in, like one at the sign-in. Whoever listens for failed sign-ins hears of it."""
    user_login_failed.send(sender=__name__, credentials=_credentials(user), request=request, detail=detail)


def note_refusal(request: HttpRequest, user: AbstractBaseUser, detail: str) -> None:
    """Notes in the audit trail what was refused without a look at the code, and so does not count."""
    audit.record(Act.SIGN_IN_REFUSED, user, detail=detail, address=request.axes_ip_address)


def turn_away(request: HttpRequest, user: AbstractBaseUser, what: str) -> HttpResponse:
    """The page for somebody who is locked out, and its line in the audit trail. ``what`` was asked for."""
    note_refusal(request, user, f"{what}: locked out")
    request.axes_locked_out = True
    return locked_out(request)


def name_as_counted(_request: HttpRequest, credentials: dict | None) -> str:
    """What stands for a name in the counts: not the name, for people type their password there by mistake."""
    return salted_hmac("trials.signin.lockout", (credentials or {}).get("username") or "", algorithm="sha256").hexdigest()


def locked_out(request: HttpRequest, _response: HttpResponse | None = None, _credentials: dict | None = None) -> HttpResponse:
    """The page for whoever has to wait."""
    seconds = int(settings.AXES_COOLOFF_TIME.total_seconds())
    context = {**admin.site.each_context(request), "title": _("Please wait"), "minutes": seconds // 60}
    response = render(request, "admin/sign_in/locked_out.html", context, status=429)
    response["Retry-After"] = seconds
    add_never_cache_headers(response)
    return response


def _credentials(user: AbstractBaseUser) -> dict[str, str]:
    return {"username": user.get_username()}


def _wrong_from(request: HttpRequest) -> int:
    recent = AccessAttempt.objects.filter(ip_address=request.axes_ip_address, attempt_time__gte=get_cool_off_threshold(request))
    return recent.aggregate(wrong=Sum("failures_since_start"))["wrong"] or 0
