"""Searching the options of one question page, for those who have no script: what was typed is sent with the page's own form, and kept nowhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _

from .choices import Group, Option
from .searching import LONGEST, Entry, Found, find

FROM = 13
"""A list of at least so many options can be searched."""


@dataclass(frozen=True)
class Elsewhere:
    """Conditions of another area that fit what was typed."""

    area: str
    labels: tuple[str, ...]


@dataclass(frozen=True)
class Search:
    """The search of a page: what was ``typed``, and what was ``found``; None before somebody searched."""

    typed: str = ""
    found: Found | None = None
    elsewhere: Elsewhere | None = None
    everywhere: bool = False
    """Whether other areas are looked through where nothing is found."""

    @property
    def count(self) -> int:
        """How many options were found."""
        return len(self.found.values) if self.found else 0


def search(groups: Sequence[Group], data: Mapping[str, Any] | None) -> Search | None:
    """The search that a page offers, done if somebody asked for it; None for a short list.

    It was asked for with its own button, or with words and no answer. The button alone means nothing where an answer was given: it is the one that the
    Enter key presses.
    """
    if sum(len(group.options) for group in groups) < FROM:
        return None
    if data is None:
        return Search()
    typed, pressed, answered = data.get("words", "").strip()[:LONGEST], "find" in data, bool(data.get("answer"))
    asked = typed and pressed if answered else typed or pressed
    return Search(typed, find(typed, entries(groups)) if asked else None)


def entries(groups: Sequence[Group]) -> list[Entry]:
    """The options of all groups as the search sees them."""
    return [entry for group in groups for entry in group.entries]


def found_first(groups: Sequence[Group], found: Found) -> list[Group]:
    """The options found in a group of their own, best first; the others folded away."""
    options: dict[str, Option] = {option.value: option for group in groups for option in group.options}
    rest = [replace(group, options=tuple(one for one in group.options if one.value not in found.values)) for group in groups]
    folded = [replace(group, folded=True, heading=group.heading or _("The rest of the list")) for group in rest if group.options]
    first = [Group(tuple(options[value] for value in found.values), _("What we found"))] if found.values else []
    return [*first, *folded]
