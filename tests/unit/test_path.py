"""The path that is followed by its trail is the path that is found from the first question on."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prescreen.path import Path, Trail, replay
from tests.unit.builders import CATALOG, inclusion, trial
from tests.unit.strategies import answers_to, built, patients, plain_trials
from trials.eligibility.index import Index

TRIALS = [trial(inclusion("diagnosis is rp"), inclusion("age >= 18"), inclusion("hepatitis_b is no")), trial(inclusion("sex is male"))]
INDEX = Index.compile(CATALOG, TRIALS)
TOLD = {"diagnosis": "rp", "age": 30, "sex": "male"}
FULL = replay(INDEX, None, TOLD)


class Counting(Index):
    """An index that counts how often all trials are judged."""

    judged = 0

    def match(self, known):
        """As any index."""
        self.judged += 1
        return super().match(known)


def told_by(path: Path) -> tuple:
    """Everything that a path says."""
    return path.steps, dict(path.answers), path.next, path.matches.verdicts.tolist()


def followed(steps, following, told=TOLD):
    """The path that this trail leads to."""
    return replay(INDEX, None, told, trail=Trail("now", tuple(steps), following))


def test_the_path_is_found_from_the_first_question_on():
    assert (FULL.steps, FULL.next) == (("diagnosis", "age", "sex"), "hepatitis_b")


def test_a_trail_is_believed_so_nothing_is_asked_anew():
    """This one leads another way than the questions would, which only shows where they were not asked."""
    path = followed(["sex", "diagnosis"], "weeks_pregnant")
    assert (path.steps, path.next) == (("sex", "diagnosis"), "weeks_pregnant")


def test_an_unchanged_path_judges_once_and_only_where_verdicts_are_wanted():
    index = Counting.compile(CATALOG, TRIALS)
    path = replay(index, None, TOLD, trail=FULL.trail("now"))
    assert index.judged == 0
    assert [path.matches.verdicts.tolist() for _ in range(2)] == [FULL.matches.verdicts.tolist()] * 2
    assert index.judged == 1


def test_one_more_answer_judges_once_and_goes_on_from_there():
    index = Counting.compile(CATALOG, TRIALS)
    path = replay(index, None, TOLD, trail=Trail("now", ("sex",), "diagnosis"))
    assert path.steps == ("sex", "diagnosis", "age"), "what the trail says of the first questions, and what comes after them"
    assert path.matches.verdicts.tolist() == FULL.matches.verdicts.tolist()
    assert index.judged == 1


@pytest.mark.parametrize(
    ("steps", "following", "told"),
    [
        pytest.param(["sex", "age"], None, {"diagnosis": "rp", "sex": "male"}, id="a step without an answer"),
        pytest.param(["sex", "age"], None, {**TOLD, "age": 121}, id="an answer that the question does not take"),
        pytest.param(["sex", "height"], None, {**TOLD, "height": 1}, id="a step that is no question any more"),
        pytest.param(["sex", "age"], "height", TOLD, id="a next question that is none any more"),
        pytest.param(["sex", "age"], "height", {**TOLD, "height": 1}, id="the same, answered"),
    ],
)
def test_a_trail_that_cannot_be_followed_is_left_and_the_path_found_from_the_first_question_on(steps, following, told):
    assert told_by(followed(steps, following, told)) == told_by(replay(INDEX, None, told))


def test_a_next_answer_that_the_question_does_not_take_is_asked_again():
    told = {**TOLD, "sex": "neither"}
    assert told_by(followed(["diagnosis", "age"], "sex", told)) == told_by(replay(INDEX, None, told))


@pytest.mark.parametrize(
    ("key", "left"),
    [
        ("diagnosis", Trail("now", (), "diagnosis")),
        ("sex", Trail("now", ("diagnosis", "age"), "sex")),
        ("hepatitis_b", FULL.trail("now")),
        ("treated", FULL.trail("now")),
    ],
)
def test_a_trail_ends_where_an_answer_that_changes_counts(key, left):
    assert FULL.trail("now").up_to(key) == left


trials = st.lists(plain_trials(), min_size=1, max_size=6).map(lambda plains: [built(plain, f"NCT{place:08}") for place, plain in enumerate(plains)])


@settings(max_examples=200)
@given(trials, patients, st.integers(0, 3), st.data())
def test_with_a_trail_of_any_length_the_path_is_the_same_whatever_was_answered_since(all_trials, told, in_index, data):
    """Some of the trials are apart from the index; one answer is changed or taken back, and others of later questions are, too."""
    index, apart = (Index.compile(CATALOG, some) if some else None for some in (all_trials[in_index:], all_trials[:in_index]))
    index = index or Index.compile(CATALOG, [])
    before = replay(index, None, told, apart)
    questions = [*before.steps, *([before.next] if before.next else [])]
    cut = data.draw(st.integers(0, len(questions)))
    changed = {key: data.draw(answers_to(CATALOG[key])) for key in questions[cut:] if data.draw(st.booleans())}
    now = {**told, **changed}
    trail = before.trail("now")
    for key in changed:
        trail = trail.up_to(key)
    assert told_by(replay(index, None, now, apart, trail)) == told_by(replay(index, None, now, apart))
