"""The rule language: reading a rule, checking it against the questions, writing it back, and saying it in words."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache, cached_property, lru_cache
from pathlib import Path

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedInput, UnexpectedToken

from .questions import Interval, Kind, Question, did_you_mean

LONGEST_RULE = 2_000
"""Characters of a rule, blanks not counted, so that a rule that can be read can be written and read again."""

DEEPEST_RULE = 25

Questions = Mapping[str, Question]


class RuleError(ValueError):
    """A rule that cannot be used. ``column`` counts from 1; the message names the place and the likely fix."""

    def __init__(self, message: str, column: int) -> None:
        super().__init__(message)
        self.column = column


@dataclass(frozen=True)
class Quantity:
    """A number with the unit it was written in; no unit means the question's own."""

    number: Fraction
    unit: str = ""

    def __str__(self) -> str:
        digits = format_exactly(self.number)
        return f"{digits} {self.unit}" if self.unit else digits


@dataclass(frozen=True)
class Comparison:
    """One question against named values. ``inside`` is the set that they name: choice keys, or an interval in the question's unit."""

    question: str
    operator: str
    names: tuple[str, ...] = ()
    quantities: tuple[Quantity, ...] = ()
    inside: frozenset[str] | Interval = field(default=frozenset(), compare=False)

    @cached_property
    def negated(self) -> bool:
        """Whether the comparison is true outside of ``inside``."""
        return self.operator in ("is not", "not in")


@dataclass(frozen=True)
class Not:
    """True where the rule is false."""

    rule: Rule


@dataclass(frozen=True)
class And:
    """True where all rules are true."""

    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class Or:
    """True where any rule is true."""

    rules: tuple[Rule, ...]


Rule = Comparison | Not | And | Or


def parse(text: str, questions: Questions) -> Rule:
    """The rule that a line states, checked against the questions. Raises ``RuleError``."""
    text = re.sub(r"\s", " ", text)
    if not text.strip():
        raise RuleError("the rule is empty", 1)
    if len(text.replace(" ", "")) > LONGEST_RULE:
        raise RuleError(f"the rule is longer than {LONGEST_RULE} characters; split the criterion", LONGEST_RULE + 1)
    try:
        tree = _parsed(text)
    except UnexpectedInput as fault:
        raise _syntax_error(fault, text) from None
    return _Reader(questions).read(tree)


@lru_cache(500)
def _parsed(text: str) -> Tree[Token]:
    """The desk reads the rules of a trial several times for one page."""
    return grammar().parse(text)


@cache
def grammar() -> Lark:
    """The parser of the rule language, made once."""
    text = Path(__file__).with_name("rules.lark").read_text(encoding="utf-8")
    return Lark(text, parser="lalr", lexer="contextual", propagate_positions=True, maybe_placeholders=False)


_EXPECTED = {
    "SIGN": "a comparison such as 'is', 'in', 'includes' or '>='",
    "NUMBER": "a number",
    "LPAR": "'('",
    "RPAR": "')'",
    "COMMA": "','",
    "NAME": "a question or choice",
    "IN": "'in'",
    "ANY": "'any of' or 'all of'",
    "OF": "'of'",
    "AND": "'and'",
}


def _syntax_error(fault: UnexpectedInput, text: str) -> RuleError:
    at_end = isinstance(fault, UnexpectedToken) and fault.token.type == "$END"
    column = len(text.rstrip()) + 1 if at_end else fault.column
    before = grammar().parse_interactive(text[: fault.pos_in_stream if not at_end else None])
    before.exhaust_lexer()
    accepted: set[str] = before.accepts()  # type: ignore[no-untyped-call]
    named = [words for terminal, words in _EXPECTED.items() if terminal in accepted]
    wanted = named[0] if named else "the end of the rule"
    if {"NAME", "LPAR"} <= accepted:
        wanted = "a comparison such as 'age >= 18'"
    if {"AND", "OR"} <= accepted:
        wanted = "'and', 'or' or the end of the rule" if "$END" in accepted else "')'"
    found = "the rule ends" if at_end else f"'{text[column - 1 :].split(maxsplit=1)[0]}' is not understood"
    return RuleError(f"{found} at column {column}; expected {wanted}", column)


