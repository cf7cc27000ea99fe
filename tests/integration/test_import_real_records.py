"""Every real record at hand, imported by the program itself into a database of its own: nothing is lost, refused or doubled, and little memory is used."""

import re
import sqlite3
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path

import pytest

from trials.registry.losses import lost_lines
from trials.registry.records import StudyRecord
from trials.registry.sources import read_sources

from .processes import environment

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data" / "registry"
STUDIES = (DATA / "gene_therapy", DATA / "other_studies.jsonl.gz")
MOST_MEMORY = 300_000_000

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the real records are not here")


WATCHED = """
import atexit, pathlib, runpy, sys
peak = lambda: next(line for line in pathlib.Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:"))
atexit.register(lambda: print(peak(), flush=True))
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""
"""Runs a program and prints the most memory that it took itself. (What ``getrusage`` tells of a child includes the parent that it was forked from.)"""


class Program:
    """The program over a new database, without the built-in records. ``memory`` is the most that a command took at any time, in bytes."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "db.sqlite3"
        self.memory = 0
        self.run("migrate", "--verbosity", "0")

    def run(self, *arguments) -> str:
        """What a command prints; it must end well."""
        command = [sys.executable, "-c", WATCHED, "manage.py", *map(str, arguments)]
        done = subprocess.run(command, cwd=ROOT, env=environment(self.file), check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        said, _, peak = done.stdout.rpartition("VmHWM:")
        assert done.returncode == 0, done.stdout
        self.memory = max(self.memory, int(peak.split()[0]) * 1024)
        return said

    def rows(self, query: str) -> list[tuple]:
        """The rows of a query."""
        connection = sqlite3.connect(self.file)
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()

    def everything(self) -> dict[str, list[tuple]]:
        """Every row of every table."""
        tables = self.rows("SELECT name FROM sqlite_master WHERE type = 'table'")
        return {name: self.rows(f'SELECT * FROM "{name}" ORDER BY 1') for (name,) in tables}


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    """The program after its first import of everything, and what that said and took."""
    made = Program(tmp_path_factory.mktemp("real"))
    start = time.perf_counter()
    made.said = made.run("import_trials", *STUDIES)
    made.seconds = time.perf_counter() - start
    return made


@pytest.fixture(scope="module")
def records():
    return {record.nct_id: record for record in read_sources(STUDIES) if isinstance(record, StudyRecord)}


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text)


def test_every_real_record_comes_in_and_no_line_is_lost(program, records, capsys):
    stored = defaultdict(list)
    for number, kind, text, source in program.rows(
        "SELECT t.nct_id, c.kind, c.text, c.source_text FROM trials_criterion c JOIN trials_trial t ON t.id = c.trial_id ORDER BY t.nct_id, c.'order', c.id"
    ):
        stored[number].append((kind, text, source))
    lost, lines = [], 0
    for number, record in records.items():
        lines += sum(1 for line in record.eligibility_text.splitlines() if words(line))
        of_fields = (record.min_age is not None or record.max_age is not None) + (record.sex in ("FEMALE", "MALE"))
        expected = [(one.kind.value if one.kind else "unclear", one.text, one.source) for one in record.criteria]
        lost += [] if stored[number][of_fields:] == expected and len(stored[number]) == of_fields + len(expected) else [number]
        lost += lost_lines(record.eligibility_text, record.criteria)
    with capsys.disabled():
        print(
            f"\nregistry import: {len(records):,} records, {lines:,} source lines, {sum(map(len, stored.values())):,} criteria, {len(lost)} lost; "
            f"{len(records) / program.seconds:.0f} records a second, {program.memory / 1e6:.0f} MB"
        )
    assert lost == []
    assert len(records) == 1333
    assert program.said == "1333 records: 1333 added, unpublished\n", "none is refused"


def test_what_came_in_is_unpublished_and_fits_its_fields(program):
    assert program.rows("SELECT count(*), sum(published) FROM trials_trial") == [(1333, 0)]
    longest = {"title": 300, "sponsor": 300, "contact_name": 200, "contact_phone": 60, "contact_email": 254}
    assert [program.rows(f"SELECT max(length({name})) <= {most} FROM trials_trial") for name, most in longest.items()] == [[(1,)]] * 5
    assert program.rows("SELECT max(length(name)) <= 160 FROM trials_cohort") == [(1,)]


def test_no_cohort_is_empty(program):
    assert program.rows("SELECT count(*) FROM trials_cohort") > [(100,)]
    assert program.rows("SELECT name FROM trials_cohort WHERE id NOT IN (SELECT cohort_id FROM trials_criterion WHERE cohort_id IS NOT NULL)") == []


def test_each_row_has_one_row_of_history_that_tells_of_the_import(program):
    for table in ("trial", "criterion", "cohort", "site"):
        query = f"SELECT count(*), count(DISTINCT id), min(history_change_reason), max(history_change_reason) FROM trials_historical{table}"
        ((count,),) = program.rows(f"SELECT count(*) FROM trials_{table}")
        assert program.rows(query) == [(count, count, "registry import", "registry import")], table


def test_the_same_records_again_change_nothing(program):
    before = program.everything()
    assert len(before["trials_criterion"]) > 19_000
    assert program.run("import_trials", *STUDIES) == "1333 records: 1333 unchanged\n"
    assert program.everything() == before


def test_the_import_stays_in_little_memory(program):
    assert 0 < program.memory < MOST_MEMORY
