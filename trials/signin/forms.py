"""The forms of the second step."""

from django import forms
from django.utils.translation import gettext_lazy as _

PLAIN = {"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false", "autofocus": True}


class CodeForm(forms.Form):
    """A code from the app, or a recovery code."""

    code = forms.CharField(
        label=_("Code"),
        help_text=_("The 6 digits that your authenticator app shows now. Or one of your recovery codes."),
        max_length=40,
        widget=forms.TextInput(attrs=PLAIN),
    )


class FirstCodeForm(forms.Form):
    """A code from the app that is being set up."""

    code = forms.CharField(
        label=_("Code"),
        help_text=_("The 6 digits that your authenticator app shows now."),
        max_length=20,
        widget=forms.TextInput(attrs=PLAIN | {"inputmode": "numeric"}),
    )
