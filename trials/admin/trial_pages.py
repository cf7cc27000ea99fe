"""The pages of the desk beside the trial's own: bringing records in, proposing sample patients, files."""

from __future__ import annotations

import io
import json
import zipfile
from hashlib import sha256

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from trials import audit, catalog
from trials.audit import Act
from trials.desk.boundaries import ProposedPatient, propose_patients
from trials.eligibility.verdicts import Verdict
from trials.files.writing import WritingError, write_trial
from trials.importing import Outcome
from trials.models import SamplePatient, Trial
from trials.registry.client import RegistryError

from .bringing_in import ImportForm, note_refusal
from .checks import usable_questionnaire
from .rule_help import rule_help

MOST_PROPOSALS = 12
"""Sample patients proposed at once: as many as somebody reads with care. The next ones come when these are added."""


class Proposal(ProposedPatient):
    """A proposed sample patient as the page offers it."""

    @property
    def key(self) -> str:
        """What stands for it in the form: the answers and the verdict that were read, so that nothing else is added in its place."""
        return sha256(json.dumps([self.answers, self.expect.slug], sort_keys=True).encode()).hexdigest()[:20]


class TrialPages(admin.ModelAdmin):
    """The addresses of these pages, and what they do."""

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """The pages of this module before Django's own, of which the last would take any address."""
        view = self.admin_site.admin_view
        return [
            path("import-records/", view(self.import_view), name="trials_trial_import"),
            path("rule/", view(rule_help), name="trials_trial_rule"),
            path("<int:pk>/propose/", view(self.propose_view), name="trials_trial_propose"),
            *super().get_urls(),
        ]

    def import_view(self, request: HttpRequest) -> HttpResponse:
        """Brings registry records in, unpublished, and reports on each."""
        if not request.user.has_perm("trials.import_trial"):
            raise PermissionDenied
        form = ImportForm(request.POST, request.FILES) if request.method == "POST" else ImportForm()
        outcomes = None
        if request.method == "POST" and form.is_valid():
            try:
                outcomes = form.outcomes(may_publish=request.user.has_perm("trials.publish_trial"))
            except RegistryError as fault:
                note_refusal(form.cleaned_data["dry_run"], "registry import: the registry was not asked")
                form.add_error("numbers", str(fault))
        elif form.errors:
            note_refusal(form.cleaned_data["dry_run"], f"a form with faults at: {' '.join(form.errors)}")
        context = {
            **self.admin_site.each_context(request),
            "title": _("Bring in registry records"),
            "opts": self.opts,
            "form": form,
            "outcomes": None if outcomes is None else [(outcome, self._page_of(outcome)) for outcome in outcomes],
            "dry_run": outcomes is not None and form.cleaned_data["dry_run"],
        }
        return TemplateResponse(request, "admin/trials/trial/import.html", context, status=422 if form.errors else 200)

    def _page_of(self, outcome: Outcome) -> str:
        pk = Trial.objects.filter(nct_id=outcome.name).values_list("pk", flat=True).first()
        return reverse("admin:trials_trial_change", args=[pk]) if pk else ""

    @transaction.atomic
    def propose_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Proposes sample patients at the limits of the rules; adds those that the coordinator ticks."""
        trial = get_object_or_404(Trial.objects.select_for_update() if request.method == "POST" else Trial, pk=pk)
        if not self.has_change_permission(request, trial):
            raise PermissionDenied
        questionnaire = usable_questionnaire(request)
        if questionnaire is None:
            messages.warning(request, _("One of the questions cannot be used. Mend it first."))
            return HttpResponseRedirect(reverse("admin:trials_trial_change", args=[pk]))
        there = [sample.answers for sample in trial.sample_patients.all()]
        every = propose_patients(catalog.judged_trial(trial, questionnaire), questionnaire, most=MOST_PROPOSALS + len(there))
        proposals = [Proposal(one.name, one.answers, one.expect) for one in every if one.answers not in there][:MOST_PROPOSALS]
        if request.method == "POST":
            ticked = set(request.POST.getlist("chosen"))
            chosen = [one for one in proposals if one.key in ticked]
            for one in chosen:
                SamplePatient.objects.create(trial=trial, name=one.name[:200], answers=one.answers, expect=one.expect.slug)
            if chosen:
                audit.record(Act.CHANGE, trial, detail=f"sample patients added: {len(chosen)}")
            said = ngettext("%(count)s sample patient is added.", "%(count)s sample patients are added.", len(chosen)) % {"count": len(chosen)}
            messages.success(request, said)
            if len(chosen) < len(ticked):
                messages.warning(request, _("Some of those ticked are here already, or the rules say something else of them now. They are not added."))
            elif "publish" in request.POST and request.user.has_perm("trials.publish_trial"):
                self.publish(request, Trial.objects.filter(pk=pk))
            return HttpResponseRedirect(reverse("admin:trials_trial_change", args=[pk]))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Proposed sample patients"),
            "subtitle": trial.nct_id,
            "opts": self.opts,
            "trial": trial,
            "groups": _by_verdict(proposals),
            "may_publish": not trial.published and request.user.has_perm("trials.publish_trial"),
        }
        return TemplateResponse(request, "admin/trials/trial/propose.html", context)

    def has_export_files_permission(self, request: HttpRequest) -> bool:
        """Whether this person may take the listings out as files."""
        return request.user.has_perm("trials.export_trial")

    @admin.action(description=gettext_lazy("Download as trial files (YAML)"), permissions=["export_files"])
    def download_files(self, request: HttpRequest, queryset: QuerySet[Trial]) -> HttpResponse | None:
        """One file for one trial, else a zip of them. A trial that cannot be written as a file is named, and nothing is downloaded."""
        files = {}
        for trial in queryset.with_parts():
            try:
                files[f"{trial.nct_id}.yaml"] = write_trial(trial)
            except WritingError as fault:
                messages.warning(request, str(fault))
                return None
        audit.record(Act.EXPORT, Trial, detail=f"trial files (YAML): {' '.join(files)}")
        if len(files) == 1:
            [(name, text)] = files.items()
            return _download(name, text.encode(), "application/yaml; charset=utf-8")
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in files.items():
                archive.writestr(name, text)
        return _download("trials.zip", packed.getvalue(), "application/zip")


def _by_verdict(proposals: list[Proposal]) -> list[tuple[str, list[Proposal]]]:
    groups = ((verdict.slug, [one for one in proposals if one.expect is verdict]) for verdict in reversed(Verdict))
    return [(slug, group) for slug, group in groups if group]


def _download(name: str, content: bytes, kind: str) -> HttpResponse:
    return HttpResponse(content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})
