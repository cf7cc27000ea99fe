"""Tests the tests: `make mutants` changes the engine and the answers' cookie in many small ways, and tells which changes no test notices.

mutmut works file by file on a copy of the project in a folder of its own, so nothing here is touched; it needs no network. MODULES= names some of the
modules below, such as `make mutants MODULES="rows answers"`; all of them take hours of one core.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[1]
COPIED = ("manage.py", "prescreen", "trials", "templates", "tests", "pyproject.toml")

TESTS = {
    "verdicts": ("verdicts", "judging"),
    "rows": ("rows",),
    "rule_texts": ("rules_writing", "sentences", "explanations"),
    "questions": ("questions", "rules_reading", "judging"),
    "judging": ("judging", "verdicts", "hard_cases"),
    "answers": ("answers", "integration/test_answers_cookie.py"),
    "chances": ("chances",),
    "changing": ("changing",),
    "questionnaire": ("questionnaire",),
    "rules": ("rules_reading", "rules_writing", "judging"),
    "explanations": ("explanations", "sentences"),
    "atoms": ("atoms", "index"),
    "asking": ("asking", "few_questions"),
    "storing": ("storing", "storing_whole"),
    "compiling": ("index", "atoms", "matches"),
    "completing": ("completing", "completing_words"),
    "index": ("index", "matches", "properties"),
}
"""By module, the tests that are asked, the quickest that know it. A mutant that they let through may be noticed by others."""

CONFIG = """
[tool.mutmut]
source_paths = ["trials", "prescreen"]
only_mutate = ["{program}"]
also_copy = ["templates", "manage.py"]
pytest_add_cli_args = ["--no-migrations", "-k", "not starter_answered and not in_every_process"]
pytest_add_cli_args_test_selection = [{tests}]
use_git_change_detection = false
"""
"""Left out are the slow tests of the cookie on the built-in records, and the one that starts Python anew, where mutmut finds no settings."""

SURVIVED, NOT_TESTED, KILLED = "survived", "no test", "killed"
FATES = {0: SURVIVED, 5: NOT_TESTED, 33: NOT_TESTED}
"""What mutmut's exit codes mean; any other is a mutant that a test, a crash or the time limit stopped."""


def program_of(module: str) -> str:
    """The file of a module of the table."""
    return "prescreen/answers.py" if module == "answers" else f"trials/eligibility/{module}.py"


def tests_of(module: str) -> list[str]:
    """The test files that are asked about a module."""
    return [f"tests/{name}" if name.endswith(".py") else f"tests/unit/test_{name}.py" for name in TESTS[module]]


def mutate(module: str, folder: Path) -> dict[str, str]:
    """What became of each mutant of a module, in a copy of the project made in this folder. Raises RuntimeError where mutmut could not begin."""
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / name)
    tests = ", ".join(f'"{path}"' for path in tests_of(module))
    with (folder / "pyproject.toml").open("a", encoding="utf-8") as settings:
        settings.write(CONFIG.format(program=program_of(module), tests=tests))
    command = [Path(sys.executable).with_name("mutmut"), "run", "--max-children", "1"]
    finished = subprocess.run(command, cwd=folder, env=os.environ | {"DJANGO_LOCAL": "1"}, capture_output=True, text=True, check=False)
    told = folder / "mutants" / f"{program_of(module)}.meta"
    codes = json.loads(told.read_text(encoding="utf-8"))["exit_code_by_key"] if told.exists() else {}
    if not codes or None in codes.values():
        raise RuntimeError(f"mutmut did not finish {module}:\n{finished.stdout[-3000:]}{finished.stderr[-1000:]}")
    return {name: FATES.get(code, KILLED) for name, code in codes.items()}


def main() -> None:
    """Prints a line a module: how many mutants there were, how many were killed, and which were not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("modules", nargs="*", metavar="MODULE", help=f"one or more of {', '.join(TESTS)}; all by default")
    modules = parser.parse_args().modules or list(TESTS)
    if unknown := [module for module in modules if module not in TESTS]:
        parser.error(f"no such module: {', '.join(unknown)}")
    all_fates: Counter[str] = Counter()
    for module in modules:
        with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
            fates = mutate(module, Path(folder))
            counted = Counter(fates.values())
            all_fates += counted
            print(f"{module}: {counted[KILLED]} of {len(fates)} killed ({counted[KILLED] / len(fates):.1%})", flush=True)
            for name in (name for name, fate in fates.items() if fate != KILLED):
                shown = subprocess.run([Path(sys.executable).with_name("mutmut"), "show", name], cwd=folder, capture_output=True, text=True, check=False)
                print(f"  {fates[name]}: {name}\n{shown.stdout}", flush=True)
    print(f"all: {all_fates[KILLED]} of {all_fates.total()} killed ({all_fates[KILLED] / all_fates.total():.1%})")


if __name__ == "__main__":
    main()
