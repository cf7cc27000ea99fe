"""The questions to ask are those that can change a result, no more and no fewer: tried out answer by answer, and among thousands of trials."""

import random
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.builders import CATALOG, exclusion, inclusion, known, trial, yes_no
from trials.eligibility import asking
from trials.eligibility.asking import next_questions
from trials.eligibility.index import Index
from trials.eligibility.judging import judge
from trials.eligibility.questionnaire import Questionnaire

ABCDE = Questionnaire([yes_no(key, order=order) for order, key in enumerate("abcde")])
some_answers = st.fixed_dictionaries({}, optional=dict.fromkeys("abcde", st.sampled_from(["yes", "no", None])))


def offered(trials, answers):
    """The questions that are asked next, in the catalog's order."""
    return "".join(sorted(next_questions(Index.compile(ABCDE, trials).match(known(ABCDE, **answers)), answers.keys())))


def telling(trials, answers):
    """The questions of which some answer changes a verdict, after some or all or none of the others are answered too."""
    open_keys = [key for key in "abcde" if key not in answers]
    verdicts = {}
    for more in product((None, "yes", "no"), repeat=len(open_keys)):
        facts = known(ABCDE, **answers | dict(zip(open_keys, more, strict=True)))
        verdicts[more] = [judge(each, facts).verdict for each in trials]
    changes = (
        key
        for place, key in enumerate(open_keys)
        for more, found in verdicts.items()
        if more[place] is None and any(verdicts[(*more[:place], answer, *more[place + 1 :])] != found for answer in ("yes", "no"))
    )
    return "".join(sorted(set(changes)))


@st.composite
def rules_of(draw, keys):
    """A rule that compares with each of these questions once."""
    if len(keys) == 1:
        return f"{keys[0]} is {draw(st.sampled_from(['yes', 'no']))}"
    cut = draw(st.integers(1, len(keys) - 1))
    before, joint = draw(st.sampled_from(["", "not "])), draw(st.sampled_from(["and", "or"]))
    return f"{before}({draw(rules_of(keys[:cut]))} {joint} {draw(rules_of(keys[cut:]))})"


@st.composite
def trials_of(draw, again=False):
    """A trial of 0 to 3 cohorts whose criteria ask each question once at most, or again and again."""
    cohorts = ("A", "B", "C")[: draw(st.sampled_from([0, 0, 2, 3]))]
    keys, criteria = draw(st.permutations("abcde")), []
    while keys and len(criteria) < 4:
        used = draw(st.integers(1, len(keys)))
        sides = st.sampled_from([*cohorts, None] if again or not cohorts else cohorts)
        criteria.append(draw(st.sampled_from([inclusion, exclusion]))(draw(rules_of(keys[:used])), draw(sides), ABCDE))
        keys = draw(st.permutations("abcde")) if again else keys[used:]
        if draw(st.booleans()):
            break
    return trial(*criteria, cohorts=cohorts, complete=draw(st.booleans()))


@settings(max_examples=300)
@given(st.lists(trials_of(), max_size=3), some_answers)
def test_exactly_the_questions_that_can_change_a_result_are_asked(trials, answers):
    assert offered(trials, answers) == telling(trials, answers)


@settings(max_examples=150)
@given(st.lists(trials_of(again=True), max_size=3), some_answers)
def test_no_question_that_can_change_a_result_is_missing_where_rules_say_things_again(trials, answers):
    assert set(telling(trials, answers)) <= set(offered(trials, answers))


@pytest.mark.parametrize(
    ("text", "complete", "asked"),
    [
        ("a is yes or b is yes", True, "b"),
        ("a is yes or b is yes", False, ""),
        ("a is yes and b is yes", True, "b"),
        ("a is yes and b is yes", False, "b"),
        ("not (a is yes and b is yes)", False, ""),
        ("not (a is yes or b is yes)", False, "b"),
        ("(a is yes or b is yes) and c is yes", False, "c"),
        ("(a is yes or b is yes) and c is yes", True, "bc"),
        ("(a is yes and b is yes) or c is yes", True, "bc"),
        ("(a is yes and b is yes) or c is yes", False, "bc"),
        ("(a is yes and (b is yes or c is yes)) or d is yes", True, "bcd"),
    ],
)
def test_not_sure_leaves_the_questions_that_can_still_settle_the_trial(text, complete, asked):
    assert offered([trial(inclusion(text, questions=ABCDE), complete=complete)], {"a": None}) == asked


