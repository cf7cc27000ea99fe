"""One question -> one form with one field named ``answer`` (and ``unit`` where there are units)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from .choices import Group, Option
from .long_lists import Search

UNKNOWN = "unknown"
NONE_OF_THESE = "none_of_these"

Words = tuple[str, str]
"""The question, and the hint under it."""

Data = Mapping[str, Any] | None
"""What was posted; None shows the form as it is."""


class _OfGroups:
    """A field that takes the options of groups, and "I am not sure" even where it is not shown.

    Its ``choices`` stay empty: Django would go through a long list several times, for a widget that is never drawn. Our template draws the groups.
    """

    def __init__(self, groups: list[Group], **options: Any) -> None:
        super().__init__(**options)
        self.groups = groups
        self.values = {UNKNOWN, *(option.value for group in groups for option in group.options)}

    def valid_value(self, value: str) -> bool:
        """Whether this can be answered."""
        return value in self.values


class OneOfGroups(_OfGroups, forms.ChoiceField):
    """Radio buttons."""

    widget = forms.RadioSelect


class SomeOfGroups(_OfGroups, forms.MultipleChoiceField):
    """Checkboxes."""

    widget = forms.CheckboxSelectMultiple


class Helper(FormHelper):
    """A form is sent to the address of its page, so crispy need not look among the site's addresses for an empty name."""

    form_action = ""


class QuestionForm(forms.Form):
    """The form of one question page. ``value`` gives the answer in the form of the answers file, once the form is valid."""

    use_required_attribute = False
    search: Search | None = None
    """The search of a long list."""
    asked_about = ""
    """A number that is so unlikely that it is asked about."""
    unsure = ""
    """The value of a button for "I am not sure"."""
    offers: Sequence[Any] = ()
    """More buttons that answer."""
    takes_ranges = False

    def __init__(self, field: forms.Field, data: Data, initial: Any) -> None:
        super().__init__(data, initial={"answer": initial})
        self.fields["answer"] = field
        self.helper = Helper()
        self.helper.attrs = {"novalidate": ""}
        self.helper.add_input(Submit("continue", _("Continue")))

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
        field = OneOfGroups(groups, label=words[0], help_text=words[1], error_messages={"required": missing})
        super().__init__(field, data, initial)


class ChoicesForm(QuestionForm):
    """Checkboxes, with "None of these" and "I am not sure", each of which stands alone."""

    def __init__(self, words: Words, groups: list[Group], data: Data = None, initial: Any = None) -> None:
        alone = Group((Option(NONE_OF_THESE, _("None of these")), Option(UNKNOWN, _("I am not sure"))), heading=_("or"))
        missing = _("Choose all that apply, or “None of these”, or “I am not sure”")
        initial = [NONE_OF_THESE] if initial == [] else [UNKNOWN] if initial == UNKNOWN else initial
        field = SomeOfGroups([*groups, alone], label=words[0], help_text=words[1], error_messages={"required": missing})
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
