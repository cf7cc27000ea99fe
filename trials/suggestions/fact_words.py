"""The words that facts are drawn from (``facts.yaml``), the texts of a record word by word, and finding the one in the other."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Generic, TypeVar

import yaml

from trials.registry.records import StudyRecord

Meaning = TypeVar("Meaning")

LONGEST_REASON = 120
TITLE, LISTED, SUMMARY = 1, 2, 3
"""How near a text is to the heart of the record: titles and names of interventions, then the lists and descriptions, then the summary."""


@cache
def vocabulary() -> dict[str, Any]:
    """The data file."""
    loaded: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("facts.yaml").read_text(encoding="utf-8"))
    return loaded


@dataclass(frozen=True)
class Word:
    """A word as compared, as written, and where it stands."""

    folded: str
    written: str
    start: int
    end: int


@dataclass(frozen=True)
class Passage:
    """A text of the record: which one, its rank (``TITLE``, ``LISTED`` or ``SUMMARY``) and its words."""

    place: str
    rank: int
    text: str
    words: tuple[Word, ...]

    def quote(self, start: int, end: int) -> str:
        """What stands there, and in which text."""
        return f"{self.place}: '{' '.join(self.text[start:end].split())}'"[:LONGEST_REASON]


@dataclass(frozen=True)
class Found(Generic[Meaning]):
    """A phrase in a passage: its words from ``first`` up to ``last``."""

    meaning: Meaning
    passage: Passage
    first: int
    last: int

    @property
    def because(self) -> str:
        """The record's words, and where they stand."""
        words = self.passage.words[self.first : self.last]
        return self.passage.quote(min(word.start for word in words), max(word.end for word in words))

    def comes_after(self, words: Iterable[str], reach: int) -> bool:
        """Whether one of the words stands among the ``reach`` before."""
        return not {*words}.isdisjoint(word.folded for word in self.passage.words[max(0, self.first - reach) : self.first])

    def says_nothing(self) -> bool:
        """Whether the words beside it take its sense away: "non-melanoma", "HIV-based vector"."""
        following = self.passage.words[self.last : self.last + 1]
        return self.comes_after(vocabulary()["not_after"], 1) or any(word.folded in vocabulary()["not_before"] for word in following)


_WORD = re.compile(r"[^\W_]+(?:['’]s\b)?")


@lru_cache(maxsize=20_000)
def _fold(word: str) -> str:
    """A word as compared: lower case, singular, American, without 's."""
    text = unicodedata.normalize("NFKC", word).casefold().removesuffix("'s").removesuffix("’s")
    for british, american in vocabulary()["spellings"].items():
        text = text.replace(british, american)
    if len(text) > 4 and text.endswith("ies"):
        text = text[:-3] + "y"
    elif len(text) > 3 and text.endswith("s") and not text.endswith(("ss", "us", "is")):
        text = text[:-1]
    same: str = vocabulary()["same_words"].get(text, text)
    return same


def words_of(text: str) -> tuple[Word, ...]:
    """The words of a text in order."""
    return tuple(Word(_fold(found[0]), found[0], found.start(), found.end()) for found in _WORD.finditer(text))


@lru_cache(maxsize=20_000)
def is_short_form(word: str) -> bool:
    """AMD, nAMD, RPE65, CRAd: counts only as written."""
    return sum(letter.isupper() for letter in word) >= 2 and not re.search(r"[a-z]{3}", word)


def key_of(phrase: str) -> tuple[str, ...]:
    """A phrase as compared: its short forms as written, its other words folded."""
    return tuple(word.written if is_short_form(word.written) else word.folded for word in words_of(phrase))


class Phrases(Generic[Meaning]):
    """Phrases, what each means, and where they stand in a text. A phrase such as ``*leucel`` is an ending."""

    def __init__(self, entries: Iterable[tuple[str, Meaning]]) -> None:
        self._by_first: dict[str, list[tuple[tuple[str, ...], Meaning]]] = {}
        self._endings: dict[str, Meaning] = {}
        for phrase, meaning in entries:
            if phrase.startswith("*"):
                self._endings[phrase[1:].casefold()] = meaning
            else:
                self._by_first.setdefault(words_of(phrase)[0].folded, []).append((key_of(phrase), meaning))
        for choices in self._by_first.values():
            choices.sort(key=lambda choice: -len(choice[0]))
        self._ends = tuple(self._endings)

    def find(self, passage: Passage) -> Iterator[Found[Meaning]]:
        """The phrases of a passage in order, the longer of two that begin at the same word; none overlaps another."""
        place, stressed = 0, vocabulary()["also_words"] if len(passage.words) > 3 and passage.text.isupper() else ()
        while place < len(passage.words):
            found = self._at(passage.words, place, stressed)
            if found:
                yield Found(found[0], passage, place, place + found[1])
            place += found[1] if found else 1

    def _at(self, words: Sequence[Word], place: int, stressed: Sequence[str]) -> tuple[Meaning, int] | None:
        for key, meaning in self._by_first.get(words[place].folded, ()):
            there = words[place : place + len(key)]
            if len(there) == len(key) and all(_is(word, part, stressed) for word, part in zip(there, key, strict=True)):
                return meaning, len(key)
        if words[place].folded.endswith(self._ends):
            ending = max((end for end in self._ends if words[place].folded.endswith(end)), key=len)
            return self._endings[ending], 1
        return None


def _is(word: Word, part: str, stressed: Sequence[str]) -> bool:
    if is_short_form(part):
        return part in (word.written, word.written.removesuffix("s")) and part not in stressed
    return word.folded == part


def passages_of(record: StudyRecord) -> list[Passage]:
    """The texts that suggestions rest on, nearest first; never the criteria, which name much that the study is not about."""
    texts = [("title", TITLE, record.title), ("official title", TITLE, record.official_title)]
    texts += [("intervention", TITLE, one.name) for one in record.interventions]
    texts += [("condition", LISTED, text) for text in record.conditions] + [("keyword", LISTED, text) for text in record.keywords]
    texts += [("intervention", LISTED, one.description) for one in record.interventions]
    texts.append(("summary", SUMMARY, record.brief_summary))
    return [Passage(place, rank, text, words_of(text)) for place, rank, text in texts if text]


def variants(passage: Passage) -> Iterator[Passage]:
    """The passage, the same without what stands in brackets, and a condition such as "Leukemia, Myeloid, Acute" the other way round."""
    yield passage
    inside = [found.span() for found in re.finditer(r"\([^()]*\)", passage.text)]
    if inside:
        yield replace(passage, words=tuple(word for word in passage.words if not any(start < word.start < end for start, end in inside)))
    if passage.place in ("condition", "keyword") and 1 <= passage.text.count(",") <= 3:
        yield replace(passage, words=tuple(sorted(passage.words, key=lambda word: -passage.text.count(",", 0, word.start))))
