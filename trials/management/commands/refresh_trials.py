"""Reads all published trials at the registry again. Made for cron."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from trials.management.importing import REGISTRY, records_of, run_import
from trials.management.preparing import is_new
from trials.models import Trial
from trials.registry.client import RegistryClient, RegistryError
from trials.registry.records import StudyRecord
from trials.registry.sources import BadRecord


class Command(BaseCommand):
    """``manage.py refresh_trials``"""

    help = "Reads every published trial at ClinicalTrials.gov again and merges what changed. One that closed is shown to patients as closed at once."

    def add_arguments(self, parser) -> None:
        """Whether to save."""
        parser.add_argument("--dry-run", action="store_true", help="read and report, and save nothing")

    def handle(self, **options) -> None:
        """Refreshes the published trials, the longest unchecked first."""
        numbers = [] if is_new() else list(Trial.objects.published().order_by("as_of", "nct_id").values_list("nct_id", flat=True))
        if not numbers:
            self.stdout.write("no trial is published, so there is nothing to refresh")
            return
        try:
            with RegistryClient(settings.REGISTRY_API) as client:
                records = _with_renumbered(records_of(client.fetch(numbers)), numbers)
                run_import(records, self.stdout, dry_run=options["dry_run"], total=len(numbers))
        except RegistryError as fault:
            raise CommandError(str(fault), returncode=1) from None


def _with_renumbered(records: Iterable[StudyRecord | BadRecord], numbers: Iterable[str]) -> Iterator[StudyRecord | BadRecord]:
    """The records; then, if nothing else is missing, each number under which the registry now gives another study."""
    left, faults = set(numbers), False
    for record in records:
        if isinstance(record, StudyRecord):
            left.discard(record.nct_id)
        faults = faults or isinstance(record, BadRecord)
        yield record
    for number in sorted(left if not faults else ()):
        yield BadRecord(REGISTRY, 0, 1, f"{number} is now a part of another study; withdraw the listing, or make it anew from that study")
