"""The one door to a patient's answers: an encrypted cookie in their own browser. The server keeps nothing."""

from __future__ import annotations

import base64
import json
import time
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from .path import Trail

COOKIE = settings.ANSWERS_COOKIE_NAME
LIFETIME = 12 * 60 * 60
"""Seconds after which the server no longer reads a cookie. Each answer starts the time anew."""

MOST_BYTES = 4_096
"""Of a cookie's name and value. A browser drops a larger one and says nothing (RFC 6265, section 6.1)."""

LARGEST_CONTENT = 50_000
"""Bytes of unpacked answers; more than the catalog can hold is refused."""

WORDS = {"1": (Path(__file__).parent / "answer_words" / "1.txt").read_bytes()}
"""Lists of words that make a cookie small, by number: the question keys in a fixed order, then words for the compression to refer to.
A cookie names its list, so a list is never changed, only followed by a new one. Keys that no list has are kept in full."""

NOT_ASKED = 0
"""Stands in a packed list for a question without an answer. An answer that equals it, a bare 0 or False, is kept in full beside the list."""

WHO = ("me", "child", "other")


class Near(NamedTuple):
    """Where the patient lives, as far as they said so: a country's code, the key of a place there, and the unit for distances (``mi`` or ``km``)."""

    country: str
    place: str
    unit: str


@dataclass(frozen=True)
class Answers:
    """What a patient told so far. ``given`` maps question keys to answers in the form of the answers file (None: not sure).

    ``area`` is a condition area's slug, None for "not sure" and "" before it was asked. ``picked`` are the trials chosen for the summary.
    ``trying`` is the NCT number of the trial that a coordinator tries; "" for every patient. ``near`` is where distances are told from; None where the
    patient did not say. ``trail`` is no answer: it only spares work, and is left out where answers are kept for longer.
    """

    who: str = "me"
    area: str | None = ""
    given: dict[str, Any] = field(default_factory=dict)
    picked: tuple[str, ...] | None = None
    trying: str = ""
    near: Near | None = None
    trail: Trail | None = field(default=None, compare=False)

    @property
    def started(self) -> bool:
        """Whether there is an answer to lose."""
        return self.area != ""

    def with_answer(self, key: str, value: Any) -> Answers:
        """These answers and one more. The trail ends where this one counts."""
        return replace(self, given={**self.given, key: value}, picked=None, trail=self.trail and self.trail.up_to(key))


class Unreadable(Exception):
    """A cookie that is too old, altered, from another key, or that tries a trial for somebody who may not."""


class Full(Exception):
    """More answers than a browser keeps in one cookie."""


def read(request: HttpRequest) -> Answers:
    """The answers that came with a request; none where there is no cookie. Raises ``Unreadable``."""
    sealed = request.COOKIES.get(COOKIE)
    return unseal(sealed, LIFETIME) if sealed else Answers()


def keep(response: HttpResponse, answers: Answers) -> HttpResponse:
    """Sends the answers back to the patient's browser, which drops them when it closes. Raises ``Full``."""
    sealed = seal(answers)
    if len(COOKIE) + len(sealed) > MOST_BYTES:
        sealed = seal(replace(answers, trail=None))
    if len(COOKIE) + len(sealed) > MOST_BYTES:
        raise Full
    response.set_cookie(COOKIE, sealed, httponly=True, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE)
    return response


def forget(response: HttpResponse) -> HttpResponse:
    """Deletes the answers from the patient's browser."""
    response.delete_cookie(COOKIE, samesite="Lax")
    return response


def seal(answers: Answers) -> str:
    """The answers as compressed, encrypted and dated text."""
    return _cipher().encrypt(pack(answers)).decode().rstrip("=")


def unseal(sealed: str, lifetime: int) -> Answers:
    """The answers of a sealed text not older than this many seconds. Raises ``Unreadable``.

    One dated in the future is read as well, as far ahead as it may be old: the clock was set back, and nobody but this site can date one.
    """
    token = sealed + "=" * (-len(sealed) % 4)
    try:
        if abs(int(time.time()) - _cipher().extract_timestamp(token)) > lifetime:
            raise Unreadable
        return unpack(_cipher().decrypt(token))
    except (InvalidToken, ValueError):
        raise Unreadable from None


