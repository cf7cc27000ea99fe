"""Files that are small, or look harmless, and that a careless reader would work on for hours or fill the memory with. Run as a program it feeds them to
the commands, and prints what each said and the most memory that the process has taken so far."""

import gzip
import io
import json
import os
import re
import resource
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[2]


def peak_megabytes() -> int:
    """The most memory that this process has held. Linux counts what a parent held before into ``getrusage``, but not into a process's own status."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(re.search(r"VmHWM:\s*([0-9]+) kB", status.read_text())[1]) // 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _zeros(megabytes: int, unit: bytes = b" ") -> bytes:
    """So many megabytes of one thing, gzipped."""
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=1) as file:
        for _ in range(megabytes):
            file.write(unit * (1_000_000 // len(unit)))
    return packed.getvalue()


def _zip() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", " " * 10_000_000)
    return packed.getvalue()


def _record(more: str = "", title: str = '"A title"') -> str:
    return f'{{"protocolSection": {{"identificationModule": {{"nctId": "NCT39999999", "briefTitle": {title}}}{more}}}}}'


RECORDS = {
    # what it is: (name, content, words of the refusal)
    "100,000 deep": ("a.json", lambda: b'{"protocolSection": ' + b"[" * 100_000, "is nested too deeply"),
    "100,000 mappings deep": ("a.json", lambda: b'{"protocolSection":' * 100_000, "is nested too deeply"),
    "1e999": ("a.json", lambda: _record(', "x": 1e999').encode(), "1e999 is no number that JSON allows"),
    "NaN": ("a.json", lambda: _record(', "x": NaN').encode(), "NaN is no number that JSON allows"),
    "Infinity": ("a.json", lambda: _record(', "x": -Infinity').encode(), "-Infinity is no number that JSON allows"),
    "a number of a million digits": ("a.json", lambda: _record(f', "x": {"9" * 1_000_000}').encode(), "is no number that JSON allows"),
    "a key that is there twice": ("a.json", lambda: _record(', "x": {"y": 1, "y": 2}').encode(), "the key 'y' is there twice"),
    "half of a character": ("a.json", lambda: _record(title='"\\ud83d"').encode(), "briefTitle: holds half of a character"),
    "a byte that is not UTF-8": ("a.json", lambda: _record().encode().replace(b"A title", b"A \xff"), "holds a byte that is not UTF-8, 0xff"),
    "UTF-16": ("a.json", lambda: _record().encode("utf-16"), "is UTF-16; save it as UTF-8"),
    "a zip file": ("a.json", _zip, "holds neither a record nor a list of records"),
    "blanks that fill 3 gigabytes": ("a.json.gz", lambda: _zeros(2_100), "unpacks to more than 2,000,000,000 bytes"),
    "empty lines": ("a.jsonl.gz", lambda: _zeros(100, b"\n"), "holds no record"),
    "50 MB of one text": ("a.json", lambda: b'{"protocolSection": "' + b"x" * 50_000_000, "has more than 3,000,000 characters"),
    "50 MB of astral letters": ("a.json", lambda: b'{"protocolSection": "' + "\U0001f9ec".encode() * 12_000_000, "has more than 3,000,000 characters"),
    "a record of a million lists": ("a.json", lambda: b'{"protocolSection": [' + b"[]," * 4_000_000, "has more than 500,000 values"),
    "a record of a million mappings": ("a.json", lambda: b'{"protocolSection": [' + b'{"":0},' * 4_000_000, "has more than 500,000 values"),
    "a record of very many names": (
        "a.json",
        lambda: ("{" + ",".join(f'"n{n}": "{"x" * 1_000_000}"' for n in range(50))).encode() + b"}",
        "protocolSection: is missing",
    ),
    "lines without end": ("a.jsonl", lambda: b"{}\n" * 5_000_000, "1,000 records before this one cannot be used, so the rest of the file is not read"),
    "a list without end": ("a.json", lambda: b"[" + b"1," * 10_000_000, "1,000 records before this one cannot be used"),
    "a line of 50 MB": ("a.jsonl", lambda: b'{"a": "' + b"x" * 50_000_000 + b"\n", "more than 3,000,000 characters"),
    "comments that never close": (
        "a.json",
        lambda: _record(f', "descriptionModule": {{"briefSummary": "{"<!--" * 50_000}"}}, "eligibilityModule": {{"sex": 1}}').encode(),
        "sex: must be a text",
    ),
    "headings without end": (
        "a.json",
        lambda: _record(f', "eligibilityModule": {{"eligibilityCriteria": "{"Inclusion Criteria: " * 10_000}"}}, "designModule": 1').encode(),
        "designModule: must be a mapping",
    ),
    "50,000 criteria": (
        "a.json",
        lambda: _record(', "eligibilityModule": {"eligibilityCriteria": "' + "* a\\n" * 50_000 + '"}').encode(),
        "eligibilityCriteria: holds more than 2,000 criteria",
    ),
    "a million places": (
        "a.json",
        lambda: _record(', "contactsLocationsModule": {"locations": [' + ",".join(["{}"] * 20_000) + "]}").encode(),
        "locations: has more than 10,000 items",
    ),
}
LAUGHS = "a: &a [x, x]\n" + "".join(f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join(['*' + chr(97 + n)] * 9)}]\n" for n in range(9))
QUESTION = "- key: cough\n  kind: {}\n  text: Do you?\n  unit: C\n  {}\n"
FILES = {
    # what it is: (content, the line that is named, words of the refusal)
    "billion laughs": (lambda: LAUGHS, 2, "'*a' stands for a value from elsewhere; write the value out"),
    "a list that holds itself": (lambda: "&a [*a]", 1, "stands for a value from elsewhere"),
    "a Python object": (lambda: "!!python/object/apply:os.system ['true']", 1, "could not determine a constructor"),
    "a Python name": (lambda: "nct_id: !!python/name:os.system", 1, "could not determine a constructor"),
    "a tag of nobody": (lambda: "title: x\nnct_id: !shell 'true'", 2, "could not determine a constructor"),
    "100,000 deep": (lambda: "[" * 100_000, 1, "more than 20 deep inside each other"),
    "100,000 mappings deep": (lambda: "{a: " * 100_000, 1, "more than 20 deep inside each other"),
    "100,000 lists in blocks": (lambda: "- " * 100_000, 1, "more than 20 deep inside each other"),
    "a million values": (lambda: "[" + "a," * 900_000 + "]", 1, "more than 100,000 values"),
    "a file of 50 MB": (lambda: "a" * 50_000_000, 1, "larger than 2,000,000 bytes"),
    "a number of a million digits": (lambda: "nct_id: " + "9" * 1_000_000, 1, "is no number that can be kept"),
    "a number to the base of 60": (lambda: "nct_id: 1" + ":59" * 500_000, 1, "is no number that can be kept"),
    "a hexadecimal number without end": (lambda: "nct_id: 0x" + "f" * 1_000_000, 1, "is no number that can be kept"),
    "an exponent without end": (lambda: QUESTION.format("number", "min: 1e999999999"), 5, "'1e999999999' is not a number"),
    "a factor without end": (lambda: QUESTION.format("number", "units: {F: 1e999999999}"), 5, "'1e999999999' is not a number"),
    "a bound that no database keeps": (lambda: QUESTION.format("number", "max: 99999999999999999999"), 5, "'max' cannot be that large"),
    "an order that no database keeps": (lambda: QUESTION.format("number", "order: 99999999999999999999"), 5, "'order' cannot be that large"),
    "no number": (lambda: QUESTION.format("number", "min: .nan"), 5, "'nan' is not a number"),
    "the same key twice": (lambda: "title: a\ntitle: b", 2, "'title' is there twice"),
    "a control character": (lambda: "title: a\x07b", 1, "not valid YAML"),
    "half of a character": (lambda: 'title: "\\ud83d"', 1, "not valid YAML"),
    "a very long wrong name": (lambda: "? " + "x" * 500_000 + "\n: 1", 1, "a trial has no 'xxx"),
}

ANSWERS = {
    "100,000 deep": (lambda: b'{"answers": ' + b"[" * 100_000, "lists and mappings are nested too deeply"),
    "50 MB": (lambda: b'{"answers": {"age": "' + b"x" * 50_000_000, "holds more than 1,000,000 characters"),
    "the same key twice": (lambda: b'{"answers": {"age": 1, "age": 2}}', "'age' is there twice"),
    "1e999": (lambda: b'{"answers": {"age": 1e999}}', "'age' takes a number, such as 34; not 'inf'"),
    "a long word": (lambda: b'{"answers": {"sex": "' + b"x" * 900_000 + b'"}}', "'sex' has no choice 'xxx"),
    "a long name": (lambda: b'{"answers": {"' + b"x" * 900_000 + b'": 1}}', "unknown question 'xxx"),
    "a list for a number": (lambda: b'{"answers": {"age": [' + b"1," * 400_000 + b"1]}}", "'age' takes a number"),
    "half of a character": (lambda: b'{"answers": {"sex": "\\ud83d"}}', "'sex' has no choice"),
    "a terminal's commands": (lambda: b'{"answers": {"sex": "\\u001b[2J"}}', "'sex' has no choice"),
}


def main(folder: Path) -> None:
    """Feeds every bomb to its command, over a database of its own in this folder, and prints what came of it as JSON."""
    os.environ |= {"DJANGO_LOCAL": "1", "DJANGO_SETTINGS_MODULE": "prescreen.settings", "DATABASE_URL": f"sqlite:///{folder / 'db.sqlite3'}"}
    sys.path.insert(0, str(ROOT))
    import django  # noqa: PLC0415

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415

    from tests.integration.registry_records import run  # noqa: PLC0415
    from tests.integration.small import load_small  # noqa: PLC0415
    from trials.models import Criterion, Question, Trial  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    (folder / "small").mkdir()
    load_small(folder / "small")
    stored = Trial, Criterion, Question
    before = [model.objects.count() for model in stored]
    feeds = [("import_trials", name, file, make) for name, (file, make, _) in RECORDS.items()]
    feeds += [("load_files", name, "a.yaml", lambda make=make: make().encode()) for name, (make, _, _) in FILES.items()]
    feeds += [("match", name, "a.json", make) for name, (make, _) in ANSWERS.items()]
    told = []
    for command, name, file, make in feeds:
        path = folder / file
        if not os.fork():  # the memory of making the bomb is not the reader's
            path.write_bytes(make())
            os._exit(0)
        os.wait()
        code, said = run(command, path)
        peak = peak_megabytes()
        path.unlink()
        nothing_saved = [model.objects.count() for model in stored] == before
        told.append([command, name, code, said.replace(f"{folder}/", "")[-3_000:], nothing_saved, peak])
    print(json.dumps(told))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
