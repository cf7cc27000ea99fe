"""All questions together: reading answers, and what follows for questions that need not be asked."""

from fractions import Fraction

import pytest

from tests.unit.builders import CATALOG, choice, choices, known, number, yes_no
from trials.eligibility.questionnaire import Questionnaire
from trials.eligibility.questions import AnswerError, Interval, OneOf, QuestionError, Several

YES, NO = OneOf(frozenset({"yes"})), OneOf(frozenset({"no"}))


def test_questions_stand_in_the_order_of_the_catalog_then_of_their_keys():
    questions = Questionnaire([yes_no("c"), yes_no("b", order=2), yes_no("a", order=2), yes_no("d", order=1)])
    assert list(questions) == ["c", "d", "a", "b"]
    assert len(questions) == 4
    assert questions["d"].order == 1


def test_a_question_may_not_be_there_twice():
    with pytest.raises(QuestionError) as refused:
        Questionnaire([yes_no("b"), yes_no("a"), yes_no("c", order=5), yes_no("c", order=1)])
    assert str(refused.value) == "the question 'c' is there twice"


@pytest.mark.parametrize(
    ("parts", "fault"),
    [
        ({"ask_if": "sexx is female"}, "'q' ask_if: unknown question 'sexx' at column 1; did you mean 'sex'?"),
        ({"ask_if": "sex is femal"}, "'q' ask_if: 'sex' has no choice 'femal'; did you mean 'female'? (column 8)"),
        ({"ask_if": "sex is"}, "'q' ask_if: the rule ends at column 7; expected a question or choice"),
        ({"ask_if": "sex is female", "otherwise": "nope"}, "'q' otherwise: 'q' has no choice 'nope'; did you mean 'no'?"),
        ({"ask_if": "q is yes", "otherwise": "no"}, "the ask_if of these questions go round in a circle: 'q' needs 'q'"),
    ],
)
def test_an_ask_if_or_otherwise_that_cannot_be_used_is_refused(parts, fault):
    with pytest.raises(QuestionError) as refused:
        Questionnaire([choice("sex", "female", "male"), yes_no("q", **parts)])
    assert str(refused.value) == fault


def test_questions_whose_conditions_need_each_other_are_refused():
    with pytest.raises(QuestionError) as refused:
        Questionnaire([yes_no("a", ask_if="b is yes"), yes_no("b", ask_if="a is yes")])
    start = "the ask_if of these questions go round in a circle: "
    assert str(refused.value) in (f"{start}'a' needs 'b' needs 'a'", f"{start}'b' needs 'a' needs 'b'")


def test_a_long_circle_of_conditions_is_refused_too():
    with pytest.raises(QuestionError, match="go round in a circle"):
        Questionnaire([yes_no("a", ask_if="b is yes"), yes_no("b", ask_if="c is yes"), yes_no("c", ask_if="a is yes")])


def test_two_conditions_may_need_the_same_question():
    questions = Questionnaire([yes_no("a"), yes_no("b", ask_if="a is yes"), yes_no("c", ask_if="a is yes and b is yes")])
    assert list(questions.ask_if) == ["b", "c"]


def test_answers_are_read_in_the_forms_of_the_answers_file():
    answers = {
        "age": 34,
        "hemoglobin": {"value": 120, "unit": "g/L"},
        "viral_load": {"min": 20, "max": 49},
        "diagnosis": "rp_x_linked",
        "treatments": ["chemotherapy"],
        "hepatitis_b": True,
        "hepatitis_c": "no",
        "pregnant": None,
    }
    assert CATALOG.read(answers) == {
        "age": Interval(34, 34),
        "hemoglobin": Interval(12, 12),
        "viral_load": Interval(20, 49),
        "diagnosis": OneOf(frozenset({"rp_x_linked"})),
        "treatments": Several(frozenset({"chemotherapy"})),
        "hepatitis_b": YES,
        "hepatitis_c": NO,
        "pregnant": None,
    }


@pytest.mark.parametrize(
    ("answers", "fault"),
    [
        ({"aeg": 34}, "unknown question 'aeg'; did you mean 'age'?"),
        ({"zzz": None}, "unknown question 'zzz'"),
        ({"age": 34, "sex": "mail"}, "'sex' has no choice 'mail'; did you mean 'male'?"),
    ],
)
def test_an_unknown_question_or_a_bad_answer_is_refused(answers, fault):
    with pytest.raises(AnswerError) as refused:
        CATALOG.read(answers)
    assert str(refused.value) == fault


