"""Numbers that can be but hardly are: asked about once, with the unit that may have been meant. Nothing is refused here, and no answer is changed."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from trials.eligibility.changing import AGE
from trials.eligibility.questions import Question

USUAL = {
    # key: (smallest, largest) in the question's own unit. Wide on purpose: outside, a slip of the unit or a digit is likelier than the truth.
    "age": (0, 105),  # years
    "bilirubin": ("0.1", 45),  # mg/dL
    "bmi": (9, 70),  # kg/m2
    "creatinine": ("0.1", 25),  # mg/dL
    "hemoglobin": (3, 23),  # g/dL
    "ldl": ("0.2", 25),  # mmol/L
    "lymphocytes": (0, 300),  # thousand/µL
    "neutrophils": (0, 80),  # thousand/µL
    "platelets": (1, 2000),  # thousand/µL
    "triglycerides": ("0.2", 60),  # mmol/L
    "weight": (2, 200),  # kg
    "white_cells": ("0.05", 600),  # thousand/µL
}
"""For the questions that have several units, or where one digit too many still makes a possible number."""

BABY = 2
"""Under so many years an age is better told in months."""


def is_unlikely(question: Question, answer: Mapping[str, Any]) -> bool:
    """Whether a number lies outside what is usual."""
    return "value" in answer and not _is_usual(question, _own(question, answer["value"], answer["unit"]))


def meant_unit(question: Question, answer: Mapping[str, Any]) -> str | None:
    """The one other unit in which the same number would be usual; None where there is no such unit, or more than one."""
    if "value" not in answer or question.key not in USUAL:
        return None
    factors = {unit: factor for unit, factor in question.factors.items() if factor != question.factors[answer["unit"]]}
    fitting = [unit for unit in factors if _is_usual(question, _own(question, answer["value"], unit))]
    same = {factors[unit] for unit in fitting}
    return fitting[0] if len(same) == 1 else None


def is_baby_in_years(question: Question, answer: Mapping[str, Any]) -> bool:
    """Whether the age of a child under two was told in whole years, which may be off by half of the child's life."""
    value = answer.get("value")
    return question.key == AGE and answer["unit"] == "years" and value is not None and Fraction(value) in range(BABY)


def as_whole_years(answer: Mapping[str, Any]) -> dict[str, str]:
    """An age in whole years as all months that it may be: 1 year is 12 to 24 months."""
    years = int(Fraction(answer["value"]))
    return {"min": str(12 * years), "max": str(12 * (years + 1)), "unit": "months"}


def _own(question: Question, value: str, unit: str) -> Fraction:
    return Fraction(value) * question.factors[unit]


def _is_usual(question: Question, value: Fraction) -> bool:
    if question.key not in USUAL:
        return True
    low, high = map(Fraction, USUAL[question.key])
    return low <= value <= high
