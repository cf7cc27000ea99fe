"""The whole database as one checksummed file, and back: the same file for SQLite and PostgreSQL. See docs/backup.md and ADR 17.

The file is gzip of lines of JSON: what it is and which migrations its tables had; then for each table its columns and one line a row; at the end
the number of rows and the SHA-256 of all lines before.
"""

from __future__ import annotations

import fcntl
import gzip
import hashlib
import json
import os
import shutil
import sqlite3
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date, time, timedelta
from decimal import Decimal
from itertools import groupby, islice
from pathlib import Path
from typing import Any
from uuid import UUID

from django.apps import apps
from django.contrib.auth import get_user_model
from django.core.management.color import no_style
from django.db import DEFAULT_DB_ALIAS, connection, connections, models, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Field

from . import catalog
from .models import Question, Trial

FORM = "gene therapy pre-screener backup, form 1"
COPY = "copy"
ASIDE = ".prescreen-backup-"
"""So the names of folders begin that hold what is not whole yet."""

NOT_KEPT = ("sessions", "axes")
"""Apps whose rows are worth nothing later, and tell who signed in, or tried to, and from where: after a restore everybody signs in again."""

ROWS_AT_ONCE = 500


class BackupError(Exception):
    """Why a backup cannot be restored, in a sentence."""


def write(path: Path) -> int:
    """Writes every table but those of ``NOT_KEPT`` to a file, which is there whole or not at all. Gives the number of rows. Raises ``OSError``.

    All rows are of one moment, and nobody who writes meanwhile waits for longer than it takes to copy the file.
    """
    path = path.absolute()
    _clear_left_behind(path.parent)
    with _aside(path.parent) as aside:
        with os.fdopen(os.open(aside / "backup.gz", os.O_WRONLY | os.O_CREAT, mode=0o600), "wb") as file, _one_moment(aside) as alias:
            with gzip.GzipFile(fileobj=file, mode="wb", compresslevel=6, filename="") as packed:
                count = _write_lines(packed, alias)
            file.flush()
            os.fsync(file.fileno())
        os.replace(aside / "backup.gz", path)
        _sync_folder(path.parent)
    return count


def restore(path: Path) -> int:
    """Fills an empty database from a file, wholly or not at all. Gives the number of rows. Raises ``BackupError`` and ``OSError``.

    The tables must be there. A database that holds records is never written over: the backup goes into a new one.
    """
    told = _checked(path)
    if told["migrations"] != _migrations():
        raise BackupError("it was made by another version of this program; restore it with that version, then bring the tables up to date")
    with transaction.atomic():
        if Question.objects.exists() or Trial.objects.exists() or get_user_model().objects.exists():
            raise BackupError("this database already holds records; make a new, empty one, and set DATABASE_URL to it")
        _empty()
        _read_rows(path)
        connection.check_constraints()
        catalog.touch()
    return int(told["rows"])


def _tables() -> list[type[models.Model]]:
    """All tables that are kept, in a fixed order."""
    managed = (table for table in apps.get_models(include_auto_created=True) if table._meta.managed and not table._meta.proxy)
    return sorted((table for table in managed if table._meta.app_label not in NOT_KEPT), key=lambda table: table._meta.db_table)


def _columns(table: type[models.Model]) -> list[Field]:
    return [field for field in table._meta.local_concrete_fields if not field.generated]


def _migrations(alias: str = DEFAULT_DB_ALIAS) -> list[list[str]]:
    return sorted([app, name] for app, name in MigrationRecorder(connections[alias]).applied_migrations())


@contextmanager
def _aside(folder: Path) -> Iterator[Path]:
    """A folder in it for what is not whole yet, readable by its owner alone, and gone at the end. A lock on it falls with this process, however that ends."""
    aside = Path(tempfile.mkdtemp(prefix=ASIDE, dir=folder))
    held = os.open(aside, os.O_RDONLY)
    try:
        with suppress(OSError):  # some disks of a network have no such locks; there nobody clears away either
            fcntl.flock(held, fcntl.LOCK_EX)
        yield aside
    finally:
        shutil.rmtree(aside, ignore_errors=True)
        os.close(held)


