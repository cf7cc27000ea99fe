"""What our engine takes for so many trials."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tests.benchmarks.generator import FIRST
from tests.benchmarks.patients import Patients
from tests.benchmarks.timing import median, milliseconds
from trials.eligibility.asking import next_questions
from trials.eligibility.explanations import Explanation, explain_all
from trials.eligibility.index import Index, Matches
from trials.eligibility.judging import Trial, judge
from trials.eligibility.questionnaire import Known
from trials.eligibility.storing import save

PATIENTS, TOP = 100, 20
Step = tuple[Matches, Known]


def measure(index: Index, trials: Sequence[Trial], patients: Patients) -> dict[str, float]:
    """Milliseconds of each thing that a page needs; medians over the patients unless named otherwise."""
    told = [patients.answers(number) for number in range(PATIENTS)]
    known = [patients.known(answers) for answers in told]
    without = [patients.known({key: answer for key, answer in answers.items() if key != "diagnosis"}) for answers in told[:30]]
    begun = [patients.known({key: answers[key] for key in FIRST}) for answers in told]
    match = milliseconds(index.match, known)
    steps = [_step(index, patients, number) for number in range(PATIENTS)]
    asking = [(index.match(patient), set(patient)) for patient in (*begun, *known)]
    ask = milliseconds(lambda step: next_questions(*step), asking)
    answer = milliseconds(lambda step: step[0].answer(step[1]), steps)
    top = [(patient, best(index.match(patient), trials)) for patient in begun]
    return {
        "match_ms": statistics.median(match),
        "match_worst_ms": max(match),
        "match_no_condition_ms": median(index.match, without),
        "answer_ms": statistics.median(answer),
        "answer_worst_ms": max(answer),
        "next_question_ms": statistics.median(ask),
        "next_question_worst_ms": max(ask),
        "explain20_ms": median(lambda case: explanations(*case, patients), top),
    }


def _step(index: Index, patients: Patients, number: int) -> Step:
    """A patient on the way: condition, age and sex and ``number % 8`` more questions are answered, and one more answer is there."""
    record = patients.record(number)
    told = {key: record[key] for key in FIRST}
    matches = index.match(patients.known(told))
    for _ in range(number % 8 + 1):
        useful = next_questions(matches, told.keys())
        if not useful:
            break
        told[useful[0]] = record[useful[0]]
        before, matches = matches, matches.answer(patients.known(told))
    else:
        return before, patients.known(told)
    told["flag0"] = record["flag0"]
    return matches, patients.known(told)


def best(matches: Matches, trials: Sequence[Trial]) -> list[Trial]:
    """The trials that a results page shows first: the best verdicts."""
    rows = matches.trials
    order = np.argsort(-matches.verdicts[rows], kind="stable")
    return [trials[row] for row in rows[order[:TOP]]]


def explanations(known: Known, trials: Sequence[Trial], patients: Patients) -> list[tuple[Explanation, ...]]:
    """Each trial judged, each of its criteria explained."""
    return [explain_all(judge(trial, known), known, patients.questionnaire) for trial in trials]


def measure_worker(index: Index) -> dict[str, float]:
    """What a fresh process takes that maps the stored index: the medians of three."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        stored = Path(folder, "index")
        save(index, stored)
        size = sum(file.stat().st_size for file in stored.iterdir()) / 2**20
        runs = [json.loads(subprocess.check_output([sys.executable, "-m", "tests.benchmarks.worker", str(stored)])) for _ in range(3)]
    medians = {key: statistics.median(run[key] for run in runs) for key in runs[0] if runs[0][key] is not None}
    return {**medians, "stored_mib": size}
