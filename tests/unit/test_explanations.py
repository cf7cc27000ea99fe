"""Why a verdict is what it is: the smallest set of answers that decides it, and no answer that did not matter."""

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.builders import CATALOG, exclusion, inclusion, known, number, rule, trial, yes_no
from tests.unit.strategies import blurred, patients, rule_trees, sharp_patients, text_of
from trials.eligibility.explanations import MOST_CAUSES, Explanation, _smallest, explain, explain_all, main_reason, open_questions, smallest_cause
from trials.eligibility.judging import judge, truth_of
from trials.eligibility.questionnaire import Questionnaire
from trials.eligibility.questions import Changes
from trials.eligibility.verdicts import Truth, Verdict

ABCDE = Questionnaire([yes_no(key, order=order) for order, key in enumerate("abcde")])
YES = dict.fromkeys("abcde", "yes")


def because(text, questions=ABCDE, /, **answers):
    """The keys that explain an inclusion criterion, as one word where they are single letters."""
    return " ".join(explain(inclusion(text, questions=questions), known(questions, **answers), questions).because)


@pytest.mark.parametrize(
    ("text", "answers", "cause"),
    [
        ("a is yes", {"a": "yes"}, "a"),
        ("a is yes", {"a": "no"}, "a"),
        ("not a is yes", {"a": "yes"}, "a"),
        ("a is yes and b is yes", {"a": "yes", "b": "yes"}, "a b"),
        ("a is yes and b is yes", {"a": "yes", "b": "no"}, "b"),
        ("a is yes and b is yes", {"b": "no"}, "b"),
        ("a is yes and b is yes", {"a": "no", "b": "no"}, "a"),
        ("a is yes or b is yes", {"a": "no", "b": "no"}, "a b"),
        ("a is yes or b is yes", {"a": "no", "b": "yes"}, "b"),
        ("a is yes or b is yes", {"b": "yes"}, "b"),
        ("a is yes or b is yes", {"a": "yes", "b": "yes"}, "a"),
        ("not (a is yes and b is yes)", {"a": "yes", "b": "yes"}, "a b"),
        ("not (a is yes and b is yes)", {"a": "yes", "b": "no"}, "b"),
        ("not (a is yes or b is yes)", {"a": "no", "b": "no"}, "a b"),
        ("not (a is yes or b is yes)", {"b": "yes"}, "b"),
    ],
)
def test_one_answer_is_enough_where_any_settles_and_all_are_needed_where_all_must(text, answers, cause):
    assert because(text, **answers) == cause


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("a is yes and b is yes or c is yes", "c"),
        ("(a is yes or b is yes) and (b is yes or c is yes)", "b"),
        ("(a is yes or b is yes) and (c is yes or b is yes) and (d is yes or e is yes)", "b d"),
        ("(a is yes or c is yes) and (b is yes or c is yes) and (d is yes or c is yes)", "c"),
        ("(a is yes and b is yes) or (c is yes and d is yes and e is yes)", "a b"),
        ("(a is yes and b is yes and c is yes) or (d is yes and e is yes)", "d e"),
        ("a is yes and (a is yes or b is yes)", "a"),
        ("(a is yes or (b is yes and c is yes)) and (d is yes or (b is yes and c is yes))", "a d"),
        ("(a is yes or (b is yes and c is yes)) and (d is yes or (b is yes and c is yes)) and (e is yes or (b is yes and c is yes))", "b c"),
        ("not (a is no or b is no) or c is no", "a b"),
        ("a is yes and a is not no and a in (yes)", "a"),
    ],
)
def test_a_question_that_serves_several_parts_makes_the_cause_smaller(text, cause):
    assert because(text, **YES) == cause


def test_the_answers_of_a_cause_are_told_in_the_order_of_the_catalog():
    questions = Questionnaire([yes_no("a", order=3), yes_no("b", order=2), yes_no("c", order=1)])
    assert because("a is yes and b is yes and c is yes", questions, a="yes", b="yes", c="yes") == "c b a"
    assert because("a is yes and b is yes and c is yes", questions) == "c b a"


