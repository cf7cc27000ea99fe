"""A screening -> the results page: three groups, the one reason that matters first, all criteria on demand."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from trials.catalog import openness
from trials.eligibility.explanations import Explanation
from trials.eligibility.verdicts import CriterionKind, Verdict
from trials.matching import TrialMatch
from trials.models import Trial

from . import facts, nothing_fits
from .changing import what_may_change
from .decide import before_you_decide
from .screening import Screening
from .summary import Therapy, said, therapies_for, therapy_text
from .trial_facts import cautions, status_text
from .wording import criterion_text, fit_text, in_language, more_text, question_text, reading

LONG_SUMMARY = 240
"""Of a summary of more characters than this only the first two sentences are shown."""

SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z“\"])")


class CriterionLine(NamedTuple):
    """One criterion on the results page. ``kind`` names the cohort too, where it is of one; ``said`` is "" where nothing was asked."""

    kind: str
    asks: str
    said: str
    reading: str
    verdict: str


@dataclass(frozen=True)
class Result:
    """One trial on the results page. ``change`` says what time can change ("" where nothing is sure), ``decide`` what taking part brings with it."""

    trial: Trial
    status: str
    summary: str
    distance: str
    reason: str
    change: str
    decide: tuple[str, ...]
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
    """Everything on the results page. ``nothing`` is what can be said where no trial fits or may match."""

    groups: tuple[ResultGroup, ...]
    possible: int
    total: int
    therapies: tuple[Therapy, ...]
    facts: tuple[facts.FactGroup, ...]
    nothing: nothing_fits.NothingFits | None

    @property
    def can_compare(self) -> bool:
        """Whether there are at least two trials to lay side by side."""
        return sum(len(group.results) for group in self.groups[:-1]) > 1


def build(screening: Screening, today: date) -> Results:
    """The results of a screening on this day. Where the patient said where they live, trials that fit alike and are as open stand nearest first."""
    groups = tuple(_group(verdict, screening, today) for verdict in sorted(Verdict, reverse=True))
    possible = sum(group.count for group in groups[:-1])
    return Results(
        groups=groups,
        possible=possible,
        total=screening.matching.total,
        therapies=tuple(therapy_text(therapy) for therapy in therapies_for(screening)),
        facts=facts.of_results(screening) if possible else (),
        nothing=None if possible or not screening.matching.total else nothing_fits.build(screening),
    )


def _group(verdict: Verdict, screening: Screening, today: date) -> ResultGroup:
    trials = screening.matching.with_verdict(verdict)
    if (nearness := screening.nearness) and verdict is not Verdict.FAILS:
        trials = sorted(trials, key=lambda trial: (openness(trial.listing), nearness.distance_or_beyond(trial.listing), trial.rank))
    results = tuple(_result(trial, screening, today) for trial in trials)
    left = screening.matching.not_shown(verdict)
    return ResultGroup(verdict.slug, fit_text(verdict, screening.answers.who), len(results) + left, results, more_text(verdict, left) if left else "")


def _result(trial: TrialMatch, screening: Screening, today: date) -> Result:
    return Result(
        trial=trial.listing,
        status=status_text(trial.listing, today),
        summary=in_short(in_language(trial.listing.summary)),
        distance=screening.nearness.text(trial.listing) if screening.nearness and trial.verdict is not Verdict.FAILS else "",
        reason=_reason(trial, screening),
        change=what_may_change(trial, screening.answers.who),
        decide=() if trial.verdict is Verdict.FAILS else before_you_decide(trial.listing),
        cautions=cautions(trial.listing),
        cohort=trial.judgement.cohort or "",
        criteria=_lines(trial.told, screening),
    )


def in_short(summary: str) -> str:
    """What a trial is: its summary, or the first two sentences of a long one."""
    return summary if len(summary) <= LONG_SUMMARY else " ".join(SENTENCE_END.split(summary)[:2])


def _because(reason: Explanation, screening: Screening) -> str:
    """The smallest cause of a "probably not": what was said, and what the trial asks."""
    template = (
        _("because you said %(said)s. The trial asks: %(asks)s.")
        if reason.criterion.kind is CriterionKind.INCLUSION
        else _("because you said %(said)s. The trial leaves out: %(asks)s.")
    )
    answers = f" {_('and')} ".join(f"“{part}”" for part in said_parts(reason, screening))
    return template % {"said": answers, "asks": criterion_text(reason.criterion, screening.answers.who).rstrip(".")}


def said_parts(explanation: Explanation, screening: Screening) -> list[str]:
    """Each answer behind a verdict, with its question."""
    questionnaire, who = screening.catalog.questionnaire, screening.answers.who
    return [screening.said.get(key) or question_text(questionnaire[key], who) for key in explanation.because]


def _reason(trial: TrialMatch, screening: Screening) -> str:
    """The one thing to know first about a trial."""
    if trial.reason is not None:
        return _because(trial.reason, screening)
    left = len({explanation.criterion.text for explanation in trial.told if explanation.verdict is None})
    to_team = (
        ngettext("The study team will check %(count)d more point.", "The study team will check %(count)d more points.", left) % {"count": left} if left else ""
    )
    if trial.verdict is Verdict.PASSES:
        fits = len({explanation.criterion.text for explanation in trial.told if explanation.verdict is Verdict.PASSES})
        return _("Your answers fit each of the %(count)d points that they can be checked against.") % {"count": fits} + (f" {to_team}" if to_team else "")
    if not trial.open_questions:
        return _("Your answers fit so far. Not all of its criteria are known to us.") + (f" {to_team}" if to_team else "")
    first = [question_text(screening.catalog.questionnaire[key], screening.answers.who) for key in trial.open_questions[:2]]
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
