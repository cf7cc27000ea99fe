"""Points on the earth: how far apart they are, and in which direction."""

from __future__ import annotations

from math import asin, atan2, cos, degrees, pi, radians, sin, sqrt
from typing import NamedTuple

RADIUS_KM = 6371.0088
"""The mean radius of the earth. As a ball it gives distances that are at most about 0.5% wrong."""

FARTHEST_KM = pi * RADIUS_KM
"""To the other side of the earth."""

KM_A_MILE = 1.609344


class Point(NamedTuple):
    """A place on the earth in degrees, north and east positive."""

    latitude: float
    longitude: float


def distance_km(one: Point, other: Point) -> float:
    """The shortest way over the ground (the great circle), in kilometers."""
    north, other_north = radians(one.latitude), radians(other.latitude)
    east = radians(other.longitude - one.longitude)
    half_chord = sin((other_north - north) / 2) ** 2 + cos(north) * cos(other_north) * sin(east / 2) ** 2
    return 2 * RADIUS_KM * asin(sqrt(min(1.0, half_chord)))


def bearing(start: Point, end: Point) -> float:
    """The direction in which that way begins, in degrees from north by east: 0 is north, 90 is east."""
    north, other_north = radians(start.latitude), radians(end.latitude)
    east = radians(end.longitude - start.longitude)
    across = sin(east) * cos(other_north)
    ahead = cos(north) * sin(other_north) - sin(north) * cos(other_north) * cos(east)
    return degrees(atan2(across, ahead)) % 360
