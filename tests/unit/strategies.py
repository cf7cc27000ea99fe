"""Random rules, answers and trials over the small catalogue, as plain data that the engine and the reference judge both read.

A rule is a tree of tuples: ``("and", parts)``, ``("or", parts)``, ``("not", (part,))``, or ``(question, operator, operands)``.
"""

from __future__ import annotations

from typing import NamedTuple

from hypothesis import strategies as st

from tests.unit.builders import CATALOG, exclusion, inclusion, trial
from trials.eligibility.judging import Trial
from trials.eligibility.questions import Kind, Question

COHORTS = ("A", "B", "C")
SIGNS = ("=", "<", "<=", ">", ">=")
UNITS = {"age": ("", " years", " months"), "weeks_pregnant": ("",), "hemoglobin": ("", " g/dL", " g/L"), "viral_load": ("", " copies/mL")}
IN_OWN_UNIT = {"": 1, " years": 1, " months": 12, " g/dL": 1, " g/L": 10, " copies/mL": 1}
NUMBERS = (0, 1, 2, 5, 10, 11, 12)


class PlainCriterion(NamedTuple):
    """``rule`` is a tree, or None where the study team checks."""

    inclusion: bool
    rule: tuple | None
    cohort: str | None


class PlainTrial(NamedTuple):
    """A trial as plain data."""

    criteria: tuple[PlainCriterion, ...]
    cohorts: tuple[str, ...]
    complete: bool


def text_of(tree: tuple) -> str:
    """The rule as a line, each group in its own parentheses."""
    match tree:
        case ("not", (part,)):
            return f"not ({text_of(part)})"
        case ("and" | "or" as joint, parts):
            return f" {joint} ".join(f"({text_of(part)})" for part in parts)
        case (question, "between", (low, high)):
            return f"{question} between {low} and {high}"
        case (question, "in" | "not in" | "includes any of" | "includes all of" as operator, names):
            return f"{question} {operator} ({', '.join(names)})"
        case (question, operator, (operand,)):
            return f"{question} {operator} {operand}"
    raise AssertionError(tree)


def built(plain: PlainTrial, key: str = "NCT00000001") -> Trial:
    """The trial as the engine knows it, its rules read from their lines."""
    criteria = ((inclusion if each.inclusion else exclusion)(text_of(each.rule) if each.rule else "", each.cohort) for each in plain.criteria)
    return trial(*criteria, cohorts=plain.cohorts, complete=plain.complete, key=key)


def _amounts(key: str) -> st.SearchStrategy[str]:
    return st.builds(lambda amount, unit: f"{amount * IN_OWN_UNIT[unit]}{unit}", st.sampled_from(NUMBERS), st.sampled_from(UNITS[key]))


def _number_in_words(written: str) -> float:
    amount, _, unit = written.partition(" ")
    return int(amount) / IN_OWN_UNIT[f" {unit}" if unit else ""]


def _comparisons_with(question: Question) -> st.SearchStrategy[tuple]:
    key = st.just(question.key)
    if question.kind is Kind.NUMBER:
        amounts = _amounts(question.key)
        between = st.tuples(amounts, amounts).map(lambda pair: tuple(sorted(pair, key=_number_in_words)))
        return st.tuples(key, st.sampled_from(SIGNS), st.tuples(amounts)) | st.tuples(key, st.just("between"), between)
    names = st.sampled_from(list(question.labels))
    several = st.lists(names, min_size=1, max_size=3).map(tuple)
    if question.kind is Kind.CHOICES:
        return st.tuples(key, st.just("includes"), st.tuples(names)) | st.tuples(key, st.sampled_from(["includes any of", "includes all of"]), several)
    return st.tuples(key, st.sampled_from(["is", "is not"]), st.tuples(names)) | st.tuples(key, st.sampled_from(["in", "not in"]), several)


comparison_trees = st.one_of([_comparisons_with(question) for question in CATALOG.values()])


