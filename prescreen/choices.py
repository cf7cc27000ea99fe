"""The choices of a question as a page shows them: options in groups, the wide condition after its kinds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from html import escape
from typing import NamedTuple

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from trials.catalog import Catalog
from trials.eligibility.questions import Question
from trials.models import Condition
from trials.vocabulary import DIAGNOSIS

from .lay_words import lay_words
from .searching import Entry

LARGEST_GROUP = 16
"""A group of conditions longer than this is taken apart, where the tree allows."""


@dataclass(frozen=True)
class Option:
    """One radio button or checkbox. ``names`` are other names by which it is found."""

    value: str
    label: str
    help: str = ""
    names: tuple[str, ...] = ()

    @cached_property
    def escaped(self) -> tuple[str, str, str, str]:
        """The value, the label, the help and the names (with "|" between them) as they stand in a page."""
        return escape(self.value), escape(self.label), escape(self.help), escape("|".join(self.names))


@dataclass(frozen=True)
class Group:
    """Options under a heading. ``folded`` groups can be opened one by one."""

    options: tuple[Option, ...]
    heading: str = ""
    folded: bool = False

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """The options as the search sees them. The heading counts as a hint."""
        return tuple(Entry(one.value, (one.label, *one.names), (one.help, self.heading)) for one in self.options)


class _Kept(NamedTuple):
    """The groups made so far of one catalog's records, by question, area and language. There is nothing of a patient in them."""

    conditions: dict[str, Condition]
    groups: dict[tuple[str, str | None, str | None], list[Group]]


_kept = _Kept({}, {})


def groups_of(question: Question, catalog: Catalog, area: str | None) -> list[Group]:
    """The choices of a question, or the conditions of an area. They are kept until the records change: making a long list takes longer than its page."""
    global _kept  # noqa: PLW0603 - one catalog a process, so one list of each kind
    kept = _kept
    if kept.conditions is not catalog.conditions:
        kept = _kept = _Kept(catalog.conditions, {})
    key = (question.key, area, get_language())
    if key not in kept.groups:
        kept.groups[key] = condition_groups(question, catalog, area) if question.key == DIAGNOSIS else choice_groups(question)
    return kept.groups[key]


def choice_groups(question: Question) -> list[Group]:
    """The choices of a question in one group, each after its kinds."""
    known = {choice.key: Option(choice.key, label := _(choice.label), names=lay_words(label)) for choice in question.choices}
    kinds = _kinds(question, known)
    roots = [choice.key for choice in question.choices if not choice.parent]
    return [Group(tuple(option for root in roots for option in _options(root, kinds, known)))]


def condition_groups(question: Question, catalog: Catalog, area: str | None) -> list[Group]:
    """The conditions of an area in groups that can be opened one by one, each ending with its widest condition for those who know no more."""
    drugs = _drugs(catalog)
    known = {
        key: Option(key, _(row.label), _(row.help) if row.help else "", (*row.synonyms, *drugs.get(key, ())))
        for key, row in catalog.conditions.items()
        if catalog.is_in(key, area)
    }
    roots = [key for key in known if not set(question.ancestors(key)) & known.keys()]
    kinds = _kinds(question, known)
    groups, alone = [], []
    for root in roots:
        below, single = _split(root, kinds, known)
        groups += below
        alone += single
    if alone:
        groups.append(Group(tuple(alone), heading=_("Other conditions") if groups else "", folded=len(groups) > 1))
    return groups if len(groups) > 1 else [Group(group.options) for group in groups]


def _drugs(catalog: Catalog) -> dict[str, list[str]]:
    """The names of the approved therapies of each condition."""
    found: dict[str, list[str]] = {}
    for therapy in catalog.therapies:
        for condition in therapy.conditions.all():
            found.setdefault(condition.key, []).extend((therapy.brand, therapy.generic))
    return found


def _kinds(question: Question, known: dict[str, Option]) -> dict[str, list[str]]:
    """The keys that are kinds of each key, one step down the tree."""
    found: dict[str, list[str]] = {}
    for choice in question.choices:
        if choice.parent and choice.key in known:
            found.setdefault(choice.parent, []).append(choice.key)
    return found


def _split(key: str, kinds: dict[str, list[str]], known: dict[str, Option]) -> tuple[list[Group], list[Option]]:
    """The groups that a condition with its kinds makes, and the conditions that stand alone."""
    options = _options(key, kinds, known)
    if len(options) == 1:
        return [], options
    children = kinds.get(key, [])
    if len(options) <= LARGEST_GROUP or not any(child in kinds for child in children):
        return [Group(tuple(options), known[key].label, folded=True)], []
    groups: list[Group] = []
    alone: list[Option] = []
    for child in children:
        below, single = _split(child, kinds, known)
        groups += below
        alone += single
    alone.append(_unsure_kind(known[key]))
    return [*groups, Group(tuple(alone), _("%(kind)s: other kinds") % {"kind": known[key].label}, folded=True)], []


def _options(key: str, kinds: dict[str, list[str]], known: dict[str, Option]) -> list[Option]:
    """A choice after all of its kinds; one that has kinds is the one for those who do not know which."""
    below = [option for child in kinds.get(key, ()) for option in _options(child, kinds, known)]
    return [*below, _unsure_kind(known[key]) if below else known[key]]


def _unsure_kind(option: Option) -> Option:
    return replace(option, label=_("%(kind)s: another kind, or I do not know which") % {"kind": option.label})
