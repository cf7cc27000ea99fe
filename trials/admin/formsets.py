"""Rows on the page of the record that they belong to, and rows in an order of the coordinator's making."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from .quick_drawing import QUICK

DELETED_MEANWHILE = _("Somebody deleted this while you had the page open. It stays deleted: what you wrote here is not saved.")


class StoredRow(forms.ModelChoiceField):
    """A stored row that forms name, found among those that are ``stored``, which are read already, instead of by a query for each form."""

    stored: Mapping[str, models.Model] = {}

    def to_python(self, value: Any) -> models.Model | None:
        return self.stored.get(value) or super().to_python(value)


class NamedRows(forms.BaseInlineFormSet):
    """Rows whose controls each have a name of their own, for people who hear the page, and that survive what others do meanwhile."""

    @cached_property
    def stored_rows(self) -> dict[str, models.Model]:
        """The stored rows by what stands for them in a form."""
        return {str(row.pk): row for row in super().get_queryset()}

    @cached_property
    def empty_form(self) -> forms.ModelForm:
        """The row of which new ones are copies, made once: the admin asks for it again and again."""
        return super().empty_form

    def add_fields(self, form: forms.ModelForm, index: int | None) -> None:
        """Names each control by its label and its row: otherwise all rows would sound the same."""
        super().add_fields(form, index)
        if self.is_bound:
            key = form.fields[self._pk_field.name]
            known = StoredRow(key.queryset, initial=key.initial, required=False, widget=key.widget)
            known.stored = self.stored_rows
            form.fields[self._pk_field.name] = known
        kind = self.model._meta.verbose_name
        row = f"{kind} {index + 1}" if index is not None else gettext("new %(kind)s") % {"kind": kind}
        for name, field in form.fields.items():
            widget = getattr(field.widget, "widget", field.widget)  # the admin wraps those of relations
            if not widget.is_hidden:
                widget.attrs["aria-label"] = f"{field.label or name}, {row}"

    def _construct_form(self, i: int, **kwargs: Any) -> forms.ModelForm:
        form = super()._construct_form(i, **kwargs)
        form.is_gone = self.is_bound and i < self.initial_form_count() and form.instance.pk is None
        return form

    def _should_delete_form(self, form: forms.ModelForm) -> bool:
        """A row that is deleted already has nothing to save, and its faults do not matter."""
        return getattr(form, "is_gone", False) or super()._should_delete_form(form)

    def full_clean(self) -> None:
        super().full_clean()
        for form in self.forms if self.is_bound else ():
            if form.is_gone:
                form.add_error(None, DELETED_MEANWHILE)

    def get_queryset(self) -> Any:
        """The stored rows; once the forms of a page sent back are made, the rows of these: the admin shows one beside the other, by their places."""
        if self.is_bound and "forms" in self.__dict__:
            return [form.instance for form in self.initial_forms]
        return super().get_queryset()


class RowForm(forms.ModelForm):
    """A row on the page of the record that it belongs to. There may be hundreds, so each does no more than it must."""

    default_renderer = QUICK
    media = forms.Media()  # no field of a row has scripts or styles of its own, and to ask each field takes long

    def _post_clean(self) -> None:
        """A stored row that is left as it is will not be saved, and the database need not check it again."""
        if not self.instance.pk or self.has_changed():
            super()._post_clean()


class OrderedForm(RowForm):
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


class OrderedFormSet(NamedRows):
    """Rows with an order. New ones without a number come after all others, as they stand on the page."""

    @property
    def kept_forms(self) -> list[forms.ModelForm]:
        """The rows that will be there after saving."""
        return [form for form in self.forms if form not in self.deleted_forms and (form.instance.pk or form.has_changed())]

    def save_new(self, form: forms.ModelForm, commit: bool = True) -> models.Model:
        if form.instance.order is None:
            form.instance.order = 1 + max((kept.instance.order for kept in self.kept_forms if kept.instance.order is not None), default=0)
        return super().save_new(form, commit)
