"""Which trials to show of very many: found from the index alone, so that only those shown are read and explained."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .catalog import Catalog
from .eligibility.index import Matches
from .eligibility.rows import Ints, Rows
from .eligibility.verdicts import Truth, Verdict

LOOKED_AT = 20_000
"""Of more trials that do not fit than these, only so many are looked at for those that come closest."""


@dataclass(frozen=True)
class Limits:
    """At most how many trials are shown of those that fit or may match, and of the others."""

    possible: int
    others: int


def best(catalog: Catalog, matches: Matches, area: str | None, limits: Limits) -> list[str]:
    """The NCT numbers of the trials of an area to show: the best of those that do not fail, then those that fail the fewest criteria."""
    rows = np.concatenate((_possible(catalog, matches.in_area(area), limits.possible), _closest(catalog, matches, area, limits.others)))
    return [str(key) for key in catalog.index.keys[rows]]


def _possible(catalog: Catalog, matches: Matches, most: int) -> Ints:
    """By verdict, then the fewest criteria in doubt, then the most open status."""
    if not len(matches.lanes):
        return matches.lanes
    rows = matches.trials
    doubts = _fewest(matches.rows, matches.truths, Truth.UNKNOWN, matches.owners)
    return _first(rows, most, Verdict.PASSES - matches.of_trials(matches.of_lanes), doubts, catalog.openness[rows])


def _closest(catalog: Catalog, matches: Matches, area: str | None, most: int) -> Ints:
    """By the fewest criteria that do not fit, then the most open status."""
    index = catalog.index
    rows = index.rows_in(area)
    rows = rows[matches.verdicts[rows] == Verdict.FAILS]
    if len(rows) > LOOKED_AT:
        rows = _meeting_anchors(matches, rows, most)[:LOOKED_AT]
    if not len(rows):
        return rows
    owners = index.compiled.owners
    first, after = np.searchsorted(owners, rows), np.searchsorted(owners, rows, "right")
    sizes = after - first
    lanes = np.repeat(first - np.cumsum(sizes) + sizes, sizes) + np.arange(sizes.sum())
    literals, truths = index.compiled.lanes.take(lanes), matches.truths.copy()
    index.fold(truths, literals.flat)
    return _first(rows, most, _fewest(literals, truths, Truth.FALSE, owners[lanes]), catalog.openness[rows])


def _meeting_anchors(matches: Matches, rows: Ints, least: int) -> Ints:
    """Those of the trials which meet what nearly every trial asks (the condition, the age), where there are enough of them."""
    owners = matches.index.compiled.owners
    for question in matches.index.anchors.keys() & matches.known.keys():
        anchor = matches.index.anchors[question]
        meeting = rows[np.isin(rows, owners[anchor.candidates(anchor.left(matches.truths))])]
        if len(meeting) >= least:
            rows = meeting
    return rows


def _fewest(literals: Rows, truths: np.ndarray, truth: Truth, owners: Ints) -> Ints:
    """For each trial how many criteria have this truth, in that of its lanes where they are fewest."""
    counts = np.add.reduceat(truths[literals.flat] == truth, literals.start[:-1], dtype=np.int64)
    return np.minimum.reduceat(counts, np.flatnonzero(np.diff(owners, prepend=-1)))


def _first(rows: Ints, most: int, *ranks: Ints) -> Ints:
    """The first of the rows by these ranks, the weightiest first; among equals by their place, which is that of their NCT numbers."""
    keys = np.zeros(len(rows), np.int64)
    for rank in ranks:
        keys = (keys << 16) + np.minimum(rank.astype(np.int64), 0xFFFF)
    return rows[np.argsort(keys, kind="stable")[:most]]
