"""What time and new results can change about a verdict: limits that lie ahead of an answer, limits that come near, answers that stay as they are.

Nothing is promised that was not tried: an answer is changed, and the criterion and the whole trial are judged again.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction

from .explanations import Explanation
from .judging import Judgement, judge, verdict_of
from .questionnaire import Known, Questionnaire
from .questions import DAYS, Changes, Interval, Possible, Several
from .rules import Quantity, Rule, comparisons
from .verdicts import Verdict

AGE = "age"
"""Grows always. Any other answer that grows stands still at 0: there it means "now" or "not yet"."""

NEAR_AGE, NEAR = Fraction(1461, 4), 3 * DAYS["months"]
"""So many days before a limit of age, or of another answer, it is said that time is short."""

JUST_AFTER = Fraction(1, 24)
"""A little later than a limit, in days."""


class Course(StrEnum):
    """What can become of the reason why a trial does not fit."""

    AHEAD = "ahead"
    MAY_CHANGE = "may_change"
    PASSED = "passed"
    FIXED = "fixed"


@dataclass(frozen=True)
class Limit:
    """A limit that a rule sets to an answer that grows: as written, and in the question's own unit."""

    question: str
    quantity: Quantity
    bound: Fraction


@dataclass(frozen=True)
class Outlook:
    """What can become of a reason. ``limit`` is the one that lies ahead (``beyond`` it, where the limit itself is not enough).

    ``days`` until then is None where the answer tells no exact time. ``is_only`` tells whether nothing else would keep the patient out then.
    """

    course: Course
    limit: Limit | None = None
    beyond: bool = False
    days: Fraction | None = None
    is_only: bool = True


@dataclass(frozen=True)
class Closing:
    """A limit beyond which (``within``: at which) a trial would no longer fit, so many days from now."""

    limit: Limit
    days: Fraction
    within: bool


def outlook(judgement: Judgement, reason: Explanation, known: Known, questionnaire: Questionnaire) -> Outlook | None:
    """What can become of the reason why a trial does not fit; None where nobody can say.

    Nothing is said to stay or to have passed for the sake of one cohort: another may still open.
    """
    criterion = reason.criterion
    if criterion.rule is None:
        return None
    changes = {key: questionnaire[key].changes for key in reason.because}
    for key in reason.because:
        if changes[key] is Changes.GROWS and (found := _ahead(key, judgement, reason, known, questionnaire)):
            return found
    for key in reason.because:
        if changes[key] is Changes.MAY_CHANGE:
            without = _settled({key: None}, known, questionnaire)
            if verdict_of(criterion, without) is not Verdict.FAILS:
                return Outlook(Course.MAY_CHANGE, is_only=judge(judgement.trial, without).verdict is not Verdict.FAILS)
    if criterion.cohort is not None or not reason.because or not all(change in (Changes.GROWS, Changes.FIXED) for change in changes.values()):
        return None
    if not _stays(reason, known, questionnaire):
        return None
    return Outlook(Course.PASSED if set(changes.values()) == {Changes.GROWS} else Course.FIXED)


def _ahead(key: str, judgement: Judgement, reason: Explanation, known: Known, questionnaire: Questionnaire) -> Outlook | None:
    """The first limit ahead of an answer that grows from which on the criterion would no longer stand in the way, all else being as it is."""
    criterion, told = reason.criterion, known.get(key)
    if criterion.rule is None or not isinstance(told, Interval) or not isinstance(told.low, Fraction):
        return None
    unit = DAYS[questionnaire[key].unit]
    for limit in sorted(limits(criterion.rule, questionnaire, {key}), key=lambda limit: limit.bound):
        for beyond in (False, True):
            grown = limit.bound - told.low + (JUST_AFTER / unit if beyond else 0)
            if grown <= 0:
                continue
            changed = _settled({key: _shifted(told, grown)}, known, questionnaire)
            if verdict_of(criterion, changed) is Verdict.FAILS:
                continue
            is_exact = told.low == told.high and not _stands_still(key, told)
            days = (limit.bound - told.low) * unit if is_exact else None
            then = changed if days is None else later(known, days + (JUST_AFTER if beyond else 0), questionnaire)
            return Outlook(Course.AHEAD, limit, beyond, days, judge(judgement.trial, then).verdict is not Verdict.FAILS)
    return None


