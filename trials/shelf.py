"""The trials that pages show, read from the database when they are first asked for. At most so many are kept, however many there are."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

import numpy as np

from . import models
from .eligibility import judging

T = TypeVar("T")

MOST = 400
"""At most so many trials are kept: several pages of results. Those that nobody asked for longest go first."""


@dataclass(frozen=True)
class Kept:
    """One trial with its parts, and as the engine knows it."""

    listing: models.Trial
    judged: judging.Trial


Load = Callable[[Collection[str]], Iterable[Kept]]
"""Reads trials by their NCT numbers."""


class Shelf:
    """Trials by NCT number. ``load`` reads all that are missing at once."""

    def __init__(self, load: Load, most: int = MOST) -> None:
        self._load, self._most = load, most
        self._kept: OrderedDict[str, Kept] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._kept)

    def without(self, changed: Collection[int] | None) -> Shelf:
        """A shelf with the same trials, but for those that changed, by their keys in the database; None for all."""
        made = Shelf(self._load, self._most)
        if changed is not None:
            with self._lock:
                made._kept = OrderedDict((number, kept) for number, kept in self._kept.items() if kept.listing.pk not in changed)
        return made

    def read_ahead(self, numbers: Iterable[str], count: int) -> None:
        """Reads the first few of these trials that are not kept yet, as far as there is room, so that they can be shown without the database."""
        missing = (number for number in numbers if number not in self._kept)
        self.take(list(islice(missing, max(0, min(count, self._most - len(self))))))

    def take(self, numbers: Collection[str]) -> dict[str, Kept]:
        """These trials, in this order; without those that patients cannot see any more."""
        with self._lock:
            missing = [number for number in numbers if number not in self._kept]
            read = {kept.listing.nct_id: kept for kept in self._load(missing)} if missing else {}
            found = {number: kept for number in numbers if (kept := read.get(number) or self._kept.get(number))}
            self._kept.update(read)
            for number in found:
                self._kept.move_to_end(number)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return found


class View(Mapping[str, T]):
    """All trials of an index as a mapping, of which each is read when it is asked for. ``keys`` are in order."""

    def __init__(self, keys: np.ndarray, shelf: Shelf, part: Callable[[Kept], T]) -> None:
        self._keys, self._shelf, self._part = keys, shelf, part

    def __len__(self) -> int:
        return len(self._keys)

    def __iter__(self) -> Iterator[str]:
        return map(str, self._keys)

    def __contains__(self, number: object) -> bool:
        place = np.searchsorted(self._keys, str(number)) if len(self._keys) else 0
        return bool(place < len(self._keys) and self._keys[place] == number)

    def __getitem__(self, number: str) -> T:
        return self._part(self._shelf.take([number])[number])
