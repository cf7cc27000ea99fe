"""What belongs to a trial and is kept on its page: cohorts, criteria, sites, sample patients."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.forms import BaseInlineFormSet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from trials.models import Cohort, Criterion, SamplePatient, Site, Trial

from .checks import questionnaire_for
from .forms import CheckedFormSet, CohortFormSet, CriterionForm, CriterionFormSet, SamplePatientForm, SiteForm
from .formsets import OrderedForm


class CheckedInline(admin.options.InlineModelAdmin):
    """An inline whose rows are checked against the questions."""

    def get_formset(self, request: HttpRequest, obj: Trial | None = None, **kwargs: Any) -> type[BaseInlineFormSet]:
        formset = super().get_formset(request, obj, **kwargs)
        formset.questionnaire = questionnaire_for(request)
        return formset


class CohortInline(admin.TabularInline):
    """Cohorts come first: criteria name them."""

    model = Cohort
    form = OrderedForm
    formset = CohortFormSet
    extra = 0
    fields = ("name", "order")
    verbose_name_plural = _("cohorts: groups with criteria of their own (save a new one before you pick it for a criterion)")


class CriterionInline(CheckedInline, admin.StackedInline):
    """Criteria with their rules."""

    model = Criterion
    form = CriterionForm
    formset = CriterionFormSet
    extra = 0
    fieldsets = (
        (None, {"fields": (("kind", "cohort", "order"), ("text", "plain"))}),
        (None, {"fields": ("rule",), "classes": ("monospace",)}),
    )

    def get_formset(self, request: HttpRequest, obj: Trial | None = None, **kwargs: Any) -> type[BaseInlineFormSet]:
        """The rows, which can name the cohorts of this trial only. The cohorts are read once for all rows."""
        formset = super().get_formset(request, obj, **kwargs)
        cohort = formset.form.base_fields.get("cohort")
        if cohort:
            cohort.queryset = Cohort.objects.filter(trial=obj) if obj else Cohort.objects.none()
            cohort.choices = [("", _("All participants")), *((row.pk, row.name) for row in cohort.queryset)]
        return formset


class SiteInline(admin.TabularInline):
    """Sites, which can be many."""

    model = Site
    form = SiteForm
    extra = 0
    fields = ("facility", "city", "state", "country", "zip", "status")
    classes = ("collapse",)


class SamplePatientInline(CheckedInline, admin.TabularInline):
    """Invented patients, on whom the rules are tried."""

    model = SamplePatient
    form = SamplePatientForm
    formset = CheckedFormSet
    extra = 0
    fields = ("name", "answers", "expect")
    verbose_name_plural = _("sample patients: invented people on whom the rules are tried (never write of a real patient here)")
    classes = ("monospace",)
