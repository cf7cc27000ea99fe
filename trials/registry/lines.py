"""Eligibility text -> its pieces: one for each line, or for each item where a line holds several. Every word is in exactly one piece."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from .markers import BULLETS, Lists, Marker, looks_marked
from .wording import readable

_TAB = 4
_OLD_INDENT, _OLD_WIDTH = 8, 99
_MOST_MARKS = 3
_LONGEST_MARK, _CLOSE, _NEAR, _FAR = 40, 120, 300, 2000
_SENTENCE_END = ".;:,。；，)]?!"
_INLINE_MARK = re.compile(rf"(?<=\s)(?:(?P<bullet>[{BULLETS}])(?=\s)|[(（]?(?:\d{{1,2}}|[A-Za-z]|[ivxIVX]{{2,5}})\\?[.)）](?=\s+\S))|[①-⑳]")
_INLINE_KIND = re.compile(
    r"(?<=\s)(?=(?:Inclusion|Exclusion|INCLUSION|EXCLUSION) (?:[Cc]riteria|CRITERIA)\s?[:：])"
    r"|(?<=clusion [Cc]riteria[:：])\s*(?P<list>)(?=(?:[•*-]|[(（]?[1aA]\\?[.)）])\s+\S)"
)
_BEFORE_A_KIND = re.compile(
    r"[.;!?]\s*$|(?:\S+\s+){4,}(?!(?:key|main|major|other|additional|general|the|of|in|see|and|or|all|for|per|patient|donor|non)\b)[a-z]+\s*$"
)
_NUMBERED_WORD = re.compile(
    r"\b(?:grade|class|stage|type|phase|part|cohort|group|arm|criteri(?:on|a)|items?|no|day|week|cycle|level|score|than|to|and|or|of|least|ecog|status|is|age)$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Piece:
    """One item of the text: its place in the source (``body`` is past the mark), the column and style of its list, and its readable text."""

    start: int
    body: int
    end: int
    line: int
    indent: int
    marker: str
    style: str
    text: str
    after_blank: bool = False


@dataclass(frozen=True)
class _Line:
    start: int
    end: int
    number: int
    indent: int
    after_blank: bool


def pieces_of(text: str) -> list[Piece]:
    """The pieces of an eligibility text, in order. A hard-wrapped line is one piece with the line before; lines without a word are left out."""
    lists = Lists()
    return [piece for line in _unwrapped(text) for fragment in _fragments(text, line) for piece in _cut(text, fragment, lists)]


def breaks(text: str, start: int, end: int) -> int:
    """How many line breaks stand between two places of a text."""
    return len(f"{text[start:end]}.".splitlines()) - 1


def _lines(text: str) -> Iterator[_Line]:
    """The lines that hold a word, a number or a sign that is read."""
    start, after_blank = 0, False
    for number, line in enumerate(text.splitlines(keepends=True), 1):
        body = line.strip()
        if re.search(r"\w", readable(body)):
            blanks = line[: len(line) - len(line.lstrip())].expandtabs(_TAB).replace("\u3000", "  ")
            begin = start + len(line) - len(line.lstrip())
            yield _Line(begin, begin + len(body), number, len(blanks), after_blank)
            after_blank = False
        elif not body:
            after_blank = True
        start += len(line)


def _unwrapped(text: str) -> Iterator[_Line]:
    """The lines of the text, each with the lines that only go on with it."""
    current, before = None, None
    for line in _lines(text):
        if current and before and _goes_on(text, before, line):
            current = replace(current, end=line.end)
        else:
            if current:
                yield current
            current = line
        before = line
    if current:
        yield current


def _goes_on(text: str, before: _Line, line: _Line) -> bool:
    """Whether a line goes on with the one before: it begins in the middle of a sentence, or its first word found no room there.

    The registry's older exports break lines at column 99 and indent them by 8 or more.
    """
    source = text[line.start : line.end]
    if line.after_blank or looks_marked(source):
        return False
    first = source.split()[0]
    if line.indent >= _OLD_INDENT and before.indent + before.end - before.start + 1 + len(first) > _OLD_WIDTH:
        return True
    return (first[0].islower() or first[0] in "),.;") and text[before.end - 1] not in ".;:!?"


def _fragments(text: str, line: _Line) -> Iterator[_Line]:
    """A line cut where a heading such as "Exclusion Criteria:" stands in the middle of it."""
    for found in _INLINE_KIND.finditer(text, line.start + 1, line.end):
        before = text[line.start : found.start()]
        if found["list"] is not None or _BEFORE_A_KIND.search(before[-_CLOSE:]):
            yield replace(line, end=line.start + len(before.rstrip()))
            line = replace(line, start=found.end(), number=line.number + breaks(text, line.start, found.end()), indent=0, after_blank=True)
    yield line


def _cut(text: str, line: _Line, lists: Lists) -> Iterator[Piece]:
    """A line's pieces: the line itself, or one for each item that runs on in it."""
    start, number, indent, after_blank = line.start, line.number, line.indent, line.after_blank
    while start < line.end:
        item = _start(text, start, line.end, indent, lists)
        marker = item.marker
        stop, indent = _next_item(text, item, line.end, lists)
        end = start + len(text[start:stop].rstrip())
        words = readable(text[item.body : end])
        if marker and re.search(r"\w", words):
            yield Piece(start, item.body, end, number, item.column, readable(text[start : item.body]), marker.style, words, after_blank)
        elif re.search(r"\w", text[start:end]):
            yield Piece(start, start, end, number, item.column, "", "", readable(text[start:end]), after_blank)
        number += breaks(text, start, stop)
        start, after_blank = stop, False


