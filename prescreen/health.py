"""Whether this process can serve patients, and how old what it goes by is. Nothing here is secret, and nothing is about a patient."""

from __future__ import annotations

import time
from datetime import date, timedelta
from typing import Any

from django.db import DatabaseError, InterfaceError
from django.db.models import Min
from django.utils import timezone

from trials import catalog
from trials.models import Trial
from trials.vocabulary import FRESH_DAYS

AHEAD = 50
"""So many trials are read at each call, until all are in memory: what is there can be shown while the database is away."""


_hangs_until = 0.0


def examine(today: date) -> dict[str, Any]:
    """``status`` is "ok", "from memory" (the database is away, patients are served all the same) or "down" (and ``ready`` is false).

    ``index`` is the age of the index in seconds, and whether it is being made anew; ``registry`` tells of the open trials that patients see the day of
    the longest unchecked one, and how many were not checked for 90 days. Both are None where they cannot be told.
    """
    global _hangs_until  # noqa: PLW0603 - where tables hang, this process asks for them now and then only
    found: dict[str, Any] = {"status": "down", "live": True, "ready": False, "database": False, "trials": 0, "index": None, "registry": None}
    try:
        now = catalog.current()
    except (DatabaseError, InterfaceError):
        return found
    age = max(timedelta(0), timezone.now() - now.made)  # a clock that was set back makes nothing younger than new
    found |= {
        "status": "from memory",
        "ready": True,
        "trials": len(now.keys),
        "index": {"age_seconds": round(age.total_seconds()), "is_behind": now.is_behind},
    }
    if catalog.is_from_memory() or time.monotonic() < _hangs_until:
        return found
    began = time.monotonic()
    try:
        now.read_ahead(AHEAD)
        return found | {"status": "ok", "database": True, "registry": _freshness(today)}
    except (DatabaseError, InterfaceError):
        _hangs_until = time.monotonic() + 2 * (time.monotonic() - began)
        return found


def _freshness(today: date) -> dict[str, Any]:
    shown = Trial.objects.published().open()
    oldest = shown.aggregate(oldest=Min("as_of"))["oldest"]
    return {"oldest_check": oldest and oldest.isoformat(), "not_fresh": shown.filter(as_of__lt=today - timedelta(days=FRESH_DAYS)).count()}
