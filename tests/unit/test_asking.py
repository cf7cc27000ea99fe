"""Which question comes next: the one that is expected to settle most, of those that can still change a result."""

import os
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.builders import CATALOG, choice, choices, exclusion, inclusion, known, number, trial, yes_no
from tests.unit.strategies import built, patients, plain_trials, sharp_patients
from trials.eligibility import asking
from trials.eligibility.asking import next_questions
from trials.eligibility.index import Index
from trials.eligibility.judging import judge
from trials.eligibility.questionnaire import Questionnaire
from trials.eligibility.rules import questions_of
from trials.eligibility.verdicts import Verdict

ABCDE = Questionnaire([yes_no(key, order=order) for order, key in enumerate("abcde")])


def asked_next(*trials, questions=CATALOG, area=None, **answers):
    """The questions to ask a patient who gave these answers, best first."""
    return next_questions(Index.compile(questions, trials).match(known(questions, **answers)), answers.keys(), area)


def letters(*rules, questions=ABCDE, **answers):
    """The questions of one letter to ask next, where each of these rules is a trial of its own."""
    trials = [trial(inclusion(text, questions=questions)) for text in rules]
    return "".join(asked_next(*trials, questions=questions, **answers))


def test_diagnosis_age_and_sex_come_first_whatever_else_would_settle_more():
    trials = [trial(inclusion("hepatitis_b is yes"), inclusion("hepatitis_c is yes")) for _ in range(5)]
    judged = trial(inclusion("sex is male"), inclusion("age >= 18"), inclusion("diagnosis is rp"))
    assert asked_next(*trials, judged) == ["diagnosis", "age", "sex", "hepatitis_b", "hepatitis_c"]
    assert asked_next(*trials, judged, diagnosis="rp") == ["age", "sex", "hepatitis_b", "hepatitis_c"]
    assert asked_next(*trials, judged, diagnosis="rp", age=18) == ["sex", "hepatitis_b", "hepatitis_c"]


def test_the_first_questions_too_are_asked_only_where_they_can_change_a_result():
    assert asked_next(trial(inclusion("sex is male"), inclusion("hemoglobin >= 8"))) == ["sex", "hemoglobin"]


@pytest.mark.parametrize(
    "settled",
    [
        trial(inclusion("age >= 18"), inclusion("sex is male or age > 10")),
        trial(inclusion("age < 18"), inclusion("sex is male")),
        trial(exclusion("age >= 18"), inclusion("sex is male")),
        trial(inclusion("age >= 18"), complete=False),
        trial(inclusion("age < 18"), inclusion("sex is male"), complete=False),
        trial(inclusion("age >= 18", "A"), inclusion("sex is male", "B"), cohorts=("A", "B")),
        trial(inclusion("age >= 18", "A"), inclusion("sex is male", "B"), cohorts=("A", "B"), complete=False),
        trial(inclusion("age < 18"), inclusion("sex is male", "A"), inclusion("hepatitis_b is no", "B"), cohorts=("A", "B")),
        trial(inclusion("")),
        trial(),
    ],
    ids=[
        "passes",
        "fails",
        "excluded",
        "passes-incomplete",
        "fails-incomplete",
        "a-cohort-passes",
        "a-cohort-passes-incomplete",
        "all-cohorts-fail",
        "study-team",
        "no-criteria",
    ],
)
def test_a_settled_trial_needs_no_question(settled):
    assert asked_next(settled, age=30) == []


def test_no_trials_need_no_question():
    assert asked_next() == []


def test_only_undecided_trials_are_asked_for():
    failing, open_one = trial(inclusion("age < 18"), inclusion("hepatitis_b is no")), trial(inclusion("age >= 18"), inclusion("hemoglobin >= 8"))
    assert asked_next(failing, open_one, age=30) == ["hemoglobin"]


def test_a_cohort_that_fails_already_is_not_asked_for():
    judged = trial(inclusion("age < 18", "A"), inclusion("hepatitis_b is no", "A"), inclusion("hemoglobin >= 8", "B"), cohorts=("A", "B"))
    assert asked_next(judged, age=30) == ["hemoglobin"]


@pytest.mark.parametrize(
    ("text", "answers", "still_asked"),
    [
        ("a is yes or b is yes", {"a": "no"}, "b"),
        ("a is yes or b is yes", {"a": "yes"}, ""),
        ("(a is yes or b is yes) and c is yes", {"a": "yes"}, "c"),
        ("(a is yes and b is yes) or c is yes", {"a": "no"}, "c"),
        ("not (a is yes and b is yes)", {"a": "no"}, ""),
        ("not (a is yes and b is yes)", {"a": "yes"}, "b"),
    ],
)
def test_the_part_of_a_rule_that_no_longer_matters_is_not_asked_for(text, answers, still_asked):
    assert letters(text, **answers) == still_asked


@pytest.mark.parametrize("age", [None, {"min": 10, "max": 20}, 18])
def test_what_was_asked_is_never_asked_again_not_even_after_not_sure_or_a_range(age):
    assert asked_next(trial(inclusion("age >= 18"), inclusion("sex is male")), age=age) == ["sex"]


