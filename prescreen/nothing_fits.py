"""When no trial fits: which single answer rules out most, and what else there is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import ngettext

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

    blocking: tuple[Blocking, ...]
    coming: tuple[Trial, ...]
    elsewhere: str


def build(screening: Screening) -> NothingFits:
    """What can be said where no trial fits or may match. Judges all trials once for each answer given."""
    if screening.tried:
        return NothingFits(tuple(_blocking(screening)), (), "")
    return NothingFits(tuple(_blocking(screening)), _coming(screening), _elsewhere(screening))


def opened_without(screening: Screening) -> dict[str, int]:
    """For each question that was answered: how many trials would not be ruled out if that one answer were not known; those that open none left out."""
    catalog, told = screening.catalog, screening.path.answers
    opened: dict[str, int] = {}
    for key, answer in told.items():
        if answer is not None:
            others = {other: given for other, given in told.items() if other != key}
            count = count_possible(catalog, screening.area, catalog.index.match(catalog.questionnaire.settle(others)))
            if count:
                opened[key] = count
    return opened


def _blocking(screening: Screening) -> Iterator[Blocking]:
    """The answer that rules out most; of the condition, which nobody can choose, that is not said."""
    opened = opened_without(screening)
    opened.pop(DIAGNOSIS, None)
    ranked = sorted(opened, key=lambda key: (-opened[key], screening.catalog.questionnaire[key].order, key))
    for key in ranked[:1]:
        opens = ngettext(
            "If this were different, up to %(count)d trial could be possible.", "If this were different, up to %(count)d trials could be possible.", opened[key]
        )
        yield Blocking(key, screening.said[key], opens % {"count": opened[key]})


def _coming(screening: Screening) -> tuple[Trial, ...]:
    """Trials for the condition (of the area, where it is not known) that have not opened yet, or that invite people."""
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
