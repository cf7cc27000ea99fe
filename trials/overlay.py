"""An index that is a little older than the records: trials judged otherwise since are masked in it and judged one by one, until a new index is there.

Which trials changed is told by the history of trials and their parts. Questions are no part of it: where one of them changed so that rules
may read otherwise, the new index is waited for.
"""

from __future__ import annotations

import hashlib
import math
import subprocess
import sys
import time
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

import numpy as np
from django.conf import settings
from django.db.models import Count, Max
from django.utils import timezone

from . import models, shared_index
from .eligibility.index import Index, Matches
from .eligibility.questionnaire import Known, Questionnaire
from .eligibility.rows import Ints
from .shared_index import Versions

SMALLEST = 100
"""An index of fewer trials is made at once."""

LARGE = 1_000
"""An index of so many is made by a process of its own, where it has to be waited for: what that takes of memory is given back."""

BETWEEN = timedelta(minutes=5)
"""While trials change, a new index is begun so long after the one before."""

MOST_CHANGED = 200
"""So many changed trials are read one by one; if more changed, the new index is waited for. It is begun when half as many did."""

MOST_TOLD = 10_000
"""Of so many trials with a change lately the versions are looked at. An import of more leaves no older index in use."""

LONGEST_WRITE = timedelta(minutes=10)
"""A change is dated before it is committed; so much earlier than the index it may be and yet not be in it."""

HISTORIES = ((models.Trial.history, "id"), *((part.history, "trial_id") for part in (models.Criterion, models.Cohort, models.Site)))

_begun = -math.inf
_builder: subprocess.Popen[bytes] | None = None


class Masked(Index):
    """An index without some of its rows."""

    def __init__(self, index: Index, rows: Ints) -> None:
        self.__dict__.update(index.__dict__)
        self.masked = rows
        self.areas = {slug: np.setdiff1d(inside, rows) for slug, inside in index.areas.items()}

    def rows_in(self, area: str | None) -> Ints:
        """The rows of an area, or all, without those that are masked."""
        return np.setdiff1d(super().rows_in(None), self.masked) if area is None else super().rows_in(area)

    def match(self, known: Known) -> Matches:
        """Judges the trials that are not masked."""
        found = super().match(known)
        left = np.flatnonzero(~np.isin(found.owners, self.masked))
        return Matches(self, known, found.truths, found.lanes[left], found.rows.take(left))


def versions_since(made: datetime) -> Versions | None:
    """The trials changed since then, some of them perhaps a little before, by their keys in the database. None where they are too many.

    A trial whose version is the same as before was not changed in between.
    """
    found: dict[int, list[tuple[int, int, int]]] = {}
    for part, (history, key) in enumerate(HISTORIES):
        rows = history.filter(history_date__gte=made - LONGEST_WRITE).order_by().values_list(key)
        for pk, count, last in rows.annotate(Count("history_id"), Max("history_id"))[: MOST_TOLD + 1]:
            found.setdefault(pk, []).append((part, count, last))
    return {pk: tuple(parts) for pk, parts in found.items()} if len(found) <= MOST_TOLD else None


def changed_between(before: Versions, after: Versions) -> set[int]:
    """The trials whose versions differ, by their keys in the database."""
    return {pk for pk in before.keys() | after.keys() if before.get(pk) != after.get(pk)}


def asks(questionnaire: Questionnaire, areas: Iterable[str]) -> str:
    """What rules and areas read of the questions; words that only people read are left out."""
    told = [
        (one.key, one.kind.value, one.unit, sorted(one.units.items()), one.min, one.max, [(choice.key, choice.parent) for choice in one.choices])
        for one in questionnaire.values()
    ]
    return hashlib.sha256(repr((told, sorted(areas))).encode()).hexdigest()


def rows_of(keys: Ints, changed: Collection[int]) -> Ints:
    """The rows of these trials."""
    return np.flatnonzero(np.isin(keys, np.array(sorted(changed), np.int64)))


def is_due(made: datetime, changed: int = 0) -> bool:
    """Whether it is time for a new index after the one of this time, since when so many trials changed, and none is being made."""
    rested = time.monotonic() - _begun >= BETWEEN.total_seconds() and abs(timezone.now() - made) >= BETWEEN
    return (rested or changed > MOST_CHANGED // 2) and not is_being_made()


def make_in_background() -> None:
    """Has a process of its own make the index, after everything else that the machine has to do; this one's memory and requests are left alone."""
    global _begun, _builder  # noqa: PLW0603 - to be asked when it is done
    _begun = time.monotonic()
    _builder = subprocess.Popen([*_command(), "--meanwhile"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)  # noqa: S603 - our own program


def make_elsewhere() -> None:
    """The same, and waits for it."""
    subprocess.run(_command(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False)  # noqa: S603 - our own program


def _command() -> list[str]:
    return [sys.executable, str(settings.BASE_DIR / "manage.py"), "build_index"]


def is_being_made() -> bool:
    """Whether an index is being made, by our builder or by any other process of this machine."""
    return (_builder is not None and _builder.poll() is None) or shared_index.is_busy()
