"""Rules compared by what they mean: the order of parts, names for the same set, and where a "not" stands do not matter."""

import math

from trials.eligibility.questions import Interval
from trials.eligibility.rules import And, Comparison, Not, parse

EVERYTHING = (-math.inf, math.inf, True, True)


def meaning(text, questionnaire):
    """A value that is equal for two rules that mean the same."""
    return _of(parse(text, questionnaire), questionnaire)


def negation(text, questionnaire):
    """The meaning of "not" this rule."""
    return _not(meaning(text, questionnaire), questionnaire)


def turned(text, questionnaire):
    """The meaning of the rule with each of its comparisons turned round, such as ``>= 3`` for ``<= 3``."""
    return _turned(meaning(text, questionnaire))


def _of(rule, questions):
    match rule:
        case Comparison() if isinstance(rule.inside, Interval):
            ends = rule.inside
            return ("number", rule.question, (ends.low, ends.high, ends.low_open or ends.low == -math.inf, ends.high_open or ends.high == math.inf))
        case Comparison() if rule.operator.startswith("includes"):
            parts = {("includes", rule.question, name) for name in rule.names}
            return _joined("and" if rule.operator == "includes all of" else "or", parts, questions)
        case Comparison():
            inside = set(questions[rule.question].labels) - rule.inside if rule.negated else rule.inside
            return ("in", rule.question, frozenset(inside))
        case Not():
            return _not(_of(rule.rule, questions), questions)
        case _:
            return _joined("and" if isinstance(rule, And) else "or", {_of(part, questions) for part in rule.rules}, questions)


def _joined(joint, parts, questions):
    """Parts in one set, those of one question taken together where they make one set or one interval."""
    flat = set()
    for part in parts:
        flat |= part[1] if part[0] == joint else {part}
    for tag in ("in", "number"):
        for question in {part[1] for part in flat if part[0] == tag}:
            same = [part for part in flat if part[:2] == (tag, question)]
            if len(same) < 2 or (tag == "number" and joint == "or"):
                continue
            flat -= set(same)
            sets = [part[2] for part in same]
            together = _between(sets) if tag == "number" else frozenset.union(*sets) if joint == "or" else frozenset.intersection(*sets)
            flat.add((tag, question, together))
    return (joint, frozenset(flat)) if len(flat) > 1 else next(iter(flat))


def _between(ends):
    low, low_open = max((one[0], one[2]) for one in ends)
    high, high_open = min((one[1], not one[3]) for one in ends)
    return (low, high, low_open, not high_open)


def _not(means, questions):
    match means:
        case ("in", question, inside):
            return ("in", question, frozenset(questions[question].labels) - inside)
        case ("not", inner):
            return inner
        case ("and" | "or" as joint, parts):
            return _joined("or" if joint == "and" else "and", {_not(part, questions) for part in parts}, questions)
        case ("number", question, (low, high, low_open, high_open)):
            below, above = (-math.inf, low, True, not low_open), (high, math.inf, not high_open, True)
            sides = {("number", question, side) for side, end in ((below, low), (above, high)) if math.isfinite(end)}
            return _joined("or", sides, questions)
        case _:
            return ("not", means)


def _turned(means):
    match means:
        case ("number", question, (low, high, low_open, high_open)):
            return ("number", question, (-math.inf if math.isinf(high) else high, math.inf if math.isinf(low) else low, high_open, low_open))
        case ("and" | "or" as joint, parts):
            return (joint, frozenset(_turned(part) for part in parts))
        case _:
            return means