class _Reader:
    """Turns a parsed line into a rule, checking each name, operator and unit on the way."""

    def __init__(self, questions: Questions) -> None:
        self.questions = questions

    def read(self, tree: Tree[Token], depth: int = 0) -> Rule:
        """The rule of a parsed line, at most ``DEEPEST_RULE`` of *not*, *and*, *or* around any comparison."""
        if depth > DEEPEST_RULE:
            raise RuleError(f"the rule is nested deeper than {DEEPEST_RULE} levels; split the criterion", 1)
        while tree.data == "group":
            tree = _tree(tree.children[0])
        match tree.data:
            case "negated":
                return Not(self.read(_tree(tree.children[0]), depth + 1))
            case "both":
                return And(tuple(self.read(_tree(part), depth + 1) for part in tree.children))
            case "either":
                return Or(tuple(self.read(_tree(part), depth + 1) for part in tree.children))
            case "compare" | "between":
                return self._numeric(tree)
        return self._named(tree)

    def _question(self, token: Token) -> Question:
        question = self.questions.get(token)
        if question is None:
            raise RuleError(f"unknown question '{token}' at column {token.column}{did_you_mean(token, self.questions)}", _column(token))
        return question

    def _numeric(self, tree: Tree[Token]) -> Comparison:
        name, *rest = tree.children
        assert isinstance(name, Token)
        question = self._question(name)
        if question.kind is not Kind.NUMBER:
            raise _wrong_operator(question, name)
        if tree.data == "between":
            low, high = (self._quantity(part, question) for part in rest)
            bounds = Interval(_own(low, question), _own(high, question))
            if bounds.low > bounds.high:
                column = _column(rest[0])
                raise RuleError(f"{low} is above {high}, so nothing lies between (column {column}); write 'between {high} and {low}'", column)
            return Comparison(question.key, "between", quantities=(low, high), inside=bounds)
        sign = str(rest[0]).replace("≥", ">=").replace("≤", "<=")
        quantity = self._quantity(rest[1], question)
        return Comparison(question.key, sign, quantities=(quantity,), inside=_beyond(sign, _own(quantity, question)))

    def _quantity(self, part: Token | Tree[Token], question: Question) -> Quantity:
        number, *units = _tree(part).children
        assert isinstance(number, Token)
        unit = " ".join(str(word) for word in units)
        if unit and unit not in question.factors:
            column = _column(units[0])
            likely = did_you_mean(unit, question.factors) or (f"; it takes {', '.join(question.factors)}" if question.units else "")
            raise RuleError(f"'{question.key}' is in {question.unit}, not {unit}{likely} (column {column})", column)
        return Quantity(Fraction(str(number)), unit)

    def _named(self, tree: Tree[Token]) -> Comparison:
        name, *rest = tree.children
        assert isinstance(name, Token)
        question = self._question(name)
        operator = _OPERATORS[tree.data]
        if (question.kind is Kind.CHOICES) != operator.startswith("includes") or question.kind is Kind.NUMBER:
            raise _wrong_operator(question, name)
        tokens = rest if isinstance(rest[0], Token) else _tree(rest[0]).children
        names: list[str] = []
        for token in tokens:
            assert isinstance(token, Token)
            if token not in question.labels:
                near = did_you_mean(token, question.labels)
                raise RuleError(f"'{question.key}' has no choice '{token}'{near} (column {token.column})", _column(token))
            names.append(str(token))
        inside = frozenset(names) if question.kind is Kind.CHOICES else frozenset().union(*(question.kinds[key] for key in names))
        return Comparison(question.key, operator, names=tuple(names), inside=inside)


_OPERATORS = {
    "is_": "is",
    "is_not": "is not",
    "in_": "in",
    "not_in": "not in",
    "includes": "includes",
    "includes_any": "includes any of",
    "includes_all": "includes all of",
}
_EXAMPLES = {
    Kind.NUMBER: "'{key} >= 1' or '{key} between 1 and 2'",
    Kind.YES_NO: "'{key} is yes' or '{key} is no'",
    Kind.CHOICE: "'{key} is …' or '{key} in (…)'",
    Kind.CHOICES: "'{key} includes …' or '{key} includes any of (…)'",
}


def _wrong_operator(question: Question, name: Token) -> RuleError:
    example = _EXAMPLES[question.kind].format(key=question.key)
    kind = question.kind.value.replace("_", "/")
    return RuleError(f"'{question.key}' is a {kind} question at column {name.column}; write {example}", _column(name))


def _own(quantity: Quantity, question: Question) -> Fraction:
    """The quantity in the question's own unit, exactly."""
    return quantity.number * question.factors[quantity.unit or question.unit]


def _beyond(sign: str, bound: Fraction) -> Interval:
    match sign:
        case ">=":
            return Interval(bound, math.inf)
        case ">":
            return Interval(bound, math.inf, low_open=True)
        case "<=":
            return Interval(-math.inf, bound)
        case "<":
            return Interval(-math.inf, bound, high_open=True)
    return Interval(bound, bound)


def _tree(part: Token | Tree[Token]) -> Tree[Token]:
    assert isinstance(part, Tree)
    return part


def _column(part: Token | Tree[Token]) -> int:
    return (part.column if isinstance(part, Token) else part.meta.column) or 1


def comparisons(rule: Rule) -> Iterator[Comparison]:
    """Each comparison of a rule, from left to right."""
    match rule:
        case Comparison():
            yield rule
        case Not():
            yield from comparisons(rule.rule)
        case _:
            for part in rule.rules:
                yield from comparisons(part)


def questions_of(rule: Rule) -> frozenset[str]:
    """The keys of the questions that a rule needs."""
    return frozenset(comparison.question for comparison in comparisons(rule))


def format_exactly(number: Fraction) -> str:
    """A decimal number without loss. Rules are written in decimals, so their numbers always have such a form."""
    digits = 0
    while (number * 10**digits).denominator != 1:
        digits += 1
    whole = str(abs(number * 10**digits)).rjust(digits + 1, "0")
    sign = "-" if number < 0 else ""
    return f"{sign}{whole[:-digits]}.{whole[-digits:]}" if digits else f"{sign}{whole}"