def _nested(parts: st.SearchStrategy[tuple]) -> st.SearchStrategy[tuple]:
    several = st.lists(parts, min_size=2, max_size=3).map(tuple)
    return st.tuples(st.sampled_from(["and", "or"]), several) | st.tuples(st.just("not"), st.tuples(parts))


rule_trees = st.recursive(comparison_trees, _nested, max_leaves=6)


@st.composite
def plain_trials(draw: st.DrawFn) -> PlainTrial:
    """Trials with 0 to 3 cohorts and 0 to 4 criteria, of which some have no rule."""
    cohorts = COHORTS[: draw(st.integers(0, 3))]
    criteria = st.builds(PlainCriterion, st.booleans(), st.none() | rule_trees | rule_trees, st.sampled_from([None, None, *cohorts]))
    return PlainTrial(tuple(draw(st.lists(criteria, max_size=4))), cohorts, draw(st.booleans()))


def answers_to(question: Question) -> st.SearchStrategy[object]:
    """Answers in the form of the answers file: sharp ones, inner nodes of a tree, ranges, and "not sure"."""
    if question.kind is Kind.NUMBER:
        values = st.sampled_from(NUMBERS)
        ranges = st.tuples(values, values).map(lambda pair: {"min": min(pair), "max": max(pair)})
        halves = values.map(lambda value: {"value": value + 0.5, "unit": question.unit})
        return st.none() | values | halves | ranges | values.map(lambda low: {"min": low}) | values.map(lambda high: {"max": high})
    if question.kind is Kind.CHOICES:
        return st.none() | st.lists(st.sampled_from(list(question.labels)), max_size=3, unique=True)
    return st.none() | st.sampled_from(list(question.labels))


patients = st.fixed_dictionaries({}, optional={key: answers_to(question) for key, question in CATALOG.items()})
"""The answers of a patient who answered any of the questions."""


@st.composite
def sharp_patients(draw: st.DrawFn) -> dict[str, object]:
    """A patient who knows the exact answer to every question, none of them at odds with another."""
    leaves = {question.key: [key for key, kinds in question.kinds.items() if kinds == {key}] for question in CATALOG.values()}
    sharp: dict[str, object] = {key: draw(st.sampled_from(leaves[key])) for key in ("diagnosis", "sex", "treated", "hepatitis_b", "hepatitis_c")}
    sharp |= {key: draw(st.sampled_from(NUMBERS)) for key in ("age", "hemoglobin", "viral_load")}
    sharp["pregnant"] = draw(st.sampled_from(["yes", "no"])) if sharp["sex"] == "female" else "no"
    sharp["weeks_pregnant"] = draw(st.sampled_from(NUMBERS)) if sharp["pregnant"] == "yes" else 0
    sharp["treatments"] = draw(st.lists(st.sampled_from(leaves["treatments"]), max_size=3, unique=True)) if sharp["treated"] == "yes" else []
    return sharp


@st.composite
def blurred(draw: st.DrawFn, sharp: dict[str, object]) -> dict[str, object]:
    """The same patient, who knows less: nothing of some questions, a range or a wider kind of others."""
    return {key: draw(_blurred_answer(CATALOG[key], answer)) for key, answer in sharp.items() if draw(st.booleans())}


def _blurred_answer(question: Question, answer: object) -> st.SearchStrategy[object]:
    if question.kind is Kind.NUMBER:
        ranges = st.builds(lambda less, more: {"min": max(0, answer - less), "max": answer + more}, st.integers(0, 3), st.integers(0, 3))
        return st.none() | st.just(answer) | ranges | st.just({"min": answer}) | st.just({"max": answer})
    if question.kind is Kind.CHOICES:
        wider = [[key, *question.ancestors(key)] for key in answer]
        return st.none() | st.tuples(*(st.sampled_from(line) for line in wider)).map(list)
    return st.none() | st.sampled_from([answer, *question.ancestors(answer)])
