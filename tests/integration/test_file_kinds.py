"""The desk takes a file where its name ends as one of the known kinds, and its content begins as that kind's must. Of any other nothing is saved."""

import gzip
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from trials.files.writing import write_trial
from trials.models import AuditEntry, Trial

from .desk import HOSTILE, code_in, ready_trial, signed_in
from .patients import text_of
from .registry_records import NUMBER, study
from .spreadsheets import exported, written
from .test_desk_bringing_in import bring, told

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small_catalog")]
TABLE = "/admin/trials/criterion/import/"

RECORD = json.dumps(study()).encode()
PACKED = gzip.compress(RECORD)
NONE_OF_OURS = "is of a kind that is not taken here. The name of a file must end in .json, .jsonl, .ndjson, .json.gz, .jsonl.gz, .ndjson.gz, .yaml, .yml."
NOT_PACKED, NO_TEXT = "is not packed by gzip", "holds no text. Save it as UTF-8 text."


def is_here() -> bool:
    """Whether the record is stored."""
    return Trial.objects.filter(nct_id=NUMBER).exists()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        *((name, RECORD) for name in ("a.json", "a.jsonl", "a.ndjson", "A.JSON", "a.b.json", ".json")),
        *((name, PACKED) for name in ("a.json.gz", "a.jsonl.gz", "a.ndjson.gz", "A.Json.GZ")),
        ("a.json", b"\xef\xbb\xbf" + RECORD),
    ],
)
def test_a_known_ending_with_its_content_is_taken(name, content):
    assert told(bring(signed_in(), content, name)) == [f"{NUMBER}: added, patients do not see it yet – 3 criteria added"]


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        *((name, RECORD, NONE_OF_OURS) for name in ("records", "a.txt", "a.json.zip", "a.json.txt", "a.jso", "ajson", "a.jsonx", "a.json.", "a.csv")),
        *((name, PACKED, NONE_OF_OURS) for name in ("records", "a.gz", ".gz", "a.yaml.gz", "a.tar.gz")),
        ("a.json.gz", RECORD, NOT_PACKED),
        ("a.json.gz", b"\x1f" + RECORD, NOT_PACKED),
        ("a.json.gz", b"\x1f", NOT_PACKED),
        ("a.json", PACKED, NO_TEXT),
        ("a.yaml", PACKED, NO_TEXT),
        ("a.json", b"\x1f\x8b", NO_TEXT),
        ("a.json", b"\0" + RECORD, NO_TEXT),
        ("a.jsonl", RECORD + b"\n" + b" " * 100_000 + b"\0", NO_TEXT),
        ("a.json", json.dumps(study()).encode("utf-16"), NO_TEXT),
    ],
)
def test_any_other_is_refused_by_its_name_and_nothing_is_saved(name, content, fault):
    page = bring(signed_in(), content, name)
    assert page.status_code == 422
    assert f"“{name}” {fault}" in text_of(page)
    assert not is_here()
    assert list(AuditEntry.objects.exclude(act="sign_in").values_list("act", "detail")) == [("import_refused", "a form with faults at: file")]


@pytest.mark.parametrize("name", ["trial.json", "trial.yam", "trial.yaml.txt"])
def test_a_trial_file_needs_its_own_ending(name):
    trial = ready_trial()
    content = write_trial(trial).encode()
    trial.delete()
    bring(signed_in(), content, name)
    assert not Trial.objects.filter(nct_id="NCT20000001").exists()
    assert told(bring(signed_in("bo"), content, "trial.YML")) == ["NCT20000001: added, patients do not see it yet"]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (f"{HOSTILE}.exe", "javascript:alert(3).exe"),
        ("<svg onload=alert(1)>.exe", "“<svg onload=alert(1)>.exe” is"),
        ("gpj\N{RIGHT-TO-LEFT OVERRIDE}.exe", "“gpj.exe” is"),
        ("a" * 56 + ".exe", f"“{'a' * 56}.exe” is"),
        ("a" * 57 + ".exe", f"“…{'a' * 55}.exe” is"),
    ],
)
def test_a_name_is_told_as_text_and_not_whole_where_it_is_long(name, shown):
    page = bring(signed_in(), RECORD, name)
    assert shown in text_of(page)
    assert code_in(page) == []


def test_a_file_that_is_wrong_keeps_numbers_beside_it_from_being_asked():
    page = bring(signed_in(), RECORD, "a.txt", numbers=NUMBER)
    assert page.status_code == 422
    assert not is_here()


@pytest.mark.parametrize(
    ("name", "start", "fault"),
    [
        ("a.csv", b"", ""),
        ("A.CSV", b"", ""),
        ("a.txt", b"", "“a.txt” is of a kind that is not taken here. The name of a file must end in .csv."),
        ("a.csv.gz", b"", "must end in .csv."),
        ("a.json", b"", "must end in .csv."),
        ("table", b"", "must end in .csv."),
        ("a.csv", b"\x1f\x8b", "In Excel, save it as “CSV UTF-8”."),
        ("a.csv", "\N{BYTE ORDER MARK}a".encode("utf-16-le"), "In Excel, save it as “CSV UTF-8”."),
        ("a.csv", b"\0", "Save the table as CSV UTF-8."),
    ],
)
def test_a_table_ends_in_csv_and_is_text(name, start, fault):
    ready_trial()
    page = signed_in().post(TABLE, {"format": "0", "resource": "0", "import_file": SimpleUploadedFile(name, start + written(exported()))})
    assert fault in text_of(page)
    assert ("confirm_form" in page.context) is (not fault)
