"""Cases that the engine once got wrong: what to ask next, long and deep rules, great and small numbers, many possible causes."""

import sys
from collections import Counter
from fractions import Fraction

import pytest

from tests.unit.builders import choice, inclusion, known, number, rule, trial, yes_no
from tests.unit.test_asking import asked_next
from trials.eligibility.explanations import describe, explain, smallest_cause
from trials.eligibility.questionnaire import Questionnaire
from trials.eligibility.questions import AnswerError, QuestionError
from trials.eligibility.rule_texts import say, write
from trials.eligibility.rules import RuleError

AB = Questionnaire([yes_no("a"), yes_no("b"), choice("sex", "male", "female"), number("age", "years")])


def ask(text, questions, area=None, cohorts=(), **answers):
    judged = trial(inclusion(text, questions=questions), areas=(area,) if area else ())
    return asked_next(judged, questions=questions, area=area, **answers)


# asking


def test_a_question_whose_condition_holds_already_is_asked_and_not_what_no_longer_matters():
    q = Questionnaire([yes_no("a"), yes_no("b"), yes_no("c", ask_if="a is yes or b is yes", otherwise="no")])
    assert ask("c is yes", q, a="yes") == ["c"]  # the engine: ["b"]


def test_a_condition_that_is_false_for_good_needs_no_question():
    q = Questionnaire([yes_no("a"), yes_no("b"), yes_no("c", ask_if="a is yes and b is yes")])
    assert ask("c is yes", q, a="no") == []  # the engine: ["b"], which changes nothing


def test_a_question_is_asked_where_its_condition_belongs_to_another_area():
    q = Questionnaire([yes_no("b", areas=frozenset({"eye"})), yes_no("c", ask_if="b is yes", otherwise="no")])
    assert ask("c is yes", q, area="cancer") == ["c"]  # the engine: [], so the trial stays unknown for ever


def test_a_question_is_asked_where_its_conditions_question_is_left_out():
    q = Questionnaire([yes_no("a"), yes_no("b", ask_if="a is yes"), yes_no("c", ask_if="b is yes", otherwise="no")])
    assert ask("c is yes", q, a="no") == ["c"]  # the engine: []


def test_an_incomplete_trial_that_a_cohort_without_rules_keeps_unknown_needs_no_question():
    judged = trial(inclusion("a is yes", "B", questions=AB), cohorts=("A", "B"), complete=False)
    assert asked_next(judged, questions=AB) == []  # can be neither FAILS (cohort A) nor PASSES (incomplete); the engine: ["a"]


def test_a_trial_that_can_neither_pass_nor_fail_any_more_needs_no_question():
    judged = trial(*(inclusion(f"{key} is yes", "B", questions=AB) for key in "ab"), cohorts=("A", "B"))
    assert asked_next(judged, questions=AB, a=None) == []  # "not sure" of a: B cannot pass, A is unknown; the engine: ["b"]


# reading and writing rules


@pytest.mark.parametrize("text", [" or ".join(["not a is yes"] * 26), " and ".join(["sex is not male"] * 26)], ids=["not", "is-not"])
def test_nots_side_by_side_are_not_deep(text):
    assert rule(text, AB)


def test_not_and_its_parentheses_are_counted_alike_with_or_without_a_space_so_that_what_is_read_can_be_written():
    one = rule("not(a is yes and " * 12 + "b is yes" + ")" * 12, AB)
    assert rule(write(one), AB) == one


def test_a_compact_rule_of_the_greatest_length_can_be_written_and_read_back():
    one = rule(" or ".join(["age>=1"] * 200)[:2000], AB)
    assert rule(write(one), AB) == one


def refusal(text):
    with pytest.raises(RuleError) as refused:
        rule(text, AB)
    return str(refused.value)


def test_a_question_with_a_bare_not_is_told_to_expect_in():
    assert "expected 'in'" in refusal("sex not male")  # the engine: expected the end of the rule


def test_in_a_rule_of_several_lines_the_fault_is_found_where_it_is():
    assert "'??' is not understood" in refusal("a is yes\nand ??")  # the engine quotes line 1 at line 2's column


