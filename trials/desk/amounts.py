"""Amounts in the text of a criterion: the numbers, their units, and whether they are lower or upper limits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

Direction = Literal["at least", "at most"]

_WORDS = {
    word: Fraction(number)
    for number, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
        ]
    )
} | {word: Fraction(10 * tens) for tens, word in enumerate(["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], start=2)}
_WORDS |= {"first": Fraction(1), "once": Fraction(1), "second": Fraction(2), "twice": Fraction(2), "double": Fraction(2), "third": Fraction(3)}
_WORDS |= {"half": Fraction(1, 2), "hundred": Fraction(100), "adult": Fraction(18), "adults": Fraction(18)}
_TENS = "|".join(word for word, number in _WORDS.items() if 20 <= number < 100)
_ONES = "|".join(word for word, number in _WORDS.items() if 1 <= number < 10)

_NUMBER = re.compile(
    r"(?<![A-Za-z\d.])(?<![A-Za-z][-‑])(?:(?:1\s?:|20/)\s?)?(?P<digits>(?:\d{1,3}(?:,\d{3}){1,5}|\d{1,18})(?!\d)(?:\.\d+)?)(?:\s?[x×*]\s?10\s?\^?\s?(?P<power>\d{1,2}|[³⁶⁹]))?"
    rf"|\b(?P<tens>{_TENS})[- ](?P<ones>{_ONES})\b|\b(?P<word>{'|'.join(_WORDS)})\b",
    re.I,
)
_RAISED = {"³": 3, "⁶": 6, "⁹": 9}

_KINDS: dict[str, dict[str, tuple[str, Fraction]]] = {
    "time": {
        "years": (r"(?:-| )?(?:years?|yrs?|y/?o)\b", Fraction(1461, 4)),
        "months": (r"(?:-| )?(?:months?|mos?)\b", Fraction(487, 16)),
        "weeks": (r"(?:-| )?(?:weeks?|wks?)\b", Fraction(7)),
        "days": (r"(?:-| )?days?\b", Fraction(1)),
        "hours": (r"(?:-| )?(?:hours?|hrs?)\b", Fraction(1, 24)),
    },
    "mass": {
        "g/dL": (r"\s?g(?:m|rams?)?/(?:dL|100\s?mL)\b", Fraction(10)),
        "mg/dL": (r"\s?mg/dL\b", Fraction(1, 100)),
        "g/L": (r"\s?g/L\b", Fraction(1)),
    },
    "moles": {
        "mmol/L": (r"\s?m(?:mol/L\b|M\b)", Fraction(1)),
        "µmol/L": (r"\s?[uµμ](?:mol/L\b|M\b)", Fraction(1, 1000)),
    },
    "count": {
        "thousand/µL": (r"\s?(?:thousand|K)\s?(?:cells)?\s?/\s?(?:[uµμ]L|cu\.? ?mm|mm3)", Fraction(1000)),
        "billion/L": (r"\s?billion\s?(?:cells)?\s?/\s?L\b", Fraction(1000)),
        "cells/µL": (r"\s?(?:cells)?\s?(?:/|per )\s?(?:[uµμ]L|microlit(?:er|re)|mm3|mm³|mm\^3|cu\.? ?mm)", Fraction(1)),
        "cells/L": (r"\s?(?:cells)?\s?/\s?L\b", Fraction(1, 10**6)),
    },
    "multiple": {"times": (r"\s?(?:times|[x×])?\s?(?:the )?(?:institutional |lab(?:oratory)? )?(?:ULN|LLN|(?:upper|lower) (?:limit|normal))", Fraction(1))},
    "share": {"%": (r"\s?(?:%|per ?cent\b)", Fraction(1))},
    "pressure": {"mmHg": (r"\s?mm\s?Hg\b", Fraction(1))},
    "weight": {"kg": (r"\s?(?:kg|kilograms?)\b(?!/)", Fraction(1)), "lb": (r"\s?(?:lbs?|pounds?)\b", Fraction(45359237, 10**8))},
    "copies": {"copies/mL": (r"\s?(?:RNA )?copies\s?(?:/|per )\s?(?:mL|millilit(?:er|re))\b", Fraction(1))},
    "flow": {"mL/min": (r"\s?mL/min", Fraction(1))},
}
_UNITS = [(kind, name, re.compile(pattern, re.I)) for kind, units in _KINDS.items() for name, (pattern, _factor) in units.items()]

_AFTER_UP = re.compile(r"[^.;,()\d]{0,30}?\b(?:or|and) (?:more|older|above|over|higher|greater|longer|up)\b", re.I)
_AFTER_DOWN = re.compile(r"[^.;,()\d]{0,30}?\b(?:or|and) (?:less|younger|below|under|lower|fewer|shorter)\b", re.I)
_NOT_DOWN = r"(?:no|not) (?:less|fewer|lower|younger) than|not (?:below|under)"
_NOT_UP = r"(?:no|not) (?:more|greater|older|higher|longer) than|not (?:above|over|exceed(?:ing)?)"
_UP = r"[>≥]=?|at least|minimum(?: of)?|min\.?|(?:more|greater|older|higher|longer) than|above|over|exceed(?:s|ing)?"
_DOWN = r"[<≤]=?|at most|maximum(?: of)?|max\.?|(?:less|fewer|younger|lower|shorter) than|below|under|up to"
_SPAN = r"within(?: the)?(?: last| past| previous)?|in the (?:last|past|previous)"
_BEFORE = re.compile(rf"(?:(?P<up1>{_NOT_DOWN})|(?P<down1>{_NOT_UP})|(?P<up2>{_UP})|(?P<down2>{_DOWN}|{_SPAN}))\s*(?:or equal to\s*|age\s*|the\s*)?$", re.I)
UPRIGHT_LIMIT = re.compile(rf"{_NOT_DOWN}|{_NOT_UP}", re.I)
"""Limits in words with a "no" in them that says nothing against the criterion: "no more than 3"."""

_RANGE = re.compile(rf"\s*(?:(?P<to>to|through|-|–)|or|and|,)\s*(?:{_NOT_DOWN}|{_NOT_UP}|{_UP}|{_DOWN})?\s*", re.I)
"""What may stand between the two numbers of a range, of which only the second has its unit written."""


@dataclass(frozen=True)
class Amount:
    """A number of a text. ``shown`` is the number without its power of ten; ``kind`` and ``unit`` are empty where it has no unit we know."""

    number: Fraction
    shown: Fraction
    kind: str = ""
    unit: str = ""
    direction: Direction | None = None

    def __str__(self) -> str:
        digits = f"{float(self.number):,.10g}"
        return f"{digits}{'' if self.unit == '%' else ' ' if self.unit else ''}{self.unit}"


def amounts_in(text: str) -> list[Amount]:
    """The amounts that a text names, from left to right. "18 to 65 years" gives both ends the unit."""
    found = list(_found(text))
    for number, (amount, start, end) in reversed(list(enumerate(found[:-1]))):
        following, next_start, _end = found[number + 1]
        joint = _RANGE.fullmatch(text[end:next_start])
        if joint and joint["to"] and amount.direction is None:
            found[number] = (replace(amount, direction="at least"), start, end)
        if joint and not amount.unit and following.unit:
            found[number] = (replace(found[number][0], kind=following.kind, unit=following.unit), start, end)
    return [amount for amount, _start, _end in found]


def _found(text: str) -> Iterator[tuple[Amount, int, int]]:
    for match in _NUMBER.finditer(text):
        if match["digits"]:
            shown = Fraction(match["digits"].replace(",", ""))
        elif match["tens"]:
            shown = _WORDS[match["tens"].lower()] + _WORDS[match["ones"].lower()]
        else:
            shown = _WORDS[match["word"].lower()]
        power = match["power"] or "0"
        number = shown * 10 ** int(_RAISED.get(power, power))
        end = match.end()
        kind, unit, end = next(((kind, name, hit.end()) for kind, name, pattern in _UNITS if (hit := pattern.match(text, end))), ("", "", end))
        yield Amount(number, shown, kind, unit, _direction(text, match.start(), end)), match.start(), end


def _direction(text: str, start: int, end: int) -> Direction | None:
    if before := _BEFORE.search(text[max(0, start - 40) : start]):
        return "at least" if before["up1"] or before["up2"] else "at most"
    if _AFTER_UP.match(text, end):
        return "at least"
    return "at most" if _AFTER_DOWN.match(text, end) else None


def kind_of(unit: str) -> str:
    """What a unit of a question measures; nothing where it is none of the units that a text is searched for."""
    return next((kind for kind, units in _KINDS.items() if unit in units), "")


def converted(amount: Amount, unit: str) -> Fraction | None:
    """The amount in another unit of the same kind."""
    units = _KINDS.get(amount.kind, {})
    return amount.number * units[amount.unit][1] / units[unit][1] if unit in units else None
