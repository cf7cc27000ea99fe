"""A trial's public page says each criterion once, and names cohorts only where they differ: "the eye to be treated" is one or the other."""

import pytest

from tests.factories import CohortFactory, CriterionFactory, TrialFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def lines_of(client):
    """The points on a trial's page, each with what it says of cohorts."""

    def read(trial):
        page = client.get(trial.get_absolute_url()).context["page"]
        return [(line.text, line.cohort) for group in page.criteria for line in group.lines]

    return read


def test_what_holds_for_each_cohort_is_said_once_and_names_none(lines_of):
    trial = TrialFactory(published=True)
    for order, name in enumerate(("Right eye", "Left eye")):
        CriterionFactory(trial=trial, text="Reads 24 letters", plain="", order=order, cohort=CohortFactory(trial=trial, name=name))
    CriterionFactory(trial=trial, text="Is an adult", plain="", order=2)
    assert lines_of(trial) == [("Reads 24 letters", ""), ("Is an adult", "")]


def test_what_holds_for_some_cohorts_names_them(lines_of):
    trial = TrialFactory(published=True)
    right, left, other = (CohortFactory(trial=trial, name=name) for name in ("Group 1, right eye", "Group 1, left eye", "Group 2"))
    CriterionFactory(trial=trial, text="Sees nothing", plain="", order=0, cohort=right)
    CriterionFactory(trial=trial, text="Sees nothing", plain="", order=1, cohort=left)
    CriterionFactory(trial=trial, text="Sees well", plain="", order=2, cohort=other)
    assert lines_of(trial) == [("Sees nothing", "Group 1"), ("Sees well", "Group 2")]


def test_what_holds_for_one_part_of_a_group_names_that_part(lines_of):
    trial = TrialFactory(published=True)
    right, _left, other = (CohortFactory(trial=trial, name=name) for name in ("Group 1, right eye", "Group 1, left eye", "Group 2, both eyes"))
    CriterionFactory(trial=trial, text="Sees nothing", plain="", order=0, cohort=right)
    CriterionFactory(trial=trial, text="Sees well", plain="", order=1, cohort=other)
    assert lines_of(trial) == [("Sees nothing", "Group 1, right eye"), ("Sees well", "Group 2, both eyes")]


def test_the_only_cohort_is_named(lines_of):
    trial = TrialFactory(published=True)
    CriterionFactory(trial=trial, text="Is an adult", plain="", order=0, cohort=CohortFactory(trial=trial, name="Adults, high dose"))
    assert lines_of(trial) == [("Is an adult", "Adults, high dose")]


def test_what_holds_for_all_stays_for_all(lines_of):
    trial = TrialFactory(published=True)
    CriterionFactory(trial=trial, text="Is an adult", plain="", order=0)
    CriterionFactory(trial=trial, text="Is an adult", plain="", order=1, cohort=CohortFactory(trial=trial, name="High dose"))
    assert lines_of(trial) == [("Is an adult", "")]
