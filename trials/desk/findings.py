"""What the checks of the desk report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from django.utils.translation import gettext as _  # type: ignore[import-untyped]

from trials.eligibility.judging import Trial

Level = Literal["error", "warning"]

LONGEST_QUOTE = 60


@dataclass(frozen=True)
class Finding:
    """One thing to look at. ``criterion`` is its place in the trial's list, from 0; None where it is not about one criterion."""

    level: Level
    criterion: int | None
    code: str
    message: str


def place(trial: Trial, criterion: int) -> str:
    """How messages name a criterion: its number, from 1, and the beginning of its text."""
    return str(_("Criterion %(number)s (“%(text)s”)") % {"number": criterion + 1, "text": shortened(trial.criteria[criterion].text)})


def shortened(text: str, longest: int = LONGEST_QUOTE) -> str:
    """The beginning of a text, cut between two words."""
    if len(text) <= longest:
        return text
    return f"{text[:longest].rsplit(None, 1)[0].rstrip(' ,;:(')} …"
