"""One question -> one form with one field named ``answer`` (and ``unit`` where there are units)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from trials.catalog import Catalog
from trials.eligibility.questions import AnswerError, Kind, Question
from trials.eligibility.rules import format_exactly
from trials.files import DIAGNOSIS

from .wording import help_text, question_text

UNKNOWN = "unknown"
NONE_OF_THESE = "none_of_these"
LARGEST_GROUP = 16
"""A group of choices longer than this is taken apart, where the tree allows."""


@dataclass(frozen=True)
class Option:
    """One radio button or checkbox."""

    value: str
    label: str
    help: str = ""


@dataclass(frozen=True)
class Group:
    """Options under a heading. ``folded`` groups can be opened one by one."""

    options: tuple[Option, ...]
    heading: str = ""
    folded: bool = False

    @property
    def values(self) -> list[str]:
        """The values of the options."""
        return [option.value for option in self.options]


class QuestionForm(forms.Form):
    """The form of one question page. ``value`` gives the answer in the form of the answers file, once the form is valid."""

    use_required_attribute = False

    def __init__(self, field: forms.Field, data: Mapping[str, Any] | None, initial: Any) -> None:
        super().__init__(data, initial={"answer": initial})
        self.fields["answer"] = field
        self.helper = FormHelper()
        self.helper.attrs = {"novalidate": ""}
        self.helper.add_input(Submit("continue", _("Continue")))

    @property
    def value(self) -> Any:
        """The answer; None is "not sure"."""
        answer = self.cleaned_data["answer"]
        return None if answer == UNKNOWN else answer


class ChoiceForm(QuestionForm):
    """Radio buttons, with "I am not sure" at the end where it is offered."""

    def __init__(self, title: str, hint: str, groups: list[Group], data=None, initial=None, unsure: bool = True) -> None:
        groups = [*groups, Group((Option(UNKNOWN, _("I am not sure")),))] if unsure else groups
        missing = _("Choose an answer, or “I am not sure”") if unsure else _("Choose an answer")
        field = _grouped(forms.ChoiceField, groups, label=title, help_text=hint, widget=forms.RadioSelect, error_messages={"required": missing})
        super().__init__(field, data, initial)


class ChoicesForm(QuestionForm):
    """Checkboxes, with "None of these" and "I am not sure", each of which stands alone."""

    def __init__(self, title: str, hint: str, groups: list[Group], data=None, initial=None) -> None:
        alone = Group((Option(NONE_OF_THESE, _("None of these")), Option(UNKNOWN, _("I am not sure"))), heading=_("or"))
        missing = _("Choose all that apply, or “None of these”, or “I am not sure”")
        kind = forms.MultipleChoiceField
        field = _grouped(kind, [*groups, alone], label=title, help_text=hint, widget=forms.CheckboxSelectMultiple, error_messages={"required": missing})
        super().__init__(field, data, initial)

    def clean_answer(self) -> list[str]:
        """Refuses "None of these" or "I am not sure" beside other choices."""
        picked = self.cleaned_data["answer"]
        if len(picked) > 1 and {NONE_OF_THESE, UNKNOWN} & set(picked):
            raise ValidationError(_("Choose the ones that apply, or only “None of these”, or only “I am not sure”"))
        return picked

    @property
    def value(self) -> list[str] | None:
        """The choices that apply; an empty list is "none of these", None is "not sure"."""
        picked = self.cleaned_data["answer"]
        if picked == [UNKNOWN]:
            return None
        return [] if picked == [NONE_OF_THESE] else picked


def _grouped(kind: type[forms.ChoiceField], groups: list[Group], **options: Any) -> forms.ChoiceField:
    field = kind(choices=[(option.value, option.label) for group in groups for option in group.options], **options)
    field.groups = groups
    return field


class NumberOrUnsure(forms.TextInput):
    """A text box. The button "I am not sure" has the box's name and wins over what is typed."""

    def value_from_datadict(self, data, files, name):
        """What was typed, or ``unknown`` where the button was pressed."""
        sent = data.getlist(name) if hasattr(data, "getlist") else [data.get(name)]
        return UNKNOWN if UNKNOWN in sent else next(iter(sent), None)


