"""What a record's text suggests of a trial, as the desk shows it until somebody accepts or dismisses it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from trials.registry.records import StudyRecord
from trials.suggestions.facts import ConditionName, is_gene_therapy, suggest_facts

DOUBT, FOLLOWS = "doubt", "follows_earlier"


def suggestions_for(record: StudyRecord, conditions: Sequence[ConditionName]) -> list[dict[str, str]]:
    """Each suggestion as ``{"field", "value", "because"}``. The fields ``doubt`` and ``follows_earlier`` ask whether the trial belongs here at all."""
    found = [asdict(suggestion) for suggestion in suggest_facts(record, tuple(conditions))]
    hint = is_gene_therapy(record)
    if hint.answer == "doubtful":
        found.append({"field": DOUBT, "value": "", "because": hint.because})
    if hint.follows_earlier:
        found.append({"field": FOLLOWS, "value": "", "because": hint.follows_earlier})
    return found
