"""One question -> one form with one field named ``answer`` (and ``unit`` where there are units)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any, NamedTuple

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from trials.eligibility.questions import AnswerError, Question
from trials.eligibility.rules import format_exactly

from .choices import Group, Option

UNKNOWN = "unknown"
NONE_OF_THESE = "none_of_these"

Words = tuple[str, str]
"""The question, and the hint under it."""

Data = Mapping[str, Any] | None
"""What was posted; None shows the form as it is."""


class Control(NamedTuple):
    """A radio button or checkbox on a page."""

    id: str
    value: str
    label: str
    help: str
    checked: bool


class ControlGroup(NamedTuple):
    """Controls under a heading. ``folded`` groups can be opened; some are ``open``."""

    heading: str
    folded: bool
    open: bool
    controls: list[Control]


class Helper(FormHelper):
    """A form is sent to the address of its page, so crispy need not look among the site's addresses for an empty name."""

    form_action = ""


class QuestionForm(forms.Form):
    """The form of one question page. ``value`` gives the answer in the form of the answers file, once the form is valid."""

    use_required_attribute = False

    def __init__(self, field: forms.Field, data: Data, initial: Any) -> None:
        super().__init__(data, initial={"answer": initial})
        self.fields["answer"] = field
        self.helper = Helper()
        self.helper.attrs = {"novalidate": ""}
        self.helper.add_input(Submit("continue", _("Continue")))

    @property
    def groups(self) -> list[ControlGroup]:
        """The groups of the radio buttons or checkboxes, in the state that they are shown in."""
        shown = self["answer"]
        chosen = shown.value()
        chosen = chosen if isinstance(chosen, list) else [chosen]
        return [
            ControlGroup(
                heading=group.heading,
                folded=group.folded,
                open=any(option.value in chosen for option in group.options) or (bool(self.errors) and number == 1),
                controls=[
                    Control(f"{shown.auto_id}_{number}_{place}", one.value, one.label, one.help, one.value in chosen)
                    for place, one in enumerate(group.options, 1)
                ],
            )
            for number, group in enumerate(shown.field.groups, 1)
        ]

    @property
    def value(self) -> Any:
        """The answer; None is "not sure"."""
        answer = self.cleaned_data["answer"]
        return None if answer == UNKNOWN else answer


class ChoiceForm(QuestionForm):
    """Radio buttons, with "I am not sure" at the end where it is offered."""

    def __init__(self, words: Words, groups: list[Group], data: Data = None, initial: Any = None, unsure: str = "") -> None:
        if unsure:
            groups = [*groups, Group((Option(UNKNOWN, unsure),))]
        missing = _("Choose an answer, or “%(unsure)s”") % {"unsure": unsure} if unsure else _("Choose an answer")
        field = _grouped(forms.ChoiceField, forms.RadioSelect, groups, words, missing)
        field.choices = [*field.choices, (UNKNOWN, unsure)]  # taken on every page, shown where it makes sense
        super().__init__(field, data, initial)


class ChoicesForm(QuestionForm):
    """Checkboxes, with "None of these" and "I am not sure", each of which stands alone."""

    def __init__(self, words: Words, groups: list[Group], data: Data = None, initial: Any = None) -> None:
        alone = Group((Option(NONE_OF_THESE, _("None of these")), Option(UNKNOWN, _("I am not sure"))), heading=_("or"))
        missing = _("Choose all that apply, or “None of these”, or “I am not sure”")
        initial = [NONE_OF_THESE] if initial == [] else [UNKNOWN] if initial == UNKNOWN else initial
        super().__init__(_grouped(forms.MultipleChoiceField, forms.CheckboxSelectMultiple, [*groups, alone], words, missing), data, initial)

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


def _grouped(kind: type[forms.ChoiceField], widget: type[forms.Widget], groups: list[Group], words: Words, missing: str) -> forms.ChoiceField:
    options = [(option.value, option.label) for group in groups for option in group.options]
    field = kind(choices=options, widget=widget, label=words[0], help_text=words[1], error_messages={"required": missing})
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

    def __init__(self, words: Words, question: Question, data: Data = None, initial: Any = None) -> None:
        self.question = question
        earlier = initial if isinstance(initial, Mapping) else {}
        example = _("Enter a number, such as 34, or choose “I am not sure”")
        if question.key != "age":
            example = _("Enter a number in %(unit)s, or choose “I am not sure”") % {"unit": question.unit}
        box = NumberOrUnsure(attrs={"inputmode": "decimal", "autocomplete": "off", "spellcheck": "false"})
        field = forms.CharField(label=words[0], help_text=words[1], max_length=40, widget=box, error_messages={"required": example, "max_length": example})
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
        self.was_unsure = initial == UNKNOWN

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
    """``1 200``, ``1,200`` and ``0,5`` as ``1200`` and ``0.5``, digits of other scripts as ours; None where it is no number."""
    compact = "".join(str(unicodedata.digit(sign, sign)) for sign in typed if not sign.isspace())
    if re.fullmatch(r"[0-9]{1,3}(,[0-9]{3})+(\.[0-9]*)?", compact):
        compact = compact.replace(",", "")
    compact = compact.replace(",", ".")
    return compact if re.fullmatch(r"[+-]?([0-9]{1,15}(\.[0-9]{0,9})?|\.[0-9]{1,9})", compact) else None
