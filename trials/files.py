"""Reading question, trial and therapy files (YAML). Knows the formats and names each fault's file and line; saves nothing, asks no database."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import yaml

from .eligibility.questionnaire import Questionnaire
from .eligibility.questions import AnswerError, Choice, Kind, Question, QuestionError, Source, did_you_mean
from .eligibility.rules import RuleError, parse
from .eligibility.verdicts import CriterionKind, Verdict

APPROACHES = ("gene_addition", "gene_silencing", "gene_editing", "engineered_cells", "oncolytic_virus")
DELIVERIES = ("in_vivo", "ex_vivo")
PHASES = ("EARLY_PHASE1", "PHASE1", "PHASE2", "PHASE3", "PHASE4", "NA")
OPEN_STATUSES = ("RECRUITING", "NOT_YET_RECRUITING", "ENROLLING_BY_INVITATION")
STATUSES = (
    *OPEN_STATUSES,
    "UNKNOWN",
    "ACTIVE_NOT_RECRUITING",
    "COMPLETED",
    "SUSPENDED",
    "TERMINATED",
    "WITHDRAWN",
    "AVAILABLE",
    "NO_LONGER_AVAILABLE",
    "TEMPORARILY_NOT_AVAILABLE",
    "APPROVED_FOR_MARKETING",
    "WITHHELD",
)
SEXES = ("ALL", "FEMALE", "MALE")
NCT_NUMBER = re.compile(r"NCT\d{8}")
LARGEST_FILE = 5_000_000
DIAGNOSIS = "diagnosis"


class FileError(ValueError):
    """A file that cannot be loaded: ``path:line: fault``. Nothing of it is used."""

    def __init__(self, path: Path | str, line: int, fault: str) -> None:
        super().__init__(f"{path}:{line}: {fault}")
        self.path, self.line, self.fault = path, line, fault


class Lines(dict[str, Any]):
    """A YAML mapping that remembers the line of each of its keys."""

    line: int
    lines: dict[str, int]

    def line_of(self, key: str) -> int:
        """The line on which a key stands, or the mapping itself where it has no such key."""
        return self.lines.get(key, self.line)


class _Loader(yaml.SafeLoader):
    """PyYAML's safe loader; mappings come as ``Lines`` and may not repeat a key."""

    def construct_lines(self, node: yaml.MappingNode) -> Iterator[Lines]:
        found = Lines()
        found.line, found.lines = node.start_mark.line + 1, {}
        yield found
        for key_node, value_node in node.value:
            key = str(self.construct_object(key_node, deep=True))
            if key in found:
                raise yaml.constructor.ConstructorError(None, None, f"'{key}' is there twice", key_node.start_mark)
            found[key] = self.construct_object(value_node, deep=True)
            found.lines[key] = key_node.start_mark.line + 1


_Loader.add_constructor("tag:yaml.org,2002:map", _Loader.construct_lines)


@dataclass(frozen=True)
class CriterionRecord:
    """One criterion as the file states it; an empty ``rule`` leaves it to the study team."""

    kind: CriterionKind
    text: str
    plain: str = ""
    rule: str = ""
    cohort: str = ""


@dataclass(frozen=True)
class SampleRecord:
    """A patient to try the trial's rules on, and the verdict to expect."""

    name: str
    answers: dict[str, object]
    expect: Verdict


@dataclass(frozen=True)
class TrialRecord:
    """One trial file, read and checked. ``values`` are the plain fields, by the names of the ``Trial`` model."""

    nct_id: str
    values: dict[str, Any]
    areas: tuple[str, ...]
    conditions: tuple[str, ...]
    criteria: tuple[CriterionRecord, ...]
    cohorts: tuple[str, ...] = ()
    sites: tuple[dict[str, str], ...] = ()
    samples: tuple[SampleRecord, ...] = ()


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


@dataclass(frozen=True)
class TherapyRecord:
    """One approved therapy. ``values`` are the plain fields, by the names of the ``ApprovedTherapy`` model."""

    values: dict[str, Any]
    area: str
    conditions: tuple[str, ...]


@dataclass
class Contents:
    """What a set of files holds, in the order of the files."""

    questions: list[QuestionRecord] = field(default_factory=list)
    trials: list[TrialRecord] = field(default_factory=list)
    therapies: list[TherapyRecord] = field(default_factory=list)


