"""Judging one trial: each criterion, each cohort, the whole. ``index`` gives the same verdicts for all trials at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .questions import Interval, OneOf, Possible, Several
from .rules import And, Comparison, Not, Rule
from .verdicts import CriterionKind, Truth, Verdict, apply_polarity


@dataclass(frozen=True)
class Criterion:
    """One criterion of a trial. No rule: the study team checks it. No cohort: it holds for all."""

    kind: CriterionKind
    text: str
    rule: Rule | None = None
    cohort: str | None = None
    plain: str = ""


@dataclass(frozen=True)
class Trial:
    """What the engine knows of a trial. ``complete`` is whether the record shows all of its criteria."""

    key: str
    criteria: tuple[Criterion, ...]
    cohorts: tuple[str, ...] = ()
    complete: bool = True
    areas: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Judgement:
    """The verdict on a trial and on each of its criteria (None: the study team checks). ``cohort`` is the best one, where one is left."""

    trial: Trial
    verdict: Verdict
    cohort: str | None
    criteria: tuple[Verdict | None, ...]


def truth_of(rule: Rule, known: Mapping[str, Possible]) -> Truth:
    """Whether the rule holds for all, none or some of what may be true of the patient."""
    match rule:
        case Comparison():
            truth = _compare(rule, known.get(rule.question))
            return ~truth if rule.negated else truth
        case Not():
            return ~truth_of(rule.rule, known)
        case And():
            return min(truth_of(part, known) for part in rule.rules)
        case _:
            return max(truth_of(part, known) for part in rule.rules)


def _compare(rule: Comparison, possible: Possible | None) -> Truth:
    inside = rule.inside
    if isinstance(possible, Interval) and isinstance(inside, Interval):
        return inside_interval(inside, possible)
    if isinstance(possible, OneOf) and isinstance(inside, frozenset):
        return inside_set(inside, possible)
    if isinstance(possible, Several):
        each = [includes(name, possible) for name in rule.names]
        return min(each) if rule.operator == "includes all of" else max(each)
    return Truth.UNKNOWN


def inside_interval(inside: Interval, possible: Interval) -> Truth:
    """Whether all, none or some of the possible numbers lie inside."""
    if inside.holds_all_of(possible):
        return Truth.TRUE
    return Truth.FALSE if inside.holds_none_of(possible) else Truth.UNKNOWN


def inside_set(inside: frozenset[str], possible: OneOf) -> Truth:
    """Whether all, none or some of the possible choices are among these."""
    if possible.keys <= inside:
        return Truth.TRUE
    return Truth.FALSE if possible.keys.isdisjoint(inside) else Truth.UNKNOWN


def includes(name: str, possible: Several) -> Truth:
    """Whether this choice is surely, surely not, or maybe among those that apply."""
    if name in possible.sure:
        return Truth.TRUE
    return Truth.UNKNOWN if name in possible.maybe else Truth.FALSE


def verdict_of(criterion: Criterion, known: Mapping[str, Possible]) -> Verdict | None:
    """The verdict on one criterion, or None where the study team checks it."""
    if criterion.rule is None:
        return None
    return apply_polarity(criterion.kind, truth_of(criterion.rule, known))


def judge(trial: Trial, known: Mapping[str, Possible]) -> Judgement:
    """The verdict on a trial for a patient of whom this much is known.

    A cohort counts with the criteria common to all. The best cohort makes the trial's verdict. A trial without a judged criterion, or
    whose record does not show all criteria, is at best UNKNOWN.
    """
    verdicts = tuple(verdict_of(criterion, known) for criterion in trial.criteria)
    by_cohort = {
        cohort: _worst_judged(verdict for criterion, verdict in zip(trial.criteria, verdicts, strict=True) if criterion.cohort in (None, cohort))
        for cohort in trial.cohorts or (None,)
    }
    best = max(by_cohort, key=lambda cohort: by_cohort[cohort])
    verdict = by_cohort[best] if trial.complete else Verdict.worst(by_cohort[best], Verdict.UNKNOWN)
    return Judgement(trial, verdict, None if verdict is Verdict.FAILS else best, verdicts)


def _worst_judged(verdicts: Iterable[Verdict | None]) -> Verdict:
    judged = [verdict for verdict in verdicts if verdict is not None]
    return Verdict.worst(*judged) if judged else Verdict.UNKNOWN
