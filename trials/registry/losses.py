"""A check of the splitting that shares no code with it: does each word of an eligibility text come back, once and in its place?"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass

from .criteria import SourceCriterion

_KIND_WORDS = frozenset("key main major inclusion inclusions inclusive exclusion exclusions criteria criterion the of for study patient patients subject subjects".split())


@dataclass(frozen=True)
class LostLine:
    """A line of which words are in no criterion and no heading of one, or are in two."""

    line: int
    words: str


def lost_lines(text: str, criteria: Iterable[SourceCriterion]) -> list[LostLine]:
    """The lines of an eligibility text that its criteria do not hold.

    Each criterion's source must stand in the text, after that of the criterion before it, and must hold the words of its readable text.
    What stands between them must be words of the next criterion's headings, or bare ones such as "Inclusion Criteria".
    """
    lost: list[LostLine] = []
    place = 0
    line_starts = _line_starts(text)
    for criterion in criteria:
        start = text.find(criterion.source, max(place, line_starts[criterion.line - 1]))
        if start < 0:
            lost.append(LostLine(criterion.line, criterion.source))
            continue
        lost += _unknown(text, place, start, _words(" ".join((*criterion.headings, criterion.cohort or ""))))
        place = start + len(criterion.source)
        if not _same_words(criterion):
            lost.append(LostLine(criterion.line, criterion.text))
    return lost + _unknown(text, place, len(text), [])


def _line_starts(text: str) -> list[int]:
    starts, place = [], 0
    for line in text.splitlines(keepends=True):
        starts.append(place)
        place += len(line)
    return starts


def _words(text: str) -> list[str]:
    text = html.unescape(re.sub(r"<!--.*?-->", " ", text, flags=re.DOTALL).replace("\\", ""))
    return re.findall(r"\w+", re.sub(r"[\u00ad\u200b-\u200f\u2060\ufeff]", "", text).casefold())


def _unknown(text: str, start: int, end: int, known: list[str]) -> list[LostLine]:
    """The lines between two places of the text with words that are not known; a lone mark of a list, without an item, is no word."""
    first = len(f"{text[:start]}.".splitlines())
    found = []
    for number, line in enumerate(text[start:end].splitlines(), first):
        words = [word for word in _words(line) if word not in known and word not in _KIND_WORDS]
        if words and not re.fullmatch(r"\W*\w{1,3}\W*", line):
            found.append(LostLine(number, line.strip()))
    return found


def _same_words(criterion: SourceCriterion) -> bool:
    """Whether a criterion's readable text has the words of its source, but for the marks of its list ("1. a.")."""
    source, text = _words(criterion.source), _words(criterion.text)
    marks = source[: len(source) - len(text)]
    return bool(text) and source[len(marks) :] == text and len(marks) <= 3 and all(len(mark) <= 5 for mark in marks)
