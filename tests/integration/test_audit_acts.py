"""Each act at the desk leaves one line in the audit trail; what is rolled back leaves none, and what is refused leaves one that says so."""

import json

import pytest
from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import reverse

from tests.factories import TrialFactory
from trials import catalog, services
from trials.audit import record
from trials.groups import AUDITOR, COORDINATOR, PUBLISHER
from trials.models import Act, AuditEntry, CatalogStamp, Question, Trial

from .desk import ready_trial, signed_in
from .registry_records import study
from .spreadsheets import exported, trial_of_two, written
from .test_history import fields_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small_catalog")]

PASSWORD = "seven green bicycles"


def lines(start: int = 0) -> list[tuple[str, ...]]:
    """The lines of the trail, oldest first, but for signing in: act, who, kind of record, record, detail."""
    found = AuditEntry.objects.filter(pk__gt=start).exclude(act=Act.SIGN_IN).order_by("pk")
    return [(one.act, one.user_name, one.record_type, one.record_key, one.detail) for one in found]


def change_page(trial) -> str:
    """The address of a trial's page."""
    return reverse("admin:trials_trial_change", args=[trial.pk])


def listed(client, action: str, *trials, **more):
    """The page after an action on trials of the list."""
    return client.post(reverse("admin:trials_trial_changelist"), {"action": action, "_selected_action": [one.pk for one in trials], **more})


class TestChanges:
    def test_adding_changing_and_deleting_a_record(self):
        desk = signed_in()
        new = {"key": "tired", "kind": "yes_no", "text": "Are you tired?", "order": "3", "source": "patient"}
        desk.post(reverse("admin:trials_question_add"), fields_of(desk.get(reverse("admin:trials_question_add"))) | new)
        question = Question.objects.get(key="tired")
        page = reverse("admin:trials_question_change", args=[question.pk])
        desk.post(page, fields_of(desk.get(page)) | {"text": "Are you often tired?"})
        root = User.objects.create_superuser("root")
        desk.force_login(root)
        desk.post(reverse("admin:trials_question_delete", args=[question.pk]), {"post": "yes"})
        assert not Question.objects.filter(key="tired").exists()
        assert lines() == [
            ("add", "petra", "question", "tired", ""),
            ("change", "petra", "question", "tired", "Changed Question."),
            ("delete", "root", "question", "tired", ""),
        ]

    def test_a_change_names_the_parts_of_a_trial_and_tells_the_account_and_the_time(self):
        trial, desk = ready_trial(), signed_in("cora", COORDINATOR)
        desk.post(change_page(trial), fields_of(desk.get(change_page(trial))) | {"title": "Another", "criteria-0-plain": "You are an adult"})
        entry = AuditEntry.objects.exclude(act=Act.SIGN_IN).get()
        assert (entry.act, entry.record_key, entry.user_id) == ("change", trial.nct_id, User.objects.get(username="cora").pk)
        assert entry.detail.startswith("Changed Title.") and "criterion “Aged 18 years or older”" in entry.detail
        assert entry.address is None

    def test_deleting_chosen_trials_leaves_a_line_for_each_that_outlives_them(self):
        trials = [TrialFactory(nct_id=f"NCT2000000{number}", published=False) for number in (1, 2)]
        listed(signed_in(), "delete_selected", *trials, post="yes")
        assert not Trial.objects.filter(nct_id__startswith="NCT2000000").exists()
        assert sorted(lines()) == [("delete", "petra", "trial", one.nct_id, "") for one in trials]

    def test_proposed_sample_patients(self):
        trial, desk = ready_trial(), signed_in()
        page = reverse("admin:trials_trial_propose", args=[trial.pk])
        keys = [one.key for _slug, group in desk.get(page).context["groups"] for one in group][:2]
        desk.post(page, {"chosen": keys})
        assert lines() == [("change", "petra", "trial", trial.nct_id, "sample patients added: 2")]

    def test_looking_leaves_no_line(self):
        trial, desk = ready_trial(), signed_in()
        for page in ("admin:index", "admin:trials_trial_changelist", "admin:trials_trial_import"):
            assert desk.get(reverse(page)).status_code == 200
        desk.get(change_page(trial))
        assert lines() == []

    def test_a_line_makes_no_index_anew(self):
        catalog.touch()
        before = CatalogStamp.objects.get().token
        record(Act.EXPORT, Trial)
        assert CatalogStamp.objects.get().token == before

    def test_a_long_or_odd_detail_is_kept_as_far_as_it_fits(self):
        record(Act.CHANGE, Trial(nct_id="NCT10000001"), detail="a\0" + "b" * 900)
        ((_act, _who, _type, _key, detail),) = lines()
        assert (len(detail), detail[:3], detail[-1]) == (500, "abb", "…")


