"""Who may do what: each address of the desk, by each way to ask for it, for each kind of person, against a table written by hand.

Each refusal of the table leaves a line in the audit trail, and so does each action that is done.
"""

import re

import pytest
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
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
    TrialFactory,
)
from trials.groups import AUDITOR, COORDINATOR, PUBLISHER
from trials.models import SIGN_IN_ACTS, Act, AuditEntry, Trial

pytestmark = pytest.mark.django_db

PEOPLE = ("nobody", "outsider", "newcomer", COORDINATOR, PUBLISHER, AUDITOR, "superuser")
"""Not signed in; signed in but not staff; staff of no group; in one of the groups; may do everything. In this order the letters of the table stand for them."""

OUTCOMES = {"a": "allowed", "r": "refused", "s": "sent to sign in", "-": "nothing there"}

ADDRESSES = """
address                          GET      POST
index                            ssaaaaa  ssaaaaa
login                            aaaaaaa  aaaaaaa
logout                           aa-----  aaaaaaa
password_change                  ssaaaaa  ssaaaaa
password_change_done             ssaaaaa  ss-----
autocomplete                     ssraaaa  ss-----
autocomplete/accounts            ssrrrra  ss-----
jsi18n                           ssaaaaa  ss-----
view_on_site                     ssaaaaa  ssaaaaa
app_list                         ss-aaaa  ss-aaaa
app_list/auth                    ss----a  ss----a
unnamed/any                      ss-----  ss-----
unnamed/old                      ssaaaaa  ssaaaaa
trials_trial_changelist          ssraaaa  ssraaaa
trials_trial_add                 ssraara  ssraara
trials_trial_change              ssraaaa  ssraara
trials_trial_delete              ssrrara  ssrrara
trials_trial_history             ssraaaa  ssraaaa
trials_trial_import              ssraara  ssraara
trials_trial_export              ssraaaa  ssraaaa
trials_trial_rule                ss-----  ssraara
trials_trial_propose             ssraara  ssraara
trials_auditentry_changelist     ssrrraa  ssrrraa
trials_auditentry_add            ssrrrrr  ssrrrrr
trials_auditentry_change         ssrrraa  ssrrrrr
trials_auditentry_delete         ssrrrrr  ssrrrrr
trials_auditentry_history        ssrrraa  ssrrraa
trials_auditentry_export         ssrrraa  ssrrraa
trials_question_checks           ssraaaa  ssraaaa
trials_criterion_changelist      ssraaaa  ssraaaa
trials_criterion_add             ssrrrrr  ssrrrrr
trials_criterion_change          ssraaaa  ssrrrrr
trials_criterion_delete          ssrrrrr  ssrrrrr
trials_criterion_history         ssraaaa  ssraaaa
trials_criterion_import          ssraara  ssraara
trials_criterion_process_import  ss-----  ssraara
trials_criterion_export          ssraaaa  ssraaaa
trials_question_changelist       ssraaaa  ssraaaa
trials_question_add              ssraara  ssraara
trials_question_change           ssraaaa  ssraara
trials_question_delete           ssrrrra  ssrrrra
trials_question_history          ssraaaa  ssraaaa
trials_condition_changelist      ssraaaa  ssraaaa
trials_condition_add             ssraara  ssraara
trials_condition_change          ssraaaa  ssraara
trials_condition_delete          ssrrrra  ssrrrra
trials_condition_history         ssraaaa  ssraaaa
trials_conditionarea_changelist  ssraaaa  ssraaaa
trials_conditionarea_add         ssrrrra  ssrrrra
trials_conditionarea_change      ssraaaa  ssrrara
trials_conditionarea_delete      ssrrrra  ssrrrra
trials_conditionarea_history     ssraaaa  ssraaaa
trials_approvedtherapy_changelist ssraaaa ssraaaa
trials_approvedtherapy_add       ssrrrra  ssrrrra
trials_approvedtherapy_change    ssraaaa  ssraara
trials_approvedtherapy_delete    ssrrrra  ssrrrra
trials_approvedtherapy_history   ssraaaa  ssraaaa
auth_user_changelist             ssrrrra  ssrrrra
auth_user_add                    ssrrrra  ssrrrra
auth_user_change                 ssrrrra  ssrrrra
auth_user_delete                 ssrrrra  ssrrrra
auth_user_history                ssrrrra  ssrrrra
auth_user_password_change        ssrrrra  ssrrrra
auth_group_changelist            ssrrrra  ssrrrra
auth_group_add                   ssrrrra  ssrrrra
auth_group_change                ssrrrra  ssrrrra
auth_group_delete                ssrrrra  ssrrrra
auth_group_history               ssrrrra  ssrrrra
sign_in                          ssaaaaa  ss-----
sign_in_code                     sssssss  sssssss
sign_in_set_up                   ssaaaaa  ssaaaaa
sign_in_recovery_codes           ssaaaaa  ssaaaaa
sign_in_out_everywhere           ss-----  sssssss
sign_in_out_there                ss-----  ssaaaaa
site:try                         s--aaaa  s--aaaa
site:stop_trying                 -------  s--aaaa
"""

ACTIONS = """
action                                     POST
trials_trial:publish                       ssrrara
trials_trial:withdraw                      ssraara
trials_trial:delete_selected               ssrrara
trials_trial:download_files                ssraaaa
trials_trial:export_admin_action           ssraaaa
trials_criterion:delete_selected           ssrrrrr
trials_criterion:export_admin_action       ssraaaa
trials_auditentry:delete_selected          ssrrrrr
trials_auditentry:export_admin_action      ssrrraa
trials_question:delete_selected            ssrrrra
trials_condition:delete_selected           ssrrrra
trials_conditionarea:delete_selected       ssrrrra
trials_approvedtherapy:delete_selected     ssrrrra
auth_user:delete_selected                  ssrrrra
auth_user:sign_out_everywhere              ssrrrra
auth_user:forget_second_step               ssrrrra
auth_group:delete_selected                 ssrrrra
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
        "trials_auditentry": AuditEntry.objects.create(act=Act.ADD),
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


def acts_of(who: str) -> list[str]:
    """What the audit trail says that a person did or was refused, but for signing in and out."""
    return list(AuditEntry.objects.filter(user_name=who).exclude(act__in=SIGN_IN_ACTS).values_list("act", flat=True))


@pytest.mark.parametrize(("name", "method", "letters"), CELLS, ids=[f"{name}-{method}" for name, method, _letters in CELLS])
def test_the_table_of_addresses(name, method, letters, records):
    address, data = address_of(name, records), {"post": "yes"} if name.endswith("_delete") else {}
    found = {}
    for who in PEOPLE:
        with transaction.atomic():
            client = client_of(who)
            found[who] = OUTCOMES[outcome(client.get(address) if method == "GET" else client.post(address, data))]
            turned_away = found[who] == "refused" or (who == "outsider" and found[who] == "sent to sign in" and not name.startswith("site:"))
            assert (Act.PERMISSION_REFUSED in acts_of(who)) == turned_away, who
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
            done = list(stored.values()) != before or "attachment" in response.get("Content-Disposition", "") or Act.CHANGE in acts_of(who)
            assert (acts_of(who)[:1] == [Act.PERMISSION_REFUSED]) == (not done and who != "nobody"), who
            assert not done or acts_of(who), who
            found[who] = OUTCOMES["s" if outcome(response) == "s" else "a" if done else "r"]
            transaction.set_rollback(True)
    assert found == {who: OUTCOMES[letter] for who, letter in zip(PEOPLE, letters, strict=True)}
