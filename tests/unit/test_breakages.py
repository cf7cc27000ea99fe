"""The list of `make breakages` stays true: each edit can be made, the tests that must notice it are there, and only a test that fails notices."""

import ast
import re
import shlex
from collections import Counter

import pytest

from tests.breakages import ROOT, broken
from tests.broken_promises import SUBJECTS, Breakage

ALL = [breakage for breakages in SUBJECTS.values() for breakage in breakages]
A_TEST = re.compile(r"^ *(?:def|class) (test\w+)", re.MULTILINE | re.IGNORECASE)


def _text(file):
    return (ROOT / file).read_text(encoding="utf-8")


def test_each_edit_can_be_made_in_one_place():
    assert [breakage.promise for breakage in ALL if _text(breakage.file).count(breakage.old) != 1 or breakage.new == breakage.old] == []


def test_a_program_that_is_broken_can_still_be_read():
    for breakage in ALL:
        if breakage.file.endswith(".py"):
            ast.parse(_text(breakage.file).replace(breakage.old, breakage.new), breakage.promise)


def test_the_tests_that_must_notice_are_there():
    assert [breakage.promise for breakage in ALL if not _are_there(*_named(breakage))] == []


def _named(breakage):
    """The test files that a breakage names, and the words of its ``-k``."""
    words = shlex.split(breakage.tests)
    place = words.index("-k") if "-k" in words else len(words)
    return words[:place], [word for word in " ".join(words[place + 1 :]).split() if word not in ("or", "and", "not")]


def _are_there(files, words):
    names = [name.lower() for file in files if (ROOT / file).is_file() for name in (file, *A_TEST.findall(_text(file)))]
    return files and all((ROOT / file).is_file() for file in files) and all(any(word.lower() in name for name in names) for word in words)


def test_each_test_file_that_security_md_names_must_notice_something():
    named = set(re.findall(r"\]\((tests/[\w/]+\.py)\)", _text("SECURITY.md")))
    assert len(named) > 15
    assert named - {file for breakage in ALL for file in _named(breakage)[0]} == set()


def test_each_promise_stands_in_the_list_once():
    assert [promise for promise, times in Counter(breakage.promise for breakage in ALL).items() if times > 1] == []


@pytest.mark.parametrize(
    ("new", "why_not"),
    [("kept = False", ""), ("kept = 1", "pytest ended with 0: ['1 passed"), ("import missing", "pytest ended with 2: [")],
    ids=["noticed", "not noticed", "tests that cannot begin"],
)
def test_only_a_test_that_fails_notices(new, why_not, tmp_path):
    (tmp_path / "one.py").write_text("kept = True\n", encoding="utf-8")
    (tmp_path / "test_one.py").write_text("import one\n\n\ndef test_it_is_kept():\n    assert one.kept\n", encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    said, failed = broken(tmp_path, Breakage("kept", "one.py", "kept = True", new, "test_one.py -p no:django"))
    assert said.startswith(why_not) and bool(said) == bool(why_not)
    assert failed == ([] if why_not else ["test_one.py::test_it_is_kept"])
    assert (tmp_path / "one.py").read_text(encoding="utf-8") == "kept = True\n"


def test_an_edit_that_fits_no_more_is_told(tmp_path):
    (tmp_path / "one.py").write_text("kept = True\n", encoding="utf-8")
    assert broken(tmp_path, Breakage("kept", "one.py", "lost", "", "tests")) == ("the old text stands 0 times in one.py", [])
