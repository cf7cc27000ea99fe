"""An amount as written, of a known measure -> the rule that states it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from trials.eligibility.questionnaire import Questionnaire
from trials.eligibility.rules import Comparison, format_exactly, parse

from .patterns import Pattern, Unit
from .tokens import Bound, Token

BARE = ("bare", "bare_large")
"""How the data file names a number without a unit: as it stands, and where it is too large for that."""

_FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "="}


def rule_of_amount(measure: Pattern, amount: Token, is_exclusion: bool, questionnaire: Questionnaire) -> str | None:
    """The rule for one measure, or None where the unit is not one of its own, the number not plausible, or the form says no clear limit."""
    bounds = amount.bounds
    if measure.choices:
        return _of_choices(measure, amount, is_exclusion, questionnaire)
    if amount.listed or any(bound.sign == "=" for bound in bounds):
        return None
    read = [_in_question(measure, bound, questionnaire) for bound in bounds]
    if any(one is None for one in read):
        return None
    limits = [one for one in read if one is not None]
    if len({unit.question for unit, _, _ in limits}) > 1:
        return None
    if len(limits) == 1:
        says_above = limits[0][1] in (">", ">=")
        return None if _is_misplaced(measure, says_above, is_exclusion) else _written(*limits[0])
    return _two_sided(limits, amount.value, is_exclusion)


def limit_in_liver(usual: Sequence[str], measures: Sequence[Pattern], amount: Token, is_exclusion: bool, questionnaire: Questionnaire) -> str | None:
    """The usual rules of some measures, and others where the cancer is in the liver: "ALT <= 2.5 x ULN (<= 5 x ULN with liver metastases)"."""
    rules = [rule_of_amount(one, amount, is_exclusion, questionnaire) for one in measures]
    if len(amount.bounds) != 1 or not all(rules) or any("liver_limit" not in one.flags for one in measures):
        return None
    inner, outer, liver = (" or ", " and ", "liver_spread is no") if is_exclusion else (" and ", " or ", "liver_spread is yes")
    with_liver = inner.join([liver, *(f"({rule})" for rule in rules)])
    return f"(({inner.join(usual)}){outer}({with_liver}))"


def says_again(measure: Pattern, rule: str, amount: Token, is_exclusion: bool, questionnaire: Questionnaire) -> bool:
    """Whether an amount says the rule just made once more, as "(100 g/L)" does after "10 g/dL"."""
    sign = re.search(r"[<>]=?", rule)
    if not sign or len(amount.bounds) != 1 or amount.bounds[0].sign not in ("=", sign[0]):
        return False
    again = rule_of_amount(measure, replace(amount, bounds=(replace(amount.bounds[0], sign=sign[0]),)), is_exclusion, questionnaire)
    one, two = parse(rule, questionnaire), parse(again, questionnaire) if again else None
    return isinstance(one, Comparison) and isinstance(two, Comparison) and one.question == two.question and one.inside == two.inside


def _is_misplaced(measure: Pattern, says_high: bool, is_exclusion: bool) -> bool:
    """Whether an inclusion would ask for the worse end, or an exclusion name the better one."""
    if not measure.flags & {"better_high", "better_low"}:
        return False
    says_better = says_high == ("better_high" in measure.flags)
    return says_better == is_exclusion


def _two_sided(limits: list[tuple[Unit, str, Fraction]], form: str, is_exclusion: bool) -> str | None:
    """``between A and B``, or two comparisons; an exclusion names what lies outside, an inclusion what lies inside."""
    if is_exclusion and form == "two_sided":
        below, above = sorted(limits, key=lambda limit: limit[1] in (">", ">="))
        form = "outside" if below[0].unit == above[0].unit and below[2] < above[2] else form
    lower, upper = sorted(limits, key=lambda limit: limit[1] in ("<", "<=") if form != "outside" else limit[1] in (">", ">="))
    signs = lower[1], upper[1]
    if form == "range" and not is_exclusion:
        if lower[0].unit == upper[0].unit and lower[2] > upper[2]:
            lower, upper = (lower[0], lower[1], upper[2]), (upper[0], upper[1], lower[2])
    elif lower[0].unit == upper[0].unit and lower[2] >= upper[2]:
        return None
    if form == "outside":
        fits = is_exclusion and signs[0] in ("<", "<=") and signs[1] in (">", ">=")
        return f"{_written(*lower)} or {_written(*upper)}" if fits else None
    if is_exclusion or signs[0] not in (">", ">=") or signs[1] not in ("<", "<="):
        return None
    if signs == (">=", "<="):
        return f"{lower[0].question} between {_quantity(lower[0], lower[2])} and {_quantity(upper[0], upper[2])}"
    return f"{_written(*lower)} and {_written(*upper)}"


def _in_question(measure: Pattern, bound: Bound, questionnaire: Questionnaire) -> tuple[Unit, str, Fraction] | None:
    for name in BARE if not bound.unit else (bound.unit,):
        unit = measure.units.get(name)
        if unit is None:
            continue
        number = bound.number * unit.times
        sign = _FLIPPED[bound.sign] if bound.unit == "snellen" else bound.sign
        question = questionnaire.get(unit.question.replace("{eye}", "right"))
        if question is None:
            return None
        if unit.unit == question.unit:
            unit = Unit(unit.question, "", unit.times)
        own = number * question.factors.get(unit.unit or question.unit, Fraction(0))
        is_plausible = measure.plausible is None or name == "uln" or measure.plausible[0] <= own <= measure.plausible[1]
        if is_plausible:
            return unit, sign, number
    return None


def _written(unit: Unit, sign: str, number: Fraction) -> str:
    return f"{unit.question} {sign} {_quantity(unit, number)}"


def _quantity(unit: Unit, number: Fraction) -> str:
    return f"{format_exactly(number)} {unit.unit}".strip()


def _of_choices(measure: Pattern, amount: Token, is_exclusion: bool, questionnaire: Questionnaire) -> str | None:
    """The choices whose numbers the amount names, such as ``ecog in (ecog_0, ecog_1)``."""
    if any(bound.unit not in ("", "points") for bound in amount.bounds) or any(bound.number >= len(measure.choices) for bound in amount.bounds):
        return None
    question = next(iter(measure.units.values())).question
    if question not in questionnaire or amount.value == "outside":
        return None
    tests = [{"<": int.__lt__, "<=": int.__le__, ">": int.__gt__, ">=": int.__ge__, "=": int.__eq__}[bound.sign] for bound in amount.bounds]
    limits = [int(bound.number) for bound in amount.bounds]
    if any(bound.number.denominator != 1 for bound in amount.bounds):
        return None
    every = any if amount.listed else all
    named = [choice for number, choice in enumerate(measure.choices) if every(test(number, limit) for test, limit in zip(tests, limits, strict=True))]
    says_high = measure.choices[0] not in named
    if not named or len(named) == len(measure.choices) or _is_misplaced(measure, says_high, is_exclusion):
        return None
    return f"{question} is {named[0]}" if len(named) == 1 else f"{question} in ({', '.join(named)})"
