"""The forms of the second step."""

from django import forms
from django.utils.translation import gettext_lazy as _

PLAIN = {"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false"}
FIRST = {"autofocus": True}
LONGEST_CODE = 40  # characters; a recovery code with blanks and hyphens


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
