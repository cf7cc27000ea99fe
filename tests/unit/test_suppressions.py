"""A security rule that is switched off says why beside it, and what SECURITY.md links to is there."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAMS = [*sorted(path for folder in ("prescreen", "trials", "deploy") for path in (ROOT / folder).rglob("*.py")), ROOT / "manage.py"]
SECURITY = re.compile(r"#\s*noqa:\s*S\d{3}|#\s*nosec", re.IGNORECASE)
EXPLAINED = re.compile(r"#\s*noqa:\s*S\d{3} - \w+[^#]{5,}(# nosec B\d{3}(,B\d{3})*)?$|# (?!noqa)\w[^#]{8,}  # nosec B\d{3}(,B\d{3})*$")


def unexplained(program: str) -> list[str]:
    """The lines of a program that switch a security rule off, all of them or without a reason."""
    return [line.strip() for line in program.splitlines() if SECURITY.search(line) and not EXPLAINED.search(line)]


def test_every_security_rule_that_is_switched_off_says_why():
    assert {path.name: lines for path in PROGRAMS if (lines := unexplained(path.read_text(encoding="utf-8")))} == {}


def test_there_are_programs_to_look_at_and_some_explain():
    assert len(PROGRAMS) > 100
    assert any(SECURITY.search(path.read_text(encoding="utf-8")) for path in PROGRAMS)


@pytest.mark.parametrize(
    "line", ["run()  # noqa: S603", "run()  # nosec", "run()  # nosec B603", "run()  # noqa: S603  # nosec B603", "run()  # noqa: S603 - why"]
)
def test_a_bare_one_is_found_out(line):
    assert unexplained(f"a = 1\n{line}\n") == [line]


@pytest.mark.parametrize(
    "line", ["run()  # noqa: S603 - our own program", "run()  # noqa: S603 - our own program  # nosec B603", "run()  # our own program  # nosec B603"]
)
def test_an_explained_one_is_let_through(line):
    assert unexplained(line) == []


def test_the_security_rules_are_on_for_the_programs():
    ruff = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["ruff"]["lint"]
    assert "S" in ruff["select"]
    assert [rule for rule in ruff["ignore"] if rule.startswith("S")] == ["S101"]
    assert {files for files, rules in ruff["per-file-ignores"].items() if any(rule.startswith("S") for rule in rules)} <= {"tests/*", "manage.py"}


def test_what_security_md_links_to_is_there():
    links = re.findall(r"\]\(([^)#]+)\)", (ROOT / "SECURITY.md").read_text(encoding="utf-8"))
    assert len(links) > 10
    assert [link for link in links if not (ROOT / link).exists()] == []
