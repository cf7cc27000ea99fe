"""Distances over the ground and directions, against worked examples and what is so by definition."""

import math

import pytest

from trials.earth import FARTHEST_KM, KM_A_MILE, RADIUS_KM, Point, bearing, distance_km

NORTH_POLE, SOUTH_POLE = Point(90, 0), Point(-90, 0)


def degrees(whole: int, minutes: float, seconds: float = 0) -> float:
    """Degrees, minutes and seconds as degrees."""
    return whole + minutes / 60 + seconds / 3600


LANDS_END = Point(degrees(50, 3, 59), -degrees(5, 42, 53))
JOHN_O_GROATS = Point(degrees(58, 38, 38), -degrees(3, 4, 12))
LAX, JFK = Point(degrees(33, 57), -degrees(118, 24)), Point(degrees(40, 38), -degrees(73, 47))


def test_the_worked_example_of_movable_type():
    """https://www.movable-type.co.uk/scripts/latlong.html: 968.9 km on a ball of 6371 km, beginning at 009°07′11″."""
    assert distance_km(LANDS_END, JOHN_O_GROATS) == pytest.approx(968.9, abs=0.05)
    assert bearing(LANDS_END, JOHN_O_GROATS) == pytest.approx(degrees(9, 7, 11), abs=0.001)


def test_the_worked_example_of_the_aviation_formulary():
    """Ed Williams' Aviation Formulary: Los Angeles to New York is 0.623585 radians (2144 nautical miles), beginning at 66 degrees."""
    assert distance_km(LAX, JFK) / RADIUS_KM == pytest.approx(0.623585, abs=2e-6)
    assert bearing(LAX, JFK) == pytest.approx(66, abs=0.5)


@pytest.mark.parametrize(
    ("one", "other", "part"),
    [
        pytest.param(Point(0, 0), Point(0, 1), 1 / 360, id="a degree of the equator"),
        pytest.param(Point(10, 20), Point(11, 20), 1 / 360, id="a degree of a meridian"),
        pytest.param(Point(0, 0), Point(0, 90), 1 / 4, id="a quarter of the equator"),
        pytest.param(Point(0, 123), NORTH_POLE, 1 / 4, id="from the equator to the pole"),
        pytest.param(NORTH_POLE, SOUTH_POLE, 1 / 2, id="from pole to pole"),
        pytest.param(Point(0, 0), Point(0, 180), 1 / 2, id="to the other side"),
        pytest.param(Point(35, -120), Point(-35, 60), 1 / 2, id="to the other side, aslant"),
        pytest.param(Point(0, 179.5), Point(0, -179.5), 1 / 360, id="over the date line"),
        pytest.param(Point(42, -71), Point(42, -71), 0, id="no way at all"),
    ],
)
def test_what_is_so_by_definition(one, other, part):
    whole = 2 * math.pi * RADIUS_KM
    assert distance_km(one, other) == pytest.approx(whole * part, abs=0.001), "to the meter"
    assert distance_km(other, one) == distance_km(one, other) <= FARTHEST_KM


@pytest.mark.parametrize(
    ("end", "degrees_from_north"), [(Point(1, 0), 0), (Point(0, 1), 90), (Point(-1, 0), 180), (Point(0, -1), 270), (Point(0, 179), 90), (Point(0, -179), 270)]
)
def test_directions(end, degrees_from_north):
    assert bearing(Point(0, 0), end) == pytest.approx(degrees_from_north)


def test_a_mile_is_what_it_is_by_law():
    assert KM_A_MILE == 1.609344, "the international mile of 1959"
