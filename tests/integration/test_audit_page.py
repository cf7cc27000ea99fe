"""The audit trail at the desk: a list to read, to search and to take away; no page changes it."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from trials.admin.audited import Audited
from trials.groups import AUDITOR, GROUPS
from trials.models import Act, AuditEntry

from .desk import HOSTILE, code_in, signed_in
from .patients import text_of
from .spreadsheets import read

pytestmark = pytest.mark.django_db

LIST, EXPORT = reverse("admin:trials_auditentry_changelist"), reverse("admin:trials_auditentry_export")


@pytest.fixture
def trail():
    """A trail of four lines."""
    AuditEntry.objects.create(act=Act.PUBLISH, user_id=7, user_name="petra", record_type="trial", record_key="NCT10000001")
    AuditEntry.objects.create(act=Act.IMPORT, record_type="trial", record_key="NCT10000002", detail="=HYPERLINK(1)")
    AuditEntry.objects.create(act=Act.SIGN_IN_REFUSED, record_type="user", record_key="petra", address="192.0.2.7")
    AuditEntry.objects.create(act=Act.CHANGE, user_id=8, user_name="+cora", record_type="question", record_key="age", detail=HOSTILE)


@pytest.fixture
def desk(trail):
    """The desk of an auditor."""
    return signed_in("abel", AUDITOR)


def keys(page) -> list[str]:
    """The records of the lines that a page lists."""
    return [entry.record_key for entry in page.context["cl"].result_list]


def test_the_newest_line_comes_first_and_each_says_who_did_what(desk):
    page = desk.get(LIST)
    assert keys(page) == ["abel", "age", "petra", "NCT10000002", "NCT10000001"]
    text = text_of(page)
    for said in ("Published", "petra", "nobody who was signed in", "a command on the server", "192.0.2.7", "Signed in"):
        assert said in text


def test_what_is_noted_is_shown_and_never_run(desk):
    for page in (desk.get(LIST), desk.get(reverse("admin:trials_auditentry_change", args=[AuditEntry.objects.get(record_key="age").pk]))):
        assert code_in(page) == []
        assert b"<svg onload" not in page.content


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?q=NCT10000002", ["NCT10000002"]),
        ("?q=192.0.2.7", ["petra"]),
        ("?q=cora", ["age"]),
        ("?act__exact=publish", ["NCT10000001"]),
        ("?record_type=trial", ["NCT10000002", "NCT10000001"]),
        ("?time__gte=2999-01-01+00:00:00%2B00:00", []),
    ],
)
def test_lines_are_searched_and_filtered(query, found, desk):
    assert keys(desk.get(LIST + query)) == found


def test_no_page_offers_a_change_even_to_a_superuser(trail):
    root, entry = Client(), AuditEntry.objects.first()
    root.force_login(User.objects.create_superuser("root"))
    page = reverse("admin:trials_auditentry_change", args=[entry.pk])
    before = list(AuditEntry.objects.filter(pk=entry.pk).values())
    assert b'name="_save"' not in root.get(page).content and b"deletelink" not in root.get(page).content
    assert b"delete_selected" not in root.get(LIST).content
    assert root.post(page, {"detail": "never", "act": "add"}).status_code == 403
    assert root.post(reverse("admin:trials_auditentry_delete", args=[entry.pk]), {"post": "yes"}).status_code == 403
    root.post(LIST, {"action": "delete_selected", "_selected_action": [entry.pk], "post": "yes"})
    assert list(AuditEntry.objects.filter(pk=entry.pk).values()) == before


def test_the_trail_is_taken_away_as_it_is_filtered_and_without_formulas(desk):
    rows = read(desk.get(EXPORT + "?act__exact=import").content.decode())
    assert [(row["record_key"], row["detail"], row["act"]) for row in rows] == [("NCT10000002", "'=HYPERLINK(1)", "import")]
    every = read(desk.get(EXPORT).content.decode())
    assert [row["user_name"] for row in every if row["record_key"] == "age"] == ["'+cora"]


def test_only_auditors_and_superusers_read_the_trail():
    assert {name for name, codenames in GROUPS.items() if any("auditentry" in codename for codename in codenames)} == {AUDITOR}
    assert {codename for codename in GROUPS[AUDITOR] if "auditentry" in codename} == {"view_auditentry"}


def test_the_acts_of_each_page_of_records_are_noted():
    ours = {model._meta.model_name: isinstance(page, Audited) for model, page in admin.site._registry.items() if model._meta.app_label == "trials"}
    assert ours and all(ours.values()), ours
