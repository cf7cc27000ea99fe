"""A screening -> the results page: three groups, the one reason that matters first, all criteria on demand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from trials.eligibility.explanations import Explanation
from trials.eligibility.verdicts import CriterionKind, Verdict
from trials.matching import TrialMatch
from trials.models import Trial

from .screening import Screening
from .summary import Therapy, reason_line, said, therapies_for, therapy_text
from .trial_facts import cautions, status_text
from .wording import criterion_text, fit_text, more_text, question_text, reading


class CriterionLine(NamedTuple):
    """One criterion on the results page. ``kind`` names the cohort too, where it is of one; ``said`` is "" where nothing was asked."""

    kind: str
    asks: str
    said: str
    reading: str
    verdict: str


@dataclass(frozen=True)
class Result:
    """One trial on the results page."""

    trial: Trial
    status: str
    reason: str
    cautions: tuple[str, ...]
    cohort: str
    criteria: tuple[CriterionLine, ...]


@dataclass(frozen=True)
class ResultGroup:
    """The trials of one verdict, under the heading that a patient reads. ``more`` says how many are not shown; "" where all are."""

    slug: str
    heading: str
    count: int
    results: tuple[Result, ...]
    more: str


@dataclass(frozen=True)
class Results:
    """Everything on the results page."""

    groups: tuple[ResultGroup, ...]
    possible: int
    total: int
    therapies: tuple[Therapy, ...]


def build(screening: Screening, today: date) -> Results:
    """The results of a screening on this day."""
    groups = tuple(_group(verdict, screening, today) for verdict in sorted(Verdict, reverse=True))
    return Results(
        groups=groups,
        possible=sum(group.count for group in groups[:-1]),
        total=screening.matching.total,
        therapies=tuple(therapy_text(therapy) for therapy in therapies_for(screening)),
    )


def _group(verdict: Verdict, screening: Screening, today: date) -> ResultGroup:
    results = tuple(_result(trial, screening, today) for trial in screening.matching.with_verdict(verdict))
    left = screening.matching.not_shown(verdict)
    return ResultGroup(verdict.slug, fit_text(verdict, screening.answers.who), len(results) + left, results, more_text(verdict, left) if left else "")


def _result(trial: TrialMatch, screening: Screening, today: date) -> Result:
    return Result(
        trial=trial.listing,
        status=status_text(trial.listing, today),
        reason=_reason(trial, screening),
        cautions=cautions(trial.listing),
        cohort=trial.judgement.cohort or "",
        criteria=_lines(trial.explanations, screening),
    )


def _reason(trial: TrialMatch, screening: Screening) -> str:
    """The one thing to know first about a trial."""
    if trial.verdict is Verdict.FAILS:
        return reason_line(trial, screening)
    left = sum(explanation.verdict is None for explanation in trial.explanations)
    to_team = (
        ngettext("The study team will check %(count)d more point.", "The study team will check %(count)d more points.", left) % {"count": left} if left else ""
    )
    if trial.verdict is Verdict.PASSES:
        fits = sum(explanation.verdict is Verdict.PASSES for explanation in trial.explanations)
        return _("Your answers fit each of the %(count)d points that they can be checked against.") % {"count": fits} + (f" {to_team}" if to_team else "")
    open_ones = [explanation for explanation in trial.explanations if explanation.verdict is Verdict.UNKNOWN]
    if not open_ones:
        return _("Your answers fit so far. Not all of its criteria are known to us.") + (f" {to_team}" if to_team else "")
    keys = dict.fromkeys(key for explanation in open_ones for key in explanation.because)
    first = [question_text(screening.catalog.questionnaire[key], screening.answers.who) for key in list(keys)[:2]]
    return _("Needs checking first: %(questions)s") % {"questions": " ".join(first)}


def _lines(explanations: Sequence[Explanation], screening: Screening) -> tuple[CriterionLine, ...]:
    kinds = {CriterionKind.INCLUSION: _("Must be so"), CriterionKind.EXCLUSION: _("Must not be so")}
    readings = {verdict: reading(verdict) for verdict in (None, *Verdict)}
    return tuple(
        CriterionLine(
            kind=kinds[one.criterion.kind] + (f" ({one.criterion.cohort})" if one.criterion.cohort else ""),
            asks=criterion_text(one.criterion, screening.answers.who),
            said=said(one, screening) if one.because else "",
            reading=readings[one.verdict],
            verdict="study_team" if one.verdict is None else one.verdict.slug,
        )
        for one in explanations
    )
