"""requirements.lock pins everything that requirements.txt asks for, by hash, and tells nothing of the machine that made it."""

import re
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
PINNED = re.compile(r"^(?P<name>[\w.-]+)(?:\[[\w,]+\])?==(?P<version>[\w.!+-]+)(?P<rest>.*)$")
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")


def asked(path: str) -> list[Requirement]:
    """The packages that a requirements file asks for."""
    lines = (line.partition("#")[0].strip() for line in (ROOT / path).read_text(encoding="utf-8").splitlines())
    return [Requirement(line) for line in lines if line and not line.startswith("-")]


def entries(text: str) -> dict[str, tuple[str, list[str]]]:
    """By package, the version that a lock pins and the hashes that its files may have."""
    found = {}
    for line in re.sub(r"\\\n", " ", text).splitlines():
        entry = line.partition(" #")[0].strip()
        if entry and not entry.startswith("#"):
            pin = PINNED.match(entry)
            assert pin, f"not pinned: {entry[:80]}"
            found[canonicalize_name(pin["name"])] = (pin["version"], HASH.findall(pin["rest"]))
    return found


LOCKED = entries(LOCK)


def not_met(wanted: list[Requirement], locked: dict[str, tuple[str, list[str]]]) -> list[str]:
    """What a lock does not hold, or holds in another version than is asked for."""
    versions = {name: version for name, (version, _hashes) in locked.items()}
    return [str(one) for one in wanted if not one.specifier.contains(versions.get(canonicalize_name(one.name), "0"), prereleases=True)]


def test_the_lock_meets_requirements_txt():
    assert not_met(asked("requirements.txt"), LOCKED) == [], "run `make lock`"


def test_a_package_that_the_lock_lacks_or_holds_too_old_is_found_out():
    locked = entries("django==4.2.1 --hash=sha256:" + "0" * 64)
    assert not_met([Requirement("Django~=5.2"), Requirement("lark~=1.3")], locked) == ["Django~=5.2", "lark~=1.3"]
    assert not_met([Requirement("Django~=4.2")], locked) == []


@pytest.mark.parametrize("name", LOCKED)
def test_every_package_has_hashes(name):
    _version, hashes = LOCKED[name]
    assert hashes
    assert len(set(hashes)) == len(hashes)


@pytest.mark.parametrize("name", ["asgiref", "sqlparse", "cffi", "anyio"])
def test_what_our_packages_need_themselves_is_pinned_too(name):
    assert name in LOCKED


def test_the_lock_names_no_index_no_address_and_no_folder():
    assert not re.search(r"https?:|file:|://|--(extra-)?index-url|--find-links|--trusted-host|^-[efir]|(^|\s)/\w", LOCK, re.MULTILINE)
