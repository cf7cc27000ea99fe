"""Which pieces of an eligibility text are headings, and what a heading says of the criteria under it: their kind, their cohort, or a topic."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum

from trials.eligibility.verdicts import CriterionKind

from .lines import Piece
from .wording import plain

KIND_WORDS = frozenset("key main major inclusion inclusions inclusive exclusion exclusions criteria criterion the of for study patient patients subject subjects".split())
"""A heading of these words alone says nothing but the kind."""


class Rank(IntEnum):
    """What a heading decides. A heading ends the headings of its own rank before it, and those of lower ranks."""

    KIND = 0
    COHORT = 1
    TOPIC = 2


@dataclass(frozen=True)
class Heading:
    """A heading. ``kind`` counts for rank KIND (None: unclear), ``cohort`` for the ranks KIND and COHORT (None: all participants).

    ``title`` is its text, or "" where it says no more than the kind. ``inside`` is the column that its criteria have at least, where they
    are items of its own; other criteria are no longer under it. A ``strong`` one is a heading wherever it stands: "Exclusion criteria:".
    """

    rank: Rank
    title: str
    kind: CriterionKind | None = None
    cohort: str | None = None
    inside: int = 0
    strong: bool = False

    @property
    def _shape(self) -> tuple[bool, bool]:
        return self.title.isupper(), self.title.endswith(":")

    def leaves(self, headings: list[Heading]) -> list[Heading]:
        """Of the headings in force, those that stay so under this one."""
        same = [place for place, one in enumerate(headings) if one.rank is self.rank and one.inside >= self.inside]
        if self.rank is Rank.TOPIC and same:
            same = [place for place in same if headings[place]._shape == self._shape] or same[-1:]
        if same:
            return headings[: same[0]]
        return [one for one in headings if one.rank < self.rank or one.inside < self.inside]


INCLUSION, EXCLUSION = CriterionKind.INCLUSION, CriterionKind.EXCLUSION

_PEOPLE = r"(?:patients?|participants?|subjects?|individuals?|persons?|people|candidates?|volunteers?|women|children|infants|adults?|adolescents|they|he|she)"
_NOUN = re.compile(r"(?P<non>\bnon?[- ]?)?(?P<kind>in|ex)clusi(?:on|ón|ve)s?|(?P<zh_in>纳入标准|入选标准)|(?P<zh_ex>排除标准)")
_NOUN_PHRASE = re.compile(
    r"(?:[\w&'/-]+\s+){0,5}?(?:pre-|non?[- ]?)?\w{0,3}(?:in|ex)clusi(?:on|ón|ve)s?\s+criteri\w*|criteri\w+ (?:for|of) (?:non?[- ]?)?(?:in|ex)clusion|criterios de (?:in|ex)clusión"
    r"|(?:[\w&'/-]+\s+){0,3}(?:in|ex)clusions?|(?:纳入|入选|排除)标准"
)
_ELIGIBILITY = re.compile(r"(?:[\w'-]+\s+){0,3}eligibility(?:\s+criteri\w+)?(?:\s+(?:for|and|to)\b.*)?|criteria|(?:removing|removal|withdrawal|elimination|discontinuation|drop-?out) criteria.*")
_STATEMENT = re.compile(r"\b(?:may|appl(?:y|ies|ied)|are|is|was|were|will|must|should|has|have|who|see|per|meet(?:s|ing)?|respected|if|listed|allowed|not|whose|can|cannot)\b")
_EXCLUDES = re.compile(
    r"\bexclu(?:ded?|des|ding|sions?|sion criteria)\b|\bineligib|\bdisqualif|\b(?:must|should|may|can|do|does|did|shall|will|would|are|is|was|were|be)(?: not|n't)\b|\bcannot\b|\bnot (?:be )?(?:eligible|included|enrolled|allowed|permitted)"
)
_INCLUDES = re.compile(r"\b(?:inclusion|included?|eligib\w+|enrol\w*|enter(?:ed|ing)?|participat\w+|qualif\w+|recruited|must|fulfil\w*|meet|met|satisfy)\b")
_NOT_EXCLUDED = re.compile(r"\bnot (?:be )?(?:excluded|exclusion|considered exclusion)")
_ENTRY = re.compile(r"\b(?:inclu|exclu|eligib|ineligib|enrol|enter|entry|participat|disqualif|recruit|criteri|qualif|take part)")
_LIST = re.compile(r"\b(?:criteri\w+|following|below|if|any|all|these|conditions)\b")
_GENERAL_SUBJECT = re.compile(
    rf"(?:(?:in order )?to [^,]{{3,80}}, )?(?:if )?(?:(?:all|any|each|every|only|an?|the|eligible|potential|study|this|adult)\s+)*{_PEOPLE}(?:\s*\([^)]*\))?,?\s+"
    r"(?:who|must|meeting|meets?|that|will|would|are|is|were|was|should|may|can(?:not)?|shall|need|fulfil\w*|have|has|presenting|satisf\w+|with (?:one|any)|if|not)\b"
    r"|(?:presence of )?(?:any|all|each|either|one)(?: one)?(?: or more)? of the following|who (?:meet|fulfil)|the following (?:in|ex)clusion"
)
_ONE_OF = re.compile(r"\b(?:at least (?:one|two|three|\d)|one or more|either|any (?:one|\d)|any of|(?:one|two|three|[1-3])(?: \(\d\))? (?:or more )?of)\b")

_LABEL = re.compile(
    r"\b(?P<name>sub-?stud(?:y|ies)|cohorts?|arms?|groups?|parts?|phases?|strat(?:um|a)|expansion|segment)\s+(?P<label>\d{1,2}[a-z]?\d?\b|[ivx]{1,4}[a-z]?\b|[a-h]\d?\b|one|two|three|four)",
    re.IGNORECASE,
)
_SOME_COHORT = re.compile(r"\b(?:cohorts?|arms?|groups?|sub-?stud(?:y|ies)|parts?|expansion|controls?|cases|donors?|siblings|parents)\b")
_SOME_PEOPLE = re.compile(r"\b(?:patients|participants|subjects|volunteers|individuals|controls?|cases|group|cohorts?|mothers|fathers|children|adults|adolescents|infants|donors?|siblings|parents|caregivers?)$")
_EVERYONE = re.compile(r"(?:for )?(?:all|both|every|each|common|general|any|eligible|study)\b|^(?:the )?(?:patients?|participants?|subjects?|individuals)$|.*\ball (?:patients|participants|subjects|cohorts|groups|parts|arms)\b")
_BY_SEX = re.compile(r"(?:for )?(?:fe)?males?\b|(?:for )?(?:wo)?men\b|.*\b(?:childbearing|child-bearing|pregnan)")
_GLUE = re.compile(r"^(?:[-–:,;(\[ ]|\b(?:for|specific|related|to|in|of|the|additional|abbreviated|only|disease|general|key|main)\b(?! [a-z]$))+|[-–:,;)\] ]+$", re.IGNORECASE)
_OLD_SECTIONS = frozenset({"disease characteristics", "patient characteristics", "prior concurrent therapy", "prior/concurrent therapy"})


def heading(piece: Piece, following: Piece | None) -> Heading | None:
    """The heading that a piece is, seen with the piece that follows it; None where the piece is a criterion or a part of one."""
    text = plain(piece.text)
    if not text or len(text) > 300:
        return None
    colon = piece.text.rstrip().endswith((":", "："))
    deeper = following is not None and following.indent > piece.indent
    if text in _OLD_SECTIONS:
        return Heading(Rank.KIND, piece.text, INCLUSION)
    found = _kind_heading(piece, text, colon, deeper)
    if found or following is None:
        return found
    if piece.marker and not (colon and deeper):
        return None
    return _cohort_heading(piece, text, colon, following) or _topic(piece, text, colon, following)


def names_alternatives(text: str) -> bool:
    """Whether what follows is a choice: "at least one of the following"."""
    return _ONE_OF.search(plain(text)) is not None


def kind_named(text: str) -> CriterionKind | None:
    """The one kind that a text names; None for none or both."""
    kinds = set()
    for found in _NOUN.finditer(plain(text)):
        excludes = found["zh_ex"] or found["kind"] == "ex" or (found["kind"] == "in" and found["non"])
        kinds.add(EXCLUSION if excludes else INCLUSION)
    return kinds.pop() if len(kinds) == 1 else None


def leading_kind_phrase(text: str) -> int:
    """The length of "Inclusion Criteria:" at the start of a text that goes on after it; 0 where there is none."""
    found = re.match(r"(?:(?:key|main|major|study|patient|subject|donor)\s+)?(?:non?[- ]?)?(?:in|ex)clusion\s+criteria\s?(?:\([^)]{1,60}\)\s?)?(?P<end>[:：.]|(?=\s[A-Z]))|(?:in|ex)clusion\s?[:：]", text, re.IGNORECASE)
    return found.end() if found and found.end() < len(text.rstrip()) else 0


def _kind_heading(piece: Piece, text: str, colon: bool, deeper: bool) -> Heading | None:
    words = len(text.split())
    if _ELIGIBILITY.fullmatch(text) and words <= 8 and not piece.marker:
        return Heading(Rank.KIND, _title(piece, text), EXCLUSION if "exclusion" in text and "inclusion" not in text and "eligib" not in text else None)
    if _noun_form(piece, text, colon, deeper):
        return Heading(Rank.KIND, _title(piece, text), kind_named(text), _cohort_of_kind_heading(piece.text), strong=True)
    if not _ENTRY.search(text) or not _LIST.search(text) or _NOT_EXCLUDED.search(text):
        return None
    if piece.marker and not (_GENERAL_SUBJECT.match(text) and (colon or deeper)):
        return None
    if not colon and not (_GENERAL_SUBJECT.match(text) and re.search(r"criteria|following", text) and not _says_more(text)):
        return None
    kind = EXCLUSION if _EXCLUDES.search(text) else INCLUSION if _INCLUDES.search(text) else None
    if kind is None:
        return None
    inside = piece.indent + 1 if piece.marker and deeper else 0
    return Heading(Rank.KIND, piece.text, kind, _cohort_of_kind_heading(piece.text) if _LABEL.search(text) else None, inside)


def _noun_form(piece: Piece, text: str, colon: bool, deeper: bool) -> bool:
    """Whether a piece is a heading such as "Key exclusion criteria for Part 2:", not a sentence about criteria."""
    found = _NOUN_PHRASE.match(text)
    if not found or len(text.split()) > 18 or _STATEMENT.search(text):
        return False
    rest = text[found.end() :].strip()
    if piece.marker:
        return colon or not rest or (deeper and len(text.split()) <= 6)
    return colon or not rest or rest[0] in "(-–[:" or re.match(r"(?:for|in|of|specific|prior|determined|to|during|at|before|after|only|related|and|from|by)\b", rest) is not None or len(rest.split()) <= 4


def _says_more(text: str) -> bool:
    """Whether a sentence without a colon holds a condition of its own."""
    return len(text.split()) > 30 or "; " in text


def _title(piece: Piece, text: str) -> str:
    words = re.findall(r"[^\W_]+", text)
    return "" if all(word in KIND_WORDS for word in words) else piece.text


def _cohort_of_kind_heading(title: str) -> str | None:
    """The cohort that a heading such as "Inclusion criteria for Part A:" names."""
    text = re.sub(r"(?:pre-|non?[- ]?)?(?:in|ex)clusi(?:on|ve)s?(?:\s+criteri\w*)?", " ", title, flags=re.IGNORECASE)
    return _cohort(" ".join(text.split()))


def _cohort(text: str) -> str | None:
    """The cohort named by the words that are left of a heading, or None for all participants or none."""
    before = None
    while before != text:
        before, text = text, _GLUE.sub("", text).strip()
    bare = plain(text)
    labels = list(_LABEL.finditer(text))
    if len(labels) == 1 and not re.search(rf"\s*(?:and|&|,|-|or|to)\s*{re.escape(labels[0]['label'][:1])}?[\da-zA-Z]\b", text[labels[0].end() :][:6]) and not labels[0]["name"].lower().endswith("s"):
        return f"{labels[0]['name'].capitalize()} {_label(labels[0]['label'])}"
    if not bare or _EVERYONE.match(bare) or _BY_SEX.match(bare) or len(bare.split()) > 10:
        return None
    if labels or _SOME_COHORT.search(bare) or _SOME_PEOPLE.search(bare):
        text = re.sub(r"\s*\bcriteri\w+\b.*$", "", text, flags=re.IGNORECASE).strip("()[]:： ")
        return (text.capitalize() if text.isupper() else text) or None
    return None


def _label(label: str) -> str:
    return label.capitalize() if label.lower() in {"one", "two", "three", "four"} else label.upper() if label.lower().strip("ivx") == "" else label


def _cohort_heading(piece: Piece, text: str, colon: bool, following: Piece) -> Heading | None:
    """A heading such as "Cohort A:", "For Part 2 only:", "Healthy controls" or "All participants:"."""
    words = text.split()
    if len(words) > 10 or _STATEMENT.search(text) or text.endswith((",", ";")) or re.search(r"[≥≤<>=%]", text):
        return None
    listed = following.marker != ""
    if not colon and (not listed or piece.text.endswith(".")):
        return None
    labelled = _LABEL.search(text)
    if labelled and (labelled.start() <= 8 or re.match(r"(?:for|in|only|additional)\b", text)):
        return Heading(Rank.COHORT, piece.text, None, _cohort(piece.text), _inside(piece, following), strong=True)
    if len(words) > 7 or (following.indent > piece.indent and piece.marker):
        return None
    if re.fullmatch(r"(?:for )?(?:all|both|common to)\b.*", text) and (_SOME_COHORT.search(text) or _SOME_PEOPLE.search(text)):
        return Heading(Rank.COHORT, piece.text, None, None, _inside(piece, following))
    ends_as_cohort = re.search(r"\b(?:cohorts?|arms?|groups?|sub-?stud(?:y|ies)|controls|cases|donors)(?: only)?$", text) or _SOME_PEOPLE.search(text)
    if ends_as_cohort and not _BY_SEX.match(text) and _cohort(piece.text):
        return Heading(Rank.COHORT, piece.text, None, _cohort(piece.text), _inside(piece, following))
    return None


def _topic(piece: Piece, text: str, colon: bool, following: Piece) -> Heading | None:
    """A heading such as "Cardiac safety" over criteria, or a lead-in such as "Women who:"."""
    if piece.marker or re.match(r"(?:and|or|with|plus|note|nb|except|either)\b", text):
        return None
    listed, words = following.marker != "", len(text.split())
    if colon and (listed or words <= 4):
        return Heading(Rank.TOPIC, piece.text, inside=_inside(piece, following))
    title_like = words <= 7 and piece.text[:1].isupper() and not re.search(r"[.;,≥≤<>=%\d]", piece.text) and not _STATEMENT.search(text)
    if title_like and listed and piece.after_blank and (following.after_blank or following.indent < piece.indent):
        return Heading(Rank.TOPIC, piece.text, inside=_inside(piece, following))
    return None


def _inside(piece: Piece, following: Piece) -> int:
    """The column at which a heading's own items end; a heading that stands further in than its items is only badly indented."""
    return piece.indent if following.indent >= piece.indent else 0
