"""Worker processes over one SQLite file with the small catalog, as fixtures."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings

from . import small

FIRST, SECOND, HIDDEN = "NCT10000001", "NCT10000002", "NCT10000005"
SHOWN = [FIRST, SECOND, "NCT10000003", "NCT10000006"]


class Worker:
    """A process that serves one request after the other. ``start`` only sends what to do, ``done`` waits for its answer."""

    def __init__(self, database: Path) -> None:
        environment = {"DATABASE_URL": f"sqlite:///{database}", "DJANGO_LOCAL": "1", "DJANGO_SETTINGS_MODULE": "tests.settings", "PATH": os.environ["PATH"]}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.integration.worker"],
            cwd=settings.BASE_DIR,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def start(self, name: str, *arguments: object, **named: object) -> Worker:
        """Sends what to do."""
        self.process.stdin.write(json.dumps([name, named or arguments]) + "\n")
        self.process.stdin.flush()
        return self

    def done(self):
        """The answer to what was sent."""
        line = self.process.stdout.readline()
        assert line, "the worker died"
        return json.loads(line)

    def do(self, name: str, *arguments: object, **named: object):
        """What the worker answers to this."""
        return self.start(name, *arguments, **named).done()

    def kill(self) -> None:
        """As ``kill -9`` does."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


def folders(database: Path) -> list[Path]:
    """The indexes on disk, the newest last."""
    found = [path for path in Path(f"{database}-index").iterdir() if path.is_dir()]
    return sorted(found, key=lambda path: path.stat().st_mtime_ns)


@pytest.fixture(scope="module")
def prepared_for_workers(tmp_path_factory) -> Path:
    """A database file with the small catalog."""
    folder = tmp_path_factory.mktemp("prepared")
    database = folder / "prepared.sqlite3"
    files = folder / "files"
    files.mkdir()
    small.write(
        files, questions=small.QUESTIONS, t1=small.FIRST, t2=small.SECOND, t3=small.INCOMPLETE, t4=small.CLOSED, t5=small.UNPUBLISHED, t6=small.ELSEWHERE
    )
    environment = {"DATABASE_URL": f"sqlite:///{database}", "DJANGO_LOCAL": "1", "PATH": os.environ["PATH"]}
    for command in (["migrate"], ["load_files", str(files)]):
        subprocess.run([sys.executable, "manage.py", *command], cwd=settings.BASE_DIR, env=environment, check=True, capture_output=True, timeout=120)
    return database


@pytest.fixture
def shared_database(prepared_for_workers: Path, tmp_path: Path) -> Path:
    """A copy of it for one test."""
    copy = tmp_path / "db.sqlite3"
    copy.write_bytes(prepared_for_workers.read_bytes())
    return copy


@pytest.fixture
def worker(shared_database: Path) -> Iterator[Callable[[], Worker]]:
    """Starts workers."""
    workers: list[Worker] = []

    def start() -> Worker:
        workers.append(Worker(shared_database))
        return workers[-1]

    yield start
    for one in workers:
        if one.process.poll() is None:
            one.kill()
