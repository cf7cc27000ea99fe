"""Bringing records in at the desk, and proposing sample patients: what is told, what is saved, and what is refused."""

import json
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.factories import CriterionFactory, TrialFactory
from trials.models import Choice, SamplePatient, Trial

from .desk import HOSTILE, code_in, messages_of, ready_trial, signed_in
from .patients import text_of
from .registry_records import NUMBER, OTHER, study, write
from .test_admin import change_page
from .test_import_from_registry import server  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db
PAGE = "/admin/trials/trial/import-records/"


@pytest.fixture
def desk(small_catalog):
    """The desk of somebody who may publish, without trials."""
    Trial.objects.all().delete()
    return signed_in()


def bring(desk, file=None, name="records.json", **fields):
    """The page after somebody brought records in: the content of a file, or a file of these studies."""
    content = json.dumps(file).encode() if isinstance(file, dict | list) else file
    return desk.post(PAGE, fields | ({"file": SimpleUploadedFile(name, content)} if content is not None else {}))


def told(page) -> list[str]:
    """What is told of each record."""
    found = re.search(r'<ul class="outcomes">(.*?)</ul>', page.content.decode(), re.DOTALL)
    parts = found[1].split("</li>") if found else []
    return [line for line in (text_of(type("Part", (), {"content": part.encode()})).strip().replace(" :", ":") for part in parts) if line]


def test_a_file_of_records_comes_in_hidden_from_patients(desk):
    page = bring(desk, [study(), study(OTHER)])
    assert told(page) == [f"{number}: added, patients do not see it yet – 3 criteria added" for number in (NUMBER, OTHER)]
    assert list(Trial.objects.values_list("nct_id", "published")) == [(NUMBER, False), (OTHER, False)]
    assert f'href="{change_page(Trial.objects.first())}"' in page.content.decode()
    assert code_in(page) == []


def test_records_sent_twice_are_brought_in_once(desk):
    assert told(bring(desk, study())) == [f"{NUMBER}: added, patients do not see it yet – 3 criteria added"]
    assert told(bring(desk, study())) == [f"{NUMBER}: nothing changed"]
    assert Trial.objects.get().criteria.count() == 3


@pytest.mark.parametrize("name", ["records.json.gz", "records.JSON.GZ", "records.ndjson.gz"])
def test_a_gzipped_file_comes_in(desk, tmp_path, name):
    packed = write(tmp_path / "records.json.gz", study(), study(OTHER)).read_bytes()
    assert len(told(bring(desk, packed, name))) == 2
    assert Trial.objects.count() == 2


def test_one_broken_line_of_json_lines_keeps_no_other_out(desk):
    lines = "\n".join(["{broken", json.dumps(study()), json.dumps(study(OTHER))])
    said = told(bring(desk, lines.encode(), "records.JSONL"))
    assert [line.split(":")[0] for line in said] == ["the file", NUMBER, OTHER]
    assert Trial.objects.count() == 2


def test_records_are_asked_of_the_registry_by_their_numbers(desk, server):  # noqa: F811
    server.studies = [study(), study(OTHER)]
    said = told(bring(desk, numbers=f" {NUMBER.lower()},\n{OTHER} "))
    assert [line.split(":")[0] for line in said] == [NUMBER, OTHER]
    assert Trial.objects.count() == 2


def test_a_registry_that_does_not_answer_is_told(desk, server):  # noqa: F811
    server.shutdown()
    server.server_close()
    page = bring(desk, numbers=NUMBER)
    assert "cannot be used" in "".join(told(page))
    assert Trial.objects.count() == 0


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ("NCT3000000", "“NCT3000000” is not an NCT number: “NCT” and 8 digits."),
        (f"{NUMBER} {HOSTILE}", "“<SVG” is not an NCT number"),
        (" ".join(f"NCT{number:08}" for number in range(21)), "At most 20 numbers at once"),
        ("", "Write at least one NCT number, or choose a file."),
        (" , ", "Write at least one NCT number, or choose a file."),
    ],
)
def test_what_is_not_a_few_numbers_is_refused_and_nothing_is_asked(desk, server, numbers, said):  # noqa: F811
    page = bring(desk, numbers=numbers)
    assert page.status_code == 422
    assert said in text_of(page)
    assert code_in(page) == []
    assert server.asked == []


def test_twenty_numbers_are_not_too_many(desk, server):  # noqa: F811
    server.studies = [study(f"NCT{number:08}") for number in range(20)]
    assert len(told(bring(desk, numbers=" ".join(f"NCT{number:08}" for number in range(20))))) == 20


def test_nothing_at_all_is_refused(desk):
    page = desk.post(PAGE)
    assert page.status_code == 422
    assert "Write at least one NCT number, or choose a file." in text_of(page)


@pytest.mark.parametrize(("size", "status"), [(20_000_000, 200), (20_000_001, 422)])
def test_a_file_may_have_20_megabytes(desk, size, status):
    page = bring(desk, b" " * size)
    assert page.status_code == status
    assert ("This file is larger than 20 MB." in text_of(page)) == (status == 422)


