"""Which pieces of an eligibility text are headings, and what a heading says of the criteria under it: their kind, their cohort, or a topic."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum

from trials.eligibility.verdicts import CriterionKind

from .cohorts import BY_SEX, LABEL, PEOPLE_WITH, SOME_COHORT, SOME_PEOPLE, cohort_named, cohort_of_kind_heading
from .lines import Piece
from .wording import plain

KIND_WORDS = frozenset(
    (
        *("key", "main", "major", "inclusion", "inclusions", "inclusive", "exclusion", "exclusions", "criteria", "criterion"),
        *("the", "of", "for", "study", "patient", "patients", "subject", "subjects"),
    )
)
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

_PEOPLE = "patients?|participants?|subjects?|individuals?|persons?|people|candidates?|volunteers?|women|children|infants|adults?|adolescents|they"
_NOUN = re.compile(r"(?P<non>\bnon?[- ]?)?(?P<kind>in|ex)clusi(?:on|ón|ve)s?|(?P<zh_in>纳入标准|入选标准)|(?P<zh_ex>排除标准)")
_NOUN_PHRASE = re.compile(
    r"(?:[\w&'/-]+\s+){0,7}?(?:pre-|non[- ]?|[a-z]-)?\w{0,3}(?:in|ex)clusi(?:on|ón|ve)s?\s+criteri\w*"
    r"|criteri\w+ (?:for|of) (?:non[- ]?)?(?:in|ex)clusion|criterios de (?:in|ex)clusión|(?:纳入|入选|排除)标准"
)
_BARE_NOUN = re.compile(r"(?:[\w&'/-]+\s+){0,3}(?:in|ex)clusions?")
_AFTER_NOUN_PHRASE = re.compile(
    r"$|[(–\[:-]|(?:for|in|of|specific|prior|determined|to|during|at|before|after|only|related|and|from|by)\b|(?:\S+\s*){1,4}$",
)
_NO_CRITERIA = re.compile(r"no (?!inclusion ?/)")
_OTHER_CRITERIA = re.compile(
    r"(?:(?:key|main|study|general)\s+)?eligibility criteri\w+|criteria|(?:in|ex)clusion\W{1,3}(?:and |or )?(?:in|ex)clusion criteria"
    r"|(?:removing|removal|withdrawal|elimination|discontinuation|drop-?out) criteria.*"
)
_STATEMENT = re.compile(
    r"\b(?:may|appl(?:y|ies|ied)|are|is|was|were|will|must|should|has|have|who|see|per|meet(?:s|ing)?|respected|if|listed|allowed|not|whose|can|cannot)\b"
)
_EXCLUDES = re.compile(
    r"\bexclu(?:ded?|des|sions?)\b|\bineligib|\bdisqualif|\bcannot\b|\bnot (?:be )?(?:eligible|included|enrolled|allowed|permitted)"
    r"|\b(?:must|should|may|can|do|does|did|shall|will|would|are|is|was|were|be)(?: not|n't)\b"
)
_EXCLUDED = re.compile(r"\b(?:excluded|ineligible|not (?:be )?(?:eligible|included|enrolled))\b")
_INCLUDES = re.compile(r"\b(?:inclusion|included|eligib\w+|enrol\w*|enter(?:ed|ing)?|participat\w+|qualif\w+|recruited|must|fulfil\w*|meet|met|satisfy)\b")
_NOT_EXCLUDED = re.compile(r"\bnot (?:be )?(?:excluded|exclusion|considered exclusion)")
_EXCEPTS = re.compile(rf"{_NOT_EXCLUDED.pattern}|\b(?:allowed|permitted|acceptable|exempt)")
_ENTRY = re.compile(r"\b(?:inclu|exclu|eligib|ineligib|enrol|enter|entry|participat|disqualif|recruit|criteri|qualif|take part)")
_LIST = re.compile(r"\b(?:criteri\w+|following|below|if|any|all|these|conditions|reasons)\b|\b(?:study|trial)$")
_POINTS_ON = re.compile(r"\b(?:following|below|(?:any|all|each|one) of (?:the|these))\b")
_SAYS_NOTHING_ELSE = re.compile(
    rf"(?:{_PEOPLE}|study|trial|protocol|the|an?|of|in(?:to)?|to|for|from|at|on|by|with|or|and|as|be|is|are|was|were|will|would|must|should|may|can|shall|not"
    r"|who|that|if|they|he|she|this|these|those|each|any|all|every|either|one|two|more|least|only|order|presence|present|potential|both|have|has|meet(?:s|ing)?|met"
    r"|fulfil\w*|satisf\w+|follow(?:ing|s)|below|above|criteri\w+|conditions?|apply|applies|eligib\w+|ineligib\w+|enrol\w*|enter\w*|entry|participat\w+"
    r"|(?:in|ex)clu\w+|qualif\w+|disqualif\w+|recruit\w*|consider\w*|screen\w*|reassessed|allowed|permitted|reasons?|self|report(?:ed)?|time"
    r"|additional|general|key|take|part|per|unless)"
)
_ONE_OF = re.compile(r"\b(?:at least (?:one|two|three|\d)|one or more|either|any (?:one|\d)|any of|(?:one|two|three|[1-3])(?: \(\d\))? (?:or more )?of)\b")
_UNFINISHED = re.compile(r"\b(?:following|either|including|by|of|for|with|who|as|are|is|have|has|and|or|to|in|than|that)$")
_IN_PARENTHESES = re.compile(r"[(（][^()（）]*[)）]")
_OLD_SECTIONS = frozenset({"disease characteristics", "patient characteristics", "prior concurrent therapy", "prior/concurrent therapy"})
_LEADING_KIND = re.compile(
    r"(?:(?:(?:key|main|major|study|patient|subject|donor)\s+)?(?:non?[- ]?)?(?:in|ex)clusion\s+criteria\s?(?:\([^)]{1,60}\)\s?)?"
    r"(?:[:：.]|(?-i:(?=\s(?!For|Of|In|To|Specific|And)[A-Z][a-z])))|(?:in|ex)clusion\s?[:：])\s*",
    re.IGNORECASE,
)


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
    return _cohort_heading(piece, text, colon, following) or _lead_in(piece, text, colon, deeper) or _topic(piece, text, colon, following)


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
    """The length of "Inclusion Criteria: " at the start of a text that goes on after it; 0 where there is none."""
    found = _LEADING_KIND.match(text)
    return found.end() if found and re.search(r"\w", text[found.end() :]) else 0


def _kind_heading(piece: Piece, text: str, colon: bool, deeper: bool) -> Heading | None:
    """A heading that tells inclusion from exclusion, or ends what was told: a noun ("Exclusion criteria") or a sentence."""
    if not piece.marker and len(text.split()) <= 8 and _OTHER_CRITERIA.fullmatch(text):
        return Heading(Rank.KIND, _title(piece, text))
    if _is_noun_phrase(piece, text, colon, deeper):
        return Heading(Rank.KIND, _title(piece, text), kind_named(text), cohort_of_kind_heading(piece.text), strong=True)
    return None


def _lead_in(piece: Piece, text: str, colon: bool, deeper: bool) -> Heading | None:
    """A heading in the form of a sentence: "Patients who meet any of these criteria are excluded:"."""
    if not _is_lead_in(piece, text, colon, deeper):
        return None
    kind = kind_named(text)
    if kind is None or _EXCLUDED.search(text):
        kind = EXCLUSION if _EXCLUDES.search(text) else INCLUSION if _INCLUDES.search(text) else None
    inside = piece.indent + 1 if piece.marker and deeper else 0
    return Heading(Rank.KIND, piece.text, kind, cohort_of_kind_heading(piece.text) if LABEL.search(text) else None, inside) if kind else None


def _is_noun_phrase(piece: Piece, text: str, colon: bool, deeper: bool) -> bool:
    """Whether a piece is a heading such as "Key exclusion criteria for Part 2:", not a sentence about criteria."""
    if not _STATEMENT.search(text) and _BARE_NOUN.fullmatch(text):
        return colon or not piece.marker
    found = _NOUN_PHRASE.match(text)
    if not found or _NO_CRITERIA.match(text) or len(text.split()) > 18 or _STATEMENT.search(_IN_PARENTHESES.sub(" ", text)):
        return False
    rest = text[found.end() :].strip()
    if piece.marker:
        return colon or not rest or (deeper and len(text.split()) <= 6)
    return colon or _AFTER_NOUN_PHRASE.match(rest) is not None


def _is_lead_in(piece: Piece, text: str, colon: bool, deeper: bool) -> bool:
    """Whether a piece is a sentence such as "Patients who meet any of these criteria are excluded:", without a condition of its own."""
    if not _ENTRY.search(text) or not _LIST.search(text) or _NOT_EXCLUDED.search(text):
        return False
    if not piece.marker:
        text = re.split(r"(?<=\w{3}[.;]) ", text)[-1]
    others = _other_words(text)
    if piece.marker:
        return others == 0 and (colon or deeper)
    names_criteria = re.search(r"\bcriteri", text) is not None
    if colon:
        return others <= (max(3, 0.3 * len(text.split())) if names_criteria else 3)
    return others <= 2 and _POINTS_ON.search(text) is not None


def _other_words(text: str) -> int:
    """How many words say something else than who is taken on."""
    return sum(1 for word in re.findall(r"[^\W\d_]+", _IN_PARENTHESES.sub(" ", text)) if not _SAYS_NOTHING_ELSE.fullmatch(word))


def _title(piece: Piece, text: str) -> str:
    words = re.findall(r"[^\W_]+", text)
    return "" if all(word in KIND_WORDS for word in words) else piece.text


def _cohort_heading(piece: Piece, text: str, colon: bool, following: Piece) -> Heading | None:
    """A heading such as "Cohort A:", "For Part 2 only:", "Healthy controls" or "All participants:"."""
    bare = _IN_PARENTHESES.sub("", text).strip()
    words = len(bare.split())
    over_list = not piece.marker and (following.marker != "" or _NOUN_PHRASE.match(plain(following.text)) is not None)
    if words > 10 or _STATEMENT.search(bare) or re.search(r"[≥≤<>%]|[,;.]$", bare) or not (colon or over_list):
        return None
    found = LABEL.search(bare)
    if found and (found.start() <= 8 or re.match(r"(?:for|in|only|additional)\b|.*\bcriteria (?:specific )?(?:for|to|in)\b", bare)):
        return Heading(Rank.COHORT, piece.text, None, cohort_named(piece.text), _inside(piece, following), strong=True)
    if words > 7 or piece.marker:
        return None
    everyone = re.match(r"(?:for )?(?:all|both|common to)\b", text) and (SOME_COHORT.search(text) or SOME_PEOPLE.search(text))
    cohort = re.search(r"\b(?:cohorts?|arms?|groups?|sub-?stud(?:y|ies)|controls|cases|donors)(?: only)?$", text) or SOME_PEOPLE.search(text)
    with_something = colon and PEOPLE_WITH.match(text) is not None
    if everyone or ((cohort or with_something) and not BY_SEX.match(text) and cohort_named(piece.text)):
        return Heading(Rank.COHORT, piece.text, None, None if everyone else cohort_named(piece.text), _inside(piece, following))
    return None


def _topic(piece: Piece, text: str, colon: bool, following: Piece) -> Heading | None:
    """A heading such as "Cardiac safety" over criteria, or a lead-in such as "Women who:"."""
    if piece.marker:
        return _topic_of_a_list(piece, text, colon, following)
    if re.match(r"\W*(?:and|or|with|plus|note|nb|except|either|definition|exception|example)", text):
        return None
    if _EXCEPTS.search(text):
        return None
    if _UNFINISHED.search(text) and not (text.endswith("following") and _other_words(text) == 0):
        return None
    words = len(text.split())
    if colon:
        found = _other_words(text) == 0 or (words <= (5 if following.marker else 4) and not _STATEMENT.search(text))
    else:
        title_like = words <= 7 and piece.text[:1].isupper() and not re.search(r"[.;,≥≤<>=%\d]", piece.text) and not _STATEMENT.search(text)
        found = title_like and bool(following.marker) and piece.after_blank and (following.after_blank or following.indent < piece.indent)
    return Heading(Rank.TOPIC, piece.text, inside=_inside(piece, following)) if found else None


def _topic_of_a_list(piece: Piece, text: str, colon: bool, following: Piece) -> Heading | None:
    """A heading that is an item itself: "1. Laboratory criteria" over items further in, or "* BEFORE SURGERY:"."""
    bare = _IN_PARENTHESES.sub("", text).strip(" :")
    if colon and piece.text.isupper() and 3 <= len(bare.split()) <= 8 and not _STATEMENT.search(bare):
        return Heading(Rank.TOPIC, piece.text, inside=_inside(piece, following))
    over_items = following.indent > piece.indent + 1 and bare.endswith("criteria") and len(bare.split()) <= 10
    if over_items and not _STATEMENT.search(bare) and not re.search(r"\b(?:following|any|one|all|these|either)\b", bare):
        return Heading(Rank.TOPIC, piece.text, inside=piece.indent + 1)
    return None


def _inside(piece: Piece, following: Piece) -> int:
    """The column at which a heading's own items end; a heading that stands further in than its items is only badly indented."""
    if piece.marker and following.indent > piece.indent:
        return piece.indent + 1
    return piece.indent if following.indent >= piece.indent else 0
