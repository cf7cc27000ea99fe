"""Patients' pages while the database is away: served from memory, and what needs the database says so kindly."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from prescreen.answers import COOKIE
from trials.catalog import REST
from trials.outage import is_outage

from . import clusters
from .processes import Server, environment, make_small, manage, send, served

LEARN = "/learn/approved-therapies/"
NEED_IT = ("/trials/", "/trials/NCT10000001/")
KNOWN = {"who": "me", "area": "eye", "diagnosis": "rp_x_linked", "age": "30", "sex": "male"}
NEVER = re.compile(r"Traceback|OperationalError|DatabaseError|psycopg|sqlite|password|/work|site-packages", re.IGNORECASE)


def screened(browser: httpx.Client) -> str:
    """Answers all questions; gives the results page."""
    address = "/screening/q/who/"
    for _ in range(30):
        key = address.split("/")[3]
        told = send(browser, address, answer=KNOWN.get(key, "unknown"), unit="years" if key == "age" else "")
        assert told.status_code == 302, f"{address}: {told.status_code} {told.text}"
        address = told.headers["Location"]
        if "/q/" not in address:
            break
    assert address == "/screening/check/"
    page = browser.get("/screening/results/")
    assert page.status_code == 200
    return page.text


def assert_try_again(response: httpx.Response, said: str = "Your answers are safe in your browser.") -> None:
    """A kind page, no stack trace, and when to come back."""
    assert response.status_code == 503
    assert int(response.headers["Retry-After"]) > 0
    assert "no-store" in response.headers["Cache-Control"]
    assert "Please try again in a minute" in response.text
    assert said in response.text
    assert not NEVER.search(response.text)


def assert_pages_go_on(server: Server) -> None:
    """A new patient, and the pages that need no database."""
    with server.browser() as browser:
        page = screened(browser)
        assert "A working gene for one eye" in page
        assert "Two doses for retinitis pigmentosa" in page
        assert browser.get("/screening/summary/").status_code == 200
        assert browser.get("/screening/summary.pdf").content.startswith(b"%PDF")
        for address in ("/", "/learn/", LEARN, "/learn/words/", "/reopen/", "/screening/near/"):
            assert browser.get(address).status_code == 200, address
        for address in NEED_IT:
            assert_try_again(browser.get(address))
        browser.cookies.set("sessionid", "a" * 32)  # somebody who may be signed in
        assert_try_again(browser.get("/admin/"), "What you sent was not saved.")
        assert COOKIE in browser.cookies
    found = httpx.get(f"{server.address}/healthz", timeout=60)
    told = found.json()
    assert (found.status_code, told["status"], told["ready"], told["database"], told["trials"]) == (200, "from memory", True, False, 4)


def assert_all_is_well_again(server: Server) -> None:
    """As if nothing had been."""
    time.sleep(REST)
    with server.browser() as browser:
        assert browser.get("/healthz").json()["status"] == "ok"
        for address in NEED_IT:
            assert browser.get(address).status_code == 200


def assert_logs_tell_no_values(server: Server) -> None:
    """What was logged names the fault, and holds no answer."""
    written = server.log.read_text()
    assert "the database is away" in written
    assert "rp_x_linked" not in written


@pytest.fixture(scope="module")
def site(cluster, tmp_path_factory) -> Iterator[Server]:
    """The site over PostgreSQL."""
    folder = tmp_path_factory.mktemp("site")
    given = environment(cluster.address, INDEX_FOLDER=str(folder / "index"))
    make_small(given, folder)
    with served(given, folder / "log") as server:
        yield server


@pytest.mark.skipif(bool(clusters.missing()), reason=clusters.missing() or "PostgreSQL is here")
class TestPostgreSQL:
    """A server that crashes, and comes back."""

    def test_pages_go_on_when_it_stops_in_the_middle(self, site, cluster):
        with site.browser() as browser:
            send(browser, "/screening/q/who/", answer="me")
            assert send(browser, "/screening/q/area/", answer="eye").status_code == 302
            cluster.stop()
            kept = browser.get("/screening/q/diagnosis/")
            assert kept.status_code == 200 and "Which condition do you have?" in kept.text
            assert send(browser, "/screening/q/diagnosis/", answer="rp").status_code == 302
            try:
                assert_pages_go_on(site)
            finally:
                cluster.start()
            assert_all_is_well_again(site)
            assert "Retinitis pigmentosa" in browser.get("/screening/check/").text
        assert_logs_tell_no_values(site)

    def test_a_change_made_after_it_came_back_counts(self, site, cluster):
        cluster.stop()
        assert httpx.get(f"{site.address}/screening/q/who/", timeout=60).status_code == 200
        cluster.start()
        cluster.ask("UPDATE trials_trial SET published = false WHERE nct_id = 'NCT10000001'")
        cluster.ask("UPDATE trials_catalogstamp SET token = md5(random()::text)")
        time.sleep(REST)
        assert httpx.get(f"{site.address}/healthz", timeout=60).json()["trials"] == 3

    def test_a_process_that_starts_without_it_says_so_and_recovers(self, cluster, tmp_path):
        given = environment(cluster.address, INDEX_FOLDER=str(tmp_path / "index"))
        with served(given, tmp_path / "log") as server:
            cluster.stop()
            try:
                old = server.workers()[0]
                os.kill(old, signal.SIGKILL)
                assert_try_again(until(server, 503))
                found = httpx.get(f"{server.address}/healthz", timeout=60)
                assert (found.status_code, found.json()["status"], found.json()["ready"]) == (503, "down", False)
                assert httpx.get(f"{server.address}/", timeout=60).status_code == 200
            finally:
                cluster.start()
            assert until(server, 200).status_code == 200


def until(server: Server, status: int) -> httpx.Response:
    """Asks for a question page until the server answers with this status."""
    ends = time.monotonic() + 60
    while time.monotonic() < ends:
        try:
            found = httpx.get(f"{server.address}/screening/q/who/", timeout=60)
            if found.status_code == status:
                return found
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    raise AssertionError(f"never {status}")


class TestSQLite:
    """A file that becomes unreadable."""

    @pytest.fixture
    def database(self, tmp_path) -> Path:
        """A file with the small catalog."""
        path = tmp_path / "db.sqlite3"
        make_small(environment(path), tmp_path)
        return path

    def test_pages_go_on_when_the_file_is_damaged(self, database, tmp_path):
        with served(environment(database), tmp_path / "log") as server:
            whole = database.read_bytes()
            with database.open("r+b") as file:  # the same file, as a broken disk would have it
                file.write(b"\xee" * len(whole))
            assert_pages_go_on(server)
            with database.open("r+b") as file:
                file.write(whole)
            assert_all_is_well_again(server)
            assert_logs_tell_no_values(server)

    def test_pages_go_on_when_the_folder_is_gone(self, database, tmp_path):
        (home := tmp_path / "home").mkdir()
        moved = database.rename(home / "db.sqlite3")
        with served(environment(moved), tmp_path / "log") as server:
            with server.browser() as browser:
                screened(browser)
            with moved.open("r+b") as file:
                file.truncate(0)
            home.rename(tmp_path / "elsewhere")
            with server.browser() as browser:
                assert "A working gene for one eye" in screened(browser)
                assert_try_again(browser.get("/trials/"))

    def test_pages_wait_for_a_writer_and_go_on(self, database, tmp_path):
        """Somebody else's transaction that takes a second: nobody is told to try again."""
        with served(environment(database), tmp_path / "log") as server, closing(sqlite3.connect(database, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            with server.browser() as browser, ThreadPoolExecutor(1) as at_once:
                page = at_once.submit(browser.get, "/trials/")
                time.sleep(1)
                assert not page.done(), "it waits"
                other.execute("COMMIT")
                assert page.result().status_code == 200


@pytest.mark.parametrize(
    ("statement", "away"),
    [
        ("SELECT * FROM no_such_table", True),
        ("INSERT INTO one VALUES (1), (1)", False),
        ("INSERT INTO one VALUES (1, 2, 3)", True),
    ],
)
def test_sqlite_s_faults(statement, away, db):
    """What SQLite calls an operational error cannot be told apart from an outage, and is as kindly told; a breach of a constraint is ours."""
    from django.db import DatabaseError, connection, transaction  # noqa: PLC0415

    if connection.vendor != "sqlite":
        pytest.skip("faults of SQLite")
    with connection.cursor() as cursor, pytest.raises(DatabaseError) as caught, transaction.atomic():
        cursor.execute("CREATE TEMPORARY TABLE one (number INTEGER PRIMARY KEY)")
        cursor.execute(statement)
    assert is_outage(caught.value) is away


def test_a_fault_of_ours_is_no_outage():
    assert not is_outage(ValueError("something"))
    assert not is_outage(None)


def test_manage_is_told_in_one_line_when_there_is_no_table(tmp_path):
    assert "no tables yet" in manage(environment(tmp_path / "new.sqlite3"), "backup", tmp_path / "backup.gz", code=1)
