"""A folder with an index is there whole or not at all, whatever happens to the processes that write it."""

import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest

from tests.unit.builders import CATALOG, known
from tests.unit.test_storing import SOME, listed
from trials.eligibility.index import Index
from trials.eligibility.storing import MAKING, load, save


@pytest.fixture
def folder(tmp_path):
    """A folder that holds an index of ``SOME``."""
    save(Index.compile(CATALOG, SOME), tmp_path / "index")
    return tmp_path / "index"


class Cut(dict):
    """Areas at which the writing of an index breaks off."""

    def __init__(self, fault):
        super().__init__()
        self.fault = fault

    def values(self):
        raise self.fault


def cut(fault):
    """An index that cannot be written to the end."""
    index = Index.compile(CATALOG, SOME)
    index.areas = Cut(fault)
    return index


@pytest.mark.parametrize("fault", [OSError(28, "No space left on device"), KeyboardInterrupt(), MemoryError()], ids=["disk-full", "interrupted", "no-memory"])
def test_what_breaks_off_leaves_nothing(tmp_path, fault):
    with pytest.raises(type(fault)):
        save(cut(fault), tmp_path / "index")
    assert listed(tmp_path) == []


@pytest.mark.parametrize("name", ["x" * 300, "file"])
def test_a_folder_that_cannot_be_made_is_an_error_and_leaves_nothing(tmp_path, name):
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match=name):
        save(Index.compile(CATALOG, SOME), tmp_path / name)
    assert listed(tmp_path) == ["file"]


def test_the_folders_around_it_are_made_too(tmp_path):
    folder = tmp_path / "one" / "within" / "another" / "index"
    save(Index.compile(CATALOG, SOME), folder)
    assert len(load(folder, CATALOG)) == len(SOME)


def test_the_first_index_of_a_name_stays(folder):
    save(Index.compile(CATALOG, []), folder)
    save(cut(OSError(28, "No space left on device")), folder)
    assert len(load(folder, CATALOG)) == len(SOME)
    assert listed(folder.parent) == ["index"]


def test_what_is_half_written_stands_beside_its_place_under_a_name_of_which_leftovers_are_cleared(tmp_path):
    """In another folder it might be on another disk, from which nothing can be renamed into place."""
    seen = []

    class Watching(dict):
        def values(self):
            seen.extend(listed(tmp_path))
            return super().values()

    index = Index.compile(CATALOG, SOME)
    index.areas = Watching(index.areas)
    save(index, tmp_path / "index")
    (aside,) = seen
    assert aside.startswith(MAKING)


HALTING = """
import sys
from pathlib import Path
from tests.unit.builders import CATALOG
from tests.unit.test_storing import SOME
from trials.eligibility.index import Index
from trials.eligibility.storing import save

class Halting(dict):
    def values(self):
        print("half", flush=True)
        sys.stdin.readline()
        return super().values()

index = Index.compile(CATALOG, SOME)
index.areas = Halting(index.areas)
save(index, Path(sys.argv[1]))
"""


@contextmanager
def halfway(folder):
    """A process that writes an index into the folder and halts half way, until it is told to go on."""
    with subprocess.Popen([sys.executable, "-c", HALTING, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout.readline() == b"half\n"
            yield process
        finally:
            process.kill()


def test_a_process_that_is_killed_half_way_leaves_no_folder_of_that_name(tmp_path):
    with halfway(tmp_path / "index") as process:
        assert not (tmp_path / "index").exists()
        process.send_signal(signal.SIGKILL)
        assert process.wait(30) == -signal.SIGKILL
    assert not (tmp_path / "index").exists()
    save(Index.compile(CATALOG, SOME), tmp_path / "index")
    assert len(load(tmp_path / "index", CATALOG)) == len(SOME)


def test_two_processes_that_write_the_same_folder_at_once_leave_one_whole_index(tmp_path):
    with halfway(tmp_path / "index") as one, halfway(tmp_path / "index") as other:
        for process in (one, other):
            process.communicate(b"go on\n", 30)
        assert (one.returncode, other.returncode) == (0, 0)
    assert listed(tmp_path) == ["index"]
    assert load(tmp_path / "index", CATALOG).match(known(age=17)).verdicts.tolist() == [0, 1, 1]


def test_a_folder_is_never_seen_half_written(tmp_path):
    writers = [subprocess.Popen([sys.executable, "-c", HALTING, str(tmp_path / "index")], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL) for _ in "ab"]
    while not (tmp_path / "index").exists() and any(writer.poll() is None for writer in writers):
        time.sleep(0.0005)
    assert len(load(tmp_path / "index", CATALOG)) == len(SOME)
    assert [writer.wait(30) for writer in writers] == [0, 0]
