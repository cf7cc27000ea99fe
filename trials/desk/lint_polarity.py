"""Suspects of a rule turned round: the text of a criterion says "no" or "at least", and its rule says the opposite.

A rule states its criterion as written, be it an inclusion or an exclusion, so the same signs count for both.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.utils.translation import gettext as _  # type: ignore[import-untyped]

from trials.eligibility.judging import Trial
from trials.eligibility.questionnaire import Questionnaire
from trials.eligibility.questions import Kind, Question
from trials.eligibility.rule_texts import write
from trials.eligibility.rules import Comparison, Not, Rule, comparisons

from .amounts import UPRIGHT_LIMIT, amounts_in
from .findings import Finding, place
from .lint_numbers import SNELLEN, in_text

NOTHING = ("no", "never", "none")
"""Choices that stand for the absence of what a question asks about."""

_LEAD = r"^(?:(?:the |a |all )?(?:patients?|participants?|subjects?|wom[ae]n|men|females?|males?|persons?|people|adults?|children)\b[^:,;.]{0,40}?)?[:,]?\s*"
_BEGINS_WITH_NO = re.compile(
    _LEAD + r"(?:(?:must |should |may |can |do |does |have |has |had |is |are |being |be )*)"
    r"(?:no|not|never|without|absence of|free (?:of|from)|lack of|lacks?|negative (?:for|test)|non-?(?:pregnant|lactating|smok\w+))\b"
    r"(?! (?:(?:more|less|fewer|greater|later|earlier|older|younger|lower|higher|better|worse) than|longer|above|below|under|over|exceed\w*"
    r"|controlled|treated|able|willing|agree\w*|well|adequately|only|suitable)\b)",
    re.I,
)
_NEGATIVE = re.compile(r"\b(?:hiv|hepatitis [bc]|pregnancy test|serology|antibod\w+)[^.;,]{0,25}\bnegative\b|^negative\b", re.I)
_ANY_NO = re.compile(
    r"\b(?:no|not|none|never|nor|neither|cannot|can't|without|absen\w+|free (?:of|from)|lack\w*|negative|non\w*|in(?:ability|capable|tolera\w+)|"
    r"un(?:able|willing|treated|affected|detect\w+|suitable)|refus\w+|declin\w+|stopped|off|discontinu\w+|except|other than|naive|naïve|ruled out|"
    r"withdr\w+|resolved|fail\w*|exclud\w+|since|after|washout|finished|ended)\b",
    re.I,
)
_TURNS = re.compile(r"\b(?:no|not|never|without|unless|except|since|free|off|if)\b", re.I)


def polarity_findings(trial: Trial, questionnaire: Questionnaire) -> Iterator[Finding]:
    """A warning for each criterion whose rule seems to say the opposite of its text."""
    for number, criterion in enumerate(trial.criteria):
        if criterion.rule is None:
            continue
        words = {"place": place(trial, number), "rule": write(criterion.rule)}
        says = _says(criterion.rule, questionnaire)
        if says is True and _denies(criterion.text):
            message = _("%(place)s: the text says “no” or “not”, but the rule “%(rule)s” does not. Check whether it is turned round.")
            yield Finding("warning", number, "turned-round", message % words)
        elif says is False and not _ANY_NO.search(criterion.text) and not _has_numbers(criterion.rule):
            message = _("%(place)s: the rule “%(rule)s” says “no” or “not”, but the text does not. Check whether it is turned round.")
            yield Finding("warning", number, "turned-round", message % words)
        elif _limits_turned(criterion.text, criterion.rule, questionnaire):
            message = _("%(place)s: the text and the rule “%(rule)s” set the limit on opposite sides. Check the sign, such as >= or <.")
            yield Finding("warning", number, "limit-turned", message % words)


def _denies(text: str) -> bool:
    return bool(_BEGINS_WITH_NO.search(text) or _NEGATIVE.search(text))


def _says(rule: Rule, questionnaire: Questionnaire) -> bool | None:
    """Whether a rule says only that something is there, or only that it is not; None for both, and for numbers and conditions."""
    said = {one for one in _each(rule, questionnaire, True) if one is not None}
    return said.pop() if len(said) == 1 else None


def _each(rule: Rule, questionnaire: Questionnaire, upright: bool) -> Iterator[bool | None]:
    match rule:
        case Not():
            yield from _each(rule.rule, questionnaire, not upright)
        case Comparison():
            there = _is_there(rule, questionnaire[rule.question])
            yield None if there is None else there is upright
        case _:
            for part in rule.rules:
                yield from _each(part, questionnaire, upright)


def _is_there(comparison: Comparison, question: Question) -> bool | None:
    if question.kind is Kind.CHOICES:
        return True
    nothing = [key for key in question.labels if key in NOTHING]
    if question.kind is Kind.NUMBER or not nothing:
        return None
    if all(name in nothing for name in comparison.names):
        return comparison.negated
    return None if any(name in nothing for name in comparison.names) else not comparison.negated


def _has_numbers(rule: Rule) -> bool:
    return any(comparison.quantities for comparison in comparisons(rule))


def _limits_turned(text: str, rule: Rule, questionnaire: Questionnaire) -> bool:
    """Whether each limit that the rule sets is named by the text on the other side. Texts with a "no" or an "if" are passed over.

    So is vision such as 20/40: a text may name the same limit as a decimal, and better vision is the lower number.
    """
    limits = [(comparison, side) for comparison, side in _limits(rule, True) if questionnaire[comparison.question].unit != SNELLEN]
    if _TURNS.search(UPRIGHT_LIMIT.sub("", text)):
        return False
    amounts = amounts_in(text)
    for comparison, side in limits:
        question = questionnaire[comparison.question]
        named = [amount for amount in amounts if in_text(comparison, comparison.quantities[0], question, [amount])]
        sides = {amount.direction for amount in named}
        if side != "both" and sides and sides.isdisjoint({side, None}):
            return True
    return False


def _limits(rule: Rule, upright: bool) -> Iterator[tuple[Comparison, str]]:
    match rule:
        case Not():
            yield from _limits(rule.rule, not upright)
        case Comparison():
            if rule.quantities:
                side = {">": True, ">=": True, "<": False, "<=": False}.get(rule.operator)
                yield rule, "both" if side is None else "at least" if side is upright else "at most"
        case _:
            for part in rule.rules:
                yield from _limits(part, upright)
