"""What the desk refuses before it is looked at, or that it cannot read, leaves a line too; and no line tells what was typed or sent."""

import json

import pytest
from django.core import signing
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from prescreen.doors import rate_limits, sizes
from trials.admin import bringing_in, table_files
from trials.groups import COORDINATOR
from trials.models import Act, AuditEntry

from .desk import ready_trial, signed_in
from .patients import page_of
from .registry_records import study
from .signing_in import CODE, browser, code_from, give_password, staff, with_app, wrong_code
from .spreadsheets import exported, trial_of_two, written
from .test_audit_acts import change_page, lines
from .test_limits import NeverRead

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small_catalog")]

TYPED = "weighs 73.4198 kg"
RECORDS, TABLE, CONFIRM = "/admin/trials/trial/import-records/", "/admin/trials/criterion/import/", "/admin/trials/criterion/process_import/"


@pytest.fixture(autouse=True)
def _tells_nothing():
    """No line of any test here holds what was typed or sent."""
    yield
    assert TYPED not in str(list(AuditEntry.objects.values_list()))


def table_of(content: bytes) -> dict:
    """What the page for a table is sent."""
    return {"format": "0", "resource": "0", "import_file": SimpleUploadedFile(f"{TYPED}.csv", content)}


class TestTheCodePage:
    def refusals(self) -> list[tuple]:
        """The lines about refused sign-ins: who, which account, why, from where."""
        return list(AuditEntry.objects.filter(act=Act.SIGN_IN_REFUSED).order_by("pk").values_list("user_id", "record_key", "detail", "address"))

    def test_a_code_that_comes_too_soon_and_one_that_is_locked_out(self):
        key, _codes = with_app(staff())
        client = browser()
        give_password(client)
        client.post(CODE, {"code": wrong_code(key)})
        client.post(CODE, {"code": code_from(key)})
        for number in range(4):
            give_password(browser(), password=f"{TYPED} {number}")
        start = len(self.refusals())
        assert client.post(CODE, {"code": code_from(key)}).status_code == 429
        assert self.refusals()[:2] == [(None, "mara", f"signing in: {why}", "192.0.2.1") for why in ("wrong code", "too soon after a wrong code")]
        assert self.refusals()[start:] == [(None, "mara", "signing in: locked out", "192.0.2.1")]


class TestTheFormForRecords:
    @pytest.mark.parametrize(
        ("sent", "fields"),
        [
            ({"numbers": TYPED}, "numbers"),
            ({"numbers": " ".join(["NCT20000001"] * (bringing_in.MOST_NUMBERS + 1))}, "numbers"),
            ({"file": SimpleUploadedFile(f"{TYPED}.json", b"")}, "file"),
            ({"numbers": TYPED, "file": SimpleUploadedFile(f"{TYPED}.json", b"")}, "numbers file"),
            ({"numbers": " "}, "__all__"),
        ],
        ids=["no number", "too many numbers", "an empty file", "both", "nothing"],
    )
    def test_a_form_that_is_refused_leaves_a_line_with_the_fields(self, sent, fields):
        assert signed_in().post(RECORDS, sent).status_code == 422
        assert lines() == [("import_refused", "petra", "trial", "", f"a form with faults at: {fields}")]

    def test_a_file_that_is_too_large(self):
        file = SimpleUploadedFile("record.json", b" " * (bringing_in.LARGEST_UPLOAD + 1))
        assert signed_in().post(RECORDS, {"file": file}).status_code == 422
        assert lines() == [("import_refused", "petra", "trial", "", "a form with faults at: file")]

    def test_a_registry_that_is_not_asked(self, settings):
        settings.REGISTRY_API = "http://registry.example.org"
        desk = signed_in()
        assert desk.post(RECORDS, {"numbers": "NCT20000001"}).status_code == 422
        assert lines() == [("import_refused", "petra", "trial", "", "registry import: the registry was not asked")]
        desk.post(RECORDS, {"numbers": "NCT20000001", "dry_run": "on"})
        assert len(lines()) == 1, "whoever only looks is refused nothing"

    def test_only_looking_and_a_form_without_faults_leave_none(self):
        desk = signed_in()
        assert desk.post(RECORDS, {"numbers": TYPED, "dry_run": "on"}).status_code == 422
        desk.get(RECORDS)
        desk.post(RECORDS, {"file": SimpleUploadedFile("record.json", json.dumps([study("NCT20000001")]).encode())})
        assert [line[0] for line in lines()] == ["import"]


