"""Sessions of the desk: they end after 30 minutes without a request, after 8 hours in all, and when somebody says so.

The limits are kept where a session is read and not in a middleware: so they hold on every page that asks who is there, and a page that does not
ask, such as a patient's, reads no session.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import AbstractBaseUser
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac

from .half_way import PASSWORD_GIVEN

IDLE, WHOLE = 30 * 60, 8 * 60 * 60
"""Seconds."""

NOTED_EVERY = 60
"""Seconds. So often at most a request writes that somebody is still there."""

STARTED, SEEN = "signed_in_at", "seen_at"


class SessionStore(DatabaseStore):
    """Django's own, in the database, with limits for who is signed in."""

    def _validate_session_key(self, key: str | None) -> bool:
        """Whether a session can have this key. No other is looked for: PostgreSQL cannot be asked for one with a zero byte."""
        return super()._validate_session_key(key) and key.isascii() and key.isalnum()

    def load(self) -> dict:
        """What the session holds; nothing where it is over, and then it is gone."""
        held = super().load()
        if SESSION_KEY not in held:
            return held
        now = int(time.time())
        if is_over(held, now):
            self.delete()
            self._session_key = None
            return {}
        if abs(now - held[SEEN]) >= NOTED_EVERY:
            held[SEEN] = now
            self.modified = True
        return held


def is_over(held: dict, now: int) -> bool:
    """Whether a session of somebody signed in is past a limit, or does not tell since when it runs. A clock that is set back a little ends none."""
    started, seen = held.get(STARTED), held.get(SEEN)
    if started is None or seen is None:
        return True
    return abs(now - seen) >= IDLE or now - started >= WHOLE


def note_start(sender: object, request: HttpRequest, **_told: object) -> None:
    """Signal receiver: the clocks of a session start when somebody is signed in. What is left of sessions long over is cleared away."""
    SessionStore.clear_expired()
    request.session[STARTED] = request.session[SEEN] = int(time.time())


def end_all(user: AbstractBaseUser) -> int:
    """Ends every session of a person, those half way through signing in as well, and says how many there were."""
    return _remove(key for key, _held in _sessions_of(user))


class OpenSession(NamedTuple):
    """A session of somebody signed in, as its owner may see it: its key opens the desk, so it stays out of pages."""

    mark: str
    """Names the session on a page. Without the site's secret nobody finds the key by it."""
    started: datetime
    seen: datetime
    """When it was last used, to the minute; UTC as all times."""
    is_here: bool


def open_sessions(user: AbstractBaseUser, key: str | None) -> list[OpenSession]:
    """Where a person is signed in: first the session that asks, which has this key and is used now, then the last used."""
    now = int(time.time())
    hashes = {user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()}
    theirs = [(held, name) for name, held in _sessions_of(user) if held.get(HASH_SESSION_KEY) in hashes and not is_over(held, now)]
    found = [OpenSession(_mark(name), _utc(held[STARTED]), _utc(now if name == key else held[SEEN]), name == key) for held, name in theirs]
    return sorted(found, key=lambda session: (session.is_here, session.seen), reverse=True)


def end_others(user: AbstractBaseUser, key: str | None) -> None:
    """Ends every session in which a person is signed in but the one with this key."""
    _remove(name for name, held in _sessions_of(user) if SESSION_KEY in held and name != key)


def end_other(user: AbstractBaseUser, mark: str, key: str | None) -> bool:
    """Ends the session of this person with this mark. False where there is none: it is over, somebody else's, or the one with this key, which asks."""
    return _remove(name for name, _held in _sessions_of(user) if _mark(name) == mark and name != key) > 0


def _utc(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _mark(key: str) -> str:
    return salted_hmac("trials.signin.sessions", key, algorithm="sha256").hexdigest()


def _sessions_of(user: AbstractBaseUser) -> Iterator[tuple[str, dict]]:
    """The key of each session of a person, and what it holds."""
    store = SessionStore()
    rows = ((row.pk, store.decode(row.session_data)) for row in store.model.objects.filter(expire_date__gt=timezone.now()))
    return ((key, held) for key, held in rows if _person(held) == str(user.pk))


def _remove(keys: Iterator[str]) -> int:
    return SessionStore().model.objects.filter(pk__in=list(keys)).delete()[0]


def _person(held: dict) -> str | None:
    return held.get(SESSION_KEY) or held.get(PASSWORD_GIVEN, {}).get("user")
