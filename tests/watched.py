"""A site as in production, all of whose traces lie in one folder, so that they can be searched."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.integration.hunting import Thing, in_folder, in_tables

ROOT = Path(__file__).resolve().parents[1]
SECRET = "a-secret-of-a-watched-site-that-is-long-enough-for-production-use"

SAID = """{% for row in ROWS %}{% if "419370526" in row.answer %}{{ row.answer|divisibleby:"2" }}{% endif %}{% endfor %}"""
"""Goes wrong at the first number that nobody else would give; the fault quotes it."""

FAULTY = {
    # Each of these pages goes wrong in the middle when its address asks for it, and says in the fault what the patient said.
    "check": SAID.replace("ROWS", "answered"),
    "question": '{{ form.data.answer|divisibleby:"2" }}',
    "provider": SAID.replace("ROWS", "page.answers"),
    "near": '{{ form.data.place|divisibleby:"2" }}',
}

INDEX, COUNTS = "db.sqlite3-index/", "db.sqlite3-index-rate-limits.sqlite3"

PLACES: dict[str, Callable[[Path], Iterable[Thing]]] = {
    "tables and session rows": lambda folder: in_tables(folder / "database" / "db.sqlite3"),
    "the database's file, WAL and journal": lambda folder: [thing for thing in in_folder(folder / "database") if not thing[0].startswith((INDEX, COUNTS))],
    "the index": lambda folder: in_folder(folder / "database" / INDEX),
    "the counts of requests": lambda folder: [thing for thing in in_folder(folder / "database") if thing[0].startswith(COUNTS)],
    "log lines": lambda folder: in_folder(folder / "log"),
    "error reports": lambda folder: in_folder(folder / "mail"),
    "cache entries": lambda folder: in_folder(folder / "cache"),
    "addresses and Referers": lambda folder: in_folder(folder / "asked"),
    "temporary files": lambda folder: in_folder(folder / "temporary"),
    "the user's own folder": lambda folder: in_folder(folder / "home"),
    "collected files": lambda folder: in_folder(folder / "static", newer_than=folder / "begun"),
    "templates": lambda folder: in_folder(folder / "faulty"),
}
"""Where a site can leave traces, and how to read each place. Together they hold every file of the folder, each once; left out are files
that were collected before anybody came, which are large."""

PARTS = ("database", "log", "mail", "cache", "asked", "temporary", "home", "static", "faulty/prescreen", "database/db.sqlite3-index")


def make_folder(folder: Path) -> None:
    """The folder of a site that has not run yet."""
    for part in PARTS:
        (folder / part).mkdir(parents=True)
    (folder / "begun").touch()
    for name, fault in FAULTY.items():
        page = f'{{% extends "prescreen/{name}.html" %}}{{% block main %}}{{% if request.GET.fault %}}{fault}{{% endif %}}{{{{ block.super }}}}{{% endblock %}}'
        (folder / "faulty" / "prescreen" / f"{name}.html").write_text(page, encoding="utf-8")


@contextmanager
def serve(folder: Path, database: str = "") -> Iterator[str]:
    """Serves the starter records from this folder, or from the database at an address; gives the site's address."""
    make_folder(folder)
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("DJANGO_", "WATCHED_", "INDEX_", "REPLICA_"))} | {
        "DJANGO_SETTINGS_MODULE": "tests.watched_settings",
        "DJANGO_SECRET_KEY": SECRET,
        "DJANGO_ALLOWED_HOSTS": "127.0.0.1",
        "DJANGO_BEHIND_PROXY": "1",
        "DATABASE_URL": database or f"sqlite:///{folder / 'database' / 'db.sqlite3'}",
        "WATCHED_FOLDER": str(folder),
        "WATCHED_ORIGIN": f"http://127.0.0.1:{port}",
        "TMPDIR": str(folder / "temporary"),
        "HOME": str(folder / "home"),
    }
    for command in (["prepare"], ["collectstatic", "--noinput"]):
        done = subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=environment, check=False, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    (folder / "begun").touch()
    granian = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    with (folder / "log" / "server").open("wb") as log:
        server = subprocess.Popen(
            [*granian, "--blocking-threads", "1", "--no-ws", "--access-log", "tests.watched_wsgi:application"],
            cwd=ROOT,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait_until_up(server, port, folder / "log" / "server")
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(30)


def _wait_until_up(server: subprocess.Popen, port: int, log: Path) -> None:
    for _ in range(300):
        asking = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            asking.request("GET", "/healthz", headers={"X-Forwarded-Proto": "https"})
            if asking.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.3)
        finally:
            asking.close()
        if server.poll() is not None:
            break
    raise AssertionError(f"The server did not start: {log.read_text()}")
