"""Patients to try a trial's rules on: one who fits, and those on either side of each limit. What to expect of each is what the rules say now.

The coordinator reads the name of each patient and confirms that the verdict is right; a wrong rule shows as a wrong expectation.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _  # type: ignore[import-untyped]

from trials.eligibility.judging import Criterion, Trial, judge, verdict_of
from trials.eligibility.questionnaire import Questionnaire
from trials.eligibility.questions import Interval, Question
from trials.eligibility.rules import Comparison, Quantity, comparisons, format_exactly, questions_of
from trials.eligibility.verdicts import CriterionKind, Verdict
from trials.vocabulary import DIAGNOSIS

from .findings import shortened
from .values import GaveUp, Value, find, in_asking_order

MOST_PATIENTS = 40
SMALL_NUMBER = 20
"""Below it a measured value (one with a unit such as g/dL, % or times) moves in steps of 0.1; other whole numbers move in steps of 1."""

Patient = Mapping[str, Value]


@dataclass(frozen=True)
class ProposedPatient:
    """A patient to try the rules on; ``answers`` as an answers file writes them, ``expect`` as the rules judge them now."""

    name: str
    answers: dict[str, Any]
    expect: Verdict


def propose_patients(trial: Trial, questionnaire: Questionnaire, most: int = MOST_PATIENTS) -> list[ProposedPatient]:
    """Patients to try the trial's rules on, the most telling first, no two with the same answers; none for a trial without rules.

    First one who fits all, if the rules allow any, and one who is sure of nothing. Then those not sure of the condition; those at the
    limits of age; one for each exclusion; those at the other limits; one who misses each inclusion; one who fits each further cohort.
    """
    judged = [criterion for criterion in trial.criteria if criterion.rule is not None]
    if not judged:
        return []
    fitting = _fitting_all(trial, questionnaire)
    found: list[ProposedPatient] = []
    seen: set[str] = set()
    for name, every_answer in _in_order(trial, questionnaire, fitting):
        answers = _asked(every_answer, questionnaire)
        written = json.dumps(answers, sort_keys=True)
        if written not in seen:
            seen.add(written)
            verdict = judge(trial, questionnaire.settle(questionnaire.read(answers))).verdict
            found.append(ProposedPatient(name, answers, verdict))
        if len(found) == most:
            break
    return found


def _asked(answers: Mapping[str, Any], questionnaire: Questionnaire) -> dict[str, Any]:
    """The answers in the questions' order, without those to questions that this patient is not asked."""
    known = questionnaire.settle(questionnaire.read(answers))
    return {key: answers[key] for key in questionnaire if key in answers and not questionnaire.is_left_out(key, known)}


def _in_order(trial: Trial, questionnaire: Questionnaire, fitting: Mapping[str | None, Patient]) -> Iterator[tuple[str, dict[str, Any]]]:
    first = next(iter(fitting.values()))
    yield _("Fits everything asked"), _answers(first)
    everything = in_asking_order([criterion.rule for criterion in trial.criteria if criterion.rule is not None], questionnaire)
    yield _("Not sure of anything"), dict.fromkeys(everything)
    yield from _unsure_of_condition(first, questionnaire)
    limits = list(_limits(trial, questionnaire, fitting))
    yield from ((name, answers) for key, answers, name, telling in limits if key == "age" and telling)
    yield from _missing(trial, questionnaire, fitting, CriterionKind.EXCLUSION)
    yield from ((name, answers) for key, answers, name, telling in limits if key != "age" and telling)
    yield from _missing(trial, questionnaire, fitting, CriterionKind.INCLUSION)
    yield from ((_("Fits everything asked of the cohort “%(cohort)s”") % {"cohort": cohort}, _answers(patient)) for cohort, patient in fitting.items())
    yield from ((name, answers) for _key, answers, name, telling in limits if not telling)


def _answers(patient: Patient) -> dict[str, Any]:
    return {key: value.answer for key, value in patient.items()}


