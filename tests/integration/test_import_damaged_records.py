"""A thousand records damaged at random: each is saved whole or not at all, and nothing else ever happens."""

import copy
import gzip
import json
import random
from collections import Counter
from pathlib import Path

import pytest

from trials.importing import import_records
from trials.importing.saving import sorted_items
from trials.models import Cohort, Trial
from trials.registry.fields import RecordError
from trials.registry.records import parse_study

from .registry_records import NUMBER, OTHER, eligibility, study

pytestmark = pytest.mark.django_db

REAL = Path(__file__).parents[3] / "shared" / "data" / "registry" / "other_studies.jsonl.gz"
INVENTED = [
    study(NUMBER, minimum="18 Years", sex="FEMALE", text=eligibility(cohorts={"Cohort A": ["Light"], "Cohort B": ["Dark", "Light"]})),
    study(OTHER, day=None, maximum="6 Months", phases=["PHASE1", "NA"]),
]
OTHERS = [
    None,
    True,
    0,
    -1.5,
    "",
    " ",
    "x",
    "N/A",
    "2024-99-99",
    "9999-12-31",
    "0001",
    "\x00",
    "\ud800",
    "é" * 400,
    "COMPLETED",
    [],
    [[]],
    ["x", 1],
    {},
    {"a": 1},
]


def records() -> list[dict]:
    """The invented records and, where they are at hand, 200 real ones."""
    if not REAL.exists():
        return INVENTED
    with gzip.open(REAL, "rt") as lines:
        return INVENTED + [json.loads(line) for _, line in zip(range(200), lines, strict=False)]


def places(value, path=()):
    """The places of a record, outermost first."""
    for key, one in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield (*path, key)
        yield from places(one, (*path, key))


def damage(record: dict, chance: random.Random) -> dict:
    """A copy of a record with one to six things dropped, replaced, nested, doubled or cut; its number mostly stays."""
    record = copy.deepcopy(record)
    for _ in range(chance.randint(1, 6)):
        found = [path for path in places(record) if path[-1] != "nctId" or chance.random() < 0.02]
        if not found:
            break
        *path, last = chance.choice(found)
        inside = record
        for key in path:
            inside = inside[key]
        value = inside[last]
        match chance.choice(["drop", "drop", "replace", "nest", "double", "cut", "cut"]):
            case "drop":
                del inside[last]
            case "nest":
                inside[last] = {"inside": value}
            case "double":
                inside[last] = value * 2 if isinstance(value, str | list) else [value, value]
            case "cut" if isinstance(value, str | list):
                inside[last] = value[: chance.randrange(len(value) + 1)]
            case _:
                inside[last] = copy.deepcopy(chance.choice(OTHERS))
    return record


def read(studies):
    """The damaged records that can be read as records at all."""
    for one in studies:
        try:
            yield parse_study(one)
        except RecordError as fault:
            assert str(fault).isprintable()


def faults_of(trial: Trial) -> list[str]:
    """What is only half saved of a trial that no coordinator touched: it must say what its base says, no more and no less."""
    base, criteria = trial.registry, list(trial.criteria.select_related("cohort"))
    said = [(line["kind"], line["text"], line["cohort"], line["source"]) for line in base["lines"]]
    found = [(row.kind, row.text, row.cohort.name if row.cohort else "", row.source_text) for row in criteria]
    sites = trial.sites.values("facility", "city", "state", "country", "zip", "status")
    checks = {
        "criteria": found == said,
        "order": [row.order for row in criteria] == list(range(len(criteria))),
        "sites": sorted(map(sorted_items, sites)) == sorted(map(sorted_items, base["sites"])),
        "facts": all(getattr(trial, field) == value for field, value in base["facts"].items()),
        "unpublished": not trial.published,
        "review": not any(row.needs_review for row in criteria),
    }
    return [f"{trial.nct_id}: {name}" for name, right in checks.items() if not right]


def test_a_thousand_damaged_records_leave_only_whole_trials(capsys):
    chance = random.Random(20261122)
    bases = records()
    outcomes = list(import_records(read(damage(chance.choice(bases), chance) for _ in range(1_000))))
    counts = Counter(outcome.action for outcome in outcomes)
    with capsys.disabled():
        print(f"\n1,000 damaged records: {1_000 - len(outcomes)} could not be read, {dict(sorted(counts.items()))}")
    assert [outcome.fault for outcome in outcomes if outcome.action == "refused"] == [], "what can be read can be saved"
    assert len(outcomes) > 200 and {"added", "changed"} <= set(counts)
    assert [fault for trial in Trial.objects.all() for fault in faults_of(trial)] == []
    assert not Cohort.objects.filter(criteria__isnull=True).exists()
