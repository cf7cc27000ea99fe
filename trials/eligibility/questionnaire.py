"""All questions together: reading a patient's answers, and settling what follows from them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from graphlib import CycleError, TopologicalSorter

from .judging import truth_of
from .questions import AnswerError, Possible, Question, QuestionError, did_you_mean
from .rules import Rule, RuleError, parse, questions_of
from .verdicts import Truth

Answers = Mapping[str, Possible | None]
"""Question key -> what was answered. None is "not sure"; a question that was not asked has no entry."""

Known = Mapping[str, Possible]
"""Question key -> what is known of the patient. Everything that has no entry may be anything."""


class Settled(dict[str, Possible]):
    """What is known of a patient, and which questions need not be asked, their conditions being false."""

    left_out: frozenset[str] = frozenset()


class Questionnaire(Mapping[str, Question]):
    """The questions by key, in the catalog's order. Raises ``QuestionError`` where an ``ask_if`` or ``otherwise`` cannot be used."""

    def __init__(self, questions: Iterable[Question]) -> None:
        ordered = sorted(questions, key=lambda question: (question.order, question.key))
        self._questions = {question.key: question for question in ordered}
        if len(self._questions) < len(ordered):
            twice = next(one.key for one, two in zip(sorted(ordered, key=_key), sorted(ordered, key=_key)[1:], strict=False) if one.key == two.key)
            raise QuestionError(f"the question '{twice}' is there twice")
        self.ask_if: dict[str, Rule] = {question.key: self._condition(question) for question in ordered if question.ask_if}
        self._elsewhere: dict[str | None, frozenset[str]] = {}
        self._otherwise = {key: self._read_otherwise(self[key]) for key in self._settling_order}

    def __getitem__(self, key: str) -> Question:
        return self._questions[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._questions)

    def __len__(self) -> int:
        return len(self._questions)

    def _condition(self, question: Question) -> Rule:
        try:
            return parse(question.ask_if, self)
        except RuleError as fault:
            raise QuestionError(f"'{question.key}' ask_if: {fault}") from None

    @cached_property
    def _settling_order(self) -> tuple[str, ...]:
        """The questions with a condition, each after the questions that its condition needs."""
        needs = {key: questions_of(rule) for key, rule in self.ask_if.items()}
        try:
            return tuple(key for key in TopologicalSorter(needs).static_order() if key in needs)
        except CycleError as fault:
            circle = " needs ".join(f"'{key}'" for key in reversed(fault.args[1]))
            raise QuestionError(f"the ask_if of these questions go round in a circle: {circle}") from None

    def _read_otherwise(self, question: Question) -> Possible | None:
        try:
            return question.read(question.otherwise)
        except AnswerError as fault:
            raise QuestionError(f"'{question.key}' otherwise: {fault}") from None

    def read(self, answers: Mapping[str, object]) -> dict[str, Possible | None]:
        """Answers in the form of the answers file, read. Raises ``AnswerError`` naming the question and the fix."""
        for key in answers:
            if key not in self:
                raise AnswerError(f"unknown question '{key}'{did_you_mean(key, self)}")
        return {key: self[key].read(answer) for key, answer in answers.items()}

    def settle(self, answers: Answers) -> Settled:
        """What is known of the patient: the answers, and ``otherwise`` for each question that need not be asked."""
        known = Settled({key: answer for key, answer in answers.items() if answer is not None})
        left_out = []
        for key in self._settling_order:
            if truth_of(self.ask_if[key], known) is Truth.FALSE:
                left_out.append(key)
                known.pop(key, None)
                otherwise = self._otherwise[key]
                if otherwise is not None:
                    known[key] = otherwise
        known.left_out = frozenset(left_out)
        return known

    def left_out(self, known: Known) -> frozenset[str]:
        """The questions that need not be asked, their conditions being false."""
        if isinstance(known, Settled):
            return known.left_out
        return frozenset(key for key, condition in self.ask_if.items() if truth_of(condition, known) is Truth.FALSE)

    def is_left_out(self, key: str, known: Known) -> bool:
        """Whether the question need not be asked, its condition being false."""
        return key in self.left_out(known)

    def elsewhere(self, area: str | None) -> frozenset[str]:
        """The questions that are asked in other condition areas only."""
        if area not in self._elsewhere:
            self._elsewhere[area] = frozenset(key for key, question in self.items() if area is not None and question.areas and area not in question.areas)
        return self._elsewhere[area]


def _key(question: Question) -> str:
    return question.key
