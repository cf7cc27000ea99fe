"""The three-way merge: the record as last read (base), our listing (mine), the record as it is now (theirs). Plain values in, plain values out."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from typing import Any

from trials.vocabulary import is_closed

ALIKE = 0.6
"""From this likeness on (0 to 1), a line that is not there any more and one that is new are the same line, changed."""

_IN_OUR_WORDS = ("title", "condition_names", "criteria_complete", "source")
"""Facts that a listing made by hand says in its own way, so that the record's words are no news."""

Difference = dict[str, Any]
"""``{"field", "was", "now", "kept"}``: what the registry changed; ``kept`` where the coordinator's own value was left in place."""


def merge_facts(base: Mapping[str, Any] | None, mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> tuple[dict[str, Any], list[Difference]]:
    """The facts to write, and what a coordinator should know of.

    ``base`` is None for a listing that was made without a record. A fact that the record does not state changes nothing. A status that
    closes the trial always counts, so that it stops being shown at once.
    """
    changes: dict[str, Any] = {}
    differences: list[Difference] = []
    for field, now in theirs.items():
        own = mine.get(field)
        if own == now or (base is not None and base.get(field) == now):
            continue
        untouched = own in ("", None, []) or (base is not None and base.get(field) == own)
        if untouched or (field == "status" and (base is None or is_closed(now))):
            changes[field] = now
        if base is not None or (own not in ("", None, []) and field not in _IN_OUR_WORDS):
            differences.append({"field": field, "was": own, "now": now, "kept": field not in changes})
    return changes, differences


Site = Mapping[str, str]


def merge_sites(base: Sequence[Site], mine: Sequence[Site], theirs: Sequence[Site]) -> list[dict[str, str]]:
    """The sites as they should be: the registry's, without those that the coordinator took out, with those that the coordinator added.

    The status of a site is the registry's.
    """
    place = _place_of
    known, own = {place(site) for site in base}, {place(site) for site in mine}
    kept = [dict(site) for site in theirs if place(site) in own or place(site) not in known]
    there = {place(site) for site in theirs}
    return kept + [dict(site) for site in mine if place(site) not in known and place(site) not in there]


def _place_of(site: Site) -> tuple[str, ...]:
    return tuple(site[key] for key in ("facility", "city", "state", "country", "zip"))


def pair_lines(old: Sequence[str], new: Sequence[str], alike: float = ALIKE) -> list[tuple[int | None, int | None]]:
    """Which old line each new one is: pairs of places, in the new order; then the old lines that are gone, as ``(place, None)``.

    Equal lines pair first, in order; then the most alike ones, from ``alike`` on.
    """
    left = _by_text(old)
    partner: dict[int, int] = {}
    for place, text in enumerate(new):
        places = left.get(_key(text))
        if places:
            partner[place] = places.pop(0)
    gone = sorted(place for places in left.values() for place in places)
    added = [place for place in range(len(new)) if place not in partner]
    ranked = sorted(
        ((likeness(old[before], new[after]), before, after) for before in gone for after in added),
        key=lambda found: (-found[0], abs(found[1] - found[2]), found[1]),
    )
    taken: set[int] = set()
    for how_alike, before, after in ranked:
        if how_alike >= alike and before not in taken and after not in partner:
            taken.add(before)
            partner[after] = before
    return [(partner.get(place), place) for place in range(len(new))] + [(place, None) for place in gone if place not in taken]


def _by_text(lines: Sequence[str]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for place, text in enumerate(lines):
        found.setdefault(_key(text), []).append(place)
    return found


def _key(text: str) -> str:
    return " ".join(text.split()).casefold()


def likeness(one: str, two: str) -> float:
    """How alike two lines are, from 0 to 1, by their words in order; a line that the other begins with or contains whole is nearly the same."""
    first, second = (re.findall(r"\w+", text.casefold()) for text in (one, two))
    if not first or not second:
        return 0.0
    shared = len(set(first) & set(second))
    contained = 0.7 if shared == min(len(set(first)), len(set(second))) else 0.0
    if contained == 0.0 and shared * 2 < ALIKE * min(len(first), len(second)):
        return 0.0
    return max(contained, difflib.SequenceMatcher(None, first, second, autojunk=False).ratio())
