"""How many questions until few trials are undecided: our order beside entropy, most used first, and chance.

All begin as the site does, with area, condition, age and sex, which count as four, and choose among the same questions after them: those that
can still change a result of the area's trials. The patient answers everything that is asked.
"""

from __future__ import annotations

import random
import statistics
from collections.abc import Callable

import numpy as np

from tests.benchmarks.generator import FIRST
from tests.benchmarks.patients import Patients
from trials.eligibility.asking import next_questions
from trials.eligibility.index import Index, Matches
from trials.eligibility.verdicts import Truth, Verdict

FEW = 5
Choose = Callable[[Matches, list[str]], str]


def questions_to_few(index: Index, patients: Patients, count: int) -> dict[str, float]:
    """For each strategy the median number of questions until at most ``FEW`` trials are undecided."""
    uses = _uses(index)
    chance = random.Random(1)
    strategies: dict[str, Choose] = {
        "ours": lambda matches, useful: useful[0],
        "entropy": lambda matches, useful: max(useful, key=_entropies(matches).__getitem__),
        "most_used": lambda matches, useful: max(useful, key=uses.__getitem__),
        "random": lambda matches, useful: chance.choice(useful),
    }
    return {name: statistics.median(_asked(index, patients, number, choose) for number in range(count)) for name, choose in strategies.items()}


def _asked(index: Index, patients: Patients, number: int, choose: Choose) -> int:
    record, area = patients.questionnaire.read(patients.record(number)), patients.area(number)
    told = {key: record[key] for key in FIRST}
    matches = index.match(patients.questionnaire.settle(told)).in_area(area)
    while np.count_nonzero((matches.verdicts == Verdict.UNKNOWN) & ~index.incomplete) > FEW:
        useful = next_questions(matches, told.keys(), area)
        if not useful:
            break
        question = choose(matches, useful)
        told[question] = record[question]
        matches = matches.answer(patients.questionnaire.settle(told))
    return 1 + len(told)


def _uses(index: Index) -> dict[str, int]:
    """How often each question is named by the trials."""
    return dict(zip(index.compiled.atoms, _by_question(index, index.compiled.lanes.flat, np.ones(2 * index.compiled.first_group)).tolist(), strict=True))


def _entropies(matches: Matches) -> dict[str, float]:
    """The summed entropy of each question's open comparisons in trials that are undecided."""
    index = matches.index
    false = index.chances[: 2 * index.compiled.first_group]
    sure = np.clip(false, 1e-9, 1 - 1e-9)
    entropy = -sure * np.log2(sure) - (1 - sure) * np.log2(1 - sure)
    literals = matches.rows.take(np.flatnonzero(matches.of_lanes == Verdict.UNKNOWN)).flat
    by_question = _by_question(index, literals, entropy * (matches.truths[: len(entropy)] == Truth.UNKNOWN))
    return dict(zip(index.compiled.atoms, by_question.tolist(), strict=True))


def _by_question(index: Index, literals: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The weights of these literals, and of the members of groups among them, summed for each question."""
    compiled, total = index.compiled, np.zeros(len(index.compiled.atoms))
    while len(literals):
        single = literals[literals < 2 * compiled.first_group]
        total += np.bincount(index.question_of[single >> 1], weights[single], len(total))
        groups = literals[(literals >= 2 * compiled.first_group) & (literals < compiled.always_unknown)] >> 1
        literals = compiled.groups.take(groups - compiled.first_group).flat
    return total