@dataclass(frozen=True)
class _Start:
    """How an item begins: its last mark, where its text begins, and the column of its list."""

    marker: Marker | None
    body: int
    column: int


def _start(text: str, start: int, end: int, indent: int, lists: Lists) -> _Start:
    """How the item at this place begins.

    Its column is that of the list which it goes on with. Of several marks ("* 1. Age") the first one's column counts, unless the second is
    a bullet too: there the first stands before all items that follow.
    """
    marker, body, column = None, start, indent
    for _ in range(_MOST_MARKS):
        found = lists.read(text[body : min(end, body + _LONGEST_MARK)], indent)
        if not found:
            break
        own = column if marker and not marker.ordinal and found.ordinal else indent
        continued = lists.continued_by(found, own)
        own = own if continued is None else continued
        lists.add(found, own)
        if marker is None or not found.ordinal:
            column = own
        marker = found
        body += found.length
        indent += found.length
    return _Start(marker, body, column)


def _next_item(text: str, item: _Start, end: int, lists: Lists) -> tuple[int, int]:
    """Where in the line the next item begins, and its column; the line's end where there is none."""
    for found in _INLINE_MARK.finditer(text, item.body, end):
        before = text[max(item.body, found.start() - _NEAR) : found.start()].rstrip()
        if not before:
            continue
        if found["bullet"]:
            sibling = item.marker is None or item.marker.style == found["bullet"] or before[-1] in ".;"
            return found.start(), item.column if sibling else item.column + 2
        mark = lists.read(text[found.start() : min(end, found.start() + _LONGEST_MARK)], item.column)
        if mark and mark.ordinal == 1 and before[-1] in ":：":
            return found.start(), item.column + 2
        continued = lists.continued_by(mark, item.column) if mark else None
        if mark and continued is not None and _runs_on(before, mark, item.marker, text[found.start() + mark.length : min(end, found.end() + _FAR)]):
            return found.start(), continued
    return end, 0


def _runs_on(before: str, mark: Marker, marker: Marker | None, after: str) -> bool:
    """Whether a number or letter in the middle of a line is the mark of a next item, not a number in a sentence such as "Grade 2."."""
    if before.count("(") + before.count("（") > before.count(")") + before.count("）"):
        return False
    if mark.style == "①":
        return True
    ended, own_list = before[-1] in _SENTENCE_END, marker is not None and marker.style == mark.style
    if not mark.style.strip("().）、．").isdigit():
        return own_list and (ended or mark.style.endswith(")"))
    if ended:
        return after[:1].isupper() or not after[:1].isalpha() or mark.style.endswith(")")
    goes_on = re.search(rf"\s{mark.ordinal + 1}\\?[.)]\s", after) is not None
    late, in_sentence = mark.ordinal > 2, _NUMBERED_WORD.search(before) is not None
    return after[:1].isupper() and ((late and goes_on) or (own_list and not in_sentence and (late or goes_on)))
