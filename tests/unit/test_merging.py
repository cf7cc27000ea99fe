"""The three-way merge: facts, sites and lines, as truth tables and as properties."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trials.importing import merging
from trials.importing.merging import ALIKE, likeness, merge_facts, merge_sites, pair_lines
from trials.vocabulary import OPEN_STATUSES, STATUSES, is_closed

NOTHING, TAKEN, KEPT = "nothing", "taken and told", "kept and told"
ABSENT = object()


def outcome(base, mine, theirs, field="sponsor"):
    """What becomes of one fact; ``ABSENT`` is a side that does not state it, and a base of None is a listing made without a record."""
    before = None if base is None else {} if base is ABSENT else {field: base}
    changes, differences = merge_facts(before, {field: mine}, {} if theirs is ABSENT else {field: theirs})
    if not differences:
        return "taken in silence" if changes == {field: theirs} else NOTHING
    ((told),) = differences
    assert (told["field"], told["was"], told["now"]) == (field, mine, theirs)
    assert told["kept"] is (changes == {}), "what is told as kept is not written, and the other way round"
    return TAKEN if changes == {field: theirs} else KEPT


@pytest.mark.parametrize(
    ("base", "mine", "theirs", "what"),
    [
        ("A", "A", "A", NOTHING),
        ("A", "A", "B", TAKEN),
        ("A", "A", ABSENT, NOTHING),
        ("A", "A", "", TAKEN),
        ("A", "mine", "A", NOTHING),
        ("A", "mine", "B", KEPT),
        ("A", "mine", "mine", NOTHING),
        ("A", "mine", ABSENT, NOTHING),
        ("A", "", "A", NOTHING),
        ("A", "", "B", KEPT),
        ("A", "", ABSENT, NOTHING),
        ("", "", "B", TAKEN),
        ("", "mine", "", NOTHING),
        ("", "mine", "B", KEPT),
        (ABSENT, "", "B", TAKEN),
        (ABSENT, "mine", "B", KEPT),
        (ABSENT, "mine", "mine", NOTHING),
        (ABSENT, "mine", ABSENT, NOTHING),
        (None, "", "B", "taken in silence"),
        (None, "mine", "B", KEPT),
        (None, "mine", "mine", NOTHING),
        (None, "mine", ABSENT, NOTHING),
        (["PHASE1"], ["PHASE1"], ["PHASE2"], TAKEN),
        (["PHASE1"], [], ["PHASE2"], KEPT),
        (None, [], ["PHASE2"], "taken in silence"),
        (True, True, False, TAKEN),
        (True, False, True, NOTHING),
    ],
)
def test_a_fact_follows_the_registry_where_no_coordinator_changed_it(base, mine, theirs, what):
    assert outcome(base, mine, theirs) == what


@pytest.mark.parametrize("field", ["title", "condition_names", "criteria_complete", "source"])
def test_what_a_listing_made_by_hand_says_in_its_own_words_is_no_difference(field):
    assert outcome(None, "in our words", "in theirs", field) == NOTHING


def test_each_fact_is_merged_by_itself():
    base = {"title": "T", "sponsor": "S"}
    changes, differences = merge_facts(base, {"title": "Mine", "sponsor": "S"}, {"title": "T2", "sponsor": "S2"})
    assert changes == {"sponsor": "S2"}
    assert [(one["field"], one["kept"]) for one in differences] == [("title", True), ("sponsor", False)]


@pytest.mark.parametrize(
    ("base", "mine", "theirs", "what"),
    [
        ("RECRUITING", "RECRUITING", "COMPLETED", TAKEN),
        ("RECRUITING", "NOT_YET_RECRUITING", "COMPLETED", TAKEN),
        ("RECRUITING", "SUSPENDED", "TERMINATED", TAKEN),
        ("RECRUITING", "SUSPENDED", "NOT_YET_RECRUITING", KEPT),
        ("RECRUITING", "SUSPENDED", "RECRUITING", NOTHING),
        ("RECRUITING", "SUSPENDED", "SUSPENDED", NOTHING),
        ("RECRUITING", "SUSPENDED", ABSENT, NOTHING),
        ("RECRUITING", "NOT_YET_RECRUITING", "UNKNOWN", KEPT),
        ("COMPLETED", "COMPLETED", "RECRUITING", TAKEN),
        ("COMPLETED", "RECRUITING", "COMPLETED", NOTHING),
        ("COMPLETED", "RECRUITING", "TERMINATED", TAKEN),
        (None, "RECRUITING", "COMPLETED", TAKEN),
        (None, "COMPLETED", "RECRUITING", TAKEN),
        (None, "RECRUITING", ABSENT, NOTHING),
    ],
)
def test_a_status_that_closes_a_trial_always_counts(base, mine, theirs, what):
    assert outcome(base, mine, theirs, "status") == what


@pytest.mark.parametrize("now", [status for status in STATUSES if is_closed(status)])
@pytest.mark.parametrize("mine", OPEN_STATUSES)
def test_no_edit_keeps_a_trial_open_that_the_registry_closes(now, mine):
    changes, _ = merge_facts({"status": "UNKNOWN"}, {"status": mine}, {"status": now})
    assert changes == {"status": now}


def site(facility="Hospital", city="Boston", status="RECRUITING"):
    return {"facility": facility, "city": city, "state": "", "country": "US", "zip": "", "status": status}


A, B, C, OWN = site("A"), site("B"), site("C"), site("Own")


@pytest.mark.parametrize(
    ("base", "mine", "theirs", "merged"),
    [
        ([], [], [], []),
        ([], [], [A, B], [A, B]),
        ([A], [A], [A, B], [A, B]),
        ([A, B], [A, B], [B], [B]),
        ([A, B], [B], [A, B], [B]),
        ([A, B], [B], [A, B, C], [B, C]),
        ([A, B], [], [A, B], []),
        ([A], [A, OWN], [A], [A, OWN]),
        ([A], [A, OWN], [B], [B, OWN]),
        ([A], [A, OWN], [A, OWN], [A, OWN]),
        ([], [OWN], [A], [A, OWN]),
        ([], [A], [A], [A]),
        ([A], [site("A", city="Cambridge")], [A], [site("A", city="Cambridge")]),
        ([A], [A], [site("A", status="COMPLETED")], [site("A", status="COMPLETED")]),
        ([A], [site("A", status="SUSPENDED")], [A], [A]),
        ([], [site("A", status="SUSPENDED")], [A], [A]),
        ([A, A], [A, A], [A, A], [A, A]),
    ],
)
def test_sites_are_those_of_the_registry_but_for_what_a_coordinator_added_and_took_out(base, mine, theirs, merged):
    assert merge_sites(base, mine, theirs) == merged


SITES = st.lists(st.sampled_from([A, B, C, OWN]), unique_by=lambda one: one["facility"])


@given(SITES, SITES)
def test_a_record_read_again_changes_no_site(base, mine):
    after = merge_sites(base, mine, base)
    assert sorted(one["facility"] for one in after) == sorted(one["facility"] for one in mine)


# Lines


@pytest.mark.parametrize(
    ("one", "two", "how_alike"),
    [
        ("", "", 0.0),
        ("", "Glaucoma", 0.0),
        ("≥ —", "≥ —", 0.0),
        ("Glaucoma", "Cataract", 0.0),
        ("Glaucoma", "GLAUCOMA.", 1.0),
        ("a b c d e", "a b c d x", 0.8),
        ("a b c d e", "e d c b a", 1.0),
        ("a a b c", "a b b d", 0.5),
        ("Pregnancy", "Pregnancy or breastfeeding within the last six months", 0.7),
        ("a b c d", "a b c d e", 8 / 9),
        ("Straße", "STRASSE", 1.0),
        ("年龄", "年龄", 1.0),
    ],
)
def test_lines_are_as_alike_as_the_words_that_they_share(one, two, how_alike):
    assert likeness(one, two) == likeness(two, one) == pytest.approx(how_alike)


def changed(words, shared):
    """Two lines of this many words that share so many of them."""
    return " ".join(f"w{place}" for place in range(words)), " ".join(f"w{place}" if place < shared else f"new{place}" for place in range(words))


@pytest.mark.parametrize(("words", "shared", "same"), [(100, 59, False), (100, 60, True), (100, 61, True), (5, 2, False), (5, 3, True), (5, 4, True)])
def test_a_changed_line_is_the_same_from_the_bound_on(words, shared, same):
    old, new = changed(words, shared)
    assert (likeness(old, new) >= ALIKE) is same
    assert pair_lines([old], [new]) == ([(0, 0)] if same else [(None, 0), (0, None)])


def test_another_bound_can_be_set():
    old, new = changed(10, 5)
    assert pair_lines([old], [new], 0.5) == [(0, 0)]
    assert pair_lines([old], [new], 0.51) == [(None, 0), (0, None)]


ADULT, CHILD, CONSENT = "Age 18 years or older at consent", "Age 12 years or older at consent", "Gave consent in writing"


@pytest.mark.parametrize(
    ("old", "new", "pairs"),
    [
        ([], [], []),
        ([], ["a", "b"], [(None, 0), (None, 1)]),
        (["a", "b"], [], [(0, None), (1, None)]),
        (["a", "b", "c"], ["c", "a", "b"], [(2, 0), (0, 1), (1, 2)]),
        (["a", "a"], ["a", "a", "a"], [(0, 0), (1, 1), (None, 2)]),
        (["a", "a", "a"], ["a"], [(0, 0), (1, None), (2, None)]),
        ([" a  B "], ["A b"], [(0, 0)]),
        ([ADULT, CONSENT], [CONSENT, CHILD], [(1, 0), (0, 1)]),
        ([ADULT], [CHILD, ADULT], [(None, 0), (0, 1)]),
        (["one two three four five", "one two three four nine"], ["one two three four six"], [(0, 0), (1, None)]),
        (["one two three nine nine", "one two three four five"], ["one two three four six"], [(1, 0), (0, None)]),
    ],
)
def test_equal_lines_pair_in_order_and_then_the_most_alike(old, new, pairs):
    assert pair_lines(old, new) == pairs


def test_of_equal_lines_those_that_also_say_the_same_besides_pair_with_each_other():
    assert pair_lines(["a", "a"], ["a", "a"], beside=(["Cohort A", "Cohort B"], ["Cohort B", "Cohort A"])) == [(1, 0), (0, 1)]
    assert pair_lines(["a", "a"], ["a"], beside=(["Cohort A", "Cohort B"], ["Cohort B"])) == [(1, 0), (0, None)]
    assert pair_lines(["a"], ["a"], beside=(["inclusion"], ["exclusion"])) == [(0, 0)]
    assert pair_lines(["≥"], ["≥"], beside=(["inclusion"], ["exclusion"])) == [(0, 0)], "also without a word"


WORDS = st.lists(st.sampled_from(["age", "older", "HIV", "no", "18", "≥", "gène", "\n"]), max_size=5).map(" ".join)
LINES = st.lists(WORDS, max_size=12)


@given(LINES, LINES)
def test_each_line_is_in_exactly_one_pair_and_the_new_order_is_kept(old, new):
    pairs = pair_lines(old, new)
    assert [place for _, place in pairs if place is not None] == list(range(len(new)))
    assert sorted(before for before, _ in pairs if before is not None) == list(range(len(old)))
    assert (None, None) not in pairs
    gone = [before for before, place in pairs if place is None]
    assert gone == sorted(gone)


@given(LINES)
def test_a_text_read_again_pairs_each_line_with_itself(lines):
    assert pair_lines(lines, lines) == [(place, place) for place in range(len(lines))]


@given(LINES, LINES)
def test_no_line_is_called_new_while_one_like_it_is_called_gone(old, new):
    pairs = pair_lines(old, new)
    fresh, gone = [place for before, place in pairs if before is None], [before for before, place in pairs if place is None]
    assert all(likeness(old[before], new[place]) < ALIKE for before in gone for place in fresh)


@given(LINES.flatmap(lambda lines: st.tuples(st.just(lines), st.permutations(lines))))
def test_lines_in_another_order_are_all_found_again(both):
    lines, other = both
    assert all(before is not None and place is not None and lines[before].split() == other[place].split() for before, place in pair_lines(lines, other))


def compared(old_count, new_count):
    """How many pairs are compared where no line is like another one."""
    return sum(1 for _ in merging._to_compare(range(old_count), range(new_count)))


@pytest.mark.parametrize(("old", "new"), [(0, 5), (5, 0), (1, 1), (200, 200), (316, 316), (1, 90_000)])
def test_lists_of_a_usual_length_are_compared_each_with_each(old, new):
    assert compared(old, new) == old * new


@pytest.mark.parametrize(("old", "new"), [(500, 500), (5_000, 5_000), (60_000, 60_000), (90_000, 2), (2, 90_000)])
def test_the_work_on_long_lists_is_bounded(old, new):
    assert compared(old, new) <= max(merging.MOST_COMPARED, new)


def test_200_changed_lines_among_200_are_all_found():
    old = [f"line {place} says that marker{place} of kind{place} is over 5" for place in range(200)]
    new = [line.replace("over 5", "over 7") for line in reversed(old)]
    assert pair_lines(old, new) == [(199 - place, place) for place in range(200)]


def test_of_very_long_lists_those_at_about_the_same_place_are_still_found():
    old = [f"marker{place} of kind{place} over 5" for place in range(2_000)]
    new = ["entirely different", *(line.replace("over 5", "over 7") for line in old)]
    assert pair_lines(old, new)[1:] == [(place, place + 1) for place in range(2_000)]


def test_a_line_of_very_many_equal_words_is_compared_in_one_pass():
    """A comparison word by word with each other word would take 10,000,000,000 steps."""
    assert likeness("a " * 100_000, "a " * 99_999 + "b") == pytest.approx(0.99999)
