"""An index on disk: what is read back judges and asks as what was written, and a damaged folder is found out."""

import json
import mmap
import os
import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.builders import CATALOG, choice, inclusion, known, number, trial, yes_no
from tests.unit.strategies import built, patients, plain_trials
from trials.eligibility.asking import next_questions
from trials.eligibility.index import Index
from trials.eligibility.questionnaire import Questionnaire
from trials.eligibility.storing import StoredIndexError, checksum, load, save

AREAS = ("eye", "cancer", "hiv")
RULES = ("age >= 18", "treatments includes any of (car_t, chemotherapy)", "diagnosis in (rp, dlbcl) or hepatitis_b is yes and age < 70")
SOME = [trial(inclusion("diagnosis is lymphoma"), inclusion(text), areas=AREAS[:row], key=f"T{row}", complete=row > 0) for row, text in enumerate(RULES)]
NAMES = sorted(
    [f"{name}.{part}.npy" for name in ("anchor.0", "groups", "lanes") for part in ("flat", "start")]
    + [f"{name}.npy" for name in ("anchor.0.literals", "area.0", "area.1", "levels", "owners", "keys", "incomplete")]
    + ["atoms.one.npy", "atoms.two.npy", "atoms.places.npy", "words.json", "sums.json"]
)


@pytest.fixture
def folder(tmp_path):
    """A folder that holds an index of ``SOME``."""
    save(Index.compile(CATALOG, SOME), tmp_path / "kept" / "index")
    return tmp_path / "kept" / "index"


def listed(folder):
    return sorted(path.name for path in folder.iterdir())


def change(folder, name, content):
    """Gives a file other bytes, with the checksum that fits them."""
    (folder / name).write_bytes(content)
    sums = json.loads((folder / "sums.json").read_text()) | {name: checksum(folder / name) if content else 0}
    (folder / "sums.json").write_text(json.dumps(sums))


def map_of(array):
    """The mapped file that an array looks into, or None."""
    while isinstance(array, np.ndarray):
        array = array.base
    return array


def arrays_of(index):
    compiled, anchors = index.compiled, index.anchors.values()
    rows = [compiled.groups, compiled.lanes, *(anchor.lanes for anchor in anchors)]
    yield from (part for each in rows for part in (each.flat, each.start))
    yield from (part for atoms in compiled.atoms.values() for part in (atoms.one, atoms.two))
    yield from (anchor.literals for anchor in anchors)
    yield from (compiled.levels, compiled.owners, index.keys, index.incomplete, *index.areas.values())


# what is read back


@st.composite
def trial_lists(draw):
    """Random trials, most of which ask the condition, in random areas."""
    plain = draw(st.lists(plain_trials(), max_size=12))
    trials = [built(each, f"NCT{row:08}") for row, each in enumerate(plain)]
    areas = draw(st.lists(st.frozensets(st.sampled_from(AREAS)), min_size=len(trials), max_size=len(trials)))
    condition = (inclusion("diagnosis is lymphoma"),) if draw(st.booleans()) else ()
    return [type(each)(each.key, each.criteria + condition, each.cohorts, each.complete, area) for each, area in zip(trials, areas, strict=True)]


@settings(max_examples=100)
@given(trial_lists(), patients)
def test_what_is_read_back_judges_and_asks_as_what_was_written(trials, answers):
    made = Index.compile(CATALOG, trials)
    with tempfile.TemporaryDirectory() as parent:
        save(made, Path(parent, "index"))
        read = load(Path(parent, "index"), CATALOG)
    one, other = made.match(known(**answers)), read.match(known(**answers))
    assert one.verdicts.tolist() == other.verdicts.tolist()
    assert made.keys.tolist() == read.keys.tolist() == [each.key for each in trials]
    assert made.incomplete.tolist() == read.incomplete.tolist()
    for area in (None, *AREAS):
        assert next_questions(one, answers.keys(), area) == next_questions(other, answers.keys(), area)
        assert made.rows_in(area).tolist() == read.rows_in(area).tolist()


def test_an_index_of_no_trials_is_kept_too(tmp_path):
    save(Index.compile(CATALOG, []), tmp_path / "empty")
    read = load(tmp_path / "empty", CATALOG)
    assert len(read) == len(read.match(known(age=30)).verdicts) == len(read.rows_in(None)) == 0
    assert next_questions(read.match({}), set()) == []


def test_a_folder_holds_plain_arrays_and_words(folder):
    assert listed(folder) == NAMES


def test_all_arrays_are_mapped_from_the_files_and_nobody_can_write_into_them(folder):
    arrays = list(arrays_of(load(folder, CATALOG)))
    assert len(arrays) > 20
    for array in arrays:
        assert isinstance(map_of(array), mmap.mmap)
        assert not array.flags.writeable
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0