class Reader:
    """Reads one mapping of a file field by field, naming the file and line of whatever is wrong."""

    def __init__(self, path: Path | str, data: object, what: str, known: Iterable[str]) -> None:
        if not isinstance(data, Lines):
            raise FileError(path, 1, f"a {what} must be a mapping of names to values")
        self.path, self.data, self.what = path, data, what
        known = list(known)
        for key in data:
            if key not in known:
                raise self.fault(key, f"a {what} has no '{key}'{did_you_mean(key, known)}")

    def fault(self, key: str, fault: str) -> FileError:
        """The error that names this key's line."""
        return FileError(self.path, self.data.line_of(key), fault)

    def require(self, *keys: str) -> None:
        """Refuses the mapping where one of these is missing or empty."""
        for key in keys:
            if self.data.get(key) in (None, "", []):
                raise self.fault(key, f"the {self.what} needs '{key}'")

    def text(self, key: str) -> str:
        """A text, or "" where there is none. A number is taken as it is written."""
        value = self.data.get(key)
        if value is None:
            return ""
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise self.fault(key, f"'{key}' must be a text; put it in quotes")
        return str(value).strip()

    def flag(self, key: str, default: bool) -> bool:
        """True or false."""
        value = self.data.get(key, default)
        if not isinstance(value, bool):
            raise self.fault(key, f"'{key}' must be true or false")
        return value

    def one_of(self, key: str, allowed: Iterable[str]) -> str:
        """One of these words, or "" where there is none."""
        word = self.text(key)
        if word and word not in allowed:
            raise self.fault(key, f"'{key}' cannot be '{word}'{did_you_mean(word, allowed)}; it is one of {', '.join(allowed)}")
        return word

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; one text alone is a list of one."""
        value = self.data.get(key) or []
        listing = value if isinstance(value, list) else [value]
        if not all(isinstance(item, str | int) and not isinstance(item, bool) for item in listing):
            raise self.fault(key, f"'{key}' must be a list of texts")
        return tuple(str(item) for item in listing)

    def mappings(self, key: str) -> list[Any]:
        """A list of mappings, unchecked."""
        value = self.data.get(key) or []
        if not isinstance(value, list):
            raise self.fault(key, f"'{key}' must be a list")
        return value

    def number(self, key: str) -> Fraction | None:
        """An exact number such as 3, 0.5 or 1/12."""
        value = self.data.get(key)
        if value is None:
            return None
        return self.fraction(key, value)

    def fraction(self, key: str, value: object) -> Fraction:
        """The exact number that a value of this key writes."""
        if not isinstance(value, bool) and isinstance(value, int | float | str):
            try:
                return Fraction(str(value).replace(" ", ""))
            except (ValueError, ZeroDivisionError):
                pass
        raise self.fault(key, f"'{value}' is not a number; write it like 3, 0.5 or 1/12")

    def day(self, key: str) -> date | None:
        """A date written as YYYY-MM-DD."""
        value = self.data.get(key)
        if isinstance(value, datetime):
            return value.date()
        if value is None or isinstance(value, date):
            return value
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            raise self.fault(key, f"'{key}' must be a date such as 2026-11-22, not '{value}'") from None


def read_files(paths: Iterable[Path | str], questions: Iterable[Question] = (), areas: Iterable[str] = ()) -> tuple[Contents, Questionnaire]:
    """Reads files and folders of YAML. Gives their contents, and the questions known (``questions``) and read, together.

    Questions are read before trials, whatever the order of the files, so that rules can be checked. Raises ``FileError``.
    """
    documents = [(path, document) for path in _files(paths) for document in _documents(path)]
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


def _files(paths: Iterable[Path | str]) -> Iterator[Path]:
    for path in map(Path, paths):
        if path.is_dir():
            yield from sorted(found for found in path.rglob("*") if found.suffix in (".yaml", ".yml"))
        elif path.is_file():
            yield path
        else:
            raise FileError(path, 1, "there is no such file or folder")


def _documents(path: Path) -> Iterator[Any]:
    if path.stat().st_size > LARGEST_FILE:
        raise FileError(path, 1, f"the file is larger than {LARGEST_FILE:,} bytes")
    try:
        for document in yaml.load_all(path.read_text(encoding="utf-8"), _Loader):
            if document is not None:
                yield document
    except UnicodeDecodeError:
        raise FileError(path, 1, "the file is not UTF-8 text") from None
    except yaml.MarkedYAMLError as fault:
        mark = fault.problem_mark or fault.context_mark
        raise FileError(path, mark.line + 1 if mark else 1, f"not valid YAML: {fault.problem}") from None
    except (yaml.YAMLError, RecursionError, ValueError) as fault:
        raise FileError(path, 1, f"not valid YAML: {fault}") from None


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


_QUESTION_KEYS = (
    *("key", "kind", "text", "child_text", "help", "why", "unit", "units", "min", "max", "choices"),
    *("areas", "sensitive", "source", "ask_if", "otherwise", "order"),
)


def read_question(path: Path | str, data: object, areas: Iterable[str]) -> QuestionRecord:
    """One question of a question file. Raises ``FileError``."""
    reader = Reader(path, data, "question", _QUESTION_KEYS)
    reader.require("key", "kind", "text")
    kind = Kind(reader.one_of("kind", tuple(Kind)))
    units = reader.data.get("units") or {}
    if not isinstance(units, dict):
        raise reader.fault("units", "'units' must map each unit to its factor, such as months: 1/12")
    order = reader.data.get("order", 0)
    if not isinstance(order, int):
        raise reader.fault("order", "'order' must be a whole number")
    conditions = tuple(_read_condition(path, item, areas) for item in reader.mappings("choices"))
    try:
        question = Question(
            key=reader.text("key"),
            kind=kind,
            text=reader.text("text"),
            child_text=reader.text("child_text"),
            help=reader.text("help"),
            why=reader.text("why"),
            unit=reader.text("unit"),
            units={str(unit): reader.fraction("units", factor) for unit, factor in units.items()},
            min=reader.number("min"),
            max=reader.number("max"),
            choices=tuple(Choice(condition.key, condition.label, condition.parent or None) for condition in conditions),
            areas=frozenset(_areas(reader, areas)),
            sensitive=reader.flag("sensitive", False),
            source=Source(reader.one_of("source", tuple(Source)) or Source.PATIENT),
            ask_if=reader.text("ask_if"),
            otherwise=reader.data.get("otherwise"),
            order=order,
        )
    except QuestionError as fault:
        raise FileError(path, reader.data.line, str(fault)) from None
    return QuestionRecord(question, conditions if question.key == DIAGNOSIS else ())


def _read_condition(path: Path | str, data: object, areas: Iterable[str]) -> ConditionRecord:
    reader = Reader(path, data, "choice", ("key", "label", "parent", "help", "synonyms", "areas"))
    reader.require("key", "label")
    return ConditionRecord(
        reader.text("key"), reader.text("label"), reader.text("parent"), reader.text("help"), reader.texts("synonyms"), _areas(reader, areas)
    )


def _areas(reader: Reader, known: Iterable[str], key: str = "areas") -> tuple[str, ...]:
    named = reader.texts(key)
    for area in named:
        if area not in known:
            raise reader.fault(key, f"unknown condition area '{area}'{did_you_mean(area, known)}; known are {', '.join(known)}")
    return named


_TRIAL_TEXTS = ("title", "summary", "vector", "route", "sponsor", "source")
_TRIAL_KEYS = (
    *("nct_id", *_TRIAL_TEXTS, "condition_areas", "conditions", "approach", "delivery", "genes", "phase", "status", "sites", "contact"),
    *("sex", "follow_up_years", "as_of", "published", "criteria_complete", "cohorts", "criteria", "sample_patients"),
)


def read_trial(path: Path | str, data: object, questionnaire: Questionnaire, areas: Iterable[str]) -> TrialRecord:
    """One trial file, its rules and sample patients checked against the questions. Raises ``FileError``."""
    reader = Reader(path, data, "trial", _TRIAL_KEYS)
    reader.require("nct_id", "title", "condition_areas", "status", "source", "as_of", "criteria")
    nct_id = reader.text("nct_id")
    if not NCT_NUMBER.fullmatch(nct_id):
        raise reader.fault("nct_id", f"'{nct_id}' is not an NCT number: 'NCT' and 8 digits")
    years = reader.number("follow_up_years")
    if years is not None and years < 0:
        raise reader.fault("follow_up_years", "'follow_up_years' cannot be below 0")
    reader.data["status"] = reader.text("status").upper().replace(", ", "_").replace(" ", "_")
    reader.data["sex"] = reader.text("sex").upper()
    values: dict[str, Any] = {key: reader.text(key) for key in _TRIAL_TEXTS}
    values |= {
        "approach": reader.one_of("approach", APPROACHES),
        "delivery": reader.one_of("delivery", DELIVERIES),
        "genes": list(reader.texts("genes")),
        "phase": _phases(reader),
        "status": reader.one_of("status", STATUSES),
        "sex": reader.one_of("sex", SEXES),
        "follow_up_years": None if years is None else float(years),
        "as_of": reader.day("as_of"),
        "published": reader.flag("published", False),
        "criteria_complete": reader.flag("criteria_complete", True),
        **_contact(reader),
    }
    cohorts = reader.texts("cohorts")
    return TrialRecord(
        nct_id=nct_id,
        values=values,
        areas=_areas(reader, areas, "condition_areas"),
        conditions=reader.texts("conditions"),
        criteria=tuple(_read_criterion(path, item, questionnaire, cohorts) for item in reader.mappings("criteria")),
        cohorts=cohorts,
        sites=tuple(_read_site(path, item) for item in reader.mappings("sites")),
        samples=tuple(_read_sample(path, item, questionnaire) for item in reader.mappings("sample_patients")),
    )


def _phases(reader: Reader) -> list[str]:
    phases = reader.texts("phase")
    for phase in phases:
        if phase not in PHASES:
            raise reader.fault("phase", f"unknown phase '{phase}'{did_you_mean(phase, PHASES)}; known are {', '.join(PHASES)}")
    return list(phases)


def _contact(reader: Reader) -> dict[str, str]:
    if reader.data.get("contact") is None:
        return {}
    contact = Reader(reader.path, reader.data["contact"], "contact", ("name", "phone", "email"))
    return {f"contact_{key}": contact.text(key) for key in ("name", "phone", "email")}


def _read_site(path: Path | str, data: object) -> dict[str, str]:
    keys = ("facility", "city", "state", "country", "zip", "status")
    reader = Reader(path, data, "site", keys)
    return {key: reader.text(key) for key in keys}


def _read_criterion(path: Path | str, data: object, questionnaire: Questionnaire, cohorts: tuple[str, ...]) -> CriterionRecord:
    reader = Reader(path, data, "criterion", (*CriterionKind, "rule", "plain", "cohort"))
    kinds = [kind for kind in CriterionKind if kind in reader.data]
    if len(kinds) != 1:
        raise reader.fault("", "a criterion is either 'inclusion: text' or 'exclusion: text'")
    reader.require(kinds[0])
    rule = reader.text("rule")
    if rule:
        try:
            parse(rule, questionnaire)
        except RuleError as fault:
            raise reader.fault("rule", f"rule: {fault}") from None
    cohort = reader.text("cohort")
    if cohort and cohort not in cohorts:
        raise reader.fault("cohort", f"'{cohort}' is not among the trial's cohorts{did_you_mean(cohort, cohorts)}")
    return CriterionRecord(kinds[0], reader.text(kinds[0]), reader.text("plain"), rule, cohort)


def _read_sample(path: Path | str, data: object, questionnaire: Questionnaire) -> SampleRecord:
    reader = Reader(path, data, "sample patient", ("name", "answers", "expect"))
    reader.require("name", "expect")
    answers = reader.data.get("answers") or {}
    if not isinstance(answers, dict):
        raise reader.fault("answers", "'answers' must map question keys to answers")
    try:
        questionnaire.read(answers)
    except AnswerError as fault:
        raise reader.fault("answers", str(fault)) from None
    expect = reader.one_of("expect", [verdict.slug for verdict in Verdict])
    return SampleRecord(reader.text("name"), plain_data(answers), Verdict[expect.upper()])


def plain_data(value: Any) -> Any:
    """YAML values as JSON knows them."""
    if isinstance(value, dict):
        return {key: plain_data(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain_data(item) for item in value]
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


_THERAPY_TEXTS = ("brand", "generic", "company", "condition", "vector", "note", "source")


def read_therapy(path: Path | str, data: object) -> TherapyRecord:
    """One approved therapy. Raises ``FileError``."""
    keys = (*_THERAPY_TEXTS, "conditions", "area", "year_approved", "approach", "delivery", "withdrawn", "as_of")
    reader = Reader(path, data, "therapy", keys)
    reader.require("brand", "condition", "area", "source", "as_of")
    year = reader.number("year_approved")
    values: dict[str, Any] = {key: reader.text(key) for key in _THERAPY_TEXTS}
    values |= {
        "approach": reader.one_of("approach", APPROACHES),
        "delivery": reader.one_of("delivery", DELIVERIES),
        "year_approved": None if year is None else int(year),
        "withdrawn": reader.flag("withdrawn", False),
        "as_of": reader.day("as_of"),
    }
    return TherapyRecord(values, reader.text("area"), reader.texts("conditions"))
