"""Which answers make a difference to rules, and the search for answers that fit several criteria at once.

Of a question only its comparisons in rules matter, so its possible values fall into few classes; one value stands for each. The search
takes these values question by question, a question after those that decide whether it is asked, and turns back as soon as a criterion
cannot be met any more, to the last question that has a part in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from trials.eligibility.judging import Criterion, verdict_of
from trials.eligibility.questionnaire import Questionnaire
from trials.eligibility.questions import Interval, Kind, OneOf, Possible, Question, Several
from trials.eligibility.rules import Comparison, Rule, comparisons, questions_of
from trials.eligibility.verdicts import Verdict

MOST_STEPS = 2_000
"""The search is given up after so many steps. The built-in trials need 202 at most."""

MOST_SETS = 256
"""At most so many sets of choices are tried for a question of which several may apply."""

NOTHING = ("no", "never", "none")
"""Choices that stand for "I do not have it": tried first, so that a made-up patient has no more than the rules ask for."""


class GaveUp(Exception):
    """The search took too long to tell."""


@dataclass(frozen=True)
class Value:
    """One exact value of a question: as an answers file writes it, and as the engine knows it."""

    answer: object
    possible: Possible


def values_of(question: Question, compared: Iterable[Comparison]) -> list[Value]:
    """One value for each way that these comparisons of the question can come out together, the plainest first."""
    compared = list(compared)
    if question.kind is Kind.NUMBER:
        return _numbers(question, compared)
    if question.kind is Kind.CHOICES:
        return _sets(question, compared)
    return _choices(question, compared)


def exactly(question: Question, number: Fraction) -> Value:
    """A number as a value, in a unit in which it has a short decimal form."""
    return Value(_written(question, number), Interval(number, number))


def _written(question: Question, number: Fraction) -> object:
    for unit, factor in question.factors.items():
        amount = number / factor
        if amount * 10**6 == int(amount * 10**6):
            plain = int(amount) if amount == int(amount) else float(amount)
            return plain if factor == 1 else {"value": plain, "unit": unit}
    return float(number)


def _numbers(question: Question, compared: list[Comparison]) -> list[Value]:
    insides = [comparison.inside for comparison in compared if isinstance(comparison.inside, Interval)]
    limits = {Fraction(end) for inside in insides for end in (inside.low, inside.high) if abs(end) != float("inf")}
    within = sorted(limit for limit in limits if _is_within(question, limit))
    low = question.min if question.min is not None else min(within, default=Fraction(0)) - 10
    high = question.max if question.max is not None else max(within, default=Fraction(0)) + 10
    marks = sorted({low, *within, high})
    between = [_plainest(one, two, two == high) for one, two in pairwise(marks)]
    seen: dict[tuple[bool, ...], Fraction] = {}
    for number in [*reversed(between), *marks]:
        point = Interval(number, number)
        seen.setdefault(tuple(inside.holds_all_of(point) for inside in insides), number)
    return [exactly(question, number) for number in seen.values()]


def _is_within(question: Question, number: Fraction) -> bool:
    return (question.min is None or number >= question.min) and (question.max is None or number <= question.max)


def _plainest(low: Fraction, high: Fraction, last: bool) -> Fraction:
    """A number between two others with few digits: about halfway, but not far above the lower one where nothing follows."""
    if last and 0 < 2 * low < high:
        high = 2 * low
    middle = (low + high) / 2
    most = 18 if low < 0 else min(18, len(str(int(high))) - 1)  # of a larger step no multiple lies between
    for digits in range(most, -19, -1):
        step = Fraction(10) ** digits
        number = round(middle / step) * step
        if low < number < high:
            return number
    return middle


def _choices(question: Question, compared: list[Comparison]) -> list[Value]:
    keys = sorted(question.labels, key=lambda key: (len(question.kinds[key]) > 1, key not in NOTHING))
    insides = [comparison.inside for comparison in compared if isinstance(comparison.inside, frozenset)]
    seen: dict[tuple[bool, ...], str] = {}
    for key in keys:
        seen.setdefault(tuple([key in inside for inside in insides]), key)
    return [Value(key, OneOf(frozenset({key}))) for key in seen.values()]


def _sets(question: Question, compared: list[Comparison]) -> list[Value]:
    """Sets of choices: none, each one that counts, and their unions as far as they count differently."""
    seen: dict[frozenset[tuple[int, str]], tuple[str, ...]] = {frozenset(): ()}
    single: dict[frozenset[tuple[int, str]], str] = {}
    for key in sorted(question.labels, key=lambda key: len(question.kinds[key]) > 1):
        held = {key, *question.ancestors(key)}
        parts = ((place, name, comparison) for place, comparison in enumerate(compared) for name in comparison.names if name in held)
        marks = frozenset((place, name if comparison.operator == "includes all of" else "") for place, name, comparison in parts)
        single.setdefault(marks, key)
    for marks, key in single.items():
        for others, keys in list(seen.items()):
            if len(seen) < MOST_SETS:
                seen.setdefault(marks | others, (*keys, key))
    return [Value(list(keys), _exactly_these(question, keys)) for keys in seen.values()]


def _exactly_these(question: Question, keys: tuple[str, ...]) -> Several:
    return Several(frozenset(keys).union(*(question.ancestors(key) for key in keys)))


def find(
    criteria: Sequence[Criterion],
    questionnaire: Questionnaire,
    fixed: Mapping[str, Value] | None = None,
    liked: Mapping[str, Value] | None = None,
    answerable: bool = False,
) -> dict[str, Value] | None:
    """Values that pass all of these criteria, or None where there are none. Criteria without a rule do not count. Raises ``GaveUp``.

    ``fixed`` values are taken as they are and ``liked`` ones first; ``answerable`` leaves out values that no answer can say exactly.
    """
    return _Search(criteria, questionnaire, fixed or {}, liked or {}, answerable).run()


class _Part(Questionnaire):
    """Some questions of a questionnaire. Their conditions are not read again: each check of a rule makes such a part."""

    def __init__(self, whole: Questionnaire, keys: Iterable[str]) -> None:
        self._whole = whole
        super().__init__(whole[key] for key in keys)

    def _condition(self, question: Question) -> Rule:
        return self._whole.ask_if[question.key]


class _Search:
    """One search: the questions in their order, the values of each, and the criteria that each has a part in."""

    def __init__(
        self, criteria: Sequence[Criterion], questionnaire: Questionnaire, fixed: Mapping[str, Value], liked: Mapping[str, Value], answerable: bool
    ) -> None:
        self.rules = [(criterion, criterion.rule) for criterion in criteria if criterion.rule is not None]
        self.order = in_asking_order([rule for _criterion, rule in self.rules], questionnaire)
        self.questionnaire = _Part(questionnaire, self.order)
        self.steps = 0
        self.needs = [frozenset(in_asking_order([rule], questionnaire)) for _criterion, rule in self.rules]
        rank = {key: number for number, key in enumerate(self.order)}
        self.last = [max((rank[key] for key in needed), default=-1) for needed in self.needs]
        compared: dict[str, list[Comparison]] = {key: [] for key in self.order}
        for rule in [*(rule for _criterion, rule in self.rules), *self.questionnaire.ask_if.values()]:
            for comparison in comparisons(rule):
                compared[comparison.question].append(comparison)
        self.values = {key: self._values(key, compared[key], fixed, liked, answerable) for key in self.order}

    def _values(self, key: str, compared: list[Comparison], fixed: Mapping[str, Value], liked: Mapping[str, Value], answerable: bool) -> list[Value]:
        if key in fixed:
            return [fixed[key]]
        question = self.questionnaire[key]
        found = [value for value in values_of(question, compared) if not answerable or question.read(value.answer) == value.possible]
        return [liked[key], *(value for value in found if value != liked[key])] if key in liked else found

    def run(self) -> dict[str, Value] | None:
        """The first values found that pass all criteria."""
        found = self._extend(0, {})
        return found if isinstance(found, dict) else None

    def _extend(self, number: int, chosen: dict[str, Value]) -> dict[str, Value] | frozenset[str]:
        """The chosen values with those of the further questions; or the earlier questions to blame that there are none."""
        if number == len(self.order):
            return chosen
        key = self.order[number]
        known = self.questionnaire.settle({name: value.possible for name, value in chosen.items()})
        left_out = self.questionnaire.is_left_out(key, known)
        blamed: frozenset[str] = frozenset()
        for value in [None] if left_out else self.values[key]:
            self.steps += 1
            if self.steps > MOST_STEPS:
                raise GaveUp
            further = chosen if value is None else {**chosen, key: value}
            found = self._unmet(number, further) or self._extend(number + 1, further)
            if isinstance(found, dict):
                return found
            if key not in found:
                return found
            blamed |= found
        return blamed - {key}

    def _unmet(self, number: int, chosen: dict[str, Value]) -> frozenset[str] | None:
        """The questions of a criterion that this question makes impossible to pass, itself among them."""
        known = self.questionnaire.settle({name: value.possible for name, value in chosen.items()})
        for (criterion, _rule), needed, last in zip(self.rules, self.needs, self.last, strict=True):
            if self.order[number] in needed:
                verdict = verdict_of(criterion, known)
                if verdict is Verdict.FAILS or (last == number and verdict is not Verdict.PASSES):
                    return needed
        return None


def in_asking_order(rules: Iterable[Rule], questionnaire: Questionnaire) -> list[str]:
    """The questions of rules, and those that decide whether they are asked; each after the ones that decide it.

    Of one rule numbers come last, since what they may be often hangs on the rest.
    """
    order: dict[str, None] = {}

    def add(keys: frozenset[str]) -> None:
        for key in sorted(keys, key=lambda key: (questionnaire[key].kind is Kind.NUMBER, questionnaire[key].order, key)):
            if key not in order:
                if key in questionnaire.ask_if:
                    add(questions_of(questionnaire.ask_if[key]))
                order[key] = None

    for rule in rules:
        add(questions_of(rule))
    return list(order)
