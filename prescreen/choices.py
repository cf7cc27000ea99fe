"""The choices of a question as a page shows them: options in groups, the wide condition after its kinds."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from trials.catalog import Catalog
from trials.eligibility.questions import Question

LARGEST_GROUP = 16
"""A group of conditions longer than this is taken apart, where the tree allows."""


@dataclass(frozen=True)
class Option:
    """One radio button or checkbox."""

    value: str
    label: str
    help: str = ""


@dataclass(frozen=True)
class Group:
    """Options under a heading. ``folded`` groups can be opened one by one."""

    options: tuple[Option, ...]
    heading: str = ""
    folded: bool = False


def choice_groups(question: Question) -> list[Group]:
    """The choices of a question in one group, each after its kinds."""
    labels = {choice.key: choice.label for choice in question.choices}
    roots = [choice.key for choice in question.choices if not choice.parent]
    return [Group(tuple(option for root in roots for option in _options(root, question, labels, {})))]


def condition_groups(question: Question, catalog: Catalog, area: str | None) -> list[Group]:
    """The conditions of an area in groups that can be opened one by one, each ending with its widest condition for those who know no more."""
    inside = {key: row for key, row in catalog.conditions.items() if catalog.is_in(key, area)}
    labels = {key: row.label for key, row in inside.items()}
    helps = {key: row.help for key, row in inside.items()}
    roots = [key for key in inside if not set(question.ancestors(key)) & inside.keys()]
    groups, alone = [], []
    for root in roots:
        below, single = _split(root, question, labels, helps)
        groups += below
        alone += single
    if alone:
        groups.append(Group(tuple(alone), heading=_("Other conditions") if groups else "", folded=len(groups) > 1))
    return groups if len(groups) > 1 else [Group(group.options) for group in groups]


def _split(key: str, question: Question, labels: dict[str, str], helps: dict[str, str]) -> tuple[list[Group], list[Option]]:
    """The groups that a condition with its kinds makes, and the conditions that stand alone."""
    options = _options(key, question, labels, helps)
    if len(options) == 1:
        return [], options
    children = _children(key, question, labels)
    if len(options) <= LARGEST_GROUP or not any(_children(child, question, labels) for child in children):
        return [Group(tuple(options), labels[key], folded=True)], []
    groups: list[Group] = []
    alone: list[Option] = []
    for child in children:
        below, single = _split(child, question, labels, helps)
        groups += below
        alone += single
    alone.append(Option(key, _unsure_kind(labels[key]), helps.get(key, "")))
    return [*groups, Group(tuple(alone), _("%(kind)s: other kinds") % {"kind": _(labels[key])}, folded=True)], []


def _children(key: str, question: Question, labels: dict[str, str]) -> list[str]:
    return [choice.key for choice in question.choices if choice.parent == key and choice.key in labels]


def _options(key: str, question: Question, labels: dict[str, str], helps: dict[str, str]) -> list[Option]:
    """A choice after all of its kinds; one that has kinds is the one for those who do not know which."""
    below = [option for child in _children(key, question, labels) for option in _options(child, question, labels, helps)]
    return [*below, Option(key, _unsure_kind(labels[key]) if below else _(labels[key]), _(helps.get(key, "")) if helps.get(key) else "")]


def _unsure_kind(label: str) -> str:
    return _("%(kind)s: another kind, or I do not know which") % {"kind": _(label)}
