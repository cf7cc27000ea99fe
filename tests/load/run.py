"""The site under load, with its figures: ``python -m tests.load.run [PATIENTS [SECONDS]]``; without numbers the three runs that the README tells of.

Two server processes over an SQLite file with 1,000 open trials, patients in a process beside them, two coordinators who edit meanwhile. Rate limits
are on. Ends with 1 where a promise was broken.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.web import ROOT, served

from .coordinators import Coordinator

TRIALS, THINK = 1_000, 4.0
SLOWEST, GROWTH = 500, 1.1
"""What is promised: milliseconds of the 95th percentile with 300 patients, and how much larger the memory may be after 20,000 requests."""

PASSWORD = "only-on-this-machine-for-a-minute"
FILL = """
from tests.benchmarks.web_records import fill
fill({trials})
from django.contrib.auth.models import User
from trials.models import Trial
for name in ("nora", "otto"):
    User.objects.create_superuser(name, password={password!r})
print(list(Trial.objects.published().open().order_by("nct_id").values_list("pk", flat=True)[:20]))
"""


@dataclass(frozen=True)
class Site:
    """A served site: its port, its process, and the trials that coordinators edit."""

    port: int
    pid: int
    trials: list[int]

    def memory(self) -> float:
        """The private memory of all its processes, in MiB."""
        return sum(_private(pid) for pid in _family(self.pid))


@contextmanager
def site() -> Iterator[Site]:
    """Two server processes over a database of their own."""
    with tempfile.TemporaryDirectory(prefix="load-") as folder:
        settings = {"DJANGO_LOCAL": "1", "DJANGO_SETTINGS_MODULE": "prescreen.settings", "DATABASE_URL": f"sqlite:///{folder}/db.sqlite3"}
        environment = os.environ | settings | {"INDEX_FOLDER": f"{folder}/index", "DJANGO_TRUSTED_PROXIES": "127.0.0.1", "RATE_LIMITS_FILE": f"{folder}/counts"}
        subprocess.run([sys.executable, "manage.py", "prepare"], cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
        filling = [sys.executable, "-c", FILL.format(trials=TRIALS, password=PASSWORD)]
        told = subprocess.run(filling, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout
        with served("prescreen.wsgi:application", environment, "/healthz") as (process, port):
            yield Site(port, process.pid, json.loads(told.splitlines()[-1]))


def run(at: Site, patients: int, seconds: float, think: float = THINK, coordinators: int = 2) -> dict[str, object]:
    """One run, as figures."""
    desk = [Coordinator(f"http://127.0.0.1:{at.port}", name, PASSWORD, at.trials[turn::2]) for turn, name in enumerate(("nora", "otto")[:coordinators])]
    before = at.memory()
    for person in desk:
        person.start()
    command = [sys.executable, "-m", "tests.load.visitors", str(at.port), str(patients), str(seconds), str(think)]
    told = json.loads(subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout)
    for person in desk:
        person.over.set()
    for person in desk:
        person.join(90)
    every = [one for taken in told["taken"].values() for one in taken]
    return {
        "patients": patients,
        "seconds": seconds,
        "requests": len(every),
        "journeys": told["journeys"],
        "errors": sum(told["wrong"].values()) + sum(len(person.wrong) for person in desk),
        "wrong": told["wrong"] | {f"desk: {fault}": 1 for person in desk for fault in person.wrong},
        "p50_ms": statistics.median(every) * 1000,
        "p95_ms": _p95(every),
        "p95_by_page_ms": {kind: _p95(taken) for kind, taken in sorted(told["taken"].items())},
        "edits": sum(person.saved for person in desk),
        "edit_p50_s": statistics.median([one for person in desk for one in person.taken] or [0]),
        "memory_mib": [before, at.memory()],
    }


def _p95(taken: list[float]) -> float:
    return statistics.quantiles(taken, n=20)[-1] * 1000 if len(taken) > 1 else taken[0] * 1000


def _family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return [pid, *(one for child in children for one in _family(int(child)))]


def _private(pid: int) -> float:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) / 1024


def all_runs() -> dict[str, dict[str, object]]:
    """The three runs that the README tells of, by name."""
    with site() as at:
        run(at, 20, 10, think=0.5)  # warm
        return {"300 patients": run(at, 300, 60), "1,000 patients": run(at, 1_000, 60), "20,000 requests without a pause": _steady(at)}


def _steady(at: Site) -> dict[str, object]:
    """The private memory of all processes after each of several rounds of requests without a pause, until there were 20,000."""
    memory, requests, errors = [at.memory()], 0, 0
    while requests < 20_000:
        told = run(at, 16, 30, think=0, coordinators=0)
        memory.append(at.memory())
        requests, errors = requests + int(told["requests"]), errors + int(told["errors"])
    return {"requests": requests, "errors": errors, "memory_mib": memory}


def broken(runs: dict[str, dict]) -> list[str]:
    """Which promises these runs broke, a sentence each."""
    found = [f"{name}: {told['errors']} errors" for name, told in runs.items() if told["errors"]]
    found += [f"{name}: p95 {told['p95_ms']:.0f} ms" for name, told in runs.items() if name.startswith("300 ") and told["p95_ms"] >= SLOWEST]
    for name, told in runs.items():
        before, after = told["memory_mib"][1], told["memory_mib"][-1]
        if "p95_ms" not in told and after > GROWTH * before:
            found.append(f"{name}: memory from {before:.0f} to {after:.0f} MiB")
    return found


def main(numbers: list[str]) -> None:
    """Prints the figures as JSON."""
    if not numbers:
        runs = all_runs()
        print(json.dumps(runs, indent=1))
        sys.exit("\n".join(broken(runs)) or 0)
    with site() as at:
        run(at, 20, 10, think=0.5)
        print(json.dumps(run(at, int(numbers[0]), float(numbers[1]) if len(numbers) > 1 else 60.0), indent=1))


if __name__ == "__main__":
    main(sys.argv[1:])
