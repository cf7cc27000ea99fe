"""Criteria on the one eye to be treated that two different eyes could meet between them.

"Right … or left …" is judged in each criterion by itself: the right eye may meet the one and the left eye the other, and the trial seems to fit. Only
cohorts, one for each eye, keep together what is asked of the same eye. The same holds for ears, or whatever else there is one of on each side.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _  # type: ignore[import-untyped]

from trials.eligibility.judging import Trial
from trials.eligibility.rules import And, Comparison, Not, Rule, comparisons
from trials.eligibility.verdicts import CriterionKind

from .findings import Finding, place

SIDES = ("right", "left")
"""What the key of a question begins with, or what a choice is called, where it is about one side."""


def eye_findings(trial: Trial) -> Iterator[Finding]:
    """One warning for a trial, or a cohort of it, in which two or more criteria are each met by either eye."""
    for cohort in trial.cohorts or (None,):
        numbers = [
            number
            for number, criterion in enumerate(trial.criteria)
            if criterion.rule is not None and criterion.cohort in (None, cohort) and _either_eye(criterion.rule, criterion.kind is CriterionKind.INCLUSION)
        ]
        if len(numbers) > 1:
            words = {"place": place(trial, numbers[1]), "other": numbers[0] + 1}
            message = _(
                "%(place)s: like criterion %(other)s it is met by the right or the left eye, so two different eyes could meet them between them. If both are "
                "about the eye to be treated, make the cohorts “Right eye” and “Left eye”, with each criterion once in each."
            )
            yield Finding("warning", numbers[1], "either-eye", message % words)
            return


def _either_eye(rule: Rule, wanted: bool) -> bool:
    """Whether one eye alone, the right or the left, is enough for the rule to come out as wanted."""
    match rule:
        case Not():
            return _either_eye(rule.rule, not wanted)
        case Comparison():
            return wanted and rule.operator == "includes any of" and set(SIDES) <= set(rule.names)
        case _:
            one_is_enough = isinstance(rule, And) is not wanted
            alone = {sides.pop() for part in rule.rules if len(sides := _sides(part)) == 1}
            return (one_is_enough and len(alone) == len(SIDES)) or any(_either_eye(part, wanted) for part in rule.rules)


def _sides(rule: Rule) -> set[str]:
    """The sides that a rule asks about."""
    return {side for one in comparisons(rule) for side in SIDES if one.question.startswith(f"{side}_") or side in one.names}
