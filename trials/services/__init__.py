"""The writes. Each function does one thing whole or not at all."""

from .loading import STARTER, add_choices, load_files, load_starter, save_question, save_therapy, save_trial
from .publishing import check_trial, findings, note_ages, publish, withdraw

__all__ = [
    "STARTER",
    "add_choices",
    "check_trial",
    "findings",
    "load_files",
    "load_starter",
    "note_ages",
    "publish",
    "save_question",
    "save_therapy",
    "save_trial",
    "withdraw",
]
