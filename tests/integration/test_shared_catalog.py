"""One index, many workers: real processes over one SQLite file."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from .workers import FIRST, HIDDEN, SECOND, SHOWN, folders

pytestmark = pytest.mark.own_database


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

    def test_one_process_makes_it_and_the_others_map_it(self, worker, shared_database):
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

    def test_the_last_two_stay_on_disk(self, worker, shared_database):
        one = worker()
        for _ in range(4):
            one.do("touch")
            token = one.do("look")["token"]
        assert len(folders(shared_database)) == 2
        assert folders(shared_database)[-1].name.startswith(token)

    @pytest.mark.parametrize("name", ["index/lanes.flat.npy", "index/words.json", "openness.npy"])
    def test_a_damaged_one_is_made_anew(self, name, worker, shared_database):
        assert worker().do("look")["built"] == 1
        (folders(shared_database)[-1] / name).write_bytes(b"")
        again = worker().do("look")
        assert (again["trials"], again["built"]) == (SHOWN, 1)
        assert worker().do("look")["built"] == 0

    def test_where_no_folder_can_be_made_each_process_keeps_its_own(self, worker, shared_database):
        Path(f"{shared_database}-index").write_text("in the way")
        workers = worker(), worker()
        assert [(one.do("look")["trials"], one.do("look")["built"]) for one in workers] == [(SHOWN, 1), (SHOWN, 1)]


class TestDying:
    """kill -9 in the middle of a rebuild."""

    def test_it_leaves_the_old_index_whole_and_the_next_request_makes_the_new_one(self, worker, shared_database):
        victim, other = worker(), worker()
        victim.do("look")
        old = folders(shared_database)
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
        assert [path.name for path in folders(shared_database) if path.name.startswith(".")] == [], "what was half made is cleared away"
        assert worker().do("look")["built"] == 0


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
