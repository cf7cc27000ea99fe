"""Before anything is timed: the index agrees with the plain judge on every trial."""

from __future__ import annotations

import multiprocessing
import random
from collections.abc import Sequence
from functools import partial
from unittest.mock import patch

import numpy as np

from tests.benchmarks.patients import Patients
from tests.benchmarks.timing import no_garbage_collection
from trials.eligibility import judging
from trials.eligibility.index import Index, Matches
from trials.eligibility.judging import Criterion, Trial, verdict_of
from trials.eligibility.questionnaire import Known
from trials.eligibility.verdicts import Verdict

CHECKED_PATIENTS = {5_000: 200, 50_000: 20}
AT_LEAST = 4
_shared: list[tuple[Index, Sequence[Trial], Patients]] = []
"""What the checking processes inherit."""


def patients_to_check(size: int) -> int:
    """How many patients are checked with so many trials."""
    return next((count for largest, count in CHECKED_PATIENTS.items() if size <= largest), AT_LEAST)


def check(index: Index, trials: Sequence[Trial], patients: Patients) -> int:
    """Compares all verdicts of many patients, told at once and one answer after the other. Returns how many verdicts were compared."""
    count = patients_to_check(len(trials))
    _shared[:] = [(index, trials, patients)]
    with no_garbage_collection(), multiprocessing.get_context("fork").Pool(2) as pool:
        for fault in pool.imap(_check_patient, range(count)):
            assert not fault, fault
    _shared.clear()
    return 2 * count * len(trials)


def _check_patient(number: int) -> str:
    """What is wrong with the verdicts of a patient; nothing, it is hoped."""
    index, trials, patients = _shared[0]
    answers = patients.answers(number)
    known = patients.known(answers)
    expected = plain_verdicts(trials, known)
    for way, matches in (("at once", partial(index.match, known)), ("one by one", partial(one_by_one, index, answers, patients, number))):
        wrong = np.flatnonzero(matches().verdicts != expected)
        if len(wrong):
            return f"patient {number}, told {way}: {len(wrong)} wrong verdicts, the first on {trials[wrong[0]].key}"
    return ""


def plain_verdicts(trials: Sequence[Trial], known: Known) -> np.ndarray:
    """The plain judge's verdicts on all trials. Trials share criteria, and each of those is judged once."""
    verdicts: dict[int, Verdict | None] = {}

    def once(criterion: Criterion, patient: Known) -> Verdict | None:
        place = id(criterion)
        if place not in verdicts:
            verdicts[place] = verdict_of(criterion, patient)
        return verdicts[place]

    with patch.object(judging, "verdict_of", once):
        return np.fromiter((judging.judge(trial, known).verdict for trial in trials), np.int8, len(trials))


def one_by_one(index: Index, answers: dict[str, object], patients: Patients, seed: int) -> Matches:
    """The same patient, told one answer after the other: in half of the cases the condition first, else somewhere among the first five."""
    order = list(answers)
    random.Random(seed).shuffle(order)
    order.remove("diagnosis")
    order.insert(seed % 2 * seed % 5, "diagnosis")
    read = patients.questionnaire.read(answers)
    matches = index.match({})
    for count in range(1, len(order) + 1):
        matches = matches.answer(patients.questionnaire.settle({key: read[key] for key in order[:count]}))
    return matches
