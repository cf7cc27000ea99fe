"""All benchmarks: ``python -m tests.benchmarks.run [SIZES…]``. Prints a table, writes ``bench.json`` and, for several sizes, ``docs/bench.svg``."""

from __future__ import annotations

import importlib
import json
import sys
import time
from pathlib import Path
from typing import Any

from tests.benchmarks import beside, checking, engine, generator, report, strategies
from tests.benchmarks.patients import Patients
from tests.benchmarks.timing import no_garbage_collection, timed
from trials.eligibility.index import Index

SIZES = (5_000, 50_000, 550_000)
ASKING, ASKED_PATIENTS = 5_000, 60
ROOT = Path(__file__).parents[2]


def measure(size: int) -> dict[str, Any]:
    """Everything for so many trials. Answers are checked before they are timed."""
    questionnaire = generator.questions()
    patients = Patients(questionnaire)
    say(f"{size:,} trials: generating")
    with no_garbage_collection():
        trials = generator.trials(size, questionnaire)
    say("compiling")
    index, compiled = timed(lambda: Index.compile(questionnaire, trials))
    say(f"checking {checking.patients_to_check(size)} patients against the plain judge")
    checked = checking.check(index, trials, patients)
    say("measuring the engine")
    measured: dict[str, Any] = {"trials": size, "checked": checked, "compile_s": compiled}
    measured |= engine.measure(index, trials, patients) | engine.measure_worker(index)
    say(f"match {measured['match_ms']:.2f} ms, compile {compiled:.1f} s; measuring the peers")
    found = beside.measure(index, trials, patients)
    measured |= found.ratios() | {"peer_trials": found.trials, "criterion_ns": found.criterion_ns, "patient_ms": found.patient_ms, "sql_ms": found.ways}
    if size <= ASKING:
        say("counting questions")
        measured["questions_to_5"] = strategies.questions_to_few(index, patients, ASKED_PATIENTS)
    return measured


def web() -> dict[str, Any]:
    """What the web tier's benchmark found, where there is one: ``tests.benchmarks.web.measure()``."""
    try:
        module = importlib.import_module("tests.benchmarks.web")
    except ModuleNotFoundError as fault:
        if fault.name != "tests.benchmarks.web":
            raise
        return {}
    say("measuring the web tier")
    found: dict[str, Any] = module.measure()
    return found


def say(words: str) -> None:
    """Tells how far it is."""
    print(f"[{time.perf_counter() - STARTED:5.0f} s] {words}", flush=True)


def main(sizes: list[int]) -> None:
    """Measures, shows, writes; what is there is written after each size, so that a run that is stopped is not lost."""
    result: dict[str, Any] = {"machine": report.machine(), "versions": report.versions(), "sizes": {}, "web": {}}
    for size in sizes:
        result["sizes"][str(size)] = measure(size)
        write(result)
    report.show(result)
    if len(sizes) > 1:
        (ROOT / "docs" / "bench.svg").write_text(report.picture(result["sizes"]), encoding="utf-8")
    result["web"] = web()
    write(result)
    say("bench.json is written")


def write(result: dict[str, Any]) -> None:
    """Writes ``bench.json``."""
    (ROOT / "bench.json").write_text(json.dumps(rounded(result), indent=2) + "\n", encoding="utf-8")


def rounded(value: Any) -> Any:
    """Numbers with four digits that count."""
    if isinstance(value, dict):
        return {key: rounded(inner) for key, inner in value.items()}
    return float(f"{value:.4g}") if isinstance(value, float) else value


STARTED = time.perf_counter()

if __name__ == "__main__":
    main([int(size) for argument in sys.argv[1:] for size in argument.replace(",", " ").split()] or list(SIZES))
