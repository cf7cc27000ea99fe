"""A question refuses to contradict itself, and reads an answer as the set of values that it leaves possible."""

import math
from fractions import Fraction

import pytest

from tests.unit.builders import CATALOG, choice, choices, number, yes_no
from trials.eligibility.questions import (
    DAYS,
    LARGEST_NUMBER,
    AnswerError,
    Changes,
    Choice,
    Interval,
    Kind,
    OneOf,
    Question,
    QuestionError,
    Several,
    did_you_mean,
    plain_number,
)

AGE, DIAGNOSIS, TREATMENTS, HEPATITIS = CATALOG["age"], CATALOG["diagnosis"], CATALOG["treatments"], CATALOG["hepatitis_b"]
VIRAL_LOAD = CATALOG["viral_load"]


@pytest.mark.parametrize(
    ("parts", "fault"),
    [
        ({"key": "my age"}, "'my age' cannot be a question's key: use letters, digits and _"),
        ({"key": "-age"}, "'-age' cannot be a question's key: use letters, digits and _"),
        ({"key": ""}, "'' cannot be a question's key: use letters, digits and _"),
        ({"key": "who"}, "'who' cannot be a question's key: a page of the screening has that name"),
        ({"key": "area"}, "'area' cannot be a question's key: a page of the screening has that name"),
        ({"text": ""}, "'q' needs a text"),
        ({"otherwise": "no"}, "'q' has 'otherwise' without 'ask_if', so it would never be used"),
        ({"unit": "years"}, "'q' is no number, so it cannot have a unit, min or max"),
        ({"units": {"months": Fraction(1, 12)}}, "'q' is no number, so it cannot have a unit, min or max"),
        ({"min": Fraction(0)}, "'q' is no number, so it cannot have a unit, min or max"),
        ({"max": Fraction(0)}, "'q' is no number, so it cannot have a unit, min or max"),
        ({"choices": (Choice("a", "A"),)}, "'q' is of kind yes_no, so it cannot have choices"),
        ({"kind": Kind.NUMBER}, "'q' is a number and needs a unit"),
        ({"kind": Kind.NUMBER, "unit": "g", "units": {"g": Fraction(2)}}, "'q': the factor of its own unit g must be 1"),
        ({"kind": Kind.NUMBER, "unit": "g", "units": {"kg": Fraction(0)}}, "'q': the factor of kg must be above 0"),
        ({"kind": Kind.NUMBER, "unit": "g", "units": {"kg": Fraction(-1)}}, "'q': the factor of kg must be above 0"),
        ({"kind": Kind.NUMBER, "unit": "g", "min": Fraction(5), "max": Fraction(4)}, "'q': min 5 is above max 4"),
        ({"kind": Kind.NUMBER, "unit": "g", "choices": (Choice("a", "A"),)}, "'q' is of kind number, so it cannot have choices"),
        (
            {"kind": Kind.NUMBER, "unit": "kg", "changes": Changes.GROWS},
            "'q' cannot grow with time: only a number in days, weeks, months, years can",
        ),
        ({"changes": Changes.GROWS}, "'q' cannot grow with time: only a number in days, weeks, months, years can"),
        ({"kind": Kind.CHOICE}, "'q' needs choices"),
        ({"kind": Kind.CHOICES}, "'q' needs choices"),
        ({"kind": Kind.CHOICE, "choices": (Choice("not sure", "?"),)}, "'q': 'not sure' cannot be a choice's key"),
        ({"kind": Kind.CHOICE, "choices": (Choice("unknown", "?"),)}, "'q': 'unknown' cannot be a choice's key"),
        ({"kind": Kind.CHOICES, "choices": (Choice("none_of_these", "?"),)}, "'q': 'none_of_these' cannot be a choice's key"),
        ({"kind": Kind.CHOICE, "choices": (Choice("not_listed", "?"),)}, "'q': 'not_listed' cannot be a choice's key"),
        ({"kind": Kind.CHOICE, "choices": (Choice("a", "A"), Choice("a", "B"))}, "'q': the choice 'a' is there twice"),
        (
            {"kind": Kind.CHOICE, "choices": (Choice("lymphoma", "L"), Choice("b", "B", "lymphona"))},
            "'q': the parent of 'b' is unknown: 'lymphona'; did you mean 'lymphoma'?",
        ),
        ({"kind": Kind.CHOICE, "choices": (Choice("a", "A", "a"),)}, "'q': 'a' is its own ancestor"),
        ({"kind": Kind.CHOICES, "choices": (Choice("a", "A", "b"), Choice("b", "B", "a"))}, "'q': 'a' is its own ancestor"),
        ({"kind": Kind.CHOICE, "choices": (Choice("c", "C", "a"), Choice("a", "A", "b"), Choice("b", "B", "a"))}, "'q': 'c' is its own ancestor"),
    ],
)
def test_a_question_that_contradicts_itself_is_refused(parts, fault):
    with pytest.raises(QuestionError) as refused:
        Question(**{"key": "q", "kind": Kind.YES_NO, "text": "Q?"} | parts)
    assert str(refused.value) == fault


