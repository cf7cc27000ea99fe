"""The trials: the list, the page of one trial, publishing and withdrawing."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Count, F, OuterRef, QuerySet, Subquery, TextField
from django.db.models.functions import Cast, Coalesce, NullIf
from django.http import HttpRequest, HttpResponse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from trials import services
from trials.models import Criterion, Trial

from .areas import WithAreas
from .checks import shortened
from .filters import AsOfFilter
from .forms import TrialForm
from .parts import CohortInline, CriterionInline, SamplePatientInline, SiteInline

HOW_TO_WRITE_RULES = gettext_lazy(
    "A rule is one line that states the criterion as written; the rule of an exclusion states what excludes. Examples: "
    "<code>age &gt;= 18</code>, <code>age between 6 months and 12 years</code>, <code>diagnosis is lymphoma</code>, "
    "<code>diagnosis in (hemophilia_a, hemophilia_b)</code>, <code>treatments includes any of (car_t, chemotherapy)</code>, "
    "<code>sex is male or pregnant is no</code>, <code>not (hepatitis_b is yes)</code>. The first word is a question's key. "
    "A criterion without a rule is shown to patients as one that the study team will check."
)


def _how_many(criteria: QuerySet[Criterion]) -> Coalesce:
    """The number of a trial's criteria among these, as a column."""
    return Coalesce(Subquery(criteria.filter(trial=OuterRef("pk")).order_by().values("trial").annotate(count=Count("pk")).values("count")), 0)


@admin.register(Trial)
class TrialAdmin(WithAreas, admin.ModelAdmin):
    """The trials. No way leads from here to a published trial whose sample patients do not get the verdict to expect."""

    form = TrialForm
    inlines = (CohortInline, CriterionInline, SamplePatientInline, SiteInline)
    actions = ("publish", "withdraw")
    list_display = ("nct_id", "title", "area_names", "status", "published", "as_of_day", "share_with_rule")
    list_filter = ("areas", "status", "published", AsOfFilter, "approach", "criteria_complete")
    list_per_page = 50
    search_fields = ("nct_id", "title", "sponsor", "conditions__label", "conditions__key", "names_text", "genes_text")
    search_help_text = gettext_lazy("Search by NCT number, title, sponsor, condition or gene")
    filter_horizontal = ("conditions",)
    readonly_fields = ("min_age", "max_age")
    save_on_top = True
    fieldsets = (
        (None, {"fields": ("nct_id", "title", "summary", "areas", "status", "published")}),
        (gettext_lazy("What it is for"), {"fields": ("conditions", "condition_names")}),
        (gettext_lazy("What is done"), {"fields": ("approach", "delivery", "vector", "route", "genes", "phase", "follow_up_years")}),
        (gettext_lazy("Who to ask"), {"fields": ("sponsor", "contact_name", "contact_phone", "contact_email")}),
        (gettext_lazy("Source"), {"fields": ("source", "as_of")}),
        (
            gettext_lazy("Who can take part"),
            {"fields": ("sex", ("min_age", "max_age"), "criteria_complete"), "description": gettext_lazy("The ages follow from the rules below.")},
        ),
        (gettext_lazy("How to write criteria"), {"fields": (), "description": HOW_TO_WRITE_RULES}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Trial]:
        """The trials with what the list shows and the search looks through, in a fixed number of queries."""
        return (
            super()
            .get_queryset(request)
            .annotate(
                criteria_count=_how_many(Criterion.objects.all()),
                rule_count=_how_many(Criterion.objects.exclude(rule="")),
                names_text=Cast("condition_names", TextField()),
                genes_text=Cast("genes", TextField()),
            )
        )

    def view_on_site(self, obj: Trial) -> str | None:
        """The public page, which only published trials have."""
        return obj.get_absolute_url() if obj.published else None

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> HttpResponse:
        """The page of a trial; its long title stands in the form, not beside the buttons."""
        trial = context.get("original")
        return super().render_change_form(request, context | ({"subtitle": trial.nct_id} if trial else {}), *args, **kwargs)

    @admin.display(description=gettext_lazy("as of"), ordering="as_of")
    def as_of_day(self, trial: Trial) -> str:
        """The day, in a form that may take two lines."""
        return date_format(trial.as_of)

    @admin.display(description=gettext_lazy("with a rule"), ordering=F("rule_count") * 1.0 / NullIf("criteria_count", 0))
    def share_with_rule(self, trial: Trial) -> str:
        """How many of the criteria are judged by a rule."""
        if not trial.criteria_count:
            return _("no criteria")
        share = trial.rule_count * 100 // trial.criteria_count
        return _("%(share)s%% (%(rules)s of %(criteria)s)") % {"share": share, "rules": trial.rule_count, "criteria": trial.criteria_count}

    def save_model(self, request: HttpRequest, obj: Trial, form: TrialForm, change: bool) -> None:
        """Saves the trial unpublished. ``save_related`` publishes it, once all that belongs to it is saved and can be checked."""
        obj.published = False
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: TrialForm, formsets: list[Any], change: bool) -> None:
        """Saves the parts, then publishes the trial if that is wished and nothing speaks against it. All in one transaction."""
        super().save_related(request, form, formsets, change)
        services.note_ages(trial=form.instance)
        if form.cleaned_data.get("published"):
            if self._publish(request, form.instance, _("%(nct_id)s is saved, but it is not published and patients do not see it:")):
                self._tell_open_trials(request)
        elif faults := services.check_trial(trial=form.instance):
            self._tell(request, _("%(nct_id)s is saved. Before it can be published, these need your attention:"), form.instance, faults)

    @admin.action(description=gettext_lazy("Publish: show the chosen trials to patients"), permissions=["change"])
    def publish(self, request: HttpRequest, queryset: QuerySet[Trial]) -> None:
        """Publishes each chosen trial that nothing speaks against, and says why the others are refused."""
        published = sum(self._publish(request, trial, _("%(nct_id)s cannot be published:")) for trial in queryset)
        if published:
            said = ngettext("%(count)s trial is published.", "%(count)s trials are published.", published) % {"count": published}
            self.message_user(request, said, messages.SUCCESS)
            self._tell_open_trials(request)

    @admin.action(description=gettext_lazy("Withdraw: show the chosen trials to patients no longer"), permissions=["change"])
    def withdraw(self, request: HttpRequest, queryset: QuerySet[Trial]) -> None:
        """Withdraws each chosen trial."""
        chosen = list(queryset)
        for trial in chosen:
            services.withdraw(trial=trial)
        said = ngettext("%(count)s trial is withdrawn.", "%(count)s trials are withdrawn.", len(chosen)) % {"count": len(chosen)}
        self.message_user(request, said, messages.SUCCESS)
        self._tell_open_trials(request)

    def _publish(self, request: HttpRequest, trial: Trial, if_refused: str) -> bool:
        try:
            services.publish(trial=trial)
        except ValidationError as refusal:
            self._tell(request, if_refused, trial, refusal.messages)
            return False
        return True

    def _tell(self, request: HttpRequest, said: str, trial: Trial, faults: list[str]) -> None:
        self.message_user(request, " ".join([said % {"nct_id": trial.nct_id}, *(f"{fault}." for fault in shortened(faults))]), messages.WARNING)

    def _tell_open_trials(self, request: HttpRequest) -> None:
        count = Trial.objects.published().open().count()
        said = ngettext("Patients now see %(count)s open trial.", "Patients now see %(count)s open trials.", count) % {"count": count}
        self.message_user(request, said, messages.INFO)
