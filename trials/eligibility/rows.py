"""Rows of different length in flat arrays, and the least of what each row points at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Truths = NDArray[np.int8]


@dataclass(frozen=True)
class Rows:
    """Row ``i`` is ``flat[start[i]:start[i + 1]]``. Rows that are reduced are never empty (``reduceat`` is wrong on empty ones)."""

    flat: Ints
    start: Ints

    @classmethod
    def of(cls, rows: Iterable[Iterable[int]]) -> Rows:
        """The rows, flattened."""
        flat: list[int] = []
        sizes = [0]
        for row in rows:
            flat.extend(row)
            sizes.append(len(flat))
        return cls(np.array(flat, np.int64), np.array(sizes, np.int64))

    def __len__(self) -> int:
        return len(self.start) - 1

    @property
    def sizes(self) -> Ints:
        """How many items each row has."""
        return np.diff(self.start)

    def take(self, rows: Ints) -> Rows:
        """These rows, in this order."""
        first = self.start[rows]
        sizes = self.start[rows + 1] - first
        start = np.zeros(len(rows) + 1, np.int64)
        np.cumsum(sizes, out=start[1:])
        place = np.repeat(first - start[:-1], sizes)
        place += np.arange(len(place))
        return Rows(self.flat.take(place), start)

    def between(self, first: int, last: int) -> Rows:
        """The rows from ``first`` to before ``last``, without copying their items."""
        ends = self.start[first : last + 1]
        return Rows(self.flat[ends[0] : ends[-1]], ends - ends[0])

    def ordered(self, order: Ints) -> Rows:
        """The same rows, the items of each in this order, which names every item that occurs."""
        rank = np.empty(order.max(initial=0) + 1, np.int64)
        rank[order] = np.arange(len(order))
        places = np.repeat(np.arange(len(self)), self.sizes) * len(order) + rank[self.flat]
        places.sort()
        return Rows(order[places % max(1, len(order))], self.start)

    def negated(self) -> Rows:
        """Rows of literals, each of them negated."""
        return Rows(self.flat ^ 1, self.start)

    def least(self, values: Truths) -> Truths:
        """For each row the least of the values that its items point at."""
        return np.minimum.reduceat(values.take(self.flat), self.start[:-1]) if len(self) else np.empty(0, np.int8)

    def most(self, values: Truths) -> Truths:
        """For each row the greatest of the values that its items point at."""
        return np.maximum.reduceat(values[self.flat], self.start[:-1]) if len(self) else np.empty(0, np.int8)
