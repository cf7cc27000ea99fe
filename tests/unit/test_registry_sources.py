"""Files and folders of records, of every shape that the registry gives; broken ones are named, and nothing stops for them."""

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.test_registry_records import a_study
from trials.registry import json_stream
from trials.registry.records import StudyRecord
from trials.registry.sources import BadRecord, read_sources

ROOT = Path(__file__).parents[2]
NUMBERS = ("NCT00000001", "NCT00000002", "NCT00000003")
ONE, TWO, THREE = STUDIES = [a_study(**{"identificationModule.nctId": number}) for number in NUMBERS]
TEXT, PRETTY = json.dumps(ONE), json.dumps(ONE, indent=1)


def told(found):
    """A study by its number, a bad record by its words, without the folder."""
    return found.nct_id if isinstance(found, StudyRecord) else str(found).rpartition("/")[2]


def read(folder, name, content):
    """What a file of this name and content gives."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return [told(found) for found in read_sources([path])]


@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize(
    ("name", "content", "count"),
    [
        ("one.json", json.dumps(ONE), 1),
        ("pretty.json", json.dumps(ONE, indent=2), 1),
        ("array.json", json.dumps(STUDIES), 3),
        ("pretty_array.json", json.dumps(STUDIES, indent=1), 3),
        ("studies.json", json.dumps({"totalCount": 3, "studies": STUDIES, "nextPageToken": "x"}), 3),
        ("pretty_studies.json", json.dumps({"studies": STUDIES}, indent="\t"), 3),
        ("lines.jsonl", "\n".join(map(json.dumps, STUDIES)), 3),
        ("lines.ndjson", "".join(f"{json.dumps(study)}\r\n\r\n" for study in STUDIES), 3),
        ("lines_by_another_name.json", "".join(f"{json.dumps(study)}\n" for study in STUDIES), 3),
        ("one_line.jsonl", json.dumps(ONE), 1),
        ("no_lines.jsonl", json.dumps(STUDIES, indent=2), 3),
        ("pages.jsonl", json.dumps({"studies": [ONE, TWO]}) + "\n" + json.dumps([THREE]), 3),
        ("byte_order_mark.json", "\ufeff" + json.dumps(STUDIES), 3),
        ("blank_lines_first.json", "\n \n" + json.dumps(STUDIES), 3),
        ("no_ending", json.dumps(STUDIES), 3),
    ],
)
def test_each_shape_of_file_is_read_whatever_its_name(tmp_path, name, content, count, zipped):
    content = content.encode()
    assert read(tmp_path, name, gzip.compress(content) if zipped else content) == list(NUMBERS[:count])


def test_a_folder_gives_its_files_and_those_of_its_subfolders_in_order(tmp_path):
    (tmp_path / "sub").mkdir()
    for name, study in (("b.json", TWO), ("a.jsonl.gz", ONE), ("sub/c.JSON", THREE)):
        content = json.dumps(study).encode()
        (tmp_path / name).write_bytes(gzip.compress(content) if name.endswith("gz") else content)
    (tmp_path / "README.md").write_text("no record")
    assert [told(found) for found in read_sources([tmp_path, str(tmp_path / "b.json")])] == [*NUMBERS, "NCT00000002"]


def test_a_study_is_given_before_the_next_one_is_read(tmp_path):
    (tmp_path / "half.json").write_text(f"[{TEXT}, {TEXT[:-40]}")
    found = read_sources([tmp_path / "half.json", tmp_path / "half.json"])
    assert told(next(found)) == "NCT00000001"
    assert told(next(found)).startswith("half.json:1: record 2: breaks off")
    assert told(next(found)) == "NCT00000001"


ODD = TEXT.replace('"hasResults": false', '"hasResults": {}')


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("empty.json", b"", ["empty.json:1: holds no record"]),
        ("empty.jsonl", b"", ["empty.jsonl:1: holds no record"]),
        ("blank.json", b" \n\n", ["blank.json:1: holds no record"]),
        ("no_studies.json", b'{"studies": []}', ["no_studies.json:1: holds no record"]),
        ("half.json", TEXT[:100], ["half.json:1: record 1: breaks off or is not valid JSON: Unterminated string starting at"]),
        (
            "half_pretty.json",
            PRETTY[: PRETTY.index("Old Eyes")],
            ["half_pretty.json:5: record 1: breaks off or is not valid JSON: Unterminated string starting at"],
        ),
        ("half_array.json", f"[{TEXT},\n{TEXT},\n", ["NCT00000001", "NCT00000001", "half_array.json:3: record 3: breaks off before its end"]),
        ("no_comma.json", f"[{TEXT}\n{TEXT}]", ["NCT00000001", "no_comma.json:2: record 2: is not valid JSON: ',' is missing before '{'"]),
        (
            "two.json",
            PRETTY * 2,
            [
                "NCT00000001",
                f"two.json:{len(PRETTY.splitlines())}: record 2: a second document begins here; put all records in one array, or each on a line of its own",
            ],
        ),
        (
            "two_in_a_line.jsonl",
            f"{TEXT}{TEXT}\n{TEXT}",
            ["NCT00000001", "two_in_a_line.jsonl:1: record 2: a second document begins on the same line", "NCT00000001"],
        ),
        ("bad_line.jsonl", f'{TEXT}\n{{"a":\n{TEXT}\n', ["NCT00000001", "bad_line.jsonl:2: record 2: breaks off before its end", "NCT00000001"]),
        ("utf16.json", TEXT.encode("utf-16"), ["utf16.json:1: record 1: is UTF-16; save it as UTF-8"]),
        (
            "latin.json",
            json.dumps([a_study(**{"identificationModule.briefTitle": "né"}), ONE], ensure_ascii=False).encode("latin-1"),
            ["latin.json:1: record 1: protocolSection.identificationModule.briefTitle: holds a byte that is not UTF-8, 0xe9", "NCT00000001"],
        ),
        ("zeros.json", bytes(100), ["zeros.json:1: record 1: holds neither a record nor a list of records"]),
        ("text.json", b'"NCT00000001"', ["text.json:1: record 1: holds neither a record nor a list of records"]),
        ("page.html.json", b"<html>502</html>", ["page.html.json:1: record 1: holds neither a record nor a list of records"]),
        (
            "shapes.json",
            b'[1, null, "x", [], {}]',
            [
                "shapes.json:1: record 1: a record must be a mapping, not a number",
                "shapes.json:1: record 2: a record must be a mapping, not null",
                "shapes.json:1: record 3: a record must be a mapping, not a text",
                "shapes.json:1: record 4: a record must be a mapping, not a list",
                "shapes.json:1: record 5: protocolSection: is missing, so this is no API v2 record of a study",
            ],
        ),
        ("no_list.json", b'{"studies": null}', ["no_list.json:1: record 1: protocolSection: is missing, so this is no API v2 record of a study"]),
        ("deep.json", b"[" * 100_000 + b"]" * 100_000, ["deep.json:1: record 1: is nested too deeply"]),
        ("deep_mappings.json", b'{"protocolSection":' * 100_000, ["deep_mappings.json:1: record 1: is nested too deeply"]),
        ("deep.jsonl", f"{TEXT}\n{'[' * 100_000}\n{TEXT}", ["NCT00000001", "deep.jsonl:2: record 2: is nested too deeply", "NCT00000001"]),
        ("nan.json", f"[{ODD.replace('{}', 'NaN')}, {TEXT}]", ["nan.json:1: record 1: NaN is no number that JSON allows or that can be kept", "NCT00000001"]),
        (
            "infinite.json",
            f"[{ODD.replace('{}', '1e999')}, {TEXT}]",
            ["infinite.json:1: record 1: 1e999 is no number that JSON allows or that can be kept", "NCT00000001"],
        ),
        (
            "long_number.json",
            f"[{ODD.replace('{}', '9' * 5000)}]",
            [f"long_number.json:1: record 1: {'9' * 20} is no number that JSON allows or that can be kept"],
        ),
        (
            "half_character.json",
            f"[{TEXT.replace('Invented Sponsor', chr(92) + 'ud83e')}, {TEXT}]",
            ["half_character.json:1: record 1: protocolSection.sponsorCollaboratorsModule.leadSponsor.name: holds half of a character, \\ud83e", "NCT00000001"],
        ),
        ("not_zipped.json.gz", TEXT, ["NCT00000001"]),
        ("half_zipped.json", gzip.compress(TEXT.encode())[:200], ["half_zipped.json:1: record 1: is a damaged gzip file, or only a part of one"]),
        ("bad_zip.json.gz", b"\x1f\x8b" + b"no zip" * 9, ["bad_zip.json.gz:1: record 1: is a damaged gzip file, or only a part of one"]),
    ],
    ids=lambda value: value if isinstance(value, str) and "." in value and len(value) < 30 else "",
)
def test_a_broken_file_is_named_and_the_next_one_read(tmp_path, name, content, told):
    assert read(tmp_path, name, content) == told


def test_a_path_that_leads_nowhere_is_named(tmp_path):
    (tmp_path / "empty").mkdir()
    assert list(read_sources([tmp_path / "nowhere.json", tmp_path / "empty", "a\0b"])) == [
        BadRecord(str(tmp_path / "nowhere.json"), 0, 1, "cannot be read: No such file or directory"),
        BadRecord(str(tmp_path / "empty"), 0, 1, "the folder holds no file of registry records"),
        BadRecord("a\0b", 0, 1, "cannot be read: embedded null byte"),
    ]


@pytest.mark.parametrize(
    ("written", "twice"), [('"nctId":', '"nctId": "NCT00000009", "nctId":'), ('{"protocolSection":', '{"protocolSection": 7, "protocolSection":')]
)
def test_a_key_that_stands_twice_is_refused_as_nobody_knows_which_one_counts(tmp_path, written, twice):
    key = written.strip('{":')
    found = read(tmp_path, "twice.json", f"[{TEXT.replace(written, twice, 1)}, {TEXT}]")
    assert found == [f"twice.json:1: record 1: the key '{key}' is there twice in one mapping; delete one of the two", "NCT00000001"]
    (told,) = read(tmp_path, "one.json", TEXT.replace(written, twice, 1))
    assert told.startswith(f"one.json:1: record 1: the key '{key}' is there twice")


def test_a_record_past_the_limit_is_named_and_not_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(json_stream, "LARGEST_RECORD", 100_000)
    assert read(tmp_path, "large.json", f'[{TEXT}, {{"x": "{"y" * 900_000}') == [
        "NCT00000001",
        "large.json:1: record 2: is not valid JSON, or has more than 100,000 characters; a record is much smaller without its results, which nobody here reads",
    ]


PEAK = """
import re, sys
from trials.registry.sources import read_sources
count = sum(1 for _ in read_sources(sys.argv[1:]))
print(count, int(re.search(r"VmHWM:\\s*([0-9]+) kB", open("/proc/self/status").read())[1]) // 1024)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells a process's peak in this way")
@pytest.mark.parametrize(("start", "between", "end", "most"), [("[", ",", "]", 250), ('{"studies": [\n', ",\n", "]}", 100), ("", "\n", "", 100)])
def test_a_file_of_100_megabytes_takes_the_memory_of_a_few_records(tmp_path, start, between, end, most):
    path = tmp_path / "large.json"
    record = TEXT[:-1] + ', "resultsSection": "' + "x" * 1_000_000 + '"}'
    with path.open("w") as file:
        file.write(start + record)
        for _ in range(99):
            file.write(between + record)
        file.write(end)
    finished = subprocess.run([sys.executable, "-c", PEAK, str(path)], cwd=ROOT, capture_output=True, text=True, check=True)
    count, megabytes = map(int, finished.stdout.split())
    assert count == 100
    assert megabytes < most
