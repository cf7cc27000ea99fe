"""PostgreSQL clusters of our own in a temporary folder, for tests of the site on a primary and a replica."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

DEBIAN = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
OWNER = "nobody"
"""PostgreSQL refuses to run as root; there it runs as this user."""


def missing() -> str:
    """Why no cluster can be started here; "" where one can."""
    absent = [name for name in ("initdb", "pg_ctl", "pg_basebackup") if not program(name)]
    return f"PostgreSQL is needed for this test; not found: {', '.join(absent)} (Debian: apt-get install postgresql)" if absent else ""


def program(name: str) -> str | None:
    """The path of one of PostgreSQL's programs, the newest version's."""
    return shutil.which(name, path=os.pathsep.join([*map(str, reversed(DEBIAN)), os.environ.get("PATH", "")]))


def run(*command: str) -> None:
    """Runs one of PostgreSQL's programs as a user that it accepts."""
    owner = {"user": OWNER, "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}
    done = subprocess.run([program(command[0]), *command[1:]], cwd="/", check=False, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, **owner)
    assert done.returncode == 0, f"{command[0]}: {done.stderr}"


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


class Cluster:
    """One server, which writes every statement that it gets into a log unless ``logs`` says otherwise; ``more`` are further settings."""

    def __init__(self, folder: Path, name: str, logs: str = "all", **more: str) -> None:
        self.folder, self.data, self.log, self.logs = folder, folder / name, folder / f"{name}.log", logs
        self.more = "".join(f" -c {setting}={value}" for setting, value in more.items())
        self.port = free_port()
        self.address = f"postgres://postgres@127.0.0.1:{self.port}/postgres"

    def make(self) -> Cluster:
        """Makes an empty cluster and starts it."""
        run("initdb", "-D", str(self.data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        self.start()
        return self

    def copy(self, primary: Cluster) -> Cluster:
        """Makes a copy of a cluster that follows it by streaming replication, and starts it."""
        run("pg_basebackup", "-D", str(self.data), "-d", primary.address, "-R", "--checkpoint=fast", "--no-sync")
        self.start()
        return self

    def start(self) -> None:
        """Starts the server and waits until it answers."""
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 -c fsync=off -c shared_buffers=16MB -c log_statement={self.logs}{self.more}"
        run("pg_ctl", "-D", str(self.data), "-l", str(self.log), "-o", options, "-w", "start")

    def stop(self) -> None:
        """Stops the server at once, as a crash would."""
        run("pg_ctl", "-D", str(self.data), "-m", "immediate", "-w", "stop")

    @contextmanager
    def standing_still(self) -> Iterator[None]:
        """All its processes stand still. Connections are kept, and what is sent on them is acknowledged, as by a machine whose disk hangs."""
        first = int((self.data / "postmaster.pid").read_text().split()[0])
        os.kill(first, signal.SIGSTOP)
        pids = [first, *map(int, Path(f"/proc/{first}/task/{first}/children").read_text().split())]
        try:
            for pid in pids:
                os.kill(pid, signal.SIGSTOP)
            yield
        finally:
            for pid in reversed(pids):
                os.kill(pid, signal.SIGCONT)

    def is_running(self) -> bool:
        """Whether the server was started and not stopped."""
        return (self.data / "postmaster.pid").exists()

    def ask(self, statement: str) -> object:
        """The first value that a statement gives."""
        import psycopg  # noqa: PLC0415 - only where there are clusters

        with psycopg.connect(self.address, autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchone()[0] if cursor.description else None

    def database(self, name: str, like: str = "template1") -> str:
        """The address of a new database, empty or a copy of another one."""
        self.ask(f'CREATE DATABASE "{name}" TEMPLATE "{like}"')
        return self.address.removesuffix("postgres") + name

    def told(self) -> int:
        """How long the log is now."""
        return self.log.stat().st_size

    def statements(self, since: int) -> list[str]:
        """The statements about the records of trials that came since then."""
        lines = self.log.read_bytes()[since:].decode().splitlines()
        return [line for line in lines if '"trials_' in line]

    def until(self, statement: str, value: object) -> None:
        """Waits until the statement gives this value."""
        for _ in range(100):
            if self.ask(statement) == value:
                return
            time.sleep(0.1)
        raise AssertionError(f"{statement} does not give {value!r}")


@contextmanager
def one_cluster(logs: str = "all", **more: str) -> Iterator[Cluster]:
    """A cluster in a temporary folder, gone at the end."""
    folder = Path(tempfile.mkdtemp(prefix="prescreen-cluster-"))
    if os.geteuid() == 0:
        shutil.chown(folder, OWNER)
    try:
        found = Cluster(folder, "alone", logs, **more).make()
        try:
            yield found
        finally:
            if found.is_running():
                found.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
