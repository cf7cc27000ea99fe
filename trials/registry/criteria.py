"""Eligibility text -> criteria. No criterion is lost: each line that is not a heading is in exactly one criterion, in order.

What is one criterion:

- an item of a list, or a paragraph;
- with all that stands further in below it: an exception or a condition in a sub-item would mislead on its own ("skin cancer is allowed",
  under an exclusion). Where the upper item is only a heading ("Patients must meet all of these criteria:"), its sub-items are criteria;
- with the items that it leads on to (it ends in a colon) although they stand no further in;
- with what is tied to it by "or" where both are inclusion criteria: each alone would say too much.

A heading's words stay with the criteria under it (``headings``), as they may matter: "at least one of the following".
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from trials.eligibility.verdicts import CriterionKind

from .cohorts import begins_with_cohort, cohort_of_item
from .headings import EXCLUSION, INCLUSION, Heading, Rank, heading, leading_kind_phrase, names_alternatives
from .lines import Piece, breaks, pieces_of
from .markers import BULLETS
from .wording import plain, readable


@dataclass(frozen=True)
class SourceCriterion:
    """One criterion as the record states it.

    ``kind`` is None where the text does not tell inclusion from exclusion. ``text`` is readable, with its sub-items on lines of their own;
    ``source`` is the same untouched; it begins on ``line`` (from 1) of the eligibility text, at character ``start`` (from 0) of it.
    ``cohort`` is None for all participants.
    ``headings`` are those it stands under, outermost first, without bare ones such as "Inclusion Criteria:".
    """

    kind: CriterionKind | None
    text: str
    cohort: str | None
    line: int
    start: int
    source: str
    headings: tuple[str, ...] = ()


_NOTE = re.compile(
    r"(?:(?:please )?note\W*)?(?:other|additional|further|the|a|all|full)\b.{0,60}"
    r"(?:(?:in|ex)clusion\W{1,3}(?:and |or )?(?:in|ex)clusion(?: criteria)?\b.{0,20}\b(?:appl|available|specified)|not intended to contain all considerations)"
)
_OPENS_BRACKET, _CLOSES_BRACKET = re.compile(r"[(（][^()（）]*$"), re.compile(r"\w{3}[^()（）]*[)）]")
_LONE_MARK = re.compile(r"\W*(?:(?:(?:\d{1,3}|[A-Za-z]|[ivxIVX]{2,5})[.)）]|[①-⑳])\W*)+")
_OR_ALONE = re.compile(r"(?:and ?/ ?)?or\b(?: either)?\W*")
_BEGINS_WITH_OR = re.compile(r"(?:and ?/ ?)?or\b")
_ENDS_IN_OR = re.compile(r"\bor\W*$")
_LEADS_ON = re.compile(r"(?:[:：]|\b(?:following|either|as follows|defined as|including|any of)\W*)$", re.IGNORECASE)
_UNFINISHED = re.compile(r"(?:[-,–]|\b(?:and|or|of|with|to|the|than|by|in|for))$", re.IGNORECASE)
_GOES_ON = re.compile(r"(?:and|or|but|except|unless|with|which|that)\b")
_PLAIN_BULLETS = frozenset({*"*-–—·", *BULLETS, "--", "---"})
_NONE = re.compile(r"(?:none|nil|n/?a|not applicable|no)\b")


def split_criteria(text: str) -> tuple[SourceCriterion, ...]:
    """The criteria of an eligibility text, in its order."""
    reader = _Reader(text)
    reader.read()
    return tuple(reader.criteria)


@dataclass
class _Open:
    """The criterion that is being read."""

    pieces: list[Piece]
    kind: CriterionKind | None
    cohort: str | None
    headings: tuple[str, ...]
    children: str | None = None

    def takes(self, piece: Piece) -> bool:
        """Whether a piece is a part of this criterion."""
        first, last, text = self.pieces[0], self.pieces[-1], plain(piece.text)
        if piece.indent >= first.indent + 2:
            return bool(first.marker) or not piece.marker or _LEADS_ON.search(first.text) is not None
        if _OR_ALONE.fullmatch(text) or self._tied_by_or(last, piece, text):
            return True
        if _OPENS_BRACKET.search(last.text) and _CLOSES_BRACKET.match(piece.text):
            return True
        if piece.marker:
            return self._takes_item(first, last, piece)
        lead = len(self.pieces) == 1 and bool(first.marker) and _LEADS_ON.search(last.text) is not None
        return lead or _UNFINISHED.search(last.text) is not None or (piece.text[:1].islower() and _GOES_ON.match(text) is not None)

    def _tied_by_or(self, last: Piece, piece: Piece, text: str) -> bool:
        """Whether "or" stands between the two and each alone would ask too much; of exclusions, each holds alone."""
        if self.kind is EXCLUSION:
            return False
        before = plain(last.text)
        same_list = last.indent < piece.indent + 2 or _OR_ALONE.fullmatch(before) is not None
        return _BEGINS_WITH_OR.match(text) is not None or (same_list and _ENDS_IN_OR.search(before) is not None)

    def _takes_item(self, first: Piece, last: Piece, piece: Piece) -> bool:
        """Whether a list item no further in is one that this criterion led on to: the first of another style, and those of that style after it."""
        if piece.style == first.style:
            return False
        if self.children is None and _LEADS_ON.search(last.text):
            self.children = piece.style
        return self.children == piece.style


@dataclass
class _Reader:
    """Reads the pieces of a text one by one; ``headings`` are those in force."""

    text: str
    criteria: list[SourceCriterion] = field(default_factory=list)
    kind: CriterionKind | None = None
    headings: list[Heading] = field(default_factory=list)
    unused: list[tuple[Heading, Piece]] = field(default_factory=list)
    open: _Open | None = None
    inclusion_seen: bool = False

    def read(self) -> None:
        """Fills ``criteria``."""
        queue = deque(pieces_of(self.text))
        while queue:
            piece = queue.popleft()
            parts = self._heading_and_rest(piece, queue[0] if queue else None)
            queue.extendleft(reversed(parts[1:]))
            found = self._heading(parts[0], queue[0] if queue else None)
            if found:
                self._enter(found, parts[0])
            else:
                self._item(parts[0])
        self._close()
        for found, piece in self.unused:
            if found.title:
                self._add(_Open([piece], self.kind, None, ()))

    def _heading_and_rest(self, piece: Piece, following: Piece | None) -> list[Piece]:
        """A piece such as "Exclusion Criteria: None" as heading and rest; the rest stays with the heading where a list comes after it."""
        source = self.text[piece.body : piece.end]
        length = leading_kind_phrase(source)
        rest = readable(source[length:])
        over_list = following is not None and (following.marker != "" or begins_with_cohort(following.text))
        qualifies = over_list and len(rest.split()) <= 12 and rest[-1:] != "." and not _NONE.match(plain(rest))
        if not length or not re.search(r"\w", rest) or qualifies or rest.endswith((":", "：")):
            return [piece]
        body = piece.body + length + len(source[length:]) - len(source[length:].lstrip())
        head = replace(piece, end=piece.body + length, text=readable(source[:length]))
        return [head, Piece(body, body, piece.end, piece.line + breaks(self.text, piece.start, body), piece.indent, "", "", rest, True)]

    def _heading(self, piece: Piece, following: Piece | None) -> Heading | None:
        found = heading(piece, following)
        if not found or not following:
            return found
        if found.strong:
            return found
        if self.open and piece.indent >= self.open.pieces[0].indent + 2:
            heads_what_follows = following.indent <= self.open.pieces[0].indent and not _LEADS_ON.search(self.open.pieces[-1].text)
            return found if heads_what_follows else None
        if following.marker and names_alternatives(piece.text):
            kind = found.kind if found.rank is Rank.KIND else self.kind
            return found if kind is EXCLUSION or kind is not self.kind else None
        return found

    def _enter(self, found: Heading, piece: Piece) -> None:
        """Puts a heading in force in place of those that it ends; one straight below another stands under it."""
        self._close()
        if not self.unused:
            self.headings = found.leaves(self.headings)
        self.headings.append(found)
        if found.rank is Rank.KIND:
            if found.kind is EXCLUSION and not self.inclusion_seen:
                self._call_inclusions()
            self.kind = found.kind
            self.inclusion_seen |= found.kind is INCLUSION
        self.unused.append((found, piece))

    def _call_inclusions(self) -> None:
        """What stands without a kind before the exclusions, in a text that has no inclusion heading, is inclusion criteria."""
        for place, criterion in enumerate(self.criteria):
            if criterion.kind is None and not _NOTE.match(plain(criterion.text)):
                self.criteria[place] = replace(criterion, kind=INCLUSION)

    def _item(self, piece: Piece) -> None:
        lone_mark = _LONE_MARK.fullmatch(piece.text) is not None
        if self.open and (lone_mark or self.open.takes(piece)):
            self.open.pieces.append(piece)
        if lone_mark or (self.open and self.open.pieces[-1] is piece):
            return
        self._close()
        if not self.unused:
            self._leave(piece.indent)
        cohort = next((one.cohort for one in reversed(self.headings) if one.rank is Rank.COHORT or one.cohort), None)
        self.open = _Open([piece], self.kind, cohort or cohort_of_item(piece.text), tuple(one.title for one in self.headings if one.title))
        self.unused = []

    def _leave(self, indent: int) -> None:
        """Ends the headings over lists that stood further in."""
        left = [one for one in self.headings if one.inside <= indent]
        if len(left) < len(self.headings):
            if any(one.rank is Rank.KIND for one in self.headings if one not in left):
                self.kind = next((one.kind for one in reversed(left) if one.rank is Rank.KIND), None)
            self.headings = left

    def _close(self) -> None:
        if self.open:
            self._add(self.open)
            self.open = None

    def _add(self, done: _Open) -> None:
        text = "\n".join(_rendered(done.pieces))
        kind, cohort = (None, None) if _NOTE.match(plain(text)) else (done.kind, done.cohort)
        first, end = done.pieces[0], done.pieces[-1].end
        criterion = SourceCriterion(kind, text, cohort, first.line, first.start, self.text[first.start : end], done.headings)
        self.criteria.append(criterion)


def _rendered(pieces: list[Piece]) -> Iterator[str]:
    """The lines of a criterion: its own without the mark, sub-items indented with theirs."""
    first = pieces[0]
    yield first.text
    columns = sorted({max(piece.indent, first.indent) for piece in pieces[1:]} - {first.indent})
    for piece in pieces[1:]:
        depth = columns.index(piece.indent) + 1 if piece.indent in columns else int(piece.style != first.style)
        marks = [mark for mark in piece.marker.split() if mark not in _PLAIN_BULLETS] or (["-"] if piece.marker and depth else [])
        yield "  " * depth + " ".join([*marks, piece.text])
