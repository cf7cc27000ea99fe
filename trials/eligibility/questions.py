"""What can be asked, and reading an answer as the set of values that may be true of the patient."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from functools import cached_property

KEY = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]*")
NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")
LONGEST_NUMBER = 40
LARGEST_NUMBER = 10**18
YES, NO = "yes", "no"
TAKEN_QUESTIONS = ("who", "area")
"""Pages before the catalog's questions; a question cannot have their names."""

TAKEN_CHOICES = ("unknown", "none_of_these", "not_listed")
"""Answers that pages offer beside a question's own choices."""

Bound = Fraction | float
"""An exact number, or plus or minus infinity."""


class Kind(StrEnum):
    """How a question is answered."""

    YES_NO = "yes_no"
    NUMBER = "number"
    CHOICE = "choice"
    CHOICES = "choices"


class Source(StrEnum):
    """Where a patient finds the answer."""

    PATIENT = "patient"
    GENETIC_REPORT = "genetic_report"
    BLOOD_TEST = "blood_test"
    ANTIBODY_TEST = "antibody_test"
    EYE_EXAM = "eye_exam"
    SCAN = "scan"
    RECORDS = "records"


class Changes(StrEnum):
    """Whether time can change an answer: it grows with each day, it may change, or it stays as it is."""

    GROWS = "grows"
    MAY_CHANGE = "may_change"
    FIXED = "fixed"


DAYS = {"days": Fraction(1), "weeks": Fraction(7), "months": Fraction(1461, 48), "years": Fraction(1461, 4)}
"""How long each unit of time is. Only a number in one of these can grow."""


class QuestionError(ValueError):
    """A question that contradicts itself. The message names the question and the fault."""


class AnswerError(ValueError):
    """An answer that the question cannot take. The message names the question and the fix."""


@dataclass(frozen=True)
class Choice:
    """One value of a choice question. ``parent`` makes it a kind of another choice."""

    key: str
    label: str
    parent: str | None = None


@dataclass(frozen=True)
class Interval:
    """All numbers from ``low`` to ``high``; an open end leaves the end itself out. In the question's own unit."""

    low: Bound
    high: Bound
    low_open: bool = False
    high_open: bool = False

    def holds_all_of(self, other: Interval) -> bool:
        """Whether each number of ``other``, a closed interval, lies inside."""
        above = other.low > self.low or (other.low == self.low and not self.low_open)
        below = other.high < self.high or (other.high == self.high and not self.high_open)
        return above and below

    def holds_none_of(self, other: Interval) -> bool:
        """Whether no number of ``other``, a closed interval, lies inside."""
        under = other.high < self.low or (other.high == self.low and self.low_open)
        over = other.low > self.high or (other.low == self.high and self.high_open)
        return under or over


@dataclass(frozen=True)
class OneOf:
    """The answer to a choice or yes/no question: exactly one of these keys is true of the patient."""

    keys: frozenset[str]


@dataclass(frozen=True)
class Several:
    """The answer to a choices question: all of ``sure`` apply, any of ``maybe`` may, nothing else does."""

    sure: frozenset[str]
    maybe: frozenset[str] = frozenset()


Possible = Interval | OneOf | Several
"""The set of values that may be true of the patient. No entry at all means that everything may be."""


