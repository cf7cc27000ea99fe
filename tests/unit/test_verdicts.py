"""The two scales of three: Kleene's tables, the order of verdicts, and the one place that knows what an exclusion is."""

import pytest

from tests.unit.builders import exclusion, inclusion, known
from trials.eligibility.judging import verdict_of
from trials.eligibility.verdicts import CriterionKind, Truth, Verdict, apply_polarity

F, U, T = Truth.FALSE, Truth.UNKNOWN, Truth.TRUE


@pytest.mark.parametrize(
    ("one", "other", "both", "either"),
    [
        (F, F, F, F),
        (F, U, F, U),
        (F, T, F, T),
        (U, F, F, U),
        (U, U, U, U),
        (U, T, U, T),
        (T, F, F, T),
        (T, U, U, T),
        (T, T, T, T),
    ],
)
def test_min_is_and_and_max_is_or(one, other, both, either):
    assert min(one, other) is both
    assert max(one, other) is either


@pytest.mark.parametrize(("truth", "opposite"), [(F, T), (U, U), (T, F)])
def test_not_swaps_true_and_false_and_keeps_unknown(truth, opposite):
    assert ~truth is opposite


def test_verdicts_are_ordered_worst_first():
    assert sorted([Verdict.PASSES, Verdict.UNKNOWN, Verdict.FAILS]) == [Verdict.FAILS, Verdict.UNKNOWN, Verdict.PASSES]


@pytest.mark.parametrize(
    ("verdicts", "worst", "best"),
    [
        ([Verdict.PASSES], Verdict.PASSES, Verdict.PASSES),
        ([Verdict.PASSES, Verdict.UNKNOWN], Verdict.UNKNOWN, Verdict.PASSES),
        ([Verdict.UNKNOWN, Verdict.FAILS], Verdict.FAILS, Verdict.UNKNOWN),
        ([Verdict.UNKNOWN, Verdict.FAILS, Verdict.PASSES], Verdict.FAILS, Verdict.PASSES),
    ],
)
def test_the_worst_and_the_best_of_some_verdicts(verdicts, worst, best):
    assert Verdict.worst(*verdicts) is worst
    assert Verdict.best(*verdicts) is best


@pytest.mark.parametrize(("verdict", "slug"), [(Verdict.PASSES, "passes"), (Verdict.UNKNOWN, "unknown"), (Verdict.FAILS, "fails")])
def test_the_slug_is_the_word_of_the_file_formats(verdict, slug):
    assert verdict.slug == slug


@pytest.mark.parametrize(
    ("kind", "truth", "verdict"),
    [
        (CriterionKind.INCLUSION, T, Verdict.PASSES),
        (CriterionKind.INCLUSION, F, Verdict.FAILS),
        (CriterionKind.INCLUSION, U, Verdict.UNKNOWN),
        (CriterionKind.EXCLUSION, T, Verdict.FAILS),
        (CriterionKind.EXCLUSION, F, Verdict.PASSES),
        (CriterionKind.EXCLUSION, U, Verdict.UNKNOWN),
    ],
)
def test_an_inclusion_must_be_true_and_an_exclusion_must_be_false(kind, truth, verdict):
    assert apply_polarity(kind, truth) is verdict


@pytest.mark.parametrize(
    ("criterion", "age", "verdict"),
    [
        (inclusion("age >= 18"), 18, Verdict.PASSES),
        (inclusion("age >= 18"), 17, Verdict.FAILS),
        (inclusion("age >= 18"), None, Verdict.UNKNOWN),
        (inclusion(""), 18, None),
        (exclusion("age >= 18"), 18, Verdict.FAILS),
        (exclusion("age >= 18"), 17, Verdict.PASSES),
        (exclusion("age >= 18"), None, Verdict.UNKNOWN),
        (exclusion(""), 18, None),
    ],
)
def test_the_verdict_on_a_criterion_follows_its_kind_and_the_truth_of_its_rule(criterion, age, verdict):
    assert verdict_of(criterion, known(age=age)) is verdict


def test_a_criterion_without_a_rule_is_left_to_the_study_team_whatever_is_known():
    assert verdict_of(inclusion(""), known(age=30, sex="male", hemoglobin=12)) is None
