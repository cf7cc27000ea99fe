"""The forms of signing in: of passwords, and of the second step."""

from __future__ import annotations

from django import forms
from django.contrib.admin import forms as admin_forms
from django.contrib.auth import forms as auth_forms
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from . import initial_passwords, lockout

PLAIN = {"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false"}
FIRST = {"autofocus": True}
LONGEST_CODE = 40  # characters; a recovery code with blanks and hyphens


class PasswordForm(admin_forms.AdminAuthenticationForm):
    """Name and password, the first step. A password that somebody else chose is refused when it is too old."""

    def confirm_login_allowed(self, user: AbstractBaseUser) -> None:
        """Raises ``ValidationError`` for whoever may not sign in, the password being right."""
        super().confirm_login_allowed(user)
        if initial_passwords.is_too_old(user):
            lockout.note_refusal(self.request, user, "signing in: the initial password is too old")
            raise ValidationError(_("The password that you were given worked for 7 days. Ask whoever gave it to you for a new one."), code="too_old")


class OwnPasswordForm(admin_forms.AdminPasswordChangeForm):
    """One's own new password, with the old one."""

    def clean(self) -> dict:
        """The new password is another one."""
        given = super().clean()
        if given.get("new_password1") and given["new_password1"] == given.get("old_password"):
            self.add_error("new_password1", _("This is your old password. Choose another one."))
        return given

    def save(self, commit: bool = True) -> AbstractBaseUser:
        """Stores it. From now on nobody else knows the person's password.

        Raises ``ValidationError`` where the old password, which was right, is not the account's any more: a superuser's new one must hold.
        """
        old = self.user.password
        user = super().save(commit=False)
        with transaction.atomic():
            if get_user_model().objects.select_for_update().filter(pk=user.pk, password=old).first() is None:
                raise ValidationError(_("Your password was changed by somebody else just now. Sign in with that one."), code="changed")
            user.save(update_fields=["password"])
            initial_passwords.forget(user)
        return user


class OthersPasswordForm(auth_forms.AdminPasswordChangeForm):
    """A new password for somebody else, who must then choose another."""

    @transaction.atomic
    def save(self, commit: bool = True) -> AbstractBaseUser:
        """Stores it, or that there is none."""
        user = super().save(commit=False)
        user.save(update_fields=["password"])
        if user.has_usable_password():
            initial_passwords.note(user)
        return user


class CodeForm(forms.Form):
    """A code from the app, or a recovery code."""

    code = forms.CharField(
        label=_("Code"),
        help_text=_("The 6 digits that your authenticator app shows now. Or one of your recovery codes."),
        max_length=LONGEST_CODE,
        widget=forms.TextInput(attrs=PLAIN | FIRST),
    )


class FirstCodeForm(forms.Form):
    """A code from the app that is being set up."""

    code = forms.CharField(
        label=_("Code"),
        help_text=_("The 6 digits that your authenticator app shows now."),
        max_length=20,
        widget=forms.TextInput(attrs=PLAIN | FIRST | {"inputmode": "numeric"}),
    )


class ProofForm(forms.Form):
    """The password and a code once more."""

    password = forms.CharField(label=_("Password"), strip=False, widget=forms.PasswordInput(attrs=FIRST | {"autocomplete": "current-password"}))
    current_code = forms.CharField(
        label=_("Code"),
        help_text=_("The 6 digits that your authenticator app shows now. Or one of your recovery codes."),
        max_length=LONGEST_CODE,
        widget=forms.TextInput(attrs=PLAIN),
    )


class OtherAppForm(ProofForm):
    """The proof, and then a code from the app that takes the place of the one there is."""

    current_code = forms.CharField(
        label=_("Code from your old app"),
        help_text=_("The 6 digits that the old app shows now. If you lost the old phone, type one of your recovery codes."),
        max_length=LONGEST_CODE,
        widget=forms.TextInput(attrs=PLAIN),
    )
    code = forms.CharField(
        label=_("Code from your new app"),
        help_text=_("The 6 digits that the new app shows now."),
        max_length=20,
        widget=forms.TextInput(attrs=PLAIN | {"inputmode": "numeric"}),
    )
