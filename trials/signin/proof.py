"""Codes as people type them on a page, and the proof that it is the owner who sits at an open session: the password and a code once more.

What is wrong is said at its field, counts like a wrong password at the sign-in, and leaves a line in the audit trail.
"""

from __future__ import annotations

from django.contrib.auth.models import AbstractBaseUser
from django.forms import Form
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_otp.models import Device

from . import lockout, second_step
from .forms import ProofForm


def is_given(request: HttpRequest, form: ProofForm, what: str) -> bool:
    """Whether the password and the code are right. The code is looked at, and used up, only after the right password.

    ``what`` is asked for, in the words of the trail.
    """
    if not request.user.check_password(form.cleaned_data["password"]):
        lockout.note_wrong(request, request.user, f"{what}: wrong password")
        form.add_error("password", _("That password does not work. Type the one that you sign in with."))
        return False
    return device(request, request.user, form, "current_code", what) is not None


def device(request: HttpRequest, user: AbstractBaseUser, form: Form, field: str, what: str) -> Device | None:
    """The device that the code in this field comes from."""
    typed = form.cleaned_data[field]
    if seconds := second_step.wait(user, typed):
        lockout.note_refusal(request, user, f"{what}: too soon after a wrong code")
        said = ngettext("Please wait %(count)s second, then try again.", "Please wait %(count)s seconds, then try again.", seconds)
        form.add_error(field, said % {"count": seconds})
        return None
    found = second_step.check(user, typed)
    if found is None:
        lockout.note_wrong(request, user, f"{what}: wrong code")
        form.add_error(field, _("That code does not work. Type the code that your app shows now; each works once."))
    return found
