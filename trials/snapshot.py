"""The catalog at one state of the records: what patients' pages need."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from . import models
from .eligibility import judging
from .eligibility.index import Index
from .eligibility.questionnaire import Questionnaire
from .shared_index import Stored, Version
from .shelf import Kept, Shelf, View


@dataclass(frozen=True)
class Catalog:
    """What patients' pages need, at one state of the records. ``shelf`` holds the trials that were shown lately; the others are in the index alone.

    ``token`` is new after every change of the records, ``frame`` after every change that is not of one trial and its parts alone. ``state`` names what
    is judged, the program, and whatever else what is asked depends on: two catalogs of one state ask alike, on any machine.
    ``stored`` is an index on disk. Where it is older than the records (``is_behind``), ``index`` is masked for the trials that are judged otherwise
    since, and these are ``apart``. ``versions`` are those of the trials changed lately; None where that is not known.
    """

    token: str
    frame: str
    state: str
    questionnaire: Questionnaire
    stored: Stored
    index: Index
    shelf: Shelf
    areas: dict[str, models.ConditionArea]
    conditions: dict[str, models.Condition]
    therapies: tuple[models.ApprovedTherapy, ...]
    versions: Mapping[int, Version] | None = None
    apart: tuple[Kept, ...] = ()
    is_behind: bool = False

    @property
    def made(self) -> datetime:
        """When the records of the index were read."""
        return self.stored.made

    @property
    def openness(self) -> NDArray[np.int8]:
        """How open each trial of the index is; 0 is the most open."""
        return self.stored.openness

    @property
    def keys(self) -> NDArray[np.str_]:
        """The NCT numbers of all trials, in order."""
        if not self.is_behind:
            return self.index.keys
        return np.sort(np.concatenate((self.index.keys[self.index.rows_in(None)], [kept.judged.key for kept in self.apart])))

    def apart_in(self, area: str | None) -> list[Kept]:
        """Those of an area that the index does not have."""
        return [kept for kept in self.apart if area is None or area in kept.judged.areas]

    @cached_property
    def _areas_of_conditions(self) -> dict[str, frozenset[str]]:
        return {key: frozenset(area.slug for area in condition.areas.all()) for key, condition in self.conditions.items()}

    def is_in(self, condition: str, area: str | None) -> bool:
        """Whether a condition is one of an area; each is one of all areas together."""
        return area is None or area in self._areas_of_conditions[condition]

    @cached_property
    def apart_index(self) -> Index | None:
        """An index of those trials alone, for what to ask; None where there are none."""
        return Index.compile(self.questionnaire, [kept.judged for kept in self.apart]) if self.apart else None

    @property
    def listings(self) -> View[models.Trial]:
        """The published open trials (or the one being tried), by NCT number."""
        return View(self.keys, self.shelf, attrgetter("listing"))

    @property
    def judged(self) -> View[judging.Trial]:
        """The same trials as the engine knows them."""
        return View(self.keys, self.shelf, attrgetter("judged"))

    def read_ahead(self, count: int) -> None:
        """Reads a few more trials that nobody has asked for yet, until all are there or the shelf is full."""
        self.shelf.read_ahead(map(str, self.keys), count)

    def take(self, numbers: Collection[str]) -> Iterable[Kept]:
        """These trials, in this order; those that are not there yet are read at once."""
        return self.shelf.take(numbers).values()