def test_the_question_that_is_expected_to_rule_out_most_trials_comes_first():
    assert letters("c is yes", "b is yes and c is yes", "b is yes") == "bc"
    assert letters("c is yes", "c is yes", "b is yes") == "cb"
    assert letters("a is yes", "c is yes", "b is yes", "c is yes", "b is yes", "c is yes") == "cba"


def test_a_yes_that_is_needed_comes_before_a_no_that_is_needed_since_a_yes_is_rarer():
    assert letters("a is no", "b is yes") == "ba"
    assert letters("not a is yes", "b is not no") == "ba"


def test_a_number_comes_between_a_needed_yes_and_a_needed_no():
    questions = Questionnaire([yes_no("a"), number("n"), yes_no("z")])
    assert letters("a is no", "n >= 5", "z is yes", questions=questions) == "zna"


def test_the_fewer_of_its_choices_fit_the_sooner_a_question_is_asked():
    questions = Questionnaire([choice("m", "u", "v", "w", "x"), choice("n", "u", "v", "w", "x"), choices("o", "u", "v")])
    assert letters("m in (u, v, w)", "n is u", questions=questions) == "nm"
    assert letters("m in (u, v, w)", "n in (u, v)", "o includes u", questions=questions) == "onm"


def test_the_only_question_of_a_criterion_comes_before_those_that_share_one():
    assert letters("a is yes or b is yes", "c is yes") == "cab"


def test_an_all_of_weighs_as_much_as_its_parts_together_make_it_likely_to_fail():
    assert letters("a is yes and b is yes", "c is yes", "d is yes or e is yes") == "cabde"
    assert letters("not (a is no or b is no)", "c is yes") == "cab"


def test_a_group_is_likely_to_fail_where_all_must_hold_and_less_so_where_any_may():
    questions = Questionnaire([yes_no("a"), yes_no("b"), yes_no("c"), number("n")])
    assert letters("n >= 5", "a is yes and b is yes", questions=questions) == "abn"
    assert letters("n >= 5", "a is yes or b is yes", questions=questions) == "nab"
    assert letters("c is no", "a is yes or b is yes", questions=questions) == "abc"


def test_ties_go_by_the_order_of_the_catalog_then_of_the_keys():
    questions = Questionnaire([yes_no("a", order=2), yes_no("b", order=1), yes_no("d", order=0), yes_no("c", order=0)])
    assert letters("a is yes", "b is yes", "c is yes", "d is yes", questions=questions) == "cdba"


def test_a_sensitive_question_comes_last_among_equals_only():
    questions = Questionnaire([yes_no("a", sensitive=True), yes_no("b", order=1), yes_no("c", order=2)])
    assert letters("a is yes", "b is yes", "c is yes", questions=questions) == "bca"
    assert letters("a is yes", "a is yes", "b is yes", "c is yes", questions=questions) == "abc"


PREGNANT = trial(exclusion("pregnant is yes"))
WEEKS = trial(exclusion("weeks_pregnant > 12"))


@pytest.mark.parametrize(
    ("judged", "answers", "keys"),
    [
        (PREGNANT, {}, ["sex"]),
        (PREGNANT, {"sex": "female"}, ["pregnant"]),
        (PREGNANT, {"sex": None}, ["pregnant"]),
        (PREGNANT, {"sex": "male"}, []),
        (PREGNANT, {"sex": "female", "pregnant": None}, []),
        (WEEKS, {}, ["sex"]),
        (WEEKS, {"sex": "female"}, ["pregnant"]),
        (WEEKS, {"sex": "female", "pregnant": "yes"}, ["weeks_pregnant"]),
        (WEEKS, {"sex": "female", "pregnant": None}, ["weeks_pregnant"]),
        (WEEKS, {"sex": "female", "pregnant": "no"}, []),
        (WEEKS, {"sex": "male"}, []),
    ],
)
def test_the_question_of_a_condition_is_asked_before_the_question_that_has_it(judged, answers, keys):
    assert asked_next(judged, **answers) == keys


def test_a_question_that_decides_whether_others_are_asked_gains_what_they_would():
    questions = Questionnaire([yes_no("a"), yes_no("b"), yes_no("c", ask_if="b is yes"), yes_no("d", ask_if="b is yes")])
    assert letters("a is yes", "c is yes", "d is yes", questions=questions) == "ba"


def test_a_condition_that_an_otherwise_makes_true_leads_to_its_question():
    questions = Questionnaire([yes_no("a"), yes_no("b", ask_if="a is yes", otherwise="no"), yes_no("c", ask_if="b is no")])
    assert letters("c is yes", questions=questions, a="no") == "c"


def test_a_question_whose_condition_is_false_is_not_asked_even_where_it_stays_unknown():
    questions = Questionnaire([yes_no("a"), yes_no("b", ask_if="a is yes"), yes_no("c", order=1)])
    assert letters("b is yes and c is yes", questions=questions, a="no") == "c"


