"""Reading question, trial and therapy files (YAML). Knows the formats and names each fault's file and line; saves nothing, asks no database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from trials.eligibility.questionnaire import Questionnaire
from trials.eligibility.questions import Question, QuestionError
from trials.vocabulary import DIAGNOSIS

from .questions import QuestionRecord, read_question
from .reader import FileError, Items, Lines, documents_in, files_in
from .therapies import TherapyRecord, read_therapy
from .trials import TrialRecord, read_trial

__all__ = ["Contents", "FileError", "QuestionRecord", "TherapyRecord", "TrialRecord", "read_files"]


@dataclass
class Contents:
    """What a set of files holds, in the order of the files."""

    questions: list[QuestionRecord] = field(default_factory=list)
    trials: list[TrialRecord] = field(default_factory=list)
    therapies: list[TherapyRecord] = field(default_factory=list)


def read_files(
    paths: Iterable[Path | str], questions: Iterable[Question] = (), areas: Iterable[str] = (), keep_known: bool = False
) -> tuple[Contents, Questionnaire]:
    """Reads files and folders of YAML. Gives their contents, and the questions known (``questions``) and read, together.

    Of a question that is both known and read the read one counts, with the choices and units of the known one besides; with ``keep_known``
    the known one counts, with the choices that the read one adds.

    Questions are read before trials, whatever the order of the files, so that rules can be checked. Raises ``FileError``.
    """
    documents = [(path, document) for path in files_in(paths) for document in documents_in(path)]
    areas = tuple(areas)
    contents = Contents()
    read: dict[str, QuestionRecord] = {}
    listed = [(path, item, line) for path, document in documents if isinstance(document, Items) for item, line in zip(document, document.lines, strict=True)]
    therapies = [(path, item, line) for path, item, line in listed if isinstance(item, Lines) and "brand" in item]
    for path, item, line in listed:
        if isinstance(item, Lines) and "brand" in item:
            continue
        record = read_question(path, item, areas, line)
        key = record.question.key
        if key in read:
            raise FileError(path, line, f"the question '{key}' is there twice; it also stands at {read[key].path}:{read[key].line}")
        read[key] = record
        contents.questions.append(record)
    questionnaire = _together(read, questions, keep_known)
    conditions = questionnaire[DIAGNOSIS].labels if DIAGNOSIS in questionnaire else {}
    for path, item, line in therapies:
        therapy = read_therapy(path, item, areas, conditions)
        if any(therapy.values["brand"] == other.values["brand"] for other in contents.therapies):
            raise FileError(path, line, f"the therapy '{therapy.values['brand']}' is there twice")
        contents.therapies.append(therapy)
    numbers: set[str] = set()
    for path, document in documents:
        if not isinstance(document, Items):
            trial = read_trial(path, document, questionnaire, areas)
            if trial.nct_id in numbers:
                raise FileError(path, document.line, f"{trial.nct_id} is there twice")
            numbers.add(trial.nct_id)
            contents.trials.append(trial)
    return contents, questionnaire


def _together(read: Mapping[str, QuestionRecord], known: Iterable[Question], keep_known: bool) -> Questionnaire:
    merged = {question.key: question for question in known}
    for key, record in read.items():
        earlier = merged.get(key)
        if earlier is None:
            merged[key] = record.question
        else:
            merged[key] = _added_to(earlier, record.question) if keep_known else _added_to(record.question, earlier)
    try:
        return Questionnaire(merged.values())
    except QuestionError as fault:
        places = {str(fault).find(f"'{key}'"): record for key, record in read.items()}
        named = places.get(min((place for place in places if place >= 0), default=-2))
        raise FileError(named.path if named else "questions", named.line if named else 1, str(fault)) from None


def _added_to(question: Question, other: Question) -> Question:
    """A question with the choices and units that another version of it has besides: none is ever taken away, since rules may name it."""
    if other.kind is not question.kind or other.unit != question.unit:
        return question
    named = {choice.key for choice in question.choices}
    choices = (*question.choices, *(choice for choice in other.choices if choice.key not in named))
    return replace(question, choices=choices, units={**other.units, **question.units})