@dataclass(frozen=True)
class Question:
    """One question of the catalog. Numbers (``min``, ``max``) are in ``unit``; ``units`` maps each unit to its factor to ``unit``.

    Raises ``QuestionError`` when the parts contradict each other.
    """

    key: str
    kind: Kind
    text: str
    child_text: str = ""
    help: str = ""
    why: str = ""
    unit: str = ""
    units: Mapping[str, Fraction] = field(default_factory=dict)
    min: Fraction | None = None
    max: Fraction | None = None
    choices: tuple[Choice, ...] = ()
    areas: frozenset[str] = frozenset()
    sensitive: bool = False
    source: Source = Source.PATIENT
    ask_if: str = ""
    otherwise: object = None
    order: int = 0
    changes: Changes | None = None

    def __post_init__(self) -> None:
        if not KEY.fullmatch(self.key):
            raise QuestionError(f"'{self.key}' cannot be a question's key: use letters, digits and _")
        if self.key in TAKEN_QUESTIONS:
            raise QuestionError(f"'{self.key}' cannot be a question's key: a page of the screening has that name")
        if not self.text:
            raise QuestionError(f"'{self.key}' needs a text")
        if self.otherwise is not None and not self.ask_if:
            raise QuestionError(f"'{self.key}' has 'otherwise' without 'ask_if', so it would never be used")
        if self.changes is Changes.GROWS and (self.kind is not Kind.NUMBER or self.unit not in DAYS):
            raise QuestionError(f"'{self.key}' cannot grow with time: only a number in {', '.join(DAYS)} can")
        if self.kind is Kind.NUMBER:
            self._check_number()
        elif self.unit or self.units or self.min is not None or self.max is not None:
            raise QuestionError(f"'{self.key}' is no number, so it cannot have a unit, min or max")
        if self.kind in (Kind.CHOICE, Kind.CHOICES):
            self._check_choices()
        elif self.choices:
            raise QuestionError(f"'{self.key}' is of kind {self.kind.value}, so it cannot have choices")

    def _check_number(self) -> None:
        if not self.unit:
            raise QuestionError(f"'{self.key}' is a number and needs a unit")
        if self.factors[self.unit] != 1:
            raise QuestionError(f"'{self.key}': the factor of its own unit {self.unit} must be 1")
        for unit, factor in self.units.items():
            if factor <= 0:
                raise QuestionError(f"'{self.key}': the factor of {unit} must be above 0")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise QuestionError(f"'{self.key}': min {self.min} is above max {self.max}")

    def _check_choices(self) -> None:
        if not self.choices:
            raise QuestionError(f"'{self.key}' needs choices")
        seen: set[str] = set()
        for choice in self.choices:
            if not KEY.fullmatch(choice.key) or choice.key in TAKEN_CHOICES:
                raise QuestionError(f"'{self.key}': '{choice.key}' cannot be a choice's key")
            if choice.key in seen:
                raise QuestionError(f"'{self.key}': the choice '{choice.key}' is there twice")
            seen.add(choice.key)
        for choice in self.choices:
            if choice.parent and choice.parent not in seen:
                raise QuestionError(f"'{self.key}': the parent of '{choice.key}' is unknown: '{choice.parent}'{did_you_mean(choice.parent, seen)}")
        for choice in self.choices:
            self.ancestors(choice.key)

    @cached_property
    def factors(self) -> dict[str, Fraction]:
        """Each unit that an answer or a rule may use, with its factor to the question's own unit."""
        return {self.unit: Fraction(1), **self.units}

    @cached_property
    def labels(self) -> dict[str, str]:
        """Key -> label of each value of a yes/no or choice question."""
        if self.kind is Kind.YES_NO:
            return {YES: "yes", NO: "no"}
        return {choice.key: choice.label for choice in self.choices}

    @cached_property
    def _parents(self) -> dict[str, str | None]:
        return {choice.key: choice.parent for choice in self.choices}

    def ancestors(self, key: str) -> tuple[str, ...]:
        """The keys that this choice is a kind of, nearest first."""
        found: list[str] = []
        parent = self._parents.get(key)
        while parent:
            if parent in found or parent == key:
                raise QuestionError(f"'{self.key}': '{key}' is its own ancestor")
            found.append(parent)
            parent = self._parents[parent]
        return tuple(found)

    @cached_property
    def kinds(self) -> dict[str, frozenset[str]]:
        """Each key -> itself and all its kinds, down the tree.

        The key itself stands for "another kind of it": a patient who knows only "lymphoma" may have one that the tree does not name.
        """
        found: dict[str, set[str]] = {key: {key} for key in self.labels}
        for key in found:
            for ancestor in self.ancestors(key):
                found[ancestor].add(key)
        return {key: frozenset(below) for key, below in found.items()}

    def read(self, answer: object) -> Possible | None:
        """The set of values that an answer leaves possible, or None for "not sure". The forms are those of the answers file.

        Raises ``AnswerError`` for an answer of the wrong form, an unknown choice or unit, or a number out of bounds.
        """
        if answer is None:
            return None
        if self.kind is Kind.NUMBER:
            return self._read_number(answer)
        if self.kind is Kind.CHOICES:
            return self._read_choices(answer)
        if isinstance(answer, bool) and self.kind is Kind.YES_NO:
            answer = YES if answer else NO
        return OneOf(self.kinds[self._known_choice(answer)])

    def _known_choice(self, answer: object) -> str:
        if not isinstance(answer, str) or answer not in self.labels:
            raise AnswerError(f"'{self.key}' has no choice '{answer}'{did_you_mean(str(answer), self.labels)}")
        return answer

    def _read_choices(self, answer: object) -> Several:
        if not isinstance(answer, list | tuple):
            raise AnswerError(f"'{self.key}' takes a list of choices, not '{answer}'")
        picked = [self._known_choice(key) for key in answer]
        sure = frozenset(picked).union(*(self.ancestors(key) for key in picked))
        return Several(sure, frozenset().union(*(self.kinds[key] for key in picked)) - sure)

    def _read_number(self, answer: object) -> Interval:
        if not isinstance(answer, Mapping):
            answer = {"value": answer}
        extra = set(answer) - {"value", "min", "max", "unit"}
        if extra or ("value" in answer) == bool({"min", "max"} & set(answer)):
            raise AnswerError(f"'{self.key}' takes a number, or 'value', or 'min' and 'max', with an optional 'unit'; not {dict(answer)}")
        factor = self._factor(answer.get("unit", self.unit))
        if "value" in answer:
            value = self._within_bounds(self._number(answer["value"]) * factor)
            return Interval(value, value)
        low: Bound = -math.inf if self.min is None else self.min
        high: Bound = math.inf if self.max is None else self.max
        if answer.get("min") is not None:
            low = self._within_bounds(self._number(answer["min"]) * factor)
        if answer.get("max") is not None:
            high = self._within_bounds(self._number(answer["max"]) * factor)
        if low > high:
            raise AnswerError(f"'{self.key}': min is above max")
        return Interval(low, high)

    def _factor(self, unit: object) -> Fraction:
        if not isinstance(unit, str) or unit not in self.factors:
            raise AnswerError(f"'{self.key}' is in {self.unit}, not {unit}; it takes {', '.join(self.factors)}")
        return self.factors[unit]

    def _number(self, value: object) -> Fraction:
        if isinstance(value, int | Fraction) and not isinstance(value, bool):
            return Fraction(value)
        if isinstance(value, float) and math.isfinite(value):
            return Fraction(str(value))
        if isinstance(value, str) and len(value) <= LONGEST_NUMBER and NUMBER.fullmatch(value):
            return Fraction(value)
        raise AnswerError(f"'{self.key}' takes a number, such as 34; not '{str(value)[:LONGEST_NUMBER]}'")

    def _within_bounds(self, value: Fraction) -> Fraction:
        if self.min is not None and value < self.min:
            raise AnswerError(f"'{self.key}' cannot be below {plain_number(self.min)} {self.unit}")
        if self.max is not None and value > self.max:
            raise AnswerError(f"'{self.key}' cannot be above {plain_number(self.max)} {self.unit}")
        if abs(value) > LARGEST_NUMBER:
            raise AnswerError(f"'{self.key}' cannot be that large")
        return value


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """``; did you mean 'x'?`` for the known word nearest to this one, or nothing where none is near."""
    near = difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean '{near[0]}'?" if near else ""


def plain_number(number: Bound) -> str:
    """A number as people write it: ``18``, ``0.5``; one that has no short decimal form is rounded to 6 digits."""
    return str(int(number)) if number == int(number) else f"{float(number):.6g}"
