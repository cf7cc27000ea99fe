"""kill -9 in the middle: of answers, of an import, of publishing. What was acknowledged is kept, and nothing is half done."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from prescreen.answers import COOKIE, LIFETIME, unseal
from tests.serving import serving
from tests.unit.test_registry_client import Server as Registry

from . import clusters
from .processes import PATIENCE, ROOT, environment, make_small, manage, rows, select, served
from .registry_records import HOSPITAL, eligibility, study

pytestmark = pytest.mark.own_database
on_postgresql = pytest.mark.skipif(bool(clusters.missing()), reason=clusters.missing() or "PostgreSQL is here")

ANSWERS = int(os.environ.get("ANSWERS", "200"))
"""So many answers; `ANSWERS=10000` takes some minutes."""

RECORDS = 60

PUBLISH = """
import os, signal
from django.db import connection
from trials import services
from trials.models import Trial
trial = Trial.objects.get(nct_id="NCT10000002")
services.withdraw(trial=trial)
services.publish(trial=trial)
"""

KILLED = """
def killed(execute, sql, *told):
    if sql.startswith('INSERT INTO "trials_%s"'):
        os.kill(os.getpid(), signal.SIGKILL)
    return execute(sql, *told)
connection.execute_wrappers.append(killed)
"""
"""Killed in the middle for certain: before the first row of this table is written."""

REFRESH = """
import os, signal
from django.core.management import call_command
from django.db import connection
seen = []
def killed(execute, sql, *told):
    seen.extend([sql] if sql.startswith('%s') else [])
    if len(seen) == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return execute(sql, *told)
connection.execute_wrappers.append(killed)
call_command("refresh_trials")
"""
"""Killed in the second trial for certain: before its statement that begins so, of which each trial has one."""

PUBLISHED = """
from trials.models import Trial
for trial in Trial.objects.all():
    trial.published = trial.nct_id.startswith("NCT3")
    trial.save(update_fields=["published"])
"""

OVER_AND_OVER = """
print("ready", flush=True)
while True:
    services.withdraw(trial=trial)
    services.publish(trial=trial)
"""


@pytest.fixture(scope="module")
def prepared(tmp_path_factory) -> Path:
    """A file with the small catalog."""
    folder = tmp_path_factory.mktemp("prepared")
    make_small(environment(folder / "db.sqlite3"), folder)
    return folder / "db.sqlite3"


@pytest.fixture(scope="module")
def on_server(request, tmp_path_factory) -> Callable[[str], str]:
    """Makes copies of a database with the small catalog on a server."""
    cluster = request.getfixturevalue("cluster")
    make_small(environment(cluster.database("prepared")), tmp_path_factory.mktemp("on_server"))
    return lambda name: cluster.database(name, like="prepared")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=on_postgresql)])
def copied(request, tmp_path) -> Callable[[str], Path | str]:
    """Makes copies of the small catalog, on each kind of database."""
    if request.param == "sqlite":
        prepared = request.getfixturevalue("prepared")
        return lambda name: Path(shutil.copy(prepared, tmp_path / f"{name}.sqlite3"))
    on_server = request.getfixturevalue("on_server")
    return lambda name: on_server(f"{tmp_path.name}_{name}")


@pytest.fixture
def database(copied) -> Path | str:
    """A copy of it."""
    return copied("db")


def test_no_acknowledged_answer_is_lost_when_workers_are_killed(prepared, tmp_path, record_property):
    """The record is the cookie: an answer counts as acknowledged when the redirect with the cookie has come."""
    with served(environment(prepared), tmp_path / "log", workers=2) as server:
        browser, repeated, killed = server.browser(), 0, 0
        told: dict[str, str] = {}

        def post(key: str, answer: str, **more: str) -> None:
            nonlocal repeated
            ends = time.monotonic() + PATIENCE
            while time.monotonic() < ends:
                try:
                    given = {"csrfmiddlewaretoken": browser.cookies["csrftoken"], "answer": answer, **more}
                    page = browser.post(f"/screening/q/{key}/", data=given)
                    assert page.status_code == 302, page.text
                    return
                except httpx.TransportError:
                    repeated += 1
                    time.sleep(0.05)
            raise AssertionError("the server did not come back")

        with browser:
            browser.get("/screening/q/who/")
            post("who", "me")
            post("area", "eye")
            post("diagnosis", "rp_x_linked")
            for turn in range(ANSWERS):
                if turn % max(1, ANSWERS // 4) == ANSWERS // 8 and (alive := server.workers()):
                    os.kill(alive[0], signal.SIGKILL)
                    killed += 1
                key, answer = ("age", str(18 + turn % 60)) if turn % 2 else ("diagnosis", ("rp_x_linked", "rp")[turn // 2 % 2])
                post(key, answer, unit="years" if key == "age" else "")
                told[key] = answer
                kept = unseal(browser.cookies[COOKIE], LIFETIME)
                assert kept.area == "eye"
                assert {key: value["value"] if isinstance(value, dict) else value for key, value in kept.given.items() if key in told} == told
        record_property("answers", ANSWERS)
        record_property("kills survived", killed)
        assert killed >= 3


def test_an_import_that_is_killed_leaves_whole_records(copied, database, tmp_path, record_property):
    (source := tmp_path / "records.json").write_text(json.dumps([study(f"NCT3{number:07}") for number in range(RECORDS)]), encoding="utf-8")
    whole = copied("whole")
    manage(environment(whole), "import_trials", source)
    for least in (1, RECORDS // 2):
        process = subprocess.Popen([sys.executable, "manage.py", "import_trials", str(source)], cwd=ROOT, env=environment(database), stdout=subprocess.DEVNULL)
        wait_until(database, f"SELECT count(*) >= {least} FROM trials_trial WHERE nct_id LIKE 'NCT3%'", process)
        process.kill()
        process.wait()
        assert process.returncode == -signal.SIGKILL, "it was in the middle"
        found, wanted = imported(database), imported(whole)
        assert least <= len(found) <= RECORDS
        assert all(found[number] == wanted[number] for number in found), "each trial with all its parts"
        record_property("kills survived", 1)
    manage(environment(database), "import_trials", source)
    assert imported(database) == imported(whole)


@pytest.mark.parametrize("table", ["site", "criterion", "auditentry"])
def test_a_record_that_is_killed_between_its_writes_is_not_there(table, database, tmp_path):
    (source := tmp_path / "record.json").write_text(json.dumps(study("NCT30000001")), encoding="utf-8")
    brought_in = f"from django.core.management import call_command; call_command('import_trials', '{source}')"
    manage(environment(database), "shell", "-v", "0", "-c", PUBLISH + KILLED % table + brought_in, code=-signal.SIGKILL)
    assert imported(database) == {}


@pytest.fixture
def registry() -> Iterator[Registry]:
    """A server in the registry's place."""
    with serving(Registry()) as running:
        yield running


