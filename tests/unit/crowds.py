"""Hundreds of random trials at once: most of them ask the condition, as real ones do, and share their other criteria."""

from __future__ import annotations

import random
from functools import cache
from typing import NamedTuple

from hypothesis import strategies as st

from tests.unit.builders import CATALOG
from tests.unit.strategies import COHORTS, PlainCriterion, PlainTrial, built, rule_trees
from trials.eligibility.index import Index
from trials.eligibility.judging import Criterion, Trial

AREAS = ("eye", "cancer", "hiv")


class Crowd(NamedTuple):
    """The same trials as plain data and as the engine knows them."""

    plain: list[PlainTrial]
    trials: list[Trial]

    def index(self) -> Index:
        """Their index."""
        return Index.compile(CATALOG, self.trials)


LEADS = [
    *(((True, ("diagnosis", "is", (key,))),) for key in CATALOG["diagnosis"].labels),
    *(((True, ("diagnosis", "is", (key,))),) for key in ("dlbcl", "t_cell_lymphoma", "hemophilia_a", "hemophilia_b") * 2),
    ((True, ("diagnosis", "is", ("lymphoma",))), (False, ("diagnosis", "is", ("dlbcl",)))),
    ((True, ("diagnosis", "in", ("rp", "hemophilia_a"))), (True, ("diagnosis", "is not", ("rp_x_linked",)))),
    ((True, ("diagnosis", "in", ("hemophilia_a", "hemophilia_b"))),),
]
"""What trials ask of the condition: one or two criteria, whether they are inclusions and their rules."""


@st.composite
def crowds(draw: st.DrawFn, count: int = 320) -> Crowd:
    """So many trials. A few ask no condition or have no judged criterion, some have cohorts, some hide criteria."""
    rules = draw(st.lists(st.tuples(st.booleans(), rule_trees | st.none()), min_size=4, max_size=12))
    chance = random.Random(draw(st.integers(0, 1_000_000)))
    plain = [_plain(chance, rules) for _ in range(count)]
    return Crowd(plain, [_built(each, f"NCT{row:08}", chance) for row, each in enumerate(plain)])


def _plain(chance: random.Random, rules: list[tuple[bool, tuple | None]]) -> PlainTrial:
    cohorts = COHORTS[: chance.choice((0, 0, 0, 2, 3))]
    leads = chance.choice(LEADS) if chance.random() < 0.97 else ()
    criteria = [PlainCriterion(*lead, None) for lead in leads]
    criteria += [PlainCriterion(*chance.choice(rules), chance.choice((None, *cohorts))) for _ in range(chance.choice((0, 1, 1, 2)))]
    return PlainTrial(tuple(chance.sample(criteria, len(criteria))), cohorts, chance.random() < 0.8)


def _built(plain: PlainTrial, key: str, chance: random.Random) -> Trial:
    areas = frozenset(chance.sample(AREAS, chance.choice((0, 1, 1, 2))))
    return Trial(key, tuple(_criterion(each) for each in plain.criteria), plain.cohorts, plain.complete, areas)


@cache
def _criterion(plain: PlainCriterion) -> Criterion:
    return built(PlainTrial((plain,), (), True)).criteria[0]
