"""The docs say as long as the program does how long an earlier key is needed. Who takes it away too early ends codes on papers that still say they work."""

import re
from math import ceil
from pathlib import Path

import pytest

from prescreen import answers, paper_code

DOCS = Path(__file__).parents[2] / "docs"
PAPERS, SCREENINGS = ceil(paper_code.LIFETIME / 86_400), answers.LIFETIME // 3600


def about_earlier_keys(name: str) -> str:
    """The lines that tell for how long something of an earlier key lives, or is kept."""
    lines = (DOCS / name).read_text(encoding="utf-8").splitlines()
    return "\n".join(line for line in lines if re.search(r"SECRET_KEY_FALLBACKS|the code on a printed summary \||a patient's open screening \|", line))


@pytest.mark.parametrize("name", ["deploy.md", "keys.md", "privacy.md"])
def test_an_earlier_key_is_kept_as_long_as_a_code_on_paper_lives(name):
    assert set(re.findall(r"(\d+) days", about_earlier_keys(name))) == {str(PAPERS)}


@pytest.mark.parametrize("name", ["deploy.md", "keys.md"])
def test_and_12_hours_are_enough_for_open_screenings(name):
    assert set(re.findall(r"(\d+) hours", about_earlier_keys(name))) == {str(SCREENINGS)}
