"""Patients on either side of each limit that a trial's rules set, and the search for patients that they have in common with others."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _  # type: ignore[import-untyped]

from trials.eligibility.judging import Criterion, Trial, verdict_of
from trials.eligibility.questionnaire import Questionnaire
from trials.eligibility.questions import Interval, Question
from trials.eligibility.rules import Comparison, Not, Quantity, Rule, comparisons, format_exactly, questions_of
from trials.eligibility.verdicts import CriterionKind, Verdict

from .values import GaveUp, Value, find, in_asking_order

SMALL_NUMBER = 20
"""Below it a measured value (one with a unit such as g/dL, % or times) moves in steps of 0.1; other whole numbers move in steps of 1."""

Patient = Mapping[str, Value]


@dataclass(frozen=True)
class Setting:
    """Where a criterion is tried: on which patient, and what else is asked."""

    goals: list[Criterion]
    questionnaire: Questionnaire
    patient: Patient


Limit = tuple[str, dict[str, Any], str, bool]
"""The question, the answers, the name of the patient, and whether this side of the limit is one of the two between which the rule changes."""


def limits_of(trial: Trial, questionnaire: Questionnaire, fitting: Mapping[str | None, Patient]) -> Iterator[Limit]:
    """Patients just below, at and just above each number of each rule."""
    for criterion in trial.criteria:
        for comparison in comparisons(criterion.rule) if criterion.rule is not None else ():
            for quantity in comparison.quantities:
                cohort = cohort_of(criterion, fitting)
                goals = [goal for goal in goals_of(trial, cohort) if goal is not criterion]
                yield from _around(criterion, comparison, quantity, Setting(goals, questionnaire, fitting[cohort]))


def cohort_of(criterion: Criterion, fitting: Mapping[str | None, Patient]) -> str | None:
    """The cohort of whose fitting patient a criterion is tried: its own, or the first where it is common to all."""
    return criterion.cohort if criterion.cohort in fitting else next(iter(fitting))


def _around(criterion: Criterion, comparison: Comparison, quantity: Quantity, setting: Setting) -> Iterator[Limit]:
    question = setting.questionnaire[comparison.question]
    step = step_of(quantity, question)
    around = [(move, _value(quantity.number + move * step, quantity.unit, question)) for move in (-1, 0, 1)]
    patient = _hanging_on(comparison, [value for _move, value in around if value is not None], criterion, setting)
    steady = {key: patient[key] for key in _deciding(criterion, setting.questionnaire) if key in patient}
    inside = [value is not None and _is_inside(comparison, value) for _move, value in around]
    for (move, value), telling in zip(around, (inside[0] != inside[1], True, inside[1] != inside[2]), strict=True):
        if value is not None:
            answers = answers_of(changed(replace(setting, patient=patient), {**steady, question.key: value}))
            yield question.key, answers, _limit_name(question, quantity, quantity.number + move * step, move) + of_cohort(criterion), telling


def _deciding(criterion: Criterion, questionnaire: Questionnaire) -> list[str]:
    return in_asking_order([criterion.rule], questionnaire) if criterion.rule is not None else []


def _hanging_on(comparison: Comparison, values: list[Value], criterion: Criterion, setting: Setting) -> Patient:
    """The patient, changed so that the question is asked and the criterion hangs on this comparison, as far as the other criteria allow."""
    asked = _asking(comparison.question, setting.questionnaire)
    hanging = [[_settled(criterion, comparison, holds), turned_round(_settled(criterion, comparison, not holds))] for holds in (True, False)]
    for others in ([*setting.goals, *asked], asked):
        for value in values:
            for both in hanging:
                found = find_answers([*others, *both], setting.questionnaire, {comparison.question: value}, setting.patient)
                if found is not None:
                    return {**setting.patient, **found}
    return setting.patient


def _settled(criterion: Criterion, comparison: Comparison, holds: bool) -> Criterion:
    """The criterion with one comparison of its rule settled, whatever the answer."""
    assert criterion.rule is not None
    inside = Interval(-math.inf, math.inf) if holds else Interval(math.inf, -math.inf)
    return replace(criterion, rule=_exchanged(criterion.rule, comparison, replace(comparison, inside=inside)))


def _exchanged(rule: Rule, old: Comparison, new: Comparison) -> Rule:
    match rule:
        case Comparison():
            return new if rule is old else rule
        case Not():
            return Not(_exchanged(rule.rule, old, new))
        case _:
            return type(rule)(tuple(_exchanged(part, old, new) for part in rule.rules))


def _asking(key: str, questionnaire: Questionnaire) -> list[Criterion]:
    """What must be so that a question is asked, as criteria."""
    if key not in questionnaire.ask_if:
        return []
    rule = questionnaire.ask_if[key]
    return [Criterion(CriterionKind.INCLUSION, "", rule), *(goal for earlier in sorted(questions_of(rule)) for goal in _asking(earlier, questionnaire))]


def turned_round(criterion: Criterion) -> Criterion:
    """The criterion that just the patients meet who do not meet this one."""
    return replace(criterion, kind=CriterionKind.EXCLUSION if criterion.kind is CriterionKind.INCLUSION else CriterionKind.INCLUSION)


def of_cohort(criterion: Criterion) -> str:
    """What a patient's name says of the cohort that the criterion belongs to."""
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
    amount = format_exactly(number) if is_plain else f"{format_exactly(number)}{'' if unit == '%' else ' '}{unit}"
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


def goals_of(trial: Trial, cohort: str | None) -> list[Criterion]:
    """The judged criteria that a patient of this cohort has to meet."""
    return [criterion for criterion in trial.criteria if criterion.rule is not None and criterion.cohort in (None, cohort)]


def find_answers(goals: list[Criterion], questionnaire: Questionnaire, fixed: Patient | None = None, liked: Patient | None = None) -> Patient | None:
    """Answers that pass all of these criteria; None where there are none, or where the search for them takes too long."""
    try:
        return find(goals, questionnaire, fixed, liked, answerable=True)
    except GaveUp:
        return None


def changed(setting: Setting, fixed: Patient) -> Patient:
    """The patient with these values, and other answers changed where what else is asked needs it and allows it."""
    known = {key: value.possible for key, value in fixed.items()}
    possible = [goal for goal in setting.goals if verdict_of(goal, known) is not Verdict.FAILS]
    return {**setting.patient, **(find_answers(possible, setting.questionnaire, fixed, setting.patient) or {}), **fixed}


def answers_of(patient: Patient) -> dict[str, Any]:
    """The answers as an answers file writes them."""
    return {key: value.answer for key, value in patient.items()}
