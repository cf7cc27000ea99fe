"""A registry record -> the facts that its own words suggest, and whether it speaks of a gene therapy. A person accepts each one or leaves it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Any

from trials.registry.records import StudyRecord

from .fact_words import LISTED, LONGEST_REASON, SUMMARY, TITLE, Passage, Phrases, is_short_form, key_of, passages_of, variants, vocabulary

__all__ = ["ConditionName", "FactSuggestion", "GeneTherapyHint", "is_gene_therapy", "suggest_facts"]


@dataclass(frozen=True)
class ConditionName:
    """A condition of the tree: its label and synonyms, its areas, and the key of the condition that it is a kind of."""

    key: str
    names: tuple[str, ...]
    areas: tuple[str, ...]
    parent: str | None


@dataclass(frozen=True)
class FactSuggestion:
    """``field`` is areas, conditions, approach, delivery, vector or genes; ``because`` quotes the record and says where."""

    field: str
    value: str
    because: str


@dataclass(frozen=True)
class GeneTherapyHint:
    """``answer`` is "yes" or "doubtful". ``follows_earlier`` quotes the words by which a study seems only to follow earlier participants, or is ""."""

    answer: str
    because: str
    follows_earlier: str = ""


def suggest_facts(record: StudyRecord, conditions: Iterable[ConditionName]) -> tuple[FactSuggestion, ...]:
    """The facts that the record's words suggest; approach, delivery, vector and genes only where it speaks of a gene therapy."""
    passages, tree = passages_of(record), _tree(tuple(conditions))
    named = _conditions(passages, tree)
    areas = _areas(passages, named, tree)
    found = [FactSuggestion("areas", area, because) for area, because in areas.items()]
    found += [FactSuggestion("conditions", key, because) for key, because in named.items()]
    signs = _signs(passages)
    if _hint(passages, signs).answer == "yes":
        found += [*_approach(passages, signs, areas), *_agreed(signs, "delivery"), *_agreed(signs, "vector")]
        if not any(sign.says.get("approach") == "engineered_cells" for sign in signs):
            found += [FactSuggestion("genes", gene, because) for gene, because in _first_of_each(_genes(), passages).items()]
    return tuple(found)


def is_gene_therapy(record: StudyRecord) -> GeneTherapyHint:
    """Whether the record's own words speak of a gene therapy that is tried in this study. The registry's type GENETIC says nothing."""
    passages = passages_of(record)
    return _hint(passages, _signs(passages))


class _Tree:
    """The names of all conditions, and how the conditions stand to each other."""

    def __init__(self, conditions: tuple[ConditionName, ...]) -> None:
        self.areas = {one.key: one.areas for one in conditions}
        self._parents = {one.key: one.parent for one in conditions}
        self.names = Phrases((" ".join(name), key) for name, key in self._owners(conditions).items() if key)

    def above(self, key: str) -> Iterator[str]:
        """The wider conditions, nearest first."""
        seen = {key}
        while (parent := self._parents.get(key)) and parent not in seen:
            seen.add(parent)
            yield parent
            key = parent

    def _owners(self, conditions: tuple[ConditionName, ...]) -> dict[tuple[str, ...], str]:
        """Each name and whose it is: of two conditions the narrower one, or nobody ("") if neither is a kind of the other."""
        owners: dict[tuple[str, ...], str] = {}
        vague = {key_of(name) for name in vocabulary()["too_vague"]}
        more: Mapping[str, Sequence[str]] = vocabulary()["condition_names"]
        for one in conditions:
            for name in (*more.get(one.key, ()), *(plain for written in one.names for plain in _plain_names(written))):
                key = key_of(name)
                owner = owners.get(key, one.key)
                if key in vague or len(name) < 3 or not key:
                    continue
                if owner == one.key or owner in self.above(one.key):
                    owners[key] = one.key
                elif one.key not in self.above(owner):
                    owners[key] = ""
        return owners


_tree = lru_cache(maxsize=8)(_Tree)


