"""Migrations of 500 trials: back to the first and forward again, and to nothing and forward."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from . import clusters
from .processes import environment, manage, rows, select

pytestmark = pytest.mark.own_database
on_postgresql = pytest.mark.skipif(bool(clusters.missing()), reason=clusters.missing() or "PostgreSQL is here")

TABLES = ("trial", "criterion", "cohort", "site", "question", "choice", "condition", "conditionarea", "approvedtherapy", "samplepatient")
"""The tables of the first migration. Later columns of theirs, and later tables, cannot survive it."""

FILL = """
from datetime import date
from django.db import transaction
from trials.models import ConditionArea, Criterion, SamplePatient, Site, Trial
with transaction.atomic():
    given = dict(status="RECRUITING", source="invented for a test", as_of=date(2026, 11, 1), published=True, genes=["RPE65"], phase=["PHASE1"])
    trials = [Trial(nct_id=f"NCT4{number:07}", title=f"Trial {number} – with “quotes” and π", **given) for number in range(500)]
    Trial.objects.bulk_create(trials)
    Criterion.objects.bulk_create(
        Criterion(trial=trial, kind="inclusion", text=f"Aged {number} years", rule=f"age >= {number % 90}") for number, trial in enumerate(trials)
    )
    Site.objects.bulk_create(Site(trial=trial, city="Utrecht") for trial in trials)
    areas = ConditionArea.objects.get(slug="eye")
    Trial.areas.through.objects.bulk_create(Trial.areas.through(trial=trial, conditionarea=areas) for trial in trials)
    SamplePatient.objects.create(trial=trials[0], name="Somebody", answers={"age": 3}, expect="unknown")
"""


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=on_postgresql)])
def new(request, tmp_path_factory) -> Callable[[str], Path | str]:
    """Makes empty databases."""
    if request.param == "sqlite":
        return lambda name: tmp_path_factory.mktemp("migrations") / f"{name}.sqlite3"
    return request.getfixturevalue("cluster").database


def columns_of_the_first(database: Path | str) -> dict[str, list[str]]:
    """The columns of the tables as the first migration makes them."""
    manage(environment(database), "migrate", "-v", "0", "trials", "0001")
    found: dict[str, list[str]] = {}
    for table, column in select(database, COLUMNS if isinstance(database, Path) else COLUMNS_IN_POSTGRESQL):
        found.setdefault(table, []).append(column)
    return found


COLUMNS = "SELECT t.name, c.name FROM sqlite_master t, pragma_table_info(t.name) c WHERE t.name LIKE 'trials%' AND t.type = 'table' ORDER BY 1, 2"
COLUMNS_IN_POSTGRESQL = "SELECT table_name, column_name FROM information_schema.columns WHERE table_name LIKE 'trials%' ORDER BY 1, 2"


def values(database: Path | str, columns: dict[str, list[str]]) -> dict[str, list[tuple]]:
    """What is in these columns."""
    return {table: sorted(select(database, f"SELECT {', '.join(map(quoted, names))} FROM {table}"), key=repr) for table, names in columns.items()}


def quoted(name: str) -> str:
    """A column's name as SQL."""
    return f'"{name}"'


def test_back_to_the_first_and_forward_again_keeps_what_the_first_knows(new):
    columns = columns_of_the_first(new("first"))
    assert {f"trials_{table}" for table in TABLES} <= set(columns)
    given = environment(filled := new("filled"))
    manage(given, "migrate", "-v", "0")
    manage(given, "shell", "-v", "0", "-c", FILL)
    before = values(filled, columns)
    assert [len(before[f"trials_{table}"]) for table in ("trial", "criterion", "site", "trial_areas", "samplepatient")] == [500, 500, 500, 500, 1]
    for target in ("0001", None):
        manage(given, "migrate", "-v", "0", "trials", *([target] if target else []))
        after = values(filled, columns)
        after["trials_catalogstamp"] = before["trials_catalogstamp"]
        assert after == before
    manage(given, "check", "--database", "default")
    assert rows(filled)["trials_trial"]


def test_to_nothing_and_forward_again_makes_the_same_tables(tmp_path):
    database = tmp_path / "db.sqlite3"
    given = environment(database)
    manage(given, "migrate", "-v", "0")
    before = schema(database)
    manage(given, "migrate", "-v", "0", "trials", "zero")
    assert not [name for name in schema(database) if name.startswith("trials_")]
    manage(given, "migrate", "-v", "0")
    assert schema(database) == before


@on_postgresql
def test_to_nothing_and_forward_again_on_postgresql(cluster):
    given = environment(cluster.address)
    manage(given, "migrate", "-v", "0")
    before = cluster.ask(NAMES)
    assert "trials_auditentry_append_only" in before
    manage(given, "migrate", "-v", "0", "trials", "zero")
    assert cluster.ask(NAMES) is None
    manage(given, "migrate", "-v", "0")
    assert cluster.ask(NAMES) == before


NAMES = """
SELECT string_agg(name, ' ' ORDER BY name) FROM (
    SELECT relname AS name FROM pg_class UNION ALL SELECT proname FROM pg_proc UNION ALL SELECT tgname FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL SELECT conname FROM pg_constraint) AS all_names WHERE name LIKE 'trials%'
"""
"""Our tables, indexes, functions, triggers and constraints in PostgreSQL."""


def schema(database: Path) -> dict[str, str]:
    """The statements that make the tables, indexes and triggers."""
    with closing(sqlite3.connect(database)) as connection:
        return dict(connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"))
