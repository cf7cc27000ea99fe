"""All trials compiled into arrays, so that one patient is judged against every trial at once.

Truth is 0 (false), 1 (unknown) or 2 (true), so *and* is a minimum and *not* is ``2 - x``; a lane's verdict is the least of its literals, a
trial's the best of its lanes. Questions that nearly every trial asks (the condition, the age) give candidates: for each literal of theirs the
lanes that it stands in, so that lanes which that one answer rules out are never touched.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .atoms import FALSE, PAIRS, in_pairs, tell
from .chances import chances
from .compiling import Compiled, Listed, Listing, compile_trials
from .judging import Trial
from .questionnaire import Known, Questionnaire
from .questions import Possible
from .rows import Ints, Rows, Truths
from .verdicts import Truth, Verdict

NEARLY_ALL = 0.9
"""A question that at least this share of the lanes asks is an anchor."""

LOOKED_AT_FIRST = 10
"""So many literals of each lane are looked at, one after the other, before all of them are."""


@dataclass(frozen=True)
class Anchor:
    """A question that nearly every lane asks. Each lane stands with the atoms of that question which must hold in it, or, having none, with its first literal.

    ``lanes`` has a row for each of the question's atoms, ``first`` to before ``last``, then one for each of ``literals``.
    """

    first: int
    last: int
    literals: Ints
    lanes: Rows

    def left(self, truths: Truths) -> Ints:
        """The rows of lanes whose atom or literal is not false."""
        atoms = np.flatnonzero(in_pairs(truths)[self.first : self.last] != FALSE)
        return np.concatenate((atoms, self.last - self.first + np.flatnonzero(truths[self.literals] != Truth.FALSE)))

    def count(self, left: Ints) -> int:
        """How many lanes these rows hold, one that is in several of them counted so often."""
        return int((self.lanes.start[left + 1] - self.lanes.start[left]).sum())

    def candidates(self, left: Ints) -> Ints:
        """The lanes of these rows, in no order, some perhaps several times."""
        return self.lanes.take(left).flat


class Index:
    """The compiled trials. Make one with ``Index.compile`` or ``load``; it is never changed afterwards.

    ``keys`` are the trials' keys, ``incomplete`` tells whose record does not show all criteria, ``areas`` holds the rows of each condition area.
    """

    def __init__(self, questionnaire: Questionnaire, compiled: Compiled, listed: Listed, anchors: dict[str, Anchor]) -> None:
        self.questionnaire, self.compiled, self.anchors = questionnaire, compiled, anchors
        self.keys, self.incomplete, self.areas = listed.keys, listed.incomplete, listed.areas

    @classmethod
    def compile(cls, questionnaire: Questionnaire, trials: Iterable[Trial]) -> Index:
        """The index of these trials, whose rules were read against these questions. The trials are read once, one after the other."""
        listing = Listing()
        compiled = compile_trials(questionnaire, listing.noting(trials))
        compiled = replace(compiled, lanes=compiled.lanes.ordered(_likely_first(compiled, questionnaire)))
        anchors = {question: anchor for question in compiled.atoms if (anchor := _anchor(compiled, question))}
        return cls(questionnaire, compiled, listing.done(), anchors)

    def __len__(self) -> int:
        return len(self.keys)

    def rows_in(self, area: str | None) -> Ints:
        """The rows of the trials of a condition area, or of all trials."""
        return np.arange(len(self.keys)) if area is None else self.areas.get(area, np.empty(0, np.int64))

    @cached_property
    def chances(self) -> NDArray[np.float64]:
        """How often each literal is expected to be false, before anything is known of a patient."""
        return chances(self.compiled, self.questionnaire)

    @cached_property
    def question_of(self) -> Ints:
        """The number of each atom's question, in the order of ``compiled.atoms``."""
        return np.repeat(np.arange(len(self.compiled.atoms)), [atoms.last - atoms.first for atoms in self.compiled.atoms.values()])

    def match(self, known: Known) -> Matches:
        """Judges all trials for a patient of whom this much is known (``Questionnaire.settle``)."""
        truths = self.told(known)
        lanes = self._candidates(truths, known)
        if lanes is None:
            self.fold_all(truths)
            return Matches(self, known, truths, np.arange(len(self.compiled.lanes)), self.compiled.lanes)
        lanes = self._not_ruled_out(truths, lanes)
        rows = self.compiled.lanes.take(lanes)
        self.fold(truths, rows.flat)
        return Matches(self, known, truths, lanes, rows)

    def told(self, known: Mapping[str, Possible]) -> Truths:
        """The truth of each literal for a patient of whom this much is known; groups are left unknown."""
        truths = np.ones(self.compiled.always_unknown + 1, np.int8)
        self._tell(truths, known)
        return truths

    def _tell(self, truths: Truths, known: Mapping[str, Possible]) -> None:
        """Sets the atoms of these questions."""
        atoms = self.compiled.atoms
        tell(truths, ((atoms[question], possible) for question, possible in known.items() if question in atoms))

    def fold_all(self, truths: Truths) -> None:
        """Sets all groups, the shallow ones first."""
        compiled = self.compiled
        for first, last in zip(compiled.levels[:-1].tolist(), compiled.levels[1:].tolist(), strict=True):
            least = compiled.groups.between(first, last).least(truths)
            place = 2 * (compiled.first_group + first), 2 * (compiled.first_group + last)
            truths[place[0] : place[1] : 2] = least
            truths[place[0] + 1 : place[1] : 2] = 2 - least

    def fold(self, truths: Truths, literals: Ints) -> None:
        """Sets the groups among these literals, and what they need."""
        groups = self.compiled.groups_among(literals)
        if len(groups):
            members = self.compiled.groups.take(groups - self.compiled.first_group)
            self.fold(truths, members.flat)
            least = members.least(truths)
            in_pairs(truths)[groups] = PAIRS[least]

    def _candidates(self, truths: Truths, known: Known) -> Ints | None:
        """The lanes that the most telling anchor leaves (see ``Anchor.candidates``); None where most remain."""
        fewest, best = len(self.compiled.lanes) // 4, None
        for question in self.anchors.keys() & known.keys():
            anchor = self.anchors[question]
            left = anchor.left(truths)
            count = anchor.count(left)
            if count < fewest:
                fewest, best = count, (anchor, left)
        if best is None:
            return None
        anchor, left = best
        return anchor.candidates(left)

    def _not_ruled_out(self, truths: Truths, lanes: Ints) -> Ints:
        """Those of these lanes, in order, that none of their first few literals makes false: most others need not be looked at any further."""
        flat, start = self.compiled.lanes.flat, self.compiled.lanes.start
        last = start.take(lanes + 1) - 1
        place = np.minimum(start.take(lanes) + 1, last)  # the first one brought the lane here
        for _ in range(LOOKED_AT_FIRST):
            left = np.flatnonzero(truths.take(flat.take(place)) != Truth.FALSE)
            lanes, last = lanes.take(left), last.take(left)
            place = np.minimum(place.take(left) + 1, last)
        lanes.sort()
        return lanes[np.diff(lanes, prepend=-1) > 0]