def pack(answers: Answers) -> bytes:
    """The answers in as few bytes as can be, not encrypted."""
    number = max(WORDS)
    parts = [answers.who, answers.area, answers.picked, *_pack(answers.given, _keys(number))]
    if answers.trying or answers.trail or answers.near:
        parts.append(answers.trying)
    if answers.trail:
        parts += _pack_trail(answers.trail, answers.given, _keys(number))
    if answers.near:
        parts.append(answers.near)
    content = json.dumps(parts, separators=(",", ":"), ensure_ascii=False)
    packer = zlib.compressobj(9, wbits=-15, zdict=WORDS[number])
    return number.encode() + packer.compress(content.encode()) + packer.flush()


def unpack(packed: bytes) -> Answers:
    """The answers that were packed. Raises ``Unreadable``."""
    try:
        number = packed[:1].decode()
        unpacker = zlib.decompressobj(wbits=-15, zdict=WORDS[number])
        content = unpacker.decompress(packed[1:], LARGEST_CONTENT)
        if unpacker.unconsumed_tail:
            raise Unreadable
        who, area, picked, listed, others, *more = json.loads(content)
        trying, *trail = more or [""]
        near = Near(*trail.pop()) if len(trail) in (1, 4) else None
        given = _unpack(listed, others, _keys(number))
        found = _unpack_trail(*trail, given, _keys(number)) if trail else None
        answers = Answers(who, area, given, None if picked is None else tuple(picked), trying, near, found)
    except (zlib.error, LookupError, ValueError, TypeError, RecursionError):
        raise Unreadable from None
    if not _is_sound(answers):
        raise Unreadable
    return answers


def _is_sound(answers: Answers) -> bool:
    """Whether each part is of the kind that the pages count on. The answers themselves are read by their questions, which refuse what they cannot take."""
    texts = (answers.area or "", answers.trying, *(answers.picked or ()), *(answers.near or ()), *answers.given)
    return answers.who in WHO and all(isinstance(text, str) for text in texts)


@cache
def _keys(number: str) -> list[str]:
    return WORDS[number].split(b"\n", 1)[0].decode().split()


def _pack(given: Mapping[str, Any], keys: list[str]) -> tuple[list[Any], dict[str, Any]]:
    """The answers in the order of the keys, and those to questions that are not among them."""
    short = {key: f"{answer['value']} {answer['unit']}" if _is_amount(answer) else answer for key, answer in given.items()}
    listed = [short.get(key, NOT_ASKED) for key in keys]
    return listed, {key: answer for key, answer in given.items() if key not in keys or answer == NOT_ASKED}


def _is_amount(answer: Any) -> bool:
    return isinstance(answer, dict) and answer.keys() == {"value", "unit"}


def _unpack(listed: list[Any], others: dict[str, Any], keys: list[str]) -> dict[str, Any]:
    given = {key: answer for key, answer in zip(keys, listed, strict=True) if answer != NOT_ASKED}
    amounts = {key: answer.split(" ", 1) for key, answer in given.items() if isinstance(answer, str) and " " in answer}
    return {**given, **{key: {"value": value, "unit": unit} for key, (value, unit) in amounts.items()}, **others}


def _pack_trail(trail: Trail, given: Mapping[str, Any], keys: list[str]) -> tuple[str, list[int], str | None]:
    """The trail, its steps as places in the list of keys, after which the questions come that are not among them."""
    places = {key: place for place, key in enumerate(dict.fromkeys((*keys, *given)))}
    return trail.state, [places[step] for step in trail.steps], trail.next


def _unpack_trail(state: str, places: list[int], following: str | None, given: Mapping[str, Any], keys: list[str]) -> Trail:
    known = list(dict.fromkeys((*keys, *given)))
    return Trail(state, tuple(known[place] for place in places), following)


def _cipher() -> MultiFernet:
    return cipher("prescreen.answers")


def cipher(purpose: str) -> MultiFernet:
    """The keys of one purpose: what is sealed for one is noise to another."""
    return _cipher_of(purpose, settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)


@lru_cache(8)
def _cipher_of(purpose: str, *secrets: str) -> MultiFernet:
    """A key of its own for the purpose from each of the site's secrets, the newest first."""
    derived = [HKDF(hashes.SHA256(), 32, salt=None, info=purpose.encode()).derive(secret.encode()) for secret in secrets]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in derived])
