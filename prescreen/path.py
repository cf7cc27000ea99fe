"""The patient's path: replayed from the first question, so that changing an answer never leaves a stale one behind.

Answers that are no longer on the path are kept by the caller but do not count. (The idea is smart-answers' state resolver.) How a path was found
the last time (its ``Trail``) spares asking again what to ask, as far as nothing changed: a path up to a question does not depend on later answers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from trials.eligibility.asking import next_questions
from trials.eligibility.index import Index, Matches
from trials.eligibility.questionnaire import Answers, Questionnaire
from trials.eligibility.questions import AnswerError, Possible


@dataclass(frozen=True)
class Trail:
    """How a path was found: the questions answered, in order, and the one that came next, while the catalog was in this state for the patient's area."""

    state: str
    steps: tuple[str, ...]
    next: str | None

    def up_to(self, key: str) -> Trail:
        """As much of the trail as does not depend on the answer to this question."""
        return replace(self, steps=self.steps[: self.steps.index(key)], next=key) if key in self.steps else self


@dataclass(frozen=True)
class Path:
    """The questions answered so far, in order, their answers as read, and the question to ask next (None: nothing more can change)."""

    index: Index
    answers: Answers
    next: str | None
    judged: Matches | None = None

    @property
    def steps(self) -> tuple[str, ...]:
        """The questions answered so far, in order."""
        return tuple(self.answers)

    @cached_property
    def matches(self) -> Matches:
        """The trials judged by these answers; where finding the path did not need that, when they are first asked for."""
        return self.judged or self.index.match(self.index.questionnaire.settle(self.answers))

    def trail(self, state: str) -> Trail:
        """How this path was found, in this state of the catalog."""
        return Trail(state, self.steps, self.next)


def replay(index: Index, area: str | None, given: Mapping[str, object], apart: Index | None = None, trail: Trail | None = None) -> Path:
    """Walks from the first question as far as the given answers lead. Questions that only trials ``apart`` from the index need come last.

    A ``trail`` found with the same index and area, and no longer than to the first answer changed since, is followed without asking anew. It never
    changes what comes out.
    """
    questionnaire = index.questionnaire
    answers = _retraced(trail, given, questionnaire) if trail else None
    if trail and answers is not None:
        if not _read(trail.next, given, questionnaire, answers):
            return Path(index, answers, trail.next)
    else:
        answers = {}
    matches = index.match(questionnaire.settle(answers))
    while True:
        ahead = next_questions(matches, answers.keys(), area) or (apart and next_questions(apart.match(matches.known), answers.keys(), area))
        key = ahead[0] if ahead else None
        if not _read(key, given, questionnaire, answers):
            return Path(index, answers, key, matches)
        matches = matches.answer(questionnaire.settle(answers))


def _retraced(trail: Trail, given: Mapping[str, object], questionnaire: Questionnaire) -> dict[str, Possible | None] | None:
    """The answers along a trail; None where it cannot be followed any more."""
    answers: dict[str, Possible | None] = {}
    can_follow = (trail.next is None or trail.next in questionnaire) and all(_read(step, given, questionnaire, answers) for step in trail.steps)
    return answers if can_follow else None


def _read(key: str | None, given: Mapping[str, object], questionnaire: Questionnaire, answers: dict[str, Possible | None]) -> bool:
    """Reads one answer into ``answers``, if there is one. An answer that the question no longer takes (the catalog changed) is asked again."""
    if key is None or key not in given or key not in questionnaire:
        return False
    try:
        answers[key] = questionnaire[key].read(given[key])
    except AnswerError:
        return False
    return True
