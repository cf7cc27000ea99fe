"""A paper's code -> the provider's page: the same answers against today's listings, what changed since, and each criterion to be marked."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from trials import catalog
from trials.eligibility.judging import judge
from trials.eligibility.questionnaire import Answers
from trials.eligibility.questions import AnswerError
from trials.eligibility.verdicts import Verdict
from trials.matching import TrialMatch
from trials.models import Trial

from . import summary
from .facts import FactGroup, by_source, to_bring
from .paper_code import OnPaper
from .path import Path
from .screening import SHOWN, Screening
from .trial_facts import status_text
from .wording import reading

OPEN_FIRST = ("unknown", "study_team", "fails", "passes")
"""The order in which a provider looks at points."""


@dataclass(frozen=True)
class Reopened(Screening):
    """The screening of a paper. All its answers count, whatever would be asked today and in which order: nobody is there to be asked more."""

    @cached_property
    def path(self) -> Path:
        """The answers that the questions of today can still take."""
        read: Answers = {}
        for key, question in self.catalog.questionnaire.items():
            if key in self.given:
                try:
                    read[key] = question.read(self.given[key])
                except AnswerError:
                    continue
        return Path(self.catalog.index, read, None)

    @property
    def lost(self) -> int:
        """How many answers belong to questions that changed or are gone."""
        return len(self.answers.given.keys() - self.path.answers.keys())


@dataclass(frozen=True)
class Change:
    """What is different about one trial."""

    number: str
    title: str
    text: str


@dataclass(frozen=True)
class Changes:
    """What changed since the paper was made. ``new`` is None where the paper did not hold all trials, so that new ones cannot be told."""

    closed: tuple[Change, ...]
    changed: tuple[Change, ...]
    new: tuple[Change, ...] | None
    same: int

    @property
    def any(self) -> bool:
        """Whether anything changed."""
        return bool(self.closed or self.changed or self.new)


@dataclass(frozen=True)
class Point:
    """One criterion to be marked. ``name`` is that of its field, and changes with the criterion, so that no mark moves to another one."""

    name: str
    row: summary.Row
    mark: str


@dataclass(frozen=True)
class Sheet:
    """One trial of the paper as it stands today; the points that are still open come first. ``tally`` counts them by our reading."""

    trial: summary.TrialSheet
    fit: str
    points: tuple[Point, ...]
    tally: str


@dataclass(frozen=True)
class ProviderPage:
    """Everything on the provider's page."""

    made_on: str
    until: str
    today: str
    days: int
    area: str
    condition: str
    for_whom: str
    counts: str
    lost: str
    changes: Changes
    had_trials: bool
    sheets: tuple[Sheet, ...]
    facts: tuple[FactGroup, ...]
    answers: tuple[summary.Answered, ...]
    marked: str
    ordered: tuple[str, ...]


def marks() -> dict[str, str]:
    """What a provider can say about a point: the field's value, and its words."""
    return {"": _("not marked"), "confirmed": _("confirmed"), "not_met": _("not met"), "ordered": _("test ordered")}


def build(on_paper: OnPaper, sent: Mapping[str, str], today: date) -> ProviderPage:
    """The provider's page on this day, with the marks that were sent."""
    screening = Reopened(on_paper.answers, catalog.current())
    listed = {kept.listing.nct_id: kept for kept in screening.catalog.take(tuple(on_paper.verdicts))}
    known, questionnaire = screening.path.matches.known, screening.catalog.questionnaire
    trials = {number: TrialMatch(kept.listing, judge(kept.judged, known), known, questionnaire) for number, kept in listed.items()}
    picked = [trials[number] for number in on_paper.answers.picked or () if number in trials]
    sheets = tuple(_sheet(trial, screening, sent, today) for trial in picked)
    area = screening.catalog.areas.get(screening.area or "")
    marked = Counter(point.mark for sheet in sheets for point in sheet.points)
    return ProviderPage(
        made_on=date_format(on_paper.made_on, "F j, Y"),
        until=date_format(on_paper.works_until, "F j, Y"),
        today=date_format(today, "F j, Y"),
        days=(today - on_paper.made_on).days,
        area=_(area.name) if area else _("All condition areas"),
        condition=summary.condition_text(screening),
        for_whom=summary.for_whom_text(screening),
        counts=_counts(screening),
        lost=_lost(screening.lost),
        changes=_changes(on_paper, trials, screening, today),
        had_trials=bool(on_paper.answers.picked),
        sheets=sheets,
        facts=by_source(to_bring(screening, picked)),
        answers=summary.answered(screening),
        marked=_marked(marked) if any(point.mark for sheet in sheets for point in sheet.points) else "",
        ordered=tuple(f"{sheet.trial.number}: {point.row.asks}" for sheet in sheets for point in sheet.points if point.mark == "ordered"),
    )