def test_of_two_causes_of_one_size_the_one_that_is_asked_first_is_named():
    questions = Questionnaire([yes_no("a", order=3), yes_no("b", order=2), yes_no("c", order=1)])
    assert because("a is yes or b is yes", questions, a="yes", b="yes") == "b"
    assert because("a is yes or b is yes or c is yes", questions, a="yes", b="yes", c="yes") == "c"


def test_a_cause_that_is_one_larger_is_kept_for_what_it_may_save_elsewhere():
    assert because("((a is yes or b is yes) and (a is yes or c is yes)) and b is yes and c is yes", **YES) == "b c"


def restricted(answers, keys):
    """What would be known if only these questions had been answered."""
    return CATALOG.settle(CATALOG.read({key: answers[key] for key in keys}))


@settings(max_examples=250)
@given(rule_trees, patients)
def test_a_cause_decides_alone_and_nothing_smaller_does(tree, answers):
    one, facts = rule(text_of(tree)), known(**answers)
    truth = truth_of(one, facts)
    if truth is Truth.UNKNOWN:
        return
    counting = [key for key, answer in answers.items() if answer is not None and not CATALOG.is_left_out(key, facts)]
    cause = smallest_cause(one, facts, CATALOG)
    assert cause <= set(counting)
    assert truth_of(one, restricted(answers, cause)) is truth
    for smaller in combinations(counting, len(cause) - 1):
        assert truth_of(one, restricted(answers, smaller)) is Truth.UNKNOWN


PREGNANT = "pregnant is yes"


@pytest.mark.parametrize(
    ("text", "answers", "verdict", "cause"),
    [
        (PREGNANT, {"sex": "male"}, Verdict.FAILS, "sex"),
        (PREGNANT, {"sex": "male", "pregnant": "yes"}, Verdict.FAILS, "sex"),
        (PREGNANT, {"sex": "female", "pregnant": "no"}, Verdict.FAILS, "pregnant"),
        (PREGNANT, {"sex": "female", "pregnant": "yes"}, Verdict.PASSES, "pregnant"),
        (PREGNANT, {"pregnant": "no"}, Verdict.FAILS, "pregnant"),
        (PREGNANT, {"sex": "female"}, Verdict.UNKNOWN, "pregnant"),
        ("weeks_pregnant < 5", {"sex": "male"}, Verdict.PASSES, "sex"),
        ("weeks_pregnant < 5", {"pregnant": "no"}, Verdict.PASSES, "pregnant"),
        ("weeks_pregnant < 5", {"pregnant": "yes", "weeks_pregnant": 5}, Verdict.FAILS, "weeks_pregnant"),
        ("sex is male and pregnant is no", {"sex": "male"}, Verdict.PASSES, "sex"),
    ],
)
def test_an_otherwise_blames_the_answer_that_made_the_question_needless(text, answers, verdict, cause):
    explanation = explain(inclusion(text), known(**answers), CATALOG)
    assert (explanation.verdict, " ".join(explanation.because)) == (verdict, cause)


def test_of_a_condition_in_several_parts_only_those_that_made_it_false_are_blamed():
    questions = Questionnaire([yes_no("a"), yes_no("b"), yes_no("c"), yes_no("d", ask_if="a is yes and (b is yes or c is yes)", otherwise="no")])
    assert because("d is yes", questions, a="no", b="no", c="no") == "a"
    assert because("d is yes", questions, a="yes", b="no", c="no") == "b c"


@pytest.mark.parametrize(
    ("text", "answers", "still_open"),
    [
        ("a is yes", {}, "a"),
        ("a is yes and b is yes", {}, "a b"),
        ("a is yes and b is yes", {"a": "yes"}, "b"),
        ("a is yes or b is yes", {"a": "no"}, "b"),
        ("not (a is yes or b is yes)", {"b": "no"}, "a"),
        ("(a is yes or b is yes) and c is yes", {"a": "yes"}, "c"),
        ("(a is yes and b is yes) or c is yes", {"a": "no"}, "c"),
        ("(a is yes and b is yes) or c is yes", {"c": "no"}, "a b"),
        ("(a is yes and b is yes) or (b is yes and c is yes)", {"a": None}, "a b c"),
    ],
)
def test_an_unknown_criterion_names_the_questions_that_can_still_settle_it_and_no_other(text, answers, still_open):
    assert because(text, **answers) == still_open


