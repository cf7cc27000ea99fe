"""The three-way merge: the record as last read (base), our listing (mine), the record as it is now (theirs). Plain values in, plain values out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any

from trials.vocabulary import is_closed

ALIKE = 0.6
"""From this likeness on (0 to 1), a line that is not there any more and one that is new are the same line, changed."""

MOST_COMPARED = 100_000
"""How many pairs of lines are compared at most; of longer lists, only lines at about the same place."""

_IN_OUR_WORDS = ("title", "condition_names", "criteria_complete", "source")
"""Facts that a listing made by hand says in its own way, so that the record's words are no news."""

Difference = dict[str, Any]
"""``{"field", "was", "now", "kept"}``: what the registry changed; ``kept`` where the coordinator's own value was left in place."""


def merge_facts(base: Mapping[str, Any] | None, mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> tuple[dict[str, Any], list[Difference]]:
    """The facts to write, and what a coordinator should know of.

    ``base`` is None for a listing that was made without a record. A fact that the record does not state changes nothing. A status that
    closes the trial always counts, so that it stops being shown at once. A fact that the coordinator emptied stays empty.
    """
    before = base or {}
    changes: dict[str, Any] = {}
    differences: list[Difference] = []
    for field, now in theirs.items():
        own = mine.get(field)
        if own == now or (field in before and before[field] == now):
            continue
        untouched = before[field] == own if field in before else own in ("", None, [])
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


def pair_lines(
    old: Sequence[str], new: Sequence[str], alike: float = ALIKE, beside: tuple[Sequence[Hashable], Sequence[Hashable]] | None = None
) -> list[tuple[int | None, int | None]]:
    """Which old line each new one is: pairs of places, in the new order; then the old lines that are gone, as ``(place, None)``.

    Equal lines pair first, in order; then the most alike ones, from ``alike`` on. ``beside`` is what old and new lines say besides their text:
    of several equal lines, those that agree in it too pair with each other.
    """
    beside_old, beside_new = beside or ([None] * len(old), [None] * len(new))
    keys_old, keys_new = [_key(text) for text in old], [_key(text) for text in new]
    partner = _pair_equal(list(zip(keys_old, beside_old, strict=True)), list(zip(keys_new, beside_new, strict=True)), {})
    partner = _pair_equal(keys_old, keys_new, partner)
    paired = set(partner.values())
    gone = [place for place in range(len(old)) if place not in paired]
    added = [place for place in range(len(new)) if place not in partner]
    words_old, words_new = {place: _words(old[place]) for place in gone}, {place: _words(new[place]) for place in added}
    found = ((_likeness(words_old[before], words_new[after]), before, after) for before, after in _to_compare(gone, added))
    for _, before, after in sorted((one for one in found if one[0] >= alike), key=lambda one: (-one[0], abs(one[1] - one[2]), one[1])):
        if before not in paired and after not in partner:
            paired.add(before)
            partner[after] = before
    return [(partner.get(place), place) for place in range(len(new))] + [(place, None) for place in gone if place not in paired]


def _pair_equal(old: Sequence[Hashable], new: Sequence[Hashable], partner: dict[int, int]) -> dict[int, int]:
    """The pairs so far, and those of equal lines that have none, in order."""
    paired = set(partner.values())
    left: dict[Hashable, list[int]] = {}
    for place in reversed(range(len(old))):
        if place not in paired:
            left.setdefault(old[place], []).append(place)
    more = dict(partner)
    for place, key in enumerate(new):
        if place not in more and left.get(key):
            more[place] = left[key].pop()
    return more


def _to_compare(gone: Sequence[int], added: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Each with each; of very long lists, each with those at about the same place."""
    reach = max(1, MOST_COMPARED // max(1, len(added)))
    for rank, after in enumerate(added):
        start = max(0, min(rank * len(gone) // len(added) - reach // 2, len(gone) - reach))
        for before in gone[start : start + reach]:
            yield before, after


def _key(text: str) -> str:
    return " ".join(text.split()).casefold()


_Words = tuple[Counter[str], int]


def _words(text: str) -> _Words:
    words = re.findall(r"\w+", text.casefold())
    return Counter(words), len(words)


def likeness(one: str, two: str) -> float:
    """How alike two lines are, from 0 to 1, by the words that they share; a line of which the other has each word is nearly the same."""
    return _likeness(_words(one), _words(two))


def _likeness(one: _Words, two: _Words) -> float:
    (fewer, _), (more, _) = sorted((one, two), key=lambda words: len(words[0]))
    shared = [word for word in fewer if word in more]
    if not shared:
        return 0.0
    ratio = 2 * sum(min(fewer[word], more[word]) for word in shared) / (one[1] + two[1])
    return max(0.7, ratio) if len(shared) == len(fewer) else ratio
