"""A screening -> the results page: three groups, the one reason that matters first, all criteria on demand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from trials.eligibility.explanations import Explanation
from trials.eligibility.verdicts import Verdict
from trials.matching import TrialMatch
from trials.models import Trial

from .screening import Screening
from .summary import Therapy, reason_line, said, therapies_for, therapy_text
from .trial_facts import cautions, status_text
from .wording import criterion_text, fit_text, more_text, question_text, reading


@dataclass(frozen=True)
class CriterionLine:
    """One criterion on the results page."""

    kind: str
    asks: str
    said: str
    reading: str
    verdict: str
    cohort: str


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
        criteria=tuple(_line(explanation, screening) for explanation in trial.explanations),
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


def _line(explanation: Explanation, screening: Screening) -> CriterionLine:
    criterion = explanation.criterion
    return CriterionLine(
        kind=_("Must be so") if criterion.kind == "inclusion" else _("Must not be so"),
        asks=criterion_text(criterion, screening.answers.who),
        said=said(explanation, screening),
        reading=reading(explanation.verdict),
        verdict="study_team" if explanation.verdict is None else explanation.verdict.slug,
        cohort=criterion.cohort or "",
    )
