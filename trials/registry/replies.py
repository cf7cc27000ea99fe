"""What an answer of the registry holds, and what is wrong with one that cannot be used."""

from __future__ import annotations

import json
import math
import re
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

DEEPEST = 50
MOST_PARTS = 1_000_000
EXCERPT = 200

BY_FILE = "or download the records as JSON and import the files"
SLOWER = "Wait some minutes and try again, with fewer studies at once."
TRY_LATER = f"Check the connection and try again later, {BY_FILE}."
CHANGED = f"The API may have changed: look for a newer version of this program, {BY_FILE}."

Study = dict[str, Any]


class Fault(Exception):
    """An answer that cannot be used; a passing one is worth asking again for."""

    def __init__(self, came_back: str, to_do: str = TRY_LATER, *, passing: bool = False, wait: float | None = None) -> None:
        super().__init__(came_back)
        self.came_back, self.to_do, self.passing, self.wait = came_back, to_do, passing, wait


def refusal(response: httpx.Response, body: bytes) -> Fault:
    """What an answer other than 200 means."""
    status, wait = response.status_code, _retry_after(response.headers)
    said = f"HTTP {status} {excerpt(body.decode('utf-8', 'replace'))}".strip()
    if status == 429 or 500 <= status <= 504:
        return Fault(said, SLOWER if status == 429 else TRY_LATER, passing=True, wait=wait)
    if response.has_redirect_location:
        return Fault(f"HTTP {status}, a redirect to {excerpt(response.headers['Location'])!r}, which is not followed", CHANGED)
    if status == 403:
        return Fault(said, f"The registry refuses this program or this network: try from another network, {BY_FILE}.")
    return Fault(said, "Check the terms." if status == 400 else CHANGED)


def _retry_after(headers: httpx.Headers) -> float | None:
    """The seconds that the registry asks to wait: written as such, or as a date beside the answer's own."""
    written = headers.get("Retry-After", "")
    if re.fullmatch("[0-9]{1,9}", written):
        return float(written)
    try:
        return max(0.0, (parsedate_to_datetime(written) - parsedate_to_datetime(headers.get("Date", ""))).total_seconds())
    except (ValueError, TypeError, OverflowError):
        return None


def read(body: bytearray) -> tuple[list[Study], str | None]:
    """The studies of a page, and the token of the next one. Raises ``Fault``."""
    if body.count(b"{") + body.count(b"[") + body.count(b",") > MOST_PARTS:
        raise Fault(f"an answer of more than {MOST_PARTS:,} values", "Ask for fewer studies at once.")
    try:
        page = json.loads(body.decode("utf-8"), parse_constant=_finite, parse_float=_finite, object_pairs_hook=_mapping)
    except (json.JSONDecodeError, UnicodeDecodeError) as fault:
        raise Fault(f"an answer that is not whole JSON ({excerpt(str(fault))})", passing=True) from None
    except (ValueError, RecursionError):
        raise Fault("JSON with a number that is none, a key that is there twice, or nested too deeply", CHANGED) from None
    if _deeper_than(DEEPEST, page):
        raise Fault(f"JSON nested more than {DEEPEST} deep", CHANGED)
    studies, token = (page.get("studies"), page.get("nextPageToken")) if isinstance(page, dict) else (None, None)
    if not isinstance(studies, list) or not all(isinstance(study, dict) for study in studies):
        raise Fault("JSON without a list of 'studies'", CHANGED)
    if not isinstance(token, str | None):
        raise Fault("JSON with a 'nextPageToken' that is not a text", CHANGED)
    return studies, token or None


def _mapping(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Two programs could read a mapping with the same key twice as two different studies."""
    if len(found := dict(pairs)) == len(pairs):
        return found
    raise ValueError("a key is there twice")


def _finite(written: str) -> float:
    if math.isfinite(number := float(written)):
        return number
    raise ValueError(written)


def _deeper_than(most: int, value: object) -> bool:
    """Whether lists and mappings are nested deeper than this; without recursion."""
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(most):
        inner = (item.values() if isinstance(item, dict) else item for item in level)
        level = [child for children in inner for child in children if isinstance(child, dict | list)]
    return bool(level)


def excerpt(text: str) -> str:
    """The beginning of a text from outside, on one line."""
    return "".join(letter for letter in " ".join(text.split()) if letter.isprintable())[:EXCERPT]
