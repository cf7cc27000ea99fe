"""How SQLite keeps what was committed: the journal that is safe with this version of it, on each connection."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from prescreen.sqlite import LONGEST_WAIT, journal

from .processes import environment, manage

pytestmark = pytest.mark.own_database

ASK = """
from django.db import connection
cursor = connection.cursor()
print(*(cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous", "busy_timeout", "foreign_keys")))
"""


@pytest.fixture
def database(tmp_path):
    """A place for a database file."""
    return tmp_path / "db.sqlite3"


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 31, 0), ("delete", "EXTRA")),
        ((3, 51, 2), ("delete", "EXTRA")),
        ((3, 51, 3), ("wal", "FULL")),
        ((3, 52, 0), ("wal", "FULL")),
        ((4, 0, 0), ("wal", "FULL")),
    ],
)
def test_a_write_ahead_log_is_used_where_the_library_keeps_it_whole(version, safe):
    assert journal(version) == safe


def test_each_connection_holds_to_it(database):
    mode, level = journal()
    wanted = f"{mode} {2 if level == 'FULL' else 3} {LONGEST_WAIT * 1000} 1"
    assert manage(environment(database), "shell", "-v", "0", "-c", ASK).split("\n")[0] == wanted
    assert manage(environment(database), "shell", "-v", "0", "-c", ASK).split("\n")[0] == wanted


def test_a_file_of_another_mode_is_brought_to_it(database):
    other = "delete" if journal()[0] == "wal" else "wal"
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute(f"PRAGMA journal_mode={other}").fetchone() == (other,)
        connection.execute("CREATE TABLE something (one)")
    assert manage(environment(database), "shell", "-v", "0", "-c", ASK).split()[0] == journal()[0]


def test_the_check_finds_nothing_to_say(database):
    assert "no issues" in manage(environment(database), "check", "--database", "default")


@pytest.mark.parametrize(
    ("done", "number"),
    [
        ("connection.cursor().execute('PRAGMA synchronous=OFF')", "E001"),
        ("connection.cursor().execute('PRAGMA synchronous=NORMAL')", "E001"),
        ("connection.cursor().execute('PRAGMA busy_timeout=100')", "E002"),
        ("connection.cursor(); connection.transaction_mode = 'DEFERRED'", "E002"),
    ],
)
def test_the_check_tells_of_a_connection_that_is_not_safe(done, number, database):
    ask = f"from django.core import checks; from django.db import connection; {done}"
    ask += "; print([one.id for one in checks.run_checks(databases=['default'])])"
    assert manage(environment(database), "shell", "-v", "0", "-c", ask).split("\n")[0] == f"['prescreen.{number}']"


def test_a_database_that_is_not_safe_is_not_made_ready(database, tmp_path):
    (tmp_path / "unsafe.py").write_text(
        "from prescreen.settings import *\nDATABASES['default']['OPTIONS']['init_command'] = 'PRAGMA synchronous=OFF'\n", encoding="utf-8"
    )
    given = environment(database, DJANGO_SETTINGS_MODULE="unsafe", PYTHONPATH=str(tmp_path))
    assert "prescreen.E001" in manage(given, "prepare", code=1)
