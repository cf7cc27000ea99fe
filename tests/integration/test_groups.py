"""Who may do what: each address of the desk, by each way to ask for it, for each kind of person, against a table written by hand."""

import re
from datetime import date

import pytest
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.test import Client, RequestFactory
from django.urls import reverse

from tests.factories import (
    ApprovedTherapyFactory,
    ConditionAreaFactory,
    ConditionFactory,
    CriterionFactory,
    QuestionFactory,
    SamplePatientFactory,
    TrialFactory,
)
from trials.groups import AUDITOR, COORDINATOR, GROUPS, PUBLISHER, ensure_groups
from trials.models import Criterion, Trial

from .test_history import fields_of

pytestmark = pytest.mark.django_db

PEOPLE = ("nobody", "outsider", COORDINATOR, PUBLISHER, AUDITOR, "superuser")
"""Not signed in; signed in but not staff; in one of the groups; may do everything. In this order the letters of the table stand for them."""

OUTCOMES = {"a": "allowed", "r": "refused", "s": "sent to sign in", "-": "nothing there"}

ADDRESSES = """
address                          GET     POST
index                            ssaaaa  ssaaaa
login                            aaaaaa  aaaaaa
logout                           aa----  aaaaaa
password_change                  ssaaaa  ssaaaa
password_change_done             ssaaaa  ss----
autocomplete                     ssaaaa  ss----
autocomplete/accounts            ssrrra  ss----
jsi18n                           ssaaaa  ss----
view_on_site                     ssaaaa  ssaaaa
app_list                         ssaaaa  ssaaaa
app_list/auth                    ss---a  ss---a
unnamed/any                      ss----  ss----
unnamed/old                      ssaaaa  ssaaaa
trials_trial_changelist          ssaaaa  ssaaaa
trials_trial_add                 ssaara  ssaara
trials_trial_change              ssaaaa  ssaara
trials_trial_delete              ssrara  ssrara
trials_trial_history             ssaaaa  ssaaaa
trials_trial_import              ssaara  ssaara
trials_trial_export              ssaaaa  ssaaaa
trials_trial_rule                ss----  ssaara
trials_trial_propose             ssaara  ssaara
trials_question_checks           ssaaaa  ssaaaa
trials_criterion_changelist      ssaaaa  ssaaaa
trials_criterion_add             ssrrrr  ssrrrr
trials_criterion_change          ssaaaa  ssrrrr
trials_criterion_delete          ssrrrr  ssrrrr
trials_criterion_history         ssaaaa  ssaaaa
trials_criterion_import          ssaara  ssaara
trials_criterion_process_import  ss----  ssaara
trials_criterion_export          ssaaaa  ssaaaa
trials_question_changelist       ssaaaa  ssaaaa
trials_question_add              ssaara  ssaara
trials_question_change           ssaaaa  ssaara
trials_question_delete           ssrrra  ssrrra
trials_question_history          ssaaaa  ssaaaa
trials_condition_changelist      ssaaaa  ssaaaa
trials_condition_add             ssaara  ssaara
trials_condition_change          ssaaaa  ssaara
trials_condition_delete          ssrrra  ssrrra
trials_condition_history         ssaaaa  ssaaaa
trials_conditionarea_changelist  ssaaaa  ssaaaa
trials_conditionarea_add         ssrrra  ssrrra
trials_conditionarea_change      ssaaaa  ssrara
trials_conditionarea_delete      ssrrra  ssrrra
trials_conditionarea_history     ssaaaa  ssaaaa
trials_approvedtherapy_changelist ssaaaa ssaaaa
trials_approvedtherapy_add       ssrrra  ssrrra
trials_approvedtherapy_change    ssaaaa  ssaara
trials_approvedtherapy_delete    ssrrra  ssrrra
trials_approvedtherapy_history   ssaaaa  ssaaaa
auth_user_changelist             ssrrra  ssrrra
auth_user_add                    ssrrra  ssrrra
auth_user_change                 ssrrra  ssrrra
auth_user_delete                 ssrrra  ssrrra
auth_user_history                ssrrra  ssrrra
auth_user_password_change        ssrrra  ssrrra
auth_group_changelist            ssrrra  ssrrra
auth_group_add                   ssrrra  ssrrra
auth_group_change                ssrrra  ssrrra
auth_group_delete                ssrrra  ssrrra
auth_group_history               ssrrra  ssrrra
site:try                         s-aaaa  s-aaaa
site:stop_trying                 ------  s-aaaa
"""

