"""The whole database as one file, and back: whole or not at all, also while others write."""

from __future__ import annotations

import gzip
import json
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from . import clusters
from .processes import ROOT, environment, make_small, manage, rows

NOT_COMPARED = ("django_session", "axes_accessattempt", "django_migrations", "trials_catalogstamp")
"""Tables that a restore makes anew: nobody stays signed in or locked out, the tables are of this database, and the index is to be made again."""

FILL = """
from axes.models import AccessAttempt
from django.contrib.auth.models import Group, User
from django.contrib.sessions.models import Session
from django.utils import timezone
from trials import services
from trials.models import Trial
petra = User.objects.create_user("petra", password="a password of many words", is_staff=True)
petra.groups.add(Group.objects.get(name="Publisher"))
Session.objects.create(session_key="of petra", session_data="x", expire_date=timezone.now())
AccessAttempt.objects.create(username="who", ip_address="192.0.2.77", user_agent="a browser", failures_since_start=1)
trial = Trial.objects.get(nct_id="NCT10000001")
services.withdraw(trial=trial)
services.publish(trial=trial, by=petra)
trial.title = "Línea «nueva» – with a letter that a file must keep: 🧬"
trial.save()
"""

WRITE_ON = """
import time
from django.db import transaction
from trials.models import Trial
for turn in range(1_000_000):
    with transaction.atomic():
        for trial in Trial.objects.all():
            trial.summary = f"turn {turn}"
            trial.save()
    print(turn, flush=True)
    time.sleep(0.05)
"""


KILLED = """
import gzip, os, pathlib, signal
from trials import backups
%s = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
backups.write(pathlib.Path('%s'))
"""
"""A backup that is killed at its first line, at its last, or when it is to take its place."""

WITHDRAWN_MEANWHILE = """
import pathlib, threading
from trials import backups, services
from trials.models import Trial
columns = backups._columns
def after_a_change(table):
    if table is Trial:
        other = threading.Thread(target=lambda: services.withdraw(trial=Trial.objects.get(nct_id="NCT10000001")))
        other.start()
        other.join()
    return columns(table)
backups._columns = after_a_change
backups.write(pathlib.Path('%s'))
"""
"""A backup in whose middle somebody else withdraws a trial: after the tables of the history and of the audit trail, before that of the trials."""


ANOTHER_MEANWHILE = """
import pathlib, subprocess, sys
from trials import backups
write_lines = backups._write_lines
def after_another(*given):
    subprocess.run([sys.executable, "manage.py", "backup", "%s"], check=True)
    return write_lines(*given)
backups._write_lines = after_another
backups.write(pathlib.Path('%s'))
"""
"""A backup in whose middle another process writes a backup beside it."""


@pytest.fixture(scope="module")
def filled(tmp_path_factory) -> Path:
    """A database with the small catalog, a member of the desk, and a history."""
    folder = tmp_path_factory.mktemp("filled")
    database = folder / "db.sqlite3"
    make_small(environment(database), folder)
    manage(environment(database), "shell", "-v", "0", "-c", FILL)
    return database


@pytest.fixture
def saved(filled, tmp_path) -> Path:
    """Its backup."""
    manage(environment(filled), "backup", tmp_path / "backup.gz")
    return tmp_path / "backup.gz"


def test_what_is_restored_is_what_was_there(filled, saved, tmp_path):
    new = tmp_path / "new.sqlite3"
    said = manage(environment(new), "restore", saved)
    assert rows(new, NOT_COMPARED) == rows(filled, NOT_COMPARED)
    assert "rows restored" in said
    before, after = rows(filled), rows(new)
    assert [row[1:] for row in before["django_migrations"]] and len(before["django_session"]) == 1
    assert after["django_session"] == [], "whoever was signed in signs in again"
    assert len(before["axes_accessattempt"]) == 1
    assert after["axes_accessattempt"] == [], "and where somebody tried to is in no backup"
    assert after["trials_catalogstamp"] != before["trials_catalogstamp"], "the index is made anew"


def test_a_backup_of_a_restored_database_is_the_same(saved, tmp_path):
    new = environment(tmp_path / "new.sqlite3")
    manage(new, "restore", saved)
    manage(new, "backup", tmp_path / "again.gz")
    one, other = (lines(file) for file in (saved, tmp_path / "again.gz"))
    assert len(one) == len(other) > 100
    different = [line for line in one if line not in set(other)]
    assert len(different) == 2, "the stamp, and so the checksum"


def test_the_file_is_for_its_owner_alone(saved):
    assert saved.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in saved.parent.iterdir() if path.name.startswith(".")] == []


def test_it_holds_no_session(saved):
    assert not any("django_session" in line or "of petra" in line or '"sessions.session"' in line.split(",")[0] for line in lines(saved)[1:])