def _plain_names(written: str) -> Iterator[str]:
    """The name without brackets, and a short form in brackets: "Wet AMD (neovascular)", "Leber congenital amaurosis (LCA)"."""
    if not written.startswith(("Another ", "Other ")):
        yield re.sub(r"\s*\([^)]*\)", "", written)
        yield from (inside for inside in re.findall(r"\(([^)\s]*)\)", written) if is_short_form(inside))


def _without_interventions(passages: Iterable[Passage]) -> list[Passage]:
    return [passage for passage in passages if passage.rank <= LISTED and passage.place != "intervention"]


def _conditions(passages: Sequence[Passage], tree: _Tree) -> dict[str, str]:
    """The conditions that are named, each with the words; the summary counts only in a record without a list of conditions.

    The narrower condition counts, not the wider one beside it: except where the title names the wider one, and only the lists several kinds of it.
    """
    found: dict[str, str] = {}
    ranks: dict[str, set[int]] = {}
    summary = [] if any(passage.place == "condition" for passage in passages) else [passage for passage in passages if passage.rank == SUMMARY]
    for texts in (_without_interventions(passages), summary):
        hits = [hit for text in texts for variant in variants(text) for hit in tree.names.find(variant) if not hit.says_nothing()]
        for hit in hits:
            found.setdefault(hit.meaning, hit.because)
            ranks.setdefault(hit.meaning, set()).add(hit.passage.rank)
        if found:
            break
    for wide in [key for key, where in ranks.items() if TITLE in where]:
        kinds = {key for key in found if wide in tree.above(key)}
        if len(kinds) >= (2 if LISTED in ranks[wide] else 3) and not any(TITLE in ranks[key] for key in kinds):
            found = {key: because for key, because in found.items() if key not in kinds}
    wider = {above for key in found for above in (*tree.above(key), *vocabulary()["covers"].get(key, ()))}
    return {key: because for key, because in found.items() if key not in wider}


def _areas(passages: Sequence[Passage], conditions: Mapping[str, str], tree: _Tree) -> dict[str, str]:
    """The areas of the conditions; where no condition is named, those of single words."""
    if conditions:
        return {area: because for key, because in reversed([*conditions.items()]) for area in tree.areas[key]}
    return {area: because for area, because in _first_of_each(_area_words(), _without_interventions(passages), check=True).items() if area}


def _first_of_each(phrases: Phrases[str], passages: Iterable[Passage], check: bool = False) -> dict[str, str]:
    """What titles and lists name, each with the first words that do; ``check`` leaves out words that say nothing beside their neighbors."""
    found: dict[str, str] = {}
    for hit in (hit for passage in passages if passage.rank <= LISTED for hit in phrases.find(passage)):
        if not (check and hit.says_nothing()):
            found.setdefault(hit.meaning, hit.because)
    return found


@cache
def _area_words() -> Phrases[str]:
    areas: Mapping[str, Sequence[str]] = {**vocabulary()["area_words"], "": vocabulary()["area_ignore"]}
    return Phrases([(word, area) for area, words in areas.items() for word in words])


@cache
def _genes() -> Phrases[str]:
    alone = {*vocabulary()["symbols_not_alone"]}
    return Phrases([(name, gene) for gene, names in vocabulary()["genes"].items() for name in (*names, f"h{gene}", *({gene} - alone))])


@dataclass(frozen=True)
class _Sign:
    """Words of the record that say something of a gene therapy. ``says`` is their entry among the ``therapies``; ``earlier``: one given before."""

    says: Mapping[str, Any]
    because: str
    rank: int
    earlier: bool = False


@cache
def _therapies() -> Phrases[Mapping[str, Any]]:
    return Phrases([(word, entry) for entry in vocabulary()["therapies"] for word in entry["words"]])


@cache
def _listed(name: str) -> Phrases[str]:
    return Phrases([(words, "") for words in vocabulary()[name]])


