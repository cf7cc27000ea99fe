"""The data file of patterns, read once: each phrase compiled, each pattern a frozen record."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import yaml

PATTERNS_FILE = Path(__file__).with_name("patterns.yaml")

_WORD_ENDS = r"(?:(?<![^\W\d_])|(?![^\W\d_]))"
_PART = re.compile(r"\{([a-z_]+)\}")
_BY_VARIANT = ("rules", "windows", "units")


Phrases = tuple[re.Pattern[str], ...]
"""Different wordings of one thing, each compiled, so that the longest that fits can be taken."""


@dataclass(frozen=True)
class Unit:
    """How a unit as written counts for one measure: the question that it belongs to, its unit there, and the factor to that."""

    question: str
    unit: str
    times: Fraction


@dataclass(frozen=True)
class Example:
    """A criterion in our own words. ``rule`` is None where nothing may be suggested."""

    kind: str
    text: str
    rule: str | None = None


@dataclass(frozen=True)
class Pattern:
    """One thing that criteria speak of. A finding has ``rules`` by the form in which it stands; a measure has ``units``."""

    name: str
    label: str
    words: Phrases
    rules: Mapping[str, str] = field(default_factory=dict)
    windows: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, Unit] = field(default_factory=dict)
    choices: tuple[str, ...] = ()
    flags: frozenset[str] = frozenset()
    plausible: tuple[Fraction, Fraction] | None = None
    yes: tuple[Example, ...] = ()
    no: tuple[Example, ...] = ()

    @property
    def is_measure(self) -> bool:
        """Whether it needs an amount."""
        return bool(self.units)

    @property
    def of_eyes(self) -> bool:
        """Whether its rule is about one eye."""
        return any("{eye}" in text for text in (*self.rules.values(), *(unit.question for unit in self.units.values())))


@dataclass(frozen=True)
class Patterns:
    """The whole data file. ``words`` has one compiled alternative for each kind of word that belongs to no pattern."""

    rules: tuple[Pattern, ...]
    study_team: tuple[Pattern, ...]
    words: Mapping[str, Phrases]
    comparisons: Mapping[str, re.Pattern[str]]
    units: Mapping[str, re.Pattern[str]]
    parts: Mapping[str, str]


@cache
def patterns() -> Patterns:
    """All patterns of the data file."""
    data = yaml.load(PATTERNS_FILE.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506 - it reads nothing but texts, so "no" stays a word
    parts = _parts(data["parts"])
    return Patterns(
        rules=tuple(pattern for name, one in data["patterns"].items() for pattern in _variants(name, one, parts)),
        study_team=tuple(_pattern(name, one, parts) for name, one in data["study_team"].items()),
        words={name: _each_phrase(phrases, parts) for name, phrases in data["words"].items()},
        comparisons={sign: _phrases(phrases, parts) for sign, phrases in data["comparisons"].items()},
        units={unit: _phrases(phrases, parts) for unit, phrases in data["units"].items()},
        parts=parts,
    )


def sign_of(words: str) -> str:
    """``>=`` for "at least"."""
    return next(sign for sign, expression in patterns().comparisons.items() if expression.fullmatch(words))


def _parts(data: Mapping[str, object]) -> dict[str, str]:
    """Part -> its expression; a part may use the parts above it."""
    parts: dict[str, str] = {}
    for name, phrases in data.items():
        parts[name] = alternatives(_as_list(phrases), parts)
    return parts


def alternatives(phrases: Iterable[str], parts: Mapping[str, str]) -> str:
    """One expression for any of the phrases. A blank is any blank that was left single; ``{part}`` is the named part."""
    return "(?:" + "|".join(_PART.sub(lambda found: parts[found[1]], phrase) for phrase in phrases) + ")"


def _phrases(phrases: object, parts: Mapping[str, str]) -> re.Pattern[str]:
    return re.compile(alternatives(_as_list(phrases), parts) + _WORD_ENDS)


def _each_phrase(phrases: object, parts: Mapping[str, str]) -> Phrases:
    return tuple(_phrases(phrase, parts) for phrase in _as_list(phrases))


def _as_list(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]


def _pattern(name: str, data: Mapping[str, Any], parts: Mapping[str, str]) -> Pattern:
    return Pattern(
        name=name,
        label=data["label"],
        words=_each_phrase(data["words"], parts),
        rules=data.get("rules", {}),
        windows=data.get("windows", {}),
        units=dict(_unit(unit, text) for unit, text in data.get("units", {}).items()),
        choices=tuple(data.get("choices", ())),
        flags=frozenset(data.get("flags", ())),
        plausible=(Fraction(str(data["plausible"][0])), Fraction(str(data["plausible"][1]))) if "plausible" in data else None,
        yes=tuple(_example(one) for one in data["yes"]),
        no=tuple(_example(one) for one in data["no"]),
    )


def _variants(name: str, data: Mapping[str, Any], parts: Mapping[str, str]) -> Iterable[Pattern]:
    """A pattern, or one for each of its variants: the same rules with ``{variant}`` put in."""
    if "variants" not in data:
        yield _pattern(name, data, parts)
    examples = {"yes": data["yes"], "no": data["no"]}
    for variant, phrases in data.get("variants", {}).items():
        texts = {kind: {form: text.replace("{variant}", variant) for form, text in data[kind].items()} for kind in _BY_VARIANT if kind in data}
        yield _pattern(name, {**data, **texts, **examples, "words": phrases}, parts)
        examples = {"yes": [], "no": []}


def _unit(unit: str, text: str) -> tuple[str, Unit]:
    """``platelets in thousand/µL, times 0.001`` read; the unit and the factor may be left out."""
    text, _, times = text.partition(", times ")
    question, _, of_question = text.partition(" in ")
    return unit, Unit(question, of_question, Fraction(times or 1))


def _example(data: list[str]) -> Example:
    return Example(*data)
