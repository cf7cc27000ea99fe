"""When no trial fits: which single answer rules out most, and what else there is."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import ngettext

from trials.catalog import is_from_memory
from trials.matching import count_possible
from trials.models import Trial
from trials.vocabulary import DIAGNOSIS

from .screening import Screening

MOST_COMING = 5
"""So many trials that are not open to all yet are named."""


@dataclass(frozen=True)
class Blocking:
    """An answer that rules trials out: what was asked and said, and how many trials would open without it, in words."""

    key: str
    said: str
    opens: str


@dataclass(frozen=True)
class NothingFits:
    """What stands on the results page in place of trials that fit."""

    blocking: Blocking | None
    coming: tuple[Trial, ...]
    elsewhere: str


def build(screening: Screening) -> NothingFits:
    """What can be said where no trial fits or may match. Judges all trials once for each answer given."""
    if screening.tried:
        return NothingFits(_blocking(screening), (), "")
    return NothingFits(_blocking(screening), _coming(screening), _elsewhere(screening))


def opened_without(screening: Screening) -> dict[str, int]:
    """For each answer but the condition, which nobody can choose: how many trials would not be ruled out without it; those that open none left out."""
    catalog, told = screening.catalog, screening.path.answers
    opened: dict[str, int] = {}
    for key, answer in told.items():
        if answer is not None and key != DIAGNOSIS:
            others = {other: given for other, given in told.items() if other != key}
            count = count_possible(catalog, screening.area, catalog.index.match(catalog.questionnaire.settle(others)))
            if count:
                opened[key] = count
    return opened


def _blocking(screening: Screening) -> Blocking | None:
    """The answer that rules out most; None where no single one does."""
    opened = opened_without(screening)
    if not opened:
        return None
    key = min(opened, key=lambda key: (-opened[key], screening.catalog.questionnaire[key].order, key))
    opens = ngettext(
        "If this were different, up to %(count)d trial could be possible.", "If this were different, up to %(count)d trials could be possible.", opened[key]
    )
    return Blocking(key, screening.said[key], opens % {"count": opened[key]})


def _coming(screening: Screening) -> tuple[Trial, ...]:
    """Trials for the condition (of the area, where it is not known) that have not opened yet, or that invite people."""
    if is_from_memory():
        return ()  # they are not in memory, and the rest of the page is
    found = Trial.objects.published().filter(status__in=("NOT_YET_RECRUITING", "ENROLLING_BY_INVITATION"))
    if screening.area:
        found = found.filter(areas__slug=screening.area)
    if screening.near_conditions:
        found = found.filter(conditions__key__in=screening.near_conditions).distinct()
    return tuple(found.order_by("nct_id")[:MOST_COMING])


def _elsewhere(screening: Screening) -> str:
    """How many trials of the other condition areas the answers do not rule out; "" where there are none."""
    if screening.area is None:
        return ""
    count = count_possible(screening.catalog, None, screening.path.matches)
    if not count:
        return ""
    return ngettext(
        "In the other condition areas, %(count)d trial is not ruled out by these answers.",
        "In the other condition areas, %(count)d trials are not ruled out by these answers.",
        count,
    ) % {"count": count}
