"""How fast all trials are judged at once, beside judging them one by one. The verdicts are checked equal before anything is timed."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import pytest

from tests.benchmarks.generator import patient, questions, trials
from trials.eligibility.asking import next_questions
from trials.eligibility.index import Index
from trials.eligibility.judging import judge

PATIENTS = 20


def milliseconds(work: Callable[[dict], object], patients: list[dict]) -> float:
    """The median time of a piece of work over the patients."""
    times = []
    for known in patients:
        start = time.perf_counter()
        work(known)
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


@pytest.mark.parametrize("count", [500, 5_000])
def test_the_index_beside_judging_one_by_one(count: int, capsys: pytest.CaptureFixture[str]) -> None:
    questionnaire = questions()
    generated = trials(count, questionnaire)
    start = time.perf_counter()
    index = Index.compile(questionnaire, generated)
    compiled = time.perf_counter() - start
    patients = [questionnaire.settle(questionnaire.read(patient(seed))) for seed in range(PATIENTS)]
    for known in patients[:5]:
        assert index.match(known).verdicts.tolist() == [judge(trial, known).verdict for trial in generated]
    ours = milliseconds(index.match, patients)
    plain = milliseconds(lambda known: [judge(trial, known) for trial in generated], patients)
    asking = milliseconds(lambda known: next_questions(index.match(known), set()), patients)
    with capsys.disabled():
        print(f"\n{count:>7} trials | compile {compiled:6.2f} s | match {ours:8.2f} ms | next question {asking:7.2f} ms", end="")
        print(f" | one by one {plain:8.2f} ms ({plain / ours:5.1f} times slower)")
