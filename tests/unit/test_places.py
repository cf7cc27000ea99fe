"""Where places are: found by ZIP code or name, also misspelled, and never guessed."""

import pytest

from trials.earth import Point, distance_km
from trials.gazetteer import countries, country_code, fold
from trials.places import SAME_PLACE_KM, find, near_larger, point_of, search

BOSTON, CAMBRIDGE, LONDON = Point(42.36, -71.06), Point(42.37, -71.11), Point(51.51, -0.13)


def names(places) -> list[str]:
    """The names of some places."""
    return [place.name for place in places]


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("St. Louis", "saint louis"),
        ("  MÜNCHEN ", "munchen"),
        ("Łódź", "lodz"),
        ("Ft. Worth", "fort worth"),
        ("Winston-Salem", "winston salem"),
        ("L'Aquila", "l aquila"),
        ("København", "kobenhavn"),
        ("İstanbul", "istanbul"),
        ("", ""),
        ("...", ""),
    ],
)
def test_names_are_compared_without_case_accents_and_signs(written, folded):
    assert fold(written) == folded


@pytest.mark.parametrize("typed", ["02139", " 02139 ", "02139-4307"])
def test_a_zip_code_is_found(typed):
    found = search("US", typed)
    assert names(found.places) == ["Cambridge, Massachusetts"]
    assert distance_km(found.places[0].point, CAMBRIDGE) < 5
    assert find("US", found.places[0].key) == found.places[0]


@pytest.mark.parametrize("typed", ["00000", "99999", "0213", "021390", "09001", "２１３９０"])
def test_what_is_no_zip_code_that_has_a_place_is_not_found(typed):
    """09001 is one of the armed forces."""
    assert search("US", typed) == ((), ())


@pytest.mark.parametrize(
    ("country", "typed", "first"),
    [
        ("US", "Springfield, IL", "Springfield, Illinois"),
        ("US", "springfield, illinois", "Springfield, Illinois"),
        ("US", "springfield il", "Springfield, Illinois"),
        ("US", "Saint Paul Minnesota", "Saint Paul, Minnesota"),
        ("US", "st louis, mo", "Saint Louis, Missouri"),
        ("US", "San Juan, Puerto Rico", "San Juan, Puerto Rico"),
        ("US", "Washington DC", "Washington, District of Columbia"),
        ("GB", "London", "London"),
        ("DE", "munchen", "Munich"),
        ("DE", "München", "Munich"),
        ("CA", "Quebec City", "Québec"),
        ("CN", "Kunming", "Kunming"),
    ],
)
def test_a_town_is_found_by_its_names(country, typed, first):
    found = search(country, typed)
    assert names(found.places) == [first]
    assert find(country, found.places[0].key) == found.places[0]


def test_towns_of_one_name_are_all_offered_the_largest_first():
    found = search("US", "Springfield")
    assert len(found.places) > 3
    assert found.alike == (), "and not Plainfield"
    assert {"Springfield, Illinois", "Springfield, Massachusetts", "Springfield, Missouri"} <= set(names(found.places))


@pytest.mark.parametrize(
    ("country", "typed", "meant"),
    [
        ("US", "bostn", "Boston, Massachusetts"),
        ("US", "Philadelfia", "Philadelphia, Pennsylvania"),
        ("US", "Los Angelos", "Los Angeles, California"),
        ("US", "Pittsburg", "Pittsburgh, Pennsylvania"),
        ("US", "Cincinatti", "Cincinnati, Ohio"),
        ("GB", "Birmigham", "Birmingham"),
        ("GB", "Edinburg", "Edinburgh"),
        ("FR", "Marsaille", "Marseille"),
    ],
)
def test_a_misspelled_town_is_offered(country, typed, meant):
    found = search(country, typed)
    assert meant in names((*found.places, *found.alike))


@pytest.mark.parametrize(
    ("country", "typed"), [("US", ""), ("US", "   "), ("US", ","), ("US", "qqqqqq"), ("DE", "qqqqqq"), ("XX", "Boston"), ("AQ", "x"), ("DE", "80331")]
)
def test_what_is_no_place_is_not_found(country, typed):
    assert search(country, typed).places == ()