class TestPublishing:
    def test_publishing_and_withdrawing_from_the_list(self):
        trial, desk = ready_trial(), signed_in()
        listed(desk, "publish", trial)
        listed(desk, "withdraw", trial)
        assert lines() == [("publish", "petra", "trial", trial.nct_id, ""), ("withdraw", "petra", "trial", trial.nct_id, "")]

    def test_a_refused_publication_leaves_a_line_with_the_reason(self):
        trial = ready_trial()
        trial.criteria.filter(team_checks=True).update(team_checks=False)
        listed(signed_in(), "publish", trial)
        assert lines() == [("publish_refused", "petra", "trial", trial.nct_id, "1 criterion is still to do")]

    def test_saving_a_published_trial_as_a_coordinator_withdraws_it(self):
        trial = ready_trial(published=True)
        desk = signed_in("cora", COORDINATOR)
        desk.post(change_page(trial), fields_of(desk.get(change_page(trial))) | {"title": "Another"})
        assert [line[0] for line in lines()] == ["withdraw", "change"]

    def test_a_publication_that_is_rolled_back_leaves_no_line(self):
        trial = ready_trial()
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            services.publish(trial=trial)
            assert lines() == [("publish", "", "trial", trial.nct_id, "")]
            1 / 0  # noqa: B018
        assert (lines(), Trial.objects.get(pk=trial.pk).published) == ([], False)

    def test_a_refusal_stays_although_publishing_is_undone(self):
        trial = ready_trial(areas=["eye"])
        trial.areas.clear()
        with pytest.raises(ValidationError):
            services.publish(trial=trial)
        assert [line[0] for line in lines()] == ["publish_refused"]


class TestBringingIn:
    ADDRESS = "/admin/trials/trial/import-records/"

    def bring(self, desk, content: bytes, name: str = "record.json", **more):
        """The page after a file was brought in."""
        return desk.post(self.ADDRESS, {"file": SimpleUploadedFile(name, content), **more})

    def test_records_and_those_that_are_refused(self):
        desk = signed_in()
        good, bad = study("NCT20000001"), study("NCT20000002")
        bad["protocolSection"]["statusModule"]["overallStatus"] = 17
        self.bring(desk, json.dumps([good, bad]).encode())
        assert [line[:4] for line in lines()] == [("import", "petra", "trial", "NCT20000001"), ("import_refused", "petra", "trial", "")]
        assert lines()[0][4] == "registry import: added"
        assert lines()[1][4].startswith("registry import: 1 refused")
        start = AuditEntry.objects.latest("pk").pk
        self.bring(desk, json.dumps([good]).encode())
        assert lines(start) == [], "a record that says nothing new changes nothing"

    def test_only_looking_leaves_no_line(self):
        self.bring(signed_in(), json.dumps([study("NCT20000001"), {}]).encode(), dry_run="on")
        self.bring(signed_in(), b"no: trial", "trial.yaml", dry_run="on")
        assert lines() == []

    def test_a_trial_file_that_is_loaded_or_refused(self):
        trial, desk = ready_trial(), signed_in()
        file = listed(desk, "download_files", trial).content
        assert lines() == [("export", "petra", "trial", "", f"trial files (YAML): {trial.nct_id}.yaml")]
        start = AuditEntry.objects.latest("pk").pk
        self.bring(desk, file, "trial.yaml")
        self.bring(desk, file.replace(b"age >= 18", b"aeg >= 18"), "trial.yaml")
        Trial.objects.filter(pk=trial.pk).update(published=True)
        self.bring(signed_in("cora", COORDINATOR), file, "trial.yaml")
        assert [line[:4] for line in lines(start)] == [
            ("import", "petra", "trial", trial.nct_id),
            ("import_refused", "petra", "trial", ""),
            ("import_refused", "cora", "trial", ""),
        ]


class TestTables:
    def upload(self, desk, rows):
        """The preview of a table."""
        file = SimpleUploadedFile("table.csv", written(rows))
        return desk.post("/admin/trials/criterion/import/", {"format": "0", "resource": "0", "import_file": file})

    def confirm(self, desk, page):
        """The page after the preview."""
        return desk.post("/admin/trials/criterion/process_import/", page.context["confirm_form"].initial)

    def test_a_table_leaves_a_line_for_each_trial_when_it_is_saved(self):
        trial, desk = trial_of_two(), signed_in()
        rows = exported(trial.criteria.all())
        page = self.upload(desk, [row | {"plain": "New"} for row in rows])
        assert lines() == [], "the preview saves nothing"
        self.confirm(desk, page)
        assert lines() == [("import", "petra", "trial", trial.nct_id, "a table (CSV): criteria added or changed: 2")]

    def test_a_table_that_is_refused_leaves_a_line(self):
        trial, desk = trial_of_two(), signed_in()
        rows = exported(trial.criteria.all())
        self.upload(desk, [rows[0] | {"kind": "odd"}])
        page = self.upload(desk, [rows[0] | {"plain": "New"}])
        trial.criteria.update(text="Changed meanwhile")
        self.confirm(desk, page)
        assert lines() == [("import_refused", "petra", "criterion", "", "a table (CSV) with 1 faults")] * 2

    def test_a_table_that_is_taken_away(self):
        desk = signed_in("abel", AUDITOR)
        for address in ("criterion/export/", "trial/export/", "auditentry/export/"):
            assert desk.get(f"/admin/trials/{address}").status_code == 200
        assert [line[:3] for line in lines()] == [("export", "abel", kind) for kind in ("criterion", "trial", "auditentry")]


