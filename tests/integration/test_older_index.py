"""An index that is a little older than the records: what changed since counts at once, and a new one is made in the background."""

from __future__ import annotations

import os
import signal
import time

import pytest

from .workers import FIRST, HIDDEN, SECOND, SHOWN, Worker, folders

pytestmark = pytest.mark.own_database


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

    def test_an_index_of_what_was_taken_back_serves_nobody(self, desk_and_other, shared_database):
        desk, other = desk_and_other
        before = folders(shared_database)
        assert desk.do("hide and think better", FIRST) == len(SHOWN) - 1
        assert folders(shared_database) == before
        desk.do("set", SECOND, "title", "A title of today")
        for one in (desk, other):
            assert one.do("look")["trials"] == SHOWN

    @pytest.mark.parametrize(("most", "behind"), [(1, False), (2, True), (6, True)])
    def test_more_changed_trials_than_are_read_one_by_one_are_waited_for(self, most, behind, desk_and_other):
        desk, other = desk_and_other
        other.do("judge few", most)
        for number in (FIRST, SECOND):
            desk.do("set", number, "status", "NOT_YET_RECRUITING")
        found = other.do("look")
        assert (found["behind"], found["trials"]) == (behind, SHOWN)
        desk.do("set", HIDDEN, "title", "Nobody sees it")
        assert other.do("look")["behind"] == behind, "what patients do not see is not counted"
        if most == 2:
            assert not self.wait(other)["behind"], "half as many are enough for a new index to be begun, though there was one a moment ago"

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
