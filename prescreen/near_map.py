"""A small picture of where trials are: the patient in the middle, rings of distance, and numbered dots. The list beside it says the same in words.

Drawn here, with nothing asked of anybody else. Each ring is as wide as the others, however far it reaches, so that near and far both have room.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product
from math import cos, hypot, pi, radians, sin
from typing import NamedTuple

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from trials.models import Trial

from .near import CLOSE, MILES, UNITS, Nearest, Nearness, status_note

REACHES = {"mi": (50, 200, 1000, 4000, 12_500), "km": (100, 300, 1500, 6000, 20_000)}
"""How far each ring reaches; the last to the other side of the earth, or nearly so."""

SIZE, MARGIN, DOT, CLEAR = 400, 30, 15, 32
"""Sides, margin and dots (their radius) of the picture, and what is left clear around the patient's own mark; in its own units."""

OUT = 1.5
"""A dot is rather turned than moved outward or inward, by so much."""

MOST = 12
"""So many towns are drawn: the nearest."""


@dataclass(frozen=True)
class Ring:
    """A circle of distance with its label."""

    radius: float
    label: str
    label_y: float


class TrialThere(NamedTuple):
    """A trial at a place: where in the town, and what is to be known about the status there."""

    trial: Trial
    facility: str
    note: str


@dataclass(frozen=True)
class Stop:
    """One town: its number and where its dot stands, in words how far and in which direction, and its trials. ``number`` is 0 where it is not drawn."""

    number: int
    x: float
    y: float
    place: str
    distance: str
    direction: str
    trials: tuple[TrialThere, ...]


@dataclass(frozen=True)
class Map:
    """The picture, and what it says. ``lost`` are trials of which no open place is known, each with the reason."""

    rings: tuple[Ring, ...]
    stops: tuple[Stop, ...]
    lost: tuple[tuple[Trial, str], ...]
    size: int = SIZE
    dot: int = DOT

    @property
    def middle(self) -> int:
        """Where the patient stands, from the left and from the top."""
        return self.size // 2

    @property
    def drawn(self) -> tuple[Stop, ...]:
        """The places with dots."""
        return tuple(stop for stop in self.stops if stop.number)


def build(nearness: Nearness, trials: Iterable[Trial]) -> Map:
    """The map of the nearest place of each of these trials. Trials in one town share its dot."""
    at: dict[str, list[tuple[Nearest, Trial]]] = {}
    lost: list[tuple[Trial, str]] = []
    for trial in trials:
        if nearest := nearness.nearest(trial):
            at.setdefault(nearness.place_text(nearest.site), []).append((nearest, trial))
        else:
            lost.append((trial, nearness.text(trial)))
    places = sorted(at.values(), key=lambda found: min(nearest.km for nearest, _trial in found))
    farthest = max((found[0][0].km for found in places[:MOST]), default=0.0)
    rings = _rings(nearness, farthest)
    taken: list[tuple[float, float]] = []
    stops = tuple(_stop(nearness, number, found, len(rings), taken) for number, found in enumerate(places, 1))
    return Map(rings, stops, tuple(lost))


def radius_of(amount: float, reaches: tuple[int, ...], rings: int) -> float:
    """How far from the middle a distance is drawn: evenly within its ring."""
    width = (SIZE / 2 - MARGIN) / rings
    start = 0
    for place, reach in enumerate(reaches):
        if amount <= reach or place == len(reaches) - 1:
            return width * (place + min(1.0, (amount - start) / (reach - start)))
        start = reach
    raise AssertionError("there is a last ring")


def _rings(nearness: Nearness, farthest_km: float) -> tuple[Ring, ...]:
    """As many as the farthest place needs; two at least."""
    reaches = REACHES[nearness.unit]
    amount = farthest_km / UNITS[nearness.unit]
    count = max(2, 1 + sum(amount > reach for reach in reaches[:-1]))
    template = _("%(count)s miles") if nearness.unit == MILES else _("%(count)s km")
    width = (SIZE / 2 - MARGIN) / count
    return tuple(
        Ring(round(width * place, 1), template % {"count": number_format(reach, use_l10n=True, force_grouping=True)}, round(SIZE / 2 + width * place - 5, 1))
        for place, reach in enumerate(reaches[:count], 1)
    )


def _stop(nearness: Nearness, number: int, found: list[tuple[Nearest, Trial]], rings: int, taken: list[tuple[float, float]]) -> Stop:
    nearest = min((there for there, _trial in found), key=lambda there: there.km)
    x, y = _free_spot(nearest, radius_of(nearest.km / UNITS[nearness.unit], REACHES[nearness.unit], rings), taken) if number <= MOST else (0.0, 0.0)
    return Stop(
        number=number if number <= MOST else 0,
        x=x,
        y=y,
        place=nearness.place_text(nearest.site),
        distance=nearness.distance_text(nearest.km),
        direction=nearest.direction if nearest.km / UNITS[nearness.unit] >= CLOSE else "",
        trials=tuple(TrialThere(trial, there.site.facility, status_note(there.site)) for there, trial in found),
    )


def _free_spot(nearest: Nearest, radius: float, taken: list[tuple[float, float]]) -> tuple[float, float]:
    """Where the dot stands: in its direction at its distance, or as near to that as can be where another dot is already, or the patient's own mark."""

    def spot(turn: float, out: float) -> tuple[float, float]:
        angle = radians(nearest.bearing) + turn
        return round(SIZE / 2 + out * sin(angle), 1), round(SIZE / 2 - out * cos(angle), 1)

    turns = [sign * step * pi / 36 for step in range(37) for sign in (1, -1)]
    outs = [out for step in range(-5, 6) if CLEAR <= (out := max(radius, CLEAR) + step * (2 * DOT + 1)) <= SIZE / 2 - DOT]
    for turn, out in sorted(product(turns, outs), key=lambda one: abs(one[0]) * one[1] + OUT * abs(one[1] - radius)):
        if all(hypot(spot(turn, out)[0] - x, spot(turn, out)[1] - y) >= 2 * DOT for x, y in taken):
            break
    taken.append(spot(turn, out))
    return taken[-1]
