"""The catalog of questions and open trials. Its index is shared by all processes of a machine, and made anew once when a record changes."""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property, lru_cache
from operator import attrgetter

import numpy as np
from django.db import DatabaseError, InterfaceError, connection, transaction
from django.db.models import QuerySet
from django.utils import timezone
from numpy.typing import NDArray
from simple_history.models import HistoricalChanges

from . import models, overlay, shared_index
from .as_judged import ReadRule, engine_question, judged_trial, stored_questions
from .eligibility import judging
from .eligibility.index import Index
from .eligibility.questionnaire import Questionnaire
from .eligibility.rules import parse
from .outage import is_outage
from .shared_index import Stored
from .shelf import Kept, Shelf, View
from .vocabulary import OPEN_STATUSES

__all__ = ("Catalog", "current", "engine_question", "is_from_memory", "judged_trial", "note_change", "of_trial", "stored_questions", "touch")

logger = logging.getLogger(__name__)

MOST_RULES = 5_000
"""So many rules are kept as they were read, for the trials that pages show."""

CHUNK = 500
"""So many trials at a time are read while the index is made."""

_TOKEN = f'SELECT token FROM "{models.CatalogStamp._meta.db_table}" ORDER BY id LIMIT 1'  # noqa: S608 - our own name

REST = 2
"""Seconds for which a database that did not answer is not asked again: where its host is gone, each question waits for the time-out."""

_lock = threading.Lock()
_current: Catalog | None = None
_away_until = 0.0


@dataclass(frozen=True)
class Catalog:
    """What patients' pages need, at one state of the records. ``shelf`` holds the trials that were shown lately; the others are in the index alone.

    While a large index is made anew (``is_behind``), ``apart`` holds the trials changed since the old one, which is masked for them.
    ``state`` names the records, the program, and whatever else what is asked depends on: two catalogs of one state ask alike, on any machine.
    ``made`` is when the records of the index were read.
    """

    token: str
    state: str
    made: datetime
    questionnaire: Questionnaire
    index: Index
    openness: NDArray[np.int8]
    shelf: Shelf
    areas: dict[str, models.ConditionArea]
    conditions: dict[str, models.Condition]
    therapies: tuple[models.ApprovedTherapy, ...]
    apart: tuple[Kept, ...] = ()
    is_behind: bool = False

    @property
    def keys(self) -> NDArray[np.str_]:
        """The NCT numbers of all trials, in order."""
        if not self.is_behind:
            return self.index.keys
        return np.sort(np.concatenate((self.index.keys[self.index.rows_in(None)], [kept.judged.key for kept in self.apart])))

    def apart_in(self, area: str | None) -> list[Kept]:
        """Those of an area that the index does not have."""
        return [kept for kept in self.apart if area is None or area in kept.judged.areas]

    @cached_property
    def _areas_of_conditions(self) -> dict[str, frozenset[str]]:
        return {key: frozenset(area.slug for area in condition.areas.all()) for key, condition in self.conditions.items()}

    def is_in(self, condition: str, area: str | None) -> bool:
        """Whether a condition is one of an area; each is one of all areas together."""
        return area is None or area in self._areas_of_conditions[condition]

    @cached_property
    def apart_index(self) -> Index | None:
        """An index of those trials alone, for what to ask; None where there are none."""
        return Index.compile(self.questionnaire, [kept.judged for kept in self.apart]) if self.apart else None

    @property
    def listings(self) -> View[models.Trial]:
        """The published open trials (or the one being tried), by NCT number."""
        return View(self.keys, self.shelf, attrgetter("listing"))

    @property
    def judged(self) -> View[judging.Trial]:
        """The same trials as the engine knows them."""
        return View(self.keys, self.shelf, attrgetter("judged"))

    def read_ahead(self, count: int) -> None:
        """Reads a few more trials that nobody has asked for yet, until all are there or the shelf is full."""
        self.shelf.read_ahead(map(str, self.keys), count)

    def take(self, numbers: Collection[str]) -> Iterable[Kept]:
        """These trials, in this order; those that are not there yet are read at once."""
        return self.shelf.take(numbers).values()