@pytest.mark.parametrize("content", [b"{broken", b"", b"\x1f\x8bbroken", b"[1, 2]", HOSTILE.encode()])
def test_a_broken_file_is_told_without_a_path_of_the_server(desk, content):
    page = bring(desk, content, "records.json.gz" if content.startswith(b"\x1f") else "records.json")
    said = text_of(page)
    assert "the file:1" in said or "The submitted file is empty." in said
    assert not re.search(r"upload\.json|/tmp|\\tmp|Temp", said)
    assert code_in(page) == []
    assert Trial.objects.count() == 0


def test_a_dry_run_tells_the_same_and_saves_nothing(desk):
    page = bring(desk, study(), dry_run="on")
    assert "What would happen (nothing is saved)" in text_of(page)
    assert told(page) == [f"{NUMBER}: added, patients do not see it yet – 3 criteria added"]
    assert Trial.objects.count() == 0


def test_a_published_trial_that_the_registry_closed_is_told(desk):
    bring(desk, study())
    Trial.objects.update(published=True)
    [said] = told(bring(desk, study(status="COMPLETED", day="2026-10-05")))
    assert "status: RECRUITING → COMPLETED" in said
    assert "Closed at the registry: patients are not asked about it any more." in said


def test_a_trial_that_patients_never_saw_is_closed_without_ado(desk):
    bring(desk, study())
    [said] = told(bring(desk, study(status="COMPLETED", day="2026-10-05")))
    assert "Closed at the registry" not in said


def proposals(desk, trial) -> dict[str, str]:
    """What stands for each proposed sample patient in the form -> the name."""
    page = desk.get(f"/admin/trials/trial/{trial.pk}/propose/")
    assert code_in(page) == []
    return {one.key: one.name for _verdict, group in page.context["groups"] for one in group}


def add(desk, trial, *keys, **fields):
    return desk.post(f"/admin/trials/trial/{trial.pk}/propose/", {"chosen": keys, **fields}, follow=True)


def test_the_ticked_proposals_are_added_once(desk):
    trial = ready_trial()
    first, second, *others = proposals(desk, trial)
    assert "2 sample patients are added." in messages_of(add(desk, trial, first, second))
    said = messages_of(add(desk, trial, first, second))
    assert "0 sample patients are added." in said
    assert "Some of those ticked are here already" in said
    assert trial.sample_patients.count() == 3
    assert list(proposals(desk, trial)) == others


def test_what_is_added_expects_what_was_read(desk):
    trial = ready_trial()
    add(desk, trial, *proposals(desk, trial))
    assert {row.expect for row in SamplePatient.objects.filter(trial=trial)} == {"passes", "unknown", "fails"}
    page = desk.get(change_page(trial))
    assert "NOT as expected" not in text_of(page)


def test_a_verdict_that_nobody_read_is_not_added(desk):
    trial = ready_trial()
    read = proposals(desk, trial)
    trial.criteria.filter(rule="age >= 18").update(rule="age < 18")
    said = messages_of(add(desk, trial, *read, publish="on"))
    assert "the rules say something else of them now" in said
    added = {row.name for row in SamplePatient.objects.filter(trial=trial)}
    assert len(added) < len(read)
    assert not Trial.objects.get().published


def test_two_criteria_that_begin_alike_are_proposed_apart(desk):
    trial = TrialFactory(areas=["eye"], published=False)
    for rule in ("pregnant is yes", "weight > 100"):
        CriterionFactory(trial=trial, kind="exclusion", text=f"{'The same long beginning ' * 4} {rule}", rule=rule)
    found = proposals(desk, trial)
    [one, other] = [key for key, name in found.items() if name.startswith("Excluded: ")]
    assert found[one] == found[other]
    add(desk, trial, one)
    assert trial.sample_patients.count() == 1


def test_there_is_nothing_to_propose_without_rules_or_when_all_are_there(desk):
    empty = TrialFactory(published=False)
    CriterionFactory(trial=empty, team_checks=True)
    assert proposals(desk, empty) == {}
    trial = ready_trial()
    while keys := list(proposals(desk, trial)):
        add(desk, trial, *keys)
    assert "There is nothing to propose" in text_of(desk.get(f"/admin/trials/trial/{trial.pk}/propose/"))


def test_hostile_names_are_inert_and_can_be_added(desk):
    trial = TrialFactory(areas=["eye"], published=False)
    CriterionFactory(trial=trial, kind="exclusion", text=HOSTILE, rule="pregnant is yes")
    found = proposals(desk, trial)
    [hostile] = [key for key, name in found.items() if "<svg" in name]
    page = add(desk, trial, hostile, HOSTILE)
    assert "1 sample patient is added." in messages_of(page)
    assert code_in(page) == []


def test_questions_that_cannot_be_used_are_told(desk):
    trial = ready_trial()
    trial.criteria.filter(rule="age >= 18").update(rule="treatments includes x")
    Choice.objects.filter(question__key="treatments").delete()
    page = desk.get(f"/admin/trials/trial/{trial.pk}/propose/", follow=True)
    assert "One of the questions cannot be used. Mend it first." in messages_of(page)
