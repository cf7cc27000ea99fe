"""The index judges all trials at once, and agrees with a slow judge that tries each possible value."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit import reference_judge
from tests.unit.builders import CATALOG, exclusion, inclusion, known, trial
from tests.unit.strategies import PlainCriterion, PlainTrial, built, patients, plain_trials, rule_trees
from trials.eligibility.compiling import Compiler
from trials.eligibility.index import Index
from trials.eligibility.judging import judge
from trials.eligibility.questions import OneOf
from trials.eligibility.verdicts import Verdict

PASSES, UNKNOWN, FAILS = Verdict.PASSES, Verdict.UNKNOWN, Verdict.FAILS


def verdicts(*trials, **answers):
    """The index's verdicts on these trials."""
    return [Verdict(verdict) for verdict in Index.compile(CATALOG, trials).match(known(**answers)).verdicts]


@settings(max_examples=300)
@given(st.lists(plain_trials(), max_size=4), patients)
def test_the_index_and_the_judge_of_one_trial_agree_with_the_reference_judge(plain, answers):
    trials = [built(each, f"NCT{row:08}") for row, each in enumerate(plain)]
    expected = [reference_judge.judge(each, answers) for each in plain]
    matches = Index.compile(CATALOG, trials).match(known(**answers))
    assert [Verdict(verdict).slug for verdict in matches.verdicts] == expected
    assert [judge(each, known(**answers)).verdict.slug for each in trials] == expected


@settings(max_examples=300)
@given(rule_trees, st.booleans(), patients)
def test_a_single_rule_is_judged_as_the_reference_judge_does(tree, is_inclusion, answers):
    plain = PlainTrial((PlainCriterion(is_inclusion, tree, None),), (), True)
    expected = reference_judge.judge(plain, answers)
    assert [verdict.slug for verdict in verdicts(built(plain), **answers)] == [expected]


@settings(max_examples=100)
@given(plain_trials(), patients)
def test_each_criterion_is_judged_as_the_reference_judge_does(plain, answers):
    expected = [reference_judge.judge_criterion(each, reference_judge.after_conditions(answers)) for each in plain.criteria]
    judged = judge(built(plain), known(**answers)).criteria
    assert [None if verdict is None else verdict.slug for verdict in judged] == expected


def test_the_reference_judge_reads_a_patient_as_a_person_would():
    lymphoma = PlainTrial((PlainCriterion(True, ("diagnosis", "is", ("dlbcl",)), None), PlainCriterion(False, ("age", "<", ("18",)), None)), (), True)
    assert reference_judge.judge(lymphoma, {"diagnosis": "dlbcl", "age": 18}) == "passes"
    assert reference_judge.judge(lymphoma, {"diagnosis": "lymphoma", "age": 18}) == "unknown"
    assert reference_judge.judge(lymphoma, {"diagnosis": "lymphoma", "age": 17}) == "fails"
    assert reference_judge.judge(lymphoma._replace(complete=False), {"diagnosis": "dlbcl", "age": 18}) == "unknown"


def test_an_index_of_no_trials_has_no_verdicts():
    matches = Index.compile(CATALOG, []).match(known(age=30))
    assert list(matches.verdicts) == []
    assert list(matches.index.rows_in(None)) == []


def test_trials_keep_their_order():
    adults, children = trial(inclusion("age >= 18"), key="adults"), trial(inclusion("age < 18"), key="children")
    assert verdicts(adults, children, age=30) == [PASSES, FAILS]
    assert verdicts(children, adults, age=30) == [FAILS, PASSES]


def test_trials_without_a_rule_stand_between_others_and_are_unknown():
    adults, empty, team = trial(inclusion("age >= 18")), trial(), trial(inclusion(""), exclusion(""))
    assert verdicts(empty, adults, team, adults, empty, age=30) == [UNKNOWN, PASSES, UNKNOWN, PASSES, UNKNOWN]


def test_the_same_rule_in_many_trials_is_compared_once():
    index = Index.compile(CATALOG, [trial(inclusion("age >= 18")), trial(exclusion("age >= 216 months")), trial(inclusion("not age >= 18"))])
    assert index.compiled.first_group == 1
    assert list(index.match(known(age=18)).verdicts) == [PASSES, FAILS, FAILS]