def _sheet(trial: TrialMatch, screening: Screening, sent: Mapping[str, str], today: date) -> Sheet:
    shown = summary.sheet(trial, screening, today)
    points = [Point(name, row, sent.get(name, "") if sent.get(name) in marks() else "") for name, row in _named(shown)]
    return Sheet(shown, _fit(trial.verdict), tuple(sorted(points, key=lambda point: OPEN_FIRST.index(point.row.verdict))), _tally(shown.rows))


def _named(shown: summary.TrialSheet) -> Iterable[tuple[str, summary.Row]]:
    for place, row in enumerate(shown.rows, 1):
        words = zlib.crc32(f"{row.kind} {row.cohort} {row.asks}".encode())
        yield f"{shown.number}-{place}-{words:08x}", row


def _fit(verdict: Verdict) -> str:
    """A verdict in words for somebody who is not the patient."""
    return {
        Verdict.PASSES: _("The answers fit what this trial asks"),
        Verdict.UNKNOWN: _("May match: some answers need checking"),
        Verdict.FAILS: _("Probably not a match right now"),
    }[verdict]


def _counts(screening: Screening) -> str:
    fits, maybe, no = (screening.matching.counts[verdict] for verdict in (Verdict.PASSES, Verdict.UNKNOWN, Verdict.FAILS))
    return _("%(fits)d fit the answers, %(maybe)d may match, %(no)d probably do not match right now.") % {"fits": fits, "maybe": maybe, "no": no}


def _tally(rows: Iterable[summary.Row]) -> str:
    found = Counter(row.verdict for row in rows)
    words = {"unknown": reading(Verdict.UNKNOWN), "study_team": reading(None), "fails": reading(Verdict.FAILS), "passes": reading(Verdict.PASSES)}
    return " · ".join(f"{words[slug]}: {found[slug]}" for slug in OPEN_FIRST if found[slug])


def _marked(found: Counter[str]) -> str:
    return " · ".join(f"{words}: {found[value]}" for value, words in marks().items() if found[value])


def _lost(count: int) -> str:
    if not count:
        return ""
    text = ngettext(
        "%(count)d answer of the paper is not used: its question has changed.",
        "%(count)d answers of the paper are not used: their questions have changed.",
        count,
    )
    return text % {"count": count}


def _changes(on_paper: OnPaper, trials: Mapping[str, TrialMatch], screening: Screening, today: date) -> Changes:
    """What is told apart: trials that closed or are gone, whose verdict is another one, and those that may match now and were not there."""
    then = on_paper.verdicts
    missing = [number for number in then if number not in trials]
    closed = {trial.nct_id: trial for trial in Trial.objects.published().filter(nct_id__in=missing)} if missing else {}
    changed = {number: trial for number, trial in trials.items() if trial.verdict is not then[number]}
    new = [trial for trial in screening.matching.trials if trial.listing.nct_id in screening.pickable and trial.listing.nct_id not in then]
    template = _("The paper said: %(then)s. Now: %(now)s.")
    return Changes(
        closed=tuple(
            Change(number, closed[number].title, status_text(closed[number], today))
            if number in closed
            else Change(number, "", _("We no longer list this trial. Look it up at ClinicalTrials.gov by its number."))
            for number in missing
        ),
        changed=tuple(
            Change(number, trial.listing.title, template % {"then": _fit(then[number]), "now": _fit(trial.verdict)}) for number, trial in changed.items()
        ),
        new=None if len(then) >= SHOWN.possible else tuple(Change(trial.listing.nct_id, trial.listing.title, _fit(trial.verdict)) for trial in new),
        same=len(trials) - len(changed),
    )
