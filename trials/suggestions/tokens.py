"""A criterion -> the words that matter in it, in order; or None where any word of it is not understood."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum, auto
from fractions import Fraction
from functools import cache

from trials.registry.wording import plain

from .patterns import Pattern, Phrases, patterns, sign_of
from .windows import Window, window_of

LONGEST_CRITERION = 1200
"""Characters; a longer criterion says too much for patterns."""


class Sort(Enum):
    """What a word does in a criterion."""

    FINDING = auto()
    MEASURE = auto()
    AMOUNT = auto()
    JOINT = auto()
    BREAK = auto()
    NOT = auto()
    RESULT = auto()
    FORM = auto()
    WINDOW = auto()
    EYE = auto()
    WOMEN = auto()
    REMARK = auto()
    AGE_GROUP = auto()
    REQUIRING = auto()
    EXCLUDING = auto()
    REASON = auto()
    NEVER = auto()
    IGNORED = auto()


@dataclass(frozen=True)
class Bound:
    """One end of an amount as written: ``>= 100,000 /µL``. ``unit`` is the data file's name of the unit, or "" for none."""

    sign: str
    number: Fraction
    unit: str


@dataclass(frozen=True)
class Token:
    """One understood stretch of a criterion."""

    sort: Sort
    text: str
    value: str = ""
    pattern: Pattern | None = None
    bounds: tuple[Bound, ...] = ()
    listed: bool = False
    others: tuple[Pattern, ...] = ()
    window: Window | None = None


_SUPERSCRIPTS = re.compile("[⁰¹²³⁴-⁹]+")
_LIST_MARK = re.compile(r"^\s*(?:[-*•·–]|\(?[a-z]{1,2}[.)]|\(?\d{1,2}[.)](?!\d))\s+", re.MULTILINE)
_DASHES = str.maketrans(
    dict.fromkeys("‐‑‒–—−﹣－", "-") | {"[": "(", "]": ")", "{": "(", "}": ")", "~": "-", "∼": "-", "’": "'", "‘": "'", "×": "x", "≦": "≤", "≧": "≥"}
)
_DIGITS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_SPELLED = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty"
_TENS = {"thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
_WRITTEN = {word: number for number, word in enumerate(_SPELLED.split(" "), 1)} | _TENS
_IN_WORDS = re.compile(rf"\b({'|'.join(_WRITTEN)})(?:(?: ?\((\d{{1,3}})\))|(?=[ -](?:percent|years?|months?|weeks?|days?|times)\b))")
_GIGA = re.compile(r"\bG ?/ ?L\b")
_TOGETHER = re.compile(r"(?<=[a-z]{3})\((?=[a-z])|(?<=\d)(?=(?:of|and|or)\b)")


def seen(text: str) -> str:
    """The criterion as the patterns see it: plain, one kind of dash and bracket, powers as ``10^9``, its lines parted by ``;``."""
    powers = _SUPERSCRIPTS.sub(lambda found: "^" + found[0].translate(_DIGITS), _GIGA.sub("giga/l", text.replace("\u00b5", "\u03bc")))
    lines = [" ".join(_LIST_MARK.sub("", plain(line).translate(_DASHES)).split()) for line in powers.splitlines()]
    joined = " ; ".join(line for line in lines if line)
    return re.sub(r"(?<=[a-z])-(?=[a-z])", " ", joined)


def _in_figures(line: str) -> str:
    """The line with its counts in figures, and a blank between a word and the bracket after it."""
    return _IN_WORDS.sub(_in_digits, _TOGETHER.sub(lambda found: f" {found[0]}" if found[0] else " ", line))


def _in_digits(found: re.Match[str]) -> str:
    """ "two (2)" and "two" before a unit as "2"; where the two numbers differ, both stay."""
    number = _WRITTEN[found[1]]
    return found[0] if found[2] and int(found[2]) != number else str(number)


def tokens(text: str) -> tuple[Token, ...] | None:
    """The understood stretches of a criterion that together are all of it, without those that change nothing; None where anything is left over."""
    if len(text) > LONGEST_CRITERION:
        return None
    line, place, found = _in_figures(seen(text)), 0, []
    while place < len(line):
        if line[place] == " ":
            place += 1
            continue
        best = _longest(line, place)
        if best is None or best[1].sort is Sort.NEVER:
            return None
        place, token = best
        if token.sort is not Sort.IGNORED:
            found.append(token)
    while found and found[-1].sort is Sort.BREAK:
        found.pop()
    return tuple(found)


def _longest(line: str, place: int) -> tuple[int, Token] | None:
    """The longest stretch that begins here, and where it ends; of equal ones the first of the data file."""
    best: tuple[int, Token] | None = None
    for end, token in _candidates(line, place):
        if end == place or _inside_word(line, end):
            continue
        if best is None or end > best[0]:
            best = end, token
        elif end == best[0] and token.pattern and best[1].sort is token.sort is Sort.FINDING:
            best = end, replace(best[1], others=(*best[1].others, token.pattern))
    return best


def _inside_word(line: str, end: int) -> bool:
    return end < len(line) and line[end].isalpha() and line[end - 1].isalpha()


_SORTS = {
    "joints_and": (Sort.JOINT, "and"),
    "joints_or": (Sort.JOINT, "or"),
    "joints_and_or": (Sort.JOINT, "and/or"),
    "joints_comma": (Sort.JOINT, ","),
    "breaks": (Sort.BREAK, ";"),
    "not": (Sort.NOT, "not"),
    "positive": (Sort.RESULT, "positive"),
    "negative": (Sort.RESULT, "negative"),
    "history": (Sort.FORM, "history"),
    "active": (Sort.FORM, "active"),
    "current": (Sort.FORM, "current"),
    "planned": (Sort.FORM, "planned"),
    "study_eye": (Sort.EYE, "study"),
    "either_eye": (Sort.EYE, "either"),
    "both_eyes": (Sort.EYE, "both"),
    "women": (Sort.WOMEN, "women"),
    "fertile": (Sort.WOMEN, "fertile"),
    "remarks": (Sort.REMARK, ""),
    "age_groups": (Sort.AGE_GROUP, ""),
    "requiring": (Sort.REQUIRING, ""),
    "functions": (Sort.REQUIRING, "function"),
    "excluding": (Sort.EXCLUDING, ""),
    "failures": (Sort.EXCLUDING, "function"),
    "reasons": (Sort.REASON, ""),
    "never": (Sort.NEVER, ""),
    "ignored": (Sort.IGNORED, ""),
}


def _candidates(line: str, place: int) -> Iterator[tuple[int, Token]]:
    known = patterns()
    for pattern in known.rules:
        for match in _matches(pattern.words, line, place):
            yield match.end(), Token(Sort.MEASURE if pattern.is_measure else Sort.FINDING, match[0], pattern=pattern)
    for name, (sort, value) in _SORTS.items():
        for match in _matches(known.words[name], line, place):
            yield match.end(), Token(sort, match[0], value)
    for match in _matches(known.words["window"], line, place):
        yield match.end(), Token(Sort.WINDOW, match[0], window=window_of(match))
    yield from _amounts(line, place)


def _matches(phrases: Phrases, line: str, place: int) -> Iterator[re.Match[str]]:
    for phrase in phrases:
        match = phrase.match(line, place)
        if match:
            yield match


@cache
def _amount_forms() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """The ways in which an amount is written, with the signs of its bounds: ``{sign}`` as written, or a given one."""
    known = patterns()
    sign = "(?:" + "|".join(one.pattern for one in known.comparisons.values()) + ")"
    unit = "(?:" + "|".join(one.pattern for one in known.units.values()) + ")(?![a-z])"
    parts = {"sign": sign, "unit": unit, "number": known.parts["number"]}
    forms = known.parts
    return tuple((name.removeprefix("amount_"), re.compile(_numbered(forms[name], parts))) for name in forms if name.startswith("amount_"))


def _numbered(form: str, parts: Mapping[str, str]) -> str:
    """A form with ``<sign>``, ``<number>`` and ``<unit>`` put in as numbered groups."""
    count = {"sign": 0, "number": 0, "unit": 0}

    def group(found: re.Match[str]) -> str:
        name = found[1]
        count[name] += 1
        return f"(?P<{name}{count[name]}>{parts[name]})"

    return re.sub(r"<(sign|number|unit)>", group, form)


def _amounts(line: str, place: int) -> Iterator[tuple[int, Token]]:
    for full_name, form in _amount_forms():
        name = full_name.partition("__")[0]
        for match in _matches((form,), line, place):
            bounds = _bounds(full_name, match)
            if bounds:
                yield match.end(), Token(Sort.AMOUNT, match[0], _SAME_AS.get(name, name), bounds=bounds, listed=name == "list")


_SAME_AS = {"from_and": "two_sided", "to_and": "two_sided"}
_FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "="}


