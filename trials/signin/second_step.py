"""The second step: an app that shows a new code every 30 seconds, and ten recovery codes for the day on which the phone is lost."""

from __future__ import annotations

import hashlib
import secrets
import time
from base64 import b32encode

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django_otp.models import Device
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice, default_key

from trials import audit
from trials.audit import Act

RECOVERY_CODES = 10


def is_set_up(user: AbstractBaseUser) -> bool:
    """Whether a person has an app that gives codes."""
    return TOTPDevice.objects.filter(user=user, confirmed=True).exists()


def is_asked_of(user: AbstractBaseUser) -> bool:
    """Whether a person needs a code to sign in: everybody, but on one's own machine only those who chose to."""
    return settings.SECOND_STEP_REQUIRED or is_set_up(user)


def is_done(request: HttpRequest) -> bool:
    """Whether whoever is signed in gave a code, or needs none. Pages ask this several times, so a "none" is remembered to the end of the request."""
    user = request.user
    if getattr(user, "otp_device", None) is None and not hasattr(user, "needs_no_code"):
        if is_asked_of(user):
            return False
        user.needs_no_code = True
    return True


def new_app(user: AbstractBaseUser, key: str = "") -> TOTPDevice:
    """An app to be set up, with this key (hexadecimal) or a new one. It is not stored before a code from it was seen."""
    return TOTPDevice(user=user, key=key or default_key(), name="app")


def comes_from(app: TOTPDevice, code: str) -> bool:
    """Whether an app that is being set up shows this code (six digits)."""
    return _is_code(code) and _clock(app).verify(int(code), tolerance=app.tolerance)


@transaction.atomic
def set_up(app: TOTPDevice, code: str, *, instead: bool) -> list[str] | None:
    """Stores a person's app and gives new recovery codes, if this code (six digits) comes from it. None if it does not.

    ``instead``: in the place of the app that the person has. Otherwise None, too, where there is one: it may have been set up a moment ago, elsewhere.
    """
    get_user_model().objects.select_for_update().get(pk=app.user.pk)  # one at a time
    if (is_set_up(app.user) and not instead) or not comes_from(app, code):
        return None
    forget(app.user)
    app.last_t = _clock(app).t()  # so that this code is not taken once more
    app.save()
    audit.record(Act.CHANGE, app.user, detail="second step moved to another app" if instead else "second step set up", by=app.user)
    return new_recovery_codes(app.user)


@transaction.atomic
def check(user: AbstractBaseUser, typed: str) -> Device | None:
    """The device that a code or recovery code comes from, each of which is good for one time; None if it comes from none.

    Wrong ones make the next try wait for 1 second, then 2, 4 and so on; see ``wait``.
    """
    typed = _bare(typed)
    device = _devices(user, typed).select_for_update().first()
    if device is None or not device.verify_token(typed if _is_code(typed) else _stored(typed, device)):
        return None
    return device


def wait(user: AbstractBaseUser, typed: str) -> int:
    """Seconds until a code like this one may be tried; 0 for now."""
    device = _devices(user, _bare(typed)).first()
    allowed, told = device.verify_is_allowed() if device else (True, None)
    return 0 if allowed else int((told["locked_until"] - timezone.now()).total_seconds()) + 1


@transaction.atomic
def new_recovery_codes(user: AbstractBaseUser) -> list[str]:
    """Ten new recovery codes as people read them. The earlier ones are void. Only a hash of each is stored, so this is the one time to show them."""
    device, _made = StaticDevice.objects.get_or_create(user=user)
    device.name = secrets.token_hex(8)
    device.save()
    device.token_set.all().delete()
    codes = [b32encode(secrets.token_bytes(10)).decode().lower() for _ in range(RECOVERY_CODES)]
    StaticToken.objects.bulk_create(StaticToken(device=device, token=_stored(code, device)) for code in codes)
    return ["-".join(code[start : start + 4] for start in range(0, len(code), 4)) for code in codes]


def is_recovery(device: Device | None) -> bool:
    """Whether what comes from this device is a recovery code, and not a code from an app."""
    return isinstance(device, StaticDevice)


def recovery_codes_left(user: AbstractBaseUser) -> int:
    """How many recovery codes a person has not used yet."""
    return StaticToken.objects.filter(device__user=user).count()


@transaction.atomic
def forget(user: AbstractBaseUser) -> None:
    """Takes a person's app and recovery codes away, as when both are lost. The next sign-in sets up new ones."""
    TOTPDevice.objects.filter(user=user).delete()
    StaticDevice.objects.filter(user=user).delete()


def _is_code(typed: str) -> bool:
    return len(typed) == 6 and typed.isascii() and typed.isdecimal()


def _clock(app: TOTPDevice) -> TOTP:
    clock = TOTP(app.bin_key)
    clock.time = time.time()
    return clock


def _bare(typed: str) -> str:
    return "".join(typed.split()).replace("-", "").lower()


def _devices(user: AbstractBaseUser, typed: str) -> QuerySet:
    model = TOTPDevice if _is_code(typed) else StaticDevice
    return model.objects.filter(user=user, confirmed=True)


def _stored(code: str, device: StaticDevice) -> str:
    """A recovery code as it is stored: slow to guess, salted by the device's name, and as long as its column is wide."""
    return b32encode(hashlib.scrypt(code.encode(), salt=device.name.encode(), n=2**14, r=8, p=1, dklen=10)).decode().lower()