class TestSigningIn:
    @pytest.fixture
    def mara(self):
        """An account with a password."""
        user = User.objects.create_user("mara", password=PASSWORD, is_staff=True)
        user.groups.add(Group.objects.get(name=PUBLISHER))
        return user

    def sign_in(self, name, password, **more):
        """Somebody at the desk's door."""
        client = Client(REMOTE_ADDR="192.0.2.7")
        client.post(reverse("admin:login"), {"username": name, "password": password}, **more)
        return client

    def test_signing_in_and_out(self, mara):
        self.sign_in("mara", PASSWORD).post(reverse("admin:logout"))
        found = AuditEntry.objects.order_by("pk").values_list("act", "user_id", "user_name", "record_type", "record_key", "address")
        assert list(found) == [(act, mara.pk, "mara", "user", "mara", "192.0.2.7") for act in ("sign_in", "sign_out")]

    def test_a_wrong_password_names_the_account_that_was_meant_and_nobody_who_did_it(self, mara):
        self.sign_in("mara", "not the password")
        (entry,) = AuditEntry.objects.all()
        assert (entry.act, entry.user_id, entry.user_name, entry.record_key, entry.address) == ("sign_in_refused", None, "", "mara", "192.0.2.7")

    def test_what_was_typed_is_not_kept(self, mara):
        self.sign_in(PASSWORD, "mara")
        (entry,) = AuditEntry.objects.all()
        assert (entry.act, entry.record_type, entry.record_key, entry.detail) == ("sign_in_refused", "user", "", "")

    def test_an_address_that_the_client_made_up_is_not_kept(self, mara):
        self.sign_in("mara", PASSWORD, headers={"x-forwarded-for": "203.0.113.9"})
        assert AuditEntry.objects.get().address == "192.0.2.7"


class TestAccounts:
    def test_what_is_done_to_accounts(self):
        desk, other = Client(), User.objects.create(username="bo")
        desk.force_login(User.objects.create_superuser("root"))
        page = reverse("admin:auth_user_change", args=[other.pk])
        sent = {"username": "bo", "is_active": "on", "is_staff": "on", "groups": [Group.objects.get(name=PUBLISHER).pk]}
        desk.post(page, sent | {"date_joined_0": "2026-11-01", "date_joined_1": "08:00:00"})
        desk.post(reverse("admin:auth_user_password_change", args=[other.pk]), {"password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"})
        desk.post(reverse("admin:auth_user_delete", args=[other.pk]), {"post": "yes"})
        assert not User.objects.filter(username="bo").exists()
        assert lines() == [
            ("change", "root", "user", "bo", "active, staff"),
            ("change", "root", "user", "bo", "groups given: Publisher"),
            ("change", "root", "user", "bo", "active, staff; new password"),
            ("delete", "root", "user", "bo", ""),
        ]

    def test_what_is_done_to_groups(self):
        desk = Client()
        desk.force_login(User.objects.create_superuser("root"))
        page = reverse("admin:auth_group_change", args=[Group.objects.get(name=AUDITOR).pk])
        desk.post(page, {"name": AUDITOR, "permissions": []})
        (_saved, taken) = lines()
        assert taken[:4] == ("change", "root", "group", AUDITOR)
        assert taken[4].startswith("permissions taken: export_trial, view_approvedtherapy")
        assert PASSWORD not in str(list(AuditEntry.objects.values_list()))


class TestRefusals:
    def test_a_page_that_is_refused_is_named_with_its_record(self):
        trial, desk = ready_trial(), signed_in("abel", AUDITOR)
        assert desk.post(reverse("admin:trials_trial_delete", args=[trial.pk]), {"post": "yes"}).status_code == 403
        assert desk.get(reverse("admin:trials_trial_add")).status_code == 403
        assert lines() == [
            ("permission_refused", "abel", "trial", trial.nct_id, "POST admin:trials_trial_delete"),
            ("permission_refused", "abel", "trial", "", "GET admin:trials_trial_add"),
        ]

    def test_an_action_that_the_list_does_not_offer(self):
        trial = ready_trial()
        listed(signed_in("cora", COORDINATOR), "publish", trial)
        assert (lines(), Trial.objects.get(pk=trial.pk).published) == ([("permission_refused", "cora", "trial", "", "action publish")], False)

    def test_whoever_is_not_signed_in_is_not_noted(self):
        assert Client().get(reverse("admin:trials_trial_changelist")).status_code == 302
        assert lines() == []

    def test_a_page_of_patients_leaves_no_line(self, patient):
        patient.begin()
        assert AuditEntry.objects.count() == 0