_AAV = re.compile(
    r"(?<![A-Za-z])(?:r|sc|ss|scr)?AAV(?:[-.]?((?:2\.)?7m8|(?:rh|hu)\.?\d{1,2}|\d{1,2}(?!\d)(?:/(?:rh\.?)?\d{1,2}(?!\d))?))?[A-Za-z0-9-]*"
    r"|adeno[- ]?associated\s+vir(?:us|al)(?:\s+vectors?)?(?:\s+(?:serotype|type))?(?:\s+((?:rh\.?)?\d{1,2}(?:/\d{1,2})?)(?![\d.,]))?",
    re.IGNORECASE,
)


def _signs(passages: Sequence[Passage]) -> list[_Sign]:
    """What the record says of a gene therapy, what is nearest to its heart first. In vasculitis, AAV is another thing."""
    before = vocabulary()["given_before"]
    vasculitis = any(word.folded == "vasculitis" for passage in passages for word in passage.words)
    found: list[_Sign] = []
    for passage in passages:
        found += [_Sign(hit.meaning, hit.because, passage.rank, hit.comes_after(before, 3)) for hit in _therapies().find(passage)]
        for aav in () if vasculitis else _AAV.finditer(passage.text):
            kind = (aav[1] or aav[2] or "").lower().replace("rh.", "rh")
            vector = "AAV.7m8" if "7m8" in kind else f"AAV{kind}"
            found.append(_Sign({"vector": vector, "delivery": "in_vivo", "usually": "gene_addition"}, passage.quote(*aav.span()), passage.rank))
    return sorted(found, key=lambda sign: sign.rank)


def _names_vaccine(passages: Sequence[Passage]) -> bool:
    return bool(_first_of_each(_listed("vaccines"), passages))


def _hint(passages: Sequence[Passage], signs: Sequence[_Sign]) -> GeneTherapyHint:
    telling = [sign for sign in signs if sign.says.get("gene_therapy", True)]
    if _names_vaccine(passages) and "cancer" not in _first_of_each(_area_words(), passages):
        telling = [sign for sign in telling if sign.says.get("vector") not in vocabulary()["vaccine_vectors"] or "approach" in sign.says]
    if not telling:
        return GeneTherapyHint("doubtful", "nothing in title, interventions or summary names a vector, gene transfer, gene editing or engineered cells")
    titles = [passage for passage in passages if passage.rank == TITLE]
    follows = _first_of_each(_listed("follow_up"), titles).get("", "")
    now = next((sign for sign in telling if not sign.earlier or follows), None)
    if now:
        return GeneTherapyHint("yes", now.because, follows)
    return GeneTherapyHint("doubtful", f"speaks only of an earlier one: {telling[0].because}"[:LONGEST_REASON])


def _approach(passages: Sequence[Passage], signs: Sequence[_Sign], areas: Iterable[str]) -> list[FactSuggestion]:
    """What the words say; where none does, gene addition as with most vectors: but not for a vaccine, nor in HIV, where silencing is as usual."""
    if any("approach" in sign.says for sign in signs):
        return _agreed(signs, "approach")
    if "hiv" in areas or _names_vaccine(passages):
        return []
    return [replace(one, field="approach") for one in _agreed(signs, "usually")]


def _agreed(signs: Sequence[_Sign], field: str) -> list[FactSuggestion]:
    """The one value of a field that the nearest words agree on; nothing where they contradict each other."""
    told = [sign for sign in signs if field in sign.says]
    values = {sign.says[field]: sign.because for sign in reversed(told) if sign.rank == told[0].rank}
    if len(values) > 1:
        values.pop("electroporation", None)
    exact = [value for value in values if not any(_is_narrower(other, value) for other in values)]
    return [FactSuggestion(field, exact[0], values[exact[0]])] if len(exact) == 1 else []


def _is_narrower(value: str, wide: str) -> bool:
    """AAV8 is narrower than AAV, AAV2/5 than AAV2; AAV10 is not than AAV1."""
    return value != wide and value.startswith(wide) and not (wide[-1].isdigit() and value[len(wide)].isdigit())
