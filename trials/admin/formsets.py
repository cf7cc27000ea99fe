"""Rows in an order of the coordinator's making."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db import models
from django.utils.translation import gettext_lazy as _


class OrderedForm(forms.ModelForm):
    """A row whose order may be left empty: then it keeps its place, or comes last if it is new."""

    order = forms.IntegerField(
        required=False,
        min_value=0,
        max_value=32_767,
        label=_("Order"),
        help_text=_("Listed from the smallest number up. Empty: at the end."),
        widget=forms.NumberInput(attrs={"size": 4}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance.pk:
            self.initial["order"] = None

    def clean_order(self) -> int | None:
        """The number given, or the one that the row had."""
        given = self.cleaned_data["order"]
        return self.initial["order"] if given is None else given


class OrderedFormSet(forms.BaseInlineFormSet):
    """Rows with an order. New ones without a number come after all others, as they stand on the page."""

    @property
    def kept_forms(self) -> list[forms.ModelForm]:
        """The rows that will be there after saving."""
        return [form for form in self.forms if form not in self.deleted_forms and (form.instance.pk or form.has_changed())]

    def save_new(self, form: forms.ModelForm, commit: bool = True) -> models.Model:
        if form.instance.order is None:
            form.instance.order = 1 + max((kept.instance.order for kept in self.kept_forms if kept.instance.order is not None), default=0)
        return super().save_new(form, commit)
