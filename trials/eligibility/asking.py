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
"""Of twice as many lanes or more only a sample is looked at, of about so many: it finds the best question to ask first, or one nearly as good."""

FALL, RISE = 1, 2
"""What can become of something unknown: false or worse, true or better."""

OPPOSITE = np.array([0, RISE, FALL, FALL | RISE], np.int8)
"""What must become of an all-of, so that its negation changes as wanted."""


def next_questions(matches: Matches, asked: Set[str], area: str | None = None) -> list[str]:
    """Keys of the questions that can still change the verdict of an open trial, the best to ask first.

    ``asked`` are the questions already answered, "not sure" included: they are not asked again. A question expected to rule out more
    trials comes first; among equals sensitive questions come last, then the catalog's order decides, so the same answers always give the
    same path.
    """
    questionnaire = matches.index.questionnaire
    closed = asked | questionnaire.elsewhere(area) | questionnaire.left_out(matches.known)
    gains = _gains(matches, closed, area)
    for key in list(gains):
        _ask_condition_first(key, gains, matches, closed)
    return sorted(gains, key=lambda key: _rank(questionnaire[key], gains[key]))


def _rank(question: Question, gain: float) -> tuple[int, float, bool, int, str]:
    first = FIRST_QUESTIONS.index(question.key) if question.key in FIRST_QUESTIONS else len(FIRST_QUESTIONS)
    return first, -round(gain, 6), question.sensitive, question.order, question.key


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
    least = _least(matches, closed)
    literals, sought = matches.rows.flat, np.repeat(_sought(matches, least), matches.rows.sizes) & _changes(matches.rows.flat, least)
    literals, sought = literals[sought > 0], sought[sought > 0]
    weights = index.chances[literals]
    gains = np.zeros(len(compiled.atoms))
    named = np.zeros(len(compiled.atoms), bool)
    while len(literals):
        is_group = literals >= 2 * compiled.first_group
        of_question = index.question_of[literals[~is_group] >> 1]
        gains += np.bincount(of_question, weights[~is_group], len(gains))
        named[of_question] = True
        literals, sought, weights = _shared(literals[is_group], sought[is_group], weights[is_group], compiled, least)
    return defaultdict(float, {key: float(gains[place]) for place, key in enumerate(compiled.atoms) if named[place]})


def _shared(groups: Ints, sought: Truths, weights: Weights, compiled: Compiled, least: Truths) -> tuple[Ints, Truths, Weights]:
    """The members of groups that can bring about the changes sought; a group's weight is shared by them."""
    if not len(groups):
        return groups, sought, weights
    members = compiled.groups.take((groups >> 1) - compiled.first_group)
    inside = np.where(groups & 1, OPPOSITE[sought], sought)
    inside = np.repeat(inside, members.sizes) & _changes(members.flat, least)
    counts = np.add.reduceat(inside > 0, members.start[:-1], dtype=np.int64)
    left = inside > 0
    return members.flat[left], inside[left], np.repeat(weights / counts, members.sizes)[left]


def _least(matches: Matches, closed: Set[str]) -> Truths:
    """The least that each literal of these lanes can become by answers to questions that are not closed. Its negation's least mirrors its most."""
    compiled = matches.index.compiled
    least = np.append(matches.truths, np.int8(Truth.UNKNOWN))
    for question, atoms in compiled.atoms.items():
        if question not in closed:
            of_question = least[2 * atoms.first : 2 * atoms.last]
            of_question[of_question == Truth.UNKNOWN] = Truth.FALSE
    _fold_least(least, matches.rows.flat, compiled)
    return least


def _fold_least(least: Truths, literals: Ints, compiled: Compiled) -> None:
    groups = compiled.groups_among(literals)
    if len(groups):
        members = compiled.groups.take(groups - compiled.first_group)
        _fold_least(least, members.flat, compiled)
        least[2 * groups] = members.least(least)
        least[2 * groups + 1] = members.negated().most(least)


def _changes(literals: Ints, least: Truths) -> Truths:
    """How each literal can still change: ``FALL`` to false, ``RISE`` to true, both, or 0 where it cannot."""
    own, other = least[literals], least[literals ^ 1]
    changes: Truths = np.where(own + other < Truth.TRUE, FALL * (own == Truth.FALSE) + RISE * (other == Truth.FALSE), 0).astype(np.int8)
    return changes


def _sought(matches: Matches, least: Truths) -> Truths:
    """Which changes of each lane can change its trial's verdict, while the trial's other lanes are as bad as they can become."""
    if not len(matches.lanes):
        return matches.of_lanes
    worst = np.repeat(matches.of_trials(matches.rows.least(least)), matches.lanes_a_trial)
    can_pass = (matches.rows.negated().most(least) == Truth.FALSE) & ~matches.index.incomplete[matches.owners] & (worst < Verdict.PASSES)
    sought: Truths = np.where(matches.of_lanes == Verdict.UNKNOWN, FALL * (worst == Verdict.FAILS) + RISE * can_pass, 0).astype(np.int8)
    return sought
