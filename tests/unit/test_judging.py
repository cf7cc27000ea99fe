"""Judging one trial: what an answer makes of a comparison, of a rule, of a cohort and of the whole; by itself and by the index."""

import pytest

from tests.unit.builders import CATALOG, exclusion, inclusion, known, rule, trial
from trials.eligibility.index import Index
from trials.eligibility.judging import judge, truth_of
from trials.eligibility.verdicts import Truth, Verdict

F, U, T = Truth.FALSE, Truth.UNKNOWN, Truth.TRUE
FAILS, UNKNOWN, PASSES = Verdict.FAILS, Verdict.UNKNOWN, Verdict.PASSES


def truth(text, **answers):
    """The truth of a rule for a patient, on which the judge and the index must agree."""
    facts = known(**answers)
    found = truth_of(rule(text), facts)
    assert list(Index.compile(CATALOG, [trial(inclusion(text)), trial(exclusion(text))]).match(facts).verdicts) == [found, ~found]
    return found


def judged(one, **answers):
    """The judgement on a trial, on whose verdict the index must agree."""
    facts = known(**answers)
    judgement = judge(one, facts)
    assert list(Index.compile(CATALOG, [one]).match(facts).verdicts) == [judgement.verdict]
    return judgement


@pytest.mark.parametrize(
    ("text", "just_below", "at", "just_above"),
    [
        ("age = 18", F, T, F),
        ("age < 18", T, F, F),
        ("age <= 18", T, T, F),
        ("age > 18", F, F, T),
        ("age >= 18", F, T, T),
        ("age >= 216 months", F, T, T),
        ("age between 18 and 65", F, T, T),
        ("age between 2 and 18", T, T, F),
        ("age between 18 and 18", F, T, F),
    ],
)
def test_a_number_just_below_at_and_just_above_a_bound(text, just_below, at, just_above):
    truths = [truth(text, age=age) for age in ("17.999", "18", "18.001")]
    assert truths == [just_below, at, just_above]


@pytest.mark.parametrize(
    ("text", "answer", "expected"),
    [
        ("age >= 18", {"min": 18}, T),
        ("age >= 18", {"min": "17.9"}, U),
        ("age >= 18", {"max": "17.9"}, F),
        ("age >= 18", {"max": 18}, U),
        ("age > 18", {"min": 18}, U),
        ("age > 18", {"min": "18.1"}, T),
        ("age > 18", {"max": 18}, F),
        ("age < 18", {"max": 18}, U),
        ("age < 18", {"max": "17.9"}, T),
        ("age < 18", {"min": 18}, F),
        ("age <= 18", {"max": 18}, T),
        ("age <= 18", {"min": 18}, U),
        ("age = 18", {"min": 18, "max": 18}, T),
        ("age = 18", {"min": 18, "max": 19}, U),
        ("age = 18", {"min": 19, "max": 20}, F),
        ("age between 18 and 65", {"min": 18, "max": 65}, T),
        ("age between 18 and 65", {"min": 17, "max": 65}, U),
        ("age between 18 and 65", {"min": 18, "max": 66}, U),
        ("age between 18 and 65", {"min": 17, "max": 66}, U),
        ("age between 18 and 65", {"max": 17}, F),
        ("age between 18 and 65", {"min": 66}, F),
        ("age between 18 and 65", {"min": 6, "max": 12, "unit": "months"}, F),
        ("viral_load < 50", {"max": 49}, T),
        ("viral_load < 50", {"max": 50}, U),
        ("viral_load < 50", {"min": 50}, F),
        ("viral_load >= 50", {"min": 49}, U),
    ],
)
def test_a_range_is_inside_outside_or_partly_inside(text, answer, expected):
    assert truth(text, **{text.split()[0]: answer}) is expected


