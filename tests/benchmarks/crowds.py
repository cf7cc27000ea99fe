"""Simulated patients of one condition area, drawn from what its rules and questions name. The same seed gives the same patients.

Nobody has counted how real patients answer, so two crowds are drawn, and what is said of the questions must hold for both: ``EVEN`` knows
nothing of what trials want; ``LENIENT`` draws most numbers such that rules let them pass, as most people's blood tests do.
"""

from __future__ import annotations

import math
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import pairwise

from trials.eligibility.judging import Trial, inside_interval
from trials.eligibility.questionnaire import Answers, Questionnaire
from trials.eligibility.questions import NO, YES, Interval, Kind, Possible, Question
from trials.eligibility.rules import Comparison, Not, Rule
from trials.eligibility.verdicts import Truth, Verdict, apply_polarity

EVEN, LENIENT = 0.0, 0.75
"""How often a number is drawn by how many rules it satisfies, instead of from anywhere."""

NOT_SURE = 0.2
"""How often an answer is "I am not sure"."""

ALWAYS_KNOWN = ("age", "sex")
SAYS_YES = 0.15

NONE_OF_THESE = 0.5
"""How often none of several choices applies; else one or two do."""

ANY_CONDITION = 0.15
"""How often the condition is drawn from the whole catalog, whether or not a trial names it."""

Use = tuple[Comparison, bool]
"""A comparison of a rule, and whether its being true lets the patient in."""

Draw = Callable[[random.Random], object]
"""Draws an answer in the form of the answers file."""


class Crowd:
    """The patients that may come to these trials of one area. ``conditions`` are those that the trials are for, as often as they are named."""

    def __init__(self, questionnaire: Questionnaire, trials: Iterable[Trial], conditions: Sequence[str], area: str, lean: float = EVEN) -> None:
        uses: dict[str, list[Use]] = defaultdict(list)
        for comparison, lets_in in uses_of(trials):
            uses[comparison.question].append((comparison, lets_in))
        self.questions = [question for question in questionnaire.values() if not question.areas or area in question.areas]
        self._draws = {question.key: _drawing(question, uses[question.key], lean) for question in self.questions}
        self._draws["diagnosis"] = _drawing_condition(questionnaire["diagnosis"], conditions)

    def patient(self, number: int, seed: int = 1) -> Answers:
        """What this patient would answer to each question of the area. None is "not sure"."""
        chance = random.Random(f"{seed} {number}")
        return {question.key: self._answer(question, chance) for question in self.questions}

    def _answer(self, question: Question, chance: random.Random) -> Possible | None:
        if question.key not in ALWAYS_KNOWN and chance.random() < NOT_SURE:
            return None
        return question.read(self._draws[question.key](chance))


def _drawing_condition(question: Question, conditions: Sequence[str]) -> Draw:
    return lambda chance: chance.choice(list(question.labels) if chance.random() < ANY_CONDITION else conditions)


def _drawing(question: Question, uses: Sequence[Use], lean: float) -> Draw:
    """How to draw an answer: choices by how often the rules name them, numbers from between the rules' limits."""
    if question.kind is Kind.YES_NO:
        return lambda chance: YES if chance.random() < SAYS_YES else NO
    if question.kind is Kind.NUMBER:
        return _drawing_number(question, uses, lean)
    named = Counter(name for comparison, _ in uses for name in comparison.names)
    keys, weights = list(question.labels), [1 + named[key] for key in question.labels]
    if question.kind is Kind.CHOICE:
        return lambda chance: chance.choices(keys, weights)[0]
    return lambda chance: [] if chance.random() < NONE_OF_THESE else chance.choices(keys, weights, k=chance.randint(1, 2))


def _drawing_number(question: Question, uses: Sequence[Use], lean: float) -> Draw:
    """A limit of the rules, or a number between two of them; the ends are those of the question, but at most twice the highest limit."""
    insides = [(comparison.inside, lets_in) for comparison, lets_in in uses if isinstance(comparison.inside, Interval)]
    limits = {Fraction(bound) for inside, _ in insides for bound in (inside.low, inside.high) if not math.isinf(bound)} or {Fraction(50)}
    low = Fraction(0) if question.min is None else question.min
    high = max(2 * max(limits), low + 1)
    high = high if question.max is None else min(question.max, high)
    ends = sorted({low, high, *(limit for limit in limits if low < limit < high)})
    zones = [*((end, end) for end in ends), *pairwise(ends)]
    passed = [sum(_passes(inside, lets_in, sum(zone) / 2) for inside, lets_in in insides) for zone in zones]

    def draw(chance: random.Random) -> object:
        leaning = chance.random() < lean and any(passed)
        first, last = chance.choices(zones, passed if leaning else None)[0]
        return first + (last - first) * Fraction(chance.randint(1, 9), 10)

    return draw


def _passes(inside: Interval, lets_in: bool, value: Fraction) -> bool:
    return (inside_interval(inside, Interval(value, value)) is Truth.TRUE) == lets_in


def uses_of(trials: Iterable[Trial]) -> Iterator[Use]:
    """Every comparison in the criteria of these trials."""
    for trial in trials:
        for criterion in trial.criteria:
            if criterion.rule is not None:
                yield from _uses(criterion.rule, apply_polarity(criterion.kind, Truth.TRUE) is Verdict.PASSES)


def _uses(rule: Rule, lets_in: bool) -> Iterator[Use]:
    match rule:
        case Comparison():
            yield rule, lets_in != rule.negated
        case Not():
            yield from _uses(rule.rule, not lets_in)
        case _:
            for part in rule.rules:
                yield from _uses(part, lets_in)