def test_a_database_that_holds_records_is_not_written_over(filled, saved):
    before = rows(filled)
    assert "already holds records" in manage(environment(filled), "restore", saved, code=2)
    assert rows(filled) == before


def damaged(saved: Path, how: str) -> bytes:
    """The backup, damaged in one of many ways."""
    content = saved.read_bytes()
    text = gzip.decompress(content)
    return {
        "cut short": lambda: content[: len(content) // 2],
        "without its last byte": lambda: content[:-1],
        "one bit": lambda: content[:900] + bytes([content[900] ^ 4]) + content[901:],
        "one letter": lambda: gzip.compress(text.replace(b"retinitis", b"retinitiz", 1)),
        "a line less": lambda: gzip.compress(b"\n".join([*text.split(b"\n")[:40], *text.split(b"\n")[41:]])),
        "without its end": lambda: gzip.compress(b"\n".join(text.split(b"\n")[:-2]) + b"\n"),
        "empty": lambda: b"",
        "no gzip": lambda: text,
        "another file": lambda: gzip.compress(b"{}\n"),
        "no JSON": lambda: gzip.compress(b"something\nelse\n"),
        "a list": lambda: gzip.compress(b"[]\n[]\n"),
    }[how]()


@pytest.mark.parametrize(
    "how",
    [
        "cut short",
        "without its last byte",
        "one bit",
        "one letter",
        "a line less",
        "without its end",
        "empty",
        "no gzip",
        "another file",
        "no JSON",
        "a list",
    ],
)
def test_a_damaged_file_is_refused_and_nothing_is_restored(how, saved, empty, tmp_path):
    (bad := tmp_path / "bad.gz").write_bytes(damaged(saved, how))
    before = rows(empty)
    said = manage(environment(empty), "restore", bad, code=2)
    assert "is not restored" in said and "nothing was changed" in said
    assert rows(empty) == before


@pytest.fixture(scope="module")
def new_tables(tmp_path_factory) -> Path:
    """A database with tables and no records."""
    database = tmp_path_factory.mktemp("empty") / "empty.sqlite3"
    manage(environment(database), "migrate", "-v", "0")
    return database


@pytest.fixture
def empty(new_tables, tmp_path) -> Path:
    """A copy of it."""
    return Path(shutil.copy(new_tables, tmp_path / "empty.sqlite3"))


def test_a_backup_of_another_version_is_refused(saved, empty, tmp_path):
    first, *others = gzip.decompress(saved.read_bytes()).split(b"\n")[:-2]
    told = json.loads(first)
    told["migrations"].append(["trials", "9999_of_tomorrow"])
    rewrite(tmp_path / "other.gz", [json.dumps(told).encode(), *others])
    assert "another version" in manage(environment(empty), "restore", tmp_path / "other.gz", code=2)


def test_a_row_that_cannot_be_stored_leaves_nothing_behind(saved, empty, tmp_path):
    """The checksum is right, and the last table refuses: what was written before it is taken back."""
    found = gzip.decompress(saved.read_bytes()).split(b"\n")[:-2]
    place = next(number for number, line in enumerate(found) if b'"trials.trial"' in line) + 1
    row = json.loads(found[place])
    row[1] = "no NCT number"
    found[place] = json.dumps(row).encode()
    rewrite(tmp_path / "other.gz", found)
    before = rows(empty)
    assert "the database says" in manage(environment(empty), "restore", tmp_path / "other.gz", code=1)
    assert rows(empty) == before


def rewrite(path: Path, found: list[bytes]) -> None:
    """A backup of these lines with a right checksum."""
    import hashlib  # noqa: PLC0415

    text = b"\n".join(found) + b"\n"
    path.write_bytes(gzip.compress(text + json.dumps({"rows": 1, "sha256": hashlib.sha256(text).hexdigest()}).encode() + b"\n"))


def lines(path: Path) -> list[str]:
    """The lines of a backup."""
    return gzip.decompress(path.read_bytes()).decode().splitlines()


def test_while_others_write_it_is_of_one_moment(filled, tmp_path):
    database = Path(shutil.copy(filled, tmp_path / "busy.sqlite3"))
    given = environment(database)
    command = [sys.executable, "manage.py", "shell", "-v", "0", "-c", WRITE_ON]
    with ExitStack() as undo:
        writers = [subprocess.Popen(command, cwd=ROOT, env=given, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
        for writer in writers:
            undo.callback(writer.stdout.close)
            undo.callback(writer.stderr.close)
            undo.callback(writer.wait)
            undo.callback(writer.kill)
        for writer in writers:
            assert writer.stdout.readline().strip() == "0", writer.stderr.read()
        manage(given, "backup", tmp_path / "busy.gz")
        for writer in writers:
            assert writer.poll() is None, "no writer met a lock"
    new = tmp_path / "new.sqlite3"
    manage(environment(new), "restore", tmp_path / "busy.gz")
    with closing(sqlite3.connect(new)) as connection:
        told = {summary for (summary,) in connection.execute("SELECT summary FROM trials_trial")}
    assert len(told) == 1 and next(iter(told)).startswith("turn "), "all trials as one transaction left them"


def test_what_changes_while_it_is_written_is_not_in_it(filled, tmp_path):
    database, new = Path(shutil.copy(filled, tmp_path / "changing.sqlite3")), tmp_path / "new.sqlite3"
    manage(environment(database), "shell", "-v", "0", "-c", WITHDRAWN_MEANWHILE % (tmp_path / "backup.gz"))
    assert rows(database, NOT_COMPARED) != rows(filled, NOT_COMPARED)
    manage(environment(new), "restore", tmp_path / "backup.gz")
    assert rows(new, NOT_COMPARED) == rows(filled, NOT_COMPARED)


def test_a_backup_that_is_killed_leaves_the_earlier_one(filled, saved):
    before = saved.read_bytes()
    for moment in ("gzip.GzipFile.write", "gzip.GzipFile.close", "os.replace"):
        manage(environment(filled), "shell", "-v", "0", "-c", KILLED % (moment, saved), code=-signal.SIGKILL)
        assert saved.read_bytes() == before


def test_what_a_killed_backup_leaves_is_cleared_away_by_the_next(filled, tmp_path):
    """It holds the hashes of passwords. Each night's backup has another name."""
    others = tmp_path / ".prescreen-kept"
    others.mkdir()
    (others / "file").touch()
    manage(environment(filled), "shell", "-v", "0", "-c", KILLED % ("gzip.GzipFile.close", tmp_path / "monday.gz"), code=-signal.SIGKILL)
    left = set(tmp_path.iterdir()) - {others}
    assert left, "it was killed in the middle"
    manage(environment(filled), "backup", tmp_path / "tuesday.gz")
    assert set(tmp_path.iterdir()) == {others, tmp_path / "tuesday.gz"}


def test_a_backup_in_the_middle_is_not_cleared_away_by_another(filled, tmp_path):
    """Both are whole: a folder is held by its process for as long as that lives."""
    manage(environment(filled), "shell", "-v", "0", "-c", ANOTHER_MEANWHILE % (tmp_path / "another.gz", tmp_path / "first.gz"))
    assert {path.name for path in tmp_path.iterdir()} == {"first.gz", "another.gz"}
    assert lines(tmp_path / "first.gz") == lines(tmp_path / "another.gz")


def test_where_it_cannot_be_written_it_says_so(filled, tmp_path):
    assert "cannot be written: No such file" in manage(environment(filled), "backup", tmp_path / "no" / "folder.gz", code=1)


@pytest.mark.skipif(bool(clusters.missing()), reason=clusters.missing() or "PostgreSQL is here")
def test_it_moves_from_sqlite_to_postgresql_and_back(filled, saved, tmp_path, cluster):
    manage(environment(cluster.address), "restore", saved)
    assert cluster.ask("SELECT count(*) FROM trials_trial") == 5
    added = "from trials.models import Site, Trial; print(Site.objects.create(trial=Trial.objects.first(), city='Oslo').pk)"
    assert int(manage(environment(cluster.address), "shell", "-v", "0", "-c", added)) == 2, "new rows get numbers of their own"
    cluster.ask("DELETE FROM trials_historicalsite WHERE id = (SELECT max(id) FROM trials_historicalsite)")
    cluster.ask("DELETE FROM trials_site WHERE city = 'Oslo'")
    manage(environment(cluster.address), "shell", "-v", "0", "-c", WITHDRAWN_MEANWHILE % (tmp_path / "from_postgresql.gz"))
    assert cluster.ask("SELECT published FROM trials_trial WHERE nct_id = 'NCT10000001'") is False
    manage(environment(tmp_path / "back.sqlite3"), "restore", tmp_path / "from_postgresql.gz")
    assert as_values(rows(tmp_path / "back.sqlite3", NOT_COMPARED)) == as_values(rows(filled, NOT_COMPARED))


def as_values(found: dict[str, list[tuple]]) -> dict[str, list[tuple]]:
    """Rows without the order of keys in JSON, which PostgreSQL does not keep."""

    def value(one: object) -> object:
        return json.dumps(json.loads(one), sort_keys=True) if isinstance(one, str) and one.startswith(("{", "[")) else one

    return {table: sorted((tuple(map(value, row)) for row in stored), key=repr) for table, stored in found.items()}
