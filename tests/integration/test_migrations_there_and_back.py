"""Migrations of 500 trials: back to the first and forward again, and to nothing and forward."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from . import clusters
from .processes import environment, manage, rows

pytestmark = pytest.mark.own_database

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


@pytest.fixture(scope="module")
def filled(tmp_path_factory) -> Path:
    """A file with 500 trials."""
    database = tmp_path_factory.mktemp("migrations") / "db.sqlite3"
    given = environment(database)
    manage(given, "migrate", "-v", "0")
    manage(given, "shell", "-v", "0", "-c", FILL)
    return database


def columns_of_the_first(tmp_path: Path) -> dict[str, list[str]]:
    """The columns of the tables as the first migration makes them."""
    database = tmp_path / "first.sqlite3"
    manage(environment(database), "migrate", "-v", "0", "trials", "0001")
    with closing(sqlite3.connect(database)) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE name LIKE 'trials%' AND type = 'table'")]
        return {table: sorted(row[1] for row in connection.execute(f"PRAGMA table_info({table})")) for table in tables}


def values(database: Path, columns: dict[str, list[str]]) -> dict[str, list[tuple]]:
    """What is in these columns."""
    with closing(sqlite3.connect(database)) as connection:
        return {table: sorted(connection.execute(f"SELECT {', '.join(map(quoted, names))} FROM {table}"), key=repr) for table, names in columns.items()}


def quoted(name: str) -> str:
    """A column's name as SQL."""
    return f'"{name}"'


def test_back_to_the_first_and_forward_again_keeps_what_the_first_knows(filled, tmp_path):
    columns = columns_of_the_first(tmp_path)
    assert {f"trials_{table}" for table in TABLES} <= set(columns)
    before = values(filled, columns)
    assert len(before["trials_trial"]) == 500
    for target in ("0001", None):
        manage(environment(filled), "migrate", "-v", "0", "trials", *([target] if target else []))
        after = values(filled, columns)
        after["trials_catalogstamp"] = before["trials_catalogstamp"]
        assert after == before
    manage(environment(filled), "check", "--database", "default")
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


@pytest.mark.skipif(bool(clusters.missing()), reason=clusters.missing() or "PostgreSQL is here")
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
