"""SQLite and PostgreSQL as peers: the trials as rows, one query a patient; of two ways to ask, the quicker one counts."""

from __future__ import annotations

import contextlib
import glob
import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from tests.benchmarks.sql import FILL, INDEX, PATIENT, QUERIES, TABLES, Row, Tables
from tests.benchmarks.timing import median
from trials.eligibility.judging import Trial
from trials.eligibility.questionnaire import Questionnaire

Patient = tuple[dict[str, list[Row]], list[int]]
"""A patient's answers as rows, and the trials that fit, as we found them."""


class Database:
    """One of the two databases, filled with the trials."""

    def __init__(self, name: str, connection: Any, mark: str, suffix: str = "") -> None:
        self.name, self.connection, self.mark, self.suffix = name, connection, mark, suffix

    def fill(self, trials: Sequence[Trial], tables: Tables) -> None:
        """Writes all tables."""
        for table, columns in TABLES.items():
            self.execute(f"CREATE TABLE {table} ({columns}){self.suffix}")
        for table, columns in PATIENT.items():
            self.execute(f"CREATE TEMPORARY TABLE {table} ({columns})")
        self.write("criterion", tables.criteria(trials))
        for table, rows in tables.others():
            self.write(table, rows)
        for statement in (INDEX, *FILL):
            self.execute(statement)
        self.connection.commit()
        self.execute("ANALYZE")
        self.connection.commit()

    def execute(self, statement: str) -> list[tuple[Any, ...]]:
        """Runs a statement."""
        cursor = self.connection.execute(statement)
        return cursor.fetchall() if cursor.description else []

    def write(self, table: str, rows: Iterable[Row]) -> None:
        """Adds rows to a table."""
        if self.mark == "?":
            width = len(self.connection.execute(f"SELECT * FROM {table} LIMIT 0").description)
            self.connection.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * width)})", rows)
            return
        with self.connection.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)

    def tell(self, patient: Mapping[str, Sequence[Row]]) -> None:
        """Sets the patient's answers."""
        for table, rows in patient.items():
            self.execute(f"DELETE FROM {table}")
            self.write(table, rows)
        self.connection.commit()
        for table in patient if self.mark != "?" else ():
            self.execute(f"ANALYZE {table}")


def databases(
    trials: Sequence[Trial], questionnaire: Questionnaire, records: Sequence[Mapping[str, object]], fitting: Sequence[np.ndarray]
) -> Iterator[tuple[str, dict[str, float]]]:
    """For each database and way to ask the milliseconds a patient; the answers are compared with ours first. The patient's rows are there already."""
    for open_ in (_sqlite, _postgresql):
        with contextlib.ExitStack() as stack:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-"))
            database = open_(Path(folder), stack)
            if database is None:
                continue
            tables = Tables(questionnaire)
            database.fill(trials, tables)
            patients = [(tables.patient(record), rows.tolist()) for record, rows in zip(records, fitting, strict=False)]
            repeat = 3 if len(trials) <= 50_000 else 1
            yield database.name, {way: _measure(database, query, patients, repeat) for way, query in QUERIES.items()}


def _measure(database: Database, query: str, patients: Sequence[Patient], repeat: int) -> float:
    times = []
    for answers, fitting in patients:
        database.tell(answers)
        assert sorted(row for (row,) in database.execute(query)) == fitting, f"{database.name} disagrees"
        times.append(median(database.execute, [query], repeat, warm_up=0))
    return float(np.median(times))


def _sqlite(folder: Path, stack: contextlib.ExitStack) -> Database:
    connection = sqlite3.connect(folder / "trials.sqlite3")
    stack.callback(connection.close)
    for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -2000000", "mmap_size = 4000000000", "temp_store = MEMORY"):
        connection.execute(f"PRAGMA {pragma}")
    return Database("sqlite", connection, "?", " WITHOUT ROWID")


def _postgresql(folder: Path, stack: contextlib.ExitStack) -> Database | None:
    """A cluster of our own in a temporary folder, reached by a socket there alone; None where PostgreSQL is missing."""
    programs = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb")) or [found for found in [shutil.which("initdb")] if found]
    try:
        import psycopg  # noqa: PLC0415
    except ImportError:
        programs = []
    if not programs:
        print("  PostgreSQL or psycopg is not installed, so PostgreSQL is left out (Debian: apt-get install postgresql)")
        return None
    binaries, user = Path(programs[-1]).parent, []
    if os.geteuid() == 0:
        user = ["runuser", "-u", "postgres", "--"]
        shutil.chown(folder, "postgres")
    data = folder / "data"
    quietly = partial(subprocess.run, check=True, stdout=subprocess.DEVNULL, cwd="/")
    quietly([*user, binaries / "initdb", "-D", data, "-U", "bench", "-A", "trust", "--no-sync"])
    options = f"-k {folder} -c listen_addresses='' -c fsync=off -c shared_buffers=1GB -c work_mem=256MB -c maintenance_work_mem=512MB -c max_wal_size=8GB"
    quietly([*user, binaries / "pg_ctl", "-D", data, "-w", "-o", options, "-l", folder / "log", "start"])
    stack.callback(quietly, [*user, binaries / "pg_ctl", "-D", data, "-m", "immediate", "stop"])
    connection = psycopg.connect(host=str(folder), user="bench", dbname="postgres")
    stack.callback(connection.close)
    return Database("postgresql", connection, "%s")
