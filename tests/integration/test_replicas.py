"""The site on two machines with a PostgreSQL primary and a replica that follows it: real clusters, and real servers over them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from prescreen.replicas import REST

from . import clusters
from .clusters import Cluster

pytestmark = pytest.mark.skipif(bool(clusters.missing()), reason=clusters.missing() or "PostgreSQL is here")

ROOT = Path(__file__).resolve().parents[2]
STAMP = "SELECT token FROM trials_catalogstamp"
LISTING = "/trials/?area=eye"
PASSWORD = "correct horse battery staple"


@dataclass
class Machine:
    """One machine of the site: a server with an index folder of its own."""

    browser: httpx.Client
    last: httpx.Response | None = None
    """The page that followed the last form."""

    def see(self, address: str) -> str:
        """What a page says; redirects are followed."""
        page = self.browser.get(address)
        assert page.status_code == 200, f"{address}: {page.status_code}"
        return page.text

    def send(self, address: str, **fields: object) -> str:
        """Fills in the form of a page and gives the page that follows."""
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', self.see(address))[1]
        page = self.last = self.browser.post(address, data={"csrfmiddlewaretoken": token, **fields})
        assert page.status_code == 200, f"{address}: {page.status_code}"
        return page.text

    def trials(self) -> int:
        """How many trials can be judged."""
        return self.browser.get("/healthz").json()["trials"]


@dataclass
class Site:
    """Two machines, a primary and a replica."""

    primary: Cluster
    replica: Cluster
    one: Machine
    other: Machine

    def catch_up(self) -> None:
        """Waits until the replica has what the primary has."""
        self.replica.until(STAMP, self.primary.ask(STAMP))


def environment(primary: Cluster, replica: Cluster, folder: Path) -> dict[str, str]:
    """The settings of one machine."""
    given = {"DJANGO_LOCAL": "1", "DJANGO_SETTINGS_MODULE": "prescreen.settings", "INDEX_FOLDER": str(folder)}
    return os.environ | given | {"DATABASE_URL": primary.address, "REPLICA_URLS": replica.address}


@contextmanager
def served(settings: dict[str, str], log: Path) -> Iterator[Machine]:
    """A machine that serves the site."""
    address = f"127.0.0.1:{(port := clusters.free_port())}"
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--workers", "1", "--blocking-threads", "1"]
    with log.open("wb") as written, httpx.Client(base_url=f"http://{address}", follow_redirects=True, timeout=20) as browser:
        server = subprocess.Popen([*command, "--no-ws", "prescreen.wsgi:application"], cwd=ROOT, env=settings, stdout=written, stderr=subprocess.STDOUT)
        try:
            for _ in range(150):
                try:
                    if browser.get("/healthz").status_code == 200:
                        break
                except httpx.TransportError:
                    time.sleep(0.2)
            else:
                pytest.fail(f"The server did not start: {log.read_text()}")
            yield Machine(browser)
        finally:
            server.terminate()
            server.wait(20)


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """The site over the starter records, with a publisher at the desk."""
    folder = Path(tempfile.mkdtemp(prefix="prescreen-clusters-"))
    if os.geteuid() == 0:
        shutil.chown(folder, clusters.OWNER)
    with ExitStack() as undo:
        undo.callback(shutil.rmtree, folder, ignore_errors=True)
        primary = Cluster(folder, "primary").make()
        undo.callback(primary.stop)
        replica = Cluster(folder, "replica").copy(primary)
        undo.callback(lambda: replica.stop() if (replica.data / "postmaster.pid").exists() else None)
        (aside := folder / "machines").mkdir()
        settings = [environment(primary, replica, aside / f"index-{name}") for name in ("one", "other")]
        for command, said in ((["migrate"], ""), (["load_starter"], ""), (["add_staff", "petra", "--group", "Publisher", "--password-stdin"], PASSWORD)):
            done = subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=settings[0], input=said, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr
        machines = [undo.enter_context(served(one, aside / f"log-{number}")) for number, one in enumerate(settings)]
        found = Site(primary, replica, *machines)
        found.catch_up()
        yield found


def test_pages_are_read_from_the_replica_and_the_stamp_from_the_primary(site):
    before = site.primary.told(), site.replica.told()
    assert "NCT" in site.one.see(LISTING)
    at_primary, at_replica = site.primary.statements(before[0]), site.replica.statements(before[1])
    assert at_primary and all("trials_catalogstamp" in line for line in at_primary), at_primary
    assert any("trials_conditionarea" in line for line in at_replica)
    before = site.replica.told()
    site.one.see(LISTING)
    assert not any("trials_catalogstamp" in line for line in site.replica.statements(before)), "a replica is asked for its stamp once after each change"


def test_a_patient_is_screened(site):
    known = {"who": "me", "area": "eye"}
    address = "/screening/q/who/"
    for _ in range(60):
        key = address.split("/")[3]
        site.one.send(address, answer=known.get(key, "unknown"))
        address = str(site.one.last.url.path)
        if "/q/" not in address:
            break
    assert address == "/screening/check/"
    assert "NCT" in site.one.see("/screening/results/")
    assert site.one.browser.get("/screening/summary.pdf").content.startswith(b"%PDF")


def test_the_desk_reads_and_writes_at_the_primary_alone(site):
    sign_in(site.one)
    before = site.replica.told()
    assert "NCT" in site.one.see("/admin/trials/trial/")
    assert site.replica.statements(before) == []


def test_a_withdrawal_on_one_machine_is_seen_by_the_next_request_on_the_other_however_far_the_replica_lags(site):
    trials, number = site.other.trials(), open_trial(site)
    assert number in site.other.see(LISTING)
    site.replica.ask("SELECT pg_wal_replay_pause()")
    try:
        sign_in(site.one)
        act(site.one, "withdraw", number)
        assert site.replica.ask(f"SELECT published FROM trials_trial WHERE nct_id = '{number}'") is True, "the replica lags"
        assert number not in site.other.see(LISTING)
        assert site.other.trials() == trials - 1
    finally:
        site.replica.ask("SELECT pg_wal_replay_resume()")
    site.catch_up()
    before = site.replica.told()
    assert number not in site.other.see(LISTING)
    assert site.replica.statements(before), "the replica has caught up and is read again"


def test_pages_go_on_while_the_replica_is_down_and_use_it_again_afterwards(site):
    site.other.see(LISTING)
    site.replica.stop()
    start = time.monotonic()
    for address in (LISTING, "/learn/", "/screening/q/who/", LISTING):
        site.other.see(address)
    assert time.monotonic() - start < REST
    site.replica.start()
    time.sleep(REST)
    before = site.replica.told()
    site.other.see(LISTING)
    assert site.replica.statements(before)


def test_pages_go_on_while_the_replica_stands_still(site):
    site.other.see(LISTING)
    with site.replica.standing_still():
        for address in (LISTING, "/learn/", LISTING):
            site.other.see(address)
    time.sleep(REST)
    before = site.replica.told()
    site.other.see(LISTING)
    assert site.replica.statements(before)


def test_a_replica_gets_no_tables_of_its_own(site):
    primary, replica = site.primary, site.replica
    settings = environment(primary, replica, primary.folder / "machines" / "index-one")
    said = "from django.db import router; print(router.allow_migrate('replica1', 'trials'), router.allow_migrate('default', 'trials'))"
    done = subprocess.run([sys.executable, "manage.py", "shell", "-v", "0", "-c", said], cwd=ROOT, env=settings, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]


def open_trial(site: Site) -> str:
    """The number of an open trial of the listing."""
    statement = (
        "SELECT nct_id FROM trials_trial JOIN trials_trial_areas a ON a.trial_id = trials_trial.id JOIN trials_conditionarea c ON c.id = conditionarea_id"
    )
    return str(site.primary.ask(f"{statement} WHERE published AND status = 'RECRUITING' AND slug = 'eye' ORDER BY nct_id LIMIT 1"))


def sign_in(machine: Machine) -> None:
    """Signs in the publisher, unless that was done."""
    if "id_password" in machine.see("/admin/login/?next=/admin/"):
        machine.send("/admin/login/?next=/admin/", username="petra", password=PASSWORD)


def act(machine: Machine, action: str, number: str) -> None:
    """Chooses an action for one trial of the desk's list."""
    pk = re.search(r"/admin/trials/trial/(\d+)/change/", machine.see(f"/admin/trials/trial/?q={number}"))[1]
    machine.send("/admin/trials/trial/", action=action, _selected_action=pk)
