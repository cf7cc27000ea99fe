"""How right the suggestions are on the criteria labelled by hand. Needs the registry data, which is not part of this project."""

import pytest

from tests.suggestions.measure import FRESH, HALVES, TEXTS, by_topic, judge, questionnaire

pytestmark = pytest.mark.skipif(not TEXTS.exists(), reason="the registry data is not there")


@pytest.fixture(scope="module")
def figures():
    """The figures of all labels together, by half."""
    questions = questionnaire()
    return {half: by_topic(judge(half, questions))["all"] for half in (*HALVES, FRESH)}


def test_of_a_hundred_suggestions_at_least_95_are_right(figures):
    right, suggested = (sum(getattr(one, count) for one in figures.values()) for count in ("right", "suggested"))
    assert suggested >= 50
    assert right / suggested >= 0.95


def test_no_suggestion_says_the_opposite(figures):
    assert [one.polarity_errors for one in figures.values()] == [0, 0, 0]
