"""Rule engines from the package index, and plain Python objects, on the same trials and patients.

They know true and false alone, so they are measured, and we beside them, on patients who have answered everything exactly; then each of our
verdicts is also true or false. A patient's choice is handed over with all that it is a kind of, so a rule asks for what it names, and each
distinct rule is prepared once. "plain" is our own rules judged one by one in Python, without the index. Slow engines get fewer trials.

JsonLogic has no implementation that is both maintained and complete: python-jsonlogic cannot say *in*, *and*, *or*; json-logic-qubit's last
release is of 2018 and is no quicker. So panzi-json-logic, the newest complete one, stands for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from trials.eligibility.judging import Criterion, Trial, truth_of
from trials.eligibility.questionnaire import Questionnaire
from trials.eligibility.questions import Kind
from trials.eligibility.rules import And, Comparison, Not, Rule
from trials.eligibility.verdicts import CriterionKind, Truth

Check = Callable[[Any], object]
Wanted = tuple[bool, Check]
"""What a criterion's rule must come to, and the rule."""


@dataclass(frozen=True)
class Peer:
    """One engine: how it prepares a rule, how it takes a patient's answers, and on how many trials it is measured."""

    name: str
    prepare: Callable[[Rule], Check]
    take: Callable[[Mapping[str, object]], Any]
    trials: int


@dataclass(frozen=True)
class Prepared:
    """A trial for a peer: the criteria common to all, and those of each cohort."""

    common: tuple[Wanted, ...]
    cohorts: tuple[tuple[Wanted, ...], ...]

    def fits(self, patient: Any) -> bool:
        """Whether no criterion fails; stops at the first that decides."""
        for wanted, check in self.common:
            if bool(check(patient)) is not wanted:
                return False
        return not self.cohorts or any(all(bool(check(patient)) is wanted for wanted, check in cohort) for cohort in self.cohorts)

    def every_criterion(self, patient: Any) -> list[bool]:
        """Whether each criterion passes, none left out."""
        return [bool(check(patient)) is wanted for part in (self.common, *self.cohorts) for wanted, check in part]


def prepared(trials: Sequence[Trial], peer: Peer) -> list[Prepared]:
    """The trials as a peer takes them; each distinct rule is prepared once."""
    known: dict[tuple[int, CriterionKind], Wanted] = {}
    checks: dict[int, Check] = {}

    def wanted(criterion: Criterion) -> Wanted:
        assert criterion.rule is not None
        place = id(criterion.rule), criterion.kind
        if place not in known:
            check = checks[place[0]] = checks.get(place[0]) or peer.prepare(criterion.rule)
            known[place] = criterion.kind is CriterionKind.INCLUSION, check
        return known[place]

    def part(trial: Trial, cohort: str | None) -> tuple[Wanted, ...]:
        return tuple(wanted(criterion) for criterion in trial.criteria if criterion.rule is not None and criterion.cohort == cohort)

    return [Prepared(part(trial, None), tuple(part(trial, cohort) for cohort in trial.cohorts)) for trial in trials]


def peers(questionnaire: Questionnaire) -> list[Peer]:
    """All peers that are installed."""
    facts = partial(_facts, questionnaire)
    found = [Peer("plain", lambda rule: partial(_is_true, rule), lambda record: questionnaire.settle(questionnaire.read(record)), 550_000)]
    for make in (_rule_engine, _json_logic, _cel):
        try:
            found.append(make(facts))
        except ImportError as fault:
            print(f"  {fault.name} is not installed, so it is left out")
    return found


def _is_true(rule: Rule, known: Any) -> bool:
    return truth_of(rule, known) is Truth.TRUE


def _facts(questionnaire: Questionnaire, record: Mapping[str, object]) -> dict[str, Any]:
    """Numbers as they are, yes/no as true and false, a choice as itself and all that it is a kind of."""
    facts: dict[str, Any] = {}
    for key, answer in record.items():
        question = questionnaire[key]
        if question.kind is Kind.YES_NO:
            facts[key] = answer == "yes"
        elif question.kind is Kind.CHOICE:
            facts[key] = [str(answer), *question.ancestors(str(answer))]
        else:
            facts[key] = answer
    return facts


def _rule_engine(facts: Callable[[Mapping[str, object]], dict[str, Any]]) -> Peer:
    from rule_engine import Rule as Engine  # noqa: PLC0415

    return Peer("rule-engine", lambda rule: Engine(_in_words(rule, "and", "or", "not ")).matches, facts, 250)


def _cel(facts: Callable[[Mapping[str, object]], dict[str, Any]]) -> Peer:
    import celpy  # noqa: PLC0415
    from celpy.adapter import json_to_cel  # noqa: PLC0415

    environment = celpy.Environment()

    def prepare(rule: Rule) -> Check:
        return environment.program(environment.compile(_in_words(rule, "&&", "||", "!", decimal=True))).evaluate

    def take(record: Mapping[str, object]) -> Any:
        return json_to_cel({key: float(fact) if isinstance(fact, int) and not isinstance(fact, bool) else fact for key, fact in facts(record).items()})

    return Peer("cel-python", prepare, take, 20)


def _json_logic(facts: Callable[[Mapping[str, object]], dict[str, Any]]) -> Peer:
    from json_logic import jsonLogic  # noqa: PLC0415

    return Peer("panzi-json-logic", lambda rule: partial(jsonLogic, _as_json(rule)), facts, 500)


def _in_words(rule: Rule, both: str, either: str, negated: str, decimal: bool = False) -> str:
    """The rule as an expression of rule-engine or CEL."""
    match rule:
        case Comparison():
            return _compared(rule, both, either, negated, decimal)
        case Not():
            return f"{negated}({_in_words(rule.rule, both, either, negated, decimal)})"
    joined = both if isinstance(rule, And) else either
    return f" {joined} ".join(f"({_in_words(part, both, either, negated, decimal)})" for part in rule.rules)


def _compared(rule: Comparison, both: str, either: str, negated: str, decimal: bool) -> str:
    numbers = [str(float(quantity.number)) if decimal else str(quantity) for quantity in rule.quantities]
    if rule.operator == "between":
        return f"{rule.question} >= {numbers[0]} {both} {rule.question} <= {numbers[1]}"
    if numbers:
        return f"{rule.question} {rule.operator} {numbers[0]}"
    if set(rule.names) <= {"yes", "no"}:
        return f"{rule.question} == {'true' if (rule.names == ('yes',)) is not rule.negated else 'false'}"
    named = f" {either} ".join(f'"{name}" in {rule.question}' for name in rule.names)
    return f"{negated}({named})" if rule.negated else named


def _as_json(rule: Rule) -> dict[str, Any]:
    """The rule as JsonLogic."""
    match rule:
        case Comparison():
            return _compared_as_json(rule)
        case Not():
            return {"!": [_as_json(rule.rule)]}
    return {"and" if isinstance(rule, And) else "or": [_as_json(part) for part in rule.rules]}


def _compared_as_json(rule: Comparison) -> dict[str, Any]:
    value, numbers = {"var": rule.question}, [float(quantity.number) for quantity in rule.quantities]
    if rule.operator == "between":
        return {"<=": [numbers[0], value, numbers[1]]}
    if numbers:
        return {rule.operator: [value, numbers[0]]}
    if set(rule.names) <= {"yes", "no"}:
        return {"===": [value, (rule.names == ("yes",)) is not rule.negated]}
    named = [{"in": [name, value]} for name in rule.names]
    any_ = named[0] if len(named) == 1 else {"or": named}
    return {"!": [any_]} if rule.negated else any_
