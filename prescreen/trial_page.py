"""A trial -> its public page, fit to share and to print: what it is, its criteria in plain words with the original beside, its places, what to do next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.utils.text import Truncator
from django.utils.translation import gettext as _

from trials.models import Condition, Criterion, Site, Trial
from trials.models.trials import STATUS_LABELS

from .decide import before_you_decide
from .trial_facts import cautions, status_text, trial_facts
from .wording import in_language

DESCRIPTION = 160
"""Search engines and messengers show about so many signs of a description."""

REGISTRY = "https://clinicaltrials.gov/study/"


class CriterionLine(NamedTuple):
    """A criterion in plain words and as it is listed. ``original`` is "" where there are no other words for it."""

    text: str
    original: str
    cohort: str


class CriterionGroup(NamedTuple):
    """The criteria of one kind, under a heading."""

    heading: str
    lines: tuple[CriterionLine, ...]


class PlaceLine(NamedTuple):
    """A place, and its status as the record has it."""

    name: str
    status: str


@dataclass(frozen=True)
class TrialPage:
    """Everything on the page of one trial. ``description`` is for search engines and messengers."""

    trial: Trial
    description: str
    status: str
    facts: tuple[tuple[str, str], ...]
    cautions: tuple[str, ...]
    conditions: tuple[Condition, ...]
    decide: tuple[str, ...]
    criteria: tuple[CriterionGroup, ...]
    places: dict[str, tuple[PlaceLine, ...]]
    contact: str
    record: str


def build(trial: Trial, today: date) -> TrialPage:
    """The page of a trial on this day."""
    return TrialPage(
        trial=trial,
        description=Truncator(f"{trial.get_status_display()}. {in_language(trial.summary)}".strip()).chars(DESCRIPTION),
        status=status_text(trial, today),
        facts=trial_facts(trial, today, with_places=False)[1:],  # the status stands above
        cautions=cautions(trial),
        conditions=tuple(trial.conditions.all()),
        decide=() if trial.is_closed else before_you_decide(trial),
        criteria=_criteria(trial),
        places=_places(trial),
        contact=", ".join(part for part in (trial.contact_name, trial.contact_phone, trial.contact_email) if part),
        record=REGISTRY + trial.nct_id,
    )


def _criteria(trial: Trial) -> tuple[CriterionGroup, ...]:
    kinds = {
        "inclusion": _("What must be so"),
        "exclusion": _("What must not be so"),
        Criterion.UNCLEAR: _("Other points of the record: the trial team knows how they are meant"),
    }
    cohorts = [cohort.name for cohort in trial.cohorts.all()]
    lines = {kind: _lines([criterion for criterion in trial.criteria.all() if criterion.kind == kind], cohorts) for kind in kinds}
    return tuple(CriterionGroup(kinds[kind], found) for kind, found in lines.items() if found)


def _lines(criteria: Iterable[Criterion], cohorts: Sequence[str]) -> tuple[CriterionLine, ...]:
    """Each criterion once: one that stands in several cohorts names them, unless it stands in all, as one on the eye to be treated does."""
    every = {*cohorts} if len(cohorts) > 1 else {""}
    found: dict[tuple[str, str], list[str]] = {}
    for criterion in criteria:
        line = _line(criterion)
        found.setdefault((line.text, line.original), []).append(line.cohort)
    return tuple(CriterionLine(*words, "" if "" in named or every <= {*named} else _together(named, cohorts)) for words, named in found.items())


def _together(named: Iterable[str], cohorts: Iterable[str]) -> str:
    """The names of these cohorts; "Group 1" instead of "Group 1, right eye" and "Group 1, left eye", where those are all of it."""
    parts: dict[str, set[str]] = {}
    for name in cohorts:
        parts.setdefault(name.rpartition(", ")[0] or name, set()).add(name)
    whole = {name: group for group, names in parts.items() if len(names) > 1 and names <= {*named} for name in names}
    return "; ".join(dict.fromkeys(whole.get(name, name) for name in named))


def _line(criterion: Criterion) -> CriterionLine:
    """Plain words that a coordinator has not looked at since the registry changed the criterion are left out: they may say what is no longer so."""
    original = _(criterion.whole_text)
    plain = "" if criterion.needs_review else in_language(criterion.plain)
    return CriterionLine(plain or original, original if plain and plain != original else "", criterion.cohort.name if criterion.cohort else "")


def _places(trial: Trial) -> dict[str, tuple[PlaceLine, ...]]:
    """The places by country. A closed trial is closed everywhere, whatever was last noted about a place."""
    found: dict[str, list[PlaceLine]] = {}
    for site in trial.sites.all():
        name = ", ".join(part for part in (site.facility, site.city, site.state) if part)
        status = "" if trial.is_closed else _site_status(site)
        found.setdefault(_(site.country) if site.country else _("Country not known"), []).append(PlaceLine(name or _("Place not named"), status))
    return {country: tuple(lines) for country, lines in found.items()}


def _site_status(site: Site) -> str:
    return str(STATUS_LABELS.get(site.status, _("Status not known")))
