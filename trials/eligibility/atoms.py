"""The distinct comparisons with one question, judged together for one answer: each is false (0), unknown (1) or true (2) of the patient.

Numbers are compared exactly and quickly: each limit that a rule names has a place among the question's limits, twice its rank; what lies
between two limits has the odd place between them. So an answer's bounds become two places, found by bisection with exact fractions.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .questions import Bound, Interval, Kind, OneOf, Possible, Several
from .rows import Rows, Truths

Inside = frozenset[str] | Interval | str
"""What an atom compares with: a set of choices, an interval, or the one choice that several must include."""

BEYOND = 1 << 30
"""The place of infinity."""


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
            bounds = [(inside.low, inside.high) for inside in insides if isinstance(inside, Interval)]
            limits = sorted({Fraction(bound) for pair in bounds for bound in pair if not math.isinf(bound)})
            ends = np.array([_ends(inside, limits) for inside in insides if isinstance(inside, Interval)], np.int64).reshape(-1, 2)
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

    def truths(self, possible: Possible) -> Truths:
        """The truth of each atom for what may be true of the patient."""
        match self.kind, possible:
            case Kind.NUMBER, Interval():
                low, high = self._place(possible.low, -BEYOND), self._place(possible.high, BEYOND)
                inside = (self.one <= low) & (high <= self.two)
                outside = (high < self.one) | (self.two < low)
                numbers: Truths = 1 + inside.astype(np.int8) - outside.astype(np.int8)
                return numbers
            case Kind.CHOICES, Several():
                of_names = np.array([2 if name in possible.sure else 1 if name in possible.maybe else 0 for name in self.names], np.int8)
                names: Truths = of_names[self.one]
                return names
            case ((Kind.YES_NO | Kind.CHOICE), OneOf()):
                named = [self._places[key] for key in possible.keys if key in self._places]
                held = np.bincount(Rows(self.one, self.two).take(np.array(named, np.int64)).flat, minlength=self.last - self.first)
                chosen: Truths = ((held > 0).astype(np.int8) + (held == len(possible.keys))).astype(np.int8)
                return chosen
        raise TypeError(f"{possible} does not answer a comparison with a question of kind {self.kind.value}")

    @cached_property
    def _places(self) -> dict[str, int]:
        return {name: place for place, name in enumerate(self.names)}

    @cached_property
    def _limits(self) -> tuple[Fraction, ...]:
        return tuple(map(Fraction, self.names))

    def _place(self, bound: Bound, beyond: int) -> int:
        if math.isinf(bound):
            return beyond
        rank = bisect_left(self._limits, bound)
        return 2 * rank if rank < len(self._limits) and self._limits[rank] == bound else 2 * rank - 1


def _ends(inside: Interval, limits: Sequence[Fraction]) -> tuple[int, int]:
    low = -BEYOND if math.isinf(inside.low) else 2 * bisect_left(limits, inside.low) + inside.low_open
    high = BEYOND if math.isinf(inside.high) else 2 * bisect_left(limits, inside.high) - inside.high_open
    return low, high