def test_a_question_that_is_not_asked_and_has_no_otherwise_stays_open_itself():
    questions = Questionnaire([yes_no("a"), yes_no("b", ask_if="a is yes"), yes_no("c")])
    assert because("b is yes", questions, a="no") == "b"
    assert because("not (b is yes or c is yes)", questions, a="no") == "b c"


def test_a_range_that_is_partly_inside_leaves_its_question_open():
    explanation = explain(inclusion("age >= 18 and sex is male"), known(age={"min": 10, "max": 20}, sex="male"), CATALOG)
    assert explanation.because == ("age",)


@settings(max_examples=150)
@given(rule_trees, sharp_patients(), st.data())
def test_answering_the_open_questions_exactly_settles_a_criterion(tree, sharp, data):
    one, answers = rule(text_of(tree)), data.draw(blurred(sharp))
    facts = known(**answers)
    if truth_of(one, facts) is Truth.UNKNOWN:
        still_open = open_questions(one, facts, CATALOG)
        assert still_open
        assert truth_of(one, known(**answers | {key: sharp[key] for key in still_open})) is not Truth.UNKNOWN


def test_a_criterion_that_the_study_team_checks_has_no_cause():
    criterion = inclusion("")
    explanation = explain(criterion, known(age=30), CATALOG)
    assert (explanation.criterion, explanation.verdict, explanation.because) == (criterion, None, ())


@pytest.mark.parametrize(("age", "verdict"), [(18, Verdict.FAILS), (17, Verdict.PASSES), (None, Verdict.UNKNOWN)])
def test_an_exclusion_is_explained_with_its_verdict_and_the_same_answers(age, verdict):
    explanation = explain(exclusion("age >= 18 and age < 120"), known(age=age), CATALOG)
    assert (explanation.verdict, explanation.because) == (verdict, ("age",))


def test_all_criteria_are_explained_as_each_is_alone():
    facts = known(age=17)
    judgement = judge(trial(inclusion("age >= 18"), exclusion("age < 12"), inclusion("")), facts)
    assert explain_all(judgement, facts, CATALOG) == tuple(explain(criterion, facts, CATALOG) for criterion in judgement.trial.criteria)


def reason(judged, **answers):
    """The criterion to blame first."""
    facts = known(**answers)
    found = main_reason(judge(judged, facts), facts, CATALOG)
    return found and found.criterion.text


def test_the_main_reason_is_common_to_all_before_a_cohorts_own():
    judged = trial(inclusion("age >= 18", "A"), inclusion("sex is male or hepatitis_b is yes"), cohorts=("A",))
    assert reason(judged, age=17, sex="female", hepatitis_b="no") == "sex is male or hepatitis_b is yes"
    assert reason(judged, age=17, sex="male") == "age >= 18"


def test_the_main_reason_is_of_the_cohort_that_comes_nearest():
    judged = trial(inclusion("age >= 18", "A"), inclusion("hemoglobin >= 8", "A"), inclusion("sex is male or hepatitis_b is yes", "B"), cohorts=("A", "B"))
    assert reason(judged, age=17, hemoglobin=7, sex="female", hepatitis_b="no") == "sex is male or hepatitis_b is yes"
    assert reason(judged, age=18, hemoglobin=7, sex="female", hepatitis_b="no") == "hemoglobin >= 8"


