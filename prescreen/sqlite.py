"""How SQLite is used: what was committed is on disk, whatever stops the machine. The reasons stand in docs/adr/0016-databases.md."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error

SAFE_WAL = (3, 51, 3)
"""Before this version of SQLite a write-ahead log that is begun anew at the wrong moment can damage the file."""

LONGEST_WAIT = 20
"""Seconds for which a connection waits for another one's lock."""

LEVELS = {2: "FULL", 3: "EXTRA"}
"""What the numbers mean that ``PRAGMA synchronous`` answers with."""


def journal(version: tuple[int, ...] = sqlite3.sqlite_version_info) -> tuple[str, str]:
    """The journal mode and the synchronous level that are safe with this version of SQLite.

    Both survive a loss of power: a WAL is synced at each commit, and with a journal that is deleted so is its folder (EXTRA).
    """
    return ("wal", "FULL") if version >= SAFE_WAL else ("delete", "EXTRA")


def options() -> dict[str, Any]:
    """Django's options for each connection. IMMEDIATE: writers queue at the start, where SQLite waits for them."""
    mode, level = journal()
    pragmas = f"PRAGMA journal_mode={mode}; PRAGMA synchronous={level}"
    return {"transaction_mode": "IMMEDIATE", "timeout": LONGEST_WAIT, "init_command": pragmas}


def check(databases: Sequence[str] | None = None, **_others: object) -> list[CheckMessage]:
    """System check: asks each SQLite file what holds on its connection. Runs with ``migrate``, ``prepare`` and ``check --database default``."""
    from django.db import connections  # noqa: PLC0415 - the settings import this module

    found: list[CheckMessage] = []
    for alias in databases or ():
        connection = connections[alias]
        if connection.vendor != "sqlite" or connection.is_in_memory_db():
            continue
        with connection.cursor() as cursor:
            mode, level, wait = (cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous", "busy_timeout"))
        if (mode, LEVELS.get(level)) != journal():
            wanted = "journal_mode={} and synchronous={}".format(*journal())
            hint = "Stop every other process that has the file open, and try again." if mode == "wal" else None
            found.append(Error(f"The database {alias!r} is not safe from a loss of power: SQLite needs {wanted} here.", hint=hint, id="prescreen.E001"))
        if wait < LONGEST_WAIT * 1000 or connection.transaction_mode != "IMMEDIATE":
            found.append(Error(f"The database {alias!r} does not let writers wait for each other.", id="prescreen.E002"))
    return found