def test_between_is_told_to_expect_and():
    assert refusal("age between 5 - 6 and 7").endswith("expected 'and'")


def test_different_rules_are_said_differently():
    said = [say(rule(text, AB), AB) for text in ("not (a is yes and b is yes)", "not a is yes and b is yes")]
    assert said[0] != said[1]  # both: It is not so that a is yes and b is yes


@pytest.mark.parametrize("bound", ["0.0004", "17.9996"])
def test_a_bound_is_said_as_it_is_and_not_rounded(bound):
    assert bound in say(rule(f"age >= {bound}", AB), AB)  # the engine: at least 0 years; at least 18 years


def test_a_huge_bound_can_be_said():
    assert say(rule(f"age < {'9' * 400}.5", AB), AB)  # OverflowError


def test_a_sentence_that_starts_with_parentheses_has_a_capital():
    assert say(rule("(a is yes or b is yes) and sex is male", AB), AB)[:2] == "(A"


# questions


def test_a_number_is_refused_that_no_one_could_mean():
    q = number("n", "g", units={"kg": Fraction(1, 3)})
    with pytest.raises(AnswerError, match="cannot be that large"):
        q.read({"value": 10**400, "unit": "kg"})
    assert describe(q.read({"value": 10**18, "unit": "kg"}), q)


def test_a_circle_of_conditions_is_told_in_the_right_direction():
    with pytest.raises(QuestionError) as refused:
        Questionnaire([yes_no("a", ask_if="b is yes"), yes_no("b", ask_if="c is yes"), yes_no("c", ask_if="a is yes")])
    assert any(f"'{one}' needs '{two}'" in str(refused.value) for one, two in ("ab", "bc", "ca"))  # the engine: 'a' needs 'c' needs 'b' needs 'a'


def test_a_small_answer_is_not_told_as_zero():
    assert describe(AB["age"].read("0.0004"), AB["age"]) != "0 years"


# explanations

KEYS = [f"q{number:02}" for number in range(60)]
MANY = Questionnaire([yes_no(key) for key in KEYS])
EVERY_YES = dict.fromkeys(KEYS, "yes")


def any_of(keys):
    return "(" + " or ".join(f"{key} is yes" for key in keys) + ")"


def test_the_smallest_cause_is_found_among_more_than_500():
    parts = [KEYS[0:10], KEYS[10:20], KEYS[20:30], ["q09", "q50"], ["q19", "q51"], ["q29", "q52"]]
    cause = smallest_cause(rule(" and ".join(map(any_of, parts)), MANY), known(MANY, **EVERY_YES), MANY)
    assert cause == {"q09", "q19", "q29"}  # the engine: q00 q09 q19 q29


def test_a_rule_of_800_characters_is_explained_in_few_steps():
    def all_of(first):
        return "(" + " and ".join(any_of(KEYS[start : start + 7]) for start in range(first, first + 28, 7)) + ")"

    one, facts = rule(f"{all_of(0)} and {all_of(28)}", MANY), known(MANY, **EVERY_YES)
    steps = Counter()
    sys.setprofile(lambda _frame, event, _of: steps.update([event]))
    try:
        smallest_cause(one, facts, MANY)
    finally:
        sys.setprofile(None)
    assert 0 < steps["call"] < 50_000  # 5,477; trying one cause after the other took a hundred times as long


def test_causes_of_one_size_are_chosen_in_the_order_of_the_catalog():
    q = Questionnaire([yes_no("a", order=3), yes_no("b", order=2), yes_no("c", order=1)])
    explanation = explain(inclusion("a is yes or b is yes or c is yes", questions=q), known(q, a="yes", b="yes", c="yes"), q)
    assert explanation.because == ("c",)  # the engine: a, by the alphabet


def test_parts_that_can_be_settled_by_the_same_answer_need_only_that_one():
    both = rule("(a is yes or b is yes) and (a is yes or b is yes)", AB)
    assert smallest_cause(both, known(AB, a="yes", b="yes"), AB) == {"a"}
