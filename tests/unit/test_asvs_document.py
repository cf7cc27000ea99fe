"""docs/asvs.md names every requirement that it should, once, and nothing that is not there."""

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "asvs.md").read_text(encoding="utf-8")
CHAPTERS = {int(number): text for number, text in re.findall(r"^## V(\d+) .*\n((?:(?!## ).*\n)*)", DOCUMENT, re.MULTILINE)}
SHORT = DOCUMENT.partition("\n## Falls short\n")[2]
QUOTED = re.compile(r"`([^`\n]+)`")
NUMBER = re.compile(r"\d+\.\d+\.\d+")

LEVELS_1_AND_2 = {
    1: {1: 2, 2: 9, 3: 11, 4: 3, 5: 2},
    2: {1: 3, 2: 3, 3: 4, 4: 1},
    3: {2: 2, 3: 4, 4: 6, 5: 5, 7: 2},
    4: {1: 3, 2: 1, 3: 2, 4: 4},
    5: {1: 1, 2: 3, 3: 2, 4: 3},
    6: {1: 3, 2: 12, 3: 4, 4: 4, 5: 5, 6: 3, 8: 4},
    7: {1: 3, 2: 4, 3: 2, 4: 5, 5: 2, 6: 2},
    8: {1: 2, 2: 3, 3: 1, 4: 1},
    9: {1: 3, 2: 4},
    11: {1: 2, 2: 3, 3: 3, 4: 4, 5: 1, 6: 1},
    12: {1: 3, 2: 2, 3: 4},
    13: {1: 1, 2: 5, 3: 2, 4: 5},
    14: {1: 2, 2: 4, 3: 3},
    15: {1: 3, 2: 3, 3: 7},
    16: {1: 1, 2: 5, 3: 4, 4: 3, 5: 3},
}
"""How many requirements of these levels each section of a chapter has in ASVS 5.0.0; they are its first ones. Chapters 10 and 17 do not apply as a whole."""
OF_CHAPTERS_10_AND_17 = 29 + 7


def rows(text: str) -> list[list[str]]:
    """The cells of each row of the tables in a text, without their heads."""
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]
    return [cells for cells in lines if cells[0] != "requirement" and set(cells[0]) != {"-"}]


def named(text: str, words: str) -> list[str]:
    """The requirements that stand after these words, up to the end of the line or to the next such words."""
    return NUMBER.findall(" ".join(re.findall(rf"{words}: (.*?)(?=Falls short:|$)", text, re.MULTILINE)))


def is_test(name: str) -> bool:
    """Whether ``unit/test_lock.py::test_the_lock_meets_requirements_txt`` or its like is there."""
    path, *names = name.split("::")
    file = ROOT / "tests" / path
    within: ast.AST | None = ast.parse(file.read_text(encoding="utf-8")) if file.is_file() else None
    for wanted in names:
        found = (part for part in ast.iter_child_nodes(within) if getattr(part, "name", "") == wanted) if within else iter(())
        within = next(found, None)
    return within is not None


def is_module(name: str) -> bool:
    """Whether there is a module or package of this name."""
    path = ROOT.joinpath(*name.split("."))
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()


@pytest.mark.parametrize("chapter", LEVELS_1_AND_2)
def test_each_requirement_stands_in_its_chapter_once(chapter):
    text = CHAPTERS[chapter]
    kept = NUMBER.findall(" ".join(cells[0] for cells in rows(text)))
    wanted = [f"{chapter}.{section}.{number}" for section, last in LEVELS_1_AND_2[chapter].items() for number in range(1, last + 1)]
    assert Counter(kept + named(text, "Does not apply") + named(text, "Falls short")) == Counter(wanted)


def test_chapters_without_a_requirement_that_applies_say_so():
    assert {chapter for chapter in CHAPTERS if "Does not apply: all of it." in CHAPTERS[chapter]} == {10, 17} == set(CHAPTERS) - set(LEVELS_1_AND_2)


def test_the_number_of_requirements_is_the_standard_s():
    assert sum(sum(sections.values()) for sections in LEVELS_1_AND_2.values()) + OF_CHAPTERS_10_AND_17 == 253
    assert "has 253 requirements" in DOCUMENT


def test_what_falls_short_is_explained_in_the_last_section():
    short = [number for text in CHAPTERS.values() for number in named(text, "Falls short")]
    explained = [number for cells in rows(SHORT) for number in NUMBER.findall(cells[0])]
    assert len(short) > 10
    assert Counter(explained) == Counter(short)
    assert [cells for cells in rows(SHORT) if len(cells) != 3 or not cells[2]] == []


def test_each_row_says_how_it_is_kept_and_what_shows_it():
    found = [cells for text in CHAPTERS.values() for cells in rows(text)]
    assert len(found) > 50
    assert [cells for cells in found if len(cells) != 4 or not all(cells)] == []
    assert [cells[0] for cells in found if not QUOTED.search(cells[3])] == []


def test_each_test_that_is_named_is_there():
    tests = [name for text in CHAPTERS.values() for cells in rows(text) for name in QUOTED.findall(cells[3])]
    assert len(tests) > 50
    assert [name for name in tests if not is_test(name)] == []


def test_each_module_and_file_that_is_named_is_there():
    places = [name for text in CHAPTERS.values() for cells in rows(text) for name in QUOTED.findall(cells[2])]
    modules = {name for name in places if re.fullmatch(r"\w+(\.\w+)+", name) and not (ROOT / name).is_file()}
    files = {name for name in places if "/" in name}
    assert len(modules) > 30
    assert len(files) > 5
    assert [name for name in sorted(modules) if not is_module(name)] == []
    assert [name for name in sorted(files) if not (ROOT / name).is_file()] == []


@pytest.mark.parametrize("name", ["unit/test_nothing.py", "unit/test_lint.py::test_nothing", "unit/test_lint.py::TestNothing::test_a_rule_that_never_holds"])
def test_a_test_that_is_not_there_is_found_out(name):
    assert not is_test(name)


def test_a_test_in_a_class_is_found_and_a_module_that_is_not_there_is_not():
    assert is_test("unit/test_lint.py::TestRulesThatSayNothingOrLeaveNobody::test_a_rule_that_never_holds")
    assert is_module("trials.signin")
    assert not is_module("trials.signin.nothing")


@pytest.mark.parametrize("page", ["README.md", "SECURITY.md"])
def test_the_pages_that_people_open_first_lead_to_it(page):
    assert "](docs/asvs.md)" in (ROOT / page).read_text(encoding="utf-8")
