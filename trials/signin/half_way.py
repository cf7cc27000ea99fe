"""Half way through signing in: the password was right, and the code is still to come. Until then nobody is signed in, on no page."""

from __future__ import annotations

import time

from django.contrib.auth import get_user_model, login
from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare
from django_otp import login as note_second_step
from django_otp.models import Device

PASSWORD_GIVEN = "password_given"  # noqa: S105 - the name of a place in the session
LASTS = 10 * 60
"""Seconds from the password to the code; setting up an app takes a while."""


def begin(request: HttpRequest, user: AbstractBaseUser, then: str) -> None:
    """Keeps in the session who gave the right password, and the address to go on to."""
    request.session.cycle_key()
    request.session[PASSWORD_GIVEN] = {
        "user": str(user.pk),
        "backend": user.backend,
        "hash": user.get_session_auth_hash(),
        "at": int(time.time()),
        "then": then,
    }


def person(request: HttpRequest) -> AbstractBaseUser | None:
    """Who gave the password, unless that is too long ago, or the account was closed or its password changed since."""
    held = request.session.get(PASSWORD_GIVEN)
    if not held or abs(time.time() - held["at"]) >= LASTS:
        return None
    user = get_user_model().objects.filter(pk=held["user"], is_active=True, is_staff=True).first()
    if user is None or not constant_time_compare(held["hash"], user.get_session_auth_hash()):
        return None
    user.backend = held["backend"]
    return user


def finish(request: HttpRequest, user: AbstractBaseUser, device: Device) -> str:
    """Signs the person in, with the device that the code came from, and gives the address to go on to."""
    then = request.session.pop(PASSWORD_GIVEN)["then"]
    user.otp_device = device  # whoever listens for sign-ins reads it
    login(request, user)
    note_second_step(request, device)
    return then
