"""What one patient's screening says now: their answers, the path through the questions, and the trials judged."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.http import HttpRequest

from trials import catalog, matching, models
from trials.catalog import Catalog
from trials.eligibility.verdicts import Verdict
from trials.ranking import Limits
from trials.vocabulary import DIAGNOSIS

from . import answers, trying
from .path import Path, replay
from .wording import trying_text

WHO, AREA = "who", "area"
"""The two pages before the catalog's questions; their answers change the wording and the listings, and are not judged."""

SHOWN = Limits(possible=50, others=20)
"""At most so many trials are shown to a patient."""


@dataclass(frozen=True)
class Screening:
    """A patient's answers and everything that follows from them today."""

    answers: answers.Answers
    catalog: Catalog

    @classmethod
    def of(cls, request: HttpRequest) -> Screening:
        """The screening that a request's cookie holds. Raises ``answers.Unreadable``."""
        told = answers.read(request)
        return cls(told, trying.catalog_for(request, told) if told.trying else catalog.current())

    @property
    def tried(self) -> models.Trial | None:
        """The trial that a coordinator tries; None for every patient."""
        return self.catalog.listings[self.answers.trying] if self.answers.trying else None

    @property
    def trying_text(self) -> str:
        """What stands over each page while a trial is tried; "" for every patient."""
        return trying_text(self.tried) if self.tried else ""

    @property
    def area(self) -> str | None:
        """The condition area's slug; None while it is open, which means all areas."""
        return self.answers.area if self.answers.area in self.catalog.areas else None

    @property
    def started(self) -> bool:
        """Whether the area was answered, so that trials can be judged."""
        return self.answers.area is None or self.answers.area in self.catalog.areas

    @cached_property
    def given(self) -> dict[str, Any]:
        """The answers that count here: a condition of another area, chosen before the area was changed, is kept but asked again."""
        condition = self.catalog.conditions.get(self.answers.given.get(DIAGNOSIS))
        if condition is None or self.area is None or any(area.slug == self.area for area in condition.areas.all()):
            return self.answers.given
        return {key: answer for key, answer in self.answers.given.items() if key != DIAGNOSIS}

    @cached_property
    def path(self) -> Path:
        """The questions answered so far and the next one."""
        return replay(self.catalog.index, self.area, self.given, self.catalog.apart_index)

    @cached_property
    def matching(self) -> matching.Matching:
        """The open trials of the area, judged, those to show with reasons."""
        return matching.match(self.catalog, self.area, self.path.answers, SHOWN, self.path.matches)

    @cached_property
    def still_possible(self) -> int:
        """How many trials the answers do not rule out."""
        return matching.count_possible(self.catalog, self.area, self.path.matches)

    @property
    def next_page(self) -> str | None:
        """The key of the question page to show next; None when no answer can change a result any more."""
        return self.path.next if self.started else AREA

    def number_of(self, key: str) -> int:
        """Which question this is, counted from 1."""
        steps = (WHO, AREA, *self.path.steps)
        return steps.index(key) + 1 if key in steps else len(steps) + 1

    def before(self, key: str) -> str | None:
        """The key of the question page before this one; None before the first."""
        number = self.number_of(key)
        return (WHO, AREA, *self.path.steps)[number - 2] if number > 1 else None

    def is_on_path(self, key: str) -> bool:
        """Whether this question can be answered now."""
        return key in (WHO, AREA) or (self.started and (key in self.path.steps or key == self.path.next))

    @cached_property
    def pickable(self) -> tuple[str, ...]:
        """NCT numbers of the trials that can go into the summary, best first: those that do not fail."""
        return tuple(trial.listing.nct_id for trial in self.matching.trials if trial.verdict is not Verdict.FAILS)

    @property
    def picked(self) -> tuple[str, ...]:
        """NCT numbers of the trials that go into the summary: those ticked, or the best five."""
        if self.answers.picked is None:
            return self.pickable[:5]
        return tuple(number for number in self.pickable if number in self.answers.picked)