def test_only_the_trials_and_the_questions_of_an_area_count():
    questions = Questionnaire([yes_no("a"), yes_no("b", areas=frozenset({"eye"})), yes_no("c", areas=frozenset({"hiv", "cancer"}))])
    eye, cancer = (trial(*(inclusion(f"{key} is yes", questions=questions) for key in "abc"), areas=(area,)) for area in ("eye", "cancer"))
    assert asked_next(eye, cancer, questions=questions, area="eye") == ["a", "b"]
    assert asked_next(eye, cancer, questions=questions, area="cancer") == ["a", "c"]
    assert asked_next(eye, cancer, questions=questions, area="hiv") == []
    assert asked_next(eye, cancer, questions=questions) == ["a", "b", "c"]


trial_lists = st.lists(plain_trials(), max_size=4).map(lambda several: [built(each, f"NCT{row:08}") for row, each in enumerate(several)])


@settings(max_examples=100)
@given(trial_lists, patients, st.randoms())
def test_the_same_answers_give_the_same_questions_whatever_the_order_of_trials_and_answers(trials, answers, chance):
    shuffled, mixed = chance.sample(trials, len(trials)), dict(chance.sample(list(answers.items()), len(answers)))
    assert asked_next(*trials, **answers) == asked_next(*shuffled, **mixed)


@settings(max_examples=100)
@given(trial_lists, patients)
def test_only_questions_of_undecided_trials_and_their_conditions_are_asked_and_none_again(trials, answers):
    undecided = [each for each in trials if judge(each, known(**answers)).verdict is Verdict.UNKNOWN]
    named = {key for each in undecided for criterion in each.criteria if criterion.rule for key in questions_of(criterion.rule)}
    conditions = {"weeks_pregnant": {"pregnant", "sex"}, "pregnant": {"sex"}, "treatments": {"treated"}}
    wanted = named.union(*(conditions.get(key, set()) for key in named))
    found = asked_next(*trials, **answers)
    assert set(found) <= wanted - set(answers)
    assert len(found) == len(set(found))


@settings(max_examples=100)
@given(trial_lists, sharp_patients())
def test_the_questions_asked_are_enough_to_reach_the_verdicts_that_all_answers_give(trials, sharp):
    answers, index = {}, Index.compile(CATALOG, trials)
    while ahead := asked_next(*trials, **answers):
        assert ahead[0] not in answers
        answers[ahead[0]] = sharp[ahead[0]]
    assert list(index.match(known(**answers)).verdicts) == list(index.match(known(**sharp)).verdicts)


def test_a_part_of_a_rule_that_can_only_become_worse_is_not_asked_where_only_better_helps():
    """The other cohort stays unknown, so the trial cannot fail any more; "a and b" cannot come true, since a is not known."""
    cohorts = inclusion("(a is yes and b is yes) or c is yes", "A", ABCDE), inclusion("", "B")
    assert asked_next(trial(*cohorts, cohorts=("A", "B")), questions=ABCDE, a=None) == ["c"]
    assert set(asked_next(trial(cohorts[0], cohorts=("A",)), questions=ABCDE, a=None)) == {"b", "c"}


def test_what_a_group_is_expected_to_rule_out_is_shared_by_its_parts():
    assert letters("a is yes and b is yes", "c is yes") == "cab"


def test_parts_of_a_group_that_are_settled_have_no_share():
    assert letters("a is yes and b is yes and c is yes", "d is yes and e is yes", c="yes") == "abde"
    assert letters("a is yes and b is yes and c is yes", "d is yes and e is yes") == "deabc"


def sampled(most, count, monkeypatch, **answers):
    """The questions to ask of so many trials that ask a and b by turns, where twice as many lanes as ``most`` are too many to look at."""
    monkeypatch.setattr(asking, "MOST_LANES", most)
    return letters(*(["a is yes", "b is yes"] * count)[:count], **answers)


def test_of_very_many_lanes_a_sample_is_looked_at(monkeypatch):
    assert [sampled(4, count, monkeypatch) for count in (7, 8, 9, 11)] == ["ab", "a", "a", "a"]


def test_where_a_sample_has_no_question_left_all_lanes_are_looked_at(monkeypatch):
    assert sampled(4, 8, monkeypatch, a=None) == "b"


IN_A_PROCESS_OF_ITS_OWN = """
from tests.unit.builders import inclusion, trial, yes_no
from tests.unit.test_asking import asked_next
from trials.eligibility.questionnaire import Questionnaire
keys = [f"q{number}" for number in range(12)]
questions = Questionnaire([*map(yes_no, keys), yes_no("last", ask_if=" or ".join(f"{key} is yes" for key in keys))])
print(asked_next(trial(inclusion("last is yes", questions=questions)), questions=questions))
"""


def test_the_order_is_the_same_in_every_process():
    found = {
        subprocess.run(
            [sys.executable, "-c", IN_A_PROCESS_OF_ITS_OWN], env=os.environ | {"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert found == {f"{sorted(f'q{number}' for number in range(12))}\n"}
