"""Up to three trials side by side."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from trials.matching import TrialMatch
from trials.models import Trial

from .changing import what_may_change
from .decide import before_you_decide
from .screening import Screening
from .trial_facts import follow_up_text, status_text
from .wording import fit_text, question_text

MOST = 3
"""So many columns can be read on paper and on a screen."""

MOST_OPEN = 5
MOST_PLACES = 3


@dataclass(frozen=True)
class Row:
    """One thing to compare: its name, and each trial with the lines that say it."""

    name: str
    cells: tuple[tuple[Trial, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Comparison:
    """The trials side by side. ``left_out`` says how many more were ticked than fit."""

    trials: tuple[Trial, ...]
    rows: tuple[Row, ...]
    left_out: int


def build(screening: Screening, ticked: Iterable[str], today: date) -> Comparison:
    """The first few of the trials ticked, in the order of the results; numbers that the results do not show are passed over."""
    chosen = set(ticked)
    found = [trial for trial in screening.matching.trials if trial.listing.nct_id in chosen]
    trials, who = found[:MOST], screening.answers.who
    silent, nothing = (_("The record does not say."),), ("—",)
    rows = (
        (_("Does it fit?"), [(fit_text(trial.verdict, who),) for trial in trials]),
        (_("Still open"), [_open_points(trial, screening) for trial in trials]),
        (_("What may change"), [(change,) if (change := what_may_change(trial, who)) else nothing for trial in trials]),
        (_("Status"), [(status_text(trial.listing, today),) for trial in trials]),
        (_("Phase"), [(trial.listing.phase_text,) if trial.listing.phase_text else silent for trial in trials]),
        (_("Approach"), [(str(trial.listing.get_approach_display()),) if trial.listing.approach else silent for trial in trials]),
        (_("How it is given"), [_how_given(trial.listing) or silent for trial in trials]),
        (_("Places"), [_places(trial.listing) or silent for trial in trials]),
        (_("Follow-up"), [(years,) if (years := follow_up_text(trial.listing)) else silent for trial in trials]),
        (_("Before you decide"), [before_you_decide(trial.listing) or silent for trial in trials]),
    )
    listings = tuple(trial.listing for trial in trials)
    told = (Row(name, tuple(zip(listings, cells, strict=True))) for name, cells in rows if set(cells) != {nothing})
    return Comparison(listings, tuple(told), len(found) - len(trials))


def _open_points(trial: TrialMatch, screening: Screening) -> tuple[str, ...]:
    """What needs checking, the first few questions; then how much the study team checks."""
    keys = trial.open_questions
    lines = [question_text(screening.catalog.questionnaire[key], screening.answers.who) for key in keys[:MOST_OPEN]]
    more = len(keys) - len(lines)
    if more:
        lines.append(ngettext("and %(count)d more question", "and %(count)d more questions", more) % {"count": more})
    to_team = len({one.criterion.text for one in trial.told if one.verdict is None})
    if to_team:
        lines.append(ngettext("The study team will check %(count)d point.", "The study team will check %(count)d points.", to_team) % {"count": to_team})
    return tuple(lines) or (_("Nothing that we know of."),)


def _how_given(trial: Trial) -> tuple[str, ...]:
    return tuple(str(part) for part in (trial.route, trial.get_delivery_display() if trial.delivery else "") if part)


def _places(trial: Trial) -> tuple[str, ...]:
    sites = trial.sites.all()
    lines = [str(site) for site in sites[:MOST_PLACES]]
    more = len(sites) - len(lines)
    return (*lines, *([_("and %(count)d more") % {"count": more}] if more else []))
