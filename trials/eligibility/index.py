"""All trials compiled into arrays, so that one patient is judged against every trial at once.

Each distinct comparison of all rules is an *atom*, evaluated once per patient to 0 (false), 1 (unknown) or 2 (true). A *literal* is
``2 * atom``, or ``2 * atom + 1`` for its negation. A *group* is an all-of over literals, numbered behind the atoms; an any-of is the
negation of an all-of over negations. So *and* is a minimum, *not* is ``2 - x``, and ``minimum.reduceat`` does everything.
A *lane* is a cohort with the criteria common to all (or the whole trial, where it has no cohorts): the minimum of its literals.
A trial's verdict is the best of its lanes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .judging import Criterion, Trial, includes, inside_interval, inside_set
from .questionnaire import Known, Questionnaire
from .questions import Interval, OneOf, Possible, Several
from .rules import And, Comparison, Not, Rule
from .verdicts import Truth, Verdict, apply_polarity

Ints = NDArray[np.int64]
Inside = frozenset[str] | Interval | str
"""What an atom compares with: a set of choices, an interval, or the one choice that several must include."""

FIRST_GROUP = 1 << 40
"""Groups are numbered from here while compiling, until the number of atoms is known."""


@dataclass(frozen=True)
class Rows:
    """Rows of different length in one flat array: row ``i`` is ``flat[start[i]:start[i + 1]]``. No row is empty."""

    flat: Ints
    start: Ints

    @classmethod
    def of(cls, rows: Iterable[Iterable[int]]) -> Rows:
        """The rows, flattened."""
        listed = [list(row) for row in rows]
        flat = np.array([item for row in listed for item in row], np.int64)
        return cls(flat, np.concatenate(([0], np.cumsum([len(row) for row in listed], dtype=np.int64))))

    def least(self, values: NDArray[np.int8], first: int = 0, last: int | None = None) -> NDArray[np.int8]:
        """For each row from ``first`` to before ``last``, the least of the values that its items point at."""
        ends = self.start[first : len(self.start) if last is None else last + 1]
        if len(ends) < 2:
            return np.empty(0, np.int8)
        return np.minimum.reduceat(values[self.flat[ends[0] : ends[-1]]], ends[:-1] - ends[0])


class _Compiler:
    """Numbers the distinct atoms and groups of all rules."""

    def __init__(self) -> None:
        self.atoms: dict[tuple[str, Inside], int] = {}
        self.groups: dict[tuple[int, ...], int] = {}
        self.depths: list[int] = []

    def literal(self, rule: Rule) -> int:
        match rule:
            case Comparison():
                return self._comparison(rule)
            case Not():
                return self.literal(rule.rule) ^ 1
            case And():
                return self._all_of(self.literal(part) for part in rule.rules)
            case _:
                return self._all_of(self.literal(part) ^ 1 for part in rule.rules) ^ 1

    def _comparison(self, rule: Comparison) -> int:
        match rule.operator:
            case "includes" | "includes any of":
                return self._all_of(self._atom(rule.question, name) ^ 1 for name in rule.names) ^ 1
            case "includes all of":
                return self._all_of(self._atom(rule.question, name) for name in rule.names)
        return self._atom(rule.question, rule.inside) ^ rule.negated

    def _atom(self, question: str, inside: Inside) -> int:
        return 2 * self.atoms.setdefault((question, inside), len(self.atoms))

    def _all_of(self, literals: Iterable[int]) -> int:
        members = tuple(sorted(set(literals)))
        if len(members) == 1:
            return members[0]
        if members not in self.groups:
            self.groups[members] = len(self.groups)
            inner = (self.depths[(literal - FIRST_GROUP) >> 1] for literal in members if literal >= FIRST_GROUP)
            self.depths.append(1 + max(inner, default=0))
        return FIRST_GROUP + 2 * self.groups[members]


class Index:
    """The compiled trials. Make one with ``Index.compile``; it is never changed afterwards."""

    def __init__(self, questionnaire: Questionnaire, trials: tuple[Trial, ...]) -> None:
        self.questionnaire = questionnaire
        self.trials = trials
        compiler = _Compiler()
        lanes, owners = [], []
        for row, trial in enumerate(trials):
            for cohort in trial.cohorts or (None,):
                owners.append(row)
                lanes.append({literal_of(criterion, compiler) for criterion in trial.criteria if criterion.rule and criterion.cohort in (None, cohort)})
        self.atoms = list(compiler.atoms)
        self.atoms_of: dict[str, list[int]] = defaultdict(list)
        for atom, (question, _) in enumerate(self.atoms):
            self.atoms_of[question].append(atom)
        order = np.argsort(np.array(compiler.depths, np.int64), kind="stable")
        self._place = np.empty(len(order), np.int64)
        self._place[order] = np.arange(len(order)) + len(self.atoms)
        members = list(compiler.groups)
        self.groups = Rows.of(self._renumber(members[group]) for group in order)
        depths = np.array(compiler.depths, np.int64)[order]
        self.levels = np.searchsorted(depths, np.arange(1, (depths.max() if len(depths) else 0) + 2))
        # A lane without a judged criterion is UNKNOWN: it points at one literal behind all others, which is always unknown.
        self.always_unknown = 2 * (len(self.atoms) + len(members))
        self.lanes = Rows.of(self._renumber(lane) if lane else [self.always_unknown] for lane in lanes)
        self.lane_owner = np.array(owners, np.int64)
        self.trial_start = np.flatnonzero(np.diff(self.lane_owner, prepend=-1))
        self.chances: dict[int, float] = {}
        """How often each literal is expected to be false: filled by ``asking`` as it needs them."""
        self.incomplete = np.array([not trial.complete for trial in trials], bool)

    @classmethod
    def compile(cls, questions: Questionnaire, trials: Iterable[Trial]) -> Index:
        """The index of these trials, whose rules were read against these questions."""
        return cls(questions, tuple(trials))

    def _renumber(self, literals: Iterable[int]) -> list[int]:
        """Literals with each group at its final place: behind the atoms, shallow groups first."""
        return [2 * int(self._place[(literal - FIRST_GROUP) >> 1]) + (literal & 1) if literal >= FIRST_GROUP else literal for literal in literals]

    def rows_in(self, area: str | None) -> Ints:
        """The rows of the trials of a condition area, or of all trials."""
        return np.array([row for row, trial in enumerate(self.trials) if area is None or area in trial.areas], np.int64)

    def match(self, known: Known) -> Matches:
        """Judges all trials for a patient of whom this much is known (``Questionnaire.settle``)."""
        return Matches(self, known, self._truths(known))

    def _truths(self, known: Mapping[str, Possible]) -> NDArray[np.int8]:
        """The truth of each literal."""
        truths = np.ones(self.always_unknown + 1, np.int8)
        for question, possible in known.items():
            for atom in self.atoms_of.get(question, ()):
                truth = _truth_of_atom(self.atoms[atom][1], possible)
                truths[2 * atom] = truth
                truths[2 * atom + 1] = ~truth
        first_group = len(self.atoms)
        for first, last in zip(self.levels[:-1], self.levels[1:], strict=True):
            least = self.groups.least(truths, int(first), int(last))
            place = slice(2 * (first_group + int(first)), 2 * (first_group + int(last)), 2)
            truths[place] = least
            truths[place.start + 1 : place.stop : 2] = 2 - least
        return truths


def literal_of(criterion: Criterion, compiler: _Compiler) -> int:
    """The literal that is true where the criterion passes."""
    assert criterion.rule is not None
    literal = compiler.literal(criterion.rule)
    return literal if apply_polarity(criterion.kind, Truth.TRUE) is Verdict.PASSES else literal ^ 1


def _truth_of_atom(inside: Inside, possible: Possible) -> Truth:
    match inside, possible:
        case Interval(), Interval():
            return inside_interval(inside, possible)
        case frozenset(), OneOf():
            return inside_set(inside, possible)
        case str(), Several():
            return includes(inside, possible)
    raise TypeError(f"{possible} does not answer a comparison with {inside}")


class Matches:
    """One patient against all trials. ``verdicts`` holds one verdict a trial, in the order of ``index.trials``."""

    def __init__(self, index: Index, known: Known, truths: NDArray[np.int8]) -> None:
        self.index = index
        self.known = known
        self.truths = truths
        self.lanes = index.lanes.least(truths)
        self.verdicts = self._of_trials(self.lanes)

    def open_literals(self, rows: Ints, closed: Set[str]) -> dict[int, int]:
        """The literals that an answer can still settle, and with them one of these trials; each with the number of lanes it stands in.

        ``closed`` are the questions that are not asked (again): what is unknown because of them stays unknown. Lanes that fail are past
        help. A trial matters while its best possible verdict is above its worst possible one.
        """
        index, changeable = self.index, self._changeable(closed)
        worst, best = self._bounds(changeable)
        undecided = np.zeros(len(index.trials), bool)
        undecided[rows] = worst[rows] < best[rows]
        lanes = undecided[index.lane_owner] & (self.lanes == Verdict.UNKNOWN)
        flat = index.lanes.flat[np.repeat(lanes, np.diff(index.lanes.start))]
        literals, counts = np.unique(flat[changeable[flat] == 1], return_counts=True)
        return dict(zip(literals.tolist(), counts.tolist(), strict=True))

    def _changeable(self, closed: Set[str]) -> NDArray[np.int8]:
        """1 for each literal that is unknown and that some answer may yet decide."""
        index = self.index
        changeable: NDArray[np.int8] = (self.truths == Truth.UNKNOWN).astype(np.int8)
        changeable[index.always_unknown] = 0
        for question in closed:
            for atom in index.atoms_of.get(question, ()):
                changeable[2 * atom : 2 * atom + 2] = 0
        for first, last in zip(index.levels[:-1], index.levels[1:], strict=True):
            place = slice(2 * (len(index.atoms) + int(first)), 2 * (len(index.atoms) + int(last)))
            open_members = -index.groups.least(-changeable, int(first), int(last))
            changeable[place] = np.repeat(open_members, 2) & changeable[place]
        return changeable

    def _bounds(self, changeable: NDArray[np.int8]) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
        """The worst and the best verdict that each trial can still come to."""
        index = self.index
        if not len(self.lanes):
            return self.lanes, self.lanes
        can_change = -index.lanes.least(-changeable) == 1
        stuck = ((self.truths == Truth.UNKNOWN) & (changeable == 0)).astype(np.int8)
        stays_unknown = -index.lanes.least(-stuck) == 1
        is_open = self.lanes == Verdict.UNKNOWN
        worst = np.where(is_open & can_change, Verdict.FAILS, self.lanes)
        best = np.where(is_open & can_change & ~stays_unknown, Verdict.PASSES, self.lanes)
        return self._of_trials(worst), self._of_trials(best)

    def _of_trials(self, lanes: NDArray[np.int8]) -> NDArray[np.int8]:
        """The best of each trial's lanes, at most UNKNOWN where its record does not show all criteria."""
        best = np.maximum.reduceat(lanes, self.index.trial_start) if len(lanes) else lanes
        capped: NDArray[np.int8] = np.where(self.index.incomplete, np.minimum(best, Verdict.UNKNOWN), best)
        return capped
