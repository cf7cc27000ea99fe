"""The catalog of questions and open trials as this process has it now. Its index is shared by all processes of a machine."""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from django.apps import apps
from django.apps.registry import Apps
from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations import Migration
from simple_history.models import HistoricalChanges

from . import models, overlay, renewal, shared_index
from .as_judged import engine_question, fingerprint, judged_trial, stored_questions
from .eligibility.index import Index
from .outage import is_outage
from .renewal import openness
from .shelf import Kept, Shelf
from .snapshot import Catalog

__all__ = (
    "Catalog",
    "current",
    "engine_question",
    "is_from_memory",
    "judged_trial",
    "note_change",
    "of_trial",
    "openness",
    "stored_questions",
    "touch",
    "touch_words",
)

logger = logging.getLogger(__name__)

REST = 2
"""Seconds for which a database that did not answer is not asked again; twice as long as it took to notice, where that is more."""

OF_A_TRIAL = (models.Trial, models.Trial.areas.through, models.Trial.conditions.through, models.Cohort, models.Criterion, models.Site, models.SamplePatient)
"""What a trial and its parts are kept in. Their history tells which trials changed."""

APART = (models.CatalogStamp, models.AuditEntry, models.InitialPassword)
"""What no page for patients shows."""

_lock = threading.Lock()
_current: Catalog | None = None
_away_until = 0.0


def current() -> Catalog:
    """The catalog as the records stand now. One small query tells whether there is a newer state.

    While the database is away it is the catalog that this process had last. Raises ``DatabaseError`` or ``InterfaceError`` where it had none.
    """
    global _away_until  # noqa: PLW0603 - one catalog a process is the point
    if _current is not None and is_from_memory():
        return _current
    began = time.monotonic()
    try:
        found = _newest()
    except (DatabaseError, InterfaceError) as fault:
        if _current is None or not is_outage(fault) or connection.in_atomic_block:
            raise
        logger.warning("the database is away; patients' pages go by the trials in memory")
        _away_until = time.monotonic() + max(REST, 2 * (time.monotonic() - began))
        connection.close()
        return _current
    _away_until = 0.0
    return found


def is_from_memory() -> bool:
    """Whether the database was away a moment ago, so that the catalog may be older than the records."""
    return time.monotonic() < _away_until


def _newest() -> Catalog:
    global _current  # noqa: PLW0603
    token = renewal.stamp().token
    found = _current
    if found is None or not _is_newest(found, token):
        with _lock:
            found = _current
            if found is None or not _is_newest(found, token):
                found = _current = renewal.renewed(found)
    return found


def _is_newest(found: Catalog, token: str) -> bool:
    return found.token == token and not (found.is_behind and (shared_index.is_there(token) or overlay.is_due(found.made)))


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
        state=f"{now.state} {fingerprint(trial)}",
        stored=replace(now.stored, index=index, openness=np.array([openness(trial)], np.int8)),
        index=index,
        shelf=Shelf(lambda numbers: [kept] if nct_id in numbers else []),
        apart=(),
        is_behind=False,
    )


def note_change(sender: type, **_kwargs: object) -> None:
    """Signal receiver: a change to any record of this app makes the catalog out of date, in the same transaction."""
    if sender._meta.app_label != "trials" or sender in APART or issubclass(sender, HistoricalChanges) or sender._meta.apps is not apps:
        return  # a migration has models of its own, as the tables once were; see `after_migrate`
    if sender in OF_A_TRIAL:
        _renew("token")
    else:
        touch_words()


def after_migrate(*, plan: Sequence[tuple[Migration, bool]] = (), **told: object) -> None:
    """Signal receiver: migrations of this app may have changed records."""
    if any(migration.app_label == "trials" for migration, _backwards in plan) and "epoch" in _columns_of_stamp(told["apps"]):
        touch()


def _columns_of_stamp(known: Apps) -> set[str]:
    """The columns of the stamp's table as the migrations left it."""
    try:
        return {field.name for field in known.get_model("trials", "CatalogStamp")._meta.fields}
    except LookupError:
        return set()


def touch() -> None:
    """Makes the catalog and every index out of date for every process, from its next request on. For writes that send no signals and leave no history."""
    _renew("token", "frame", "epoch")


def touch_words() -> None:
    """Has every process read anew what is not part of a trial, and what people read of the trials. For writes of words that send no signals."""
    _renew("token", "frame")


def _renew(*names: str) -> None:
    models.CatalogStamp.objects.update_or_create(pk=1, defaults={name: uuid.uuid4().hex for name in names})