def test_a_question_that_was_not_answered_or_not_sure_leaves_nothing_known():
    assert known() == {}
    assert known(age=None, sex=None) == {}


@pytest.mark.parametrize(
    ("answers", "pregnant"),
    [
        ({"sex": "male"}, NO),
        ({"sex": "male", "pregnant": None}, NO),
        ({"sex": "male", "pregnant": "yes"}, NO),
        ({"sex": "female"}, None),
        ({"sex": "female", "pregnant": "yes"}, YES),
        ({"sex": "female", "pregnant": None}, None),
        ({"sex": None, "pregnant": "yes"}, YES),
        ({"pregnant": "yes"}, YES),
        ({}, None),
    ],
)
def test_a_question_whose_condition_is_false_counts_as_its_otherwise_and_any_other_as_answered(answers, pregnant):
    assert known(**answers).get("pregnant") == pregnant


@pytest.mark.parametrize(
    ("answers", "left_out"),
    [({"sex": "male"}, True), ({"sex": "female"}, False), ({"sex": None}, False), ({}, False)],
)
def test_a_question_is_left_out_only_where_its_condition_is_false(answers, left_out):
    assert CATALOG.is_left_out("pregnant", known(**answers)) is left_out


@pytest.mark.parametrize(
    ("answers", "left_out"),
    [
        ({"sex": "male", "treated": "no"}, {"pregnant", "treatments"}),
        ({"sex": "male", "treated": "yes"}, {"pregnant"}),
        ({"sex": "female", "pregnant": "no"}, {"weeks_pregnant"}),
        ({"sex": "female"}, set()),
        ({}, set()),
    ],
)
def test_questions_are_left_out_by_answers_that_were_not_settled_too(answers, left_out):
    assert CATALOG.left_out(CATALOG.read(answers)) == left_out


def test_elsewhere_are_the_questions_of_other_areas_alone():
    questions = Questionnaire(
        [yes_no("all"), yes_no("eye", areas=frozenset({"eye"})), yes_no("both", areas=frozenset({"eye", "hiv"})), yes_no("hiv", areas=frozenset({"hiv"}))]
    )
    asked_elsewhere = {None: set(), "eye": {"hiv"}, "hiv": {"eye"}, "cancer": {"eye", "both", "hiv"}}
    for _first_and_again in range(2):
        assert {area: questions.elsewhere(area) for area in asked_elsewhere} == asked_elsewhere


def test_a_question_without_a_condition_is_never_left_out():
    assert not CATALOG.is_left_out("age", known(sex="male"))


def test_without_an_otherwise_a_question_that_need_not_be_asked_stays_unknown_whatever_was_answered():
    questions = Questionnaire([yes_no("a"), yes_no("b", ask_if="a is yes")])
    assert "b" not in known(questions, a="no", b="yes")
    assert known(questions, a="yes", b="yes")["b"] == YES


def test_an_otherwise_can_be_a_number_or_several_choices():
    questions = Questionnaire(
        [
            yes_no("smoker"),
            number("cigarettes", "a day", ask_if="smoker is yes", otherwise=0),
            number("years", "years", units={"months": Fraction(1, 12)}, ask_if="smoker is yes", otherwise={"value": 6, "unit": "months"}),
            choices("brands", "red", "blue", ask_if="smoker is yes", otherwise=[]),
        ]
    )
    settled = known(questions, smoker="no")
    assert settled["cigarettes"] == Interval(0, 0)
    assert settled["years"] == Interval(Fraction(1, 2), Fraction(1, 2))
    assert settled["brands"] == Several(frozenset())


def test_conditions_are_settled_one_after_the_other_whatever_the_order_of_the_catalog():
    questions = Questionnaire(
        [
            yes_no("last", ask_if="middle is yes", otherwise="no", order=1),
            yes_no("middle", ask_if="first is yes", otherwise="no", order=2),
            yes_no("first", order=3),
        ]
    )
    assert known(questions, first="no") == {"first": NO, "middle": NO, "last": NO}
    assert known(questions, first="no", middle="yes", last="yes") == {"first": NO, "middle": NO, "last": NO}
    assert known(questions, first="yes", middle="no") == {"first": YES, "middle": NO, "last": NO}
    assert known(questions, first="yes", middle="yes") == {"first": YES, "middle": YES}


def test_settling_leaves_the_answers_as_they_were_so_that_changing_one_back_loses_nothing():
    answers = CATALOG.read({"sex": "male", "pregnant": "yes"})
    before = dict(answers)
    CATALOG.settle(answers)
    assert answers == before
