"""A large index that is a little older than the records: trials changed since are masked in it and judged one by one, until the new index is there.

Which trials changed is told by the history of trials, criteria and cohorts. Questions are no part of it: where one of them changed so that rules
may read otherwise, the new index is waited for.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

import numpy as np
from django.conf import settings

from . import models, shared_index
from .eligibility.index import Index, Matches
from .eligibility.questionnaire import Known, Questionnaire
from .eligibility.rows import Ints

LARGE = 1_000
"""An index of fewer trials is made within a second or two, and waited for."""

MOST_CHANGED = 200
"""So many changed trials are judged one by one; if more changed, the new index is waited for."""

LONGEST_WRITE = timedelta(minutes=10)
"""A change is dated before it is committed; so much earlier than the index it may be and yet not be in it."""

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


def changed_since(made: datetime) -> set[int]:
    """The trials changed since then, by their keys in the database; some of them perhaps a little before. Not many more than matter."""
    since = made - LONGEST_WRITE
    found: set[int] = set()
    for history, key in ((models.Trial.history, "id"), (models.Criterion.history, "trial_id"), (models.Cohort.history, "trial_id")):
        found.update(history.filter(history_date__gte=since).order_by().values_list(key, flat=True).distinct()[: MOST_CHANGED + 1])
    return found


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


def make_in_background() -> None:
    """Has a process of its own make the index, so that this one's memory and requests are left alone; unless one is at it."""
    global _builder  # noqa: PLW0603 - to be asked when it is done
    if not is_being_made():
        _builder = subprocess.Popen(_command(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)  # noqa: S603 - our own program


def make_elsewhere() -> None:
    """The same, and waits for it."""
    subprocess.run(_command(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False)  # noqa: S603 - our own program


def _command() -> list[str]:
    return [sys.executable, str(settings.BASE_DIR / "manage.py"), "build_index"]


def is_being_made() -> bool:
    """Whether an index is being made, by our builder or by any other process of this machine."""
    return (_builder is not None and _builder.poll() is None) or shared_index.is_busy()
