"""Trials -> rows of numbers. Every distinct comparison is an *atom*; a *literal* is ``2 * atom``, or ``2 * atom + 1`` for its negation.

A *group* is an all-of over literals, numbered behind the atoms; an any-of is the negation of an all-of over negations. A *lane* is a cohort
with the criteria common to all, or the whole trial where it has no cohorts: an all-of over its criteria.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .atoms import Atoms, Inside
from .judging import Criterion, Trial
from .questionnaire import Questionnaire
from .rows import Ints, Rows
from .rules import And, Comparison, Not, Rule
from .verdicts import CriterionKind, Truth, Verdict, apply_polarity

FIRST_GROUP = 1 << 40
"""Groups are numbered from here until the number of atoms is known."""


@dataclass
class Compiler:
    """Numbers the atoms and groups of all rules, each distinct one once."""

    atoms: dict[tuple[str, Inside], int] = field(default_factory=dict)
    groups: dict[tuple[int, ...], int] = field(default_factory=dict)
    depths: list[int] = field(default_factory=list)
    known: dict[int, tuple[int, int]] = field(default_factory=dict)
    """Rules seen before, by identity, since trials that say the same share the rule: the literals of the inclusion and the exclusion that have it."""

    kept: list[Rule] = field(default_factory=list)
    """The same rules, so that no other gets the identity of one of them."""

    def lane(self, criteria: Iterable[Criterion]) -> set[int]:
        """The literals that are true where these criteria pass; criteria without a rule are left out."""
        lane = set()
        for criterion in criteria:
            rule = criterion.rule
            if rule is not None:
                known = self.known.get(id(rule)) or self._learn(rule)
                lane.add(known[criterion.kind is CriterionKind.EXCLUSION])
        return lane

    def _learn(self, rule: Rule) -> tuple[int, int]:
        literal = self.literal(rule)
        as_inclusion, as_exclusion = (literal ^ (apply_polarity(kind, Truth.TRUE) is not Verdict.PASSES) for kind in CriterionKind)
        self.known[id(rule)] = as_inclusion, as_exclusion
        self.kept.append(rule)
        return as_inclusion, as_exclusion

    def literal(self, rule: Rule) -> int:
        """The literal of a rule."""
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


@dataclass(frozen=True)
class Compiled:
    """The rules of all trials. Groups of one depth stand side by side: those of depth ``d`` begin at ``levels[d - 1]``, counted from the first group."""

    atoms: dict[str, Atoms]
    groups: Rows
    levels: Ints
    lanes: Rows
    owners: Ints

    @cached_property
    def first_group(self) -> int:
        """How many atoms there are."""
        return max((atoms.last for atoms in self.atoms.values()), default=0)

    @property
    def always_unknown(self) -> int:
        """The literal behind all others, which stands in lanes without a judged criterion."""
        return 2 * (self.first_group + len(self.groups))

    def groups_among(self, literals: Ints) -> Ints:
        """The groups that these literals are, numbered as in literals. One that is there several times stays so: to find that out costs more."""
        found = literals[literals >= 2 * self.first_group]
        return found[found < self.always_unknown] >> 1


@dataclass(frozen=True)
class Listed:
    """What an index knows of each trial beside its rules: its key, whether its record hides criteria, and the rows of each condition area."""

    keys: NDArray[np.str_]
    incomplete: NDArray[np.bool_]
    areas: dict[str, Ints]


@dataclass
class Listing:
    """Notes of each trial what an index needs, while the trials pass by."""

    keys: list[str] = field(default_factory=list)
    incomplete: list[bool] = field(default_factory=list)
    areas: dict[str, list[int]] = field(default_factory=dict)

    def noting(self, trials: Iterable[Trial]) -> Iterator[Trial]:
        """The same trials."""
        for row, trial in enumerate(trials):
            self.keys.append(trial.key)
            self.incomplete.append(not trial.complete)
            for slug in trial.areas:
                self.areas.setdefault(slug, []).append(row)
            yield trial

    def done(self) -> Listed:
        """All that was noted."""
        areas = {slug: np.array(rows, np.int64) for slug, rows in sorted(self.areas.items())}
        return Listed(np.array(self.keys, np.str_), np.array(self.incomplete, bool), areas)


def compile_trials(questionnaire: Questionnaire, trials: Iterable[Trial]) -> Compiled:
    """The trials as rows, their atoms question by question."""
    compiler = Compiler()
    flat: list[int] = []
    starts, owners = [0], []
    for row, trial in enumerate(trials):
        for lane in _lanes(trial, compiler):
            flat.extend(lane or (-1,))
            starts.append(len(flat))
            owners.append(row)
    return _numbered(compiler, questionnaire, Rows(np.array(flat, np.int64), np.array(starts, np.int64)), np.array(owners, np.int64))


def _lanes(trial: Trial, compiler: Compiler) -> list[set[int]]:
    if not trial.cohorts:
        return [compiler.lane(trial.criteria)]
    return [compiler.lane(criterion for criterion in trial.criteria if criterion.cohort in (None, cohort)) for cohort in trial.cohorts]


def _numbered(compiler: Compiler, questionnaire: Questionnaire, lanes: Rows, owners: Ints) -> Compiled:
    """Gives atoms and groups their final places: atoms question by question, groups behind them, shallow ones first."""
    by_question: dict[str, list[tuple[int, Inside]]] = {}
    for (question, inside), atom in compiler.atoms.items():
        by_question.setdefault(question, []).append((atom, inside))
    atoms: dict[str, Atoms] = {}
    place_of_atom = np.empty(len(compiler.atoms), np.int64)
    first = 0
    for question, members in by_question.items():
        atoms[question] = Atoms.of(first, questionnaire[question].kind, [inside for _, inside in members])
        place_of_atom[[atom for atom, _ in members]] = np.arange(first, first + len(members))
        first += len(members)
    depths = np.array(compiler.depths, np.int64)
    order = np.argsort(depths, kind="stable")
    place_of_group = np.empty(len(order), np.int64)
    place_of_group[order] = np.arange(len(order)) + len(place_of_atom)
    unknown = 2 * (len(place_of_atom) + len(order))

    def numbered(literals: Ints) -> Ints:
        is_group = literals >= FIRST_GROUP
        of_groups = literals[is_group] - FIRST_GROUP
        out = np.where(literals < 0, unknown, literals)
        plain = ~is_group & (literals >= 0)
        out[plain] = 2 * place_of_atom[literals[plain] >> 1] + (literals[plain] & 1)
        out[is_group] = 2 * place_of_group[of_groups >> 1] + (of_groups & 1)
        return out

    members_of = list(compiler.groups)
    groups = Rows.of(members_of[group] for group in order)
    levels = np.searchsorted(depths[order], np.arange(1, (depths.max() if len(depths) else 0) + 2))
    return Compiled(atoms, Rows(numbered(groups.flat), groups.start), levels, Rows(numbered(lanes.flat), lanes.start), owners)
