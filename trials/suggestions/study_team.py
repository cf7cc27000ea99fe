"""Criteria that no patient can answer: consent, judgement, promises."""

from __future__ import annotations

from .patterns import patterns
from .tokens import seen

LONGEST = 600
"""Characters; a longer criterion says too much for one reason."""


def is_for_study_team(text: str, kind: str) -> str | None:
    """Why a criterion is better left to the study team ("consent and willingness").

    None where no pattern says so, and where the criterion also says something that a patient can answer, such as an age.
    """
    if kind not in ("inclusion", "exclusion") or len(text) > LONGEST:
        return None
    line = seen(text)
    if any(phrase.search(line) for phrase in patterns().words["answerable"]):
        return None
    return next((pattern.label for pattern in patterns().study_team if any(phrase.search(line) for phrase in pattern.words)), None)
