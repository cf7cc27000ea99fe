"""Who came in at the desk's door and who was turned away, for the audit trail."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from prescreen.client_address import client_address
from trials import audit
from trials.audit import Act
from trials.signin.second_step import is_recovery

TOO_MUCH = {413: ": too large", 429: ": too many requests"}


def connect() -> None:
    """Has the signals of signing in noted."""
    for signal, receiver in ((user_logged_in, _signed_in), (user_logged_out, _signed_out), (user_login_failed, _refused)):
        signal.connect(receiver, dispatch_uid="prescreen.doors.desk_audit")


def _signed_in(request: HttpRequest | None, user: AbstractBaseUser, **_told: object) -> None:
    device = getattr(user, "otp_device", None)
    how = "recovery code" if is_recovery(device) else "code from the app" if device else "password alone"
    audit.record(Act.SIGN_IN, user, detail=how, by=user, address=_address(request))


def _signed_out(request: HttpRequest | None, user: AbstractBaseUser | None, **_told: object) -> None:
    if user is not None:
        audit.record(Act.SIGN_OUT, user, by=user, address=_address(request))


def _refused(credentials: dict[str, Any], request: HttpRequest | None = None, detail: str = "", **_told: object) -> None:
    """Who it was is not known, only which account was meant; but for somebody signed in who was asked for the password once more.

    A name that no account has is not kept: people type their password there by mistake.
    """
    model = get_user_model()
    name = str(credentials.get(model.USERNAME_FIELD) or credentials.get("username") or "")
    account = model._default_manager.filter(**{model.USERNAME_FIELD: name}).first() if "\0" not in name else None
    audit.record(Act.SIGN_IN_REFUSED, account or model, detail=detail, address=_address(request))


def _address(request: HttpRequest | None) -> str | None:
    return client_address(request) if request else None


class DeskRefusals:
    """Notes what the desk refuses to somebody who is signed in. (Whoever is not is only sent to sign in.)"""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Makes the page."""
        response = self.get_response(request)
        if request.path.startswith(reverse("admin:index")) and request.user.is_authenticated and _is_refusal(request, response):
            route = request.resolver_match.view_name if request.resolver_match else ""
            why = TOO_MUCH.get(response.status_code, "")
            act = Act.IMPORT_REFUSED if why and route.endswith("_import") else Act.PERMISSION_REFUSED
            audit.record(act, _asked_for(request), detail=f"{request.method} {route}".rstrip() + why)
        return response


def _is_refusal(request: HttpRequest, response: HttpResponse) -> bool:
    if getattr(request, "axes_locked_out", False):
        return False  # the page that somebody is locked out of has noted it
    sent_to_sign_in = response.get("Location", "").startswith(reverse("admin:login"))
    return response.status_code in (403, *TOO_MUCH) or (sent_to_sign_in and not request.user.is_staff)


def _asked_for(request: HttpRequest) -> Model | type[Model] | None:
    """The record that a page is about, or the kind of records: read off the name of its route, such as ``trials_trial_delete``."""
    match = request.resolver_match
    app, _, rest = (match.url_name or "" if match else "").partition("_")
    try:
        model = apps.get_model(app, rest.partition("_")[0])
    except (LookupError, ValueError):
        return None
    number = str(match.kwargs.get("object_id") or match.kwargs.get("pk") or match.kwargs.get("id") or "")
    row = model._base_manager.filter(pk=int(number)).first() if number.isascii() and number.isdecimal() and len(number) < 19 else None
    return row or model
