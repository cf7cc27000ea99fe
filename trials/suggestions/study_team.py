"""Criteria that no patient can answer: consent, judgement, promises."""

from __future__ import annotations

from .patterns import patterns
from .tokens import LONGEST_CRITERION, seen


def is_for_study_team(text: str, kind: str) -> str | None:
    """Why a criterion is better left to the study team ("consent and willingness"), or None where no pattern says so."""
    if kind not in ("inclusion", "exclusion") or len(text) > LONGEST_CRITERION:
        return None
    line = seen(text)
    return next((pattern.label for pattern in patterns().study_team if pattern.words.search(line)), None)