def current() -> Catalog:
    """The catalog as the records stand now. One small query tells whether there is a newer state.

    While the database is away it is the catalog that this process had last. Raises ``DatabaseError`` or ``InterfaceError`` where it had none.
    """
    global _away_until  # noqa: PLW0603 - one catalog a process is the point
    if _current is not None and is_from_memory():
        return _current
    try:
        found = _newest()
    except (DatabaseError, InterfaceError) as fault:
        if _current is None or not is_outage(fault) or connection.in_atomic_block:
            raise
        logger.warning("the database is away; patients' pages go by the trials in memory")
        _away_until = time.monotonic() + REST
        connection.close()
        return _current
    _away_until = 0.0
    return found


def is_from_memory() -> bool:
    """Whether the database was away a moment ago, so that the catalog may be older than the records."""
    return time.monotonic() < _away_until


def _newest() -> Catalog:
    global _current  # noqa: PLW0603
    token = _token()
    found = _current
    if found is None or not _is_newest(found, token):
        with _lock:
            found = _current
            if found is None or not _is_newest(found, token):
                found = _current = _renewed()
    return found


def _is_newest(found: Catalog, token: str) -> bool:
    return found.token == token and not (found.is_behind and (shared_index.is_there(token) or not overlay.is_being_made()))


def of_trial(nct_id: str) -> Catalog | None:
    """The catalog with one trial alone, whatever its status, published or not, judged by its rules as they stand. None where there is no such trial."""
    now = current()  # before the trial: what is found with a newer trial must not pass for what the newer state gives
    trial = models.Trial.objects.with_parts().filter(nct_id=nct_id).first()
    if trial is None:
        return None
    kept = Kept(trial, judged_trial(trial, now.questionnaire))
    index = Index.compile(now.questionnaire, [kept.judged])
    return replace(
        now,
        state=f"{now.state} {nct_id}",
        index=index,
        openness=np.array([openness(trial)], np.int8),
        shelf=Shelf(lambda numbers: [kept] if nct_id in numbers else []),
        apart=(),
        is_behind=False,
    )


def note_change(sender: type, **_kwargs: object) -> None:
    """Signal receiver: a change to any record of this app makes the catalog out of date, in the same transaction."""
    if sender._meta.app_label == "trials" and sender not in (models.CatalogStamp, models.AuditEntry) and not issubclass(sender, HistoricalChanges):
        touch()


def touch() -> None:
    """Makes the catalog out of date for every process, from its next request on. For writes that send no signals."""
    models.CatalogStamp.objects.update_or_create(pk=1, defaults={"token": uuid.uuid4().hex})


def openness(trial: models.Trial) -> int:
    """How open a trial is by its status: 0 is the most open."""
    return OPEN_STATUSES.index(trial.status) if trial.status in OPEN_STATUSES else len(OPEN_STATUSES)


def _token() -> str:
    with connection.cursor() as cursor:  # the one query of every request: making it from objects would take longer than answering it
        cursor.execute(_TOKEN)
        found = cursor.fetchone()
    return found[0] if found else ""


def _renewed() -> Catalog:
    """The catalog with the index that is there for the records, or with a new one, or with an old large one until the new one is made."""
    is_shared = not _is_apart()
    with _one_state():
        if found := _mapped() or (_overlaid() if is_shared else None):
            return found
        is_large = is_shared and _for_patients().count() >= overlay.LARGE
    if is_large:
        overlay.make_elsewhere()
        with _one_state():
            if found := _mapped() or _overlaid():
                return found
    return make_index()


def make_index() -> Catalog:
    """The catalog with an index of the records as they stand now. Only one process of a machine makes it; the others wait, and map it."""
    with shared_index.alone() as can_keep, _one_state():
        if can_keep and (found := _mapped()):
            return found
        token, questionnaire = _token(), Questionnaire(stored_questions())
        stored = _compiled(questionnaire)
        if can_keep and token:
            shared_index.keep(token, stored)
            stored = shared_index.find(token, questionnaire) or stored
        return _catalog(token, questionnaire, stored)


