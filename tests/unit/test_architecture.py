"""Imports point one way, and the engine and the patient's path know no Django."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ENGINE = sorted(f"trials.eligibility.{path.stem}" for path in (ROOT / "trials/eligibility").glob("*.py") if path.stem != "__init__")


def run(*command):
    """Runs a program in the project's folder."""
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def packages_loaded_with(*modules):
    """The packages that a fresh Python has loaded once it has imported these modules."""
    lines = "".join(f"import {module}\n" for module in modules)
    finished = run(sys.executable, "-c", f"import sys\n{lines}print(*{{name.partition('.')[0] for name in sys.modules}})")
    assert finished.returncode == 0, finished.stderr
    return set(finished.stdout.split())


def test_the_import_contracts_hold():
    finished = run(Path(sys.executable).with_name("lint-imports"), "--config", "pyproject.toml", "--no-cache")
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert " 0 broken" in finished.stdout


def test_the_engine_has_modules_to_look_at():
    assert {"trials.eligibility.judging", "trials.eligibility.index", "trials.eligibility.rules"} <= set(ENGINE)


def test_the_engine_loads_no_django_and_nothing_above_it():
    loaded = packages_loaded_with(*ENGINE)
    assert "trials" in loaded
    assert loaded.isdisjoint({"django", "prescreen", "httpx", "yaml"})


def test_the_patients_path_loads_no_django():
    loaded = packages_loaded_with("prescreen.path")
    assert "prescreen" in loaded
    assert "django" not in loaded


@pytest.mark.parametrize("module", ["trials.apps", "django.conf"])
def test_a_module_that_does_load_django_would_be_found_out(module):
    assert "django" in packages_loaded_with(module)
