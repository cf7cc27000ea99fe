"""What may come next in a rule that is being written: questions, comparisons, choices, units, joints.

The grammar itself tells what it accepts at a place, so what is offered here is always what ``rules.parse`` reads.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from lark import Token
from lark.exceptions import UnexpectedInput

from .questionnaire import Questionnaire
from .questions import NUMBER, Kind, Question, plain_number
from .rules import LONGEST_RULE, grammar

MOST_ITEMS = 12
MOST_WORDS = 4
"""Words before the cursor that are taken for one name, such as "retinitis pigmentosa"."""

Synonyms = Mapping[str, Mapping[str, Sequence[str]]]
"""Question key -> choice key -> other names that people have for the choice."""

_WORD = re.compile(r"[<>=≥≤]+|[^\s(),<>=≥≤]+")
_PLAIN_WORDS = re.compile(r"[^(),<>=≥≤]*")
_AFTER_QUESTION = ("IS", "NOT", "IN", "INCLUDES", "SIGN", "BETWEEN")
_BEGINS, _WORD_BEGINS, _CHOICE_BEGINS, _HOLDS = range(4)


@dataclass(frozen=True)
class Item:
    """Something that can be inserted: the exact text, how a list shows it, and what it is."""

    insert: str
    label: str
    hint: str = ""


@dataclass(frozen=True)
class Completion:
    """What fits in place of the text from ``start`` on, best first."""

    start: int
    items: tuple[Item, ...] = ()


@dataclass(frozen=True)
class _Place:
    """A place in a rule: what stands before it, what the grammar accepts there, and the question that is being compared."""

    tokens: tuple[Token, ...]
    accepted: frozenset[str]
    question: Question | None

    @property
    def last(self) -> str:
        """The type of the token before."""
        return self.tokens[-1].type if self.tokens else ""

    @property
    def last_is_known(self) -> bool:
        """Whether the choice before, if there is one, is a choice of the question."""
        return self.last != "NAME" or (self.question is not None and self.tokens[-1] in self.question.labels)

    def since(self, terminal: str) -> list[str]:
        """The tokens after the last one of this type."""
        types = [token.type for token in self.tokens]
        return [str(token) for token in self.tokens[len(types) - types[::-1].index(terminal) :]]


def complete(text: str, questions: Questionnaire, synonyms: Synonyms | None = None) -> Completion:
    """What may stand at the end of ``text``, the rule up to the cursor. Takes any text.

    The word at the cursor is completed; where nothing fits it, so are the words before it, which may be one name in plain words.
    """
    words = list(_WORD.finditer(text))
    starts = [word.start() for word in words[::-1]][:MOST_WORDS]
    if not words or words[-1].end() < len(text):
        starts.insert(0, len(text))
    starts = [start for start in starts if start == starts[0] or _PLAIN_WORDS.fullmatch(text, start)]
    if len(text) <= 2 * LONGEST_RULE:
        for start in starts:
            place = _place(text[:start], questions)
            items = _fitting(text[start:], place, questions, synonyms or {}) if place else ()
            if items:
                return Completion(start, tuple(items[:MOST_ITEMS]))
    return Completion(starts[0])


def _place(text: str, questions: Questionnaire) -> _Place | None:
    """The place after a text, or None where the text cannot begin any rule."""
    parser = grammar().parse_interactive(text)
    try:
        tokens = tuple(parser.exhaust_lexer())
    except UnexpectedInput:
        return None
    accepted: frozenset[str] = frozenset(parser.accepts())  # type: ignore[no-untyped-call]
    compared = [one for one, two in pairwise(tokens) if one.type == "NAME" and two.type in _AFTER_QUESTION]
    if "SIGN" in accepted:
        compared.append(tokens[-1])
    return _Place(tokens, accepted, questions.get(compared[-1]) if compared else None)


def _fitting(typed: str, place: _Place, questions: Questionnaire, synonyms: Synonyms) -> list[Item]:
    """The items that fit a place and begin with, or hold, what is typed there."""
    if {"NAME", "LPAR"} <= place.accepted:
        return [*_matching_questions(typed, questions, synonyms), *_beginning(typed, [_NOT] if typed else [])]
    question = place.question
    if question is None:
        return []
    if "SIGN" in place.accepted:
        return _beginning(typed, _comparisons_with(question))
    if "NUMBER" in place.accepted:
        return _amounts(typed, question)
    if "NAME" in place.accepted:
        return _named(typed, place, question, synonyms.get(question.key, {}))
    if not {"AND", "COMMA"} & place.accepted or not place.last_is_known:
        return []
    if "COMMA" in place.accepted:
        return _beginning(typed, _ends_of_list("", place, question))
    return _beginning(typed, _after_comparison(place, question))


_NOT = Item("not ", "not", "the opposite of what follows")
_NUMBER_SIGNS = {">=": "at least", "<=": "at most", ">": "above", "<": "below", "=": "exactly"}


def _comparisons_with(question: Question) -> Iterator[Item]:
    """The ways to compare a question of this kind, each with an example."""
    if question.kind is Kind.NUMBER:
        low, high = _example(question, 18), _example(question, 65)
        for sign, meaning in _NUMBER_SIGNS.items():
            yield Item(f"{sign} ", sign, f"{meaning}: {question.key} {sign} {low} {question.unit}")
        yield Item("between ", "between", f"both ends included: {question.key} between {low} and {high} {question.unit}")
        return
    first, *others = question.labels
    listed = ", ".join([first, *others[:1]])
    if question.kind is Kind.CHOICES:
        yield Item("includes ", "includes", f"{question.key} includes {first}")
        yield Item("includes any of (", "includes any of (…)", f"at least one: {question.key} includes any of ({listed})")
        yield Item("includes all of (", "includes all of (…)", f"each of them: {question.key} includes all of ({listed})")
        return
    yield Item("is ", "is", f"{question.key} is {first}")
    yield Item("is not ", "is not", f"{question.key} is not {first}")
    if question.kind is Kind.CHOICE:
        yield Item("in (", "in (…)", f"one of several: {question.key} in ({listed})")
        yield Item("not in (", "not in (…)", f"none of several: {question.key} not in ({listed})")


def _example(question: Question, wished: int) -> str:
    """A number that the question takes, this one if it does."""
    number = Fraction(wished)
    if question.min is not None:
        number = max(number, question.min)
    if question.max is not None:
        number = min(number, question.max)
    return plain_number(number)


def _amounts(typed: str, question: Question) -> list[Item]:
    """A number that is written, with each unit that it may have."""
    if question.kind is not Kind.NUMBER or not NUMBER.fullmatch(typed):
        return []
    return [Item(f"{typed} {item.insert}", f"{typed} {item.label}", item.hint) for item in _units(question)]


def _units(question: Question) -> list[Item]:
    hints = dict.fromkeys(question.units, f"is counted as {question.unit}") | {question.unit: "the question's own unit"}
    return [Item(f"{unit} ", unit, hints[unit]) for unit in question.factors]


def _after_comparison(place: _Place, question: Question) -> Iterator[Item]:
    """What may follow a whole comparison, or the first amount of ``between``."""
    if place.last in ("NUMBER", "UNIT"):
        unit = " ".join(place.since("NUMBER"))
        if question.kind is not Kind.NUMBER or (unit and unit not in question.factors):
            return
        if not unit:
            yield from _units(question)
    if "OR" not in place.accepted:
        yield Item("and ", "and", "the upper end follows")
        return
    yield Item("and ", "and", "both must be so")
    yield Item("or ", "or", "one of them is enough")
    if "RPAR" in place.accepted:
        yield Item(") ", ")", "the end of the group")


def _named(typed: str, place: _Place, question: Question, synonyms: Mapping[str, Sequence[str]]) -> list[Item]:
    """The choices of a question, and the words of the language that may stand in the place of one."""
    if place.last == "INCLUDES" and question.kind is Kind.CHOICES:
        return [*_matching_choices(typed, question, synonyms), *_beginning(typed, [_ANY, _ALL])]
    if place.last in ("IS", "NOT") and question.kind in (Kind.YES_NO, Kind.CHOICE):
        return [*_matching_choices(typed, question, synonyms), *_beginning(typed, [_IS_NOT] if place.last == "IS" else [])]
    if place.last not in ("LPAR", "COMMA"):
        return []
    ends = _ends_of_list(typed, place, question) if typed in question.labels else ()
    listed = place.since("LPAR")
    more = (Item(item.label, item.label, item.hint) for item in _matching_choices(typed, question, synonyms) if item.label not in listed)
    return [*ends, *more]


def _ends_of_list(choice: str, place: _Place, question: Question) -> Iterator[Item]:
    """What may follow a choice in a list: another one, if there is another, or the end."""
    if set(question.labels) - {choice, *place.since("LPAR")}:
        yield Item(f"{choice}, ", f"{choice},", "another choice follows")
    yield Item(f"{choice}) ", f"{choice})", "the end of the list")


_ANY = Item("any of (", "any of (…)", "at least one of several")
_ALL = Item("all of (", "all of (…)", "each of several")
_IS_NOT = Item("not ", "not", "any other answer")


def _matching_questions(typed: str, questions: Questionnaire, synonyms: Synonyms) -> list[Item]:
    ranked = []
    for question in questions.values():
        rank, hint = _rank(typed, question.key, question.text), question.text
        if rank is None or rank > _CHOICE_BEGINS:
            named = next((label for label in _names_of_choices(question, synonyms.get(question.key, {})) if _rank(typed, "", label) == _WORD_BEGINS), None)
            rank, hint = (_CHOICE_BEGINS, f"{hint} ({named})") if named else (rank, hint)
        ranked.append((rank, Item(f"{question.key} ", question.key, hint)))
    return _best(typed, ranked)


def _names_of_choices(question: Question, synonyms: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for choice in question.choices:
        yield choice.label
        yield from synonyms.get(choice.key, ())


def _matching_choices(typed: str, question: Question, synonyms: Mapping[str, Sequence[str]]) -> list[Item]:
    return _best(
        typed,
        [
            (_rank(typed, key, " ".join([label, *synonyms.get(key, ())])), Item(f"{key} ", key, "" if label == key else label))
            for key, label in question.labels.items()
        ],
    )


def _rank(typed: str, key: str, words: str) -> int | None:
    """How well a key and the words that tell what it is match what is typed, the best being 0; None where they do not."""
    wanted, own, all_words = _plain(typed), _plain(key), f" {_plain(key)} {_plain(words)}"
    if own.startswith(wanted) and key:
        return _BEGINS
    if f" {wanted}" in all_words:
        return _WORD_BEGINS
    return _HOLDS if len(wanted) > 2 and wanted in all_words else None


def _plain(text: str) -> str:
    """The words of a text, small, without what stands between them."""
    return " ".join(re.findall(r"[^\W_]+", text.lower()))


def _best(typed: str, ranked: Iterable[tuple[int | None, Item]]) -> list[Item]:
    """The items that match, best first. One that is there already is not offered; then only longer keys are."""
    if typed.strip() and not _plain(typed):
        return []
    found = sorted(((rank, item) for rank, item in ranked if rank is not None), key=lambda pair: pair[0])
    if any(item.label == typed for _rank, item in found):
        return [item for rank, item in found if rank == _BEGINS and item.label != typed]
    return [item for _rank, item in found]


def _beginning(typed: str, items: Iterable[Item]) -> list[Item]:
    """The items that begin with what is typed, and are not there already."""
    wanted = re.sub(r"\s+", " ", typed.lower())
    return [item for item in items if item.insert.startswith(wanted) and item.insert.strip() != wanted.strip()]
