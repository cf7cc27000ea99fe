"""Of a trial with cohorts a patient is told what counts for them: not what holds for a cohort that does worse, such as the eye that cannot be treated."""

import pytest

from trials import catalog, matching
from trials.eligibility.verdicts import Verdict

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("starter")]

STELLAR = "NCT07317934"
RIGHT_EYE_FITS = {
    "diagnosis": "amd_wet",
    "age": 75,
    "active_wet_amd": ["right"],
    "right_eye_letters": 60,
    "right_eye_surgery": ["cataract_lens"],
    "right_eye_conditions": ["wet_amd"],
    "left_eye_letters": 85,
    "prior_gene_therapy": "no",
    "events_6_months": [],
}


def trial_of(given, number=STELLAR):
    """What these answers say of a trial."""
    now = catalog.current()
    return next(trial for trial in matching.match(now, "eye", now.questionnaire.read(given)).trials if trial.listing.nct_id == number)


def cohorts_told(trial):
    """The cohorts that criteria told of belong to."""
    return {one.criterion.cohort for one in trial.told}


@pytest.mark.parametrize(
    ("change", "verdict", "told"),
    [
        ({}, Verdict.PASSES, {None, "Right eye"}),
        ({"left_eye_letters": None, "active_wet_amd": ["right", "left"]}, Verdict.PASSES, {None, "Right eye"}),
        ({"right_eye_letters": None}, Verdict.UNKNOWN, {None, "Right eye"}),
        ({"right_eye_letters": None, "left_eye_letters": None, "active_wet_amd": None}, Verdict.UNKNOWN, {None, "Right eye", "Left eye"}),
        ({"right_eye_letters": 85}, Verdict.FAILS, {None, "Right eye", "Left eye"}),
        ({"age": 81}, Verdict.FAILS, {None, "Right eye", "Left eye"}),
    ],
)
def test_only_the_cohorts_that_do_best_are_told_of(change, verdict, told):
    trial = trial_of({**RIGHT_EYE_FITS, **change})
    assert (trial.verdict, cohorts_told(trial)) == (verdict, told)


def test_of_a_trial_without_cohorts_all_is_told():
    trial = trial_of({"diagnosis": "bietti"}, "NCT05694598")
    assert trial.told == trial.explanations