def test_the_main_reason_is_the_one_with_the_fewest_answers_then_the_first():
    judged = trial(inclusion("sex is male or hepatitis_b is yes"), inclusion("age >= 18"), exclusion("hemoglobin < 8"))
    assert reason(judged, sex="female", hepatitis_b="no", age=17, hemoglobin=7) == "age >= 18"
    assert reason(judged, sex="female", hepatitis_b="no", age=18, hemoglobin=7) == "hemoglobin < 8"
    assert reason(judged, sex="female", hepatitis_b="no", age=18, hemoglobin=8) == "sex is male or hepatitis_b is yes"


def test_the_main_reason_is_explained_as_a_criterion_that_fails():
    facts = known(age=17, sex="male")
    judged = trial(inclusion("sex is male"), inclusion("age >= 18"))
    assert main_reason(judge(judged, facts), facts, CATALOG) == Explanation(judged.criteria[1], Verdict.FAILS, ("age",))


@pytest.mark.parametrize(
    ("changes", "cohort", "first"),
    [
        ((Changes.GROWS, Changes.FIXED), None, "b"),
        ((Changes.MAY_CHANGE, Changes.FIXED), None, "b"),
        ((Changes.GROWS, None), None, "b"),
        ((Changes.GROWS, Changes.MAY_CHANGE), None, "a"),
        ((Changes.FIXED, Changes.GROWS), None, "a"),
        ((Changes.FIXED, Changes.FIXED), None, "a"),
        ((Changes.GROWS, Changes.FIXED), "A", "a"),
    ],
)
def test_the_main_reason_is_one_that_lasts_but_of_a_cohort_the_first(changes, cohort, first):
    questions = Questionnaire([number(key, "days", changes=change) for key, change in zip("ab", changes, strict=True)])
    judged = trial(*(inclusion(f"{key} >= 5", cohort, questions) for key in "ab"), cohorts=(cohort,) if cohort else ())
    facts = known(questions, a=1, b=1)
    assert main_reason(judge(judged, facts), facts, questions).because == (first,)


def test_a_trial_of_which_no_criterion_fails_has_no_main_reason():
    assert reason(trial(inclusion("age >= 18"), inclusion("")), age=18) is None
    assert reason(trial(inclusion("age >= 18"))) is None


def test_a_rule_with_very_many_causes_is_still_explained_by_answers_that_decide_it():
    keys = [f"q{number:02}" for number in range(24)]
    questions = Questionnaire([yes_no(key) for key in keys])
    groups = [keys[start : start + 6] for start in range(0, 24, 6)]
    one = rule(" and ".join(f"({' or '.join(f'{key} is yes' for key in group)})" for group in groups), questions)
    answers = dict.fromkeys(keys, "yes")
    cause = smallest_cause(one, known(questions, **answers), questions)
    assert len(cause) == 4
    assert truth_of(one, known(questions, **dict.fromkeys(cause, "yes"))) is Truth.TRUE


def test_where_there_are_too_many_ways_to_try_each_part_takes_what_others_took():
    """Twelve pairs of groups share a key, which is no group's first by name in the second of them."""
    groups = [group for pair in range(12) for group in ([f"m{pair}", f"n{pair}", f"o{pair}"], [f"a{pair}", f"b{pair}", f"m{pair}"])]
    questions = Questionnaire([yes_no(key) for key in sorted({key for group in groups for key in group})])
    one = rule(" and ".join(f"({' or '.join(f'{key} is yes' for key in group)})" for group in groups), questions)
    assert smallest_cause(one, known(questions, **dict.fromkeys(questions, "yes")), questions) == {f"m{pair}" for pair in range(12)}


def test_of_very_many_causes_the_smallest_are_carried_on_and_none_that_holds_another():
    def pair(number):
        return frozenset({f"q{number}", f"r{number}"})

    single = frozenset({"z"})
    assert _smallest([pair(1), pair(1) | {"more"}, single | {"more"}, pair(0), single]) == [single, pair(0), pair(1)]
    assert _smallest([*map(pair, range(100, 300)), single]) == [single, *map(pair, range(100, 99 + MOST_CAUSES))]
    holding = [pair(100) | {f"x{number}"} for number in range(200)]
    assert _smallest([*holding, *map(pair, range(100, 102))]) == [pair(100), pair(101)]
