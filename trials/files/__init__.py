"""Reading question, trial and therapy files (YAML). Knows the formats and names each fault's file and line; saves nothing, asks no database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from trials.eligibility.questionnaire import Questionnaire
from trials.eligibility.questions import Question, QuestionError

from .questions import QuestionRecord, read_question
from .reader import FileError, Lines, documents_in, files_in
from .therapies import TherapyRecord, read_therapy
from .trials import TrialRecord, read_trial

__all__ = ["Contents", "FileError", "QuestionRecord", "TherapyRecord", "TrialRecord", "read_files"]


@dataclass
class Contents:
    """What a set of files holds, in the order of the files."""

    questions: list[QuestionRecord] = field(default_factory=list)
    trials: list[TrialRecord] = field(default_factory=list)
    therapies: list[TherapyRecord] = field(default_factory=list)


def read_files(paths: Iterable[Path | str], questions: Iterable[Question] = (), areas: Iterable[str] = ()) -> tuple[Contents, Questionnaire]:
    """Reads files and folders of YAML. Gives their contents, and the questions known (``questions``) and read, together.

    Questions are read before trials, whatever the order of the files, so that rules can be checked. Raises ``FileError``.
    """
    documents = [(path, document) for path in files_in(paths) for document in documents_in(path)]
    areas = tuple(areas)
    contents = Contents()
    lines: dict[str, tuple[Path, int]] = {}
    for path, document in documents:
        for item in document if isinstance(document, list) else ():
            if isinstance(item, Lines) and "brand" in item:
                contents.therapies.append(read_therapy(path, item))
                continue
            record = read_question(path, item, areas)
            key = record.question.key
            if key in lines:
                raise FileError(path, item.line, f"the question '{key}' is there twice; it also stands at {lines[key][0]}:{lines[key][1]}")
            lines[key] = (path, item.line)
            contents.questions.append(record)
    questionnaire = _together(contents.questions, questions, lines)
    numbers: set[str] = set()
    for path, document in documents:
        if not isinstance(document, list):
            trial = read_trial(path, document, questionnaire, areas)
            if trial.nct_id in numbers:
                raise FileError(path, document.line, f"{trial.nct_id} is there twice")
            numbers.add(trial.nct_id)
            contents.trials.append(trial)
    return contents, questionnaire


def _together(read: list[QuestionRecord], known: Iterable[Question], lines: Mapping[str, tuple[Path, int]]) -> Questionnaire:
    merged = {question.key: question for question in known}
    for record in read:
        merged[record.question.key] = _with_earlier_choices(record.question, merged.get(record.question.key))
    try:
        return Questionnaire(merged.values())
    except QuestionError as fault:
        named = next((key for key in lines if f"'{key}'" in str(fault)), None)
        path, line = lines[named] if named else ("questions", 1)
        raise FileError(path, line, str(fault)) from None


def _with_earlier_choices(question: Question, earlier: Question | None) -> Question:
    """Loading a question adds to its choices and units and never takes one away, since rules may name it."""
    if earlier is None or earlier.kind is not question.kind or earlier.unit != question.unit:
        return question
    named = {choice.key for choice in question.choices}
    choices = (*question.choices, *(choice for choice in earlier.choices if choice.key not in named))
    return replace(question, choices=choices, units={**earlier.units, **question.units})
