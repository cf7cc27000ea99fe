"""Fills a prepared database with invented trials made of the starter's, and walks patients through it: ``python -m tests.benchmarks.web_records TRIALS``.

Prints as JSON what the load generator asks for, and what share of a question page the engine takes.
"""

from __future__ import annotations

import functools
import json
import random
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import django

django.setup()

from django.db import transaction  # noqa: E402

from prescreen import screening  # noqa: E402
from prescreen.answers import COOKIE  # noqa: E402
from tests.integration.patients import CHECK, PDF, RESULTS, SUMMARY, UNSURE, Patient, page_of  # noqa: E402
from trials import catalog  # noqa: E402
from trials.eligibility.index import Index  # noqa: E402
from trials.eligibility.questionnaire import Questionnaire  # noqa: E402
from trials.models import Criterion, SamplePatient, Trial  # noqa: E402
from trials.vocabulary import DIAGNOSIS  # noqa: E402

Seen = tuple[str, str]
"""A page: its address, and the cookies that it came with."""

FIRST_NUMBER = 90_000_000
AREAS = ("cancer", "eye", "genetic", "hiv")
MORE_CRITERIA = (0, 4)
COPIED = ("title", "summary", "approach", "delivery", "vector", "route", "genes", "phase", "sponsor", "status", "source", "as_of", "published")


@transaction.atomic
def fill(count: int, seed: int = 11) -> None:
    """Adds trials until there are so many open ones: each is a trial of the starter with some criteria of others of its conditions."""
    random_ = random.Random(seed)
    models = list(Trial.objects.published().open().with_parts())
    pool: dict[str, list[Criterion]] = defaultdict(list)
    for trial in models:
        for condition in trial.conditions.all():
            pool[condition.key] += [one for one in trial.criteria.all() if one.rule and DIAGNOSIS not in one.rule]
    chosen = [random_.choice(models) for _ in range(count - len(models))]
    made = Trial.objects.bulk_create(
        Trial(nct_id=f"NCT{FIRST_NUMBER + place:08}", **{name: getattr(model, name) for name in COPIED}) for place, model in enumerate(chosen)
    )
    criteria = []
    for trial, model in zip(made, chosen, strict=True):
        own = [one for one in model.criteria.all() if one.cohort_id is None]
        others = [one for condition in model.conditions.all()[:1] for one in pool[condition.key] if one.trial_id != model.pk]
        rows = own + random_.sample(others, min(len(others), random_.randint(*MORE_CRITERIA)))
        criteria += [Criterion(trial=trial, kind=row.kind, text=row.text, plain=row.plain, rule=row.rule, order=order) for order, row in enumerate(rows)]
    Criterion.objects.bulk_create(criteria, batch_size=2_000)
    for field, name in (("areas", "conditionarea_id"), ("conditions", "condition_id")):
        through = getattr(Trial, field).through
        through.objects.bulk_create(
            through(trial_id=trial.pk, **{name: one.pk}) for trial, model in zip(made, chosen, strict=True) for one in getattr(model, field).all()
        )
    catalog.touch()


class TimedPatient(Patient):
    """A patient who notes the pages that they see, and the processor's seconds that these and their answers took."""

    def __init__(self, spent: list[float]) -> None:
        super().__init__()
        self.spent, self.shown, self.posting, self.engine = spent, 0.0, 0.0, 0.0
        self.pages: list[Seen] = []

    def open(self, address: str) -> Any:
        """Notes the page with the cookies that it came with, and what it took."""
        self.pages.append((address, self.client.cookies.output(attrs=[], header="", sep=";").strip()))
        start, engine = time.process_time(), self.spent[0]
        response = super().open(address)
        self.shown += time.process_time() - start
        self.engine += self.spent[0] - engine
        return response

    def send(self, address: str, **answer: Any) -> Any:
        """Notes what taking an answer took."""
        start = time.process_time()
        response = super().send(address, **answer)
        self.posting += time.process_time() - start
        return response


def walk(area: str, patient: TimedPatient) -> None:
    """Answers everything that is asked, as a sample patient of the area would."""
    samples = SamplePatient.objects.filter(trial__in=Trial.objects.published().open(), trial__areas__slug=area).exclude(expect="fails")
    sample = max(samples, key=lambda one: (len(one.answers), one.trial.nct_id))
    first = {"who": "me", "area": area}
    patient.go_on(lambda key, _options: {"answer": first[key]} if key in first else fields(sample.answers.get(key)))


def fields(answer: Any) -> dict[str, Any]:
    """An answer of an answers file as the fields of a question page."""
    match answer:
        case bool():
            return {"answer": "yes" if answer else "no"}
        case {"value": value, **rest}:
            return {"answer": str(value), **rest}
        case []:
            return {"answer": "none_of_these"}
        case None | dict():
            return {"answer": UNSURE}
    return {"answer": answer if isinstance(answer, list) else str(answer)}


@contextmanager
def engine_time() -> Iterator[list[float]]:
    """Adds up the processor's seconds inside the engine and the replay of the path."""
    spent, depth = [0.0], [0]

    def timed(work: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(work)
        def run(*args: Any, **kwargs: Any) -> Any:
            start, depth[0] = time.process_time(), depth[0] + 1
            try:
                return work(*args, **kwargs)
            finally:
                depth[0] -= 1
                spent[0] += 0 if depth[0] else time.process_time() - start

        return run

    places = [(screening, "replay"), (Index, "match"), (Questionnaire, "settle")]
    before = [getattr(place, name) for place, name in places]
    for (place, name), work in zip(places, before, strict=True):
        setattr(place, name, timed(work))
    try:
        yield spent
    finally:
        for (place, name), work in zip(places, before, strict=True):
            setattr(place, name, work)


def main(count: int) -> None:
    """Fills, walks, measures."""
    fill(count)
    start = time.perf_counter()
    open_trials = len(catalog.current().index.keys)
    told = {"trials": open_trials, "catalog_s": time.perf_counter() - start}
    requests, patients = defaultdict(list), []
    with engine_time() as spent:
        TimedPatient(spent).open(page_of("who"))  # templates are read once
        for area in AREAS:
            patients.append(patient := TimedPatient(spent))
            walk(area, patient)
            requests["question"] += patient.pages
            for name, address in KINDS.items():
                requests[name].append((address, f"{COOKIE}={patient.client.cookies[COOKIE].value}"))
    shown = sum(patient.shown for patient in patients)
    told["pages_asked"] = [len(patient.pages) for patient in patients]
    told["engine_share"] = sum(patient.engine for patient in patients) / shown
    told["post_to_get"] = sum(patient.posting for patient in patients) / shown
    print(json.dumps(told | {"requests": requests}))


KINDS = {"check": CHECK, "results": RESULTS, "summary": SUMMARY, "pdf": PDF}

if __name__ == "__main__":
    main(int(sys.argv[1]))
