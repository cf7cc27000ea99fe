"""Everyday words and brand names for words on our lists, so that patients find what they know by another name.

Conditions have their own other names in the records, and the names of approved therapies. These are for the other lists.
"""

from __future__ import annotations

from functools import lru_cache

from .searching import words_of

LAY_WORDS = {
    # what patients type: the word of ours that it means
    "alzheimer": "dementia",
    "cortisone": "steroids",
    "keytruda": "pembrolizumab",
    "kimo": "chemotherapy",
    "MS": "sclerosis",
    "opdivo": "nivolumab",
    "radiotherapy": "radiation",
    "tecentriq": "atezolizumab",
    "yervoy": "ipilimumab",
}


@lru_cache(1000)
def lay_words(label: str) -> tuple[str, ...]:
    """The everyday words for what a label says."""
    words = set(words_of(label))
    return tuple(lay for lay, ours in LAY_WORDS.items() if ours in words)
