"""Numbers and units that do not agree: of a rule with its criterion's text, and of either with what the question takes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from fractions import Fraction

from django.utils.translation import gettext as _  # type: ignore[import-untyped]

from trials.eligibility.judging import Criterion, Trial
from trials.eligibility.questionnaire import Questionnaire
from trials.eligibility.questions import Kind, Question, plain_number
from trials.eligibility.rules import Comparison, Quantity, comparisons

from .amounts import Amount, amounts_in, converted, kind_of
from .findings import Finding, place

NEAR = Fraction(2, 100)
"""Times in different units agree if they differ by no more than this share: 90 days are 3 months. So do rounded decimals of vision."""

EXACT = Fraction(1, 1000)
"""Other amounts in different units agree up to rounding."""

SNELLEN = "feet"
"""The unit of questions for the second number of 20/__. A text may have it as a decimal: 0.5 is 20/40."""


def number_findings(trial: Trial, questionnaire: Questionnaire) -> Iterator[Finding]:
    """Warnings on numbers and units of rules and texts. A text without any number says nothing against a rule's numbers."""
    for number, criterion in enumerate(trial.criteria):
        amounts = amounts_in(criterion.text)
        told: set[object] = set()
        for comparison in comparisons(criterion.rule) if criterion.rule is not None else ():
            question = questionnaire[comparison.question]
            for quantity in comparison.quantities:
                fault = _fault(comparison, quantity, question, amounts)
                if fault and quantity not in told and not _is_in_words(quantity, question, criterion.text):
                    told.add(quantity)
                    code, message, words = fault
                    yield Finding("warning", number, code, message % {"place": place(trial, number), **words})
        yield from _implausible(trial, number, criterion, questionnaire, amounts)


def _fault(comparison: Comparison, quantity: Quantity, question: Question, amounts: list[Amount]) -> tuple[str, str, dict[str, str]] | None:
    """What is wrong with one number of a rule: the code, the message, and the words for it but for the place."""
    value = own_value(quantity, question)
    if (question.min is not None and value < question.min) or (question.max is not None and value > question.max):
        message = _("%(place)s: the rule says %(rule)s, but “%(question)s” takes %(range)s. Check the number and its unit.")
        return "out-of-range", message, {"rule": str(quantity), "question": question.key, "range": _range(question)}
    odd = _other_unit(quantity, question, amounts)
    if odd is not None:
        message = _("%(place)s: the text says %(text)s, the rule %(rule)s. Check the unit.")
        return "unit", message, {"text": str(odd), "rule": str(quantity) if quantity.unit else f"{quantity} {question.unit}"}
    if value and amounts and not in_text(comparison, quantity, question, amounts):
        message = _("%(place)s: the rule says %(rule)s, the text says %(text)s. Check the number.")
        return "number", message, {"rule": str(quantity), "text": ", ".join(dict.fromkeys(str(amount) for amount in amounts))}
    return None


def _is_in_words(quantity: Quantity, question: Question, text: str) -> bool:
    """Whether the text says the number in the words that the question's help gives for it: "Hand motion only: 4000"."""
    return any(
        words.lower() in text.lower() and Fraction(number) == quantity.number for words, number in re.findall(r"\b(\w+ \w+)[^.:\d]*: (\d+)", question.help)
    )


def own_value(quantity: Quantity, question: Question) -> Fraction:
    """The quantity in the question's own unit."""
    return quantity.number * question.factors[quantity.unit or question.unit]


def in_text(comparison: Comparison, quantity: Quantity, question: Question, amounts: Iterable[Amount]) -> bool:
    """Whether a text names the number of a rule: as it stands, in another unit, or the whole number beside it ("up to 12" is "< 13")."""
    value = own_value(quantity, question)
    beside = {"<": -1, ">": 1}.get(comparison.operator)
    wanted = {quantity.number, value} | ({quantity.number + beside} if beside else set())
    for amount in amounts:
        shown = {amount.number, amount.shown} | ({100 * amount.number} if question.unit == "%" else set())
        if shown & wanted or any(amount.number * factor == value for factor in question.factors.values()):
            return True
        if _means(amount, value, question):
            return True
        if question.unit == SNELLEN and amount.number and abs(20 / amount.number - value) <= NEAR * value:
            return True
    return False


def _means(amount: Amount, value: Fraction, question: Question) -> bool:
    """Whether an amount with a unit is this value of the question."""
    own = _in_own_unit(amount, question)
    return own is not None and abs(own - value) <= (NEAR if amount.kind == "time" else EXACT) * abs(value)


def _in_own_unit(amount: Amount, question: Question) -> Fraction | None:
    for unit, factor in question.factors.items():
        found = converted(amount, unit)
        if found is not None:
            return found * factor
    return None


def _other_unit(quantity: Quantity, question: Question, amounts: list[Amount]) -> Amount | None:
    """The amount of the text that has the rule's very number but means another quantity, where no amount of the text means the rule's."""
    kinds = {kind_of(unit) for unit in question.factors} - {""}
    same = [amount for amount in amounts if quantity.number in (amount.number, amount.shown)]
    if not kinds or not same or any(not amount.unit for amount in same):
        return None
    value = own_value(quantity, question)
    return None if any(_means(amount, value, question) for amount in amounts) else same[0]


def _implausible(trial: Trial, number: int, criterion: Criterion, questionnaire: Questionnaire, amounts: list[Amount]) -> Iterator[Finding]:
    """A value of the text that the one number question of the rule could not take. Times are left out: a text names more of them."""
    rule = criterion.rule
    numeric = {comparison.question for comparison in comparisons(rule) if comparison.quantities} if rule is not None else set()
    if len(numeric) != 1:
        return
    question = questionnaire[numeric.pop()]
    assert question.kind is Kind.NUMBER
    for amount in amounts:
        own = _in_own_unit(amount, question) if amount.kind != "time" else None
        if own is not None and ((question.min is not None and own < question.min) or (question.max is not None and own > question.max)):
            words = {"place": place(trial, number), "text": str(amount), "question": question.key, "range": _range(question)}
            message = _("%(place)s: the text says %(text)s, but “%(question)s” takes %(range)s. Check the text's number and unit.")
            yield Finding("warning", number, "implausible", message % words)


def _range(question: Question) -> str:
    low = "−∞" if question.min is None else plain_number(question.min)
    high = "∞" if question.max is None else plain_number(question.max)
    return str(_("%(low)s to %(high)s %(unit)s") % {"low": low, "high": high, "unit": question.unit})
