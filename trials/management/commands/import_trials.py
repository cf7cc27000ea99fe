"""Brings registry records in as unpublished trials, or merges them into those that are here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from trials.management.importing import records_of, run_import
from trials.management.preparing import is_new, prepare
from trials.registry.client import RegistryClient, RegistryError
from trials.registry.records import StudyRecord
from trials.registry.sources import BadRecord, read_sources

NCT_NUMBER = re.compile(r"NCT[0-9]{8}", re.IGNORECASE)
AREA_TERMS = {"cancer": "cancer", "eye": "eye diseases", "genetic": "genetic diseases, inborn", "hiv": "HIV infections"}
"""What ``--area`` asks the registry for, by our areas."""


class Command(BaseCommand):
    """``manage.py import_trials SOURCE…``"""

    help = (
        "Imports registry records: NCT numbers (asked of ClinicalTrials.gov), or files and folders of API v2 JSON, JSON arrays, "
        '{"studies": […]} or JSON lines, each also gzipped. New trials come in unpublished; those that are here are merged. '
        "A bad record is named and harms no other."
    )

    def add_arguments(self, parser) -> None:
        """What to import, and how."""
        parser.add_argument("sources", nargs="*", metavar="SOURCE", help="an NCT number, a file or a folder")
        parser.add_argument("--search", metavar="TERMS", help="ask the registry for studies on these words, such as “gene therapy”")
        parser.add_argument("--area", choices=AREA_TERMS, help="with --search: only studies of this condition area")
        parser.add_argument("--limit", type=int, help="with --search: at most this many studies")
        parser.add_argument("--dry-run", action="store_true", help="read and report, and save nothing")

    def handle(self, sources: list[str], **options) -> None:
        """Imports all sources as one stream."""
        if not sources and not options["search"]:
            raise CommandError("name at least one NCT number, file or folder, or use --search", returncode=2)
        if (options["area"] or options["limit"] is not None) and not options["search"]:
            raise CommandError("--area and --limit go with --search", returncode=2)
        if is_new():
            prepare()
        numbers = [source for source in sources if NCT_NUMBER.fullmatch(source) and not Path(source).exists()]
        paths = [source for source in sources if source not in numbers]
        try:
            with RegistryClient(settings.REGISTRY_API) as client:
                streams: list[Iterator[StudyRecord | BadRecord]] = [read_sources(paths)]
                if numbers:
                    streams.append(records_of(client.fetch(numbers)))
                if options["search"]:
                    area = AREA_TERMS[options["area"]] if options["area"] else ()
                    streams.append(records_of(client.search(options["search"], area_terms=area, limit=options["limit"])))
                run_import(chain.from_iterable(streams), self.stdout, dry_run=options["dry_run"])
        except RegistryError as fault:
            raise CommandError(str(fault), returncode=2) from None
