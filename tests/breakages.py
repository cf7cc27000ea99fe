"""Breaks promises on purpose: `make breakages` takes back one promise after the other, and tells which of them no test misses.

Each is an edit of one file, made on a copy of the project in a folder of its own, so nothing here is touched. ONLY= names some of the subjects below,
such as `make breakages ONLY="desk web"`. The list stands in tests/broken_promises; tests/mutants.py does the same in many small ways for the engine.
"""

import argparse
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue

from tests.broken_promises import SUBJECTS, Breakage

ROOT = Path(__file__).parents[1]
LEFT_OUT = shutil.ignore_patterns(".*", "__pycache__", "*.sqlite3*", "staticfiles")
NEEDED = {".dockerignore"}
FAILED = re.compile(r"^FAILED ([^\s\[]+)", re.MULTILINE)
LONGEST = 300
"""Seconds for the tests of one breakage."""

LONGEST_WHOLE = 3_600
"""Seconds for all tests that noticed one, without a breakage."""


def copy_project(folder: Path, name: str = "project") -> Path:
    """A copy of the project in this folder, without what only one's own machine has."""
    return Path(shutil.copytree(ROOT, folder / name, ignore=lambda path, names: LEFT_OUT(path, names) - NEEDED))


def run_tests(copy: Path, *words: str, longest: int = LONGEST) -> tuple[int | None, str]:
    """The exit code of pytest in the copy, None where it took too long, and what it printed."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *words]
    # A compiled file could outlive the edit that it was made from.
    environment = os.environ | {"PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        finished = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, timeout=longest, check=False)
    except subprocess.TimeoutExpired:
        return None, ""
    return finished.returncode, finished.stdout


def broken(copy: Path, breakage: Breakage) -> tuple[str, list[str]]:
    """Why the broken promise was not noticed ("" where it was), and the tests that failed. The file is mended again."""
    file = copy / breakage.file
    whole = file.read_text(encoding="utf-8")
    if (times := whole.count(breakage.old)) != 1:
        return f"the old text stands {times} times in {breakage.file}", []
    file.write_text(whole.replace(breakage.old, breakage.new), encoding="utf-8")
    try:
        code, told = run_tests(copy, *shlex.split(breakage.tests))
    finally:
        file.write_text(whole, encoding="utf-8")
    failed = FAILED.findall(told)
    if code == 1 and failed and "failed" in told.splitlines()[-1]:
        return "", failed
    return (f"the tests took longer than {LONGEST} seconds" if code is None else f"pytest ended with {code}: {told.splitlines()[-1:]}"), []


def each_broken(folder: Path, breakages: list[Breakage]) -> Iterator[tuple[str, list[str]]]:
    """What ``broken`` says of each of them, in their order. As many at a time as there are processors, each in a copy of its own."""
    copies: SimpleQueue[Path] = SimpleQueue()
    workers = os.cpu_count() or 1
    for number in range(workers):
        copies.put(copy_project(folder, f"copy{number}"))

    def one(breakage: Breakage) -> tuple[str, list[str]]:
        copy = copies.get()
        try:
            return broken(copy, breakage)
        finally:
            copies.put(copy)

    with ThreadPoolExecutor(workers) as pool:
        yield from pool.map(one, breakages)


def without_breakage(folder: Path, noticing: set[str]) -> str:
    """What pytest says where one of these tests fails in a copy as it is: such a test notices nothing. The journeys run by themselves, as in the Makefile."""
    copy = copy_project(folder, "whole")
    journeys = {test for test in noticing if test.startswith("tests/journeys/")}
    for tests in filter(None, (journeys, noticing - journeys)):
        code, told = run_tests(copy, "--numprocesses=auto", "--dist=loadfile", *sorted(tests), longest=LONGEST_WHOLE)
        if code != 0:
            return told or "they take too long"
    return ""


def main() -> None:
    """Prints a line a promise, and how many of those broken were noticed. Ends with 1 where one was not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("subjects", nargs="*", metavar="SUBJECT", help=f"one or more of {', '.join(SUBJECTS)}; all by default")
    subjects = parser.parse_args().subjects or list(SUBJECTS)
    if unknown := [subject for subject in subjects if subject not in SUBJECTS]:
        parser.error(f"no such subject: {', '.join(unknown)}")
    breakages = [(subject, breakage) for subject in subjects for breakage in SUBJECTS[subject]]
    noticed, noticing = 0, set()
    with tempfile.TemporaryDirectory(prefix="breakages-") as folder:
        for (subject, breakage), (why_not, failed) in zip(breakages, each_broken(Path(folder), [one for _, one in breakages]), strict=True):
            noticed += not why_not
            noticing.update(failed)
            print(f"NOT NOTICED: {subject}: {breakage.promise}: {why_not}" if why_not else f"noticed: {subject}: {breakage.promise}", flush=True)
        told = without_breakage(Path(folder), noticing)
    if told:
        print(f"NOT TO BE TRUSTED: a test that noticed fails without a breakage, too:\n{told}")
    print(f"{noticed} of {len(breakages)} promises broken on purpose are noticed")
    sys.exit(noticed < len(breakages) or bool(told))


if __name__ == "__main__":
    main()
