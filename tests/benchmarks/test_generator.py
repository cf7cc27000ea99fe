"""The benchmarks' own trials can be trusted."""

from __future__ import annotations

from itertools import islice

from tests.benchmarks.generator import questions, trials
from tests.benchmarks.patients import Patients
from trials.eligibility.rules import comparisons, parse


def test_rules_built_as_objects_equal_rules_that_are_read() -> None:
    questionnaire = questions()
    built = {criterion.text: criterion.rule for trial in trials(400, questionnaire) for criterion in trial.criteria if criterion.rule}
    assert len(built) > 1_000
    for text, rule in islice(built.items(), 1_500):
        read = parse(text, questionnaire)
        assert read == rule
        assert [comparison.inside for comparison in comparisons(read)] == [comparison.inside for comparison in comparisons(rule)]


def test_the_same_seed_makes_the_same_trials() -> None:
    questionnaire = questions()
    assert trials(100, questionnaire, seed=1) == trials(100, questionnaire, seed=1)
    assert trials(100, questionnaire, seed=1) != trials(100, questionnaire, seed=2)


def test_trials_are_shaped_like_real_ones() -> None:
    made = trials(2_000, questions())
    judged = [sum(criterion.rule is not None for criterion in trial.criteria) for trial in made]
    assert 15 < sum(judged) / len(made) < 25
    assert any(trial.cohorts for trial in made)
    assert any(not trial.complete for trial in made)
    assert any(criterion.rule is None for trial in made for criterion in trial.criteria)


def test_a_record_answers_every_question_exactly() -> None:
    questionnaire = questions()
    patients = Patients(questionnaire)
    assert patients.record(3) == patients.record(3)
    assert patients.known(patients.record(3)).keys() == set(questionnaire)