def test_a_cohort_that_can_no_longer_do_better_than_another_is_not_asked_for():
    stuck = (inclusion("a is yes", "A", ABCDE), inclusion("b is yes", "A", ABCDE))
    assert offered([trial(*stuck, inclusion("", "B"), inclusion("c is yes", "C", ABCDE), cohorts=("A", "B", "C"))], {"a": None}) == "c"
    assert offered([trial(*stuck, inclusion("c is yes", "C", ABCDE), cohorts=("A", "C"))], {"a": None}) == "bc"


# thousands of trials

LETTERS = [f"q{number}" for number in range(12)]
MANY = Questionnaire([yes_no(key, order=order) for order, key in enumerate(LETTERS)])
CRITERIA = [wanted(f"{key} is yes", questions=MANY) for key in LETTERS for wanted in (inclusion, exclusion)]
CRITERIA += [inclusion(f"{one} is yes or {other} is no", questions=MANY) for one, other in zip(LETTERS, LETTERS[3:], strict=False)]
SURE = trial(inclusion("q0 is yes", questions=MANY))


def asked_of(trials, **answers):
    return next_questions(Index.compile(MANY, trials).match(known(MANY, **answers)), answers.keys())


@pytest.fixture(scope="module")
def firsts():
    """Seeded patients on their way through thousands of trials: the first question that a sample finds, and the order that all trials give."""
    found = []
    for seed in range(8):
        chance = random.Random(seed)
        often = [chance.paretovariate(1) for _ in CRITERIA]
        trials = [trial(*chance.choices(CRITERIA, often, k=chance.randint(1, 4)), complete=chance.random() < 0.9) for _ in range(3 * asking.MOST_LANES)]
        index, answers = Index.compile(MANY, trials), {}
        while len(answers) < 6:
            matches = index.match(known(MANY, **answers))
            sampled = next_questions(matches, answers.keys())
            with pytest.MonkeyPatch.context() as whole:
                whole.setattr(asking, "MOST_LANES", len(trials))
                everything = next_questions(matches, answers.keys())
            assert set(sampled) <= set(everything)
            found.append((sampled[0], everything))
            answers[sampled[0]] = chance.choice(["yes", "no", None])
    return found


def test_a_sample_of_thousands_of_trials_finds_the_best_question_or_the_next_best(firsts):
    assert all(first in everything[:2] for first, everything in firsts)


def test_a_sample_of_thousands_of_trials_nearly_always_finds_the_best_question(firsts):
    assert len(firsts) > 40
    assert sum(first == everything[0] for first, everything in firsts) >= 0.9 * len(firsts)


def test_what_is_expected_first_comes_first_from_a_sample_too():
    trials = [trial(inclusion("sex is male"), inclusion("hepatitis_b is no"), inclusion("diagnosis is rp"), inclusion("age >= 18"))] * (2 * asking.MOST_LANES)
    assert next_questions(Index.compile(CATALOG, trials).match({}), set()) == ["diagnosis", "age", "sex", "hepatitis_b"]


@pytest.mark.parametrize("place", [0, 1, 2, 4_321, -2, -1])
def test_a_question_of_one_trial_among_thousands_of_settled_ones_is_found(place):
    trials = [SURE] * (2 * asking.MOST_LANES + 10)
    trials[place] = trial(inclusion("q0 is yes and q5 is yes", questions=MANY), exclusion("q7 is yes", questions=MANY))
    assert asked_of(trials, q0="yes") == ["q5", "q7"]


def test_thousands_of_settled_trials_need_no_question():
    trials = [SURE] * (2 * asking.MOST_LANES + 10)
    assert asked_of(trials, q0="yes") == asked_of(trials, q0="no") == asked_of(trials, q0=None) == []
    assert asked_of(trials) == ["q0"]


def test_a_sample_keeps_all_cohorts_of_a_trial():
    cohorts = trial(*(inclusion(f"{key} is yes", key, MANY) for key in ("q1", "q2")), cohorts=("q1", "q2"))
    assert asked_of([cohorts] * asking.MOST_LANES) == ["q1", "q2"]
    assert asked_of([cohorts] * asking.MOST_LANES, q1="no") == ["q2"]
    assert asked_of([cohorts] * asking.MOST_LANES, q1="yes") == []