class TestTables:
    @pytest.mark.parametrize(
        "content",
        [b"", TYPED.encode("utf-16"), b"id,text\n1," + TYPED.encode() + b",too many\n", b"a" * (table_files.LARGEST_FILE + 1), b"id,text\n"],
        ids=["empty", "not UTF-8", "a cell too many", "too large", "no rows"],
    )
    def test_a_table_that_cannot_be_taken(self, content):
        signed_in().post(TABLE, table_of(content))
        assert lines() == [("import_refused", "petra", "criterion", "", "a table (CSV) that cannot be taken")]

    def test_looking_at_the_page_leaves_none(self):
        assert signed_in().get(TABLE).status_code == 200
        assert lines() == []

    @pytest.mark.parametrize("change", ["stale", "forged", "of another purpose"])
    def test_a_preview_that_is_not_ours_of_the_last_hour(self, change, monkeypatch):
        trial, desk = trial_of_two(), signed_in()
        sent = desk.post(TABLE, table_of(written(exported(trial.criteria.all())))).context["confirm_form"].initial
        if change == "stale":
            monkeypatch.setattr(table_files, "PREVIEW_SECONDS", -1)
        else:
            name = sent["import_file_name"]
            sent["import_file_name"] = f"{TYPED}{name}" if change == "forged" else signing.dumps(TYPED, salt="another")
        assert lines() == []
        assert "The preview is too old." in desk.post(CONFIRM, sent).content.decode()
        assert lines() == [("import_refused", "petra", "criterion", "", "a table (CSV) whose preview is too old or not ours")]


class TestTooMany:
    @pytest.mark.parametrize("route", [route for route in rate_limits.LIMITS if route.endswith("_import")])
    def test_an_import_too_many(self, route, settings, tmp_path, monkeypatch):
        settings.RATE_LIMITS_FILE = tmp_path / "counts"
        monkeypatch.setitem(rate_limits.LIMITS, route, rate_limits.Limit(0))
        desk = signed_in()
        assert desk.post(reverse(route)).status_code == 429
        kind = "trial" if "trial_" in route else "criterion"
        assert lines() == [("import_refused", "petra", kind, "", f"POST {route}: too many requests")]
        assert Client().post(reverse(route)).status_code == 429
        assert len(lines()) == 1, "somebody who is not signed in fills no table"

    def test_another_page_too_often(self, settings, tmp_path, monkeypatch):
        settings.RATE_LIMITS_FILE = tmp_path / "counts"
        monkeypatch.setitem(rate_limits.LIMITS, "admin:sign_in_set_up", rate_limits.Limit(0))
        assert signed_in().post(reverse("admin:sign_in_set_up")).status_code == 429
        assert lines() == [("permission_refused", "petra", "", "", "POST admin:sign_in_set_up: too many requests")]


class TestTooLarge:
    def sent(self, client: Client, address: str, body: str) -> int:
        """The status of a post of this body."""
        return client.generic("POST", address, body, content_type="application/x-www-form-urlencoded").status_code

    def test_a_body_past_the_limits_of_the_desk(self):
        trial, desk = ready_trial(), signed_in("cora", COORDINATOR)
        assert self.sent(desk, RECORDS, "x" * (sizes.LARGEST_UPLOAD + 1)) == 413
        assert self.sent(desk, change_page(trial), f"title={TYPED}".ljust(sizes.LARGEST_DESK_BODY + 1)) == 413
        assert lines() == [
            ("import_refused", "cora", "trial", "", "POST admin:trials_trial_import: too large"),
            ("permission_refused", "cora", "trial", trial.nct_id, "POST admin:trials_trial_change: too large"),
        ]

    def test_more_fields_than_a_form_can_have(self):
        assert self.sent(signed_in(), "/admin/trials/trial/add/", "a=1&" * 20_001) == 413
        assert lines() == [("permission_refused", "petra", "trial", "", "POST admin:trials_trial_add: too large")]

    def test_the_body_is_not_read_for_it(self):
        desk = signed_in()
        told = {"CONTENT_LENGTH": str(sizes.LARGEST_UPLOAD + 1), "CONTENT_TYPE": "multipart/form-data; boundary=x", "wsgi.input": NeverRead()}
        assert desk.generic("POST", TABLE, b"", **told).status_code == 413
        assert lines() == [("import_refused", "petra", "criterion", "", "POST admin:trials_criterion_import: too large")]

    def test_whoever_is_not_signed_in_and_the_pages_of_patients_leave_none(self):
        assert self.sent(Client(), RECORDS, "x" * (sizes.LARGEST_UPLOAD + 1)) == 413
        assert self.sent(signed_in(), page_of("age"), "x" * (sizes.LARGEST_BODY + 1)) == 413
        assert lines() == []
