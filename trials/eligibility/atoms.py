"""The distinct comparisons with one question, judged together for one answer: each is false (0), unknown (1) or true (2) of the patient.

Numbers are compared exactly and quickly: each limit that a rule names has a place among the question's limits, twice its rank; what lies
between two limits has the odd place between them. So an answer's bounds become two places, and those are small numbers.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .questions import Bound, Interval, Kind, OneOf, Possible, Several
from .rows import Ints, Rows, Truths

Inside = frozenset[str] | Interval | str
"""What an atom compares with: a set of choices, an interval, or the one choice that several must include."""

ONE_OF = (Kind.YES_NO, Kind.CHOICE)

BEYOND = 1 << 30
"""The place of infinity."""

FALSE, UNKNOWN, TRUE = PAIRS = np.array([[0, 2], [1, 1], [2, 0]], np.int8).view(np.uint16).ravel()
"""The truths of a literal and of its negation, which stand side by side, as one number: by the truth of the atom."""


@dataclass(frozen=True)
class Atoms:
    """The atoms ``first`` to before ``last`` of one question. ``names`` are its limits or choices; what the two arrays hold depends on the kind.

    Numbers: the places of each atom's low and high end. One choice: for each choice the atoms that name it, as the rows of ``Rows``.
    Several choices: the place of each atom's choice among ``names``; the second array is empty.
    """

    first: int
    last: int
    kind: Kind
    names: tuple[str, ...]
    one: NDArray[Any]
    two: NDArray[Any]

    @classmethod
    def of(cls, first: int, kind: Kind, insides: Sequence[Inside]) -> Atoms:
        """The atoms of a question of this kind that compare with these."""
        last = first + len(insides)
        if kind is Kind.NUMBER:
            intervals = [inside for inside in insides if isinstance(inside, Interval)]
            limits = sorted({Fraction(bound) for inside in intervals for bound in (inside.low, inside.high) if not math.isinf(bound)})
            ranks: dict[Bound, int] = {limit: rank for rank, limit in enumerate(limits)}
            ends = np.array([_ends(inside, ranks) for inside in intervals], np.int64).reshape(-1, 2)
            return cls(first, last, kind, tuple(map(str, limits)), ends[:, 0].copy(), ends[:, 1].copy())
        if kind is Kind.CHOICES:
            names = tuple(sorted({str(inside) for inside in insides}))
            return cls(first, last, kind, names, np.array([names.index(str(inside)) for inside in insides], np.int64), np.empty(0, np.int64))
        sets = [inside for inside in insides if isinstance(inside, frozenset)]
        names = tuple(sorted(frozenset().union(*sets)))
        naming: dict[str, list[int]] = {name: [] for name in names}
        for place, inside in enumerate(sets):
            for name in inside:
                naming[name].append(place)
        rows = Rows.of(naming.values())
        return cls(first, last, kind, names, rows.flat, rows.start)

    @cached_property
    def naming(self) -> dict[str, Ints]:
        """For each choice the atoms that name it, numbered among all atoms."""
        if self.kind is Kind.CHOICES:
            return {name: self.first + np.flatnonzero(self.one == place) for place, name in enumerate(self.names)}
        flat, ends = self.first + self.one, self.two.tolist()
        return {name: flat[ends[place] : ends[place + 1]] for place, name in enumerate(self.names)}

    @cached_property
    def _limits(self) -> tuple[int, list[int]]:
        """The limits times their common denominator, and that."""
        limits = list(map(Fraction, self.names))
        scale = math.lcm(*(limit.denominator for limit in limits))
        return scale, [int(limit * scale) for limit in limits]

    def place(self, bound: Bound) -> int:
        """The place of a number among the limits."""
        if isinstance(bound, float):
            return BEYOND if bound > 0 else -BEYOND
        scale, limits = self._limits
        whole, rest = divmod(bound.numerator * scale, bound.denominator)
        if rest:
            return 2 * bisect_left(limits, whole + 1) - 1
        rank = bisect_left(limits, whole)
        return 2 * rank if rank < len(limits) and limits[rank] == whole else 2 * rank - 1

    def named(self, possible: Possible) -> tuple[list[Ints], list[Ints]]:
        """The atoms that are true, and those that are unknown, of a patient with these choices; all others are false. Raises ``TypeError``."""
        if isinstance(possible, OneOf) and self.kind in ONE_OF:
            naming = self.naming
            if len(possible.keys) == 1:
                (key,) = possible.keys
                return ([naming[key]] if key in naming else []), []
            held = [naming[key] for key in possible.keys if key in naming]
            if not held:
                return [], []
            those, counts = np.unique(np.concatenate(held), return_counts=True)
            return [those[counts == len(possible.keys)]], [those[counts < len(possible.keys)]]
        if isinstance(possible, Several) and self.kind is Kind.CHOICES:
            naming = self.naming
            return [naming[name] for name in possible.sure if name in naming], [naming[name] for name in possible.maybe - possible.sure if name in naming]
        raise TypeError(f"{possible} does not answer a comparison with a question of kind {self.kind.value}")


def _ends(inside: Interval, ranks: dict[Bound, int]) -> tuple[int, int]:
    low = -BEYOND if inside.low not in ranks else 2 * ranks[inside.low] + inside.low_open
    high = BEYOND if inside.high not in ranks else 2 * ranks[inside.high] - inside.high_open
    return low, high


def in_pairs(truths: Truths) -> NDArray[np.uint16]:
    """The same truths, each literal and its negation as one number (see ``PAIRS``)."""
    return truths[: len(truths) // 2 * 2].view(np.uint16)


def tell(truths: Truths, told: Iterable[tuple[Atoms, Possible]]) -> None:
    """Sets the literals of these atoms for what may be true of the patient. Raises ``TypeError`` for an answer of another kind."""
    pairs = in_pairs(truths)
    numbers: list[tuple[Atoms, int, int]] = []
    true: list[Ints] = []
    unknown: list[Ints] = []
    for atoms, possible in told:
        if atoms.kind is Kind.NUMBER and isinstance(possible, Interval):
            low = atoms.place(possible.low)
            numbers.append((atoms, low, low if possible.high is possible.low else atoms.place(possible.high)))
        else:
            are, may_be = atoms.named(possible)
            pairs[atoms.first : atoms.last] = FALSE
            true += are
            unknown += may_be
    for truth, those in ((TRUE, true), (UNKNOWN, unknown)):
        if those:
            pairs[np.concatenate(those)] = truth
    if numbers:
        _tell_numbers(pairs, numbers)


def _tell_numbers(pairs: NDArray[np.uint16], numbers: Sequence[tuple[Atoms, int, int]]) -> None:
    sizes = [atoms.last - atoms.first for atoms, _, _ in numbers]
    one, two = (np.concatenate([getattr(atoms, name) for atoms, _, _ in numbers]) for name in ("one", "two"))
    low, high = (np.repeat(np.array(ends), sizes) for ends in ([low for _, low, _ in numbers], [high for _, _, high in numbers]))
    inside = (one <= low) & (high <= two)
    meets = (high >= one) & (two >= low)
    told = PAIRS[inside.view(np.int8) + meets.view(np.int8)]
    place = 0
    for (atoms, _, _), size in zip(numbers, sizes, strict=True):
        pairs[atoms.first : atoms.last] = told[place : place + size]
        place += size