@pytest.mark.parametrize(
    "statement", ['UPDATE "trials_trial"', 'INSERT INTO "trials_criterion"', 'INSERT INTO "trials_site"', 'INSERT INTO "trials_auditentry"']
)
def test_a_refresh_that_is_killed_in_its_second_trial_keeps_the_first_and_leaves_the_others(statement, database, registry):
    first, *others = numbers = [f"NCT3000000{place}" for place in (1, 2, 3)]
    given = environment(database, REGISTRY_API=registry.base)
    registry.studies = [study(number) for number in numbers]
    manage(given, "import_trials", *numbers)
    manage(given, "shell", "-v", "0", "-c", PUBLISHED)
    before = imported(database)
    changed = {"title": "A later title", "text": eligibility(inclusion=("Adults", "Grown-ups")), "sites": [HOSPITAL | {"city": "Leiden"}]}
    registry.studies = [study(number, day="2026-10-02", **changed) for number in numbers]
    manage(given, "shell", "-v", "0", "-c", REFRESH % statement, code=-signal.SIGKILL)
    killed = imported(database)
    manage(given, "refresh_trials")
    after = imported(database)
    assert all(before[number] != after[number] for number in numbers)
    assert killed == {first: after[first], **{number: before[number] for number in others}}


def wait_until(database: Path | str, question: str, process: subprocess.Popen) -> None:
    """Asks the database until the answer is yes."""
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        assert process.poll() is None, "it ended by itself"
        if select(database, question)[0][0]:
            return
        time.sleep(0.005)
    raise AssertionError("nothing happened")


def imported(database: Path | str) -> dict[str, tuple]:
    """The trials of the import with their parts, their history and their line in the audit trail."""
    rows(database)
    criteria, cities = defaultdict(list), defaultdict(list)
    for trial, text in select(database, 'SELECT trial_id, text FROM trials_criterion ORDER BY "order", id'):
        criteria[trial].append(text)
    for trial, city in select(database, "SELECT trial_id, city FROM trials_site ORDER BY id"):
        cities[trial].append(city)
    ask = """SELECT id, nct_id, title, registry,
        (SELECT count(*) FROM trials_historicaltrial h WHERE h.id = t.id),
        (SELECT count(*) FROM trials_auditentry a WHERE a.record_key = t.nct_id)
        FROM trials_trial t WHERE nct_id LIKE 'NCT3%'"""
    return {number: (criteria[trial], cities[trial], *parts) for trial, number, *parts in select(database, ask)}


def test_publishing_that_is_killed_is_done_or_not(database, tmp_path, record_property):
    for wait in (0.05, 0.21, 0.4):
        command = [sys.executable, "manage.py", "shell", "-v", "0", "-c", PUBLISH + OVER_AND_OVER]
        process = subprocess.Popen(command, cwd=ROOT, env=environment(database), stdout=subprocess.PIPE, text=True)
        assert process.stdout.readline() == "ready\n"
        time.sleep(wait)
        process.kill()
        process.wait()
        process.stdout.close()
        is_published(database)
        record_property("kills survived", 1)
    manage(environment(database), "shell", "-v", "0", "-c", PUBLISH)
    assert is_published(database), "and it can be published"


def is_published(database: Path | str) -> bool:
    """Whether the trial is published, of which history and audit trail must say the same."""
    rows(database)
    [(published, since)] = select(database, "SELECT published, published_at IS NOT NULL FROM trials_trial WHERE nct_id = 'NCT10000002'")
    last = select(database, "SELECT published FROM trials_historicaltrial WHERE nct_id = 'NCT10000002' ORDER BY history_id DESC LIMIT 1")
    acts = select(database, "SELECT act FROM trials_auditentry WHERE act IN ('publish', 'withdraw') ORDER BY id DESC LIMIT 1")
    assert published == since
    assert last == [(published,)], "the history says the same"
    assert (acts == [("publish",)]) == bool(published), "and so does the audit trail"
    return bool(published)


@pytest.mark.parametrize("table", ["historicaltrial", "auditentry"])
@pytest.mark.parametrize("act", ["withdraw", "publish"])
def test_an_act_that_is_killed_between_its_writes_is_not_done(act, table, database):
    before = PUBLISH + ("services.withdraw(trial=trial)\n" if act == "publish" else "")
    manage(environment(database), "shell", "-v", "0", "-c", f"{before}{KILLED % table}services.{act}(trial=trial)", code=-signal.SIGKILL)
    assert is_published(database) == (act == "withdraw")