def test_groups_within_groups_are_worked_out_from_the_inside():
    shallow = "hepatitis_b is yes or hepatitis_c is yes"
    deep = f"age >= 18 and not (sex is male and ({shallow}))"
    trials = [trial(inclusion(deep)), trial(exclusion(shallow)), trial(inclusion(f"{deep} or diagnosis is rp"))]
    assert verdicts(*trials, age=18, sex="male", hepatitis_b="yes", diagnosis="rp") == [FAILS, FAILS, PASSES]
    assert verdicts(*trials, age=18, sex="female", hepatitis_b="no", hepatitis_c="no") == [PASSES, PASSES, PASSES]
    assert verdicts(*trials, age=18, hepatitis_b="yes") == [UNKNOWN, FAILS, UNKNOWN]


def test_a_rule_said_twice_counts_once():
    assert verdicts(trial(inclusion("age >= 18 and age >= 18"), inclusion("age >= 18 or age >= 18")), age=18) == [PASSES]


def test_one_index_serves_many_patients():
    index = Index.compile(CATALOG, [trial(inclusion("age >= 18"))])
    assert [list(index.match(known(**answers)).verdicts) for answers in ({"age": 18}, {"age": 17}, {}, {"age": 18})] == [[2], [0], [1], [2]]


def test_the_rows_of_an_area_are_those_of_its_trials():
    index = Index.compile(CATALOG, [trial(areas=("eye",)), trial(areas=("cancer", "eye")), trial(areas=("hiv",))])
    assert list(index.rows_in("eye")) == [0, 1]
    assert list(index.rows_in("genetic")) == []
    assert list(index.rows_in(None)) == [0, 1, 2]


def test_questions_of_which_no_rule_knows_change_nothing():
    assert verdicts(trial(inclusion("age >= 18")), hepatitis_b="yes") == [UNKNOWN]


def test_what_does_not_answer_a_comparison_is_refused_aloud():
    index = Index.compile(CATALOG, [trial(inclusion("age >= 18"))])
    with pytest.raises(TypeError, match="does not answer a comparison with a question of kind number"):
        index.match({"age": OneOf(frozenset({"yes"}))})


def test_verdicts_are_one_small_number_a_trial():
    matches = Index.compile(CATALOG, [trial(inclusion("age >= 18"))] * 1_000).match(known(age=30))
    assert np.array_equal(matches.verdicts, np.full(1_000, PASSES))


def test_a_lane_names_first_what_is_likely_false_and_groups_last():
    index = Index.compile(CATALOG, [trial(inclusion("hepatitis_b is no or age >= 18"), inclusion("hepatitis_b is no"), inclusion("diagnosis is dlbcl"))])
    literals = index.compiled.lanes.flat
    assert (literals >> 1 >= index.compiled.first_group).tolist() == [False, False, True]
    assert index.chances[literals[0]] > index.chances[literals[1]]
    assert list(index.compiled.atoms)[index.question_of[literals[0] >> 1]] == "diagnosis"


@pytest.mark.parametrize(
    ("answer", "one", "any_of", "all_of"),
    [
        (["car_t_cd19", "chemotherapy"], PASSES, PASSES, PASSES),
        (["car_t_cd19", "stem_cell_transplant"], PASSES, PASSES, FAILS),
        (["chemotherapy"], FAILS, PASSES, FAILS),
        (["stem_cell_transplant"], FAILS, FAILS, FAILS),
        ([], FAILS, FAILS, FAILS),
        (["car_t"], UNKNOWN, UNKNOWN, FAILS),
        (["car_t", "chemotherapy"], UNKNOWN, PASSES, UNKNOWN),
        (None, UNKNOWN, UNKNOWN, UNKNOWN),
    ],
)
def test_several_choices_are_judged_as_one_any_and_all_of_them_ask(answer, one, any_of, all_of):
    rules = "includes car_t_cd19", "includes any of (car_t_cd19, chemotherapy)", "includes all of (car_t_cd19, chemotherapy)"
    trials = [trial(inclusion(f"treatments {rule}")) for rule in rules]
    assert verdicts(*trials, treated="yes", treatments=answer) == [one, any_of, all_of]


def test_rules_that_are_gone_before_the_next_is_read_are_not_taken_for_it():
    """A rule is known again by its identity, which the next one could otherwise get."""
    ages = list(range(100)) * 3
    index = Index.compile(CATALOG, (trial(inclusion(f"age between {age} and {age}")) for age in ages))
    assert np.flatnonzero(index.match(known(age=42)).verdicts).tolist() == [42, 142, 242]


def test_a_rule_that_trials_share_is_worked_out_once():
    shared, alike = inclusion("age >= 18 or sex is male"), inclusion("age >= 18 or sex is male")
    compiler = Compiler()
    lanes = [compiler.lane([each]) for each in (shared, shared, alike, shared)]
    assert len(compiler.kept) == 2
    assert len(compiler.groups) == 1
    assert lanes == [lanes[0]] * 4