def _stays(reason: Explanation, known: Known, questionnaire: Questionnaire) -> bool:
    """Whether these answers alone keep the patient out for good: one that grows takes any later value, and more may come to what was chosen of several."""
    then: dict[str, Possible | None] = {}
    for key in reason.because:
        told = known.get(key)
        if isinstance(told, Several):
            told = Several(told.sure, frozenset(questionnaire[key].labels) - told.sure)
        elif isinstance(told, Interval) and questionnaire[key].changes is Changes.GROWS:
            if _stands_still(key, told):
                return False
            told = replace(told, high=math.inf)
        then[key] = told
    return verdict_of(reason.criterion, questionnaire.settle(then)) is Verdict.FAILS


def closing(judgement: Judgement, known: Known, questionnaire: Questionnaire) -> Closing | None:
    """The first limit, within a year for age and within three months for other answers, beyond which a trial would no longer fit; None where none is."""
    coming = sorted(
        ((days, limit) for limit in _limits_of(judgement, known, questionnaire) if 0 <= (days := _days_until(limit, known, questionnaire)) <= _near(limit)),
        key=lambda pair: pair[0],
    )
    for days, limit in coming:
        for after in (Fraction(0), JUST_AFTER):
            if days + after and judge(judgement.trial, later(known, days + after, questionnaire)).verdict is Verdict.FAILS:
                return Closing(limit, days, within=not after)
    return None


def _near(limit: Limit) -> Fraction:
    return NEAR_AGE if limit.question == AGE else NEAR


def _limits_of(judgement: Judgement, known: Known, questionnaire: Questionnaire) -> Iterator[Limit]:
    """The limits of a trial to answers that grow and are exactly known."""
    exact = {
        key
        for key, told in known.items()
        if isinstance(told, Interval) and told.low == told.high and questionnaire[key].changes is Changes.GROWS and not _stands_still(key, told)
    }
    for criterion, verdict in zip(judgement.trial.criteria, judgement.criteria, strict=True):
        if criterion.rule is not None and verdict is not Verdict.FAILS:
            yield from limits(criterion.rule, questionnaire, exact)


def _days_until(limit: Limit, known: Known, questionnaire: Questionnaire) -> Fraction:
    told = known[limit.question]
    assert isinstance(told, Interval) and isinstance(told.low, Fraction)
    return (limit.bound - told.low) * DAYS[questionnaire[limit.question].unit]


def limits(rule: Rule, questionnaire: Questionnaire, keys: Iterable[str]) -> Iterator[Limit]:
    """The limits that a rule sets to these questions, which are numbers."""
    for comparison in comparisons(rule):
        if comparison.question in keys:
            question = questionnaire[comparison.question]
            for quantity in comparison.quantities:
                yield Limit(question.key, quantity, quantity.number * question.factors[quantity.unit or question.unit])


def later(known: Known, days: Fraction, questionnaire: Questionnaire) -> Known:
    """What is known of the patient so many days from now, if nothing but time changes."""
    grown: dict[str, Possible | None] = {}
    for key, told in known.items():
        question = questionnaire[key]
        if question.changes is Changes.GROWS and isinstance(told, Interval) and not _stands_still(key, told):
            grown[key] = _shifted(told, days / DAYS[question.unit])
    return _settled(grown, known, questionnaire)


def _stands_still(key: str, told: Interval) -> bool:
    return key != AGE and told.low == 0


def _shifted(told: Interval, grown: Fraction) -> Interval:
    return replace(told, low=told.low + grown, high=told.high + grown)


def _settled(changed: dict[str, Possible | None], known: Known, questionnaire: Questionnaire) -> Known:
    """What is known if these answers change (None: are taken back); what followed from others is settled anew."""
    left_out = questionnaire.left_out(known)
    told: dict[str, Possible | None] = {key: possible for key, possible in known.items() if key not in left_out or key in changed}
    return questionnaire.settle(told | changed)
