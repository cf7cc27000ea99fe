"""The site as processes of its own over a database of its own: commands, and a server whose workers can be killed."""

from __future__ import annotations

import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from . import small

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 300
"""Seconds that a busy machine may take."""

SERVER_OPTIONS = ["--interface wsgi", "--blocking-threads 1", "--no-ws", "--respawn-failed-workers"]
"""How a server is started here, and everywhere else: a unit test compares the Dockerfile, deploy/systemd and the Makefile."""


def environment(database: Path | str, **more: str) -> dict[str, str]:
    """The settings of a process over an SQLite file, or over the database at an address."""
    address = f"sqlite:///{database}" if isinstance(database, Path) else database
    return {"DATABASE_URL": address, "DJANGO_LOCAL": "1", "DJANGO_SETTINGS_MODULE": "prescreen.settings", "PATH": os.environ["PATH"]} | more


def manage(given: dict[str, str], *command: object, code: int = 0, typed: str = "", **options) -> str:
    """Runs a management command and gives what it says. It must end with this code, and never with a stack trace. ``typed`` is what it reads."""
    done = subprocess.run(
        [sys.executable, "manage.py", *map(str, command)],
        cwd=ROOT,
        env=given,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
        input=typed,
        **options,
    )
    said = done.stdout + done.stderr
    assert done.returncode == code, said
    assert "Traceback" not in said, said
    return said


def make_small(given: dict[str, str], folder: Path) -> None:
    """A new database with the small catalog."""
    (files := folder / "files").mkdir()
    small.write(files, questions=small.QUESTIONS, t1=small.FIRST, t2=small.SECOND, t3=small.INCOMPLETE, t4=small.CLOSED, t6=small.ELSEWHERE)
    manage(given, "migrate", "-v", "0")
    manage(given, "load_files", files)


def rows(database: Path | str, without: tuple[str, ...] = ()) -> dict[str, list[tuple]]:
    """Every row of every table of an SQLite file, or of the database at an address, as it is stored."""
    if isinstance(database, Path):
        assert select(database, "PRAGMA integrity_check") == [("ok",)]
    tables = [name for (name,) in select(database, SQLITES_TABLES if isinstance(database, Path) else POSTGRESQLS_TABLES)]
    return {name: sorted(select(database, f'SELECT * FROM "{name}"'), key=repr) for name in tables if name not in without}


SQLITES_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite~_%' ESCAPE '~' ORDER BY name"
POSTGRESQLS_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"


def select(database: Path | str, statement: str) -> list[tuple]:
    """What a statement finds there."""
    if isinstance(database, str):
        import psycopg  # noqa: PLC0415 - only where there are clusters

        with psycopg.connect(database) as connection:
            return connection.execute(statement).fetchall()
    # Not to be read alone: what was killed in the middle is rolled back by who opens it next.
    with closing(sqlite3.connect(database, timeout=PATIENCE)) as connection:
        connection.create_function("REGEXP", 2, lambda pattern, text: re.search(pattern, str(text)) is not None)
        return connection.execute(statement).fetchall()


@dataclass
class Server:
    """A running site. ``browser`` speaks to it without following redirects."""

    process: subprocess.Popen
    address: str
    log: Path

    def workers(self) -> list[int]:
        """The process ids of those that answer requests."""
        return [int(pid) for pid in Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split() if is_worker(int(pid))]

    def browser(self) -> httpx.Client:
        """A new visitor."""
        return httpx.Client(base_url=self.address, timeout=PATIENCE)


def is_worker(pid: int) -> bool:
    """Whether a child of the server answers requests, and does not only keep count of what processes share."""
    try:
        return b"resource_tracker" not in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


@contextmanager
def served(given: dict[str, str], log: Path, workers: int = 1) -> Iterator[Server]:
    """Serves the site on a free port until the block is left."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    command = [sys.executable, "-m", "granian", *" ".join(SERVER_OPTIONS).split(), "--host", "127.0.0.1", "--port", str(port), "--workers", str(workers)]
    command += ["prescreen.wsgi:application"]
    with log.open("wb") as written:
        process = subprocess.Popen(command, cwd=ROOT, env=given, stdout=written, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        server = Server(process, f"http://127.0.0.1:{port}", log)
        try:
            until_up(server)
            yield server
        finally:
            end(process, server)


def end(process: subprocess.Popen, server: Server) -> None:
    """Ends the server. Granian waits for ever for a worker that it respawned in the moment in which it was told to end."""
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        for pid in server.workers():
            os.kill(pid, signal.SIGKILL)
        process.kill()
        process.wait(PATIENCE)


def until_up(server: Server) -> None:
    """Waits for the first answer that is ready."""
    ends = time.monotonic() + PATIENCE
    with server.browser() as browser:
        while time.monotonic() < ends:
            try:
                if browser.get("/healthz").status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.2)
    pytest.fail(f"The server did not start: {server.log.read_text()}")


def send(browser: httpx.Client, address: str, **fields: object) -> httpx.Response:
    """Fills in the form of a page and sends it; gives the answer to that."""
    page = browser.get(address)
    assert page.status_code == 200, f"{address}: {page.status_code}"
    return browser.post(address, data={"csrfmiddlewaretoken": browser.cookies["csrftoken"], **fields})
