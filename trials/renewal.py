"""How the catalog is made: with the index that is there for the records, with an older one and what changed since, or with a new one."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from . import models, overlay, shared_index
from .as_judged import ReadRule, fingerprint, judged_trial, stored_questions
from .eligibility import judging
from .eligibility.index import Index
from .eligibility.questionnaire import Questionnaire
from .eligibility.rules import parse
from .shared_index import Stored, Versions
from .shelf import Kept, Shelf
from .snapshot import Catalog
from .vocabulary import OPEN_STATUSES

MOST_RULES = 5_000
"""So many rules are kept as they were read, for the trials that pages show."""

CHUNK = 500
"""So many trials at a time are read while the index is made."""

SEEN_BY_NOBODY = "apart"
"""The frame of a catalog of records that no other process sees."""

_STAMP = f'SELECT token, frame, epoch FROM "{models.CatalogStamp._meta.db_table}" ORDER BY id LIMIT 1'  # noqa: S608 - our own name


class Stamp(NamedTuple):
    """The state of the records: ``token`` of all, ``frame`` of all but the trials and their parts, ``epoch`` of what the history does not tell."""

    token: str
    frame: str
    epoch: str


def stamp() -> Stamp:
    """The state of the records now."""
    with connection.cursor() as cursor:  # the one query of every request: making it from objects would take longer than answering it
        cursor.execute(_STAMP)
        found = cursor.fetchone()
    return Stamp(*found) if found else Stamp("", "", "")


def renewed(previous: Catalog | None) -> Catalog:
    """The catalog of the records as they stand. What did not change since the previous one is taken over from it."""
    if _is_apart():
        return replace(_mapped(stamp(), None) or make_index(), frame=SEEN_BY_NOBODY)  # what is seen here may never come to be: nothing of it is taken over
    if found := _from_disk(previous):
        return found
    if _for_patients().count() >= overlay.LARGE:
        overlay.make_elsewhere()
        if found := _from_disk(previous):
            return found
    return make_index()


def make_index() -> Catalog:
    """The catalog with an index of the records as they stand now. Only one process of a machine makes it; the others wait, and map it."""
    is_apart = _is_apart()
    with shared_index.alone() as can_keep, _one_state():
        now = stamp()
        if can_keep and (found := _mapped(now, None)):
            return found
        questionnaire = Questionnaire(stored_questions())
        stored = _compiled(questionnaire, now.epoch)
        if can_keep and now.token and not is_apart:  # records that nobody else sees may never come to be
            shared_index.keep(now.token, stored)
            stored = shared_index.find(now.token, questionnaire) or stored
        return _catalog(now, questionnaire, stored)


def make_index_meanwhile() -> int:
    """Makes a new index on disk without holding up anybody who writes. Gives how many trials are in it.

    With SQLite's rollback journal nobody can write, nor then read, while somebody reads for long. So the records are read a few at a time. Where they
    changed meanwhile, the index is of no state of theirs; which trials changed is told by the history, as ever.
    """
    with shared_index.alone() as can_keep:
        before = stamp()
        stored = _compiled(Questionnaire(stored_questions()), before.epoch)
        if can_keep:
            shared_index.keep(before.token if stamp() == before else uuid.uuid4().hex, stored)
        return len(stored.index)


def openness(trial: models.Trial) -> int:
    """How open a trial is by its status: 0 is the most open."""
    return OPEN_STATUSES.index(trial.status) if trial.status in OPEN_STATUSES else len(OPEN_STATUSES)


def questionnaire_at(now: Stamp, known: Catalog | None) -> Questionnaire:
    """The questions at this state of the records: those of a catalog that is known, where none changed since, else as they are stored."""
    return known.questionnaire if known and known.frame == now.frame else Questionnaire(stored_questions())


def _from_disk(previous: Catalog | None) -> Catalog | None:
    """The catalog with an index that is there already, of this state or an older one."""
    with _one_state():
        now = stamp()
        return _mapped(now, previous) or _overlaid(now, previous)


def _mapped(now: Stamp, previous: Catalog | None) -> Catalog | None:
    if not shared_index.is_there(now.token):
        return None
    questionnaire = questionnaire_at(now, previous)
    stored = shared_index.find(now.token, questionnaire)
    return _catalog(now, questionnaire, stored, previous) if stored else None


def _overlaid(now: Stamp, previous: Catalog | None) -> Catalog | None:
    """The index made last, with the trials that are judged otherwise since masked in it and apart. A new one is made meanwhile, now and then."""
    questionnaire = questionnaire_at(now, previous)
    stored = shared_index.newest(questionnaire, previous.stored if previous and previous.questionnaire is questionnaire else None) if now.token else None
    if stored is None or len(stored.index) < overlay.SMALLEST or (stored.epoch, stored.asks) != (now.epoch, _asks(questionnaire)):
        return None
    if timezone.now() < stored.made:
        return None  # the clock was set back, so the history's dates do not tell what changed since
    made = _catalog(now, questionnaire, stored, previous)
    if made.versions is None or stored.versions is None:
        return None
    changed = overlay.changed_between(stored.versions, made.versions)
    numbers = sorted(_for_patients().filter(pk__in=changed).values_list("nct_id", flat=True))
    if len(numbers) > overlay.MOST_CHANGED:
        return None
    shown = {kept.listing.pk: kept for kept in made.take(numbers)}
    prints = {pk: fingerprint(kept.listing) for pk, kept in shown.items()}
    same = {pk for pk in shown if stored.print_of(pk) == prints[pk]}
    masked = overlay.rows_of(stored.keys, changed - same)
    apart = tuple(kept for pk, kept in shown.items() if pk not in same)
    is_behind = bool(len(masked) or apart)
    if overlay.is_due(stored.made, len(numbers)) and (is_behind or len(numbers) > overlay.MOST_CHANGED // 2):
        overlay.make_in_background()
    if not is_behind:
        return made
    told = [stored.content, masked.tolist(), *(prints[kept.listing.pk] for kept in apart)]
    return replace(made, state=_state(now, told), index=overlay.Masked(stored.index, masked), apart=apart, is_behind=True)


def _asks(questionnaire: Questionnaire) -> str:
    return overlay.asks(questionnaire, models.ConditionArea.objects.values_list("slug", flat=True))


def _state(now: Stamp, told: object) -> str:
    return hashlib.blake2b(f"{shared_index.program()} {now.frame} {told}".encode(), digest_size=12).hexdigest()


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


def _catalog(now: Stamp, questionnaire: Questionnaire, stored: Stored, previous: Catalog | None = None) -> Catalog:
    """The catalog with an index as it is. Where nothing but trials changed since the previous one, all else is taken over, and the trials that did not."""
    versions, state = overlay.versions_since(stored.made), _state(now, stored.content)
    if previous and previous.questionnaire is questionnaire:
        shelf = previous.shelf.without(_changed_since(previous, stored, versions))
        return replace(previous, token=now.token, state=state, stored=stored, index=stored.index, shelf=shelf, versions=versions, apart=(), is_behind=False)
    read = lru_cache(MOST_RULES)(lambda text: parse(text, questionnaire))
    return Catalog(
        token=now.token,
        frame=now.frame,
        state=state,
        questionnaire=questionnaire,
        stored=stored,
        index=stored.index,
        shelf=Shelf(lambda numbers: _shown(numbers, questionnaire, read)),
        areas={area.slug: area for area in models.ConditionArea.objects.all()},
        conditions={condition.key: condition for condition in models.Condition.objects.prefetch_related("areas").select_related("parent")},
        therapies=tuple(models.ApprovedTherapy.objects.select_related("area").prefetch_related("conditions")),
        versions=versions,
    )


def _changed_since(previous: Catalog, stored: Stored, versions: Versions | None) -> set[int] | None:
    """The trials changed since the previous catalog, by their keys in the database; None where they are too many to tell. ``versions`` are those of today."""
    if timezone.now() < previous.made:
        return None  # the clock was set back
    if previous.made != stored.made:
        versions = overlay.versions_since(previous.made)
    return None if versions is None or previous.versions is None else overlay.changed_between(previous.versions, versions)


def _for_patients() -> QuerySet[models.Trial]:
    return models.Trial.objects.published().open().defer("registry", "suggestions", "differences")


def _shown(numbers: Collection[str], questionnaire: Questionnaire, read: ReadRule) -> Iterable[Kept]:
    for trial in _for_patients().with_parts().filter(nct_id__in=numbers):
        yield Kept(trial, judged_trial(trial, questionnaire, for_patients=True, read=read))


def _compiled(questionnaire: Questionnaire, epoch: str) -> Stored:
    """The index of the published open trials, which are read in chunks; each distinct rule is read once."""
    read = lru_cache(None)(lambda text: parse(text, questionnaire))
    made = timezone.now()
    versions = overlay.versions_since(made)  # before anything else is read: what changes meanwhile is told by another version
    opennesses: list[int] = []
    keys: list[int] = []
    prints: list[int] = []

    def judged() -> Iterator[judging.Trial]:
        for trial in _one_by_one():
            opennesses.append(openness(trial))
            keys.append(trial.pk)
            prints.append(fingerprint(trial))
            yield judged_trial(trial, questionnaire, for_patients=True, read=read)

    index = Index.compile(questionnaire, judged())
    return Stored(index, np.array(opennesses, np.int8), np.array(keys, np.int64), np.array(prints, np.uint64), made, _asks(questionnaire), epoch, versions)


def _one_by_one() -> Iterator[models.Trial]:
    trials = _for_patients().defer("summary", "source").prefetch_related("areas", "cohorts", "criteria__cohort")
    last = ""
    while page := list(trials.filter(nct_id__gt=last).order_by("nct_id")[:CHUNK]):
        yield from page
        last = page[-1].nct_id
