"""What belongs to a trial and is kept on its page: cohorts, criteria, sites, sample patients."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import BaseInlineFormSet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from trials.models import Cohort, Criterion, SamplePatient, Site, Trial

from .checks import questionnaire_for, usable_questionnaire
from .formsets import OrderedForm
from .part_forms import CheckedFormSet, CohortFormSet, CriterionForm, CriterionFormSet, SamplePatientForm, SiteForm, SiteFormSet
from .standing import verdicts_of


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

    def get_formset(self, request: HttpRequest, obj: Trial | None = None, **kwargs: Any) -> type[BaseInlineFormSet]:
        """The rows, which can name the cohorts of this trial only. The cohorts are read once for all rows."""
        formset = super().get_formset(request, obj, **kwargs)
        cohort = formset.form.base_fields.get("cohort")
        if cohort:
            cohort.queryset = Cohort.objects.filter(trial=obj) if obj else Cohort.objects.none()
            cohort.choices = [("", _("All participants")), *((row.pk, row.name) for row in cohort.queryset)]
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
    verdicts: Mapping[int, str] = {}

    def get_formset(self, request: HttpRequest, obj: Trial | None = None, **kwargs: Any) -> type[BaseInlineFormSet]:
        """The rows; the verdicts are worked out once for all of them."""
        questionnaire = usable_questionnaire(request)
        if obj and questionnaire is not None:
            self.verdicts = verdicts_of(obj, questionnaire)
        return super().get_formset(request, obj, **kwargs)

    @admin.display(description=_("What the rules say"))
    def actual(self, sample: SamplePatient) -> str:
        """The verdict by the rules as saved, and whether it is the expected one."""
        verdict = self.verdicts.get(sample.pk, "")
        if not verdict:
            return _("after saving")
        if verdict == sample.expect:
            return _("%(verdict)s: as expected") % {"verdict": verdict}
        return _("%(verdict)s: NOT as expected") % {"verdict": verdict}