class NumberForm(QuestionForm):
    """A number with its unit, and a button for "I am not sure"."""

    def __init__(self, question: Question, title: str, hint: str, data=None, initial: Any = None) -> None:
        self.question = question
        earlier = initial if isinstance(initial, Mapping) else {}
        example = _("Enter a number, such as %(example)s, or choose “I am not sure”") % {"example": self._example()}
        box = NumberOrUnsure(attrs={"inputmode": "decimal", "autocomplete": "off", "spellcheck": "false"})
        field = forms.CharField(label=title, help_text=hint, max_length=40, widget=box, error_messages={"required": example, "max_length": example})
        super().__init__(field, data, earlier.get("value"))
        if len(question.factors) > 1:
            units = [(unit, unit) for unit in question.factors]
            wrong = {"invalid_choice": _("Choose one of the units")}
            self.fields["unit"] = forms.ChoiceField(
                label=_("Unit"), choices=units, required=False, initial=earlier.get("unit", question.unit), error_messages=wrong
            )
        else:
            field.unit = question.unit
        self.unsure = UNKNOWN

    def _example(self) -> str:
        low, high = self.question.min, self.question.max
        if low is None or high is None or self.question.key == "age":
            return "34"
        return str(int(low + (high - low) / 3)) if high - low > 3 else format_exactly(low)

    def clean_answer(self) -> str:
        """The number as plain digits; spaces and thousands' commas are forgiven."""
        typed = self.cleaned_data["answer"]
        if typed == UNKNOWN:
            return typed
        number = plain_digits(typed)
        if number is None:
            raise ValidationError(self.fields["answer"].error_messages["required"])
        return number

    def clean(self) -> dict[str, Any]:
        """Refuses a number that cannot be."""
        cleaned = super().clean()
        if cleaned.get("answer") not in (None, UNKNOWN) and "unit" not in self.errors:
            try:
                self.question.read(self.value)
            except AnswerError:
                self.add_error("answer", self._bounds_error())
        return cleaned

    def _bounds_error(self) -> str:
        bounds = {name: format_exactly(bound) for name, bound in (("low", self.question.min), ("high", self.question.max)) if bound is not None}
        if len(bounds) == 2:
            words = _("Enter a number from %(low)s to %(high)s %(unit)s")
        else:
            words = _("Enter a number of %(low)s %(unit)s or more") if "low" in bounds else _("Enter a number of %(high)s %(unit)s or less")
        return words % {**bounds, "unit": self.question.unit}

    @property
    def value(self) -> dict[str, str] | None:
        """``{"value": digits, "unit": unit}``, or None for "not sure"."""
        if self.cleaned_data["answer"] == UNKNOWN:
            return None
        return {"value": self.cleaned_data["answer"], "unit": self.cleaned_data.get("unit") or self.question.unit}


def plain_digits(typed: str) -> str | None:
    """``1 200``, ``1,200`` and ``0,5`` as ``1200`` and ``0.5``; None where it is no number."""
    compact = re.sub(r"[\s\u00a0\u202f]", "", typed)
    if re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d*)?", compact):
        compact = compact.replace(",", "")
    compact = compact.replace(",", ".")
    return compact if re.fullmatch(r"[+-]?(\d{1,15}(\.\d{0,9})?|\.\d{1,9})", compact) else None


def question_form(question: Question, catalog: Catalog, area: str | None, who: str, data=None, given: Any = None) -> QuestionForm:
    """The form of a catalog question. ``given`` is an earlier answer to show again, in the form of the answers file."""
    title, hint = question_text(question, who), help_text(question, who)
    if question.kind is Kind.NUMBER:
        return NumberForm(question, title, hint, data, given)
    if question.kind is Kind.YES_NO:
        return ChoiceForm(title, hint, [Group((Option("yes", _("Yes")), Option("no", _("No"))))], data, given)
    if question.key == DIAGNOSIS:
        return ChoiceForm(title, hint, condition_groups(question, catalog, area), data, given)
    labels = {choice.key: choice.label for choice in question.choices}
    roots = [choice.key for choice in question.choices if not choice.parent]
    groups = [Group(tuple(option for root in roots for option in _options(root, question, labels, {})))]
    return (ChoicesForm if question.kind is Kind.CHOICES else ChoiceForm)(title, hint, groups, data, given)


def condition_groups(question: Question, catalog: Catalog, area: str | None) -> list[Group]:
    """The conditions of an area in groups that can be opened one by one, each ending with its widest condition for those who know no more."""
    inside = {key: row for key, row in catalog.conditions.items() if area is None or any(place.slug == area for place in row.areas.all())}
    labels = {key: row.label for key, row in inside.items()}
    helps = {key: row.help for key, row in inside.items()}
    roots = [key for key in inside if not set(question.ancestors(key)) & inside.keys()]
    groups, alone = [], []
    for root in roots:
        below, single = _split(root, question, labels, helps)
        groups += below
        alone += single
    if alone:
        groups.append(Group(tuple(alone), heading=_("Other conditions") if groups else "", folded=len(groups) > 1))
    return groups if len(groups) > 1 else [Group(group.options) for group in groups]


def _split(key: str, question: Question, labels: dict[str, str], helps: dict[str, str]) -> tuple[list[Group], list[Option]]:
    """The groups that a condition with its kinds makes, and the conditions that stand alone."""
    options = _options(key, question, labels, helps)
    if len(options) == 1:
        return [], options
    children = _children(key, question, labels)
    if len(options) <= LARGEST_GROUP or not any(_children(child, question, labels) for child in children):
        return [Group(tuple(options), labels[key], folded=True)], []
    groups: list[Group] = []
    alone: list[Option] = []
    for child in children:
        below, single = _split(child, question, labels, helps)
        groups += below
        alone += single
    alone.append(Option(key, _unsure_kind(labels[key]), helps.get(key, "")))
    return [*groups, Group(tuple(alone), _("%(kind)s: other kinds") % {"kind": _(labels[key])}, folded=True)], []


def _children(key: str, question: Question, labels: dict[str, str]) -> list[str]:
    return [choice.key for choice in question.choices if choice.parent == key and choice.key in labels]


def _options(key: str, question: Question, labels: dict[str, str], helps: dict[str, str]) -> list[Option]:
    """A choice after all of its kinds; one that has kinds is the one for those who do not know which."""
    below = [option for child in _children(key, question, labels) for option in _options(child, question, labels, helps)]
    return [*below, Option(key, _unsure_kind(labels[key]) if below else _(labels[key]), _(helps.get(key, "")) if helps.get(key) else "")]


def _unsure_kind(label: str) -> str:
    return _("%(kind)s: another kind, or I do not know which") % {"kind": _(label)}
