"""Ages and dates as the registry writes them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

_YEARS = {
    "year": Fraction(1),
    "month": Fraction(1, 12),
    "week": Fraction(28, 1461),
    "day": Fraction(4, 1461),
    "hour": Fraction(1, 8766),
    "minute": Fraction(1, 525960),
}
"""A year has 12 months and 365.25 days."""

_AGE = re.compile(r"(?P<number>[0-9]{1,6}(?:\.[0-9]{1,3})?) ?(?P<unit>year|month|week|day|hour|minute)s?")
_DATE = re.compile(r"(?P<year>[0-9]{4})(?:-(?P<month>[0-9]{2})(?:-(?P<day>[0-9]{2}))?)?")
_OLDEST = 999


def age_in_years(text: str) -> Fraction | None:
    """An age such as "18 Years", "6 Months" or "28 Days", exactly, in years; None for "" and "N/A". Raises ``ValueError`` for anything else."""
    if not text or text.upper() == "N/A":
        return None
    found = _AGE.fullmatch(text.lower())
    age = Fraction(found["number"]) * _YEARS[found["unit"]] if found else None
    if age is None or age > _OLDEST:
        raise ValueError(f"'{text[:60]}' is not an age such as '18 Years' or '6 Months'")
    return age


def say_age(years: Fraction) -> str:
    """An age in the largest unit in which it is a whole number: "18 years", "6 months"; else in years, rounded."""
    for unit, factor in _YEARS.items():
        count = years / factor
        if count.denominator == 1:
            return f"{count} {unit}" + ("s" if count != 1 else "")
    return f"{float(years):.2g} years"


@dataclass(frozen=True, order=True)
class PartialDate:
    """A day, a month or a year, as far as the registry tells."""

    year: int
    month: int | None = None
    day: int | None = None

    @property
    def first_day(self) -> date:
        """The earliest day that it can mean."""
        return date(self.year, self.month or 1, self.day or 1)

    def __str__(self) -> str:
        return "-".join(f"{part:02d}" for part in (self.year, self.month, self.day) if part is not None)


def partial_date(text: str) -> PartialDate | None:
    """A date such as "2024-05-01", "2024-05" or "2024"; None for "". Raises ``ValueError`` for anything else, and for a day that there is not."""
    if not text:
        return None
    found = _DATE.fullmatch(text)
    parts = [int(part) for part in found.groups() if part] if found else []
    try:
        date(*[*parts, 1, 1][:3])
    except (TypeError, ValueError):
        raise ValueError(f"'{text[:60]}' is not a date such as 2024-05-01, 2024-05 or 2024") from None
    return PartialDate(*parts)
