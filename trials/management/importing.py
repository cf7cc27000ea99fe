"""Importing as a command does it: progress on the terminal, then a report."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import partial
from typing import TextIO

from django.core.management.base import CommandError
from tqdm import tqdm

from trials.importing import Outcome, import_records
from trials.registry.client import RegistryError
from trials.registry.fields import RecordError
from trials.registry.records import StudyRecord, parse_study
from trials.registry.replies import Study
from trials.registry.sources import BadRecord

REGISTRY = "ClinicalTrials.gov"
ACTIONS = {
    "added": "added, unpublished",
    "changed": "changed",
    "unchanged": "unchanged",
    "older": "older than the listing, left alone",
    "refused": "refused",
}


def records_of(studies: Iterable[Study]) -> Iterator[StudyRecord | BadRecord]:
    """The studies that the registry sent, read. One that cannot be read is named; what the registry itself refuses is named as the last one."""
    try:
        for number, study in enumerate(studies, 1):
            try:
                yield parse_study(study)
            except RecordError as fault:
                yield BadRecord(REGISTRY, number, 1, f"{_number_of(study)}: {fault}")
    except RegistryError as fault:
        yield BadRecord(REGISTRY, 0, 1, str(fault))


def _number_of(study: Study) -> str:
    """The NCT number of a study that cannot be read, where it has one."""
    found = study.get("protocolSection")
    module = found.get("identificationModule") if isinstance(found, dict) else None
    number = module.get("nctId") if isinstance(module, dict) else None
    return number[:11] if isinstance(number, str) and number.isprintable() and number else "a study without a number"


def _say(out: TextIO, line: str) -> None:
    """Prints a line, with a question mark for each letter that the terminal does not know."""
    encoding = getattr(out, "encoding", None) or "utf-8"
    out.write(line.encode(encoding, "replace").decode(encoding) + "\n")


def run_import(records: Iterable[StudyRecord | BadRecord], out: TextIO, *, dry_run: bool = False, total: int | None = None) -> None:
    """Imports, shows progress where a person watches, and reports. Raises ``CommandError`` (exit 1) where no record at all could be used."""
    counts: Counter[str] = Counter()
    telling: list[Outcome] = []
    say = partial(_say, out)
    quiet = not sys.stderr.isatty()
    for outcome in tqdm(import_records(records, dry_run=dry_run), total=total, unit=" records", disable=quiet, file=sys.stderr):
        counts[outcome.action] += 1
        if outcome.action in ("refused", "older") or (outcome.action == "changed" and outcome.notes):
            telling.append(outcome)
    for outcome in telling:
        say(outcome.fault or f"{outcome.name}: {'; '.join(outcome.notes)}")
    for outcome in telling:
        if outcome.closed and outcome.was_published:
            say(f"{outcome.name} is closed at the registry: patients are not asked about it any more")
    said = ", ".join(f"{counts[action]} {words}" for action, words in ACTIONS.items() if counts[action]) or "no record found"
    say(f"{sum(counts.values())} records: {said}{' (dry run: nothing was saved)' if dry_run else ''}")
    if not counts.total() - counts["refused"]:
        raise CommandError("no record could be used; see above", returncode=1)
