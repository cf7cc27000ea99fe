"""How few questions settle the starter trials: our order beside others, over simulated patients of each area.

``.venv/bin/python -m tests.benchmarks.few_questions [--patients 1000] [--json bench.json]``

A trial is *settled* when no further answer can change its verdict, and *decidable* for a patient when it is not UNKNOWN after all answers.
*Left* are the trials that the condition, age and sex leave unsettled: what the order of the other questions can do something about.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path

import numpy as np

from tests.benchmarks.crowds import EVEN, LENIENT, Crowd
from tests.benchmarks.orders import Order, orders
from tests.unit.starter import AREAS, FOLDER
from trials.eligibility.asking import FIRST_QUESTIONS, next_questions
from trials.eligibility.index import Index
from trials.eligibility.judging import Trial, judge
from trials.eligibility.questionnaire import Answers, Questionnaire
from trials.eligibility.verdicts import Verdict
from trials.files import read_files
from trials.files.trials import judged
from trials.vocabulary import is_closed

CROWDS = {"even": EVEN, "lenient": LENIENT}
AFTER = (4, 8, 12)
Json = dict[str, object]


@dataclass(frozen=True)
class Area:
    """The trials of one area that are judged for patients. ``conditions`` are those they are for, as often as they are named."""

    slug: str
    questionnaire: Questionnaire
    trials: Sequence[Trial]
    conditions: Sequence[str]

    def crowd(self, lean: float) -> Crowd:
        """The patients of the area."""
        return Crowd(self.questionnaire, self.trials, self.conditions, self.slug, lean)


@cache
def starter_areas() -> dict[str, Area]:
    """The areas of the starter data."""
    contents, questionnaire = read_files([FOLDER], areas=AREAS)
    records = [record for record in contents.trials if record.values["published"] and not is_closed(record.values["status"])]
    return {
        slug: Area(
            slug,
            questionnaire,
            [judged(record, questionnaire) for record in records if slug in record.areas],
            [condition for record in records if slug in record.areas for condition in record.conditions],
        )
        for slug in AREAS
    }


@dataclass(frozen=True)
class Walk:
    """One patient asked in one order. ``settled`` and ``decidable`` are of each trial: after how many questions, and whether."""

    asked: tuple[str, ...]
    settled: np.ndarray
    decidable: np.ndarray
    wrong: int

    @property
    def left(self) -> np.ndarray:
        """The trials that the first questions leave unsettled."""
        return self.settled > sum(key in FIRST_QUESTIONS for key in self.asked)


class Walker:
    """Walks patients through the questions of an area in different orders."""

    def __init__(self, area: Area) -> None:
        self.area = area
        self.orders = orders(Index.compile(area.questionnaire, area.trials))
        self._alone = [Index.compile(area.questionnaire, [trial]) for trial in area.trials]

    def walk(self, order: Order, answers: Answers) -> Walk:
        """Asks until nothing can change any more, then compares with the plain judge, who is told all answers."""
        keys, verdicts = zip(*order.walk(answers, self.area.slug), strict=True)
        asked, judged_so = keys[1:], np.array(verdicts)
        everything = self.area.questionnaire.settle(answers)
        expected = np.array([judge(trial, everything).verdict for trial in self.area.trials])
        settled = np.argmax(judged_so == judged_so[-1], axis=0)
        for row in np.flatnonzero(judged_so[-1] == Verdict.UNKNOWN).tolist():
            settled[row] = self._settled_after(row, asked, answers)
        return Walk(asked, settled, expected != Verdict.UNKNOWN, int(np.count_nonzero(judged_so[-1] != expected)))

    def _settled_after(self, row: int, asked: Sequence[str], answers: Answers) -> int:
        """After how many questions nothing could change the verdict on a trial that stays unknown."""

        def is_settled(count: int) -> bool:
            told = {key: answers[key] for key in asked[:count]}
            matches = self._alone[row].match(self.area.questionnaire.settle(told))
            return not next_questions(matches, told.keys(), self.area.slug)

        return bisect_left(range(len(asked)), True, key=is_settled)


def measure(patients: int = 1000, slugs: Iterable[str] = AREAS, processes: int | None = None) -> Json:
    """The part of ``bench.json``: for each crowd, area and order how many questions were asked and how many trials settled."""
    parts = list(product(CROWDS, slugs))
    with ProcessPoolExecutor(processes) as pool:
        results = list(pool.map(measure_area, *zip(*((slug, crowd, patients) for crowd, slug in parts), strict=True)))
    found: dict[str, Json] = {crowd: {} for crowd in CROWDS}
    for (crowd, slug), result in zip(parts, results, strict=True):
        found[crowd][slug] = result
    return {"patients": patients, **found}


def measure_area(slug: str, crowd: str, patients: int) -> Json:
    """What is found of each order in one area."""
    area = starter_areas()[slug]
    walker, drawn = Walker(area), area.crowd(CROWDS[crowd])
    answers = [drawn.patient(number) for number in range(patients)]
    walks = {order.name: [walker.walk(order, each) for each in answers] for order in walker.orders}
    ours = [len(walk.asked) for walk in walks["ours"]]
    return {"trials": len(area.trials), **{name: {**summary(several), **_more_than(ours, several)} for name, several in walks.items()}}


def summary(walks: Sequence[Walk]) -> Json:
    """Questions asked until all is settled, and which share of trials was settled after a few."""
    asked = [len(walk.asked) for walk in walks]
    settled = np.array([walk.settled for walk in walks])
    kinds = {"all": np.ones(settled.shape, bool), "decidable": np.array([walk.decidable for walk in walks]), "left": np.array([walk.left for walk in walks])}
    shares = {
        name: {str(after): round(float((settled[chosen] <= after).mean()), 4) if chosen.any() else 1.0 for after in AFTER} for name, chosen in kinds.items()
    }
    quartiles = statistics.quantiles(asked, n=4, method="inclusive")
    return {"mean": round(statistics.mean(asked), 3), "quartiles": quartiles, "settled_after": shares, "wrong": sum(walk.wrong for walk in walks)}


def _more_than(ours: Sequence[int], walks: Sequence[Walk]) -> Json:
    """How many questions more than ours the same patients are asked, with the standard error."""
    more = [len(walk.asked) - few for walk, few in zip(walks, ours, strict=True)]
    return {"more_than_ours": round(statistics.mean(more), 3), "standard_error": round(statistics.stdev(more) / math.sqrt(len(more)), 3)}


def table(part: Json) -> str:
    """The measurements for people to read."""
    heads = ("quartiles", "mean", "more than ours", *(f"{kind} {after}" for kind in ("all", "decidable", "left") for after in AFTER), "wrong")
    lines = [f"questions asked of {part['patients']} patients an area until all is settled; % of trials settled after {AFTER} questions"]
    for crowd in CROWDS:
        lines.append("\n" + f"{crowd:8} {'':10}" + "".join(f"{head:>15}" if head in heads[:3] else f"{head:>13}" for head in heads))
        for slug, area in part[crowd].items():
            for name, found in area.items():
                if name != "trials":
                    shares = "".join(f"{share:>13.1%}" for kind in found["settled_after"].values() for share in kind.values())
                    asked = f"{'/'.join(f'{quartile:g}' for quartile in found['quartiles']):>15}{found['mean']:>15.2f}"
                    more = f"{found['more_than_ours']:>+8.2f} ± {found['standard_error']:.2f}"
                    lines.append(f"{slug:8} {name:10}{asked}{more:>15}{shares}{found['wrong']:>13}")
    return "\n".join(lines)


def main() -> None:
    """Measures, prints the table, and puts the figures under ``few_questions`` into the JSON file."""
    parser = argparse.ArgumentParser(description="how few questions settle the starter trials")
    parser.add_argument("--patients", type=int, default=1000, help="simulated patients an area")
    parser.add_argument("--json", type=Path, default=Path("bench.json"), help="the file to put the figures into, beside what else it holds")
    options = parser.parse_args()
    part = measure(options.patients)
    print(table(part))
    held = json.loads(options.json.read_text(encoding="utf-8")) if options.json.exists() else {}
    options.json.write_text(json.dumps({**held, "few_questions": part}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
