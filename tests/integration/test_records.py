"""The database itself refuses what must never be, whoever writes it."""

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import DataError, IntegrityError, transaction
from django.db.models import CheckConstraint, ProtectedError

from tests.factories import (
    ApprovedTherapyFactory,
    ChoiceFactory,
    CohortFactory,
    ConditionAreaFactory,
    ConditionFactory,
    CriterionFactory,
    QuestionFactory,
    SiteFactory,
    TrialFactory,
)
from trials import catalog
from trials.models import AuditEntry, ConditionArea, Criterion, Question, Trial

pytestmark = pytest.mark.django_db


def own_parent():
    """A condition that is a kind of itself."""
    condition = ConditionFactory()
    type(condition).objects.filter(pk=condition.pk).update(parent=condition)


REFUSED = {
    "audit_act_known": lambda: AuditEntry.objects.create(act="dreamt"),
    "audit_address_of_sign_in_only": lambda: AuditEntry.objects.create(act="change", address="10.0.0.1"),
    "condition_has_label": lambda: ConditionFactory(label=""),
    "condition_not_its_own_parent": own_parent,
    "question_has_text": lambda: QuestionFactory(text=""),
    "number_question_has_unit": lambda: QuestionFactory(kind="number", unit=""),
    "question_bounds_not_crossed": lambda: QuestionFactory(number=True, min="10", max="9.999999"),
    "choice_has_label": lambda: ChoiceFactory(label=""),
    "trial_nct_number_form": lambda: TrialFactory(nct_id="NCT1234567"),
    "trial_has_title": lambda: TrialFactory(title=""),
    "trial_has_source": lambda: TrialFactory(source=""),
    "trial_ages_not_crossed": lambda: TrialFactory(min_age="18", max_age="17.9"),
    "site_has_a_place": lambda: SiteFactory(facility="", city="", country="", state="Ohio"),
    "criterion_has_text": lambda: CriterionFactory(text=""),
    "criterion_kind_known": lambda: CriterionFactory(kind="maybe"),
    "criterion_of_unclear_kind_has_no_rule": lambda: CriterionFactory(kind="unclear", rule="age >= 18"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_the_database_refuses(name):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        REFUSED[name]()


def test_each_check_of_the_database_is_tried_above():
    checks = {check.name for table in apps.get_app_config("trials").get_models() for check in table._meta.constraints if isinstance(check, CheckConstraint)}
    assert checks == set(REFUSED)


def test_no_migration_is_missing():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def same_choice_twice():
    """Two choices of one question under one key."""
    choice = ChoiceFactory()
    ChoiceFactory(question=choice.question, key=choice.key)


def same_cohort_twice():
    """Two cohorts of one trial under one name."""
    cohort = CohortFactory()
    CohortFactory(trial=cohort.trial, name=cohort.name)


@pytest.mark.parametrize(
    "twice",
    [
        pytest.param(lambda: [TrialFactory(nct_id="NCT12345678") for _ in range(2)], id="one NCT number for two trials"),
        pytest.param(lambda: [QuestionFactory(key="age") for _ in range(2)], id="one key for two questions"),
        pytest.param(lambda: [ConditionFactory(key="rp") for _ in range(2)], id="one key for two conditions"),
        pytest.param(lambda: [ApprovedTherapyFactory(brand="One") for _ in range(2)], id="one brand for two therapies"),
        pytest.param(lambda: ConditionArea.objects.create(slug="eye", name="Eyes again"), id="one slug for two areas"),
        pytest.param(same_choice_twice, id="one key for two choices of a question"),
        pytest.param(same_cohort_twice, id="one name for two cohorts of a trial"),
    ],
)
def test_what_names_a_record_is_never_there_twice(twice):
    with pytest.raises(IntegrityError, match=r"(?i)unique"), transaction.atomic():
        twice()


@pytest.mark.parametrize("number", ["nct12345678", "NCT123456789", "NCT1234567x", " NCT12345678", "NCT12345678\n", ""])
def test_only_nct_and_eight_digits_is_an_nct_number(number):
    with pytest.raises((IntegrityError, DataError)), transaction.atomic():  # PostgreSQL looks at the length first
        TrialFactory(nct_id=number)


def test_bounds_may_meet():
    assert QuestionFactory(number=True, min="10", max="10").pk
    assert TrialFactory(min_age="18", max_age="18").pk


def test_one_bound_alone_is_enough():
    assert QuestionFactory(number=True, min="10").pk
    assert TrialFactory(max_age="18").pk


def test_one_choice_key_can_serve_two_questions():
    assert ChoiceFactory(key="other").pk != ChoiceFactory(key="other").pk


def test_a_site_may_be_known_by_its_country_alone():
    assert str(SiteFactory(facility="", city="", country="France")) == "France"


def test_a_condition_with_kinds_cannot_be_deleted():
    lymphoma = ConditionFactory()
    ConditionFactory(parent=lymphoma)
    with pytest.raises(ProtectedError):
        lymphoma.delete()


def test_an_area_with_a_therapy_cannot_be_deleted():
    therapy = ApprovedTherapyFactory(area=ConditionAreaFactory(slug="eye"))
    with pytest.raises(ProtectedError):
        therapy.area.delete()


def test_a_criterion_cannot_belong_to_a_cohort_of_another_trial():
    criterion = CriterionFactory.build(trial=TrialFactory(), cohort=CohortFactory())
    with pytest.raises(ValidationError, match="another trial"):
        criterion.full_clean()


def test_a_trial_takes_its_parts_along():
    criterion = CriterionFactory()
    criterion.trial.delete()
    assert not Criterion.objects.exists()


def test_the_four_areas_are_there_from_the_start():
    assert list(ConditionArea.objects.values_list("slug", flat=True)) == ["cancer", "eye", "genetic", "hiv"]


def test_a_fifth_area_can_be_added(patient):
    ConditionArea.objects.create(slug="heart", name="Heart disease", order=9)
    TrialFactory(areas=["heart"], rules=[f"{QuestionFactory(areas=['heart']).key} is yes"])
    assert b"Heart disease" in patient.open("/screening/q/area/").content
    patient.begin("heart")
    assert "The one trial we looked at" in patient.open("/screening/results/").content.decode()


def test_trials_are_open_by_their_status_or_where_it_is_not_known():
    trials = {status: TrialFactory(status=status) for status in ("RECRUITING", "NOT_YET_RECRUITING", "ENROLLING_BY_INVITATION", "UNKNOWN")}
    for status in ("ACTIVE_NOT_RECRUITING", "COMPLETED", "SUSPENDED", "TERMINATED", "WITHDRAWN", "AVAILABLE", "WITHHELD"):
        assert TrialFactory(status=status).is_closed
    assert set(Trial.objects.open()) == set(trials.values())
    assert not any(trial.is_closed for trial in trials.values())


def test_only_published_open_trials_are_judged():
    shown = TrialFactory(rules=[f"{QuestionFactory().key} is yes"])
    TrialFactory(published=False)
    TrialFactory(status="COMPLETED")
    assert list(catalog.current().listings) == [shown.nct_id]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda trial: TrialFactory(), id="a new trial"),
        pytest.param(lambda trial: trial.delete(), id="a trial deleted"),
        pytest.param(lambda trial: trial.areas.clear(), id="a trial taken out of its area"),
        pytest.param(lambda trial: trial.criteria.first().delete(), id="a criterion deleted"),
        pytest.param(lambda trial: Question.objects.first().save(), id="a question saved"),
        pytest.param(lambda trial: ApprovedTherapyFactory(), id="a new therapy"),
    ],
)
def test_the_compiled_catalog_is_built_anew_after(change):
    trial = TrialFactory(rules=[f"{QuestionFactory().key} is yes"])
    before = catalog.current()
    assert catalog.current() is before
    change(trial)
    assert catalog.current() is not before


def test_a_published_rule_that_no_longer_fits_the_questions_is_left_to_the_study_team():
    trial = TrialFactory(rules=["question_that_is_gone is yes"])
    judged = next(iter(catalog.current().judged.values()))
    assert judged.key == trial.nct_id
    assert judged.criteria[0].rule is None
