"""Finding options of a long list by what people type: words, beginnings of words, other names and misspellings.

``static/prescreen/search.js`` does the same in the browser while somebody types; ``tests/journeys/test_searching.py`` compares the two.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

LONGEST = 80
"""Letters of what is typed that count."""

MOST_WORDS = 8
"""Words of what is typed that count."""

IDLE = frozenset(("an", "and", "for", "has", "have", "in", "is", "my", "of", "or", "the", "to", "with"))
"""Words that say nothing about a condition."""

NEAR_BEST = 0.6
"""What scores at least this part of the best score is found too."""

SURE = 0.6
"""A best score below this rests on far-off spellings or hints alone."""


@dataclass(frozen=True)
class Entry:
    """An option as the search sees it: its ``names`` (label, other names), and ``hints`` that count half."""

    value: str
    names: tuple[str, ...]
    hints: tuple[str, ...] = ()

    @cached_property
    def phrases(self) -> frozenset[str]:
        """Each name, and each part of a label, as one phrase."""
        return frozenset(" ".join(words_of(part)) for name in self.names for part in re.split(r"[:;,()]", name))

    @cached_property
    def words(self) -> frozenset[str]:
        """The words of the names, and each two neighbors as one word: "Wiskott-Aldrich" is found by "wiskottaldrich"."""
        return _with_pairs(self.names)

    @cached_property
    def hint_words(self) -> frozenset[str]:
        """The words of the hints."""
        return _with_pairs(self.hints)

    @cached_property
    def length(self) -> int:
        """How many words the label has, up to its first comma or the like."""
        return len(words_of(re.split(r"[:;,()]", self.names[0])[0]))


@dataclass(frozen=True)
class Found:
    """The values found, best first, and how well the best fits: 1 and more is every word."""

    values: tuple[str, ...]
    best: float

    @property
    def is_sure(self) -> bool:
        """Whether the best rests on more than far-off spellings."""
        return self.best >= SURE


def find(typed: str, entries: Sequence[Entry]) -> Found:
    """The entries that fit what was typed. A word that few entries have weighs more than one that many have."""
    asked = _asked(typed)
    scores = [0.0] * len(entries)
    total = 0.0
    for place in range(len(asked)):
        fits = _fits(asked, place, entries)
        count = sum(fit > 0 for fit in fits)
        if count:
            weight = math.log(1 + len(entries) / count)
            total += weight
            scores = [score + weight * fit for score, fit in zip(scores, fits, strict=True)]
    if not total:
        return Found((), 0.0)
    whole = " ".join(words_of(typed))
    scores = [score / total + (0.5 if whole in entry.phrases else 0) for score, entry in zip(scores, entries, strict=True)]
    best = max(scores)
    ranked = sorted(range(len(entries)), key=lambda place: (-round(scores[place], 6), entries[place].length, place))
    return Found(tuple(entries[place].value for place in ranked if scores[place] >= NEAR_BEST * best), best)


def words_of(text: str) -> list[str]:
    """A text's words in small letters without accents; "Leber's" and "A.L.L." are one word each, "RPE65" is two."""
    plain = unicodedata.normalize("NFKD", text.lower())
    plain = re.sub(r"['’.]", "", "".join(sign for sign in plain if not unicodedata.combining(sign)))
    return re.findall(r"[^\W\d_]+|\d+", plain)


def _asked(typed: str) -> list[str]:
    words = [word for word in words_of(typed[:LONGEST]) if word not in IDLE]
    if len(words) > 1 and words[0] in ("a", "i"):
        words = words[1:]
    return words[:MOST_WORDS]


def _with_pairs(texts: Iterable[str]) -> frozenset[str]:
    found: set[str] = set()
    for text in texts:
        words = words_of(text)
        found.update(words, map("".join, pairwise(words)))
    return frozenset(found)


def _fits(asked: list[str], place: int, entries: Sequence[Entry]) -> list[float]:
    """How well one typed word fits each entry. Misspellings count only where nobody has the word as it is typed."""
    joined = ["".join(asked[start : start + 2]) for start in (place - 1, place) if 0 <= start < len(asked) - 1]
    fits = [max(_fit(word, entry, spelled) for spelled, word in [(True, asked[place]), *((False, both) for both in joined)]) for entry in entries]
    if any(fits):
        return fits
    known = frozenset[str]().union(*(entry.words | entry.hint_words for entry in entries))
    near = _near([asked[place], *joined], known)
    return [max(_nearest(entry.words, near), 0.5 * _nearest(entry.hint_words, near)) for entry in entries]


def _fit(word: str, entry: Entry, inside: bool) -> float:
    return max(_as_typed(word, entry.words, inside), 0.5 * _as_typed(word, entry.hint_words, inside))


def _as_typed(word: str, words: frozenset[str], inside: bool) -> float:
    """1 for the word itself, less for the beginning of a word, or (if it may be ``inside``) a part of one."""
    if word in words:
        return 1
    if len(word) >= 2 and any(other.startswith(word) for other in words):
        return 0.9
    return 0.8 if inside and len(word) >= 4 and any(word in other for other in words) else 0


def _near(typed: list[str], known: frozenset[str]) -> dict[str, float]:
    """The known words that one of these may be a misspelling of, up to 0.6, the fewer slips the more; one slip in four letters, three in nine."""
    found: dict[str, float] = {}
    for word in typed:
        most = sum(len(word) >= length for length in (4, 6, 9))
        for other in known if most else ():
            wrong = slips(word, other, most)
            if wrong <= most:
                found[other] = max(found.get(other, 0), 0.7 - 0.1 * wrong)
    return found


def _nearest(words: frozenset[str], near: dict[str, float]) -> float:
    return max((near[word] for word in words & near.keys()), default=0)


def slips(typed: str, word: str, most: int) -> int:
    """How many letters are wrong, missing, too many or swapped between what was typed and the beginning of a word; ``most`` + 1 for more than that."""
    # Each letter that the word does not have is wrong or too many: that leaves few words to compare letter by letter, which is slow.
    if len(word) < len(typed) - most or len(set(typed).difference(word)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(word) + 1))
    for down, sign in enumerate(typed, 1):
        before, last, row = row, before, [down] + [most + 1] * len(word)
        for across in range(max(1, down - most), min(len(word), down + most) + 1):  # elsewhere too many letters are missing or too many
            cost = min(before[across] + 1, row[across - 1] + 1, before[across - 1] + (sign != word[across - 1]))
            if down > 1 and across > 1 and sign == word[across - 2] and typed[down - 2] == word[across - 1]:
                cost = min(cost, last[across - 2] + 1)
            row[across] = cost
        if min(row) > most:
            return most + 1
    return min(most + 1, *(row[max(0, len(typed) - most) :] if len(typed) > 4 else row[-1:]))
