"""Patients to try a trial on: who they are, and that the engine judges each as expected."""

import json
from fractions import Fraction

import pytest
from hypothesis import given

from tests.unit import strategies
from tests.unit.builders import CATALOG, exclusion, inclusion, known, rule, trial
from tests.unit.starter import starter
from trials.desk.boundaries import propose_patients
from trials.desk.limits import step_of
from trials.eligibility.judging import Criterion, judge
from trials.eligibility.rules import Quantity
from trials.eligibility.verdicts import CriterionKind, Verdict

PASSES, UNKNOWN, FAILS = Verdict.PASSES, Verdict.UNKNOWN, Verdict.FAILS


def proposed(*criteria, most=40, **parts):
    """Name -> patient."""
    patients = propose_patients(trial(*criteria, **parts), CATALOG, most)
    found = {patient.name: patient for patient in patients}
    assert len(found) == len(patients)
    return found


def verdicts(*criteria, **parts):
    """Name -> the verdict to expect."""
    return {name: patient.expect for name, patient in proposed(*criteria, **parts).items()}


def test_a_trial_without_rules_has_nobody_to_try():
    assert proposed() == proposed(inclusion(""), exclusion("")) == {}


def test_the_first_fits_everything_and_the_second_is_sure_of_nothing():
    criteria = [inclusion("diagnosis is lymphoma"), inclusion("age >= 18"), exclusion("hepatitis_b is yes"), exclusion("pregnant is yes")]
    first, second, *_rest = proposed(*criteria).values()
    assert (first.name, first.expect) == ("Fits everything asked", PASSES)
    assert first.answers["age"] >= 18
    assert first.answers["hepatitis_b"] == "no"
    assert (second.name, second.expect) == ("Not sure of anything", UNKNOWN)
    assert second.answers == dict.fromkeys(["diagnosis", "age", "sex", "pregnant", "hepatitis_b"])


def test_age_just_below_at_and_just_above_a_limit():
    assert verdicts(inclusion("age >= 18")) == {
        "Fits everything asked": PASSES,
        "Not sure of anything": UNKNOWN,
        "Age 17: one below the limit of 18": FAILS,
        "Age 18: at the limit of 18": PASSES,
        "Age 19: one above the limit of 18": PASSES,
    }


def test_both_ends_of_a_range():
    found = verdicts(inclusion("age between 18 and 65"))
    ends = {name.partition(":")[0]: verdict for name, verdict in found.items() if "limit" in name}
    assert ends == {"Age 17": FAILS, "Age 18": PASSES, "Age 19": PASSES, "Age 64": PASSES, "Age 65": PASSES, "Age 66": FAILS}


def test_the_limits_of_an_exclusion():
    found = verdicts(exclusion("hemoglobin < 8"))
    assert found["Hemoglobin 7.9 g/dL: just below the limit of 8"] is FAILS
    assert found["Hemoglobin 8 g/dL: at the limit of 8"] is PASSES


def test_a_limit_is_tried_in_the_rule_s_own_unit():
    found = proposed(inclusion("age >= 6 months"))
    assert found["Age 5 months: one below the limit of 6"].answers == {"age": {"value": 5, "unit": "months"}}
    assert found["Age 5 months: one below the limit of 6"].expect is FAILS


def test_no_patient_beyond_what_the_question_takes():
    assert [name for name in proposed(inclusion("age > 0")) if "limit" in name] == ["Age 0: at the limit of 0", "Age 1: one above the limit of 0"]


def test_a_limit_of_a_question_that_is_asked_of_some_only():
    found = proposed(exclusion("pregnant is yes and weeks_pregnant > 12"))
    above = found["Weeks pregnant 13: one above the limit of 12"]
    assert above.answers == {"sex": "female", "pregnant": "yes", "weeks_pregnant": 13}
    assert above.expect is FAILS
    assert found["Weeks pregnant 12: at the limit of 12"].expect is PASSES


def test_a_limit_that_another_criterion_rules_out_is_tried_all_the_same():
    found = proposed(inclusion("sex is male"), exclusion("pregnant is yes and weeks_pregnant > 12"))
    assert found["Weeks pregnant 13: one above the limit of 12"].answers == {"sex": "female", "pregnant": "yes", "weeks_pregnant": 13}


def test_a_limit_on_which_an_alternative_would_settle_the_rule():
    found = verdicts(inclusion("age >= 18 or hemoglobin >= 9"))
    assert [found[f"Age {age}"] for age in ("17: one below the limit of 18", "18: at the limit of 18")] == [FAILS, PASSES]
    assert found["Hemoglobin 8.9 g/dL: just below the limit of 9"] is FAILS
    assert found["Hemoglobin 9 g/dL: at the limit of 9"] is PASSES


@pytest.mark.parametrize(
    ("number", "key", "step"),
    [
        ("18", "age", "1"),
        ("1.5", "age", "0.1"),
        ("8", "hemoglobin", "0.1"),
        ("19", "hemoglobin", "0.1"),
        ("20", "hemoglobin", "1"),
        ("8.25", "hemoglobin", "0.01"),
        ("50", "viral_load", "1"),
        ("12", "weeks_pregnant", "1"),
    ],
)
def test_steps(number, key, step):
    assert step_of(Quantity(Fraction(number)), CATALOG[key]) == Fraction(step)


