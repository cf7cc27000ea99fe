"""What one patient's screening says now: their answers, the path through the questions, and the trials judged."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from trials import catalog, matching, models
from trials.catalog import Catalog
from trials.eligibility.explanations import describe
from trials.eligibility.verdicts import Verdict
from trials.ranking import Limits
from trials.vocabulary import DIAGNOSIS

from . import answers, trying
from .near import Nearness
from .path import Path, replay
from .ranges import in_words
from .wording import question_text, trying_text

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
        condition = self.answers.given.get(DIAGNOSIS)
        if not isinstance(condition, str) or condition not in self.catalog.conditions or self.catalog.is_in(condition, self.area):
            return self.answers.given
        return {key: answer for key, answer in self.answers.given.items() if key != DIAGNOSIS}

    @property
    def near_conditions(self) -> frozenset[str]:
        """The patient's condition, its kinds and its wider groups; none where the condition is not known."""
        question, given = self.catalog.questionnaire.get(DIAGNOSIS), self.given.get(DIAGNOSIS)
        if question is None or not isinstance(given, str) or given not in question.labels:
            return frozenset()
        return frozenset({given, *question.ancestors(given), *question.kinds[given]})

    @cached_property
    def path(self) -> Path:
        """The questions answered so far and the next one. The trail in the cookie counts while the catalog is as it was."""
        trail = self.answers.trail
        is_current = trail is not None and trail.state == self.state
        return replay(self.catalog.index, self.area, self.given, self.catalog.apart_index, trail if is_current else None)

    @property
    def state(self) -> str:
        """What the path depends on beside the answers, in a few letters."""
        told = f"{self.catalog.state} {self.area}".encode()
        return base64.b64encode(hashlib.blake2b(told, digest_size=6).digest()).decode()

    @property
    def to_keep(self) -> answers.Answers:
        """The answers for the patient's browser, with the trail of today."""
        return replace(self.answers, trail=self.path.trail(self.state) if self.started else None)

    @cached_property
    def matching(self) -> matching.Matching:
        """The open trials of the area, judged, those to show with reasons."""
        return matching.match(self.catalog, self.area, self.path.answers, SHOWN, self.path.matches)

    @cached_property
    def still_possible(self) -> int:
        """How many trials the answers do not rule out."""
        return matching.count_possible(self.catalog, self.area, self.path.matches)

    @cached_property
    def nearness(self) -> Nearness | None:
        """Distances from where the patient lives; None where they did not say."""
        return Nearness.of(self.answers.near)

    @property
    def worth_asking_about(self) -> list[models.Trial]:
        """The trials shown that the answers do not rule out, best first."""
        return [trial.listing for trial in self.matching.trials if trial.verdict is not Verdict.FAILS]

    @property
    def next_page(self) -> str | None:
        """The key of the question page to show next; None when no answer can change a result any more."""
        return self.path.next if self.started else AREA

    @cached_property
    def pages(self) -> tuple[str, ...]:
        """The question pages up to the next one, in order."""
        return (WHO, AREA, *self.path.steps) if self.started else (WHO, AREA)

    def number_of(self, key: str) -> int:
        """Which question this is, counted from 1."""
        return self.pages.index(key) + 1 if key in self.pages else len(self.pages) + 1

    def before(self, key: str) -> str | None:
        """The key of the question page before this one; None before the first."""
        number = self.number_of(key)
        return self.pages[number - 2] if number > 1 else None

    def is_on_path(self, key: str) -> bool:
        """Whether this question can be answered now."""
        return key in (WHO, AREA) or (self.started and (key in self.path.steps or key == self.path.next))

    def answer_text(self, key: str) -> str:
        """The answer to a question on the path as the patient gave it: in their own unit where they chose one."""
        question, given = self.catalog.questionnaire[key], self.answers.given.get(key)
        if isinstance(given, dict):
            return in_words(given, question.unit)
        return describe(self.path.answers.get(key), question, _)

    @cached_property
    def said(self) -> dict[str, str]:
        """Each question on the path with its answer, in words. Very many criteria rest on the same few."""
        questionnaire, who = self.catalog.questionnaire, self.answers.who
        return {key: f"{question_text(questionnaire[key], who)} {self.answer_text(key)}" for key in self.path.steps}

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
