"""The form of a question that is answered with a number: one text box, a unit where there are several, and buttons for what has no number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from django import forms
from django.utils.translation import gettext as _

from trials.eligibility.changing import AGE
from trials.eligibility.questions import AnswerError, Question
from trials.eligibility.rules import format_exactly

from .forms import UNKNOWN, Data, QuestionForm, Words
from .plausible import as_whole_years, is_baby_in_years, is_unlikely, meant_unit
from .ranges import UNDETECTABLE, in_words, is_vague, read_typed, typed_again
from .wording import in_language


class Offer(NamedTuple):
    """A button that answers: with this value of ``answer``."""

    value: str
    label: str


class NumberOrButton(forms.TextInput):
    """A text box. A button with the box's name, such as "I am not sure", wins over what is typed."""

    def value_from_datadict(self, data, files, name):
        """What was typed, or the value of the button that was pressed."""
        sent = data.getlist(name) if hasattr(data, "getlist") else [data.get(name)]
        return UNKNOWN if UNKNOWN in sent else next(reversed(sent), None)


class NumberForm(QuestionForm):
    """A number or a range with its unit, and a button for "I am not sure". ``who`` answers: for babies, months are asked for."""

    def __init__(self, words: Words, question: Question, data: Data = None, initial: Any = None, who: str = "me") -> None:
        self.question, self.who = question, who
        earlier = initial if isinstance(initial, Mapping) else {}
        self.missing = _("Enter a number, such as 34, or choose “I am not sure”")
        if question.key != AGE:
            self.missing = _("Enter a number in %(unit)s, or choose “I am not sure”") % {"unit": in_language(question.unit)}
        box = NumberOrButton(attrs={"inputmode": "decimal", "autocomplete": "off", "spellcheck": "false"})
        messages = {"required": self.missing, "max_length": self.missing}
        hint = f"{words[1]} {self._range_hint()}".strip()
        field = forms.CharField(label=words[0], help_text=hint, max_length=60, widget=box, error_messages=messages)
        super().__init__(field, data, typed_again(earlier) if earlier else None)
        if len(question.factors) > 1:
            units = [(unit, in_language(unit)) for unit in question.factors]
            wrong = {"invalid_choice": _("Choose one of the units")}
            self.fields["unit"] = forms.ChoiceField(
                label=_("Unit"), choices=units, required=False, initial=earlier.get("unit", question.unit), error_messages=wrong
            )
        else:
            field.unit = in_language(question.unit)
        self.unsure = UNKNOWN
        self.was_unsure = initial == UNKNOWN
        self.asked_about = ""
        self.offers = [Offer("undetectable", _("Undetectable"))] if question.unit in UNDETECTABLE else []

    @property
    def takes_ranges(self) -> bool:
        """Whether a range is worth a hint. Everybody knows an age."""
        return self.question.key != AGE

    def _range_hint(self) -> str:
        if self.question.unit in UNDETECTABLE:
            return _("“Undetectable” counts as under 200. If you know the limit of the test, type it, such as “under 50”.")
        return self.example if self.takes_ranges else ""

    def clean(self) -> dict[str, Any]:
        """Reads the number or range. What cannot be is refused; what hardly is, is asked about once."""
        cleaned = super().clean()
        typed = cleaned.get("answer")
        if typed is None or typed == UNKNOWN or "unit" in self.errors:
            return cleaned
        answer = read_typed(typed, self.question, cleaned.get("unit") or self.question.unit)
        if answer is None:
            self.add_error("answer", self._unread_error(typed))
            return cleaned
        try:
            self.question.read(answer)
        except AnswerError:
            self.add_error("answer", self._bounds_error())
            self._offer_unit(answer)
            return cleaned
        self._doubt(answer)
        return {**cleaned, "read": answer}

    def _doubt(self, answer: dict[str, str]) -> None:
        """Asks whether an unlikely number is right, unless that was asked about this very number before."""
        told = in_words(answer, self.question.unit)
        is_confirmed = self.data.get("sure") == told
        is_baby = self.who != "me" and is_baby_in_years(self.question, answer)
        if is_baby and is_confirmed:
            answer |= as_whole_years(answer)
            del answer["value"]
        elif is_baby:
            self._ask(told, _("For a child under 2, months tell more. Enter the age in months. If you know only the years, choose “Continue” once more."))
        elif not is_confirmed and is_unlikely(self.question, answer):
            self._ask(told, _("Is %(number)s right? If so, choose “Continue” once more. If not, change the number or the unit.") % {"number": told})
            self._offer_unit(answer)

    def _ask(self, told: str, message: str) -> None:
        self.asked_about = told
        self.add_error("answer", message)

    def _offer_unit(self, answer: Mapping[str, str]) -> None:
        if unit := meant_unit(self.question, answer):
            words = _("I meant %(number)s") % {"number": f"{answer['value']} {in_language(unit)}"}
            self.offers = [Offer(f"{answer['value']} {unit}", words), *self.offers]

    def _unread_error(self, typed: str) -> str:
        if is_vague(typed):
            return _("“About” can mean much or little. Enter the number as you know it, or a range such as 30 to 40, or choose “I am not sure”")
        return f"{self.missing}. {self.example}" if self.takes_ranges else self.missing

    @property
    def example(self) -> str:
        """How a range can be typed, in numbers that fit the question."""
        is_small = self.question.max is not None and self.question.max <= 100
        return _("“under 5” or “3 to 5” is fine too.") if is_small else _("“under 200” or “200 to 350” is fine too.")

    def _bounds_error(self) -> str:
        bounds = {name: format_exactly(bound) for name, bound in (("low", self.question.min), ("high", self.question.max)) if bound is not None}
        if len(bounds) == 2:
            words = _("Enter a number from %(low)s to %(high)s %(unit)s")
        else:
            words = _("Enter a number of %(low)s %(unit)s or more") if "low" in bounds else _("Enter a number of %(high)s %(unit)s or less")
        return words % {**bounds, "unit": in_language(self.question.unit)}

    @property
    def value(self) -> dict[str, str] | None:
        """``{"value": digits, "unit": unit}``, or ``min`` and ``max`` instead, or None for "not sure"."""
        return None if self.cleaned_data["answer"] == UNKNOWN else self.cleaned_data["read"]
