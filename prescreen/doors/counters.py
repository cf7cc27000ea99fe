"""Counts that all processes of a machine share, in a small SQLite file of their own."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

TABLE = """
CREATE TABLE IF NOT EXISTS counts (key TEXT PRIMARY KEY, times INTEGER NOT NULL, ends REAL NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS counts_ends ON counts (ends);
"""
COUNT = """
INSERT INTO counts VALUES (:key, 1, :now + :seconds)
ON CONFLICT (key) DO UPDATE SET times = times + 1
RETURNING times, ends
"""
PATIENCE = 1
"""Seconds to wait for other processes. A count takes less than one millisecond."""


def count(file: Path, key: str, seconds: int, now: float) -> tuple[int, float]:
    """Counts one more for this key. How many there are, and the seconds after which counting begins anew: ``seconds`` after the first.

    ``now`` is the time in seconds since 1970, the same for all processes. Raises ``sqlite3.Error`` or ``OSError`` where the file cannot be used.
    """
    _own(file)
    with closing(sqlite3.connect(file, timeout=PATIENCE, isolation_level=None)) as connection:
        # What counts for minutes need not outlive the machine; what is over must not be found in the file.
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("BEGIN IMMEDIATE")
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'counts_ends'").fetchone():
            for statement in TABLE.split(";"):
                connection.execute(statement)
        # Over; or of a clock that was set back since, and would run for longer than was meant. (Who waited for the file brings a time before the first's.)
        connection.execute("DELETE FROM counts WHERE ends <= ?", (now,))
        connection.execute("DELETE FROM counts WHERE key = ? AND ends > ?", (key, now + seconds + PATIENCE))
        times, ends = connection.execute(COUNT, {"key": key, "now": now, "seconds": seconds}).fetchone()
        connection.execute("COMMIT")
    return times, ends - now


def _own(file: Path) -> None:
    """Makes the file, readable to us alone. One that somebody else put in its place is not used."""
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        if os.fstat(descriptor).st_uid != os.geteuid():
            raise PermissionError("the file of counts belongs to somebody else")
    finally:
        os.close(descriptor)
