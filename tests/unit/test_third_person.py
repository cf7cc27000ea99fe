"""Plain criteria that speak to "you", told of a child or of a person whom somebody cares for."""

from __future__ import annotations

import re
from functools import cache
from statistics import median

import pytest
import yaml

from prescreen.third_person import told_of
from trials.desk.readability import grade

from .starter import FOLDER

TOLD = {
    "You have wet AMD": "Your child has wet AMD",
    "You are 18 to 75 years old": "Your child is 18 to 75 years old",
    "You were born at 37 weeks": "Your child was born at 37 weeks",
    "You had a stroke": "Your child had a stroke",
    "You have, or had, a stroke": "Your child has, or had, a stroke",
    "You do not smoke": "Your child does not smoke",
    "You cannot walk": "Your child cannot walk",
    "You also have HIV": None,
    "Your eye is red": "Your child’s eye is red",
    "Your doctor expects you to live": "Your child’s doctor expects them to live",
    "If you have pain, you take pills for your pain": "If your child has pain, they take pills for their pain",
    "In the last month, you had a fever": "In the last month, your child had a fever",
    "The trial is not safe for you": "The trial is not safe for your child",
    "The retina is torn": "The retina is torn",
    "You are ill and have pain": None,
    "You and your partner use birth control": None,
    "You can care for yourself": None,
    "An illness of yours": None,
    "You last took a pill": None,
}


@pytest.mark.parametrize(("text", "told"), TOLD.items())
def test_what_is_told_of_a_child(text, told):
    assert told_of(text, "child") == told


def test_what_is_told_of_a_person_cared_for():
    assert told_of("You have wet AMD in your eye", "other") == "The person you care for has wet AMD in their eye"
    assert told_of("Your eye is red", "other") == "The person’s eye is red"


@cache
def told_of_children() -> dict[str, str | None]:
    """Each plain wording of the starter trials, and the same told of a child."""
    records = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in (FOLDER / "trials").rglob("*.yaml")]
    return {one["plain"]: told_of(one["plain"], "child") for record in records for one in record["criteria"] if one.get("plain")}


class TestTheStarterTrials:
    """Real wordings."""

    def test_nearly_all_can_be_told(self):
        assert len(told_of_children()) > 1000
        assert sum(text is not None for text in told_of_children().values()) > 0.95 * len(told_of_children())

    def test_nobody_is_spoken_to_any_more(self):
        assert [text for text in told_of_children().values() if text and re.search(r"\byou(rs?|rself)?\b(?! child)", text, re.IGNORECASE)] == []

    def test_one_child_goes_with_one_child_s_verb(self):
        wrong = re.compile(r"\b[Yy]our child,? (?:have|are|do|use|take|need|weigh|were|agree|also|now|once)\b")
        assert [text for text in told_of_children().values() if text and wrong.search(text)] == []

    def test_the_words_stay_plain(self):
        grades = [grade(text) for text in told_of_children().values() if text]
        assert median(grades) <= 6
        assert max(grades) < 9
