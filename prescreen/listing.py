"""The public listing: pages of trials, narrowed by plain links. Each link says how many trials it leads to, and each choice can be taken back."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, reduce
from typing import NamedTuple
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import Q, TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from trials.models import Approach, Condition, ConditionArea, Delivery, Trial
from trials.vocabulary import OPEN_STATUSES

from .trial_facts import checked_text

PAGE = 50
MOST_WORDS = 8
"""So many words of a search count."""

OPEN, NOT_KNOWN, CLOSED = "yes", "unknown", "no"

Numbers = frozenset[int] | set[int]
"""Trials, by their primary keys."""


class Link(NamedTuple):
    """One choice: its words, how many trials it leaves, and its address."""

    label: str
    count: int
    address: str
    is_chosen: bool


class Narrowing(NamedTuple):
    """One way to narrow the list; ``is_open`` ones show their choices at once."""

    title: str
    is_open: bool
    links: tuple[Link, ...]


class Choice(NamedTuple):
    """Something that was chosen or searched for, and the address that takes it back."""

    title: str
    label: str
    without: str


@dataclass(frozen=True)
class Listing:
    """One page of the listing. ``trials`` come with the words about when each was checked; ``hidden`` is what a search is to keep."""

    trials: tuple[tuple[Trial, str], ...]
    page: Page
    narrowings: tuple[Narrowing, ...]
    choices: tuple[Choice, ...]
    words: str
    hidden: tuple[tuple[str, str], ...]
    earlier: str
    later: str

    @property
    def is_whole(self) -> bool:
        """Whether this is the listing as search engines may show it: all trials, from the first."""
        return not self.choices and self.page.number == 1


class _Asked(NamedTuple):
    """What an address asks for: the values chosen, by narrowing, and the words searched for."""

    chosen: dict[str, str]
    words: str

    def address(self, page: int = 1, **changed: str) -> str:
        """The address of this, with some values changed ("" takes one back)."""
        query = {name: value for name, value in {**self.chosen, "q": self.words, **changed, "page": page if page > 1 else ""}.items() if value}
        return "?" + urlencode(query) if query else "."


class _Trials(NamedTuple):
    """The published trials in the order of the listing, and for each narrowing which of them have which value."""

    order: list[int]
    having: dict[str, dict[str, set[int]]]


def build(asked: Mapping[str, str], today: date) -> Listing:
    """The page of the listing that an address asks for, on this day. What it asks for in vain leaves no trials; for a page that is not there comes the last."""
    labels = _labels()
    conditions = list(Condition.objects.values_list("key", "label", "synonyms", "parent__key"))
    labels["condition"] = {key: _(label) for key, label, _synonyms, _parent in sorted(conditions, key=lambda row: row[1].lower())}
    trials = _read({key: parent for key, _label, _synonyms, parent in conditions})
    labels["country"] = {name: _(name) for name in sorted(trials.having["country"])}
    chosen = {name: asked[name].strip()[:100] for name in labels if asked.get(name, "").strip()}
    wanted = _Asked(chosen, " ".join(asked.get("q", "").split()[:MOST_WORDS])[:100])

    searched = _with_words(wanted.words, trials, [(key, f"{label} {' '.join(synonyms)}") for key, label, synonyms, _parent in conditions])
    left = {name: trials.having[name].get(value, frozenset()) for name, value in chosen.items()}
    numbers = _all_of(searched, *left.values())
    page = Paginator([number for number in trials.order if number in numbers], PAGE).get_page(asked.get("page"))
    return Listing(
        trials=tuple((trial, checked_text(trial, today)) for trial in _shown(page)),
        page=page,
        narrowings=tuple(
            Narrowing(
                TITLES[name](),
                name in ("area", "open") or name in chosen,
                _links(name, labels[name], _counts(trials.having[name], _all_of(searched, *(left[other] for other in left if other != name))), wanted),
            )
            for name in TITLES
        ),
        choices=_choices(wanted, labels),
        words=wanted.words,
        hidden=tuple(chosen.items()),
        earlier=wanted.address(page.number - 1) if page.has_previous() else "",
        later=wanted.address(page.number + 1) if page.has_next() else "",
    )


TITLES = {
    "area": lambda: _("Condition area"),
    "open": lambda: _("Status"),
    "condition": lambda: _("Condition"),
    "phase": lambda: _("Phase"),
    "approach": lambda: _("Approach"),
    "delivery": lambda: _("Where genes are changed"),
    "country": lambda: _("Country"),
}
"""The narrowings, in order."""


def _labels() -> dict[str, dict[str, str]]:
    """The words of each value, in order; those of conditions and countries come from the records."""
    return {
        "area": {area.slug: _(area.name) for area in ConditionArea.objects.all()},
        "open": {OPEN: _("Open"), NOT_KNOWN: _("Status not known"), CLOSED: _("Closed")},
        "phase": {"EARLY_PHASE1": _("Early phase 1"), **{f"PHASE{number}": _("Phase %(number)s") % {"number": number} for number in "1234"}},
        "approach": {value: str(label).split(":")[0] for value, label in Approach.choices},
        "delivery": {value: str(label) for value, label in Delivery.choices},
    }


def _read(parents: Mapping[str, str | None]) -> _Trials:
    """All published trials, of each only what the list is narrowed and sorted by. A condition has the trials of its kinds as well."""
    having: dict[str, dict[str, set[int]]] = {name: defaultdict(set) for name in TITLES}
    published = Trial.objects.published().order_by()
    ranks = {}
    phases_of = cache(json.loads)  # few differ, and reading each anew would take longer than the query
    rows = published.annotate(phases=Cast("phase", TextField())).values_list("pk", "title", "status", "approach", "delivery", "phases")
    for number, title, status, approach, delivery, phases in rows:
        openness = OPEN if status in OPEN_STATUSES else NOT_KNOWN if status == "UNKNOWN" else CLOSED
        for name, values in (("open", [openness]), ("approach", [approach]), ("delivery", [delivery]), ("phase", phases_of(phases))):
            for value in values:
                having[name][value].add(number)
        ranks[number] = ((OPEN, NOT_KNOWN, CLOSED).index(openness), title.lower(), number)
    for number, slug in published.values_list("pk", "areas__slug"):
        having["area"][slug].add(number)
    for number, key in published.values_list("pk", "conditions__key"):
        for kind in _line(key, parents):
            having["condition"][kind].add(number)
    for number, country in published.exclude(sites__country="").values_list("pk", "sites__country").distinct():
        having["country"][country].add(number)
    having["country"].pop(None, None)
    return _Trials(sorted(ranks, key=ranks.__getitem__), having)


def _line(key: str | None, parents: Mapping[str, str | None]) -> Iterator[str]:
    """A condition and all that it is a kind of."""
    while key:
        yield key
        key = parents.get(key)


def _with_words(words: str, trials: _Trials, conditions: list[tuple[str, str]]) -> Numbers:
    """The trials that have each word somewhere in what the page shows of them, or in other names of their condition."""
    found = [frozenset(trials.order)]
    searched = Trial.objects.published().order_by().annotate(genes_text=Cast("genes", TextField()), names_text=Cast("condition_names", TextField()))
    for word in words.split():
        own = ("title", "summary", "nct_id", "sponsor", "vector", "genes_text", "names_text")
        here = searched.filter(reduce(Q.__or__, (Q(**{f"{column}__icontains": word}) for column in own))).values_list("pk", flat=True)
        by_condition = (trials.having["condition"].get(key, ()) for key, names in conditions if word.lower() in names.lower())
        found.append(frozenset(here).union(*by_condition))
    return _all_of(*found)


def _all_of(*sets: Numbers) -> frozenset[int]:
    return frozenset.intersection(*(frozenset(numbers) for numbers in sets))


def _shown(page: Page) -> list[Trial]:
    """The trials of one page, in its order."""
    found = Trial.objects.published().defer("registry", "suggestions", "differences", "source").prefetch_related("areas").in_bulk(list(page))
    return [found[number] for number in page if number in found]


def _counts(having: Mapping[str, set[int]], left: Numbers) -> dict[str, int]:
    """How many of the trials that everything else leaves have each value."""
    return {value: len(left & numbers) for value, numbers in having.items()}


def _links(name: str, labels: Mapping[str, str], counts: Mapping[str, int], wanted: _Asked) -> tuple[Link, ...]:
    """The choices of a narrowing; those that would leave nothing are left out."""
    return tuple(
        Link(label, counts.get(value, 0), wanted.address(**{name: value}), wanted.chosen.get(name) == value)
        for value, label in labels.items()
        if counts.get(value) or wanted.chosen.get(name) == value
    )


def _choices(wanted: _Asked, labels: Mapping[str, Mapping[str, str]]) -> tuple[Choice, ...]:
    found = [Choice(TITLES[name](), labels[name].get(value, value), wanted.address(**{name: ""})) for name, value in wanted.chosen.items()]
    if wanted.words:
        found.append(Choice(_("Search"), _("“%(words)s”") % {"words": wanted.words}, wanted.address(q="")))
    return tuple(found)