def test_a_question_may_have_min_equal_to_max():
    assert number("q", min=Fraction(4), max=Fraction(4)).read(4) == Interval(4, 4)


def test_a_number_in_a_unit_of_time_can_grow():
    assert [number("q", unit, changes=Changes.GROWS).unit for unit in DAYS] == ["days", "weeks", "months", "years"]


def test_a_unit_may_be_smaller_or_larger_than_the_questions_own():
    weight = number("q", "g", units={"mg": Fraction(1, 1000), "kg": Fraction(1000)})
    assert weight.factors == {"g": 1, "mg": Fraction(1, 1000), "kg": 1000}


@pytest.mark.parametrize("sign", [1, -1])
def test_a_number_may_be_as_large_as_the_largest_and_no_larger(sign):
    assert VIRAL_LOAD.read(sign * LARGEST_NUMBER) == Interval(sign * LARGEST_NUMBER, sign * LARGEST_NUMBER)
    with pytest.raises(AnswerError, match="'viral_load' cannot be that large"):
        VIRAL_LOAD.read(sign * (LARGEST_NUMBER + 1))


def test_a_choice_knows_what_it_is_a_kind_of_nearest_first():
    assert DIAGNOSIS.ancestors("dlbcl") == ("b_cell_lymphoma", "lymphoma")
    assert DIAGNOSIS.ancestors("lymphoma") == ()


def test_a_choice_stands_for_itself_and_all_its_kinds():
    assert DIAGNOSIS.kinds["lymphoma"] == {"lymphoma", "b_cell_lymphoma", "dlbcl", "t_cell_lymphoma"}
    assert DIAGNOSIS.kinds["b_cell_lymphoma"] == {"b_cell_lymphoma", "dlbcl"}
    assert DIAGNOSIS.kinds["dlbcl"] == {"dlbcl"}


def test_labels_are_those_of_the_choices_or_yes_and_no():
    assert choice("q", "one_eye", "both_eyes").labels == {"one_eye": "one eye", "both_eyes": "both eyes"}
    assert HEPATITIS.labels == {"yes": "yes", "no": "no"}


@pytest.mark.parametrize("question", list(CATALOG.values()), ids=list(CATALOG))
def test_not_sure_leaves_everything_possible_on_every_question(question):
    assert question.read(None) is None


@pytest.mark.parametrize(("answer", "key"), [("yes", "yes"), ("no", "no"), (True, "yes"), (False, "no")])
def test_a_yes_no_question_takes_yes_and_no_and_true_and_false(answer, key):
    assert HEPATITIS.read(answer) == OneOf(frozenset({key}))


def test_an_inner_node_of_a_tree_leaves_itself_and_all_its_kinds_possible():
    assert DIAGNOSIS.read("lymphoma") == OneOf(frozenset({"lymphoma", "b_cell_lymphoma", "dlbcl", "t_cell_lymphoma"}))
    assert DIAGNOSIS.read("dlbcl") == OneOf(frozenset({"dlbcl"}))


