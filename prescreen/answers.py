"""The one door to a patient's answers: an encrypted cookie in their own browser. The server keeps nothing."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.http import HttpRequest, HttpResponse

COOKIE = "answers"
LIFETIME = 12 * 60 * 60
"""Seconds after which the server no longer reads a cookie. Each answer starts the time anew."""

LARGEST_CONTENT = 50_000
"""Bytes of unpacked answers; more than the catalog can hold is refused."""

WORDS = {"1": (Path(__file__).parent / "answer_words" / "1.txt").read_bytes()}
"""Words that answers are made of, which the compression refers to. A cookie names its list, so add a new one rather than change one."""

WHO = ("me", "child", "other")


@dataclass(frozen=True)
class Answers:
    """What a patient told so far. ``given`` maps question keys to answers in the form of the answers file (None: not sure).

    ``area`` is a condition area's slug, None for "not sure" and "" before it was asked. ``picked`` are the trials chosen for the summary.
    """

    who: str = "me"
    area: str | None = ""
    given: dict[str, Any] = field(default_factory=dict)
    picked: tuple[str, ...] | None = None

    @property
    def started(self) -> bool:
        """Whether there is an answer to lose."""
        return self.area != ""

    def with_answer(self, key: str, value: Any) -> Answers:
        """These answers and one more."""
        return replace(self, given={**self.given, key: value}, picked=None)


class Unreadable(Exception):
    """A cookie that is too old, altered, or from another key."""


def read(request: HttpRequest) -> Answers:
    """The answers that came with a request; none where there is no cookie. Raises ``Unreadable``."""
    sealed = request.COOKIES.get(COOKIE)
    return unseal(sealed, LIFETIME) if sealed else Answers()


def keep(response: HttpResponse, answers: Answers) -> HttpResponse:
    """Sends the answers back to the patient's browser, which drops them when it closes."""
    response.set_cookie(COOKIE, seal(answers), httponly=True, samesite="Lax", secure=not settings.DEBUG)
    return response


def forget(response: HttpResponse) -> HttpResponse:
    """Deletes the answers from the patient's browser."""
    response.delete_cookie(COOKIE, samesite="Lax")
    return response


def seal(answers: Answers) -> str:
    """The answers as compressed, encrypted and dated text."""
    content = [answers.who, answers.area, answers.given, answers.picked]
    words = max(WORDS)
    packer = zlib.compressobj(9, wbits=-15, zdict=WORDS[words])
    packed = packer.compress(json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode()) + packer.flush()
    return _cipher().encrypt(words.encode() + packed).decode().rstrip("=")


def unseal(sealed: str, lifetime: int) -> Answers:
    """The answers of a sealed text not older than this many seconds. Raises ``Unreadable``."""
    try:
        opened = _cipher().decrypt(sealed + "=" * (-len(sealed) % 4), ttl=lifetime)
        unpacker = zlib.decompressobj(wbits=-15, zdict=WORDS[opened[:1].decode()])
        content = unpacker.decompress(opened[1:], LARGEST_CONTENT)
        if unpacker.unconsumed_tail:
            raise Unreadable
        who, area, given, picked = json.loads(content)
    except (InvalidToken, zlib.error, KeyError, ValueError, TypeError):
        raise Unreadable from None
    return Answers(who, area, given, None if picked is None else tuple(picked))


def _cipher() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in _keys((settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))])


def _keys(secrets: Iterable[str]) -> list[bytes]:
    """A key of its own for the answers from each of the site's secrets, the newest first."""
    return [base64.urlsafe_b64encode(HKDF(hashes.SHA256(), 32, salt=None, info=b"prescreen.answers").derive(secret.encode())) for secret in secrets]
