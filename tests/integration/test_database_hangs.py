"""A PostgreSQL that hangs instead of going away: pages go on within a time, and what needs the database says so. And connections cut between requests."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import psycopg
import pytest

from prescreen import patience

from . import clusters
from .members import LIST, act, add_publisher, chosen, sign_in
from .processes import ROOT, Server, environment, make_small, manage, served
from .test_database_down import assert_try_again, screened

pytestmark = pytest.mark.skipif(bool(clusters.missing()), reason=clusters.missing() or "PostgreSQL is here")

SOON = 45
"""Seconds in which each page must be there, on a busy machine: as a deadline, not as a speed. Without limits nothing comes at all."""

PUBLISHED = "SELECT published FROM trials_trial WHERE nct_id = 'NCT10000001'"

LOCK_TIMEOUT = b"canceling statement due to lock timeout"

LIMITS = """
from django.db import connection
with connection.cursor() as cursor:
    print(*(cursor.execute(f"SHOW {name}_timeout").fetchone()[0] for name in ("lock", "statement")))
"""


@pytest.fixture(scope="module")
def given(cluster, tmp_path_factory) -> dict[str, str]:
    """The settings of a site with the small catalog and a publisher."""
    folder = tmp_path_factory.mktemp("site")
    settings = environment(cluster.address, INDEX_FOLDER=str(folder / "index"))
    make_small(settings, folder)
    add_publisher(settings)
    return settings


@pytest.fixture(scope="module")
def site(given, tmp_path_factory) -> Iterator[Server]:
    """The site over PostgreSQL."""
    with served(given, tmp_path_factory.mktemp("served") / "log") as server:
        yield server


@contextmanager
def locked(cluster, table: str) -> Iterator[None]:
    """Somebody else holds a table as a migration does."""
    with psycopg.connect(cluster.address) as other:
        other.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        yield


def health(site: Server) -> dict:
    """What the load balancer is told."""
    found = httpx.get(f"{site.address}/healthz", timeout=SOON)
    assert found.status_code == 200
    return found.json()


def until_well(site: Server) -> None:
    """Waits for the site to ask the database again."""
    ends = time.monotonic() + SOON
    while health(site)["status"] != "ok":
        assert time.monotonic() < ends
        time.sleep(0.2)


@pytest.fixture
def patient(site) -> Iterator[httpx.Client]:
    """Somebody who does not wait for ever."""
    with site.browser() as browser:
        browser.timeout = SOON
        yield browser


@pytest.fixture
def desk(site) -> Iterator[httpx.Client]:
    """A publisher who does not, either."""
    with site.browser() as browser:
        browser.timeout = SOON
        sign_in(browser)
        yield browser


def test_patients_go_on_while_a_migration_holds_the_stamp_and_writes_are_to_be_tried_again(site, cluster, desk, patient):
    form = chosen(desk, "NCT10000001") | {"action": "withdraw"}
    before = cluster.told()
    with locked(cluster, "trials_catalogstamp"):
        assert patient.get("/screening/q/who/").status_code == 200
        assert LOCK_TIMEOUT not in cluster.log.read_bytes()[before:], "patients do not wait for as long as the desk"
        assert "A working gene for one eye" in screened(patient)
        assert health(site)["status"] == "from memory"
        assert_try_again(desk.post(LIST, data=form), "What you sent was not saved.")
    assert LOCK_TIMEOUT in cluster.log.read_bytes()[before:], "the server ends it, and keeps no queue"
    assert cluster.ask(PUBLISHED) is True
    until_well(site)
    assert act(desk, "withdraw", "NCT10000001").status_code == 302
    assert health(site)["trials"] == 3
    assert act(desk, "publish", "NCT10000001").status_code == 302


def test_patients_go_on_while_a_migration_holds_the_trials(site, cluster, patient):
    health(site)
    with locked(cluster, "trials_trial"):
        assert (found := health(site))["status"] == "from memory" and found["ready"]
        assert "A working gene for one eye" in screened(patient)
        assert_try_again(patient.get("/trials/"))
    until_well(site)
    assert patient.get("/trials/").status_code == 200


@pytest.mark.parametrize("table", ["trials_catalogstamp", "trials_trial"])
def test_where_it_hangs_it_is_not_asked_at_each_request(site, cluster, table):
    health(site)
    with locked(cluster, table):
        assert health(site)["status"] == "from memory"
        before, noticed = cluster.told(), time.monotonic()
        while time.monotonic() < noticed + patience.PATIENTS:
            assert health(site)["status"] == "from memory"
            time.sleep(0.2)
        assert not [line for line in cluster.statements(before) if f'FROM "{table}"' in line]
    until_well(site)


def test_patients_go_on_while_every_process_of_the_server_stands_still(site, cluster, desk, patient):
    form = chosen(desk, "NCT10000001") | {"action": "withdraw"}
    with cluster.standing_still():
        assert "A working gene for one eye" in screened(patient)
        assert health(site)["status"] == "from memory"
        assert_try_again(patient.get("/trials/"))
        assert_try_again(desk.post(LIST, data=form), "What you sent was not saved.")
    until_well(site)
    assert patient.get("/trials/").status_code == 200
    assert cluster.ask(PUBLISHED) is True


def test_requests_have_limits_and_commands_have_none(given):
    serving = f"import prescreen.wsgi\n{LIMITS}"
    served_by = subprocess.run([sys.executable, "-c", serving], cwd=ROOT, env=given, capture_output=True, text=True, check=True)
    assert served_by.stdout.split() == [f"{patience.LOCK}s", f"{patience.STATEMENT}s"]
    assert manage(given, "shell", "-v", "0", "--no-imports", "-c", LIMITS).split() == ["0", "0"]


def test_a_command_waits_for_a_lock_for_longer_than_requests_do(given, cluster, tmp_path):
    command = [sys.executable, "manage.py", "backup", str(tmp_path / "backup.gz")]
    with locked(cluster, "trials_trial"):
        backup = subprocess.Popen(command, cwd=ROOT, env=given, stdout=subprocess.DEVNULL)
        cluster.until("SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event_type = 'Lock'", True)
        time.sleep(patience.LOCK + 1)
        assert backup.poll() is None, "it waits"
    assert backup.wait(SOON) == 0


def test_a_connection_that_is_cut_between_two_requests_of_the_desk_harms_neither(cluster, desk):
    assert desk.get(LIST).status_code == 200
    assert cluster.ask("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()")
    assert desk.get(LIST).status_code == 200
