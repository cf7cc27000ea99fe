"""Files made to do harm: each is refused in words, nothing is saved, and the memory stays small. At the commands and at the desk."""

import gzip
import io
import json
import subprocess
import sys

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.rows import everything
from trials.models import Trial
from trials.registry.sources import read_sources

from .bombs import ANSWERS, FILES, LAUGHS, RECORDS, ROOT
from .desk import signed_in
from .patients import text_of
from .registry_records import study

MOST_MEGABYTES = 300
IMPORT, TABLE = "/admin/trials/trial/import-records/", "/admin/trials/criterion/import/"


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """What each command said of each bomb."""
    command = [sys.executable, ROOT / "tests" / "integration" / "bombs.py", tmp_path_factory.mktemp("bombs")]
    done = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return {(command, name): (code, said, nothing, peak) for command, name, code, said, nothing, peak in json.loads(done.stdout.splitlines()[-1])}


@pytest.mark.parametrize("name", RECORDS)
def test_a_bomb_of_records_is_refused_in_words(name, told):
    code, said, nothing_saved, _ = told["import_trials", name]
    assert (code, nothing_saved) == (1, True)
    assert RECORDS[name][2] in said
    assert "Traceback" not in said and "cannot be saved" not in said


@pytest.mark.parametrize("name", FILES)
def test_a_bomb_of_a_trial_file_is_refused_with_its_line(name, told):
    _, line, fault = FILES[name]
    code, said, nothing_saved, _ = told["load_files", name]
    assert (code, nothing_saved) == (2, True)
    assert said.startswith(f"a.yaml:{line}: ") and fault in said
    assert said.count("\n") == 1 and len(said) < 600


@pytest.mark.parametrize("name", ANSWERS)
def test_a_bomb_of_answers_is_refused_in_one_line(name, told):
    code, said, _, _ = told["match", name]
    assert code == 2
    assert ANSWERS[name][1] in said
    assert said.count("\n") == 1 and len(said) < 400 and said.strip().isprintable()


def test_no_bomb_takes_more_than_300_megabytes(told, record_property):
    most = max(peak for *_, peak in told.values())
    record_property("bombs", len(told))
    record_property("most megabytes", round(most))
    assert most < MOST_MEGABYTES


# The desk


def uploaded(name: str, content: bytes, address: str = IMPORT):
    """The page after an upload, and whether anything is stored that was not there."""
    client = signed_in()
    before = {table: rows for table, rows in everything().items() if table.startswith("trials_") and "audit" not in table}
    field = "import_file" if address == TABLE else "file"
    response = client.post(address, {field: SimpleUploadedFile(name, content), "format": "0", "resource": "0"})
    after = {table: rows for table, rows in everything().items() if table in before}
    return response, after == before


DESK = {
    "deep": ("a.json", b"[" * 100_000, "is nested too deeply"),
    "packed blanks": ("a.json.gz", gzip.compress(b" " * 101_000_000, 1), "unpacks to more than 100,000,000 bytes"),
    "bad lines": ("a.jsonl", b"{}\n" * 500_000, "holds more than 1,000 records"),
    "billion laughs": ("a.yaml", LAUGHS.encode(), "write the value out"),
    "a Python object": ("a.yaml", b"!!python/object/apply:os.system ['true']", "could not determine a constructor"),
    "a large YAML file": ("a.yaml", b"a" * 2_000_001, "larger than 2,000,000 bytes"),
    "a spreadsheet": ("a.xlsx", b"PK\x03\x04" + bytes(1_000), "“a.xlsx” is of a kind that is not taken here"),
    "a spreadsheet with another name": ("a.json", b"PK\x03\x04" + bytes(1_000), "“a.json” holds no text"),
}


@pytest.mark.django_db
@pytest.mark.usefixtures("small_catalog")
@pytest.mark.parametrize("name", DESK)
def test_the_import_page_refuses_a_bomb_in_words(name):
    file, content, fault = DESK[name]
    response, nothing_saved = uploaded(file, content)
    assert response.status_code in (200, 422)
    assert fault in text_of(response)
    assert "Traceback" not in text_of(response)
    assert nothing_saved


@pytest.mark.django_db
@pytest.mark.usefixtures("small_catalog")
def test_a_page_brings_in_a_thousand_records_and_says_so(monkeypatch):
    monkeypatch.setattr("trials.admin.bringing_in.MOST_RECORDS", 2)
    lines = "\n".join(json.dumps(study(f"NCT3100000{number}")) for number in range(3)).encode()
    response, _ = uploaded("a.jsonl", lines)
    assert "holds more than 2 records. The others are not brought in" in text_of(response)
    assert Trial.objects.filter(nct_id__startswith="NCT3100000").count() == 2


TABLES = {
    "a spreadsheet": (b"PK\x03\x04" + bytes(1_000), "The file is not"),
    "no UTF-8": (b"nct_id,id\n\xff\xfe,1", "The file is not UTF-8 text"),
    "too many rows": (b"nct_id,id\n" + b"a,\n" * 30_000, "more than 20,000 rows"),
    "too many columns": (b"nct_id,id," + b"id," * 500_000 + b"\n", "No valid data to import"),
    "a long name": (b"nct_id,id," + b"x" * 100_000 + b"\na,1,2", "is not known"),
    "a long cell": (b"nct_id,id\n" + b"x" * 1_000_000 + b",1", "cannot be read as a table"),
    "an open quotation mark": (b'nct_id,id\n"' + b"x\n" * 50_000, "cannot be read as a table"),
    "a long number": (b"nct_id,id\nNCT10000001," + b"9" * 100_000, "there is no criterion"),
}


@pytest.mark.django_db
@pytest.mark.usefixtures("small_catalog")
@pytest.mark.parametrize("name", TABLES)
def test_the_page_of_tables_refuses_a_bomb_in_words(name):
    content, fault = TABLES[name]
    response, nothing_saved = uploaded("a.csv", content, TABLE)
    assert response.status_code in (200, 422)
    assert fault in text_of(response)
    assert nothing_saved


def test_a_packed_file_is_read_up_to_its_limit_and_no_further(tmp_path):
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb") as file:
        file.write(json.dumps([study()]).encode() + b" " * 1_000_000)
    (tmp_path / "a.json.gz").write_bytes(packed.getvalue())
    assert len(list(read_sources([tmp_path / "a.json.gz"], unpacked=2_000_000))) == 1
    *_, last = read_sources([tmp_path / "a.json.gz"], unpacked=100_000)
    assert "unpacks to more than 100,000 bytes" in str(last)