def test_an_index_that_is_in_use_outlives_its_folder(folder):
    read = load(folder, CATALOG)
    shutil.rmtree(folder)
    assert read.match(known(diagnosis="rp")).verdicts.tolist() == [0, 0, 0]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"\x07", 1 + 7),
        (b"\x00" * 7 + b"\x02", 8 + (2 << 56)),
        (b"\x01" + b"\x00" * 7 + b"\x05", 9 + 1 + 5),
        (b"\x01" + b"\x00" * 14 + b"\x02" + b"\x05", 17 + 1 + (2 << 56) + 5),
        (b"\xff" * 16 + b"\x03", 17 + (2**64 - 2) + 3),
    ],
)
def test_the_checksum_is_the_length_and_the_bytes_added_up_eight_at_a_time_with_those_left_over(tmp_path, content, expected):
    """As folders that are kept already have it."""
    (tmp_path / "file").write_bytes(content)
    assert checksum(tmp_path / "file") == expected


def test_a_checksum_asks_for_no_more_than_reading():
    """A program that runs can be read; to write into it is refused, whoever asks."""
    assert checksum(Path(sys.executable)) > 0


# a folder that holds something else


def test_a_folder_that_is_not_there_or_lacks_a_file_is_an_error_of_the_system(folder):
    with pytest.raises(OSError, match="nowhere"):
        load(folder.parent / "nowhere", CATALOG)
    for name in NAMES:
        content = (folder / name).read_bytes()
        (folder / name).unlink()
        with pytest.raises(OSError, match=name):
            load(folder, CATALOG)
        (folder / name).write_bytes(content)
    assert len(load(folder, CATALOG)) == len(SOME)


@pytest.mark.parametrize("name", NAMES)
def test_a_file_that_is_cut_off_or_longer_or_empty_is_found_out(folder, name):
    content = (folder / name).read_bytes()
    for damaged in (b"", content[:1], content[: len(content) // 2], content[:-1], content + b"0"):
        (folder / name).write_bytes(damaged)
        with pytest.raises(StoredIndexError, match="index is damaged"):
            load(folder, CATALOG)


@pytest.mark.parametrize("name", NAMES)
def test_one_wrong_bit_is_found_out(folder, name):
    content = (folder / name).read_bytes()
    for place in range(0, len(content), max(1, len(content) // 20)):
        (folder / name).write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        with pytest.raises((StoredIndexError, FileNotFoundError)):
            load(folder, CATALOG)


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"null", b"7", b'{"format": 3}', b'{"format": 3, "atoms": 3}', b"\xff", b"[" * 100_000])
def test_words_of_another_form_are_no_index(folder, content):
    change(folder, "words.json", content)
    with pytest.raises(StoredIndexError):
        load(folder, CATALOG)


@pytest.mark.parametrize("content", [b"[]", b"{}", b"null", b"7", b"\xff", b'{"words.json": "1"}'])
def test_sums_of_another_form_are_no_index(folder, content):
    (folder / "sums.json").write_bytes(content)
    with pytest.raises(StoredIndexError):
        load(folder, CATALOG)


def test_another_format_is_refused(folder):
    words = json.loads((folder / "words.json").read_text())
    change(folder, "words.json", json.dumps(words | {"format": words["format"] + 1}).encode())
    with pytest.raises(StoredIndexError, match="index holds no index for these questions"):
        load(folder, CATALOG)


@pytest.mark.parametrize("changed", ["gone", "of-another-kind"])
def test_an_index_of_other_questions_is_refused(folder, changed):
    others = [question for key, question in CATALOG.items() if key != "hepatitis_b"]
    questions = Questionnaire(others if changed == "gone" else [*others, number("hepatitis_b")])
    with pytest.raises(StoredIndexError, match="index holds no index for these questions"):
        load(folder, questions)
    assert len(load(folder, Questionnaire([*CATALOG.values(), yes_no("one_more"), choice("another", "u")]))) == len(SOME)


class Trap:
    """An object that leaves a folder behind when it is unpickled."""

    def __init__(self, sprung):
        self.sprung = sprung

    def __reduce__(self):
        return os.mkdir, (str(self.sprung),)


@pytest.mark.parametrize("name", [name for name in NAMES if name.endswith(".npy")])
def test_an_array_of_objects_is_never_unpickled(folder, tmp_path, name):
    np.save(tmp_path / "trap.npy", np.array([Trap(tmp_path / "sprung")], object), allow_pickle=True)
    change(folder, name, (tmp_path / "trap.npy").read_bytes())
    with pytest.raises(StoredIndexError):
        load(folder, CATALOG)
    assert not (tmp_path / "sprung").exists()
