"""Which question to ask next: the one whose answer is expected to settle most, of those that can still change a result."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Set

from .index import Index, Inside, Matches
from .questionnaire import Known
from .questions import Interval, Kind, Question
from .rules import questions_of

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
    gains: dict[str, float] = defaultdict(float)
    for literal, count in matches.open_literals(matches.index.rows_in(area)).items():
        _share(literal, count * _chance_false(literal, matches.index), matches, gains)
    for key in list(gains):
        if key not in asked:
            _ask_condition_first(key, gains, matches.known, asked, matches.index)
    candidates = [questionnaire[key] for key in gains if key not in asked and _can_be_asked(questionnaire[key], area)]
    candidates = [question for question in candidates if not questionnaire.is_left_out(question.key, matches.known)]
    return [question.key for question in sorted(candidates, key=lambda question: _rank(question, gains[question.key]))]


def _rank(question: Question, gain: float) -> tuple[int, float, bool, int, str]:
    first = FIRST_QUESTIONS.index(question.key) if question.key in FIRST_QUESTIONS else len(FIRST_QUESTIONS)
    return first, -round(gain, 6), question.sensitive, question.order, question.key


def _can_be_asked(question: Question, area: str | None) -> bool:
    return area is None or not question.areas or area in question.areas


def _ask_condition_first(key: str, gains: dict[str, float], known: Known, asked: Set[str], index: Index) -> None:
    """Where it is open whether a question need be asked, what decides that is asked before it, and gains what it would."""
    condition = index.questionnaire.ask_if.get(key)
    if condition is None:
        return
    before = questions_of(condition) - asked - known.keys()
    for earlier in before:
        gains[earlier] += gains[key]
        _ask_condition_first(earlier, gains, known, asked, index)
    if before:
        del gains[key]


def _share(literal: int, weight: float, matches: Matches, gains: dict[str, float]) -> None:
    """Adds a literal's weight to its question; a group's weight is shared by its open members."""
    index, atom = matches.index, literal >> 1
    if literal == index.always_unknown:
        return
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
    if literal == index.always_unknown:
        return 0.0
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
