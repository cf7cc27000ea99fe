"""How often each comparison, and each rule made of them, is expected to be false of somebody of whom nothing is known."""

import pytest

from tests.unit.builders import choice, choices, exclusion, inclusion, number, trial, yes_no
from trials.eligibility.index import Index
from trials.eligibility.questionnaire import Questionnaire

QUESTIONS = Questionnaire(
    [
        *map(yes_no, "ab"),
        *map(number, "mn"),
        choice("one", "u", "v", "w", "x", "y < x"),
        choices("two", "t", "f"),
        choices("many", *(f"c{place}" for place in range(10))),
    ]
)


def to_fail(*criteria):
    """How often each of these criteria is expected to fail, each being the only one of its trial."""
    index = Index.compile(QUESTIONS, [trial(criterion) for criterion in criteria])
    return [pytest.approx(chance) for chance in index.chances[index.compiled.lanes.flat].tolist()]


def false(text):
    """How often this rule is expected to be false."""
    return to_fail(inclusion(text, questions=QUESTIONS))[0]


@pytest.mark.parametrize(
    ("text", "chance"),
    [
        ("a is yes", 0.8),
        ("a is no", 0.2),
        ("a is not yes", 0.2),
        ("a in (yes, no)", 0),
        ("one is u", 0.8),
        ("one in (u, v)", 0.6),
        ("one is x", 0.6),
        ("one not in (u, v, w)", 0.6),
        ("n >= 5", 1 / 3),
        ("n > 5", 2 / 3),
        ("n between 2 and 5", 0.4),
    ],
)
def test_a_comparison_alone(text, chance):
    assert false(text) == chance


@pytest.mark.parametrize(
    ("text", "chance"),
    [
        ("a is yes and b is yes", 1 - 0.2 * 0.2),
        ("a is yes or b is yes", 0.8 * 0.8),
        ("not (a is yes or b is yes)", 1 - 0.8 * 0.8),
        ("a is yes and (a is no or b is no)", 1 - 0.2 * (1 - 0.2 * 0.2)),
        ("n >= 5 and a is no", 1 - 2 / 3 * 0.8),
        ("two includes all of (t, f)", 1 - 0.2 * 0.2),
        ("two includes any of (t, f)", 0.8 * 0.8),
    ],
)
def test_the_parts_of_a_rule_are_taken_to_be_independent(text, chance):
    assert false(text) == chance


def test_an_exclusion_fails_where_its_rule_is_true():
    for text in ("a is yes", "a is yes and b is yes", "one in (u, v)", "two includes t"):
        included, excluded = to_fail(inclusion(text, questions=QUESTIONS), exclusion(text, questions=QUESTIONS))
        assert included.expected + excluded.expected == pytest.approx(1)


def test_where_no_criterion_can_be_judged_failing_is_as_likely_as_not():
    assert to_fail(inclusion("")) == [0.5]


def test_no_trials_have_no_chances_but_that_of_the_unknown():
    assert Index.compile(QUESTIONS, []).chances.tolist() == [0.5]


def test_the_more_limits_of_other_rules_lie_outside_a_range_the_likelier_it_is_missed():
    rules = ("n >= 10", "n >= 20", "n < 20", "n between 10 and 30", "n = 30")
    assert to_fail(*(inclusion(text, questions=QUESTIONS) for text in rules)) == [1 / 7, 3 / 7, 4 / 7, 2 / 7, 6 / 7]


def test_rules_of_one_depth_stand_side_by_side_and_each_has_its_own_chance():
    shallow = {"a is yes and b is yes": 1 - 0.2 * 0.2, "a is no and b is yes": 1 - 0.8 * 0.2, "a is no and b is no": 1 - 0.8 * 0.8}
    deep = {f"a is yes and ({text.replace('and', 'or')})": 1 - 0.2 * chance for text, chance in zip(shallow, (0.36, 0.84, 0.96), strict=True)}
    chances = shallow | deep
    assert to_fail(*(inclusion(text, questions=QUESTIONS) for text in chances)) == list(chances.values())
    assert to_fail(*(exclusion(text, questions=QUESTIONS) for text in chances)) == [1 - chance for chance in chances.values()]


def test_what_is_never_known_is_as_likely_as_not_beside_rules_too():
    *_, unknown = to_fail(inclusion("a is yes and b is yes", questions=QUESTIONS), inclusion("a is no and b is no", questions=QUESTIONS), inclusion(""))
    assert unknown == 0.5
