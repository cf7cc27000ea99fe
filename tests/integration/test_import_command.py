"""``import_trials`` with files: each shape, the report, the exit codes, and files and records that cannot be used."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import load_command_class

from tests.factories import ConditionAreaFactory
from tests.rows import everything
from trials.models import Criterion, Site, Trial

from .processes import environment
from .registry_records import ADULT, GLAUCOMA, HOSPITAL, NUMBER, OTHER, THIRD, bring, criterion, edit, eligibility, run, study, trial, write

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).parents[2]
ONE, TWO, THREE = study(NUMBER), study(OTHER), study(THIRD)
ADDED = "{} records: {} added, unpublished\n"


def numbers() -> list[str]:
    return list(Trial.objects.values_list("nct_id", flat=True))


def without_folder(said: str, folder: Path) -> str:
    return said.replace(f"{folder}/", "")


@pytest.mark.parametrize("name", ["one.json", "one.json.gz", "three.json", "three.json.gz", "lines.jsonl", "lines.ndjson.gz"])
def test_a_file_of_any_shape_comes_in_unpublished(name, tmp_path):
    found = [ONE] if name.startswith("one") else [ONE, TWO, THREE]
    path = write(tmp_path / name, *found, lines=name.startswith("lines"))
    assert run("import_trials", path) == (0, ADDED.format(len(found), len(found)))
    assert numbers() == [NUMBER, OTHER, THIRD][: len(found)]
    assert not Trial.objects.filter(published=True).exists() and Criterion.objects.count() == 3 * len(found)


def test_folders_and_files_come_in_as_one_stream(tmp_path):
    (tmp_path / "folder" / "inside").mkdir(parents=True)
    write(tmp_path / "folder" / "inside" / "a.json", ONE)
    write(tmp_path / "folder" / "b.jsonl.gz", TWO, lines=True)
    (tmp_path / "folder" / "notes.txt").write_text("no record")
    assert run("import_trials", tmp_path / "folder", write(tmp_path / "c.json", THREE)) == (0, ADDED.format(3, 3))
    assert numbers() == [NUMBER, OTHER, THIRD]


def test_a_page_of_the_registry_saved_as_a_file_comes_in(tmp_path):
    (tmp_path / "page.json").write_text(json.dumps({"totalCount": 2, "studies": [ONE, TWO], "nextPageToken": "x"}))
    assert run("import_trials", tmp_path) == (0, ADDED.format(2, 2))


def test_the_report_says_what_became_of_each_kind_of_record(tmp_path):
    for one in (ONE, TWO, THREE):
        bring(one)
    edit(trial(NUMBER), published=True)
    edit(trial(OTHER), published=True)
    edit(criterion(GLAUCOMA, OTHER), rule="glaucoma is yes")
    path = write(
        tmp_path / "all.json",
        study(NUMBER, day="2026-10-02", status="COMPLETED"),
        study(OTHER, day="2026-10-02", text=eligibility(exclusion=(f"{GLAUCOMA} or both",))),
        study(THIRD, day="2026-09-01", sponsor="Candle House"),
        {"protocolSection": {}},
        study("NCT30000004"),
        study("NCT30000004"),
    )
    assert run("import_trials", path) == (
        0,
        f"""\
{NUMBER}: status: RECRUITING → COMPLETED
{OTHER}: 1 criteria changed: review; 1 untouched criteria gone at the registry: deleted
{THIRD}: the record is as of 2026-09-01, the listing as of 2026-10-01
{path}:1: record 4: protocolSection.identificationModule.nctId: is missing; a study is known by its NCT number
{NUMBER} is closed at the registry: patients are not asked about it any more
6 records: 1 added, unpublished, 2 changed, 1 unchanged, 1 older than the listing, left alone, 1 refused
""",
    )


def test_a_dry_run_says_so_and_saves_nothing(tmp_path):
    before = everything()
    assert run("import_trials", "--dry-run", write(tmp_path / "one.json", ONE)) == (0, "1 records: 1 added, unpublished (dry run: nothing was saved)\n")
    assert everything() == before


@pytest.mark.parametrize("arguments", [[], ["--area", "eye"], ["--limit", "3"], ["--dry-run"], ["a.json", "--area", "eye"], ["a.json", "--limit", "0"]])
def test_wrong_usage_is_one_line_and_exit_code_2(arguments):
    code, said = run("import_trials", *arguments)
    assert code == 2 and said.count("\n") == 1


@pytest.mark.parametrize("arguments", [["--area", "teeth"], ["--limit", "many"], ["--colour"]])
def test_an_option_that_there_is_not_is_exit_code_2(arguments, capsys):
    with pytest.raises(SystemExit) as stopped:
        load_command_class("trials", "import_trials").run_from_argv(["manage.py", "import_trials", "x.json", *arguments])
    assert stopped.value.code == 2
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("nowhere.json", "nowhere.json:1: cannot be read: No such file or directory"),
        ("NCT1234567", "NCT1234567:1: cannot be read: No such file or directory"),
        ("", "the folder holds no file of registry records"),
        ("x" * 5_000, "cannot be read: File name too long"),
        ("n\0l.json", "cannot be read"),
    ],
)
def test_a_source_that_there_is_not_is_named(source, said, tmp_path):
    code, report = run("import_trials", tmp_path / source)
    assert code == 1
    assert said in report and "1 records: 1 refused\nno record could be used; see above\n" in report
    assert run("import_trials", tmp_path / source, write(tmp_path.parent / f"{tmp_path.name}.json", ONE))[0] == 0
    assert numbers() == [NUMBER]


BROKEN = {
    "empty.json": (b"", "empty.json:1: holds no record"),
    "half.json": (json.dumps(TWO)[:-400].encode(), "half.json:1: record 1: breaks off or is not valid JSON"),
    "two.json": (json.dumps(TWO, indent=1).encode() * 2, "a second document begins here; put all records in one array"),
    "latin.json": (json.dumps(study(OTHER, title="Ey£"), ensure_ascii=False).encode("latin-1"), "holds a byte that is not UTF-8, 0xa3"),
    "utf_16.json": (json.dumps(TWO).encode("utf-16"), "is UTF-16; save it as UTF-8"),
    "shape.json": (b'{"trial": "NCT30000002"}', "protocolSection: is missing, so this is no API v2 record of a study"),
    "text.json": (b'"NCT30000002"', "holds neither a record nor a list of records"),
    "deep.json": (b'{"protocolSection": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "deep.json:1: record 1: is nested too deeply"),
    "cut.json.gz": (b"\x1f\x8b\x08\x00", "is a damaged gzip file, or only a part of one"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_named_and_harms_no_good_one_beside_it(name, tmp_path):
    content, fault = BROKEN[name]
    (tmp_path / name).write_bytes(content)
    write(tmp_path / "a_good.json", ONE)
    write(tmp_path / "z_good.json", THREE)
    code, said = run("import_trials", tmp_path)
    assert code == 0
    first, last = without_folder(said, tmp_path).splitlines()
    assert first.startswith(f"{name}:") and fault in first
    assert last in ("3 records: 2 added, unpublished, 1 refused", "4 records: 3 added, unpublished, 1 refused")
    assert {NUMBER, THIRD} <= set(numbers())


def test_broken_files_alone_are_exit_code_1_and_leave_the_database_as_it_was(tmp_path):
    before = everything()
    for name, (content, _) in BROKEN.items():
        if name != "two.json":
            (tmp_path / name).write_bytes(content)
    code, said = run("import_trials", tmp_path)
    assert (code, said.count(": ")) >= (1, len(BROKEN) - 1)
    assert f"{len(BROKEN) - 1} records: {len(BROKEN) - 1} refused" in said
    assert everything() == before


def test_the_program_itself_shows_no_traceback_and_gives_the_exit_code(tmp_path):
    """As a person runs it, with a terminal that knows no letters beyond ASCII."""
    given = environment(tmp_path / "db.sqlite3", PYTHONIOENCODING="ascii")
    good = write(tmp_path / "good.json", study(title="Μάτι 眼"))
    (tmp_path / "bad.json").write_bytes(BROKEN["deep.json"][0])

    def program(*sources):
        return subprocess.run(
            [sys.executable, "manage.py", "import_trials", *sources], check=False, cwd=ROOT, env=given, capture_output=True, text=True, timeout=300
        )

    for sources, code in (((good, tmp_path / "bad.json"), 0), ((tmp_path / "bad.json",), 1), ((), 2)):
        done = program(*sources)
        assert (done.returncode, "Traceback" in done.stderr + done.stdout) == (code, False), done.stderr
    write(tmp_path / "good.json", study(day="2026-10-02", title="眼"))
    done = program(good)
    assert (done.returncode, "眼" in done.stdout, "???? →" in done.stdout, "???? ? ?" in done.stdout) == (0, False, False, True), done.stderr


LONG = "Long " * 400


@pytest.mark.parametrize(
    ("changes", "field", "length"),
    [
        ({"title": LONG}, "title", 300),
        ({"sponsor": LONG}, "sponsor", 300),
        ({"contact": {"name": LONG}}, "contact_name", 200),
        ({"contact": {"phone": "5" * 500}}, "contact_phone", 60),
    ],
)
def test_an_over_long_fact_is_cut_to_its_field_and_the_cut_is_shown(changes, field, length, tmp_path):
    assert run("import_trials", write(tmp_path / "one.json", study(**changes)))[0] == 0
    kept = getattr(trial(), field)
    assert length - 1 <= len(kept) <= length and kept.endswith("…")
    assert run("import_trials", tmp_path / "one.json") == (0, "1 records: 1 unchanged\n")


def test_over_long_places_are_cut_to_their_fields(tmp_path):
    long = dict.fromkeys(("facility", "city", "state", "country", "zip"), "P" * 500)
    assert run("import_trials", write(tmp_path / "one.json", study(sites=[long, HOSPITAL, {"status": "RECRUITING"}])))[0] == 0
    row = Site.objects.get(zip__startswith="P")
    row.full_clean()
    assert [len(getattr(row, key)) for key in long] == [300, 120, 120, 120, 20]
    assert Site.objects.count() == 2, "a place without a name is no place"


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("desk@example.org", "desk@example.org"),
        ("none", ""),
        ("<script>@example.org", ""),
        ("a@b@c", ""),
        (f"{'a' * 60}@{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 40}.org", ""),
    ],
)
def test_an_e_mail_address_is_kept_if_it_is_one_and_fits(address, kept, tmp_path):
    assert run("import_trials", write(tmp_path / "one.json", study(contact={"name": "Desk", "email": address})))[0] == 0
    assert trial().contact_email == kept
    trial().areas.add(ConditionAreaFactory())
    trial().full_clean()


@pytest.mark.parametrize(
    "hostile", ["Eye\x00s", "Eye\x1b[31ms", "E\u202ey\u200be", "<img src=x onerror=alert(1)>", "'; DROP TABLE trials_trial; --", "{{ 7 }}%s%n", "👁️‍🗨️"]
)
def test_a_hostile_text_is_saved_as_a_text(hostile, tmp_path):
    found = study(
        title=hostile, sponsor=hostile, contact={"name": hostile}, sites=[{"city": hostile}], conditions=[hostile], text=eligibility([hostile, ADULT])
    )
    code, said = run("import_trials", write(tmp_path / "one.json", found))
    assert (code, said) == (0, ADDED.format(1, 1))
    row = trial()
    row.areas.add(ConditionAreaFactory())
    row.full_clean()
    stored = [row.title, row.sponsor, row.contact_name, *row.condition_names, row.sites.get().city, row.criteria.first().text]
    assert all(text and "\x00" not in text and "\x1b" not in text for text in stored)
    assert run("import_trials", tmp_path / "one.json") == (0, "1 records: 1 unchanged\n")


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"title": "Half \ud800 a letter"}, "identificationModule.briefTitle"),
        ({"text": "Half \udfff a letter"}, "eligibilityModule.eligibilityCriteria"),
        ({"conditions": ["\udcff"]}, "conditionsModule.conditions.0"),
        ({"minimum": "5000 Years"}, "eligibilityModule.minimumAge"),
        ({"minimum": "9 Years", "maximum": "8 Years"}, "eligibilityModule.minimumAge"),
        ({"sites": "everywhere"}, "contactsLocationsModule.locations"),
        ({"text": ["Inclusion"]}, "eligibilityModule.eligibilityCriteria"),
        ({"text": "x" * 200_001}, "eligibilityModule.eligibilityCriteria"),
        ({"number": "NCT٣٠٠٠٠٠٠٢"}, "identificationModule.nctId"),
        ({"day": "2026-02-30"}, "derivedSection.miscInfoModule.versionHolder"),
    ],
)
def test_what_cannot_be_stored_is_refused_with_its_place_and_the_rest_comes_in(changes, place, tmp_path):
    bad = study(**{"number": OTHER} | changes)
    code, said = run("import_trials", write(tmp_path / "all.json", ONE, bad, THREE))
    assert (code, numbers()) == (0, [NUMBER, THIRD])
    first, last = said.splitlines()
    assert first.startswith(f"{tmp_path}/all.json:1: record 2: ") and place in first and first.isprintable()
    assert last == "3 records: 2 added, unpublished, 1 refused"


def test_an_error_in_the_middle_of_a_record_saves_nothing_of_it_and_stops_for_no_other(tmp_path):
    bring(TWO)
    edit(trial(OTHER), registry={"facts": {}, "lines": [{"damaged": True}]})
    before = everything()
    code, said = run("import_trials", write(tmp_path / "two.json", study(OTHER, day="2026-10-02", title="New", text=eligibility(exclusion=("New",)))))
    assert code == 1 and said.startswith(f"{OTHER}: cannot be saved: KeyError: ")
    assert everything() == before
    assert run("import_trials", write(tmp_path / "three.json", study(OTHER, day="2026-10-02", title="New"), THREE))[0] == 0
    assert THIRD in numbers()
