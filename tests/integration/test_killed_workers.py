"""kill -9 of a worker in the middle of what a member of the desk does: nothing is half done, and the next try succeeds. On SQLite and on PostgreSQL."""

from __future__ import annotations

import os
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import pytest

from . import clusters
from .members import act, add_publisher, bring, sign_in
from .processes import PATIENCE, Server, environment, make_small, manage, rows, select, served
from .registry_records import NUMBER, study

pytestmark = pytest.mark.own_database
on_postgresql = pytest.mark.skipif(bool(clusters.missing()), reason=clusters.missing() or "PostgreSQL is here")

ENDLESS = "SELECT count(*) FROM (WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number) SELECT n FROM number)"
BUSY = 1
"""Seconds for which nobody else can write to an SQLite file: longer than any transaction that is not stuck."""


SESSIONS = ("django_session",)
"""What the desk told somebody goes out of their session when they have read it."""


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=on_postgresql)])
def database(request, tmp_path_factory) -> Path | str:
    """The small catalog, and a publisher."""
    folder = tmp_path_factory.mktemp("killed")
    found = folder / "db.sqlite3" if request.param == "sqlite" else request.getfixturevalue("cluster").address
    make_small(environment(found), folder)
    add_publisher(environment(found))
    manage(environment(found), "shell", "-v", "0", "-c", WITHDRAWN)
    return found


WITHDRAWN = "from trials import services; from trials.models import Trial; services.withdraw(trial=Trial.objects.get(nct_id='NCT10000002'))"


@pytest.fixture
def site(database, tmp_path) -> Iterator[Server]:
    """The site, with one worker, which is replaced when it dies."""
    with served(environment(database, INDEX_FOLDER=str(tmp_path / "index")), tmp_path / "log") as server:
        yield server


@pytest.fixture
def desk(site) -> Iterator[httpx.Client]:
    """The publisher."""
    with site.browser() as browser:
        sign_in(browser)
        yield browser


@contextmanager
def stuck(database: Path | str, table: str) -> Iterator[Callable[[Future], None]]:
    """Whoever writes to this table stops there. Gives what waits until somebody did."""
    with stuck_in_a_file(database, table) if isinstance(database, Path) else stuck_on_a_server(database, table) as wait:
        yield wait


@contextmanager
def stuck_in_a_file(database: Path, table: str) -> Iterator[Callable[[Future], None]]:
    """By a trigger that never ends."""

    def wait(answer: Future) -> None:
        with closing(sqlite3.connect(database, timeout=0, isolation_level=None)) as other:
            ends, since = time.monotonic() + PATIENCE, None
            while since is None or time.monotonic() < since + BUSY:
                assert time.monotonic() < ends and not answer.done(), f"nobody came: {answer}"
                try:
                    other.execute("BEGIN IMMEDIATE")
                    other.execute("ROLLBACK")
                    since = None
                except sqlite3.OperationalError:
                    since = since or time.monotonic()
                time.sleep(0.05)

    with closing(sqlite3.connect(database, timeout=PATIENCE)) as other:
        other.execute(f"CREATE TRIGGER stuck BEFORE INSERT ON {table} BEGIN {ENDLESS}; END")
        try:
            yield wait
        finally:
            other.execute("DROP TRIGGER stuck")


@contextmanager
def stuck_on_a_server(database: str, table: str) -> Iterator[Callable[[Future], None]]:
    """By somebody else's lock, which lets all read."""
    import psycopg  # noqa: PLC0415 - only where there are clusters

    def wait(answer: Future) -> None:
        ends = time.monotonic() + PATIENCE
        while select(database, "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'") == [(0,)]:
            assert time.monotonic() < ends and not answer.done(), f"nobody came: {answer}"
            time.sleep(0.05)

    with psycopg.connect(database) as other:
        other.execute(f"LOCK TABLE {table} IN EXCLUSIVE MODE")
        yield wait


def killed_in_the_middle(site: Server, database: Path | str, table: str, ask: Callable[[], httpx.Response]) -> None:
    """Asks for something, and kills the worker that does it before it writes to this table. Every row must be as before."""
    before = rows(database, SESSIONS)
    with ThreadPoolExecutor(1) as at_once, stuck(database, table) as wait:
        answer = at_once.submit(ask)
        wait(answer)
        (worker,) = site.workers()
        os.kill(worker, signal.SIGKILL)
        with pytest.raises(httpx.TransportError):
            answer.result(PATIENCE)
    assert rows(database, SESSIONS) == before, "nothing is half done"


def tried_again(ask: Callable[[], httpx.Response]) -> httpx.Response:
    """The same once more, as soon as there is a worker again."""
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        try:
            return ask()
        except httpx.TransportError:
            time.sleep(0.2)
    raise AssertionError("the server did not come back")


def told(database: Path | str, number: str) -> list[str]:
    """What the audit trail tells of a trial."""
    return [name for (name,) in select(database, f"SELECT act FROM trials_auditentry WHERE record_key = '{number}' ORDER BY id")]


@pytest.mark.parametrize("table", ["trials_site", "trials_criterion", "trials_auditentry"])
def test_an_import_at_the_desk(table, site, desk, database):
    number = {"trials_site": NUMBER, "trials_criterion": "NCT30000002", "trials_auditentry": "NCT30000003"}[table]
    killed_in_the_middle(site, database, table, lambda: bring(desk, study(number)))
    page = tried_again(lambda: bring(desk, study(number)))
    assert f"{number}" in page.text and "added, patients do not see it yet" in page.text
    assert select(database, f"SELECT count(*) FROM trials_criterion WHERE trial_id = (SELECT id FROM trials_trial WHERE nct_id = '{number}')") == [(3,)]
    assert told(database, number) == ["import"]


@pytest.mark.parametrize("table", ["trials_historicaltrial", "trials_auditentry"])
@pytest.mark.parametrize("action", ["publish", "withdraw"])
def test_publishing_and_withdrawing_at_the_desk(action, table, site, desk, database):
    if is_published(database) is (action == "publish"):
        assert act(desk, "withdraw" if action == "publish" else "publish", "NCT10000002").status_code == 302
    before = told(database, "NCT10000002")
    killed_in_the_middle(site, database, table, lambda: act(desk, action, "NCT10000002"))
    assert is_published(database) is (action == "withdraw")
    assert tried_again(lambda: act(desk, action, "NCT10000002")).status_code == 302
    assert is_published(database) is (action == "publish")
    assert told(database, "NCT10000002") == [*before, action]


def is_published(database: Path | str) -> bool:
    """Whether patients see the trial, of which its history must say the same."""
    [(published,)] = select(database, "SELECT published FROM trials_trial WHERE nct_id = 'NCT10000002'")
    last = select(database, "SELECT published FROM trials_historicaltrial WHERE nct_id = 'NCT10000002' ORDER BY history_id DESC LIMIT 1")
    assert last == [(published,)]
    return bool(published)
