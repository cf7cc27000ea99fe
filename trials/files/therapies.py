"""Therapy files: a YAML list of approved gene therapies."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trials.vocabulary import APPROACHES, DELIVERIES

from .reader import Reader


@dataclass(frozen=True)
class TherapyRecord:
    """One approved therapy. ``values`` are the plain fields, by the names of the ``ApprovedTherapy`` model."""

    values: dict[str, Any]
    area: str
    conditions: tuple[str, ...]


_THERAPY_TEXTS = ("brand", "generic", "company", "condition", "vector", "note", "source")


def read_therapy(path: Path | str, data: object) -> TherapyRecord:
    """One approved therapy. Raises ``FileError``."""
    keys = (*_THERAPY_TEXTS, "conditions", "area", "year_approved", "approach", "delivery", "withdrawn", "as_of")
    reader = Reader(path, data, "therapy", keys)
    reader.require("brand", "condition", "area", "source", "as_of")
    year = reader.number("year_approved")
    values: dict[str, Any] = {key: reader.text(key) for key in _THERAPY_TEXTS}
    values |= {
        "approach": reader.one_of("approach", APPROACHES),
        "delivery": reader.one_of("delivery", DELIVERIES),
        "year_approved": None if year is None else int(year),
        "withdrawn": reader.flag("withdrawn", False),
        "as_of": reader.day("as_of"),
    }
    return TherapyRecord(values, reader.text("area"), reader.texts("conditions"))
