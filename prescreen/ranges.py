"""What people type for a number: "70", "under 200", "200 to 350", "5 months", "undetectable". Read into an answer of the answers file, and shown again.

The ends of a range are included. "Under 200" ends at 199 where things are counted in whole numbers, and at 200 itself elsewhere: a range that is too
wide can leave a criterion open, but never makes a false yes or no.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from trials.eligibility.questions import Question

from .wording import in_language

COUNTED = frozenset(("cells/µL", "copies", "copies/mL", "crises", "drinks", "exon", "letters", "lines", "medicines", "plans", "points", "repeats", "shots"))
"""Units of what is counted: between one whole number and the next there is none."""

UNDETECTABLE = {"copies/mL": 199}
"""What "undetectable" leaves possible, at most. Each laboratory has its own limit; results of below 200 are told as undetectable.

Source: aidsmap, "What does undetectable mean?" (https://www.aidsmap.com/about-hiv/faq/what-does-undetectable-mean), read 2026-11-22: results may be reported
as "<200", "<50" or "target not detected". Whoever knows the limit of their test can type it.
"""

TITER = "titer"
"""A titer of 1:50 is typed as 50 or as 1:50."""

UNIT_WORDS = {
    # the unit: how people write it
    "years": "years old|year old|years|year|yrs|yr|y",
    "months": "months old|month old|months|month|mos|mo",
    "weeks": "weeks old|week old|weeks|week|wks|wk",
    "days": "days old|day old|days|day",
    "hours": "hours|hour|hrs|hr|h",
    "kg": "kilograms|kilogram|kilos|kilo|kgs|kg",
    "lb": "pounds|pound|lbs|lb",
    "copies/mL": "copies per ml|copies/ml|copies|c/ml",
    "cells/µL": "cells per microliter|cells/µl|cells/ul|cells/mm3|cells",
    "thousand/µL": "thousand/µl|thousand/ul|thousand|k/µl|k/ul",
    "%": "percent|%",
}

Answer = dict[str, str]


def read_typed(typed: str, question: Question, unit: str) -> Answer | None:
    """The answer that was typed, with its unit: ``value``, or ``min`` and ``max``; None where it cannot be read. A unit that was typed counts."""
    text = _simple(typed)
    limit = UNDETECTABLE.get(question.unit)
    if limit is not None and (known := _without(text, _words(get_language())["undetectable"])) is not None:
        text = f"<{known}" if plain_digits(known) else known or f"<={limit}"
    text = _in_months(text) if {"years", "months"} <= question.factors.keys() else text
    text, unit = _without_unit(text, question, unit)
    if question.unit == TITER:
        text = re.sub(r"\b1 ?: ?(?=\d)", "", text)
    found = _range(text, unit) or _single(text)
    return {**found, "unit": unit} if found else None


def is_vague(typed: str) -> bool:
    """Whether somebody typed "about", which leaves open how far off it may be."""
    return bool(_words(get_language())["about"].match(_simple(typed)))


def plain_digits(typed: str) -> str | None:
    """``1 200``, ``1,200`` and ``0,5`` as ``1200`` and ``0.5``, digits of other scripts as ours; None where it is no number."""
    compact = "".join(str(unicodedata.digit(sign, sign)) for sign in typed if not sign.isspace())
    if re.fullmatch(r"[0-9]{1,3}(,[0-9]{3})+(\.[0-9]*)?", compact):
        compact = compact.replace(",", "")
    compact = compact.replace(",", ".")
    return compact if re.fullmatch(r"[+-]?([0-9]{1,15}(\.[0-9]{0,9})?|\.[0-9]{1,9})", compact) else None


def typed_again(answer: Mapping[str, Any]) -> str:
    """An answer as it can be typed, without its unit."""
    if "value" in answer:
        return str(answer["value"])
    return _range_text(answer, "").strip()


def in_words(answer: Mapping[str, Any], unit: str) -> str:
    """An answer as its owner gave it: ``154 lb``, ``199 copies/mL or less``, ``200 to 350 cells/µL``."""
    shown = in_language(str(answer.get("unit", unit)))
    return f"{answer['value']} {shown}" if "value" in answer else _range_text(answer, f" {shown}")


def _range_text(answer: Mapping[str, Any], unit: str) -> str:
    low, high = answer.get("min"), answer.get("max")
    if low is None:
        return _("%(high)s%(unit)s or less") % {"high": high, "unit": unit}
    if high is None:
        return _("%(low)s%(unit)s or more") % {"low": low, "unit": unit}
    return _("%(low)s to %(high)s%(unit)s") % {"low": low, "high": high, "unit": unit}


def _simple(typed: str) -> str:
    """What was typed in small letters, with plain digits, dashes and signs, and single spaces."""
    digits = "".join(str(unicodedata.digit(sign, sign)) if sign.isdigit() else sign for sign in typed)
    for signs, plain in (("–—−‐‑", "-"), ("≤", "<="), ("≥", ">="), ("μ", "µ")):
        digits = re.sub(f"[{signs}]", plain, digits)
    return " ".join(digits.lower().replace("μ", "µ").split())


def _in_months(text: str) -> str:
    """An age such as "1 year 3 months" in months."""
    found = re.fullmatch(rf"([0-9]{{1,3}}) ?(?:{UNIT_WORDS['years']}),?(?: and)? ([0-9]{{1,2}}) ?(?:{UNIT_WORDS['months']})", text)
    return f"{12 * int(found[1]) + int(found[2])} months" if found else text


def _without_unit(text: str, question: Question, unit: str) -> tuple[str, str]:
    """The text before a unit of the question that it ends with (or has twice, as in "5 kg to 6 kg"), and that unit."""
    for known in sorted(question.factors, key=len, reverse=True):
        names = "|".join(map(re.escape, UNIT_WORDS.get(known, known.lower()).split("|")))
        shorter = re.sub(rf"(?<=[\d ])(?:{names})(?![^\W\d_])", " ", text)
        if shorter != text:
            return " ".join(shorter.split()), known
    return text, unit


def _range(text: str, unit: str) -> Answer | None:
    """The ends of a range."""
    for kind, pattern in _words(get_language()).items():
        found = pattern.fullmatch(text) if kind not in ("undetectable", "about") else None
        ends = [plain_digits(end) for end in found.groups() if end is not None] if found else []
        if not ends or None in ends:
            continue
        if kind == "between":
            low, high = sorted(ends, key=Fraction)
            return {"min": low, "max": high}
        is_whole = unit in COUNTED
        (end,) = ends
        match kind:
            case "under":
                return {"max": str(math.ceil(Fraction(end)) - 1) if is_whole else end}
            case "over":
                return {"min": str(math.floor(Fraction(end)) + 1) if is_whole else end}
            case "at_most":
                return {"max": end}
            case "at_least":
                return {"min": end}
    return None


def _single(text: str) -> Answer | None:
    digits = plain_digits(text)
    return {"value": digits} if digits is not None else None


def _without(text: str, pattern: re.Pattern[str]) -> str | None:
    """What is left of a text without these words; None where it does not have them."""
    shorter = pattern.sub(" ", text)
    return None if shorter == text else " ".join(re.sub(r"[(),;:]", " ", shorter).split())


@lru_cache(16)
def _words(_language: str | None) -> dict[str, re.Pattern[str]]:
    """The patterns of a language, by what they mean."""

    def one_of(words: str) -> str:
        return "(?:" + "|".join(re.escape(word.strip().lower()) for word in words.split("|")) + ")"

    number = r"([0-9][0-9., ]*|\.[0-9]+)"
    under, over = one_of(_("under|below|less than|fewer than|lower than")), one_of(_("over|above|more than|higher than|greater than"))
    at_most, at_least = one_of(_("at most|up to|no more than|not more than|max")), one_of(_("at least|no less than|not less than|from|min"))
    or_less = one_of(_("or less|or fewer|or lower|or under|or below"))
    or_more = one_of(_("or more|or higher|or over|or above|and up|and over|and more"))
    between, to = one_of(_("between|from")), one_of(_("to|and"))
    return {
        "about": re.compile(rf"(?:{one_of(_('about|around|approximately|approx|roughly|circa'))}\b|~)"),
        "undetectable": re.compile(one_of(_("target not detected") + "|" + _("not detected|not detectable|undetectable|undetected"))),
        "between": re.compile(rf"(?:{between} )?{number} ?(?:-|{to}) ?{number}"),
        "under": re.compile(rf"(?:{under}|<) ?{number}"),
        "over": re.compile(rf"(?:{over}|>) ?{number}"),
        "at_most": re.compile(rf"(?:{at_most}|<=) ?{number}|{number} {or_less}"),
        "at_least": re.compile(rf"(?:{at_least}|>=) ?{number}|{number} ?(?:{or_more}|\+)"),
    }
