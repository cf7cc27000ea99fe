"""Ours beside the peers, a criterion and a patient at a time: answers are checked equal, then each is timed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from tests.benchmarks.databases import databases
from tests.benchmarks.patients import Patients
from tests.benchmarks.peers import Prepared, peers, prepared
from tests.benchmarks.timing import median
from trials.eligibility.index import Index
from trials.eligibility.judging import Trial, judge
from trials.eligibility.questionnaire import Known
from trials.eligibility.rows import Truths
from trials.eligibility.verdicts import Verdict

PATIENTS, FEW_PATIENTS = 20, 4
MANY_CRITERIA = 20_000
"""Of every criterion a peer judges at most those of so many trials: the cost grows with their number alone."""


@dataclass
class Beside:
    """Nanoseconds a criterion (all criteria of all trials judged) and milliseconds a patient (the verdicts of all trials), by peer."""

    criterion_ns: dict[str, float] = field(default_factory=dict)
    patient_ms: dict[str, float] = field(default_factory=dict)
    trials: dict[str, int] = field(default_factory=dict)
    ways: dict[str, dict[str, float]] = field(default_factory=dict)
    """Milliseconds a patient of each way to ask a database; the quickest one counts."""

    def ratios(self) -> dict[str, dict[str, float]]:
        """How many times slower than ours each peer is."""
        return {
            "per_criterion_ratio": {name: time / self.criterion_ns["ours"] for name, time in self.criterion_ns.items() if name != "ours"},
            "per_patient_ratio": {name: time / self.patient_ms["ours"] for name, time in self.patient_ms.items() if name != "ours"},
        }


def measure(index: Index, trials: Sequence[Trial], patients: Patients) -> Beside:
    """Everyone on patients who have answered everything exactly."""
    records = [patients.record(number) for number in range(PATIENTS)]
    known = [patients.known(record) for record in records]
    beside = Beside()
    _measure_ours(index, known, beside)
    fitting = [np.flatnonzero(index.match(one).verdicts != Verdict.FAILS) for one in known]
    for peer in peers(patients.questionnaire):
        size = min(len(trials), peer.trials)
        ready = prepared(trials[:size], peer)
        several = [peer.take(record) for record in records[:FEW_PATIENTS]]
        for number, patient in enumerate(several):
            found = [row for row, trial in enumerate(ready) if trial.fits(patient)]
            assert found == fitting[number][fitting[number] < size].tolist(), f"{peer.name} disagrees on patient {number}"
        _check_criteria(peer.name, ready[:100], trials[: len(ready[:100])], several[0], known[0])
        repeat = 1 if size > 50_000 else 3
        beside.patient_ms[peer.name] = median(lambda patient, ready=ready: [trial.fits(patient) for trial in ready], several, repeat, 1) * len(trials) / size
        few = ready[:MANY_CRITERIA]
        count = sum(len(trial.every_criterion(several[0])) for trial in few)
        judged = median(lambda patient, few=few: [trial.every_criterion(patient) for trial in few], several, 1, 1)
        beside.criterion_ns[peer.name] = judged / count * 1e6
        beside.trials[peer.name] = size
    for name, ways in databases(trials, patients.questionnaire, records[:FEW_PATIENTS], fitting):
        beside.patient_ms[name] = min(ways.values())
        beside.trials[name] = len(trials)
        beside.ways[name] = ways
    return beside


def _measure_ours(index: Index, known: Sequence[Known], beside: Beside) -> None:
    """Ours: the verdicts of all trials; and the verdict on every criterion of every trial, none left out, so without candidates."""
    beside.patient_ms["ours"] = median(lambda one: index.match(one).verdicts, known)
    criteria = index.compiled.lanes.flat
    judged = median(lambda one: _every_truth(index, one)[criteria], known)
    beside.criterion_ns["ours"] = judged / len(criteria) * 1e6
    beside.trials["ours"] = len(index)


def _every_truth(index: Index, known: Known) -> Truths:
    truths = index.told(known)
    index.fold_all(truths)
    return truths


def _check_criteria(name: str, ready: Sequence[Prepared], trials: Sequence[Trial], patient: object, known: Known) -> None:
    """A peer agrees with the plain judge on each criterion."""
    for trial, peers_trial in zip(trials, ready, strict=True):
        cohorts = [None, *trial.cohorts]
        judged = zip(trial.criteria, judge(trial, known).criteria, strict=True)
        expected = sorted((cohorts.index(criterion.cohort), place, verdict) for place, (criterion, verdict) in enumerate(judged) if verdict is not None)
        assert [verdict is Verdict.PASSES for *_, verdict in expected] == peers_trial.every_criterion(patient), f"{name} disagrees on {trial.key}"
