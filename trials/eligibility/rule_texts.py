"""A rule as text: the line that states it, and the words that say it."""

from __future__ import annotations

import re

from .questions import Question
from .rules import And, Comparison, Not, Or, Questions, Rule, format_exactly


def write(rule: Rule) -> str:
    """The rule as a line that ``parse`` reads back as the same rule."""
    match rule:
        case Comparison():
            return _write_comparison(rule)
        case Not():
            return f"not {_wrapped(rule.rule, (And, Or))}"
        case And():
            return " and ".join(_wrapped(part, (And, Or)) for part in rule.rules)
        case _:
            return " or ".join(_wrapped(part, (Or,)) for part in rule.rules)


def _wrapped(rule: Rule, groups: tuple[type[And] | type[Or], ...]) -> str:
    return f"({write(rule)})" if isinstance(rule, groups) else write(rule)


def _write_comparison(rule: Comparison) -> str:
    if rule.operator == "between":
        low, high = rule.quantities
        return f"{rule.question} between {low} and {high}"
    if rule.quantities:
        return f"{rule.question} {rule.operator} {rule.quantities[0]}"
    if rule.operator in ("is", "is not", "includes"):
        return f"{rule.question} {rule.operator} {rule.names[0]}"
    return f"{rule.question} {rule.operator} ({', '.join(rule.names)})"


def say(rule: Rule, questions: Questions) -> str:
    """The rule in words, such as "Age is at least 18 years"."""
    return re.sub(r"[^\W\d_]", lambda first: first[0].upper(), _say(rule, questions), count=1)


_SIGNS = {
    ">=": "is at least {}",
    ">": "is above {}",
    "<=": "is at most {}",
    "<": "is below {}",
    "=": "is {}",
    "between": "is from {} to {}",
}
_CHOICES = {
    "is": ("is {}", "or"),
    "in": ("is {}", "or"),
    "is not": ("is not {}", "or"),
    "not in": ("is none of {}", "or"),
    "includes": ("includes {}", "or"),
    "includes any of": ("includes {}", "or"),
    "includes all of": ("includes {}", "and"),
}


def _say(rule: Rule, questions: Questions) -> str:
    match rule:
        case Not():
            return f"it is not so that {_say_part(rule.rule, questions)}"
        case And():
            return " and ".join(_say_part(part, questions) for part in rule.rules)
        case Or():
            return " or ".join(_say_part(part, questions) for part in rule.rules)
        case _:
            return _say_comparison(rule, questions[rule.question])


def _say_comparison(rule: Comparison, question: Question) -> str:
    name = question.key.replace("_", " ")
    if rule.quantities:
        amounts = [f"{format_exactly(quantity.number)} {quantity.unit or question.unit}" for quantity in rule.quantities]
        return f"{name} {_SIGNS[rule.operator].format(*amounts)}"
    template, joint = _CHOICES[rule.operator]
    return f"{name} {template.format(listed([question.labels[key] for key in rule.names], joint))}"


def _say_part(rule: Rule, questions: Questions) -> str:
    words = _say(rule, questions)
    return f"({words})" if isinstance(rule, And | Or) else words


def listed(words: list[str], joint: str) -> str:
    """``a``, ``a or b``, ``a, b or c``."""
    return f" {joint} ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else words[0]