def _clear_left_behind(folder: Path) -> None:
    """Takes away what killed backups left: it holds the hashes of passwords. An empty folder stays, for its process may be about to lock it."""
    for aside in folder.glob(f"{ASIDE}*"):
        with suppress(OSError):  # locked by a backup that is being written, somebody else's, or gone meanwhile
            held = os.open(aside, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if any(aside.iterdir()):
                    shutil.rmtree(aside)
            finally:
                os.close(held)


@contextmanager
def _one_moment(aside: Path) -> Iterator[str]:
    """The name of a connection on which all tables are as at one moment. Of SQLite it leads to a copy, made in a moment by its own backup function."""
    if connection.vendor != "sqlite":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield DEFAULT_DB_ALIAS
        return
    name = aside / "copy.sqlite3"
    connection.ensure_connection()
    copy = sqlite3.connect(name)
    connection.connection.backup(copy)
    copy.close()
    connections.settings[COPY] = connections.settings[DEFAULT_DB_ALIAS] | {"NAME": str(name), "OPTIONS": {}}
    try:
        yield COPY
    finally:
        connections[COPY].close()
        del connections[COPY], connections.settings[COPY]


def _write_lines(packed: gzip.GzipFile, alias: str) -> int:
    digest, count = hashlib.sha256(), 0
    encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_as_text).encode

    def put(line: object) -> None:
        text = encode(line).encode() + b"\n"
        digest.update(text)
        packed.write(text)

    put({"form": FORM, "migrations": _migrations(alias)})
    for table in _tables():
        columns = [field.attname for field in _columns(table)]
        put({"table": table._meta.label_lower, "columns": columns})
        for row in table._base_manager.using(alias).order_by("pk").values_list(*columns).iterator(chunk_size=ROWS_AT_ONCE):
            put(row)
            count += 1
    packed.write(encode({"rows": count, "sha256": digest.hexdigest()}).encode() + b"\n")
    return count


def _as_text(value: object) -> str:
    """What JSON has no word for, as the columns read it again. Django's own encoder cuts microseconds off."""
    if isinstance(value, date | time | timedelta | Decimal | UUID):
        return str(value)
    raise TypeError(f"a column holds a {type(value).__name__}, which a backup cannot hold")


def _checked(path: Path) -> dict[str, Any]:
    """What the first and the last line tell. Raises ``BackupError`` where the file is not whole, or is no backup."""
    digest, before, first = hashlib.sha256(), b"", b""
    try:
        with gzip.open(path) as lines:
            for line in lines:
                digest.update(before)
                before = line
                first = first or line
        told = json.loads(first)
        if not isinstance(told, dict) or told.get("form") != FORM:
            raise BackupError("it is no backup of this program")
        end = json.loads(before)
        if not isinstance(end, dict) or end.get("sha256") != digest.hexdigest():
            raise BackupError("it is damaged: its checksum is not that of its content")
    except (EOFError, gzip.BadGzipFile, zlib.error, ValueError) as fault:
        raise BackupError("it is damaged, cut short, or no backup of this program") from fault
    return told | end


def _empty() -> None:
    """Takes away what the migrations themselves put into the tables."""
    with connection.cursor() as cursor:
        for table in _tables():
            name = connection.ops.quote_name(table._meta.db_table)
            if table._base_manager.exists():
                cursor.execute(f"DELETE FROM {name}")  # noqa: S608 - our own name


def _read_rows(path: Path) -> None:
    """Writes the rows as they are: nothing is dated anew, and no signal is sent."""
    by_name = {table._meta.label_lower: table for table in _tables()}
    statement, columns = "", []
    with gzip.open(path, "rt", encoding="utf-8") as lines, connection.cursor() as cursor:
        next(lines)
        for is_rows, group in groupby(map(json.loads, lines), key=lambda told: isinstance(told, list)):
            if is_rows:
                while rows := list(islice(group, ROWS_AT_ONCE)):
                    cursor.executemany(statement, [_stored(columns, row) for row in rows])
                continue
            *_tables_without_rows, told = group
            if "table" in told:
                table = by_name[told["table"]]
                columns = [table._meta.get_field(name) for name in told["columns"]]
                statement = _insert(table, columns)
        for statement in connection.ops.sequence_reset_sql(no_style(), list(by_name.values())):
            cursor.execute(statement)


def _stored(columns: list[Field], row: list[Any]) -> list[Any]:
    return [field.get_db_prep_save(field.to_python(value), connection) for field, value in zip(columns, row, strict=True)]


def _insert(table: type[models.Model], columns: list[Field]) -> str:
    quoted = connection.ops.quote_name
    names, places = ", ".join(quoted(field.column) for field in columns), ", ".join(["%s"] * len(columns))
    return f"INSERT INTO {quoted(table._meta.db_table)} ({names}) VALUES ({places})"  # noqa: S608 - our own names


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