ACTIONS = """
action                                     POST
trials_trial:publish                       ssrara
trials_trial:withdraw                      ssaara
trials_trial:delete_selected               ssrara
trials_trial:download_files                ssaaaa
trials_trial:export_admin_action           ssaaaa
trials_criterion:delete_selected           ssrrrr
trials_criterion:export_admin_action       ssaaaa
trials_question:delete_selected            ssrrra
trials_condition:delete_selected           ssrrra
trials_conditionarea:delete_selected       ssrrra
trials_approvedtherapy:delete_selected     ssrrra
auth_user:delete_selected                  ssrrra
auth_group:delete_selected                 ssrrra
"""


def rows(table: str) -> list[list[str]]:
    """The lines of a table, without its heading."""
    return [line.split() for line in table.splitlines() if line.strip()][1:]


CELLS = [(name, method, letters) for name, *both in rows(ADDRESSES) for method, letters in zip(("GET", "POST"), both, strict=True)]
UNNAMED = {"<path:object_id>/": "unnamed/old", "(?P<url>.*)$": "unnamed/any"}


def patterns(resolver) -> list:
    """All addresses below this one."""
    return [found for one in resolver for found in (patterns(one.url_patterns) if hasattr(one, "url_patterns") else [one])]


def client_of(who: str) -> Client:
    """The browser of a person."""
    client = Client(headers={"host": "127.0.0.1"})
    if who != "nobody":
        client.force_login(person(who))
    return client


def person(who: str):
    """Somebody of this kind, without a password, which would take long to store."""
    user = get_user_model().objects.create(username=who, is_staff=who != "outsider", is_superuser=who == "superuser")
    user.groups.set(Group.objects.filter(name=who))
    return user


@pytest.fixture
def records(django_user_model):
    """A record of each kind, by app and model."""
    trial = TrialFactory(nct_id="NCT10000001", published=False, areas=["eye"])
    return {
        "trials_trial": trial,
        "trials_criterion": CriterionFactory(trial=trial, team_checks=True),
        "trials_question": QuestionFactory(),
        "trials_condition": ConditionFactory(),
        "trials_conditionarea": ConditionAreaFactory(slug="ear"),
        "trials_approvedtherapy": ApprovedTherapyFactory(),
        "auth_user": django_user_model.objects.create(username="bystander"),
        "auth_group": Group.objects.create(name="Others"),
    }


def address_of(name: str, records: dict) -> str:
    """The address of this name, of a record where it is about one."""
    trial = records["trials_trial"]
    look_up = "?app_label=trials&model_name=trial&term=&field_name="
    others = {
        "autocomplete": reverse("admin:autocomplete") + look_up + "conditions",
        "autocomplete/accounts": reverse("admin:autocomplete") + look_up + "published_by",
        "view_on_site": reverse("admin:view_on_site", args=[ContentType.objects.get_for_model(Trial).pk, trial.pk]),
        "app_list": reverse("admin:app_list", args=["trials"]),
        "app_list/auth": reverse("admin:app_list", args=["auth"]),
        "unnamed/any": reverse("admin:index") + "no/such/page/",
        "unnamed/old": reverse("admin:trials_trial_changelist") + f"{trial.pk}/",
        "trials_trial_propose": reverse("admin:trials_trial_propose", args=[trial.pk]),
        "auth_user_password_change": reverse("admin:auth_user_password_change", args=[records["auth_user"].pk]),
        "site:try": reverse("try", args=[trial.nct_id]),
        "site:stop_trying": reverse("stop_trying", args=[trial.nct_id]),
    }
    model, _, page = name.rpartition("_")
    of_record = page in ("change", "delete", "history") and model in records
    return others.get(name) or reverse(f"admin:{name}", args=[records[model].pk] if of_record else [])


def outcome(response) -> str:
    """What became of a request, as a letter of the table. A form that is shown again with its faults is allowed."""
    target = response.get("Location", "")
    if target.startswith(reverse("admin:login")):
        return "s"
    if response.status_code in (404, 405):
        return "-"
    if response.status_code == 403:
        return "r"
    assert response.status_code in (200, 302, 422), response.status_code
    assert re.match(r"(http://127\.0\.0\.1)?/(?!/)|$", target), target
    return "a"


