"""A slow judge, written plainly: it goes through the values that an answer leaves possible, one by one, and tries the rule on each.

It shares nothing with ``trials.eligibility.judging`` or ``index`` but the plain data of the questions: the same answers, as the answers
file has them, and the same rules, as trees of tuples (``strategies``). Truths are "yes", "maybe", "no"; verdicts are words too.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import chain, combinations, pairwise

from tests.unit.builders import CATALOG
from tests.unit.strategies import PlainCriterion, PlainTrial

SCALE = ["fails", "unknown", "passes"]
FAR = 1_000_000

CONDITIONS = {
    "pregnant": (("sex", "is", ("female",)), "no"),
    "weeks_pregnant": (("pregnant", "is", ("yes",)), 0),
    "treatments": (("treated", "is", ("yes",)), []),
}
"""The ``ask_if`` and ``otherwise`` of the small catalogue, each after those that it needs."""


def judge(trial: PlainTrial, answers: dict[str, object]) -> str:
    """The verdict on a trial."""
    answers = after_conditions(answers)
    best = "fails"
    for cohort in trial.cohorts or [None]:
        worst = None
        for criterion in trial.criteria:
            verdict = judge_criterion(criterion, answers) if criterion.cohort in (None, cohort) else None
            if verdict is not None and (worst is None or SCALE.index(verdict) < SCALE.index(worst)):
                worst = verdict
        if worst is None:
            worst = "unknown"
        if SCALE.index(worst) > SCALE.index(best):
            best = worst
    return "unknown" if best == "passes" and not trial.complete else best


def judge_criterion(criterion: PlainCriterion, answers: dict[str, object]) -> str | None:
    """The verdict on a criterion, or None where it has no rule."""
    if criterion.rule is None:
        return None
    truth = truth_of(criterion.rule, answers)
    if criterion.inclusion:
        return {"yes": "passes", "maybe": "unknown", "no": "fails"}[truth]
    return {"yes": "fails", "maybe": "unknown", "no": "passes"}[truth]


def after_conditions(answers: dict[str, object]) -> dict[str, object]:
    """The answers, with those to questions that need not be asked replaced."""
    answers = dict(answers)
    for key, (condition, otherwise) in CONDITIONS.items():
        if truth_of(condition, answers) == "no":
            answers[key] = otherwise
    return answers


def truth_of(tree: tuple, answers: dict[str, object]) -> str:
    """Whether a rule holds for all, some or none of what may be true."""
    if tree[0] == "not":
        return {"yes": "no", "maybe": "maybe", "no": "yes"}[truth_of(tree[1][0], answers)]
    if tree[0] in ("and", "or"):
        settles, otherwise = ("no", "yes") if tree[0] == "and" else ("yes", "no")
        truths = [truth_of(part, answers) for part in tree[1]]
        if settles in truths:
            return settles
        return "maybe" if "maybe" in truths else otherwise
    key, operator, operands = tree
    if answers.get(key) is None:
        return "maybe"
    found = {holds(key, value, operator, operands) for value in possible_values(key, answers[key], operands)}
    if found == {True}:
        return "yes"
    return "no" if found == {False} else "maybe"


def possible_values(key: str, answer: object, operands: tuple) -> Iterator[object]:
    """The values that the answer leaves possible; of numbers, enough of them to see each side of each operand."""
    kind = CATALOG[key].kind
    if kind == "number":
        yield from some_numbers(key, answer, [in_own_unit(key, operand) for operand in operands])
    elif kind == "yes_no":
        yield answer
    elif kind == "choice":
        yield from (each.key for each in CATALOG[key].choices if answer in line_above(key, each.key))
    else:
        sure = set(chain.from_iterable(line_above(key, picked) for picked in answer))
        maybe = [each.key for each in CATALOG[key].choices if each.key not in sure and set(answer) & set(line_above(key, each.key))]
        for size in range(len(maybe) + 1):
            for more in combinations(maybe, size):
                yield sure | set(more)


def some_numbers(key: str, answer: object, bounds: list[Fraction]) -> list[Fraction]:
    """The ends of what is possible, the bounds between them, and one number between each two of these."""
    question = CATALOG[key]
    low, high = question.min if question.min is not None else -FAR, question.max if question.max is not None else FAR
    if isinstance(answer, dict):
        low = Fraction(answer.get("min", answer.get("value", low)))
        high = Fraction(answer.get("max", answer.get("value", high)))
    else:
        low = high = Fraction(answer)
    points = sorted({low, high, *(bound for bound in bounds if low < bound < high)})
    return points + [(one + two) / 2 for one, two in pairwise(points)]


def in_own_unit(key: str, written: str) -> Fraction:
    """``"6 months"`` of age as 1/2."""
    amount, _, unit = written.partition(" ")
    factor = CATALOG[key].units[unit] if unit and unit != CATALOG[key].unit else 1
    return int(amount) * Fraction(factor)


def line_above(key: str, choice: str) -> list[str]:
    """A choice, its parent, the parent's parent and so on."""
    parents = {each.key: each.parent for each in CATALOG[key].choices}
    line = [choice]
    while parents[line[-1]]:
        line.append(parents[line[-1]])
    return line


def holds(key: str, value: object, operator: str, operands: tuple) -> bool:
    """Whether one comparison is true of one value."""
    if operator == "includes all of":
        return all(name in value for name in operands)
    if operator in ("includes", "includes any of"):
        return any(name in value for name in operands)
    if operator in ("is", "in"):
        return any(name == value or name in _line(key, value) for name in operands)
    if operator in ("is not", "not in"):
        return not any(name == value or name in _line(key, value) for name in operands)
    bounds = [in_own_unit(key, operand) for operand in operands]
    if operator == "between":
        return bounds[0] <= value <= bounds[1]
    if operator == "=":
        return value == bounds[0]
    if operator in ("<", "<="):
        return value < bounds[0] or (operator == "<=" and value == bounds[0])
    return value > bounds[0] or (operator == ">=" and value == bounds[0])


def _line(key: str, value: str) -> list[str]:
    return line_above(key, value) if CATALOG[key].choices else [value]
