"""One patient against hundreds of trials: the condition leaves few to look at, and further answers are added to what is known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit import reference_judge
from tests.unit.builders import CATALOG, exclusion, inclusion, known, trial
from tests.unit.crowds import AREAS, crowds
from tests.unit.strategies import patients
from trials.eligibility.asking import next_questions
from trials.eligibility.index import Index
from trials.eligibility.judging import judge
from trials.eligibility.verdicts import Truth, Verdict

PASSES, UNKNOWN, FAILS = Verdict.PASSES, Verdict.UNKNOWN, Verdict.FAILS
CONDITIONS = list(CATALOG["diagnosis"].labels)


def words(matches):
    """The verdicts as words."""
    return [Verdict(verdict).slug for verdict in matches.verdicts]


# many trials


@settings(max_examples=60)
@given(crowds(), st.lists(patients, min_size=1, max_size=3), st.sampled_from([*CONDITIONS, None]))
def test_hundreds_of_trials_are_judged_as_the_reference_judge_does(crowd, several, diagnosis):
    index = crowd.index()
    assert "diagnosis" in index.anchors
    for answers in ({"diagnosis": diagnosis}, *several, *(each | {"diagnosis": diagnosis} for each in several)):
        assert words(index.match(known(**answers))) == [reference_judge.judge(each, answers) for each in crowd.plain]


def condition_trials():
    """For each condition that has no kinds twenty trials, one with two criteria about it, and two that do not ask it."""
    leaves = [key for key in CONDITIONS if CATALOG["diagnosis"].kinds[key] == {key}]
    trials = [trial(inclusion(f"diagnosis is {key}"), key=key) for key in leaves * 20]
    trials.append(trial(inclusion("diagnosis is lymphoma"), exclusion("diagnosis is dlbcl"), key="lymphoma"))
    return [trial(key="nothing"), *trials, trial(inclusion("age >= 18"), key="age")]


@pytest.mark.parametrize(
    ("diagnosis", "expected"),
    [
        ("dlbcl", {"dlbcl": 2}),
        ("t_cell_lymphoma", {"t_cell_lymphoma": 2, "lymphoma": 2}),
        ("b_cell_lymphoma", {"dlbcl": 1, "lymphoma": 1}),
        ("lymphoma", {"dlbcl": 1, "t_cell_lymphoma": 1, "lymphoma": 1}),
        ("rp", {"rp_x_linked": 1}),
        ("hemophilia_b", {"hemophilia_b": 2}),
    ],
)
def test_a_condition_leaves_its_trials_and_those_that_do_not_ask_it(diagnosis, expected):
    index = Index.compile(CATALOG, condition_trials())
    matches = index.match(known(diagnosis=diagnosis))
    found = {key: Verdict(verdict) for key, verdict in zip(index.keys, matches.verdicts, strict=True) if verdict}
    assert found == expected | {"nothing": UNKNOWN, "age": UNKNOWN}
    assert {str(key) for key in index.keys[matches.trials]} == found.keys()


def test_cohorts_that_ask_different_conditions_stay_together():
    criteria = inclusion("diagnosis is lymphoma", "A"), inclusion("diagnosis is dlbcl", "B"), inclusion("hepatitis_b is no", "B")
    mixed = trial(*criteria, cohorts=("A", "B"))
    index = Index.compile(CATALOG, [mixed, trial(inclusion("diagnosis is dlbcl")), mixed] + [trial(inclusion("diagnosis is rp"))] * 30)
    matches = index.match(known(diagnosis="dlbcl"))
    assert matches.verdicts[:4].tolist() == [PASSES, PASSES, PASSES, FAILS]
    assert matches.trials.tolist() == [0, 1, 2]
    assert matches.lanes_a_trial.tolist() == [2, 1, 2]


def test_who_is_not_sure_of_the_condition_may_match_all_trials():
    index = Index.compile(CATALOG, condition_trials())
    assert words(index.match(known(diagnosis=None, age=30))) == ["unknown"] * (len(index) - 1) + ["passes"]


def test_the_most_telling_of_two_questions_leaves_the_same_trials():
    trials = [trial(inclusion(f"diagnosis is {key}"), inclusion(f"age between {age} and {age + 1}")) for key in ("dlbcl", "rp") for age in range(40)]
    index = Index.compile(CATALOG, trials)
    assert set(index.anchors) == {"diagnosis", "age"}
    for answers in ({"diagnosis": "dlbcl"}, {"age": 7}, {"diagnosis": "dlbcl", "age": 7}, {"diagnosis": "dlbcl", "age": {"min": 3}}):
        assert index.match(known(**answers)).verdicts.tolist() == [judge(each, known(**answers)).verdict for each in trials]


def test_a_question_of_nine_lanes_in_ten_narrows_and_one_of_fewer_does_not():
    asking, silent = trial(inclusion("age >= 18")), trial(inclusion("hepatitis_b is no"))
    assert set(Index.compile(CATALOG, [asking] * 9 + [silent]).anchors) == {"age"}
    assert set(Index.compile(CATALOG, [asking] * 8 + [silent] * 2).anchors) == set()
    twice = trial(inclusion("age >= 18"), inclusion("age < 70"))
    assert set(Index.compile(CATALOG, [twice] * 8 + [silent] * 2).anchors) == set()


def test_every_lane_stands_in_an_anchor_and_is_counted_there():
    index = Index.compile(CATALOG, condition_trials())
    anchor = index.anchors["diagnosis"]
    every_row = np.arange(len(anchor.lanes))
    assert set(anchor.candidates(every_row)) == set(range(len(index)))
    for rows in (every_row, every_row[:1], every_row[2:5], every_row[-1:], every_row[:0]):
        assert anchor.count(rows) == len(anchor.candidates(rows))


def test_rules_of_trials_that_the_condition_rules_out_are_not_worked_out():
    elsewhere = trial(inclusion("diagnosis is rp"), exclusion("age >= 18 and sex is male"))
    index = Index.compile(CATALOG, [trial(inclusion("diagnosis is hemophilia_b"))] * 10 + [elsewhere] * 40)
    group = 2 * index.compiled.first_group
    assert index.match(known(diagnosis="rp", age=30, sex="male")).truths[group] == Truth.TRUE
    assert index.match(known(diagnosis="hemophilia_b", age=30, sex="male")).truths[group] == Truth.UNKNOWN


def test_a_lane_with_two_rules_about_one_question_is_judged_once():
    of_age = trial(inclusion("age >= 18"), inclusion("age < 70"))
    index = Index.compile(CATALOG, [of_age] * 3 + [trial(inclusion("age >= 100"))] * 30)
    matches = index.match(known(age=30))
    assert matches.lanes.tolist() == matches.trials.tolist() == [0, 1, 2]
    assert matches.lanes_a_trial.tolist() == [1, 1, 1]


# further answers


def one_by_one(index, answers, order):
    """The patient who gives the answers in this order, after each of them."""
    matches, so_far = index.match({}), {}
    for key in order:
        so_far[key] = answers[key]
        facts = known(**so_far)
        matches = matches.answer(facts)
        yield matches, index.match(facts), set(so_far)


@settings(max_examples=60)
@given(crowds(count=60), patients, st.randoms())
def test_answers_one_by_one_in_any_order_come_to_the_same_as_all_at_once(crowd, answers, chance):
    index = crowd.index()
    for matches, at_once, asked in one_by_one(index, answers, chance.sample(list(answers), len(answers))):
        assert matches.verdicts.tolist() == at_once.verdicts.tolist()
        assert matches.trials.tolist() == at_once.trials.tolist()
        assert next_questions(matches, asked) == next_questions(at_once, asked)
    matches = index.match({}).answer(known(**answers))
    assert words(matches) == [reference_judge.judge(each, answers) for each in crowd.plain]


@settings(max_examples=60)
@given(crowds(count=60), st.lists(patients, min_size=2, max_size=4))
def test_answers_that_change_or_are_withdrawn_are_forgotten(crowd, several):
    index = crowd.index()
    matches = index.match({})
    for answers in [*several, {}]:
        matches = matches.answer(known(**answers))
        assert matches.verdicts.tolist() == index.match(known(**answers)).verdicts.tolist()


def test_a_trial_that_failed_comes_back_when_the_answer_changes_or_is_withdrawn():
    index = Index.compile(CATALOG, [trial(inclusion("age >= 18"), inclusion("sex is male or hepatitis_b is no"))])
    child = index.match({}).answer(known(age=17))
    assert words(child) == words(child.answer(known(age=17, sex="male"))) == ["fails"]
    assert words(child.answer(known(age=18, sex="male"))) == ["passes"]
    assert words(child.answer(known(sex="male"))) == words(child.answer({})) == ["unknown"]


def test_what_follows_from_an_answer_is_answered_with_it():
    index = Index.compile(CATALOG, [trial(exclusion("pregnant is yes or weeks_pregnant > 12")), trial(inclusion("treatments includes car_t"))])
    start = index.match({})
    assert words(start.answer(known(sex="male"))) == ["passes", "unknown"]
    assert words(start.answer(known(sex="female"))) == ["unknown", "unknown"]
    assert words(start.answer(known(pregnant="yes")).answer(known(pregnant="yes", sex="male"))) == ["passes", "unknown"]
    assert words(start.answer(known(treated="no"))) == ["unknown", "fails"]


def test_a_narrower_answer_to_the_same_question_counts():
    index = Index.compile(CATALOG, [trial(inclusion("age >= 18")), trial(inclusion("age >= 60"))])
    unsure = index.match(known(age={"min": 20, "max": 70}))
    assert words(unsure) == ["passes", "unknown"]
    assert words(unsure.answer(known(age={"min": 20, "max": 59}))) == ["passes", "fails"]


def test_an_answer_leaves_what_was_known_before_as_it_was():
    index = Index.compile(CATALOG, [trial(inclusion("age >= 18"), inclusion("sex is male or hepatitis_b is no"))])
    before = index.match(known(age=20))
    assert words(before.answer(known(age=20, sex="male"))) == ["passes"]
    assert words(before) == ["unknown"]
    assert words(before.answer(known(age=20, sex="female", hepatitis_b="yes"))) == ["fails"]


# some of the trials


@settings(max_examples=60)
@given(crowds(count=60), patients, st.sampled_from([*AREAS, None, "elsewhere"]))
def test_in_an_area_its_trials_alone_are_left(crowd, answers, area):
    index = crowd.index()
    matches = index.match(known(**answers))
    inside = np.array([area is None or area in each.areas for each in crowd.trials])
    assert index.rows_in(area).tolist() == np.flatnonzero(inside).tolist()
    assert matches.in_area(area).verdicts.tolist() == np.where(inside, matches.verdicts, FAILS).tolist()


@settings(max_examples=60)
@given(crowds(count=60), st.lists(patients, min_size=2, max_size=4), st.sampled_from([*AREAS, None]))
def test_answers_that_change_leave_the_area_as_it_was(crowd, several, area):
    index = crowd.index()
    matches = index.match({}).in_area(area)
    for answers in several:
        matches = matches.answer(known(**answers))
        assert matches.in_area(area).verdicts.tolist() == matches.verdicts.tolist() == index.match(known(**answers)).in_area(area).verdicts.tolist()


@settings(max_examples=60)
@given(crowds(count=60), patients, st.integers(1, 70))
def test_every_so_many_th_trial_keeps_all_of_its_lanes(crowd, answers, step):
    matches = crowd.index().match(known(**answers))
    some = matches.every(step)
    assert some.trials.tolist() == matches.trials[::step].tolist()
    assert some.lanes_a_trial.tolist() == matches.lanes_a_trial[::step].tolist()
    assert some.verdicts[some.trials].tolist() == matches.verdicts[some.trials].tolist()


def test_lanes_are_counted_where_they_do_not_fail():
    cohorts = trial(*(inclusion(f"age >= {age}", cohort) for age, cohort in ((10, "A"), (20, "B"), (30, "C"))), cohorts=("A", "B", "C"))
    index = Index.compile(CATALOG, [cohorts, trial(inclusion("age >= 18")), trial()])
    assert [index.match(known(age=age)).lanes_a_trial.tolist() for age in (9, 15, 25, 30)] == [[1], [1, 1], [2, 1, 1], [3, 1, 1]]
    assert [index.match(known(age=age)).trials.tolist() for age in (9, 15, 25)] == [[2], [0, 2], [0, 1, 2]]