@pytest.mark.parametrize(
    ("picked", "sure", "maybe"),
    [
        ([], set(), set()),
        (["chemotherapy"], {"chemotherapy"}, set()),
        (["car_t"], {"car_t"}, {"car_t_cd19", "car_t_bcma"}),
        (["car_t_cd19"], {"car_t_cd19", "car_t"}, set()),
        (["car_t", "car_t_cd19"], {"car_t_cd19", "car_t"}, {"car_t_bcma"}),
        (("car_t", "chemotherapy"), {"car_t", "chemotherapy"}, {"car_t_cd19", "car_t_bcma"}),
        (["chemotherapy", "chemotherapy"], {"chemotherapy"}, set()),
    ],
)
def test_several_choices_hold_for_sure_with_their_ancestors_and_their_kinds_may(picked, sure, maybe):
    assert TREATMENTS.read(picked) == Several(frozenset(sure), frozenset(maybe))


@pytest.mark.parametrize(
    ("answer", "low", "high"),
    [
        (34, 34, 34),
        ("34", 34, 34),
        ("+34.50", Fraction(69, 2), Fraction(69, 2)),
        (".5", Fraction(1, 2), Fraction(1, 2)),
        (0.1, Fraction(1, 10), Fraction(1, 10)),
        (Fraction(1, 3), Fraction(1, 3), Fraction(1, 3)),
        ("7".rjust(40, "0"), 7, 7),
        ({"value": 6, "unit": "months"}, Fraction(1, 2), Fraction(1, 2)),
        ({"value": 12, "unit": "months"}, 1, 1),
        ({"value": 34, "unit": "years"}, 34, 34),
        ({"min": 18, "max": 34}, 18, 34),
        ({"min": 18, "max": 18}, 18, 18),
        ({"min": 18}, 18, 120),
        ({"max": 34}, 0, 34),
        ({"max": 6, "unit": "months"}, 0, Fraction(1, 2)),
        ({"min": 18, "max": None}, 18, 120),
        ({"min": None, "max": None}, 0, 120),
        (0, 0, 0),
        (120, 120, 120),
    ],
)
def test_a_number_is_read_exactly_and_in_the_questions_own_unit(answer, low, high):
    assert AGE.read(answer) == Interval(low, high)


def test_a_range_without_an_end_has_none_where_the_question_has_no_bound():
    assert VIRAL_LOAD.read({"max": 49}) == Interval(-math.inf, 49)
    assert VIRAL_LOAD.read({"min": 49}) == Interval(49, math.inf)


FORM = "'age' takes a number, or 'value', or 'min' and 'max', with an optional 'unit'; not "


@pytest.mark.parametrize(
    ("question", "answer", "fault"),
    [
        (HEPATITIS, "maybe", "'hepatitis_b' has no choice 'maybe'"),
        (HEPATITIS, "yess", "'hepatitis_b' has no choice 'yess'; did you mean 'yes'?"),
        (HEPATITIS, 1, "'hepatitis_b' has no choice '1'"),
        (DIAGNOSIS, "lymphona", "'diagnosis' has no choice 'lymphona'; did you mean 'lymphoma'?"),
        (DIAGNOSIS, True, "'diagnosis' has no choice 'True'"),
        (DIAGNOSIS, ["rp"], "'diagnosis' has no choice '['rp']'"),
        (TREATMENTS, "car_t", "'treatments' takes a list of choices, not 'car_t'"),
        (TREATMENTS, ["cart"], "'treatments' has no choice 'cart'; did you mean 'car_t'?"),
        (AGE, "old", "'age' takes a number, such as 34; not 'old'"),
        (AGE, "7".rjust(41, "0"), f"'age' takes a number, such as 34; not '{'0' * 40}'"),
        (AGE, "9" * 5_000, f"'age' takes a number, such as 34; not '{'9' * 40}'"),
        (AGE, 10**400, "'age' cannot be above 120 years"),
        (AGE, "34\n", "'age' takes a number, such as 34; not '34\n'"),
        (AGE, "1/2", "'age' takes a number, such as 34; not '1/2'"),
        (AGE, True, "'age' takes a number, such as 34; not 'True'"),
        (AGE, math.nan, "'age' takes a number, such as 34; not 'nan'"),
        (AGE, math.inf, "'age' takes a number, such as 34; not 'inf'"),
        (AGE, [34], "'age' takes a number, such as 34; not '[34]'"),
        (AGE, {"value": None}, "'age' takes a number, such as 34; not 'None'"),
        (AGE, {}, FORM + "{}"),
        (AGE, {"unit": "years"}, FORM + "{'unit': 'years'}"),
        (AGE, {"value": 1, "min": 1}, FORM + "{'value': 1, 'min': 1}"),
        (AGE, {"value": 1, "max": 1}, FORM + "{'value': 1, 'max': 1}"),
        (AGE, {"value": 1, "about": 2}, FORM + "{'value': 1, 'about': 2}"),
        (AGE, {"value": 1, "unit": "moons"}, "'age' is in years, not moons; it takes years, months, weeks"),
        (AGE, {"value": 1, "unit": None}, "'age' is in years, not None; it takes years, months, weeks"),
        (AGE, -0.1, "'age' cannot be below 0 years"),
        (AGE, 120.1, "'age' cannot be above 120 years"),
        (AGE, {"value": 1441, "unit": "months"}, "'age' cannot be above 120 years"),
        (AGE, {"min": -1}, "'age' cannot be below 0 years"),
        (AGE, {"max": 121}, "'age' cannot be above 120 years"),
        (AGE, {"min": 18, "max": 17}, "'age': min is above max"),
    ],
)
def test_an_answer_that_a_question_cannot_take_is_refused_with_the_fix(question, answer, fault):
    with pytest.raises(AnswerError) as refused:
        question.read(answer)
    assert str(refused.value) == fault


