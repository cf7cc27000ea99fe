"""The patient's path: replayed from the first question at every request, so that changing an answer never leaves a stale one behind.

Answers that are no longer on the path are kept by the caller but do not count. (The idea is smart-answers' state resolver.)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from trials.eligibility.asking import next_questions
from trials.eligibility.index import Index, Matches
from trials.eligibility.questionnaire import Answers, Questionnaire
from trials.eligibility.questions import AnswerError, Possible


@dataclass(frozen=True)
class Path:
    """The questions answered so far, in order, their answers as read, and the question to ask next (None: nothing more can change).

    ``matches`` are the trials judged by these answers.
    """

    steps: tuple[str, ...]
    answers: Answers
    next: str | None
    matches: Matches


def replay(index: Index, area: str | None, given: Mapping[str, object], apart: Index | None = None) -> Path:
    """Walks from the first question as far as the given answers lead. Questions that only trials ``apart`` from the index need come last."""
    questionnaire = index.questionnaire
    answers: dict[str, Possible | None] = {}
    matches = index.match(questionnaire.settle(answers))
    while True:
        ahead = next_questions(matches, answers.keys(), area) or (apart and next_questions(apart.match(matches.known), answers.keys(), area))
        key = ahead[0] if ahead else None
        if key is None or key not in given or not _read(key, given[key], questionnaire, answers):
            return Path(tuple(answers), answers, key, matches)
        matches = matches.answer(questionnaire.settle(answers))


def _read(key: str, given: object, questionnaire: Questionnaire, answers: dict[str, Possible | None]) -> bool:
    """Reads one answer into ``answers``. An answer that the question no longer takes (the catalog changed) is asked again."""
    try:
        answers[key] = questionnaire[key].read(given)
    except AnswerError:
        return False
    return True
