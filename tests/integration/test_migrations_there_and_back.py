"""Migrations of 500 trials, with a value in every column: back to each earlier form and forward again, and to nothing and forward."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from . import clusters
from .processes import ROOT, environment, manage, rows, select

pytestmark = pytest.mark.own_database
on_postgresql = pytest.mark.skipif(bool(clusters.missing()), reason=clusters.missing() or "PostgreSQL is here")

TABLES = ("trial", "criterion", "cohort", "site", "question", "choice", "condition", "conditionarea", "approvedtherapy", "samplepatient")
"""The tables of the first migration. What a form does not know, later columns and later tables, cannot survive going back to it."""

FORMS = sorted(path.stem for path in (ROOT / "trials" / "migrations").glob("[0-9]*.py"))
EMPTY = ("", None, "[]", "{}", [], {})

FILL = '''
from datetime import date, datetime, timezone
from django.contrib.auth.models import User
from django.db import transaction
from trials.models import ApprovedTherapy, Choice, Cohort, Condition, ConditionArea, Criterion, Question, SamplePatient, Site, Trial

def value(field, number):
    """A value for a column that no other row has, as far as the column has as many, and that is never empty."""
    if field.choices:
        allowed = [key for key, _words in field.flatchoices if key]
        return allowed[number % len(allowed)]
    return {
        "BooleanField": number % 2 == 0,
        "DateField": date(2026, 1, 1 + number % 28),
        "DateTimeField": datetime(2026, 1, 1 + number % 28, tzinfo=timezone.utc),
        "DecimalField": number % 90 + 1,
        "IntegerField": number + 1,
        "JSONField": [f"{field.name} {number}", "“quotes” and π"],
        "PositiveIntegerField": number + 1,
        "PositiveSmallIntegerField": number + 1,
    }.get(field.get_internal_type(), f"{field.name} π{number}"[: field.max_length])

def fill(model, how_many=500, **own):
    """Rows of a model; ``own`` gives the values that need care, by the row's number."""
    fields = [field for field in model._meta.concrete_fields if not field.primary_key and not field.is_relation and field.name not in own]
    given = ({name: make(number) for name, make in own.items()} | {field.name: value(field, number) for field in fields} for number in range(how_many))
    rows = model.objects.bulk_create(model(**one) for one in given)
    return lambda number: rows[number]

with transaction.atomic():
    user, eye = User.objects.create(username="petra"), ConditionArea.objects.get(slug="eye")
    condition = fill(Condition, 1)(0)
    Condition.objects.create(key="kind", label="A kind of it", parent=condition).areas.add(eye)
    trial = fill(Trial, nct_id=lambda number: f"NCT4{number:07}", published_by=lambda number: user)
    cohort = fill(Cohort, trial=trial)
    clear = lambda number: ("inclusion", "exclusion")[number % 2]  # the first form knows no others
    fill(Criterion, trial=trial, cohort=cohort, kind=clear)
    fill(Site, trial=trial)
    fill(SamplePatient, trial=trial)
    question = fill(Question, 20)
    fill(Choice, 20, question=question)
    therapy = fill(ApprovedTherapy, 20, area=lambda number: eye)
    for number in range(500):
        trial(number).areas.add(eye)
        trial(number).conditions.add(condition)
    therapy(7).conditions.add(condition)
    question(7).areas.add(eye)
'''
"""Every column of these tables gets a value, so that no migration can lose one unseen."""


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=on_postgresql)])
def new(request, tmp_path_factory) -> Callable[[str], Path | str]:
    """Makes empty databases."""
    if request.param == "sqlite":
        return lambda name: tmp_path_factory.mktemp("migrations") / f"{name}.sqlite3"
    return request.getfixturevalue("cluster").database


COLUMNS = "SELECT t.name, c.name FROM sqlite_master t, pragma_table_info(t.name) c WHERE t.name LIKE 'trials%' AND t.type = 'table' ORDER BY 1, 2"
COLUMNS_IN_POSTGRESQL = "SELECT table_name, column_name FROM information_schema.columns WHERE table_name LIKE 'trials%' ORDER BY 1, 2"


def contents(database: Path | str) -> dict[tuple[str, str], list]:
    """What is in each column of our tables, in the order of the rows' numbers, or of their accounts; but in the stamp, which each change renews."""
    columns: dict[str, list[str]] = {}
    for table, column in select(database, COLUMNS if isinstance(database, Path) else COLUMNS_IN_POSTGRESQL):
        if table != "trials_catalogstamp":
            columns.setdefault(table, []).append(column)
    found = {}
    for table, names in columns.items():
        quoted = ", ".join(f'"{name}"' for name in names)
        kept = select(database, f"SELECT {quoted} FROM {table} ORDER BY {'id' if 'id' in names else 'user_id'}")
        found |= {(table, name): [row[place] for row in kept] for place, name in enumerate(names)}
    return found


def test_back_to_each_earlier_form_and_forward_again_keeps_what_that_form_knows(new):
    given = environment(filled := new("filled"))
    manage(given, "migrate", "-v", "0")
    manage(given, "shell", "-v", "0", "--no-imports", "-c", FILL)
    before, known, there = contents(filled), {}, {}
    ours = {f"trials_{table}" for table in TABLES}
    assert [column for column, found in before.items() if column[0] in ours and all(one in EMPTY for one in found)] == []
    assert {table for table, column in before if column == "trial_id" and len(before[table, column]) == 500} >= {"trials_criterion", "trials_trial_areas"}
    for form in reversed(FORMS[:-1]):
        manage(given, "migrate", "-v", "0", "trials", form)
        there = contents(filled)
        known = {column: found for column, found in there.items() if column in before}
        assert known == {column: before[column] for column in known}
        manage(given, "migrate", "-v", "0")
        after = contents(filled)
        assert {column: after[column] for column in known} == known
    assert known == there, "the first form has nothing that has gone since"
    assert ours <= {table for table, _column in known}
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
