"""What a record's text suggests of a trial, as the desk shows it until somebody accepts or dismisses it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from trials.registry.records import StudyRecord
from trials.suggestions.facts import ConditionName, suggest_facts


def suggestions_for(record: StudyRecord, conditions: Sequence[ConditionName]) -> list[dict[str, Any]]:
    """Each suggestion as ``{"field", "value", "because"}``."""
    return [asdict(suggestion) for suggestion in suggest_facts(record, tuple(conditions))]
