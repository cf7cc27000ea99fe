"""What looks wrong in the questions: those that nothing needs, those that look alike, and choices that no rule names."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from itertools import combinations

from django.utils.translation import gettext as _  # type: ignore[import-untyped]

from trials.eligibility.judging import Trial
from trials.eligibility.questionnaire import Questionnaire
from trials.eligibility.questions import Kind, Question
from trials.eligibility.rules import Rule, comparisons

from .findings import Finding

MOST_NAMED = 5
"""So many choices are named in a message; of the others it gives the number."""

SAME_WORD = 0.8
"""Two words spelled as near as this are taken for forms of one word: "medicine" and "medicines"."""

FEWEST_SHARED = 4
"""Two questions with so many words in common may differ in one further word and still be alike."""

MOST_REST = 2
"""Of a question with one answer, so many choices may stand for "none of what the rules name", such as "never" and "in the past"."""

_SMALL_WORDS = frozenset(
    [
        "a",
        "an",
        "the",
        "of",
        "in",
        "on",
        "at",
        "to",
        "for",
        "by",
        "with",
        "from",
        "and",
        "or",
        "is",
        "are",
        "was",
        "were",
        "be",
        "been",
        "do",
        "does",
        "did",
        "have",
        "has",
        "had",
        "you",
        "your",
        "yours",
        "child's",
        "child",
        "it",
        "its",
        "they",
        "their",
        "any",
        "ever",
        "now",
        "what",
        "which",
        "how",
        "when",
        "who",
        "that",
        "this",
        "these",
        "those",
        "there",
        "as",
        "doctor",
        "said",
        "found",
        "can",
        "could",
        "please",
        "tell",
        "us",
    ]
)


def lint_questions(questionnaire: Questionnaire, trials: Iterable[Trial]) -> list[Finding]:
    """What looks wrong in the questions, in their order. All are warnings: a question may wait for the trial that needs it."""
    rules = [criterion.rule for trial in trials for criterion in trial.criteria if criterion.rule is not None]
    rules += questionnaire.ask_if.values()
    named = _named_choices(rules)
    return [*_unused(questionnaire, named), *_alike(questionnaire), *_idle_choices(questionnaire, named)]


def _named_choices(rules: Iterable[Rule]) -> dict[str, set[str]]:
    """Question key -> the choices that rules name of it; none for a number."""
    named: dict[str, set[str]] = {}
    for rule in rules:
        for comparison in comparisons(rule):
            named.setdefault(comparison.question, set()).update(comparison.names)
    return named


def _unused(questionnaire: Questionnaire, named: dict[str, set[str]]) -> Iterator[Finding]:
    for key in questionnaire:
        if key not in named:
            message = _("The question “%(key)s” is in no rule, so nobody is asked it. Use it in a rule, or take it away.")
            yield Finding("warning", None, "unused-question", message % {"key": key})


def _alike(questionnaire: Questionnaire) -> Iterator[Finding]:
    words = {key: _telling_words(question) for key, question in questionnaire.items()}
    for one, two in combinations(questionnaire.values(), 2):
        if one.kind is two.kind and one.unit == two.unit and _share_choices(one, two) and are_alike(words[one.key], words[two.key]):
            message = _("The questions “%(one)s” and “%(two)s” ask nearly the same: “%(text)s” Keep one of them, or make the difference plain.")
            yield Finding("warning", None, "questions-alike", message % {"one": one.key, "two": two.key, "text": two.text})


def _share_choices(one: Question, two: Question) -> bool:
    """Whether two questions offer much the same: at least half of the choices of the one that has fewer."""
    labels = [set(question.labels.values()) for question in (one, two)]
    return 2 * len(labels[0] & labels[1]) >= min(map(len, labels))


def _telling_words(question: Question) -> frozenset[str]:
    """The words of a question that tell it from others; every number counts."""
    words = re.findall(r"[a-z0-9]+(?:'s)?", question.text.lower())
    return frozenset(word for word in words if word not in _SMALL_WORDS)


def are_alike(one: frozenset[str], two: frozenset[str]) -> bool:
    """Whether two sets of words differ in the form of words alone, or, of many, in one word that only one of them has.

    Words on both sides, such as "right" and "left", tell two questions apart, and so does a "not".
    """
    only_one, only_two = one - two, two - one
    if len(one & two) < max(1, len(only_one), len(only_two)) or "not" in only_one | only_two:
        return False
    forms = {(a, b) for a in only_one for b in only_two if a.isalpha() and b.isalpha() and difflib.SequenceMatcher(None, a, b).ratio() >= SAME_WORD}
    only_one, only_two = only_one - {a for a, _b in forms}, only_two - {b for _a, b in forms}
    return len(only_one | only_two) <= (1 if len(one & two) >= FEWEST_SHARED else 0)


def _idle_choices(questionnaire: Questionnaire, named: dict[str, set[str]]) -> Iterator[Finding]:
    """One finding for each question with choices that make no difference.

    A choice counts as named with each kind of it and with what it is a kind of.
    """
    for key, question in questionnaire.items():
        if question.kind not in (Kind.CHOICE, Kind.CHOICES) or key not in named:
            continue
        near = {part for name in named[key] for part in (*question.kinds[name], *question.ancestors(name))}
        idle = [choice.label for choice in question.choices if choice.key not in near]
        if len(idle) > (MOST_REST if question.kind is Kind.CHOICE else 0):
            listed = ", ".join(f"“{label}”" for label in idle[:MOST_NAMED])
            words = {"key": key, "count": len(idle), "choices": listed + (" …" if len(idle) > MOST_NAMED else "")}
            message = _("The question “%(key)s” has %(count)s choices that no rule names: %(choices)s. Check whether a rule forgets them.")
            if len(idle) == 1:
                message = _("The question “%(key)s” has a choice that no rule names: %(choices)s. Check whether a rule forgets it.")
            yield Finding("warning", None, "idle-choices", message % words)


__all__ = ["Finding", "are_alike", "lint_questions"]
