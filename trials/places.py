"""Where people and sites are. Nothing is guessed: a place that is not in the data, or could be one of several far apart, is not known."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher, get_close_matches
from functools import lru_cache
from typing import NamedTuple

from .earth import Point, distance_km
from .gazetteer import US, ZIP, Place, Towns, country_code, fold, of_zip, state_code, towns

SAME_PLACE_KM = 50
"""Towns of one name that lie no farther apart are taken for one place, the largest of them."""

MOST_OFFERED = 6
"""So many places are offered to choose from."""

ALIKE, VERY_ALIKE = 0.75, 0.9
"""Names this much alike (by difflib) may be misspellings of each other; beside a name that is one, only those very much alike."""

ENDINGS = re.compile(r"(?: (?:city|shi|cedex|[0-9]+))+$")
"""What addresses add to the name of a town, folded: the word city (in Japan too), and French and Czech post offices."""

NEAR_KM, LARGE = 200, 1_000_000
"""A town is told apart by a larger one that is no farther away; one with so many people is always large enough."""


class Found(NamedTuple):
    """What a search found: the places of that name, and where there is not just one, places of names much like it; the largest first."""

    places: tuple[Place, ...]
    alike: tuple[Place, ...]


def find(country: str, key: str) -> Place | None:
    """The place with this key, such as ``("US", "02139")``; None where there is none."""
    return of_zip(key) if country == US and ZIP.fullmatch(key) else towns(country).by_key.get(key)


def search(country: str, typed: str) -> Found:
    """The places that somebody may mean who typed a ZIP code, or the name of a town, perhaps with its US state."""
    typed = typed.strip()
    if country == US and ZIP.fullmatch(typed):
        place = of_zip(typed)
        return Found((place,) if place else (), ())
    here = towns(country)
    for town, state in _readings(country, typed):
        if places := _apart(_of_state(here.named(fold(town)), state)):
            alike = _alike(here, fold(town), VERY_ALIKE) if len(places) > 1 else ()
            return Found(places[:MOST_OFFERED], tuple(place for place in alike if place not in places)[: MOST_OFFERED // 2])
    return Found((), _alike(here, fold(typed.partition(",")[0]))[:MOST_OFFERED])


@lru_cache(20_000)
def point_of(zip_code: str, city: str, state: str, country: str) -> Point | None:
    """Where a site is: by its ZIP code in the US, else by its town; None where that is not known for sure."""
    code = country_code(country)
    if code is None:
        return None
    if code != US:
        here = towns(code)
        known = next((name for name in _names(city) if here.named(name)), "")
        usual = [here.by_key[key] for key in here.by_name.get(known, ())]
        return _one_point(usual or here.named(known))
    place = of_zip(zip_code.strip()) if ZIP.fullmatch(zip_code.strip()) else None
    if place and (not state or fold(place.name).endswith(f" {fold(state)}")):
        return place.point  # a ZIP code of another state is a mistake in one of the two: the town decides
    for name in _names(city):
        if places := _of_state(towns(US).named(name), state_code(state) if state else None):
            return _one_point(places)
    return None


def near_larger(place: Place) -> Place | None:
    """The nearest town that is much larger, or very large, to tell towns of one name apart; None where there is none near by."""
    least = min(5 * max(place.size, 1), LARGE)
    larger = [other for other in towns(place.country).by_key.values() if other.size >= least and other != place]
    nearest = min(larger, key=lambda other: distance_km(place.point, other.point), default=None)
    return nearest if nearest and distance_km(place.point, nearest.point) <= NEAR_KM else None


def _names(city: str) -> Iterator[str]:
    """The names that a record's town may have in the data, folded: "Praha 5" is Praha, "Suita-shi" Suita."""
    name = fold(city)
    yield name
    if (shorter := ENDINGS.sub("", name)) != name:
        yield shorter


def _readings(country: str, typed: str) -> Iterable[tuple[str, str | None]]:
    """The ways to read what was typed, as a town and the code of a US state: "Springfield, IL", "springfield il", "New York City"."""
    town, _comma, rest = typed.partition(",")
    state = state_code(rest) if country == US and rest else None
    yield town, state
    words = town.split()
    for count in (1, 2):
        if country == US and len(words) > count and (state := state_code(" ".join(words[-count:]))):
            yield " ".join(words[:-count]), state
    if len(words) > 1 and words[-1].casefold() == "city":
        yield " ".join(words[:-1]), state


def _of_state(places: Iterable[Place], state: str | None) -> list[Place]:
    return [place for place in places if state is None or place.key.endswith(f", {state}")]


def _apart(places: Iterable[Place]) -> tuple[Place, ...]:
    """Without those that lie close to an earlier, larger one: they are taken for the same."""
    kept: list[Place] = []
    for place in places:
        if all(distance_km(place.point, other.point) > SAME_PLACE_KM for other in kept):
            kept.append(place)
    return tuple(kept)


def _one_point(places: Iterable[Place]) -> Point | None:
    """The one place that these are; None where they are far apart, or none."""
    found = _apart(places)
    return found[0].point if len(found) == 1 else None


def _alike(here: Towns, name: str, least: float = ALIKE) -> tuple[Place, ...]:
    """Places of names that this one may be a misspelling of, the likest first; of equals the largest."""
    tables = (here.by_name, here.by_other_name)
    names = [known for table in tables for known in table if abs(len(known) - len(name)) <= 2 and set(known[:2]) & set(name[:2])]
    likest = get_close_matches(name, names, 3 * MOST_OFFERED, least)
    ranks: dict[Place, tuple[float, int]] = {}
    for known in likest:
        for place in here.named(known):
            ranks.setdefault(place, (-round(SequenceMatcher(None, name, known).ratio(), 1), -place.size))
    return _apart(sorted(ranks, key=ranks.__getitem__))
