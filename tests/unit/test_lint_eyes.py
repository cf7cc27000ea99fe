"""Criteria that two different eyes could meet between them are pointed out; cohorts, one for each eye, keep an eye together."""

import pytest

from tests.unit.builders import trial
from tests.unit.starter import starter
from trials.desk.lint import lint_trial
from trials.eligibility.judging import Criterion
from trials.eligibility.rules import parse
from trials.eligibility.verdicts import CriterionKind

IN, EX = CriterionKind.INCLUSION, CriterionKind.EXCLUSION
LETTERS = "right_eye_letters >= 24 or left_eye_letters >= 24"
ACTIVE = "active_wet_amd includes any of (right, left)"
VITRECTOMY = "right_eye_surgery includes vitrectomy and left_eye_surgery includes vitrectomy"
LENS = "right_eye_surgery includes cataract_lens or left_eye_surgery includes cataract_lens"


def warned(*criteria, cohorts=()):
    """The places of the criteria that are warned of; a criterion is its kind, its rule and perhaps its cohort."""
    questionnaire = starter()[0]
    built = [Criterion(kind, f"Point {number}", parse(rule, questionnaire), *cohort) for number, (kind, rule, *cohort) in enumerate(criteria)]
    return [finding.criterion for finding in lint_trial(trial(*built, cohorts=cohorts), questionnaire) if finding.code == "either-eye"]


@pytest.mark.parametrize(
    "second",
    [
        (IN, ACTIVE),
        (IN, LENS),
        (EX, VITRECTOMY),
        (IN, f"not ({VITRECTOMY})"),
        (IN, f"(age >= 18 and ({LENS})) or age < 18"),
        (EX, "right_eye_conditions includes cataract and right_eye_pressure > 20 and left_eye_conditions includes cataract and left_eye_pressure > 20"),
    ],
)
def test_two_criteria_each_met_by_either_eye_are_pointed_out_once(second):
    assert warned((IN, LETTERS), second) == [1]
    assert warned((IN, LETTERS), second, (IN, ACTIVE)) == [1]


@pytest.mark.parametrize(
    "second",
    [
        (EX, LENS),
        (IN, VITRECTOMY),
        (IN, "active_wet_amd includes all of (right, left)"),
        (EX, ACTIVE),
        (IN, "right_eye_letters >= 24"),
        (IN, "age >= 18 or sex is male"),
    ],
)
def test_what_counts_for_both_eyes_or_for_the_person_is_not(second):
    assert warned((IN, LETTERS), second) == []


def test_one_criterion_on_either_eye_is_no_danger():
    assert warned((IN, LETTERS)) == []


def test_cohorts_for_each_eye_are_not_pointed_out_and_others_are():
    right, left = ("right_eye_letters >= 24", "active_wet_amd includes right"), ("left_eye_letters >= 24", "active_wet_amd includes left")
    eyes = [(IN, rule, "Right eye") for rule in right] + [(IN, rule, "Left eye") for rule in left]
    assert warned(*eyes, cohorts=("Right eye", "Left eye")) == []
    assert warned((IN, LETTERS), (IN, ACTIVE, "High dose"), cohorts=("Low dose", "High dose")) == [1]
    assert warned((IN, LETTERS, "Low dose"), (IN, ACTIVE, "High dose"), cohorts=("Low dose", "High dose")) == []


def test_no_trial_of_the_starter_lets_two_eyes_stand_for_one():
    questionnaire, published, unpublished = starter()
    trials = {**published, **unpublished}
    assert [key for key, one in trials.items() if any(finding.code == "either-eye" for finding in lint_trial(one, questionnaire))] == []