CLOSED, OPEN = Interval(18, 65), Interval(18, 65, low_open=True, high_open=True)


@pytest.mark.parametrize(
    ("interval", "low", "high", "all_inside", "none_inside"),
    [
        (CLOSED, 17, 17, False, True),
        (CLOSED, 18, 18, True, False),
        (CLOSED, 19, 19, True, False),
        (CLOSED, 64, 64, True, False),
        (CLOSED, 65, 65, True, False),
        (CLOSED, 66, 66, False, True),
        (CLOSED, 18, 65, True, False),
        (CLOSED, 17, 65, False, False),
        (CLOSED, 18, 66, False, False),
        (CLOSED, 17, 18, False, False),
        (CLOSED, 65, 66, False, False),
        (CLOSED, 0, 120, False, False),
        (CLOSED, -math.inf, math.inf, False, False),
        (OPEN, 17, 17, False, True),
        (OPEN, 18, 18, False, True),
        (OPEN, 19, 19, True, False),
        (OPEN, 64, 64, True, False),
        (OPEN, 65, 65, False, True),
        (OPEN, 66, 66, False, True),
        (OPEN, 19, 64, True, False),
        (OPEN, 18, 64, False, False),
        (OPEN, 19, 65, False, False),
        (OPEN, 17, 18, False, True),
        (OPEN, 65, 66, False, True),
    ],
)
def test_an_interval_holds_all_none_or_some_of_another(interval, low, high, all_inside, none_inside):
    other = Interval(low, high)
    assert (interval.holds_all_of(other), interval.holds_none_of(other)) == (all_inside, none_inside)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (18, "18"),
        (-18, "-18"),
        (100, "100"),
        (12_345_678, "12345678"),
        (Fraction(1, 2), "0.5"),
        (Fraction(5, 4), "1.25"),
        (Fraction(1, 3), "0.333333"),
        (Fraction(2, 3), "0.666667"),
        (Fraction(11, 10), "1.1"),
        (10.0, "10"),
    ],
)
def test_a_number_is_written_as_people_write_it(value, written):
    assert plain_number(value) == written


def test_the_nearest_known_word_is_suggested_and_no_far_one():
    assert did_you_mean("aeg", ["sex", "age"]) == "; did you mean 'age'?"
    assert did_you_mean("zzz", ["sex", "age"]) == ""


def test_choices_may_be_many_and_a_yes_no_question_needs_none():
    assert list(choices("q", "a", "b < a").kinds) == ["a", "b"]
    assert list(yes_no("q").kinds) == ["yes", "no"]
