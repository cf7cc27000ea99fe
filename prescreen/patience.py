"""How long a request waits for PostgreSQL. A server that hangs is one that is away: pages go on from memory, or say "try again".

The limits hold where ``prescreen.wsgi`` serves. Commands have none: a migration, a backup or an import takes as long as it takes. See ADR 16.
"""

from __future__ import annotations

import time
from collections.abc import Generator
from contextvars import ContextVar
from functools import partial
from typing import Any

from django.core.signals import request_started
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.urls import reverse

LOCK = 10
"""Seconds for which the server lets a statement wait for somebody else's lock."""

STATEMENT = 20
"""Seconds for which the server works on one statement."""

AT_THE_DESK = 25
"""Seconds for which a request of the desk waits for any answer. More than the two above, which leave the connection whole and say why."""

PATIENTS = 4
"""Seconds for which every other request does. What the server still does for it ends by the limits above."""

_seconds: ContextVar[float] = ContextVar("seconds", default=AT_THE_DESK)


def be_in_force() -> None:
    """From now on the requests of this process have limits."""
    request_started.connect(_begin, dispatch_uid="prescreen.patience")
    connection_created.connect(_limit, dispatch_uid="prescreen.patience")


def _begin(*, environ: dict[str, Any], **_told: object) -> None:
    is_desk = environ.get("PATH_INFO", "").startswith(reverse("admin:index"))
    _seconds.set(AT_THE_DESK if is_desk else PATIENTS)


def _limit(*, connection: BaseDatabaseWrapper, **_told: object) -> None:
    if connection.vendor != "postgresql":
        return
    connection.connection.wait = partial(_wait, connection.connection)
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, false), set_config('statement_timeout', %s, false)", [f"{LOCK}s", f"{STATEMENT}s"])


def _wait(connection: Any, steps: Generator[Any, Any, Any], **more: Any) -> Any:
    """As psycopg waits, but not for ever. A server that is stopped ends nothing by itself, and its kernel goes on acknowledging what it is sent."""
    return type(connection).wait(connection, _in_time(connection, steps, time.monotonic() + _seconds.get()), **more)


def _in_time(connection: Any, steps: Generator[Any, Any, Any], ends: float) -> Generator[Any, Any, Any]:
    """The steps of a question to the server. Psycopg sends "not ready" into them ten times a second; past the time that ends the connection."""
    try:
        wanted = next(steps)
        while True:
            ready = yield wanted
            if not ready and time.monotonic() > ends:
                connection.close()
                raise connection.OperationalError("the server did not answer in time")
            wanted = steps.send(ready)
    except StopIteration as done:
        return done.value