def _mapped() -> Catalog | None:
    token = _token()
    if not shared_index.is_there(token):
        return None
    questionnaire = Questionnaire(stored_questions())
    stored = shared_index.find(token, questionnaire)
    return _catalog(token, questionnaire, stored) if stored else None


def _overlaid() -> Catalog | None:
    """A large index of a little earlier, with what changed since apart; meanwhile the new one is made."""
    token, questionnaire = _token(), Questionnaire(stored_questions())
    stored = shared_index.newest(questionnaire) if token else None
    if stored is None or len(stored.index) < overlay.LARGE or stored.asks != _asks(questionnaire):
        return None
    if timezone.now() < stored.made:
        return None  # the clock was set back, so the history's dates do not tell what changed since
    changed = overlay.changed_since(stored.made)
    if len(changed) > overlay.MOST_CHANGED:
        return None
    overlay.make_in_background()
    now = _catalog(token, questionnaire, stored)
    numbers = _for_patients().filter(pk__in=changed).values_list("nct_id", flat=True)
    index = overlay.Masked(stored.index, overlay.rows_of(stored.keys, changed))
    state = f"{now.state} {stored.made.isoformat()}"
    return replace(now, state=state, index=index, apart=tuple(now.take(sorted(numbers))), is_behind=True)


def _asks(questionnaire: Questionnaire) -> str:
    return overlay.asks(questionnaire, models.ConditionArea.objects.values_list("slug", flat=True))


def _is_apart() -> bool:
    """Whether no other process sees the records as we do: inside a transaction, or in a database in memory."""
    return connection.in_atomic_block or (connection.vendor == "sqlite" and connection.is_in_memory_db())


@contextmanager
def _one_state() -> Iterator[None]:
    """Everything read inside is of one state of the records; nobody who writes has to wait."""
    if _is_apart():
        yield
    elif connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("BEGIN DEFERRED")  # `atomic` would be a transaction that writes
            try:
                yield
            finally:
                cursor.execute("ROLLBACK")
    else:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield


def _catalog(token: str, questionnaire: Questionnaire, stored: Stored) -> Catalog:
    read = lru_cache(MOST_RULES)(lambda text: parse(text, questionnaire))
    return Catalog(
        token=token,
        state=f"{token} {shared_index.program()}",
        made=stored.made,
        questionnaire=questionnaire,
        index=stored.index,
        openness=stored.openness,
        shelf=Shelf(lambda numbers: _shown(numbers, questionnaire, read)),
        areas={area.slug: area for area in models.ConditionArea.objects.all()},
        conditions={condition.key: condition for condition in models.Condition.objects.prefetch_related("areas").select_related("parent")},
        therapies=tuple(models.ApprovedTherapy.objects.select_related("area").prefetch_related("conditions")),
    )


def _for_patients() -> QuerySet[models.Trial]:
    return models.Trial.objects.published().open().defer("registry", "suggestions", "differences")


def _shown(numbers: Collection[str], questionnaire: Questionnaire, read: ReadRule) -> Iterable[Kept]:
    for trial in _for_patients().with_parts().filter(nct_id__in=numbers):
        yield Kept(trial, judged_trial(trial, questionnaire, for_patients=True, read=read))


def _compiled(questionnaire: Questionnaire) -> Stored:
    """The index of the published open trials, which are read in chunks; each distinct rule is read once."""
    read = lru_cache(None)(lambda text: parse(text, questionnaire))
    made = timezone.now()
    opennesses: list[int] = []
    keys: list[int] = []

    def judged() -> Iterator[judging.Trial]:
        trials = _for_patients().defer("summary", "source", "registry", "suggestions", "differences").prefetch_related("areas", "cohorts", "criteria__cohort")
        for trial in trials.order_by("nct_id").iterator(chunk_size=CHUNK):
            opennesses.append(openness(trial))
            keys.append(trial.pk)
            yield judged_trial(trial, questionnaire, for_patients=True, read=read)

    index = Index.compile(questionnaire, judged())
    return Stored(index, np.array(opennesses, np.int8), np.array(keys, np.int64), made, _asks(questionnaire))
