"""Attacks, kills and load, and their figures as the table of the README: ``make figures``. Needs the machine for itself, for about a quarter of an hour.

The tests that try something tell how much they tried (``record_property``); nothing here judges, and a figure of a test that did not pass is not
printed. Mutants take hours, so they are those of the last run, as docs/mutants.md has them.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from xml.etree import ElementTree

from tests.load import run as load

ROOT = Path(__file__).parents[1]
TRIED = "10000"
"""So many answers with workers killed, and so many forms with anything in them."""

FILES = ("leaks", "killed", "any_answer", "any_desk_form", "import_bombs", "import_mutated", "headers_production")

Figures = dict[str, list[float]]
"""What the tests told, by name; each value as often as it was told."""


class NotPassedError(Exception):
    """A test did not pass, so there are no figures."""


def tried() -> Figures:
    """Runs the tests. Raises NotPassedError."""
    with tempfile.TemporaryDirectory(prefix="figures-") as folder:
        report = Path(folder) / "report.xml"
        paths = [f"tests/integration/test_{name}.py" for name in FILES]
        command = [sys.executable, "-m", "pytest", "-q", "--numprocesses=auto", "--dist=loadfile", f"--junitxml={report}", *paths]
        given = os.environ | {"ANSWERS": TRIED, "ANY_ANSWERS": TRIED}
        if subprocess.run(command, cwd=ROOT, env=given, stdout=sys.stderr, check=False).returncode:
            raise NotPassedError
        suite = ElementTree.parse(report).getroot()
    if skipped := [case.get("name") for case in suite.iter("testcase") if case.find("skipped") is not None]:
        sys.stderr.write(f"not tried here: {', '.join(map(str, skipped))}\n")
    found: Figures = defaultdict(list)
    for told in suite.iter("property"):
        found[told.get("name", "")].append(float(told.get("value", "")))
    return found


def mutants() -> tuple[int, int]:
    """How many mutants there were in the last run of all modules, and how many were killed, as docs/mutants.md has them."""
    lines = re.findall(r"^\| `[^|]+` \| (\d+) \| (\d+) \|", (ROOT / "docs" / "mutants.md").read_text(encoding="utf-8"), re.MULTILINE)
    return sum(int(count) for count, _ in lines), sum(int(killed) for _, killed in lines)


def table(found: Figures, loads: dict[str, dict]) -> str:
    """The figures to read, as Markdown."""
    total = {name: int(sum(values)) for name, values in found.items()}
    count, killed = mutants()
    things, places = f"{total['things searched']:,} things", f"{total['places searched']} places"
    files, most = f"{total['files'] + total['bombs']:,}", max(found["most megabytes"])
    rows = [
        ("Leaks found", f"**{total['leaks found']}**, in {things} of {places}, after patients of four areas"),
        ("Kills survived", f"**{total['kills survived']}**, none of {total['answers']:,} acknowledged answers lost"),
        *((f"Load of {name}", _load(figures)) for name, figures in loads.items()),
        ("Mutants killed", f"**{killed / count:.1%}** of {count:,} (docs/mutants.md)"),
        ("Bad inputs tried", f"{total['forms sent']:,} forms, **{total['server errors']}** server errors"),
        ("Bad files tried", f"{files}, read whole or refused in words; {most:.0f} MB of memory at most (300 allowed)"),
        ("Headers graded", f"{total['pages graded']} pages, **{min(found['lowest score']):.0f}** points or more (100 is an A+)"),
    ]
    return "\n".join(["| promise | figure |", "|---|---|", *(f"| {promise} | {figure} |" for promise, figure in rows)])


def _load(told: dict) -> str:
    done = f"{told['requests']:,} requests, **{told['errors']}** errors"
    if "p95_ms" in told:
        return f"{done}, p95 **{told['p95_ms']:.0f} ms**, {told['journeys']} whole journeys, {told['edits']} edits"
    memory = told["memory_mib"]
    return f"{done}, memory from {memory[1]:.0f} to {memory[-1]:.0f} MiB"


def main() -> int:
    """Prints the table. Gives 1 where a test did not pass, or a promise about load was broken."""
    try:
        found = tried()
    except NotPassedError:
        print("A test did not pass, so there are no figures.")
        return 1
    runs = load.all_runs()
    print(table(found, runs))
    print("\n".join(load.broken(runs)))
    return bool(load.broken(runs))


if __name__ == "__main__":
    sys.exit(main())