@pytest.mark.parametrize(("country", "key"), [("US", "00000"), ("US", ""), ("US", "Boston"), ("GB", "02139"), ("XX", "1"), ("GB", "no number")])
def test_a_key_that_is_none_finds_nothing(country, key):
    assert find(country, key) is None


@pytest.mark.parametrize(
    ("site", "where", "km"),
    [
        pytest.param(("02114", "Boston", "Massachusetts", "United States"), BOSTON, 3, id="a ZIP code"),
        pytest.param(("02114-2696", "", "", "United States"), BOSTON, 3, id="a ZIP code alone, with four more digits"),
        pytest.param(("", "Boston", "Massachusetts", "United States"), BOSTON, 5, id="a town with its state"),
        pytest.param(("99999", "Boston", "Massachusetts", "United States"), BOSTON, 5, id="a ZIP code that is none: the town counts"),
        pytest.param(("90027", "Boston", "Massachusetts", "United States"), BOSTON, 5, id="a ZIP code of another state: the town counts"),
        pytest.param(("", "New York City", "New York", "United States"), Point(40.75, -73.98), 15, id="New York City"),
        pytest.param(("", "Washington", "District of Columbia", "United States"), Point(38.9, -77.03), 10, id="Washington"),
        pytest.param(("WC1N3JH", "London", "", "United Kingdom"), LONDON, 5, id="a postal code that the data has not"),
        pytest.param(("", "Kunming", "Yunnan", "China"), Point(25.04, 102.72), 10, id="China"),
        pytest.param(("", "Suita-shi", "", "Japan"), Point(34.76, 135.52), 10, id="a Japanese city by its full name"),
        pytest.param(("", "Praha 5", "", "Czechia"), Point(50.09, 14.42), 15, id="a district with a number"),
        pytest.param(("", "Amsterdam", "", "Netherlands"), Point(52.37, 4.89), 10, id="a country without its article"),
        pytest.param(("", "Seoul", "", "Korea, Republic of"), Point(37.57, 126.98), 15, id="a country by its formal name"),
        pytest.param(("", "Ankara", "", "Turkey (Türkiye)"), Point(39.92, 32.85), 15, id="a country by two names"),
    ],
)
def test_where_a_site_is(site, where, km):
    assert distance_km(point_of(*site), where) < km


@pytest.mark.parametrize(
    "site",
    [
        pytest.param(("", "", "", "United States"), id="only a country"),
        pytest.param(("", "Springfield", "", "United States"), id="a town that could be one of several"),
        pytest.param(("", "Boston", "Atlantis", "United Kingdom of Nowhere"), id="a country that is none"),
        pytest.param(("", "Boston", "Massachusetts", ""), id="no country"),
        pytest.param(("", "No Such Town", "Ohio", "United States"), id="a town that is not known"),
        pytest.param(("", "No Such Town", "", "Germany"), id="a town abroad that is not known"),
        pytest.param(("", "Frankfurt", "", "Germany"), id="a town abroad that could be one of two"),
        pytest.param(("02139", "", "", "France"), id="a ZIP code of another country"),
    ],
)
def test_a_site_is_never_guessed(site):
    assert point_of(*site) is None


def test_towns_close_together_are_one_place():
    """Kansas City lies on both sides of a state line."""
    missouri, kansas = (find("US", f"Kansas City, {state}") for state in ("MO", "KS"))
    assert 0 < distance_km(missouri.point, kansas.point) < SAME_PLACE_KM
    assert search("US", "Kansas City").places == (missouri,)
    assert search("US", "Kansas City, KS").places == (kansas,)


def test_a_town_is_told_apart_by_a_larger_one():
    oder = next(place for place in search("DE", "Frankfurt").places if "Oder" in place.name)
    assert near_larger(oder).name == "Berlin"


def test_countries_are_known_by_code_and_by_the_names_of_registry_records():
    assert countries()["US"] == "United States"
    assert len(countries()) > 200
    for name, code in {"United States": "US", "Czech Republic": "CZ", "Czechia": "CZ", "South Korea": "KR", "Taiwan": "TW", "Hong Kong": "HK"}.items():
        assert country_code(name) == code
    assert country_code("Nowhere") is None