@pytest.mark.parametrize(("name", "method", "letters"), CELLS, ids=[f"{name}-{method}" for name, method, _letters in CELLS])
def test_the_table_of_addresses(name, method, letters, records):
    address, data = address_of(name, records), {"post": "yes"} if name.endswith("_delete") else {}
    found = {}
    for who in PEOPLE:
        with transaction.atomic():
            client = client_of(who)
            found[who] = OUTCOMES[outcome(client.get(address) if method == "GET" else client.post(address, data))]
            transaction.set_rollback(True)
    assert found == {who: OUTCOMES[letter] for who, letter in zip(PEOPLE, letters, strict=True)}


def test_every_address_of_the_desk_is_in_the_table():
    there = {one.name or UNNAMED[str(one.pattern)] for one in patterns(admin.site.urls[0])}
    named = {name.partition("/")[0] if not name.startswith("unnamed") else name for name, *_letters in rows(ADDRESSES) if not name.startswith("site:")}
    assert named == there


def test_every_action_of_a_list_is_in_the_table():
    request, there = RequestFactory().get("/"), set()
    request.user = person("superuser")
    for model, desk in admin.site._registry.items():
        names = {*desk.get_actions(request), *(name for _function, name, _description in desk._get_base_actions())}
        there |= {f"{model._meta.label_lower.replace('.', '_')}:{name}" for name in names}
    assert {name for name, _letters in rows(ACTIONS)} == there


@pytest.mark.parametrize(("name", "letters"), rows(ACTIONS), ids=[name for name, _letters in rows(ACTIONS)])
def test_the_table_of_actions(name, letters, records):
    model, _, action = name.partition(":")
    stored = type(records[model]).objects.filter(pk=records[model].pk)
    if action == "withdraw":
        stored.update(published=True)
    before, found = list(stored.values()), {}
    for who in PEOPLE:
        with transaction.atomic():
            sent = {"action": action, "_selected_action": records[model].pk, "post": "yes"}
            response = client_of(who).post(reverse(f"admin:{model}_changelist"), sent)
            done = list(stored.values()) != before or "attachment" in response.get("Content-Disposition", "")
            found[who] = OUTCOMES["s" if outcome(response) == "s" else "a" if done else "r"]
            transaction.set_rollback(True)
    assert found == {who: OUTCOMES[letter] for who, letter in zip(PEOPLE, letters, strict=True)}


@pytest.mark.parametrize(("who", "published"), [(COORDINATOR, False), (PUBLISHER, True)])
def test_only_a_publisher_publishes_by_saving_a_trial(who, published, records):
    trial, client = records["trials_trial"], client_of(who)
    address = address_of("trials_trial_change", records)
    response = client.post(address, fields_of(client.get(address)) | {"published": "on", "title": "Another title"})
    assert response.status_code == 302, response.context["errors"]
    trial.refresh_from_db()
    assert (trial.published, trial.title) == (published, "Another title")


@pytest.mark.parametrize(("who", "published"), [(COORDINATOR, False), (PUBLISHER, True)])
def test_only_a_publisher_publishes_a_new_trial(who, published, records):
    client = client_of(who)
    new = {"nct_id": "NCT10000002", "title": "New", "status": "RECRUITING", "source": "invented", "as_of": date(2026, 11, 1), "published": "on"}
    new |= {"areas": [ConditionAreaFactory(slug="eye").pk], "criteria_complete": "on", "criteria-TOTAL_FORMS": "1"}
    new |= {"criteria-0-kind": "inclusion", "criteria-0-text": "Has given consent", "criteria-0-team_checks": "on"}
    response = client.post(reverse("admin:trials_trial_add"), fields_of(client.get(reverse("admin:trials_trial_add"))) | new)
    assert response.status_code == 302, response.context["errors"]
    assert Trial.objects.get(nct_id="NCT10000002").published is published


def test_a_coordinator_deletes_parts_of_a_trial_but_not_the_trial(records):
    SamplePatientFactory(trial=records["trials_trial"])
    client, address = client_of(COORDINATOR), address_of("trials_trial_change", records)
    client.post(address, fields_of(client.get(address)) | {"criteria-0-DELETE": "on", "sample_patients-0-DELETE": "on"})
    assert not Criterion.objects.exists()
    assert not records["trials_trial"].sample_patients.exists()


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
