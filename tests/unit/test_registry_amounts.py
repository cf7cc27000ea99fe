"""Ages are exact and in years; dates may be a day, a month or a year. What is neither is refused."""

from datetime import date
from fractions import Fraction

import pytest

from trials.registry.amounts import PartialDate, age_in_years, partial_date


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("18 Years", Fraction(18)),
        ("1 Year", Fraction(1)),
        ("0 Years", Fraction(0)),
        ("6 Months", Fraction(1, 2)),
        ("1 Month", Fraction(1, 12)),
        ("18 Months", Fraction(3, 2)),
        ("2 Weeks", Fraction(56, 1461)),
        ("28 Days", Fraction(112, 1461)),
        ("96 Hours", Fraction(16, 1461)),
        ("24 Hours", Fraction(4, 1461)),
        ("30 Minutes", Fraction(1, 17532)),
        ("60 minutes", Fraction(1, 8766)),
        ("2.5 Years", Fraction(5, 2)),
        ("999 Years", Fraction(999)),
        ("", None),
        ("N/A", None),
        ("n/a", None),
    ],
)
def test_an_age_is_exact_and_in_years(text, years):
    assert age_in_years(text) == years


def test_the_units_agree_with_each_other():
    assert age_in_years("1461 Days") == age_in_years("4 Years") == age_in_years("48 Months")
    assert age_in_years("1 Week") == age_in_years("7 Days") == age_in_years("168 Hours") == age_in_years("10080 Minutes")


@pytest.mark.parametrize(
    "text", ["eighteen", "18", "Years", "18 Parsecs", "-1 Years", "1000 Years", "18 Years old", "1/2 Year", "१८ Years", "9" * 50 + " Days"]
)
def test_what_is_no_age_is_refused_and_not_taken_for_no_limit(text):
    with pytest.raises(ValueError, match="is not an age such as"):
        age_in_years(text)


@pytest.mark.parametrize(
    ("text", "parts", "first_day"),
    [
        ("2024-02-29", PartialDate(2024, 2, 29), date(2024, 2, 29)),
        ("2024-02", PartialDate(2024, 2), date(2024, 2, 1)),
        ("2024", PartialDate(2024), date(2024, 1, 1)),
    ],
)
def test_a_date_is_as_exact_as_it_is_written(text, parts, first_day):
    assert partial_date(text) == parts
    assert parts.first_day == first_day
    assert str(parts) == text


def test_no_date_is_none():
    assert partial_date("") is None


@pytest.mark.parametrize("text", ["2023-02-29", "2024-13", "2024-00", "0000", "May 2024", "2024/05/01", "24-05-01", "2024-05-01T00:00", "2024-5-1"])
def test_what_is_no_date_is_refused(text):
    with pytest.raises(ValueError, match="is not a date such as"):
        partial_date(text)
