"""Second steps and sessions in the audit trail: what protects an account is not changed in silence."""

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.db import DatabaseError
from django.test import Client
from django.urls import reverse
from django_otp.plugins.otp_static.models import StaticToken

from trials import audit
from trials.models import Act, AuditEntry

from .signing_in import CODE, PASSWORD, RECOVERY, SET_UP, browser, code_from, give_password, key_on, staff, with_app

pytestmark = pytest.mark.django_db


def lines() -> list[tuple[str, str, str, str]]:
    """The lines of the trail: act, who, account, detail."""
    return list(AuditEntry.objects.order_by("pk").values_list("act", "user_name", "record_key", "detail"))


def test_a_second_step_that_is_set_up_a_wrong_code_and_the_right_one():
    key, codes = with_app(staff())
    client = browser("192.0.2.7")
    give_password(client)
    client.post(CODE, {"code": "wrong"})
    client.post(CODE, {"code": code_from(key, 1)})
    assert [line[:3] for line in lines()] == [("change", "mara", "mara"), ("sign_in_refused", "", "mara"), ("sign_in", "mara", "mara")]
    assert [line[3] for line in lines()] == ["second step set up", "signing in: wrong code", "code from the app"]
    assert set(AuditEntry.objects.exclude(act=Act.CHANGE).values_list("address", flat=True)) == {"192.0.2.7"}
    stored = str(list(AuditEntry.objects.values_list()))
    assert not any(secret in stored for secret in (key, *codes))


def test_a_sign_in_tells_what_it_was_proved_with():
    mara, root = staff(), User.objects.create_superuser("root", password=PASSWORD)
    for user in (mara, root):
        give_password(browser(), user.username)
    key, codes = with_app(mara)
    for typed in (codes[0], code_from(key)):
        client = browser()
        give_password(client)
        client.post(CODE, {"code": typed})
    told = AuditEntry.objects.filter(act=Act.SIGN_IN).order_by("pk").values_list("user_name", "detail")
    assert list(told) == [("mara", "password alone"), ("root", "password alone"), ("mara", "recovery code"), ("mara", "code from the app")]


def test_the_first_sign_in_by_an_app_that_is_set_up_on_the_way(settings):
    settings.SECOND_STEP_REQUIRED = True
    staff()
    client = browser()
    give_password(client)
    client.post(SET_UP, {"code": code_from(key_on(client.get(SET_UP)))})
    assert [line[3] for line in lines() if line[0] == "sign_in"] == ["code from the app"]


def test_signing_out_everywhere():
    user = User.objects.create_superuser("root")
    client = Client()
    client.force_login(user)
    client.post(reverse("admin:sign_in_out_everywhere"))
    assert [line[0] for line in lines()] == ["sign_in", "sign_out", "change"]
    assert lines()[-1] == ("change", "root", "root", "signed out everywhere")


def test_new_recovery_codes():
    mara, client = staff(is_superuser=True), browser()
    _key, codes = with_app(mara)
    give_password(client)
    client.post(CODE, {"code": codes[0]})
    client.post(RECOVERY, {"password": PASSWORD, "current_code": codes[1]})
    assert lines()[-1] == ("change", "mara", "mara", "new recovery codes")


def test_what_a_superuser_does_about_the_sign_in_of_another():
    mara, root = staff(), Client()
    with_app(mara)
    root.force_login(User.objects.create_superuser("root"))
    for action in ("sign_out_everywhere", "forget_second_step"):
        root.post(reverse("admin:auth_user_changelist"), {"action": action, "_selected_action": [mara.pk]})
    assert lines()[-2:] == [
        ("change", "root", "mara", "signed out everywhere"),
        ("change", "root", "mara", "second step taken away, signed out everywhere"),
    ]


def test_without_a_line_nothing_is_changed(monkeypatch):
    mara, client = staff(is_superuser=True), browser()
    key, codes = with_app(mara)
    give_password(client)
    client.post(CODE, {"code": codes[0]})
    client.raise_request_exception = False
    record, before = audit.record, what_protects()

    def refuses_changes(act, *subject, **told):
        if act == Act.CHANGE:
            raise DatabaseError
        record(act, *subject, **told)

    monkeypatch.setattr(audit, "record", refuses_changes)
    people = reverse("admin:auth_user_changelist")
    for action in ("forget_second_step", "sign_out_everywhere"):
        assert client.post(people, {"action": action, "_selected_action": [mara.pk]}).status_code == 503
        assert what_protects() == before
    assert client.post(RECOVERY, {"password": PASSWORD, "current_code": code_from(key)}).status_code == 503
    assert what_protects() == before
    assert client.post(reverse("admin:sign_in_out_everywhere")).status_code == 503
    assert what_protects() == before


def what_protects() -> tuple[set[str], set[str]]:
    """The recovery codes and sessions that are stored."""
    return set(StaticToken.objects.values_list("token", flat=True)), set(Session.objects.values_list("session_key", flat=True))
