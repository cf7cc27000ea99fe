"""Passwords that somebody else chose, and so knows: each is good for one thing, choosing another, and only for some days.

On one's own machine nobody is asked to, as nobody needs a code there: whoever makes the account is its owner.
"""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.utils import timezone

from trials.models import InitialPassword

LASTS = timedelta(days=7)


def note(user: AbstractBaseUser) -> None:
    """Keeps that somebody else has just chosen this person's password."""
    InitialPassword.objects.update_or_create(user=user, defaults={"set_at": timezone.now()})


def forget(user: AbstractBaseUser) -> None:
    """The person has chosen another."""
    InitialPassword.objects.filter(user=user).delete()


def is_to_change(user: AbstractBaseUser) -> bool:
    """Whether a person must choose another password before anything else. Pages ask this several times, so it is remembered to the end of the request."""
    if not settings.SECOND_STEP_REQUIRED:
        return False
    if not hasattr(user, "has_initial_password"):
        user.has_initial_password = InitialPassword.objects.filter(user=user).exists()
    return user.has_initial_password


def is_too_old(user: AbstractBaseUser) -> bool:
    """Whether a person's password was chosen by somebody else, and waited too long for its owner."""
    return settings.SECOND_STEP_REQUIRED and InitialPassword.objects.filter(user=user, set_at__lte=timezone.now() - LASTS).exists()
