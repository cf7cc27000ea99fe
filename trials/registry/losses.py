"""A check of the splitting that shares no code with it: does each word of an eligibility text come back, once and in its place?"""

from __future__ import annotations

import bisect
import html
import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass

from .criteria import SourceCriterion

_KIND_WORDS = frozenset(
    (
        *("key", "main", "major", "inclusion", "inclusions", "inclusive", "exclusion", "exclusions", "criteria", "criterion"),
        *("the", "of", "for", "study", "patient", "patients", "subject", "subjects"),
    )
)
_MARK = re.compile(r"(?<!\w)(?:\d{1,3}|[A-Za-z]|[ivxIVX]{2,5})\\?[.)）、．]")


@dataclass(frozen=True)
class LostLine:
    """A line of which words are in no criterion and no heading of one, or are in two."""

    line: int
    words: str


def lost_lines(text: str, criteria: Iterable[SourceCriterion]) -> list[LostLine]:
    """The lines of an eligibility text that its criteria do not hold.

    Each criterion's source must stand at its place in the text, after that of the criterion before it, and hold the words of its readable
    text. What stands between them must be words of the next criterion's headings, or bare ones such as "Inclusion Criteria".
    """
    lost: list[LostLine] = []
    starts = list(itertools.accumulate((len(line) for line in text.splitlines(keepends=True)), initial=0))
    end = 0
    for criterion in criteria:
        stop = criterion.start + len(criterion.source)
        in_place = criterion.start >= end and text[criterion.start : stop] == criterion.source
        if not in_place or criterion.line != bisect.bisect_right(starts, criterion.start) or not _same_words(criterion):
            lost.append(LostLine(criterion.line, criterion.source))
        known = _words(" ".join((*criterion.headings, criterion.cohort or "")))
        lost += _unknown(text[end : criterion.start], bisect.bisect_right(starts, end), known)
        end = max(end, stop)
    return lost + _unknown(text[end:], bisect.bisect_right(starts, end), [])


def _words(text: str) -> list[str]:
    text = html.unescape(html.unescape(re.sub(r"<!--.*?-->", " ", text, flags=re.DOTALL).replace("\\", "")))
    return re.findall(r"\w+", re.sub(r"[\u00ad\u200b-\u200f\u2060\ufeff]", "", re.sub("[①-⑳]", " ", text)).casefold())


def _unknown(between: str, line: int, known: list[str]) -> list[LostLine]:
    """The lines, the first of which is given by its number, with words that are not known; the mark of a list is no word."""
    found = []
    for number, words in enumerate(between.splitlines(), line):
        if any(word not in known and word not in _KIND_WORDS for word in _words(_MARK.sub(" ", words))):
            found.append(LostLine(number, words.strip()))
    return found


def _same_words(criterion: SourceCriterion) -> bool:
    """Whether a criterion's readable text has the words of its source, but for the marks of its list ("1. a.")."""
    source, text = _words(criterion.source), _words(criterion.text)
    marks = source[: len(source) - len(text)]
    return bool(text) and source[len(marks) :] == text and len(marks) <= 3 and all(len(mark) <= 5 for mark in marks)