def _goals(trial: Trial, cohort: str | None) -> list[Criterion]:
    return [criterion for criterion in trial.criteria if criterion.rule is not None and criterion.cohort in (None, cohort)]


def _fitting_all(trial: Trial, questionnaire: Questionnaire) -> dict[str | None, Patient]:
    """For each cohort a patient who fits it, with answers to what only other cohorts ask, so that no cohort is in doubt for want of one."""
    fitting = {cohort: _fitting(trial, cohort, questionnaire) for cohort in trial.cohorts or (None,)}
    together = {key: value for patient in reversed(fitting.values()) for key, value in patient.items()}
    return {cohort: {**together, **patient} for cohort, patient in fitting.items()}


def _fitting(trial: Trial, cohort: str | None, questionnaire: Questionnaire) -> Patient:
    """A patient who meets the criteria common to all and those of the cohort; as many of them, in their order, as go together."""
    goals = _goals(trial, cohort)
    found = _find(goals, questionnaire)
    if found is not None:
        return found
    together: list[Criterion] = []
    best: Patient = {}
    for goal in goals:
        found = _find([*together, goal], questionnaire)
        if found is not None:
            together.append(goal)
            best = found
    return best


def _find(goals: list[Criterion], questionnaire: Questionnaire, fixed: Patient | None = None, liked: Patient | None = None) -> Patient | None:
    try:
        return find(goals, questionnaire, fixed, liked, answerable=True)
    except GaveUp:
        return None


def _changed(patient: Patient, goals: list[Criterion], questionnaire: Questionnaire, fixed: Patient) -> Patient:
    """The patient with these values, and other answers changed where what else is asked needs it and allows it."""
    known = {key: value.possible for key, value in fixed.items()}
    possible = [goal for goal in goals if verdict_of(goal, known) is not Verdict.FAILS]
    return {**patient, **(_find(possible, questionnaire, fixed, patient) or {}), **fixed}


def _unsure_of_condition(patient: Patient, questionnaire: Questionnaire) -> Iterator[tuple[str, dict[str, Any]]]:
    """The patient who fits, not sure of the condition at all, or knowing no more than a wider kind of it."""
    if DIAGNOSIS not in patient:
        return
    yield _("Not sure of the condition"), {**_answers(patient), DIAGNOSIS: None}
    question = questionnaire[DIAGNOSIS]
    for wider in question.ancestors(str(patient[DIAGNOSIS].answer)):
        yield _("Knows the condition only as “%(label)s”") % {"label": question.labels[wider]}, {**_answers(patient), DIAGNOSIS: wider}


Limit = tuple[str, dict[str, Any], str, bool]
"""The question, the answers, the name of the patient, and whether this side of the limit is one of the two between which the rule changes."""


def _limits(trial: Trial, questionnaire: Questionnaire, fitting: Mapping[str | None, Patient]) -> Iterator[Limit]:
    """Patients just below, at and just above each number of each rule, all else as in the patient who fits."""
    for criterion in trial.criteria:
        for comparison in comparisons(criterion.rule) if criterion.rule is not None else ():
            question = questionnaire[comparison.question]
            cohort = criterion.cohort if criterion.cohort in fitting else next(iter(fitting))
            goals = [goal for goal in _goals(trial, cohort) if goal is not criterion]
            for quantity in comparison.quantities:
                for key, answers, name, telling in _around(comparison, quantity, question, goals, questionnaire, fitting[cohort]):
                    yield key, answers, name + _of_cohort(criterion), telling


def _around(
    comparison: Comparison, quantity: Quantity, question: Question, goals: list[Criterion], questionnaire: Questionnaire, patient: Patient
) -> Iterator[Limit]:
    step = step_of(quantity, question)
    below, at, above = (_value(quantity.number + move, quantity.unit, question) for move in (-step, Fraction(0), step))
    inside = [value is not None and _is_inside(comparison, value) for value in (below, at, above)]
    for value, move, telling in ((below, -1, inside[0] != inside[1]), (at, 0, True), (above, 1, inside[1] != inside[2])):
        if value is not None:
            name = _limit_name(question, quantity, quantity.number + move * step, move)
            yield question.key, _answers(_changed(patient, goals, questionnaire, {question.key: value})), name, telling


