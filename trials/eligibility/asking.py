"""Which question to ask next: the one whose answer is expected to settle most, of those that can still change a result."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Set

from .explanations import open_questions
from .index import Index, Inside, Matches
from .judging import truth_of
from .questions import Interval, Kind, Question
from .verdicts import Truth

FIRST_QUESTIONS = ("diagnosis", "age", "sex")
"""Asked first, in this order, where they can change a result: people expect them, and they narrow everything that follows."""

LIKELY_YES = 0.2
"""How often a yes/no question, or one of several choices, applies to a patient, where nothing better is known."""

LIKELY_INSIDE = 0.6
"""How often a patient's number lies in the range that a criterion names, where nothing better is known."""


def next_questions(matches: Matches, asked: Set[str], area: str | None = None) -> list[str]:
    """Keys of the questions that can still change the verdict of an open trial, the best to ask first.

    ``asked`` are the questions already answered, "not sure" included: they are not asked again. A question expected to rule out more
    trials comes first; among equals sensitive questions come last, then the catalog's order decides, so the same answers always give the
    same path.
    """
    questionnaire = matches.index.questionnaire
    closed = asked | {key for key in questionnaire if not _can_be_asked(questionnaire[key], matches, area)}
    gains: dict[str, float] = defaultdict(float)
    for literal, count in matches.open_literals(matches.index.rows_in(area), closed).items():
        _share(literal, count * _chance_false(literal, matches.index), matches, gains)
    for key in list(gains):
        if key not in closed:
            _ask_condition_first(key, gains, matches, closed)
    candidates = [questionnaire[key] for key in gains if key not in closed]
    return [question.key for question in sorted(candidates, key=lambda question: _rank(question, gains[question.key]))]


def _rank(question: Question, gain: float) -> tuple[int, float, bool, int, str]:
    first = FIRST_QUESTIONS.index(question.key) if question.key in FIRST_QUESTIONS else len(FIRST_QUESTIONS)
    return first, -round(gain, 6), question.sensitive, question.order, question.key


def _can_be_asked(question: Question, matches: Matches, area: str | None) -> bool:
    elsewhere = area is not None and bool(question.areas) and area not in question.areas
    return not elsewhere and not matches.index.questionnaire.is_left_out(question.key, matches.known)


def _ask_condition_first(key: str, gains: dict[str, float], matches: Matches, closed: Set[str]) -> None:
    """Where it is open whether a question need be asked, what can decide that is asked before it, and gains what it would."""
    questionnaire = matches.index.questionnaire
    condition = questionnaire.ask_if.get(key)
    if condition is None or truth_of(condition, matches.known) is not Truth.UNKNOWN:
        return
    before = open_questions(condition, matches.known, questionnaire) - closed
    for earlier in before:
        gains[earlier] += gains[key]
        _ask_condition_first(earlier, gains, matches, closed)
    if before:
        del gains[key]


def _share(literal: int, weight: float, matches: Matches, gains: dict[str, float]) -> None:
    """Adds a literal's weight to its question; a group's weight is shared by its open members."""
    index, atom = matches.index, literal >> 1
    if atom < len(index.atoms):
        gains[index.atoms[atom][0]] += weight
        return
    group = atom - len(index.atoms)
    members = index.groups.flat[index.groups.start[group] : index.groups.start[group + 1]]
    still_open = [int(member) for member in members if matches.truths[member] == 1]
    for member in still_open:
        _share(member, weight / len(still_open), matches, gains)


def _chance_false(literal: int, index: Index) -> float:
    """How often a literal is expected to come out false, before anything is known of the patient. Kept with the index."""
    if literal not in index.chances:
        index.chances[literal] = _work_out_chance_false(literal, index)
    return index.chances[literal]


def _work_out_chance_false(literal: int, index: Index) -> float:
    atom, negated = literal >> 1, literal & 1
    if atom < len(index.atoms):
        true = _chance_true(index.questionnaire[index.atoms[atom][0]], index.atoms[atom][1])
    else:
        group = atom - len(index.atoms)
        true = 1.0
        for member in index.groups.flat[index.groups.start[group] : index.groups.start[group + 1]]:
            true *= 1 - _chance_false(int(member), index)
    return true if negated else 1 - true


def _chance_true(question: Question, inside: Inside) -> float:
    if isinstance(inside, Interval):
        return LIKELY_INSIDE
    if question.kind is Kind.YES_NO:
        return LIKELY_YES if "yes" in inside else 1 - LIKELY_YES
    if isinstance(inside, str):
        return LIKELY_YES
    return len(inside) / len(question.labels)
