"""All comparisons with one question, judged together: as exactly as one after the other."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.unit.builders import CATALOG, known, rule
from trials.eligibility.atoms import Atoms, tell
from trials.eligibility.judging import includes, inside_interval, inside_set
from trials.eligibility.questions import Interval, Kind, OneOf, Several
from trials.eligibility.verdicts import Truth

FALSE, UNKNOWN, TRUE = Truth.FALSE, Truth.UNKNOWN, Truth.TRUE
INF = math.inf
KINDS = CATALOG["diagnosis"].kinds
CONDITIONS = list(KINDS)


def told(atoms, possible):
    """The truths of all atoms up to these, with one literal more behind them, as the index keeps them; each negation is checked."""
    truths = np.ones(2 * atoms.last + 1, np.int8)
    tell(truths, [(atoms, possible)])
    assert (truths[1:-1:2] == 2 - truths[:-1:2]).all()
    assert (truths[: 2 * atoms.first] == UNKNOWN).all() and truths[-1] == UNKNOWN
    return [Truth(truth) for truth in truths[2 * atoms.first : -1 : 2]]


def truths(kind, insides, possible):
    return told(Atoms.of(3, kind, insides), possible)


def truth_of(text, **answers):
    """The truth of one comparison, whose atom stands among those of the same question with other limits."""
    comparison = rule(text)
    others = [rule(f"{comparison.question} {sign} {limit}").inside for sign in ("<", ">=") for limit in (0, 7, 18, 65)]
    return truths(Kind.NUMBER, [comparison.inside, *others], known(**answers)[comparison.question])[0]


@pytest.mark.parametrize(
    ("text", "below", "at", "above"),
    [
        ("viral_load >= 18", FALSE, TRUE, TRUE),
        ("viral_load > 18", FALSE, FALSE, TRUE),
        ("viral_load <= 18", TRUE, TRUE, FALSE),
        ("viral_load < 18", TRUE, FALSE, FALSE),
        ("viral_load = 18", FALSE, TRUE, FALSE),
        ("viral_load between 18 and 18", FALSE, TRUE, FALSE),
        ("viral_load between 18 and 65", FALSE, TRUE, TRUE),
        ("viral_load between 7 and 18", TRUE, TRUE, FALSE),
    ],
)
def test_a_number_below_at_and_above_a_limit(text, below, at, above):
    assert [truth_of(text, viral_load=load) for load in ("17.99", 18, "18.01")] == [below, at, above]


@pytest.mark.parametrize(
    ("low", "high", "closed", "open_"),
    [
        (3, 5, TRUE, UNKNOWN),
        (4, 4, TRUE, TRUE),
        (3, 4, TRUE, UNKNOWN),
        (4, 5, TRUE, UNKNOWN),
        (Fraction(31, 10), Fraction(49, 10), TRUE, TRUE),
        (2, 4, UNKNOWN, UNKNOWN),
        (4, 6, UNKNOWN, UNKNOWN),
        (2, 6, UNKNOWN, UNKNOWN),
        (2, 3, UNKNOWN, FALSE),
        (5, 6, UNKNOWN, FALSE),
        (3, 3, TRUE, FALSE),
        (5, 5, TRUE, FALSE),
        (1, 2, FALSE, FALSE),
        (6, 7, FALSE, FALSE),
        (-INF, 2, FALSE, FALSE),
        (-INF, 3, UNKNOWN, FALSE),
        (-INF, 4, UNKNOWN, UNKNOWN),
        (4, INF, UNKNOWN, UNKNOWN),
        (5, INF, UNKNOWN, FALSE),
        (6, INF, FALSE, FALSE),
        (-INF, INF, UNKNOWN, UNKNOWN),
    ],
)
def test_a_range_lies_inside_overlaps_touches_an_end_or_lies_outside(low, high, closed, open_):
    insides = [Interval(Fraction(3), Fraction(5)), Interval(Fraction(3), Fraction(5), low_open=True, high_open=True)]
    assert truths(Kind.NUMBER, insides, Interval(low, high)) == [closed, open_]


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (-INF, INF, [TRUE, UNKNOWN, UNKNOWN]),
        (Fraction(-(10**30)), Fraction(10**30), [TRUE, UNKNOWN, UNKNOWN]),
        (4, INF, [TRUE, TRUE, UNKNOWN]),
        (-INF, 4, [TRUE, UNKNOWN, TRUE]),
        (10**30, INF, [TRUE, TRUE, FALSE]),
    ],
)
def test_a_side_without_end_holds_all_numbers(low, high, expected):
    insides = [Interval(-INF, INF), Interval(Fraction(4), INF), Interval(-INF, Fraction(4))]
    assert truths(Kind.NUMBER, insides, Interval(low, high)) == expected


def test_an_open_comparison_between_neighbouring_limits_holds_what_lies_between_alone():
    insides = [Interval(Fraction(3), Fraction(4), low_open=True, high_open=True)]
    assert [truths(Kind.NUMBER, insides, Interval(at, at))[0] for at in (3, Fraction(7, 2), 4)] == [FALSE, TRUE, FALSE]


def test_limits_that_are_fractions_are_compared_exactly():
    month = {"value": 1, "unit": "months"}
    assert truth_of("age = 1 months", age=month) is TRUE
    assert truth_of("age > 1 months", age=month) is FALSE
    assert truth_of("age > 1 months", age="0.0833333333333333333333333333333333334") is TRUE
    assert truth_of("age < 1 months", age="0.0833333333333333333333333333333333333") is TRUE
    assert truth_of("age between 1 weeks and 1 months", age={"value": 1, "unit": "weeks"}) is TRUE


@pytest.mark.parametrize("limit", [Fraction(18), Fraction(1, 12), Fraction(10**17, 3), Fraction(-5)])
def test_an_answer_of_40_digits_just_beside_a_limit_is_not_taken_for_it(limit):
    near = Fraction(1, 10**40)
    insides = [Interval(limit, INF), Interval(-INF, limit), Interval(limit, limit), Interval(limit - near, limit, low_open=True, high_open=True)]
    assert [truths(Kind.NUMBER, insides, Interval(at, at)) for at in (limit - near, limit, limit + near)] == [
        [FALSE, TRUE, FALSE, FALSE],
        [TRUE, TRUE, TRUE, FALSE],
        [TRUE, FALSE, FALSE, FALSE],
    ]
    assert truths(Kind.NUMBER, insides, Interval(limit - near / 2, limit - near / 2)) == [FALSE, TRUE, FALSE, TRUE]


def test_limits_come_back_from_text_exactly():
    insides = [Interval(Fraction(1, 12), Fraction(10**40 + 1, 10**40)), Interval(Fraction(7, 365), INF)]
    atoms = Atoms.of(5, Kind.NUMBER, insides)
    assert (atoms.first, atoms.last) == (5, 7)
    assert [Fraction(name) for name in atoms.names] == [Fraction(7, 365), Fraction(1, 12), Fraction(10**40 + 1, 10**40)]
    assert told(atoms, Interval(Fraction(1), Fraction(1))) == [TRUE, TRUE]


numbers = st.fractions(-20, 20, max_denominator=12)
lows, highs = numbers | st.just(-INF), numbers | st.just(INF)
closed = st.tuples(lows, highs).filter(lambda ends: ends[0] <= ends[1])


@st.composite
def intervals(draw):
    """What a rule may compare with: an open end is a number, and not both ends of an interval of one number."""
    low, high = draw(closed)
    return Interval(low, high, low_open=low < high and low > -INF and draw(st.booleans()), high_open=low < high < INF and draw(st.booleans()))


@given(st.lists(intervals(), min_size=1, max_size=12), closed.map(lambda ends: Interval(*ends)))
def test_numbers_are_judged_together_as_one_by_one(insides, possible):
    assert truths(Kind.NUMBER, insides, possible) == [inside_interval(inside, possible) for inside in insides]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("dlbcl", [TRUE, TRUE, FALSE, FALSE]),
        ("b_cell_lymphoma", [TRUE, UNKNOWN, FALSE, FALSE]),
        ("lymphoma", [TRUE, UNKNOWN, UNKNOWN, FALSE]),
        ("t_cell_lymphoma", [TRUE, FALSE, TRUE, FALSE]),
        ("rp", [FALSE, FALSE, FALSE, UNKNOWN]),
        ("rp_x_linked", [FALSE, FALSE, FALSE, TRUE]),
        ("hemophilia_a", [FALSE, FALSE, FALSE, FALSE]),
    ],
)
def test_a_choice_of_the_tree_holds_all_its_kinds(answer, expected):
    insides = [KINDS["lymphoma"], KINDS["dlbcl"], KINDS["t_cell_lymphoma"], KINDS["rp_x_linked"]]
    assert truths(Kind.CHOICE, insides, CATALOG["diagnosis"].read(answer)) == expected


def test_possible_choices_of_which_no_comparison_knows_make_it_unknown_at_best():
    insides = [frozenset({"a", "b"}), frozenset({"b"})]
    assert truths(Kind.CHOICE, insides, OneOf(frozenset({"strange"}))) == [FALSE, FALSE]
    assert truths(Kind.CHOICE, insides, OneOf(frozenset({"b", "strange"}))) == [UNKNOWN, UNKNOWN]
    assert truths(Kind.CHOICE, insides, OneOf(frozenset({"a", "b"}))) == [TRUE, UNKNOWN]


def test_yes_and_no():
    insides = [frozenset({"yes"}), frozenset({"no"}), frozenset({"yes", "no"})]
    assert truths(Kind.YES_NO, insides, OneOf(frozenset({"yes"}))) == [TRUE, FALSE, TRUE]
    assert truths(Kind.YES_NO, insides, OneOf(frozenset({"no"}))) == [FALSE, TRUE, TRUE]
    assert truths(Kind.YES_NO, insides, OneOf(frozenset({"yes", "no"}))) == [UNKNOWN, UNKNOWN, TRUE]


@given(st.lists(st.frozensets(st.sampled_from(CONDITIONS)), min_size=1, max_size=8), st.frozensets(st.sampled_from(CONDITIONS), min_size=1))
@example([frozenset()], frozenset({"rp"}))
def test_choices_are_judged_together_as_one_by_one(insides, possible):
    for kind in (Kind.CHOICE, Kind.YES_NO):
        assert truths(kind, insides, OneOf(possible)) == [inside_set(inside, OneOf(possible)) for inside in insides]


def test_several_choices_are_sure_possible_or_ruled_out():
    names = ["car_t", "chemotherapy", "car_t_cd19", "car_t_bcma"]
    assert truths(Kind.CHOICES, names, CATALOG["treatments"].read(["car_t"])) == [TRUE, FALSE, UNKNOWN, UNKNOWN]
    assert truths(Kind.CHOICES, names, CATALOG["treatments"].read(["car_t_cd19", "chemotherapy"])) == [TRUE, TRUE, TRUE, FALSE]
    assert truths(Kind.CHOICES, names, CATALOG["treatments"].read([])) == [FALSE] * 4
    assert truths(Kind.CHOICES, names, Several(frozenset({"strange"}), frozenset({"chemotherapy"}))) == [FALSE, UNKNOWN, FALSE, FALSE]


some = st.frozensets(st.sampled_from(CONDITIONS))


@given(st.lists(st.sampled_from(CONDITIONS), min_size=1, max_size=8, unique=True), some, some)
def test_several_choices_are_judged_together_as_one_by_one(names, sure, maybe):
    assert truths(Kind.CHOICES, names, Several(sure, maybe)) == [includes(name, Several(sure, maybe)) for name in names]


def test_several_choices_need_one_array_only():
    atoms = Atoms.of(3, Kind.CHOICES, ["u", "v", "u"])
    assert (atoms.one.tolist(), atoms.two.tolist(), atoms.two.dtype) == ([0, 1, 0], [], np.int64)


@pytest.mark.parametrize(
    ("kind", "inside", "possible"),
    [
        (Kind.NUMBER, Interval(Fraction(1), INF), OneOf(frozenset({"yes"}))),
        (Kind.NUMBER, Interval(Fraction(1), INF), Several(frozenset())),
        (Kind.YES_NO, frozenset({"yes"}), Interval(Fraction(1), Fraction(1))),
        (Kind.CHOICE, frozenset({"a"}), Several(frozenset({"a"}))),
        (Kind.CHOICES, "a", OneOf(frozenset({"a"}))),
    ],
)
def test_an_answer_of_another_kind_is_refused(kind, inside, possible):
    with pytest.raises(TypeError, match=f"of kind {kind.value}"):
        truths(kind, [inside], possible)


def test_several_questions_are_told_at_once_and_leave_the_others_alone():
    insides = [Interval(Fraction(1), INF), Interval(Fraction(3), Fraction(5))]
    one, two = Atoms.of(0, Kind.NUMBER, insides), Atoms.of(3, Kind.NUMBER, insides[:1])
    three, four = Atoms.of(4, Kind.CHOICES, ["u", "v"]), Atoms.of(6, Kind.CHOICE, [frozenset({"u"}), frozenset({"v"})])
    truths = np.ones(17, np.int8)
    below, above = Interval(Fraction(0), Fraction(0)), Interval(Fraction(2), Fraction(4))
    tell(truths, [(two, below), (four, OneOf(frozenset({"v"}))), (one, above), (three, Several(frozenset({"u"})))])
    assert truths[::2].tolist() == [TRUE, UNKNOWN, UNKNOWN, FALSE, TRUE, FALSE, FALSE, TRUE, UNKNOWN]


def test_what_two_questions_leave_open_is_unknown_of_both():
    one, two = (Atoms.of(first, Kind.CHOICE, [frozenset({"u"}), frozenset({"v"})]) for first in (0, 2))
    truths = np.zeros(9, np.int8)
    tell(truths, [(one, OneOf(frozenset({"u", "w"}))), (two, OneOf(frozenset({"v", "w"})))])
    assert truths[:-1:2].tolist() == [UNKNOWN, FALSE, FALSE, UNKNOWN]
