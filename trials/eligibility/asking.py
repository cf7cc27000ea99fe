"""Which question to ask next: the one whose answer is expected to rule out most, of those that can still change a result."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Set

import numpy as np
from numpy.typing import NDArray

from .compiling import Compiled
from .explanations import open_questions
from .index import Matches
from .judging import truth_of
from .questions import Question
from .rows import Ints, Truths
from .verdicts import Truth, Verdict

Weights = NDArray[np.float64]

FIRST_QUESTIONS = ("diagnosis", "age", "sex")
"""Asked first, in this order, where they can change a result: people expect them, and they narrow everything that follows."""

MOST_LANES = 4_000
"""From more open lanes than these a sample is taken, which finds the same question."""


def next_questions(matches: Matches, asked: Set[str], area: str | None = None) -> list[str]:
    """Keys of the questions that can still change the verdict of an open trial, the best to ask first.

    ``asked`` are the questions already answered, "not sure" included: they are not asked again. A question expected to rule out more
    trials comes first; among equals sensitive questions come last, then the catalog's order decides, so the same answers always give the
    same path.
    """
    questionnaire = matches.index.questionnaire
    closed = asked | {key for key in questionnaire if not _can_be_asked(questionnaire[key], matches, area)}
    gains = _gains(matches, closed, area)
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


def _gains(matches: Matches, closed: Set[str], area: str | None) -> dict[str, float]:
    """For each question that can still change something: how many lanes its answer is expected to rule out."""
    possible = matches.in_area(area)
    step = len(possible.lanes) // MOST_LANES
    if step > 1:
        gains = _gains_of(possible.every(step), closed)
        if gains:
            return gains
    return _gains_of(possible, closed)


def _gains_of(matches: Matches, closed: Set[str]) -> dict[str, float]:
    index, compiled = matches.index, matches.index.compiled
    changeable = _changeable(matches, closed)
    literals = matches.rows.take(_undecided(matches, changeable)).flat
    literals = literals[changeable[literals] == 1]
    weights = index.chances[literals]
    gains = np.zeros(len(compiled.atoms))
    named = np.zeros(len(compiled.atoms), bool)
    while len(literals):
        is_group = literals >= 2 * compiled.first_group
        of_question = index.question_of[literals[~is_group] >> 1]
        gains += np.bincount(of_question, weights[~is_group], len(gains))
        named[of_question] = True
        literals, weights = _shared(literals[is_group], weights[is_group], compiled, changeable)
    return defaultdict(float, {key: float(gains[place]) for place, key in enumerate(compiled.atoms) if named[place]})


def _shared(groups: Ints, weights: Weights, compiled: Compiled, changeable: Truths) -> tuple[Ints, Weights]:
    """The open members of groups; a group's weight is shared by them."""
    if not len(groups):
        return groups, weights
    members = compiled.groups.take((groups >> 1) - compiled.first_group)
    is_open = changeable[members.flat] == 1
    count = np.add.reduceat(is_open, members.start[:-1], dtype=np.int64)
    return members.flat[is_open], np.repeat(weights / count, members.sizes)[is_open]


def _changeable(matches: Matches, closed: Set[str]) -> Truths:
    """1 for each literal of these lanes that is unknown and that some answer may yet decide."""
    compiled = matches.index.compiled
    changeable: Truths = (matches.truths == Truth.UNKNOWN).view(np.int8)
    changeable[compiled.always_unknown] = 0
    for question in closed & compiled.atoms.keys():
        changeable[2 * compiled.atoms[question].first : 2 * compiled.atoms[question].last] = 0
    _fold_open(changeable, matches.rows.flat, compiled)
    return changeable


def _fold_open(changeable: Truths, literals: Ints, compiled: Compiled) -> None:
    """A group can change while one of its members can."""
    groups = compiled.groups_among(literals)
    if len(groups):
        members = compiled.groups.take(groups - compiled.first_group)
        _fold_open(changeable, members.flat, compiled)
        can_change = members.most(changeable)
        changeable[2 * groups] &= can_change
        changeable[2 * groups + 1] &= can_change


def _undecided(matches: Matches, changeable: Truths) -> Ints:
    """The places of the open lanes of trials whose best possible verdict is above their worst possible one."""
    if not len(matches.lanes):
        return matches.lanes
    stuck = ((matches.truths == Truth.UNKNOWN) & (changeable == 0)).view(np.int8)
    open_ = (matches.of_lanes == Verdict.UNKNOWN) & (matches.rows.most(changeable) == 1)
    worst = np.where(open_, Verdict.FAILS, matches.of_lanes).astype(np.int8)
    best = np.where(open_ & (matches.rows.most(stuck) == 0), Verdict.PASSES, matches.of_lanes).astype(np.int8)
    undecided = matches.of_trials(worst) < matches.of_trials(best)
    return np.flatnonzero(open_ & np.repeat(undecided, matches.lanes_a_trial))