def _bounds(full_name: str, match: re.Match[str]) -> tuple[Bound, ...]:
    """The bounds of an amount in one of the forms."""
    name = full_name.partition("__")[0]
    groups = match.groupdict()
    signs = [sign_of(groups[f"sign{n}"]) for n in (1, 2) if groups.get(f"sign{n}")]
    if name == "list":
        numbers = [Fraction(one) for one in re.findall(r"\d+", match[0])]
        return tuple(Bound("=", number, "") for number in numbers)
    numbers = [_number(groups[f"number{n}"]) for n in (1, 2) if groups.get(f"number{n}")] or [Fraction(1)]
    units = [_unit(groups.get(f"unit{n}"), groups.get(f"number{n}") or "") for n in range(1, len(numbers) + 1)]
    if not groups.get("number1") and units != ["uln"]:
        return ()
    if "__age" in full_name:
        units = ["years_of_age" if unit in ("", "years") else unit for unit in units]
    if len(units) == 2:
        units = [units[0] or units[1], units[1] or units[0]]
    fixed = {"range": [">=", "<="], "or_more": [">="], "or_less": ["<="], "bare": ["="], "from_and": [">=", *signs], "to_and": ["<=", *signs]}.get(name, signs)
    name = _SAME_AS.get(name, name)
    if name == "left":
        fixed = [_FLIPPED[fixed[0]]]
    return tuple(Bound(sign, number, unit) for sign, number, unit in zip(fixed, numbers, units, strict=True))


def _unit(words: str | None, number: str) -> str:
    """The unit's name; a number may tell it by itself, such as 20/40 of an eye chart or the titer 1:100."""
    if "/" in number or ":" in number:
        return "snellen" if "/" in number else "titer"
    if not words:
        return ""
    return next((unit for unit, expression in patterns().units.items() if expression.fullmatch(words.strip())), "?")


def _number(words: str) -> Fraction:
    return Fraction(words.replace(",", "").replace(" ", "").removeprefix("20/").removeprefix("1:"))
