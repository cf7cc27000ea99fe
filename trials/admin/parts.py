"""What belongs to a trial and is kept on its page: cohorts, criteria, sites, sample patients."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import ForeignKey, QuerySet
from django.forms import BaseInlineFormSet, ModelChoiceField
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from trials.models import Cohort, Criterion, SamplePatient, Site, Trial

from .checks import questionnaire_for
from .formsets import OrderedForm, StoredRow
from .part_forms import CheckedFormSet, CohortFormSet, CriterionForm, CriterionFormSet, SamplePatientForm, SiteForm, SiteFormSet
from .standing import standing_for


class CheckedInline(admin.options.InlineModelAdmin):
    """An inline whose rows are checked against the questions."""

    def get_formset(self, request: HttpRequest, obj: Trial | None = None, **kwargs: Any) -> type[BaseInlineFormSet]:
        formset = super().get_formset(request, obj, **kwargs)
        formset.questionnaire = questionnaire_for(request)
        return formset


class TableInline(admin.TabularInline):
    """Rows as a table, each column of which has a name."""

    template = "admin/trials/rows.html"


class CohortInline(TableInline):
    """Cohorts come first: criteria name them."""

    model = Cohort
    form = OrderedForm
    formset = CohortFormSet
    extra = 0
    fields = ("name", "order")
    verbose_name_plural = _("cohorts: groups with criteria of their own (save a new one before you pick it for a criterion)")


class CriterionInline(CheckedInline, admin.StackedInline):
    """Criteria with their rules, in a template of their own that is quick to scan."""

    model = Criterion
    form = CriterionForm
    formset = CriterionFormSet
    extra = 0
    template = "admin/trials/criteria.html"
    fields = ("kind", "cohort", "order", "heading", "text", "plain", "rule", "team_checks")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Criterion]:
        """The criteria with their cohorts, in one query."""
        return super().get_queryset(request).select_related("cohort")

    def formfield_for_foreignkey(self, db_field: ForeignKey, request: HttpRequest, **kwargs: Any) -> ModelChoiceField:
        """The cohort, which is found among those of the trial."""
        return super().formfield_for_foreignkey(db_field, request, form_class=StoredRow, **kwargs)

    def get_formset(self, request: HttpRequest, obj: Trial | None = None, **kwargs: Any) -> type[BaseInlineFormSet]:
        """The rows, which can name the cohorts of this trial only. The cohorts are read once for all rows."""
        formset = super().get_formset(request, obj, **kwargs)
        cohort = formset.form.base_fields.get("cohort")
        if cohort:
            cohort.queryset = Cohort.objects.filter(trial=obj) if obj else Cohort.objects.none()
            cohort.stored = {str(row.pk): row for row in cohort.queryset}
            cohort.choices = [("", _("All participants")), *((row.pk, row.name) for row in cohort.stored.values())]
        return formset


class SiteInline(TableInline):
    """Sites, which can be many."""

    model = Site
    form = SiteForm
    formset = SiteFormSet
    extra = 0
    fields = ("facility", "city", "state", "country", "zip", "status")
    classes = ("collapse",)


class SamplePatientInline(CheckedInline, TableInline):
    """Invented patients, on whom the rules are tried: the verdict to expect beside the one that the rules give."""

    model = SamplePatient
    form = SamplePatientForm
    formset = CheckedFormSet
    extra = 0
    fields = ("name", "answers", "expect", "actual")
    readonly_fields = ("actual",)
    verbose_name_plural = _("sample patients: invented people on whom the rules are tried (never write of a real patient here)")
    classes = ("monospace",)

    def get_formset(self, request: HttpRequest, obj: Trial | None = None, **kwargs: Any) -> type[BaseInlineFormSet]:
        """The rows, and the request, for which the verdicts are worked out once if they are shown."""
        self.request = request
        return super().get_formset(request, obj, **kwargs)

    @admin.display(description=_("What the rules say"))
    def actual(self, sample: SamplePatient) -> str:
        """The verdict by the rules as saved, and whether it is the expected one."""
        standing = standing_for(self.request, sample.trial_id) if sample.pk else None
        verdict = standing.verdicts.get(sample.pk, "") if standing else ""
        if not verdict:
            return _("after saving")
        if verdict == sample.expect:
            return _("%(verdict)s: as expected") % {"verdict": verdict}
        return _("%(verdict)s: NOT as expected") % {"verdict": verdict}
