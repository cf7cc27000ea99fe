"""What a criterion is put together from: clauses, each a rule of its own, in groups."""

from __future__ import annotations

from dataclasses import dataclass, field

from .patterns import Pattern
from .windows import Window


class NotUnderstood(Exception):
    """The criterion says something that the patterns cannot put together."""


@dataclass(frozen=True)
class Clause:
    """One statement. ``joint`` is the word before it, ``,``, ``with`` for an adjective, ``same`` for one said again, or "" for the first."""

    rule: str
    pattern: Pattern
    joint: str = ""
    is_negated: bool = False
    is_amount: bool = False
    has_result: bool = False
    form: str = ""

    @property
    def is_windowed(self) -> bool:
        """Whether its rule still waits for the time that it takes."""
        return self.rule.startswith((WINDOW, f"not ({WINDOW}"))

    @property
    def waits_for_history(self) -> bool:
        """Whether it says something only beside the same thing in the past: "cancer, or a history of cancer"."""
        return not self.rule

    @property
    def is_test(self) -> bool:
        """Whether it is a test's result, so that the day of the test says nothing about the patient."""
        return self.is_amount or "test" in self.pattern.flags


WINDOW = "{window"
"""How a rule begins that waits for a time."""


@dataclass
class Group:
    """Clauses between two semicolons or line breaks."""

    clauses: list[Clause] = field(default_factory=list)
    joint: str = ""

    @property
    def names_only_people(self) -> bool:
        """Whether it says only who is meant so far, so that an age may follow without a word between."""
        return all(clause.pattern.flags & {"sex", "pregnancy"} for clause in self.clauses)


@dataclass
class Clauses:
    """All clauses of a criterion, and what is said about them together: the time, the eye, who is meant."""

    is_exclusion: bool
    groups: list[Group] = field(default_factory=lambda: [Group()])
    window: Window | None = None
    window_is_at_an_end: bool = False
    window_is_last: bool = False
    eye: str = ""
    women: str = ""
    remarked: bool = False
    reasoned: bool = False
    age_group: bool = False

    @property
    def every(self) -> list[Clause]:
        """The clauses of all groups."""
        return [clause for group in self.groups for clause in group.clauses]
