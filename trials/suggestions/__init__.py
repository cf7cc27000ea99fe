"""Suggested rules for criteria as the registry words them. Plain Python: all wording is in patterns.yaml, nothing here decides for the desk."""

from .rules import RuleSuggestion, suggest_rule
from .study_team import is_for_study_team

__all__ = ["RuleSuggestion", "is_for_study_team", "suggest_rule"]