def test_each_exclusion_has_somebody():
    found = proposed(inclusion("age >= 18"), exclusion("hepatitis_b is yes"), exclusion("treated is yes and treatments includes car_t"))
    assert found["Excluded: hepatitis_b is yes"].answers["hepatitis_b"] == "yes"
    had = found["Excluded: treated is yes and treatments includes car_t"]
    assert (had.answers["treated"], had.answers["treatments"]) == ("yes", ["car_t_cd19"])
    assert [found[name].expect for name in found if name.startswith("Excluded")] == [FAILS, FAILS]


def test_an_exclusion_that_another_criterion_rules_out_has_somebody_all_the_same():
    found = proposed(inclusion("sex is male"), exclusion("pregnant is yes"))
    assert found["Excluded: pregnant is yes"].answers == {"sex": "female", "pregnant": "yes"}


def test_each_inclusion_without_a_limit_has_somebody_who_misses_it():
    found = verdicts(inclusion("treated is yes"), inclusion("age >= 18"))
    assert found["Does not meet: treated is yes"] is FAILS
    assert "Does not meet: age >= 18" not in found


def test_nobody_answers_what_they_are_not_asked():
    found = proposed(inclusion("treated is yes"), exclusion("treatments includes car_t"))
    assert found["Fits everything asked"].answers == {"treated": "yes", "treatments": []}
    assert found["Does not meet: treated is yes"].answers == {"treated": "no"}


def test_those_who_know_the_condition_in_part():
    found = proposed(inclusion("diagnosis is dlbcl"), inclusion("age >= 18"))
    assert found["Not sure of the condition"].answers == {**found["Fits everything asked"].answers, "diagnosis": None}
    wider = {name: patient.answers["diagnosis"] for name, patient in found.items() if name.startswith("Knows")}
    assert wider == {"Knows the condition only as “b cell lymphoma”": "b_cell_lymphoma"}
    assert {found[name].expect for name in wider} == {UNKNOWN}


def test_of_the_wider_conditions_only_one_that_leaves_the_verdict_open_is_proposed():
    found = proposed(inclusion("diagnosis is b_cell_lymphoma"), inclusion("age >= 18"))
    assert "Knows the condition only as “b cell lymphoma”" not in found
    assert found["Knows the condition only as “lymphoma”"].expect is UNKNOWN


def test_each_cohort_has_somebody_who_fits():
    found = proposed(inclusion("age < 18", "A"), inclusion("age >= 18", "B"), cohorts=("A", "B"))
    assert found["Fits everything asked"].answers["age"] < 18
    assert found["Fits everything asked of the cohort “B”"].answers["age"] >= 18
    assert found["Age 17: one below the limit of 18 (A)"].expect is PASSES


def test_a_trial_known_in_part_is_at_best_unknown():
    assert max(verdicts(inclusion("age >= 18"), complete=False).values()) is UNKNOWN


def test_criteria_that_leave_nobody_still_give_patients():
    found = proposed(inclusion("age >= 18"), inclusion("age < 12"), exclusion("hepatitis_b is yes"))
    assert found["Fits everything asked"].expect is FAILS
    assert found["Not sure of anything"].expect is UNKNOWN


def test_long_texts_are_cut_in_names():
    long = Criterion(CriterionKind.EXCLUSION, "An illness of which the text goes on and on, far longer than any name should be", rule("treated is yes"))
    assert [name for name in proposed(long) if name.startswith("Excluded")] == ["Excluded: An illness of which the text goes on and on, far longer …"]


def test_no_more_than_asked_for_the_most_telling_first():
    criteria = [inclusion("age between 18 and 65"), exclusion("hepatitis_b is yes")]
    every = list(proposed(*criteria))
    assert list(proposed(*criteria, most=3)) == every[:3]
    assert every.index("Age 17: one below the limit of 18") < every.index("Excluded: hepatitis_b is yes") < every.index("Age 19: one above the limit of 18")


def hold_good(one, questionnaire):
    """Whether what holds for every list of patients holds for those of this trial."""
    patients = propose_patients(one, questionnaire)
    for patient in patients:
        answers = json.loads(json.dumps(patient.answers))
        assert judge(one, questionnaire.settle(questionnaire.read(answers))).verdict is patient.expect
    written = [json.dumps(patient.answers, sort_keys=True) for patient in patients]
    assert len(set(written)) == len(written) <= 40
    unsure = [patient for patient in patients if patient.answers and all(answer is None for answer in patient.answers.values())]
    assert all(patient.expect is UNKNOWN for patient in unsure)
    return patients


@given(strategies.plain_trials())
def test_patients_of_any_trial_are_judged_as_expected(plain):
    hold_good(strategies.built(plain), CATALOG)


def test_the_same_trial_gives_the_same_patients():
    criteria = [inclusion("age >= 18 and treatments includes any of (car_t, chemotherapy)"), exclusion("diagnosis is rp")]
    assert propose_patients(trial(*criteria), CATALOG) == propose_patients(trial(*criteria), CATALOG)


@pytest.mark.parametrize("nct_id", [*starter()[1], *starter()[2]])
def test_patients_of_a_starter_trial(nct_id):
    questionnaire, published, unpublished = starter()
    one = {**published, **unpublished}[nct_id]
    first, second, *rest = hold_good(one, questionnaire)
    assert first.expect is (PASSES if one.complete else UNKNOWN)
    assert second.expect is UNKNOWN
    assert any(patient.expect is FAILS for patient in rest)


def test_known_answers_are_not_changed_by_reading():
    assert known(CATALOG, age={"value": 5, "unit": "months"})["age"].low == Fraction(5, 12)