@pytest.mark.parametrize(
    ("text", "truths"),
    [  # of dlbcl, b_cell_lymphoma, lymphoma, rp and not sure
        ("diagnosis is lymphoma", (T, T, T, F, U)),
        ("diagnosis is b_cell_lymphoma", (T, T, U, F, U)),
        ("diagnosis is dlbcl", (T, U, U, F, U)),
        ("diagnosis is t_cell_lymphoma", (F, F, U, F, U)),
        ("diagnosis is not lymphoma", (F, F, F, T, U)),
        ("diagnosis is not dlbcl", (F, U, U, T, U)),
        ("diagnosis in (dlbcl, rp)", (T, U, U, T, U)),
        ("diagnosis in (b_cell_lymphoma, t_cell_lymphoma)", (T, T, U, F, U)),
        ("diagnosis not in (dlbcl, rp)", (F, U, U, F, U)),
        ("diagnosis not in (t_cell_lymphoma, rp_x_linked)", (T, T, U, U, U)),
    ],
)
def test_an_inner_node_of_a_tree_is_true_of_its_ancestors_and_open_for_its_kinds(text, truths):
    answers = ("dlbcl", "b_cell_lymphoma", "lymphoma", "rp", None)
    assert [truth(text, diagnosis=answer) for answer in answers] == list(truths)


@pytest.mark.parametrize(
    ("text", "truths"),
    [  # of none, chemotherapy, car_t, car_t_cd19, both kinds of car_t and not sure
        ("treatments includes car_t", (F, F, T, T, T, U)),
        ("treatments includes car_t_cd19", (F, F, U, T, T, U)),
        ("treatments includes chemotherapy", (F, T, F, F, F, U)),
        ("treatments includes any of (car_t, chemotherapy)", (F, T, T, T, T, U)),
        ("treatments includes any of (car_t_cd19, chemotherapy)", (F, T, U, T, T, U)),
        ("treatments includes any of (car_t_cd19, car_t_bcma)", (F, F, U, T, T, U)),
        ("treatments includes all of (car_t, chemotherapy)", (F, F, F, F, F, U)),
        ("treatments includes all of (car_t, car_t_cd19)", (F, F, U, T, T, U)),
        ("treatments includes all of (car_t_cd19, car_t_bcma)", (F, F, U, F, T, U)),
        ("treatments includes all of (chemotherapy)", (F, T, F, F, F, U)),
        ("not treatments includes car_t_cd19", (T, T, U, F, F, U)),
    ],
)
def test_several_choices_include_one_any_or_all(text, truths):
    answers = ([], ["chemotherapy"], ["car_t"], ["car_t_cd19"], ["car_t_cd19", "car_t_bcma"], None)
    assert [truth(text, treatments=answer) for answer in answers] == list(truths)


@pytest.mark.parametrize(
    ("b", "c", "truths"),
    [  # of both, either, not b and neither
        ("no", "no", (F, F, T, T)),
        ("no", None, (F, U, T, U)),
        ("no", "yes", (F, T, T, F)),
        (None, "no", (F, U, U, U)),
        (None, None, (U, U, U, U)),
        (None, "yes", (U, T, U, F)),
        ("yes", "no", (F, T, F, F)),
        ("yes", None, (U, T, F, F)),
        ("yes", "yes", (T, T, F, F)),
    ],
)
def test_and_or_and_not_follow_kleene(b, c, truths):
    texts = (
        "hepatitis_b is yes and hepatitis_c is yes",
        "hepatitis_b is yes or hepatitis_c is yes",
        "not hepatitis_b is yes",
        "not (hepatitis_b is yes or hepatitis_c is yes)",
    )
    assert [truth(text, hepatitis_b=b, hepatitis_c=c) for text in texts] == list(truths)


@pytest.mark.parametrize("text", ["hepatitis_b in (yes, no)", "sex in (male, female)", "viral_load >= -1", "age <= 120"])
def test_missing_knowledge_never_counts_as_a_pass_even_of_what_all_answers_would_pass(text):
    assert truth(text) is U


@pytest.mark.parametrize(("age", "hemoglobin", "verdict"), [(18, 8, PASSES), (18, None, UNKNOWN), (17, None, FAILS), (18, 7, FAILS), (17, 7, FAILS)])
def test_a_trial_is_as_good_as_its_worst_criterion(age, hemoglobin, verdict):
    one = trial(inclusion("age >= 18"), exclusion("hemoglobin < 8"))
    assert judged(one, age=age, hemoglobin=hemoglobin).verdict is verdict


def test_a_judgement_holds_the_verdict_on_each_criterion_in_their_order():
    one = trial(inclusion("age >= 18"), exclusion(""), exclusion("sex is male"), inclusion("hemoglobin >= 8"))
    judgement = judged(one, age=18, sex="male")
    assert judgement.trial is one
    assert judgement.criteria == (PASSES, None, FAILS, UNKNOWN)
    assert judgement.cohort is None


