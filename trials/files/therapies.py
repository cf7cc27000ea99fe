"""Therapy files: a YAML list of approved gene therapies."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trials.eligibility.questions import did_you_mean
from trials.vocabulary import APPROACHES, DELIVERIES

from .reader import Reader, areas_of


@dataclass(frozen=True)
class TherapyRecord:
    """One approved therapy. ``values`` are the plain fields, by the names of the ``ApprovedTherapy`` model."""

    values: dict[str, Any]
    area: str
    conditions: tuple[str, ...]


_THERAPY_TEXTS = {"brand": 120, "generic": 200, "company": 200, "condition": 20_000, "vector": 200, "note": 20_000, "source": 20_000}


def read_therapy(path: Path | str, data: object, areas: Iterable[str], conditions: Collection[str]) -> TherapyRecord:
    """One approved therapy, for some of these areas and conditions. Raises ``FileError``."""
    keys = (*_THERAPY_TEXTS, "conditions", "area", "year_approved", "approach", "delivery", "withdrawn", "as_of")
    reader = Reader(path, data, "therapy", keys)
    reader.require("brand", "condition", "source", "as_of")
    year = reader.number("year_approved")
    if year is not None and not (1900 <= year <= 2200 and year.denominator == 1):
        raise reader.fault("year_approved", "'year_approved' must be a year such as 2026")
    values: dict[str, Any] = {key: reader.text(key, longest) for key, longest in _THERAPY_TEXTS.items()}
    values |= {
        "approach": reader.one_of("approach", APPROACHES),
        "delivery": reader.one_of("delivery", DELIVERIES),
        "year_approved": None if year is None else int(year),
        "withdrawn": reader.flag("withdrawn", False),
        "as_of": reader.day("as_of"),
    }
    for key in reader.texts("conditions"):
        if key not in conditions:
            raise reader.fault("conditions", f"unknown condition '{key}'{did_you_mean(key, conditions)}")
    area = areas_of(reader, areas, "area")
    return TherapyRecord(values, area[0] if area else "", reader.texts("conditions"))