def _of_cohort(criterion: Criterion) -> str:
    return f" ({criterion.cohort})" if criterion.cohort else ""


def step_of(quantity: Quantity, question: Question) -> Fraction:
    """How far "just below" lies from a limit: one of the last digit written, or 0.1 for a small measured value."""
    decimals = format_exactly(quantity.number).partition(".")[2]
    if decimals:
        return Fraction(1, 10 ** len(decimals))
    measured = "/" in question.unit or question.unit in ("%", "times", "INR")
    return Fraction(1, 10) if measured and abs(quantity.number) < SMALL_NUMBER else Fraction(1)


def _value(number: Fraction, unit: str, question: Question) -> Value | None:
    """A number in a unit as a value, or None where the question does not take it."""
    plain = int(number) if number.denominator == 1 else float(number)
    own = number * question.factors[unit or question.unit]
    if (question.min is not None and own < question.min) or (question.max is not None and own > question.max):
        return None
    return Value({"value": plain, "unit": unit} if unit and unit != question.unit else plain, Interval(own, own))


def _is_inside(comparison: Comparison, value: Value) -> bool:
    assert isinstance(comparison.inside, Interval) and isinstance(value.possible, Interval)
    return comparison.inside.holds_all_of(value.possible)


def _limit_name(question: Question, quantity: Quantity, number: Fraction, move: int) -> str:
    unit = quantity.unit or question.unit
    is_plain = unit == question.unit and (question.key == "age" or unit in question.key.split("_"))
    amount = format_exactly(number) if is_plain else f"{format_exactly(number)} {unit}"
    words = {"question": question.key.replace("_", " ").capitalize(), "amount": amount, "limit": format_exactly(quantity.number)}
    if move == 0:
        message = _("%(question)s %(amount)s: at the limit of %(limit)s")
    elif move < 0:
        one, less = _("%(question)s %(amount)s: one below the limit of %(limit)s"), _("%(question)s %(amount)s: just below the limit of %(limit)s")
        message = one if quantity.number - number == 1 else less
    else:
        one, more = _("%(question)s %(amount)s: one above the limit of %(limit)s"), _("%(question)s %(amount)s: just above the limit of %(limit)s")
        message = one if number - quantity.number == 1 else more
    return str(message % words)


def _missing(trial: Trial, questionnaire: Questionnaire, fitting: Mapping[str | None, Patient], kind: CriterionKind) -> Iterator[tuple[str, dict[str, Any]]]:
    """For each criterion of a kind one patient who does not meet it, all else as in the patient who fits."""
    for criterion in trial.criteria:
        if criterion.kind is not kind or criterion.rule is None:
            continue
        cohort = criterion.cohort if criterion.cohort in fitting else next(iter(fitting))
        other = CriterionKind.EXCLUSION if kind is CriterionKind.INCLUSION else CriterionKind.INCLUSION
        missed = replace(criterion, kind=other)
        goals = [goal for goal in _goals(trial, cohort) if goal is not criterion]
        found = _find([*goals, missed], questionnaire, liked=fitting[cohort])
        if found is None:
            alone = _find([missed], questionnaire, liked=fitting[cohort])
            needed = {key: value for key, value in (alone or {}).items() if key in questions_of(criterion.rule)}
            found = _changed(fitting[cohort], goals, questionnaire, needed) if needed else None
        if found is not None:
            name = _("Excluded: %(text)s") if kind is CriterionKind.EXCLUSION else _("Does not meet: %(text)s")
            yield name % {"text": shortened(criterion.text)} + _of_cohort(criterion), _answers({**fitting[cohort], **found})


__all__ = ["MOST_PATIENTS", "ProposedPatient", "propose_patients", "step_of"]
