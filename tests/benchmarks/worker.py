"""A fresh process that maps a stored index, as each worker of the site does: ``python -m tests.benchmarks.worker FOLDER``. Prints JSON."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from tests.benchmarks.generator import questions
from tests.benchmarks.patients import Patients
from trials.eligibility.storing import load

MATCHED = 50


def private_mib() -> float | None:
    """The memory of this process that it shares with no other one; None where the system does not tell."""
    try:
        lines = Path("/proc/self/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    return sum(int(line.split()[1]) for line in lines if line.startswith(("Private_Dirty:", "Private_Clean:"))) / 1024


def main(folder: str) -> None:
    """Loads the index, matches some patients, and says what that took."""
    questionnaire = questions()
    patients = Patients(questionnaire)
    known = [patients.known(patients.answers(number)) for number in range(MATCHED)]
    before = private_mib()
    start = time.perf_counter()
    index = load(Path(folder), questionnaire)
    loaded = time.perf_counter() - start
    start = time.perf_counter()
    index.match(known[0])
    first = time.perf_counter() - start
    for patient in known[1:]:
        index.match(patient)
    after = private_mib()
    print(json.dumps({"load_ms": loaded * 1000, "first_match_ms": first * 1000, "private_mib": None if before is None or after is None else after - before}))


if __name__ == "__main__":
    main(sys.argv[1])
