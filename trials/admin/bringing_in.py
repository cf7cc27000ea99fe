"""Bringing trials in at a page: registry records as files or by NCT number, and trial files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from trials import audit, services
from trials.audit import Act
from trials.files import FileError
from trials.importing import Outcome, import_records
from trials.management.importing import records_of
from trials.models import Trial
from trials.registry.client import NCT_NUMBER, Limits, RegistryClient
from trials.registry.records import StudyRecord
from trials.registry.sources import BadRecord, read_sources

from . import file_kinds

LARGEST_UPLOAD, LARGEST_UNPACKED = 20_000_000, 100_000_000
MOST_RECORDS = 1_000
MOST_NUMBERS = 20
UPLOAD = "upload"
SHORT_WAIT = Limits(connect=5, read=10, whole=30, attempts=2, longest_wait=5)
"""For somebody who waits at a page; the command is more patient."""


class ImportForm(forms.Form):
    """What to bring in: records as files, or NCT numbers to ask the registry for."""

    numbers = forms.CharField(
        required=False,
        label=gettext_lazy("NCT numbers"),
        help_text=gettext_lazy("Up to 20, with blanks or commas between. They are asked of ClinicalTrials.gov."),
        widget=forms.Textarea(attrs={"rows": 3, "cols": 40}),
    )
    file = forms.FileField(
        required=False,
        label=gettext_lazy("Or a file"),
        help_text=gettext_lazy(
            "Records: JSON as ClinicalTrials.gov gives it to download (API v2), also gzipped. Or a trial file that was downloaded here (YAML). At most 20 MB."
        ),
    )
    dry_run = forms.BooleanField(required=False, label=gettext_lazy("Only look: tell what would happen, and save nothing"))

    def clean_numbers(self) -> list[str]:
        """The numbers; anything else is refused and named."""
        numbers = self.cleaned_data["numbers"].replace(",", " ").upper().split()
        for number in numbers:
            if not NCT_NUMBER.fullmatch(number):
                raise forms.ValidationError(_("“%(number)s” is not an NCT number: “NCT” and 8 digits.") % {"number": number[:60]})
        if len(numbers) > MOST_NUMBERS:
            raise forms.ValidationError(_("At most %(most)s numbers at once; for more, use the command import_trials.") % {"most": MOST_NUMBERS})
        return numbers

    def clean_file(self) -> UploadedFile | None:
        """The file, unless it is too large for a page, or of no kind that is taken."""
        file = self.cleaned_data["file"]
        if file and file.size > LARGEST_UPLOAD:
            raise forms.ValidationError(_("This file is larger than 20 MB. Use the command import_trials for it."))
        if file:
            file_kinds.check(file, (*file_kinds.RECORDS, *file_kinds.TRIAL_FILES))
        return file

    def clean(self) -> dict[str, Any]:
        """One of the two is needed."""
        values = super().clean()
        if not self.errors and not values.get("numbers") and not values.get("file"):
            raise forms.ValidationError(_("Write at least one NCT number, or choose a file."))
        return values

    def outcomes(self, *, may_publish: bool) -> list[Outcome]:
        """Imports what was asked for, and gives what became of each record or trial file.

        Raises ``RegistryError`` for an address that is not the registry's.
        """
        file = self.cleaned_data["file"]
        if file and file.name.lower().endswith(file_kinds.TRIAL_FILES):
            return _load_trial_file(file, may_publish=may_publish, dry_run=self.cleaned_data["dry_run"])
        with TemporaryDirectory() as folder, RegistryClient(settings.REGISTRY_API, limits=SHORT_WAIT) as client:
            streams: list[Iterator[StudyRecord | BadRecord]] = []
            if file:
                lines = file.name.lower().removesuffix(".gz").endswith((".jsonl", ".ndjson"))
                stored = Path(folder) / f"{UPLOAD}{'.jsonl' if lines else '.json'}"
                with stored.open("wb") as target:
                    for chunk in file.chunks():
                        target.write(chunk)
                streams.append(_first(read_sources([stored], unpacked=LARGEST_UNPACKED)))
            if numbers := self.cleaned_data["numbers"]:
                streams.append(records_of(client.fetch(numbers)))
            found = list(import_records(chain.from_iterable(streams), dry_run=self.cleaned_data["dry_run"]))
        return [_without_folder(outcome, folder) for outcome in found]


def _first(records: Iterator[StudyRecord | BadRecord]) -> Iterator[StudyRecord | BadRecord]:
    """As many records as one page brings in; then, where there are more, what to do about them."""
    yield from islice(records, MOST_RECORDS)
    if next(records, None) is not None:
        said = _("holds more than %(most)s records. The others are not brought in: divide the file, or use the command import_trials.")
        yield BadRecord(str(_("the file")), 0, 1, said % {"most": f"{MOST_RECORDS:,}"})


def _without_folder(outcome: Outcome, folder: str) -> Outcome:
    """The outcome under the name that the coordinator knows the file by, not the server's."""
    if outcome.action != "refused":
        return outcome
    name, fault = (re.sub(rf"{re.escape(folder)}/{UPLOAD}\.jsonl?", str(_("the file")), text) for text in (outcome.name, outcome.fault))
    return Outcome(name, "refused", fault=fault)


def _load_trial_file(file: UploadedFile, *, may_publish: bool, dry_run: bool) -> list[Outcome]:
    """Loads a trial file, all or nothing. Only a publisher brings in a trial that patients see, or takes the place of one."""
    with TemporaryDirectory() as folder:
        stored = Path(folder) / f"{UPLOAD}.yaml"
        stored.write_bytes(file.read())
        there = set(Trial.objects.values_list("nct_id", flat=True))
        shown = set(Trial.objects.published().values_list("nct_id", flat=True))
        try:
            with transaction.atomic():
                loaded = services.load_files(paths=[stored]).trials
                live = [trial.nct_id for trial in loaded if trial.values["published"] or trial.nct_id in shown]
                if live and not may_publish:
                    raise ValidationError(_("%(trial)s is shown to patients, here or in the file: only a publisher can bring it in.") % {"trial": live[0]})
                transaction.set_rollback(dry_run)
        except FileError as fault:
            note_refusal(dry_run, "a trial file (YAML)")
            return [Outcome(str(_("the file")), "refused", fault=str(fault).replace(str(stored), str(_("the file"))))]
        except ValidationError as refusal:
            note_refusal(dry_run, "a trial file (YAML)")
            return [Outcome(str(_("the file")), "refused", fault=" ".join(refusal.messages))]
    return [Outcome(trial.nct_id, "changed" if trial.nct_id in there else "added", was_published=trial.values["published"]) for trial in loaded]


def note_refusal(dry_run: bool, detail: str) -> None:
    """Notes in the audit trail that nothing was brought in. Whoever only looks is refused nothing."""
    if not dry_run:
        audit.record(Act.IMPORT_REFUSED, Trial, detail=detail)
