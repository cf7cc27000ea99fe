"""What of a trial counts for verdicts and questions is told from what people read: only the first makes an index old."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.factories import ConditionAreaFactory, QuestionFactory, TrialFactory
from trials.as_judged import fingerprint
from trials.models import Cohort, Criterion, Site, Trial

pytestmark = pytest.mark.django_db


@pytest.fixture
def trial() -> Trial:
    """A trial with a cohort and two criteria."""
    made = TrialFactory(rules=[f"{QuestionFactory().key} is yes", ""])
    Cohort.objects.create(trial=made, name="Adults")
    return made


def print_of(trial: Trial) -> int:
    """The fingerprint of what is stored."""
    return fingerprint(Trial.objects.with_parts().get(pk=trial.pk))


def first(trial: Trial, **values: object) -> None:
    """Changes the first criterion."""
    Criterion.objects.filter(pk=trial.criteria.first().pk).update(**values)


def is_changed_by(change: Callable[[Trial], object], trial: Trial) -> bool:
    """Whether the fingerprint after the change is another."""
    before = print_of(trial)
    assert print_of(trial) == before
    change(trial)
    return print_of(trial) != before


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda trial: first(trial, rule=""), id="a rule taken away"),
        pytest.param(lambda trial: first(trial, rule="age >= 18"), id="another rule"),
        pytest.param(lambda trial: first(trial, kind="exclusion"), id="another kind"),
        pytest.param(lambda trial: first(trial, cohort=trial.cohorts.first()), id="of a cohort"),
        pytest.param(lambda trial: first(trial, earlier_source={"text": "As it was"}), id="to be looked at"),
        pytest.param(lambda trial: first(trial, gone_at_source=True), id="gone at the source"),
        pytest.param(lambda trial: trial.criteria.first().delete(), id="a criterion less"),
        pytest.param(lambda trial: Criterion.objects.create(trial=trial, kind="inclusion", text="More", order=9), id="a criterion more"),
        pytest.param(lambda trial: Cohort.objects.create(trial=trial, name="Children"), id="a cohort more"),
        pytest.param(lambda trial: trial.areas.add(ConditionAreaFactory(slug="eye")), id="an area more"),
        pytest.param(lambda trial: Trial.objects.filter(pk=trial.pk).update(status="NOT_YET_RECRUITING"), id="another status"),
        pytest.param(lambda trial: Trial.objects.filter(pk=trial.pk).update(criteria_complete=False), id="criteria not complete"),
    ],
)
def test_what_is_judged_counts(change, trial):
    assert is_changed_by(change, trial)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda trial: Trial.objects.filter(pk=trial.pk).update(title="Other words", summary="Other words"), id="words"),
        pytest.param(lambda trial: Trial.objects.filter(pk=trial.pk).update(contact_phone="1-800-000-0000"), id="a contact"),
        pytest.param(lambda trial: first(trial, plain="Other words"), id="plain words"),
        pytest.param(lambda trial: Site.objects.create(trial=trial, city="Utrecht"), id="a site"),
    ],
)
def test_what_people_read_does_not(change, trial):
    assert not is_changed_by(change, trial)


def test_two_trials_with_the_same_criteria_are_told_apart():
    rule = f"{QuestionFactory().key} is yes"
    assert print_of(TrialFactory(rules=[rule])) != print_of(TrialFactory(rules=[rule]))
