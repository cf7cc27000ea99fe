"""The personas walk through the real question pages: each ends with the trials that a careful reading of the criteria gives."""

import pytest

from prescreen.ranges import typed_again
from prescreen.screening import SHOWN
from tests.personas import AREAS, GROUPS, Persona, all_personas, expected, groups_on, name_of, possible, ruling_out
from trials import catalog, matching
from trials.eligibility.verdicts import Verdict
from trials.models import Trial

from .patients import RESULTS, UNSURE, Patient
from .test_patient_walks import as_fields

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("starter")]

each_persona = pytest.mark.parametrize("persona", all_personas(), ids=name_of)


def fields(fact: object) -> dict:
    """What a persona knows as the fields of a question page; a range is typed."""
    return {"answer": typed_again(fact)} if isinstance(fact, dict) and fact.keys() & {"min", "max"} else as_fields(fact)


def walk(patient: Patient, persona: Persona):
    """The results page after all questions that come, answered with what the persona knows."""
    known = {"who": persona["who"], "area": persona["area"], **persona["facts"]}
    patient.go_on(lambda key, _options: fields(known[key]) if key in known else {"answer": UNSURE})
    return patient.open(RESULTS)


@each_persona
def test_a_persona_ends_with_the_trials_that_a_careful_reading_gives(persona, patient):
    groups = expected(persona)
    shown = groups_on(walk(patient, persona).content.decode(), persona["who"])
    assert possible(shown) == possible(groups)
    assert shown.items() <= groups.items()
    assert len(shown) == len(possible(groups)) + min(len(groups) - len(possible(groups)), SHOWN.others)


@each_persona
def test_a_trial_is_ruled_out_by_the_criterion_that_the_reading_names(persona):
    now = catalog.current()
    found = {trial.listing.nct_id: trial for trial in matching.match(now, persona["area"], now.questionnaire.read(persona["facts"])).trials}
    assert {number: GROUPS[trial.verdict] for number, trial in found.items()} == expected(persona)
    for number, trial in found.items():
        if trial.verdict is Verdict.FAILS:
            failing = {explanation.criterion.text for explanation in trial.explanations if explanation.verdict is Verdict.FAILS}
            assert ruling_out(persona, number) <= failing, number


@each_persona
def test_a_reading_names_each_open_trial_and_the_criteria_as_they_stand_now(persona):
    open_trials = Trial.objects.published().open().filter(areas__slug=persona["area"])
    read = [number for numbers in persona["expect"].values() for number in numbers]
    assert sorted(read) == sorted(trial.nct_id for trial in open_trials)
    for trial in open_trials.prefetch_related("criteria"):
        texts = {criterion.text for criterion in trial.criteria.all()}
        assert ruling_out(persona, trial.nct_id) <= texts, f"{trial.nct_id} has changed: read it again"


@each_persona
def test_where_a_persona_is_told_something_else_no_chance_is_taken_and_it_is_explained(persona):
    for number, difference in persona.get("differs", {}).items():
        reading = next(group for group, numbers in persona["expect"].items() if number in numbers)
        assert difference["told"] not in (reading, "ruled_out")
        assert difference["why"]
        assert difference["proposal"]


def test_there_are_five_personas_an_area_two_of_them_caregivers():
    for area in AREAS:
        told = [persona["who"] for persona in all_personas() if persona["area"] == area and "added" not in persona]
        assert len(told) == 5
        assert len(told) - told.count("me") == 2
