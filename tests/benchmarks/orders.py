"""The orders in which questions can be asked, ours and others.

All choose among the same questions, those that can still change a result, and all begin as ours does: with the condition, age and sex.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from trials.eligibility.asking import FIRST_QUESTIONS, next_questions
from trials.eligibility.chances import Chances
from trials.eligibility.index import Index
from trials.eligibility.questionnaire import Answers, Questionnaire

Choose = Callable[[list[str]], str]


@dataclass(frozen=True)
class Order:
    """Weighs each comparison that can still change a result as ``index.chances`` says, sums them for each question, and chooses of the ranking."""

    name: str
    index: Index
    choose: Choose

    def walk(self, answers: Answers, area: str) -> Iterator[tuple[str | None, np.ndarray]]:
        """Each question asked of a patient who would answer so, and the verdicts after it. The first is None: nothing asked yet."""
        told: dict[str, object] = {}
        matches = self.index.match({})
        yield None, matches.verdicts
        while useful := next_questions(matches, told.keys(), area):
            key = useful[0] if useful[0] in FIRST_QUESTIONS else self.choose(useful)
            told[key] = answers[key]
            matches = matches.answer(self.index.questionnaire.settle(told))
            yield key, matches.verdicts


def orders(index: Index) -> list[Order]:
    """Ours first. ``most used`` counts the criteria that a question could still decide, ``entropy`` sums how uncertain each of them is."""
    return [
        Order("ours", index, _best),
        Order("entropy", _weighing(index, _entropy(index.chances)), _best),
        Order("most used", _weighing(index, np.ones(len(index.chances))), _best),
        Order("fixed", index, lambda useful: _earliest(useful, index.questionnaire)),
        Order("random", index, random.Random(1).choice),
    ]


def _best(useful: list[str]) -> str:
    return useful[0]


def _earliest(useful: list[str], questionnaire: Questionnaire) -> str:
    return min(useful, key=lambda key: (questionnaire[key].order, key))


def _weighing(index: Index, weights: Chances) -> Index:
    """The same index with other weights in the place of the chances to be false."""
    other = copy.copy(index)
    other.__dict__["chances"] = weights
    return other


def _entropy(chances: Chances) -> Chances:
    """In bits."""
    likely = np.clip(chances, 1e-9, 1 - 1e-9)
    return -likely * np.log2(likely) - (1 - likely) * np.log2(1 - likely)
