"""Completing a rule: how a list shows each thing that is offered, and what it says of it."""

import pytest

from tests.unit.builders import CATALOG
from tests.unit.test_completing import CLINIC
from trials.eligibility.completing import complete
from trials.eligibility.rules import LONGEST_RULE


def shown(text, questions=CATALOG):
    """What a list shows at the end of a text: each label with its hint."""
    return [(item.label, item.hint) for item in complete(text, questions).items]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "age ",
            [
                (">=", "at least: age >= 18 years"),
                ("<=", "at most: age <= 18 years"),
                (">", "above: age > 18 years"),
                ("<", "below: age < 18 years"),
                ("=", "exactly: age = 18 years"),
                ("between", "both ends included: age between 18 and 65 years"),
            ],
        ),
        (
            "treatments ",
            [
                ("includes", "treatments includes car_t"),
                ("includes any of (…)", "at least one: treatments includes any of (car_t, car_t_cd19)"),
                ("includes all of (…)", "each of them: treatments includes all of (car_t, car_t_cd19)"),
            ],
        ),
        (
            "diagnosis ",
            [
                ("is", "diagnosis is lymphoma"),
                ("is not", "diagnosis is not lymphoma"),
                ("in (…)", "one of several: diagnosis in (lymphoma, b_cell_lymphoma)"),
                ("not in (…)", "none of several: diagnosis not in (lymphoma, b_cell_lymphoma)"),
            ],
        ),
        ("age >= 18", [("18 years", "the question's own unit"), ("18 months", "is counted as years"), ("18 weeks", "is counted as years")]),
        ("age between 1 years ", [("and", "the upper end follows")]),
        ("(age >= 18 years ", [("and", "both must be so"), ("or", "one of them is enough"), (")", "the end of the group")]),
        ("sex in (male", [("male,", "another choice follows"), ("male)", "the end of the list")]),
    ],
)
def test_each_item_has_a_label_and_says_what_it_is(text, expected):
    assert shown(text) == expected


def test_a_choice_in_a_list_is_shown_with_its_own_label():
    assert shown("diagnosis in (ush", CLINIC) == [("usher", "Usher syndrome")]


@pytest.mark.parametrize(("length", "offered"), [(2 * LONGEST_RULE, ["pregnant", "weeks_pregnant"]), (2 * LONGEST_RULE + 1, [])])
def test_a_text_twice_as_long_as_a_rule_is_still_completed_and_no_longer_one(length, offered):
    assert [label for label, _hint in shown("preg".rjust(length))] == offered
