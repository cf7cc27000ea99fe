"""Why a verdict is what it is: first as data (which answers decided), then as the sentence a person reads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from heapq import heappop, heappush

from .judging import Criterion, Judgement, truth_of, verdict_of
from .questionnaire import Known, Questionnaire
from .questions import Changes, Interval, OneOf, Possible, Question, plain_number
from .rule_texts import listed
from .rules import And, Comparison, Not, Rule
from .verdicts import Truth, Verdict

Cause = frozenset[str]
"""Keys of questions whose answers, taken alone, settle a rule."""

MOST_CAUSES = 60
MOST_STEPS = 3_000
"""At most so many ways to settle a part of a rule are carried on, the smallest first, and so many combinations are tried for each part, so that
no rule can take for ever. Rules that people write stay far below."""

Translate = Callable[[str], str]


def _(text: str) -> str:
    """Marks a text for translation; ``sentence`` translates it."""
    return text


@dataclass(frozen=True)
class Explanation:
    """The verdict on one criterion and the questions behind it.

    ``because`` names the answers that decide a criterion that passes or fails, as few as do, and the open questions of an unknown one.
    """

    criterion: Criterion
    verdict: Verdict | None
    because: tuple[str, ...]


def explain(criterion: Criterion, known: Known, questionnaire: Questionnaire) -> Explanation:
    """The verdict on a criterion, with the smallest set of answers that decides it."""
    return _explained(criterion, verdict_of(criterion, known), known, questionnaire)


def explain_all(judgement: Judgement, known: Known, questionnaire: Questionnaire) -> tuple[Explanation, ...]:
    """Each criterion of a trial explained, as it was judged."""
    return tuple(_explained(criterion, verdict, known, questionnaire) for criterion, verdict in zip(judgement.trial.criteria, judgement.criteria, strict=True))


def _explained(criterion: Criterion, verdict: Verdict | None, known: Known, questionnaire: Questionnaire) -> Explanation:
    if criterion.rule is None:
        return Explanation(criterion, verdict, ())
    find = open_questions if verdict is Verdict.UNKNOWN else smallest_cause
    return Explanation(criterion, verdict, _in_order(find(criterion.rule, known, questionnaire), questionnaire))


def main_reason(judgement: Judgement, known: Known, questionnaire: Questionnaire) -> Explanation | None:
    """Of the criteria of a trial that does not fit, the one to blame first.

    One common to all before a cohort's, then one of the cohort that comes nearest (of two eyes the one that meets more), then fewest answers, then what lasts.
    """
    failing = [
        _explained(criterion, verdict, known, questionnaire)
        for criterion, verdict in zip(judgement.trial.criteria, judgement.criteria, strict=True)
        if verdict is Verdict.FAILS
    ]
    against = Counter(reason.criterion.cohort for reason in failing)
    against[None] = 0
    return min(failing, key=lambda reason: (against[reason.criterion.cohort], len(reason.because), _may_pass(reason, questionnaire)), default=None)


def _may_pass(reason: Explanation, questionnaire: Questionnaire) -> bool:
    """Whether one of the answers behind it grows or may change: where something else stays in the way, that is the reason to name.

    Not so for a cohort's criterion: another cohort may still open.
    """
    return reason.criterion.cohort is None and any(questionnaire[key].changes in (Changes.GROWS, Changes.MAY_CHANGE) for key in reason.because)


def smallest_cause(rule: Rule, known: Known, questionnaire: Questionnaire) -> Cause:
    """The smallest set of answers that settles a rule which is not unknown."""
    causes = _causes(rule, truth_of(rule, known), known, questionnaire)
    return causes[0] if len(causes) == 1 else min(causes, key=lambda cause: (len(cause), sorted((questionnaire[key].order, key) for key in cause)))


def _causes(rule: Rule, truth: Truth, known: Known, questionnaire: Questionnaire) -> list[Cause]:
    """Each smallest set of answers that alone makes the rule come out as it did."""
    match rule:
        case Comparison():
            if questionnaire.is_left_out(rule.question, known):
                return _causes(questionnaire.ask_if[rule.question], Truth.FALSE, known, questionnaire)
            return [frozenset({rule.question})]
        case Not():
            return _causes(rule.rule, ~truth, known, questionnaire)
        case _:
            alike = [_causes(part, truth, known, questionnaire) for part in rule.rules if truth_of(part, known) is truth]
            one_is_enough = truth is (Truth.FALSE if isinstance(rule, And) else Truth.TRUE)
            if one_is_enough:
                return _smallest(cause for causes in alike for cause in causes)
            return _together(sorted(alike, key=len))


def _together(alternatives: list[list[Cause]]) -> list[Cause]:
    """The smallest unions of one cause of each part, and those one larger: the union with the fewest keys is always carried on first."""
    found: list[Cause] = []
    waiting: list[tuple[int, int, list[str], Cause]] = [(0, 0, [], frozenset())]
    seen: set[tuple[int, Cause]] = set()
    while waiting and len(seen) < MOST_STEPS and len(found) < MOST_CAUSES:
        size, minus_part, _keys, union = heappop(waiting)
        if found and size > len(found[0]) + 1:
            break
        if -minus_part == len(alternatives):
            found.append(union)
            continue
        for cause in alternatives[-minus_part]:
            larger = union | cause
            if (minus_part, larger) not in seen:
                seen.add((minus_part, larger))
                heappush(waiting, (len(larger), minus_part - 1, sorted(larger), larger))
    return _smallest(found) if found else [_greedily(alternatives)]


def _greedily(alternatives: list[list[Cause]]) -> Cause:
    """A small union of one cause of each part, where trying all would take too long."""
    union: Cause = frozenset()
    for causes in alternatives:
        union |= min(causes, key=lambda cause: (len(cause - union), sorted(cause)))
    return union


def _smallest(causes: Iterable[Cause]) -> list[Cause]:
    """The causes that hold no other one, at most ``MOST_CAUSES``."""
    kept: list[Cause] = []
    for cause in sorted(set(causes), key=lambda cause: (len(cause), sorted(cause))):
        if len(kept) < MOST_CAUSES and not any(smaller <= cause for smaller in kept):
            kept.append(cause)
    return kept


def open_questions(rule: Rule, known: Known, questionnaire: Questionnaire) -> Cause:
    """The questions whose better answer could still settle a rule that is unknown; none of those that no longer matter."""
    match rule:
        case Comparison():
            return frozenset({rule.question})
        case Not():
            return open_questions(rule.rule, known, questionnaire)
        case _:
            parts = (part for part in rule.rules if truth_of(part, known) is Truth.UNKNOWN)
            return frozenset[str]().union(*(open_questions(part, known, questionnaire) for part in parts))


def _in_order(keys: Iterable[str], questionnaire: Questionnaire) -> tuple[str, ...]:
    return tuple(sorted(keys, key=lambda key: (questionnaire[key].order, key)))


def describe(possible: Possible | None, question: Question, translate: Translate = str) -> str:
    """What was answered, in words: ``34 years``, ``at most 49 copies/mL``, ``yes``, ``not sure``."""
    if possible is None:
        return translate(_("not sure"))
    if isinstance(possible, Interval):
        return _describe_number(possible, question, translate)
    if isinstance(possible, OneOf):
        top = [key for key in question.labels if key in possible.keys and possible.keys == question.kinds[key]]
        return translate(question.labels[top[0]])
    listing = [translate(choice.label) for choice in question.choices if choice.key in possible.sure and not _implied(choice.key, possible.sure, question)]
    return listed(listing, translate(_("and"))) if listing else translate(_("none of these"))


def _implied(key: str, sure: frozenset[str], question: Question) -> bool:
    return any(key in question.ancestors(other) for other in sure)


def _describe_number(possible: Interval, question: Question, translate: Translate) -> str:
    low, high = possible.low, possible.high
    unit = translate(question.unit) if question.unit else ""
    if low == high:
        return f"{plain_number(low)} {unit}"
    has_low = low != float("-inf") and low != question.min
    has_high = high != float("inf") and high != question.max
    if has_low and has_high:
        words = translate(_("{low} to {high} {unit}"))
    elif has_low:
        words = translate(_("{low} {unit} or more"))
    elif has_high:
        words = translate(_("{high} {unit} or less"))
    else:
        return translate(_("not sure"))
    return words.format(low=plain_number(low) if has_low else "", high=plain_number(high) if has_high else "", unit=unit)


def sentence(
    explanation: Explanation,
    known: Known,
    questionnaire: Questionnaire,
    translate: Translate = str,
    asked: Callable[[Question], str] = lambda question: question.text,
) -> str:
    """The reading of one criterion, for people: what decided it, or what is still open. ``asked`` gives a question's words."""
    keys = explanation.because
    if explanation.verdict is None:
        return translate(_("The study team will check this."))
    if explanation.verdict is Verdict.UNKNOWN:
        return translate(_("Needs checking: {questions}")).format(questions=" ".join(translate(asked(questionnaire[key])) for key in keys))
    told = "; ".join(f"{translate(asked(questionnaire[key]))} {describe(known.get(key), questionnaire[key], translate)}" for key in keys)
    if explanation.verdict is Verdict.PASSES:
        return translate(_("Fits what you told us: {told}.")).format(told=told)
    return translate(_("Does not fit what you told us: {told}.")).format(told=told)