def _likely_first(compiled: Compiled, questionnaire: Questionnaire) -> Ints:
    """All literals, in the order in which a lane should look at them: comparisons that are likely to be false first, groups last."""
    false = chances(compiled, questionnaire)
    false[2 * compiled.first_group :] = 0
    return np.argsort(-false, kind="stable")


def _anchor(compiled: Compiled, question: str) -> Anchor | None:
    """The anchor that this question is, if nearly every lane has a literal of its own about it."""
    atoms, lanes = compiled.atoms[question], compiled.lanes
    place = np.flatnonzero((lanes.flat >= 2 * atoms.first) & (lanes.flat < 2 * atoms.last))
    if len(place) < NEARLY_ALL * len(lanes):
        return None
    place = place[lanes.flat[place] % 2 == 0]
    of_lane = np.searchsorted(lanes.start, place, "right") - 1
    asks = np.zeros(len(lanes), bool)
    asks[of_lane] = True
    if asks.sum() < NEARLY_ALL * len(lanes):
        return None
    others = np.flatnonzero(~asks)
    literals, of_others = np.unique(lanes.flat[lanes.start[others]], return_inverse=True)
    size = atoms.last - atoms.first
    under = np.concatenate((lanes.flat[place] // 2 - atoms.first, size + of_others))
    standing = np.concatenate((of_lane, others))[np.argsort(under, kind="stable")]
    start = np.searchsorted(np.sort(under), np.arange(size + len(literals) + 1))
    return Anchor(atoms.first, atoms.last, literals, Rows(standing, start))


class Matches:
    """One patient against all trials, or those of an area. Only the lanes that do not fail are kept: ``lanes`` are their numbers, ``rows`` their literals."""

    area: str | None = None
    """The condition area that it keeps to."""

    def __init__(self, index: Index, known: Known, truths: Truths, lanes: Ints, rows: Rows) -> None:
        self.index, self.known, self.truths = index, known, truths
        verdicts = rows.least(truths)
        self._judged, self._alive = rows, np.flatnonzero(verdicts)
        self.lanes, self.of_lanes = lanes[self._alive], verdicts[self._alive]
        self.owners = index.compiled.owners[self.lanes]

    @cached_property
    def rows(self) -> Rows:
        """The literals of each lane that does not fail."""
        return self._judged if len(self._alive) == len(self._judged) else self._judged.take(self._alive)

    @cached_property
    def verdicts(self) -> Truths:
        """One verdict a trial, in the order of ``index.keys``."""
        verdicts = np.full(len(self.index), Verdict.FAILS, np.int8)
        verdicts[self.trials] = self.of_trials(self.of_lanes)
        return verdicts

    @cached_property
    def _first_lanes(self) -> Ints:
        return np.flatnonzero(np.diff(self.owners, prepend=-1))

    @property
    def lanes_a_trial(self) -> Ints:
        """How many lanes of each trial that does not fail are left."""
        return np.diff(np.append(self._first_lanes, len(self.lanes)))

    @property
    def trials(self) -> Ints:
        """The rows of the trials that do not fail."""
        return self.owners[self._first_lanes]

    def of_trials(self, of_lanes: Truths) -> Truths:
        """The best of the lanes of each trial that does not fail; at most UNKNOWN where its record does not show all criteria."""
        if not len(of_lanes):
            return of_lanes
        best = np.maximum.reduceat(of_lanes, self._first_lanes)
        capped: Truths = np.where(self.index.incomplete[self.trials], np.minimum(best, Verdict.UNKNOWN), best)
        return capped

    def in_area(self, area: str | None) -> Matches:
        """The same, with the trials of an area alone."""
        if area in (None, self.area):
            return self
        inside = self._with(np.isin(self.owners, self.index.rows_in(area)))
        inside.area = area
        return inside

    def every(self, step: int) -> Matches:
        """The same, with every so many-th trial that does not fail."""
        chosen = np.zeros(len(self.trials), bool)
        chosen[::step] = True
        return self._with(np.repeat(chosen, self.lanes_a_trial))

    def _with(self, lanes: NDArray[np.bool_]) -> Matches:
        left = np.flatnonzero(lanes)
        return Matches(self.index, self.known, self.truths, self.lanes[left], self.rows.take(left))

    def answer(self, known: Known) -> Matches:
        """The same patient, of whom more is known: only lanes that are still open are judged again."""
        changed = {question: possible for question, possible in known.items() if self.known.get(question) != possible}
        if changed.keys() & self.known.keys() or self.known.keys() - known.keys():
            return self.index.match(known).in_area(self.area)
        truths = self.truths.copy()
        self.index._tell(truths, changed)
        self.index.fold(truths, self.rows.flat)
        answered = Matches(self.index, known, truths, self.lanes, self.rows)
        answered.area = self.area
        return answered
