"""A stretch of time in a criterion: one in which something happened ("within 4 weeks"), or one that must have passed since."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .patterns import patterns, sign_of

LONGEST_OF_TESTS = 92
"""Days: how old a test may be for its date to say nothing about the patient."""

_DAYS = {"hours": 1 / 24, "days": 1, "weeks": 7, "months": 30.5, "years": 365}


@dataclass(frozen=True)
class Window:
    """``sign`` is ``<=`` or ``<`` for a time in which something happened, ``>=`` or ``>`` for one that must have passed."""

    count: int
    unit: str
    sign: str = "<="

    @property
    def is_passed(self) -> bool:
        """Whether it must have passed."""
        return self.sign in (">", ">=")

    @property
    def is_of_tests(self) -> bool:
        """Whether it can be the age of a test's result, which says nothing about the patient."""
        return not self.is_passed and self.count * _DAYS[self.unit] <= LONGEST_OF_TESTS

    @property
    def quantity(self) -> str:
        """``4 weeks``. Rules know no hours, so only whole days of them can be written."""
        if self.unit == "hours":
            return f"{self.count // 24} days" if self.count % 24 == 0 else ""
        return f"{self.count} {self.unit}"

    def fill(self, template: str) -> str:
        """The template's rule for something that happened in this time; for one that must have passed, its opposite."""
        rule = template.replace("<= {window}", f"{'<' if self.sign in ('<', '>=') else '<='} {self.quantity}")
        return f"not ({rule})" if self.is_passed else rule


def window_of(match: re.Match[str]) -> Window:
    """The time that a phrase of the data file names."""
    groups = match.groupdict()
    words = patterns().parts["counted"].strip("(?:)").split("|")
    number = groups["count"] or "1"
    count = words.index(number) + 1 if number in words else int(number)
    sign = sign_of(groups["passed"]) if groups.get("passed") else ""
    sign = sign or ("<" if groups.get("less") and sign_of(groups["less"]) == "<" else "<=")
    return Window(count, f"{groups['time'].rstrip('s')}s", sign)
