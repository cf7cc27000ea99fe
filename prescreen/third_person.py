"""Plain English that speaks to "you", told of a child or of a person whom somebody cares for. What cannot be told so safely is left alone."""

from __future__ import annotations

import re

WHO = {"child": ("your child", "your child’s"), "other": ("the person you care for", "the person’s")}
"""How somebody else is named, and what is theirs."""

TAKES_S = """
accept agree bleed breastfeed breathe cough depend donate drink follow get give join live look make manage move need plan score see show sign smoke
stand start take think understand use walk weigh
"""
STAYS = "began can cannot could did ever had lost may must started stopped took tried turned understood was will would"
FORMS = {"are": "is", "have": "has", "do": "does", "were": "was"} | {verb: f"{verb}s" for verb in TAKES_S.split()} | {verb: verb for verb in STAYS.split()}
"""What follows "you" -> what follows one other person. Where another word follows, nothing is said of anybody else."""

BEFORE_SUBJECT = r"(?:^|[.:;,]\s+|\b(?:if|that|or|and|but|when|before|after|while|because|unless|how|where|why|though|which|what|until|since|as)\s+)"
OBJECT = re.compile(
    r"\b(for|to|from|in|of|by|with|on|tell|tells|told|expect|expects|help|helps|keep|keeps|make|makes|let|lets|gives?|puts?|suits?|tests?|finds?|around)\s+you\b(?!\s+(?:have|are|had|were|can)\b)"
)
SUBJECT = re.compile(rf"({BEFORE_SUBJECT})you,?\s+([a-z]+)", re.IGNORECASE)
JOINED = re.compile(
    r"\b(?:and|or|but|then)\s+(?:are|have|accept|agree|bleed|breastfeed|breathe|depend|donate|follow|get|give|join|live|make|manage|move|see|sign|smoke|stand"
    r"|take|think|understand|walk|weigh)\b"
)
"""A second verb of the same person, whose form would have to change too."""


def told_of(text: str, who: str) -> str | None:
    """The same said of "your child" or "the person you care for"; None where that cannot be done without making a mistake.

    The first mention is by name; after it the person is "they", with whom verbs keep the form that they have with "you".
    """
    if re.search(r"\b(?:yours|yourself)\b", text, re.IGNORECASE):
        return None
    name, owned = WHO[who]
    first = re.search(r"\byou(r?)\b", text, re.IGNORECASE)
    if first is None:
        return text
    if first[1]:
        before, rest = text[: first.start()] + _cased(owned, first[0]), text[first.end() :]
    elif found := SUBJECT.search(text):
        if found.end(1) != first.start() or found[2] not in FORMS or JOINED.search(text[found.end() :]):
            return None
        comma = "," if text[first.end()] == "," else ""
        before, rest = text[: first.start()] + f"{_cased(name, first[0])}{comma} {FORMS[found[2]]}", text[found.end() :]
    elif (found := OBJECT.search(text)) and found.end() == first.end():
        before, rest = text[: first.start()] + name, text[first.end() :]
    else:
        return None
    rest = re.sub(r"\byour\b", "their", rest)
    rest = re.sub(r"\bYour\b", "Their", rest)
    rest = OBJECT.sub(r"\1 them", rest)
    return before + re.sub(r"\byou\b", "they", re.sub(r"\bYou\b", "They", rest))


def _cased(name: str, like: str) -> str:
    return name[0].upper() + name[1:] if like[0].isupper() else name
