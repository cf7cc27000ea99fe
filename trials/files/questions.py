"""Question files: a YAML list of questions. The choices of `diagnosis` are the tree of conditions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from trials.eligibility.questions import Changes, Choice, Kind, Question, QuestionError, Source
from trials.vocabulary import DIAGNOSIS

from .reader import FileError, Reader, areas_of


@dataclass(frozen=True)
class ConditionRecord:
    """One node of the tree of conditions: a choice of the question ``diagnosis``."""

    key: str
    label: str
    parent: str = ""
    help: str = ""
    synonyms: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()


@dataclass(frozen=True)
class QuestionRecord:
    """One question of a question file; for ``diagnosis`` the conditions stand in place of choices."""

    question: Question
    conditions: tuple[ConditionRecord, ...] = ()
    path: Path | str = ""
    line: int = 1


_QUESTION_KEYS = (
    *("key", "kind", "text", "child_text", "help", "why", "unit", "units", "min", "max", "choices"),
    *("areas", "sensitive", "source", "ask_if", "otherwise", "order", "changes"),
)


def read_question(path: Path | str, data: object, areas: Iterable[str], line: int = 1) -> QuestionRecord:
    """One question of a question file, which stands at this line. Raises ``FileError``."""
    reader = Reader(path, data, "question", _QUESTION_KEYS, line)
    reader.require("key", "kind", "text")
    kind = Kind(reader.one_of("kind", tuple(Kind)))
    units = reader.data.get("units") or {}
    if not isinstance(units, dict):
        raise reader.fault("units", "'units' must map each unit to its factor, such as months: 1/12")
    changes = reader.one_of("changes", tuple(Changes))
    conditions = tuple(_read_condition(path, item, areas, line) for item, line in reader.items("choices"))
    try:
        question = Question(
            key=reader.text("key", 80),
            kind=kind,
            text=reader.text("text", 300),
            child_text=reader.text("child_text", 300),
            help=reader.text("help"),
            why=reader.text("why"),
            unit=reader.text("unit", 40),
            units={str(unit): reader.fraction("units", factor) for unit, factor in units.items()},
            min=reader.number("min"),
            max=reader.number("max"),
            choices=tuple(Choice(condition.key, condition.label, condition.parent or None) for condition in conditions),
            areas=frozenset(areas_of(reader, areas)),
            sensitive=reader.flag("sensitive", False),
            source=Source(reader.one_of("source", tuple(Source)) or Source.PATIENT),
            ask_if=reader.text("ask_if", 500),
            otherwise=reader.data.get("otherwise"),
            order=reader.whole("order"),
            changes=Changes(changes) if changes else None,
        )
    except QuestionError as fault:
        raise FileError(path, reader.data.line, str(fault)) from None
    return QuestionRecord(question, conditions if question.key == DIAGNOSIS else (), path, reader.data.line)


def _read_condition(path: Path | str, data: object, areas: Iterable[str], line: int) -> ConditionRecord:
    reader = Reader(path, data, "choice", ("key", "label", "parent", "help", "synonyms", "areas"), line)
    reader.require("key", "label")
    return ConditionRecord(
        reader.text("key", 80), reader.text("label", 160), reader.text("parent"), reader.text("help", 400), reader.texts("synonyms"), areas_of(reader, areas)
    )
