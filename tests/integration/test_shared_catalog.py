"""One index, many workers: real processes over one SQLite file."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
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


@pytest.fixture(scope="module")
def prepared(tmp_path_factory) -> Path:
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
def database(prepared: Path, tmp_path: Path) -> Path:
    """A copy of it for one test."""
    copy = tmp_path / "db.sqlite3"
    copy.write_bytes(prepared.read_bytes())
    return copy


@pytest.fixture
def worker(database: Path) -> Iterator[Callable[[], Worker]]:
    """Starts workers."""
    workers: list[Worker] = []

    def start() -> Worker:
        workers.append(Worker(database))
        return workers[-1]

    yield start
    for one in workers:
        if one.process.poll() is None:
            one.kill()


def folders(database: Path) -> list[Path]:
    """The indexes on disk, the newest last."""
    found = [path for path in Path(f"{database}-index").iterdir() if path.is_dir()]
    return sorted(found, key=lambda path: path.stat().st_mtime_ns)


class TestAChange:
    """What a coordinator changes in one process counts in every other one at its next request."""

    def test_a_trial_published_in_one_process_is_seen_by_the_others_at_their_next_request(self, worker):
        desk, *others = worker(), worker(), worker()
        assert [one.do("look")["trials"] for one in others] == [SHOWN, SHOWN]
        desk.do("set", HIDDEN, "published", True)
        for one in others:
            assert one.do("look")["trials"] == [*SHOWN[:3], HIDDEN, SHOWN[3]]
            assert "A trial still in the drawer" in one.do("results")

    @pytest.mark.parametrize(("name", "value"), [("status", "COMPLETED"), ("published", False)])
    def test_a_trial_that_is_closed_or_withdrawn_is_not_shown_any_more(self, name, value, worker):
        desk, other = worker(), worker()
        assert "A working gene for one eye" in other.do("results")
        desk.do("set", FIRST, name, value)
        assert "A working gene for one eye" not in other.do("results")
        assert other.do("look")["trials"] == SHOWN[1:]

    def test_a_rule_changed_in_one_process_judges_in_the_others(self, worker):
        desk, other = worker(), worker()
        told = {"diagnosis": "rp_x_linked", "age": {"value": "30", "unit": "years"}}
        assert "Probably not a match right now (1)" in other.do("results", **told)
        desk.do("rewrite", "Aged 18 years or older", "age >= 50")
        page = other.do("results", **told)
        assert "because you said “How old are you? 30 years”. The trial asks: Aged 18 years or older." in page
        assert "Probably not a match right now (2)" in page

    def test_words_changed_in_one_process_are_shown_by_the_others(self, worker):
        desk, other = worker(), worker()
        other.do("results")
        desk.do("set", FIRST, "title", "A title of today")
        assert "A title of today" in other.do("results")


class TestOneIndex:
    """It is made once, and mapped by all."""

    def test_one_process_makes_it_and_the_others_map_it(self, worker, database):
        workers = [worker() for _ in range(4)]
        for one in workers:
            one.do("wake up")
        for round_ in range(1, 4):
            for one in workers:
                one.start("look")
            answers = [one.done() for one in workers]
            assert len({answer["token"] for answer in answers}) == 1
            assert sum(answer["built"] for answer in answers) == round_
            workers[0].do("touch")
        assert [one.do("memory")["mapped"] > 0 for one in workers] == [True] * 4

    def test_a_worker_that_starts_later_maps_what_is_there(self, worker):
        assert worker().do("look")["built"] == 1
        assert worker().do("look")["built"] == 0

    def test_the_last_two_stay_on_disk(self, worker, database):
        one = worker()
        for _ in range(4):
            one.do("touch")
            token = one.do("look")["token"]
        assert len(folders(database)) == 2
        assert folders(database)[-1].name.startswith(token)

    @pytest.mark.parametrize("name", ["index/lanes.flat.npy", "index/words.json", "openness.npy"])
    def test_a_damaged_one_is_made_anew(self, name, worker, database):
        assert worker().do("look")["built"] == 1
        (folders(database)[-1] / name).write_bytes(b"")
        again = worker().do("look")
        assert (again["trials"], again["built"]) == (SHOWN, 1)
        assert worker().do("look")["built"] == 0

    def test_where_no_folder_can_be_made_each_process_keeps_its_own(self, worker, database):
        Path(f"{database}-index").write_text("in the way")
        workers = worker(), worker()
        assert [(one.do("look")["trials"], one.do("look")["built"]) for one in workers] == [(SHOWN, 1), (SHOWN, 1)]


class TestDying:
    """kill -9 in the middle of a rebuild."""

    def test_it_leaves_the_old_index_whole_and_the_next_request_makes_the_new_one(self, worker, database):
        victim, other = worker(), worker()
        victim.do("look")
        old = folders(database)
        before = {path: path.read_bytes() for path in old[-1].rglob("*.*") if path.is_file()}
        victim.do("break off")
        victim.do("set", FIRST, "status", "COMPLETED")
        assert victim.do("look") == "in the middle"
        waiting = other.start("look")
        time.sleep(0.3)
        victim.kill()
        found = waiting.done()
        assert (found["trials"], found["built"]) == (SHOWN[1:], 1)
        assert {path: path.read_bytes() for path in old[-1].rglob("*.*") if path.is_file()} == before
        assert [path.name for path in folders(database) if path.name.startswith(".")] == [], "what was half made is cleared away"
        assert worker().do("look")["built"] == 0


class TestALargeIndex:
    """It is made in the background; until then the old one serves, without what changed since, which is judged one by one."""

    @pytest.fixture
    def desk_and_other(self, worker) -> tuple[Worker, Worker]:
        """Two workers that have mapped an index, and take it for a large one."""
        both = worker(), worker()
        for one in both:
            one.do("look")
            one.do("call all large")
        return both

    def wait(self, one: Worker) -> dict:
        """What the worker sees when the new index is there."""
        ends = time.monotonic() + 60
        while (found := one.do("look"))["behind"]:
            assert time.monotonic() < ends
            time.sleep(0.1)
        return found

    def test_changes_count_at_the_next_request_and_the_new_index_takes_over(self, desk_and_other):
        desk, other = desk_and_other
        desk.do("set", FIRST, "status", "COMPLETED")
        desk.do("set", HIDDEN, "published", True)
        desk.do("rewrite", "Any retinitis pigmentosa", "age >= 50")
        seen = other.do("look")
        assert (seen["behind"], seen["trials"]) == (True, [*SHOWN[1:3], HIDDEN, SHOWN[3]])
        told = {"diagnosis": "rp", "age": {"value": "30", "unit": "years"}}
        page = other.do("results", **told)
        assert "A working gene for one eye" not in page
        assert "Of 3 trials we looked at, 1 may be worth asking about." in page
        assert "because you said “How old are you? 30 years”. The trial asks: Any retinitis pigmentosa." in page
        new = self.wait(other)
        assert (new["trials"], new["token"]) == (seen["trials"], seen["token"])
        assert new["state"] != seen["state"], "what is asked may come in another order"
        assert new["state"] == self.wait(desk)["state"], "the same for each process"
        assert other.do("results", **told) == page

    def test_a_builder_that_dies_is_replaced(self, desk_and_other):
        desk, other = desk_and_other
        desk.do("set", FIRST, "published", False)
        assert other.do("look")["behind"]
        os.kill(other.do("builder"), signal.SIGKILL)
        assert other.do("look")["trials"] == SHOWN[1:]
        assert self.wait(other)["trials"] == SHOWN[1:]

    def test_a_deleted_trial_is_not_shown_any_more(self, desk_and_other):
        desk, other = desk_and_other
        desk.do("delete", FIRST)
        seen = other.do("look")
        assert (seen["behind"], seen["trials"]) == (True, SHOWN[1:])
        assert "Of 2 trials we looked at" in other.do("results")

    def test_words_alone_make_no_index_old(self, desk_and_other):
        desk, other = desk_and_other
        before = other.do("look")
        other.do("results")
        desk.do("set", FIRST, "title", "A title of today")
        after = other.do("look")
        assert after["token"] != before["token"]
        assert after == before | {"token": after["token"]}
        assert "A title of today" in other.do("results")

    def test_what_did_not_change_is_not_read_again(self, desk_and_other):
        desk, other = desk_and_other
        desk.do("set", FIRST, "title", "A title of yesterday")
        other.do("results")
        assert other.do("kept") == SHOWN[:3]
        desk.do("set", SECOND, "title", "A title of today")
        other.do("look")
        assert other.do("kept") == [SHOWN[0], SECOND, SHOWN[2]], "the one that changed was read to be looked at"
        desk.do("touch words")
        other.do("look")
        assert other.do("kept") == [FIRST, SECOND], "those changed since the index was made are looked at anew"

    def test_a_trial_changed_twice_counts_as_it_is(self, desk_and_other):
        desk, other = desk_and_other
        for title in ("One title", "Another title"):
            desk.do("set", FIRST, "title", title)
            assert title in other.do("results")
        for rule, page in (("age >= 50", "Probably not a match right now (2)"), ("age >= 18", "Probably not a match right now (1)")):
            desk.do("rewrite", "Aged 18 years or older", rule)
            assert page in other.do("results", diagnosis="rp_x_linked", age={"value": "30", "unit": "years"})
        assert not self.wait(other)["behind"], "the rule is again as it was"

    def test_after_writes_without_history_no_older_index_serves(self, desk_and_other):
        desk, other = desk_and_other
        other.do("look")
        desk.do("hide behind its back", FIRST)
        found = other.do("look")
        assert (found["behind"], found["trials"]) == (False, SHOWN[1:])

    def test_an_index_made_while_records_change_hides_no_change(self, desk_and_other):
        desk, other = desk_and_other
        assert desk.do("make while others write", FIRST) == len(SHOWN), "it was read before it was withdrawn"
        for one in (desk, other):
            assert one.do("look")["trials"] == SHOWN[1:]
        assert self.wait(other)["trials"] == SHOWN[1:]

    def test_a_question_that_rules_may_read_otherwise_is_waited_for(self, desk_and_other):
        desk, other = desk_and_other
        desk.do("set unit", "weight", "st")
        assert not other.do("look")["behind"]


class TestManyWrites:
    """Writers and readers side by side."""

    def test_600_contended_transactions_meet_no_lock(self, worker):
        writers, reader = [worker(), worker()], worker()
        for one, number in zip(writers, (FIRST, SECOND), strict=True):
            one.do("look")
            one.start("save many", number, 300)
        seen = reader.do("look for", 3)
        assert [one.done() for one in writers] == [0, 0]
        assert seen["locked"] == 0 and seen["looks"]
        assert "Saved 299 times" in reader.do("results")

    def test_the_memory_of_workers_stays_flat_over_50_rebuilds(self, worker):
        makes, maps = worker(), worker()
        memories = []
        for _ in range(70 + 50):  # first what is kept once fills up
            makes.do("touch")
            makes.do("results")
            maps.do("results")
            memories.append((makes.do("memory"), maps.do("memory")))
        assert maps.do("look")["built"] == 0
        for one in (0, 1):
            assert memories[-1][one]["private"] - memories[69][one]["private"] < 2
            assert memories[-1][one]["mapped"] <= 3
