"""The groups of the desk: what they are made of, and that only publishers publish."""

from datetime import date

import pytest
from django.contrib.auth.models import Group, Permission
from django.urls import reverse

from tests.factories import ConditionAreaFactory, CriterionFactory, SamplePatientFactory, TrialFactory
from trials.groups import AUDITOR, COORDINATOR, GROUPS, PUBLISHER, ensure_groups
from trials.models import Criterion, Trial

from .test_history import fields_of
from .test_permission_matrix import client_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def trial():
    """A trial that is ready to be published."""
    found = TrialFactory(nct_id="NCT10000001", published=False, areas=["eye"])
    CriterionFactory(trial=found, team_checks=True)
    return found


def page_of(trial) -> str:
    """The address of a trial's page at the desk."""
    return reverse("admin:trials_trial_change", args=[trial.pk])


@pytest.mark.parametrize(("who", "published"), [(COORDINATOR, False), (PUBLISHER, True)])
def test_only_a_publisher_publishes_by_saving_a_trial(who, published, trial):
    client, address = client_of(who), page_of(trial)
    response = client.post(address, fields_of(client.get(address)) | {"published": "on", "title": "Another title"})
    assert response.status_code == 302, response.context["errors"]
    trial.refresh_from_db()
    assert (trial.published, trial.title) == (published, "Another title")


@pytest.mark.parametrize(("who", "published"), [(COORDINATOR, False), (PUBLISHER, True)])
def test_only_a_publisher_publishes_a_new_trial(who, published):
    client = client_of(who)
    new = {"nct_id": "NCT10000002", "title": "New", "status": "RECRUITING", "source": "invented", "as_of": date(2026, 11, 1), "published": "on"}
    new |= {"areas": [ConditionAreaFactory(slug="eye").pk], "criteria_complete": "on", "criteria-TOTAL_FORMS": "1"}
    new |= {"criteria-0-kind": "inclusion", "criteria-0-text": "Has given consent", "criteria-0-team_checks": "on"}
    response = client.post(reverse("admin:trials_trial_add"), fields_of(client.get(reverse("admin:trials_trial_add"))) | new)
    assert response.status_code == 302, response.context["errors"]
    assert Trial.objects.get(nct_id="NCT10000002").published is published


def test_a_coordinator_deletes_parts_of_a_trial_but_not_the_trial(trial):
    SamplePatientFactory(trial=trial)
    client, address = client_of(COORDINATOR), page_of(trial)
    client.post(address, fields_of(client.get(address)) | {"criteria-0-DELETE": "on", "sample_patients-0-DELETE": "on"})
    assert not Criterion.objects.exists()
    assert not trial.sample_patients.exists()


def test_each_permission_of_a_group_exists():
    stored = set(Permission.objects.filter(content_type__app_label="trials").values_list("codename", flat=True))
    assert {name: sorted(codenames - stored) for name, codenames in GROUPS.items()} == {name: [] for name in GROUPS}


def test_the_groups_are_made_with_the_tables_and_have_exactly_their_permissions():
    found = {group.name: set(group.permissions.values_list("codename", flat=True)) for group in Group.objects.all()}
    assert found == GROUPS


def test_making_the_groups_again_mends_them_and_keeps_their_members(django_user_model):
    group, user = Group.objects.get(name=AUDITOR), django_user_model.objects.create(username="ada")
    user.groups.add(group)
    group.permissions.set(Permission.objects.filter(codename__in=("delete_user", "view_trial")))
    Group.objects.filter(name=PUBLISHER).delete()
    for _time in range(2):
        ensure_groups()
    assert set(group.permissions.values_list("codename", flat=True)) == GROUPS[AUDITOR]
    assert list(group.user_set.all()) == [user]
    assert Group.objects.filter(name=PUBLISHER).count() == 1


def test_a_permission_that_is_not_there_is_left_out():
    Permission.objects.filter(codename="publish_trial").delete()
    ensure_groups()
    assert set(Group.objects.get(name=PUBLISHER).permissions.values_list("codename", flat=True)) == GROUPS[PUBLISHER] - {"publish_trial"}
