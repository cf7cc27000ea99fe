"""Reading from copies of the database. What patients' pages show is read from a replica that is known to be up to date; all else from the primary.

The catalog's stamp is always read from the primary: a copy that lags would hide a change from the next request. A replica serves only once it
was seen with the primary's stamp; it never goes back behind it. So no page, and no catalog, holds anything older than the stamp it belongs to.
Commands, the desk, everything inside a transaction (the catalog is built in one) and everything after a write read from the primary.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass

from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, connections
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from trials.models import CatalogStamp, InitialPassword

PRIMARY = "default"
REST = 5
"""Seconds for which a replica that failed is left alone."""


@dataclass
class _Page:
    """A patient's page that is being made, and where its records are read; None until the first is."""

    database: str | None = None


_page: ContextVar[_Page | None] = ContextVar("page", default=None)
_seen: dict[str, str] = {}
_resting: dict[str, float] = {}


class Router:
    """Tells Django which database to use."""

    def db_for_read(self, model: type[Model], **_hints: object) -> str:
        """A replica for the trial records of a patient's page; otherwise the primary."""
        page = _page.get()
        if page is None or model._meta.app_label != "trials" or model in (CatalogStamp, InitialPassword) or connections[PRIMARY].in_atomic_block:
            return PRIMARY
        page.database = page.database or _up_to_date()
        return page.database

    def db_for_write(self, _model: type[Model], **_hints: object) -> str:
        """The primary, and for the rest of the request it is read as well."""
        if page := _page.get():
            page.database = PRIMARY
        return PRIMARY

    def allow_relation(self, one: Model, other: Model, **_hints: object) -> bool:
        """All databases hold the same records."""
        return True

    def allow_migrate(self, db: str, _app_label: str, **_hints: object) -> bool:
        """Replicas get their tables from the primary."""
        return db == PRIMARY


class PatientsPages:
    """Innermost middleware: lets pages outside the desk read from replicas. A page whose replica fails midway is made anew from the primary."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Makes the page."""
        token = _page.set(None if request.path.startswith(reverse("admin:index")) else _Page())
        try:
            return self.get_response(request)
        finally:
            _page.reset(token)

    def process_exception(self, request: HttpRequest, fault: Exception) -> HttpResponse | None:
        """Once more, without the replica."""
        page = _page.get()
        if page is None or page.database in (None, PRIMARY) or not isinstance(fault, OperationalError | InterfaceError):
            return None
        _rest(page.database)
        page.database = PRIMARY
        return self.get_response(request)


def _up_to_date() -> str:
    """This process's replica, or the next one that answers and has the primary's state; the primary where there is none."""
    now = _stamp(PRIMARY)
    for alias in _in_turn():
        try:
            if _seen.get(alias) != now:
                _seen[alias] = _stamp(alias)
        except (DatabaseError, InterfaceError):
            _rest(alias)
        if _seen.get(alias) == now:
            return alias
    return PRIMARY


def _in_turn() -> Iterator[str]:
    """The replicas that do not rest. Each process begins with another one, and keeps to it."""
    aliases = [alias for alias in settings.DATABASES if alias != PRIMARY]
    first = os.getpid() % len(aliases)
    return (alias for alias in aliases[first:] + aliases[:first] if _resting.get(alias, 0) < time.monotonic())


def _stamp(alias: str) -> str:
    return CatalogStamp.objects.using(alias).values_list("token", flat=True).first() or ""


def _rest(alias: str) -> None:
    _seen.pop(alias, None)
    _resting[alias] = time.monotonic() + REST
    connections[alias].close()