@pytest.mark.parametrize("one", [trial(), trial(inclusion("")), trial(inclusion(""), exclusion(""))], ids=["none", "one", "two"])
@pytest.mark.parametrize("complete", [True, False])
def test_a_trial_without_a_judged_criterion_is_unknown(one, complete):
    assert judged(trial(*one.criteria, complete=complete), age=30).verdict is UNKNOWN


def test_a_criterion_that_the_study_team_checks_does_not_hold_the_others_back():
    assert judged(trial(inclusion("age >= 18"), inclusion("")), age=18).verdict is PASSES


@pytest.mark.parametrize(("age", "complete", "incomplete"), [(18, PASSES, UNKNOWN), (None, UNKNOWN, UNKNOWN), (17, FAILS, FAILS)])
def test_an_incomplete_record_is_at_best_unknown_but_still_fails(age, complete, incomplete):
    criterion = inclusion("age >= 18")
    assert judged(trial(criterion), age=age).verdict is complete
    assert judged(trial(criterion, complete=False), age=age).verdict is incomplete


TWO_COHORTS = trial(
    inclusion("hemoglobin >= 8"),
    inclusion("age >= 18", "Adults"),
    inclusion("age < 18", "Children"),
    exclusion("hepatitis_b is yes", "Children"),
    cohorts=("Adults", "Children"),
)


@pytest.mark.parametrize(
    ("answers", "verdict", "cohort"),
    [
        ({"hemoglobin": 8, "age": 18}, PASSES, "Adults"),
        ({"hemoglobin": 8, "age": 17, "hepatitis_b": "no"}, PASSES, "Children"),
        ({"hemoglobin": 8, "age": 17}, UNKNOWN, "Children"),
        ({"hemoglobin": 8, "age": 17, "hepatitis_b": "yes"}, FAILS, None),
        ({"hemoglobin": 8}, UNKNOWN, "Adults"),
        ({"age": 18}, UNKNOWN, "Adults"),
        ({"hemoglobin": 7, "age": 18}, FAILS, None),
        ({"hemoglobin": 7}, FAILS, None),
        ({"hemoglobin": 8, "hepatitis_b": "yes"}, UNKNOWN, "Adults"),
        ({}, UNKNOWN, "Adults"),
    ],
)
def test_the_best_cohort_counts_beside_the_criteria_common_to_all(answers, verdict, cohort):
    judgement = judged(TWO_COHORTS, **answers)
    assert (judgement.verdict, judgement.cohort) == (verdict, cohort)


def test_a_passing_cohort_of_an_incomplete_record_is_named_though_the_verdict_is_unknown():
    incomplete = trial(*TWO_COHORTS.criteria, cohorts=TWO_COHORTS.cohorts, complete=False)
    judgement = judged(incomplete, hemoglobin=8, age=17, hepatitis_b="no")
    assert (judgement.verdict, judgement.cohort) == (UNKNOWN, "Children")


@pytest.mark.parametrize(("age", "verdict", "cohort"), [(18, PASSES, "Adults"), (17, UNKNOWN, "Others"), (None, UNKNOWN, "Adults")])
def test_a_cohort_without_a_judged_criterion_is_unknown(age, verdict, cohort):
    judgement = judged(trial(inclusion("age >= 18", "Adults"), cohorts=("Adults", "Others")), age=age)
    assert (judgement.verdict, judgement.cohort) == (verdict, cohort)


def test_a_cohort_without_its_own_criteria_is_judged_by_the_common_ones():
    one = trial(inclusion("hemoglobin >= 8"), inclusion("age >= 18", "Adults"), cohorts=("Adults", "Others"))
    judgement = judged(one, hemoglobin=8, age=17)
    assert (judgement.verdict, judgement.cohort) == (PASSES, "Others")


@pytest.mark.parametrize(("sex", "pregnant", "verdict"), [("male", None, PASSES), ("female", None, UNKNOWN), (None, None, UNKNOWN), ("female", "yes", FAILS)])
def test_a_question_that_need_not_be_asked_is_judged_by_its_otherwise(sex, pregnant, verdict):
    assert judged(trial(exclusion("pregnant is yes")), sex=sex, pregnant=pregnant).verdict is verdict
