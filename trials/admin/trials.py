"""The trials: the list, the page of one trial, publishing and withdrawing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import F, QuerySet, TextField, prefetch_related_objects
from django.db.models.functions import Cast, NullIf
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from trials import services
from trials.eligibility.questions import QuestionError
from trials.models import Condition, Criterion, Trial
from trials.services import deciding

from .areas import WithAreas
from .attention import AttentionFilter, with_counts
from .audited import Audited
from .checks import keep_catalog, questionnaire_for, shortened, usable_questionnaire
from .filters import AsOfFilter
from .forms import TrialForm
from .history import ReadableHistory
from .meanwhile import SEEN, differing, stamp_of
from .parts import CohortInline, CriterionInline, SamplePatientInline, SiteInline
from .standing import CHECKED_PARTS, Standing, standing_for, standing_of
from .table_pages import ExportsTable
from .tables import TrialResource
from .trial_pages import TrialPages


@admin.register(Trial)
class TrialAdmin(ExportsTable, TrialPages, Audited, ReadableHistory, WithAreas, admin.ModelAdmin):
    """The trials. No way leads from here to a published trial with an unsettled criterion, or whose sample patients do not get the verdict to expect."""

    form = TrialForm
    resource_classes = (TrialResource,)
    inlines = (CohortInline, CriterionInline, SamplePatientInline, SiteInline)
    actions = ("publish", "withdraw", "download_files")
    list_display = ("nct_id", "title", "area_names", "status", "published", "as_of_day", "coverage")
    list_filter = (AttentionFilter, "areas", "status", "published", AsOfFilter, "approach", "criteria_complete")
    list_per_page = 50
    search_fields = ("nct_id", "title", "sponsor", "conditions__label", "conditions__key", "names_text", "genes_text")
    search_help_text = gettext_lazy("Search by NCT number, title, sponsor, condition or gene")
    readonly_fields = ("min_age", "max_age")
    save_on_top = True
    change_form_template = "admin/trials/trial/change_form.html"
    change_list_template = "admin/trials/trial/change_list.html"
    fieldsets = (
        (None, {"fields": ("nct_id", "title", "summary", "areas", "status", "published")}),
        (gettext_lazy("What it is for"), {"fields": ("conditions", "condition_names"), "classes": ("collapse",)}),
        (gettext_lazy("What is done"), {"fields": ("approach", "delivery", "vector", "route", "genes", "phase", "follow_up_years"), "classes": ("collapse",)}),
        (gettext_lazy("Who to ask"), {"fields": ("sponsor", "contact_name", "contact_phone", "contact_email"), "classes": ("collapse",)}),
        (gettext_lazy("Source"), {"fields": ("source", "as_of"), "classes": ("collapse",)}),
        (
            gettext_lazy("Who can take part"),
            {
                "fields": ("sex", ("min_age", "max_age"), "criteria_complete"),
                "description": gettext_lazy("The ages follow from the rules below."),
                "classes": ("collapse",),
            },
        ),
    )

    class Media:
        css = {"all": ("trials/desk.css", "trials/rule.css")}  # noqa: RUF012
        js = ("trials/rule.js", "trials/desk.js")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Trial]:
        """The trials with what the list shows and the search looks through, in a fixed number of queries."""
        trials = with_counts(super().get_queryset(request))
        return trials.annotate(names_text=Cast("condition_names", TextField()), genes_text=Cast("genes", TextField()))

    def get_readonly_fields(self, request: HttpRequest, obj: Trial | None = None) -> tuple[str, ...]:
        """Who may not publish sees whether a trial is published, and cannot change it."""
        return (*self.readonly_fields, *(() if self.may_publish(request) else ("published",)))

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The page of a trial, and what it sends. The catalog cannot be looked up any more in the transaction of a save."""
        keep_catalog(request)
        return super().changeform_view(request, *args, **kwargs)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Trial | None:
        """The trial, and before it is read the stamp of what is stored: a change in between is told once too often rather than never."""
        if not object_id.isdecimal():
            return None
        request.desk_stamp = stamp_of(int(object_id))
        return Trial.objects.prefetch_related("areas").filter(pk=object_id).first()  # without the columns of the list

    def get_form(self, request: HttpRequest, obj: Trial | None = None, change: bool = False, **kwargs: Any) -> type[TrialForm]:
        """The form, which knows the state of the trial that it is for, and who fills it in."""
        form = super().get_form(request, obj, change, **kwargs)
        form.stamp, form.person = getattr(request, "desk_stamp", ""), request.user
        if "conditions" in form.base_fields:
            form.base_fields["conditions"].choices = lambda: Condition.objects.values_list("pk", "label")  # of the whole records there would be hundreds
        return form

    def may_publish(self, request: HttpRequest) -> bool:
        """Whether this person may show trials to patients."""
        return request.user.has_perm("trials.publish_trial")

    has_publish_permission = may_publish  # Django's name for an action's permission

    def view_on_site(self, obj: Trial) -> str | None:
        """The public page, which only published trials have."""
        return obj.get_absolute_url() if obj.published else None

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> HttpResponse:
        """The page of a trial, with where it stands. Its long title is in the form, not beside the buttons."""
        trial = context.get("original")
        extra: dict[str, Any] = {"rule_help": reverse("admin:trials_trial_rule"), "may_publish": self.may_publish(request)}
        if trial:
            form, formsets = context["adminform"].form, [inline.formset for inline in context["inline_admin_formsets"]]
            changed_meanwhile = form.is_bound and form.data.get(SEEN, form.stamp) != form.stamp
            extra |= {"subtitle": trial.nct_id, "seen_name": SEEN, "seen": form.stamp}
            extra["differing"] = list(differing(form, formsets)) if changed_meanwhile else []
            extra["standing"] = standing_for(request, trial.pk)
        return super().render_change_form(request, context | extra, *args, **kwargs)

    def get_deleted_objects(self, objs: Iterable[Trial], request: HttpRequest) -> tuple[Any, ...]:
        """A trial goes with its criteria, although the list of all criteria deletes none."""
        to_delete, counts, needed, protected = super().get_deleted_objects(objs, request)
        return to_delete, counts, needed - {Criterion._meta.verbose_name}, protected

    @admin.display(description=gettext_lazy("as of"), ordering="as_of")
    def as_of_day(self, trial: Trial) -> str:
        """The day, in a form that may take two lines."""
        return date_format(trial.as_of)

    @admin.display(description=gettext_lazy("criteria done"), ordering=F("settled_count") * 1.0 / NullIf("criteria_count", 0))
    def coverage(self, trial: Trial) -> str:
        """How many of the criteria are settled, and by what."""
        if not trial.criteria_count:
            return _("no criteria")
        said = _("%(settled)s of %(all)s done (%(rules)s with a rule)") % {
            "settled": trial.settled_count,
            "all": trial.criteria_count,
            "rules": trial.rule_count,
        }
        return said if not trial.review_count else _("%(said)s; %(count)s to look at again") % {"said": said, "count": trial.review_count}

    def save_model(self, request: HttpRequest, obj: Trial, form: TrialForm, change: bool) -> None:
        """Saves the trial unpublished. ``save_related`` publishes it, once all that belongs to it is saved and can be checked."""
        form.was_published = change and Trial.objects.filter(pk=obj.pk, published=True).exists()
        questionnaire = usable_questionnaire(request)
        usable = change and questionnaire is not None
        form.verdicts = standing_of(obj.pk, questionnaire).verdicts if usable else {}
        form.shown_rules = deciding.suggested_rules(trial=obj, questionnaire=questionnaire) if usable and form.cleaned_data.get("use_all_rules") else {}
        form.wished = obj.published and self.may_publish(request)
        obj.published = False
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: TrialForm, formsets: list[Any], change: bool) -> None:
        """Saves the parts and what was decided, then publishes if that is wished and nothing speaks against it. All in one transaction.

        Where nothing was changed, what patients see stays as it was.
        """
        super().save_related(request, form, formsets, change)
        trial = form.instance
        is_changed = form.has_changed() or any(formset.has_changed() for formset in formsets)
        if form.was_published and not is_changed:
            self._leave_published(request, trial)
            return
        if form.was_published and not form.wished:
            services.withdraw(trial=trial)
        try:
            questionnaire_for(request).keys()
        except QuestionError as fault:
            self.message_user(request, _("It is saved, but not published: %(fault)s.") % {"fault": fault}, messages.WARNING)
            return
        self._decide(request, form)
        prefetch_related_objects([trial], *CHECKED_PARTS)
        services.note_ages(trial=trial, questionnaire=questionnaire_for(request))
        self._tell_changed_verdicts(request, form)
        if form.wished:
            if self._publish(request, trial, _("%(nct_id)s is saved, but it is not published and patients do not see it:")):
                self._tell_open_trials(request)
            elif form.was_published:
                services.withdraw(trial=trial)
            return
        if form.was_published and not self.may_publish(request):
            said = _("%(nct_id)s is saved and no longer shown to patients. A publisher has to look at it and publish it again.")
            self.message_user(request, said % {"nct_id": trial.nct_id}, messages.WARNING)
        if faults := services.check_trial(trial=trial, questionnaire=questionnaire_for(request)):
            self._tell(request, _("%(nct_id)s is saved. Before it can be published, these need your attention:"), trial, faults)

    def _leave_published(self, request: HttpRequest, trial: Trial) -> None:
        """Shows a trial on that was saved unchanged, by whomever, and says what now speaks against it."""
        trial.published = True
        trial.save()
        prefetch_related_objects([trial], *CHECKED_PARTS)
        try:
            services.note_ages(trial=trial, questionnaire=questionnaire_for(request))
            faults = services.check_trial(trial=trial, questionnaire=questionnaire_for(request))
        except QuestionError as fault:
            faults = [str(fault)]
        if faults:
            self._tell(request, _("You changed nothing, and patients still see %(nct_id)s. But look at this:"), trial, faults)

    def _decide(self, request: HttpRequest, form: TrialForm) -> None:
        """Does what was ticked for the trial as a whole."""
        trial, ticked = form.instance, form.cleaned_data
        if form.chosen_facts:
            deciding.use_facts(trial=trial, facts=form.chosen_facts)
        if ticked.get("dismiss_facts"):
            deciding.dismiss_facts(trial=trial)
        if ticked.get("add_lines"):
            deciding.add_lines(trial=trial)
        if ticked.get("drop_lines"):
            deciding.drop_lines(trial=trial)
        if ticked.get("settle_doubts"):
            deciding.settle_doubts(trial=trial)
        if ticked.get("differences_seen"):
            deciding.see_differences(trial=trial)
        if ticked.get("use_all_rules"):
            count = deciding.use_all_rules(trial=trial, questionnaire=questionnaire_for(request), shown=form.shown_rules)
            said = ngettext("%(count)s suggested rule is in place.", "%(count)s suggested rules are in place.", count)
            self.message_user(request, said % {"count": count}, messages.SUCCESS)
        if ticked.get("leave_rest"):
            count = deciding.leave_rest(trial=trial)
            said = ngettext("%(count)s criterion is left to the study team.", "%(count)s criteria are left to the study team.", count)
            self.message_user(request, said % {"count": count}, messages.SUCCESS)

    def _tell_changed_verdicts(self, request: HttpRequest, form: TrialForm) -> None:
        """Names the sample patients who get another verdict than before this change."""
        now = Standing(form.instance, questionnaire_for(request), timezone.localdate()).verdicts
        names = {sample.pk: sample.name for sample in form.instance.sample_patients.all()}
        changed = [f"{names[pk]}: {before} → {now[pk]}" for pk, before in form.verdicts.items() if pk in now and now[pk] != before]
        if changed:
            self.message_user(request, _("This changed the verdict on sample patients: %(changed)s.") % {"changed": "; ".join(changed)}, messages.INFO)

    @admin.action(description=gettext_lazy("Publish: show the chosen trials to patients"), permissions=["publish"])
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
        withdrawn = 0
        for trial in queryset:
            try:
                services.withdraw(trial=trial)
                withdrawn += 1
            except Trial.DoesNotExist:
                self._tell_gone(request, trial)
        said = ngettext("%(count)s trial is withdrawn.", "%(count)s trials are withdrawn.", withdrawn) % {"count": withdrawn}
        self.message_user(request, said, messages.SUCCESS)
        self._tell_open_trials(request)

    def _publish(self, request: HttpRequest, trial: Trial, if_refused: str) -> bool:
        try:
            services.publish(trial=trial, by=request.user, questionnaire=questionnaire_for(request))
        except ValidationError as refusal:
            self._tell(request, if_refused, trial, refusal.messages)
            return False
        except Trial.DoesNotExist:
            self._tell_gone(request, trial)
            return False
        return True

    def _tell_gone(self, request: HttpRequest, trial: Trial) -> None:
        self.message_user(request, _("%(nct_id)s was deleted by somebody else meanwhile.") % {"nct_id": trial.nct_id}, messages.WARNING)

    def _tell(self, request: HttpRequest, said: str, trial: Trial, faults: list[str]) -> None:
        sentences = (fault if fault.endswith(".") else f"{fault}." for fault in shortened(faults))
        self.message_user(request, " ".join([said % {"nct_id": trial.nct_id}, *sentences]), messages.WARNING)

    def _tell_open_trials(self, request: HttpRequest) -> None:
        count = Trial.objects.published().open().count()
        said = ngettext("Patients now see %(count)s open trial.", "Patients now see %(count)s open trials.", count) % {"count": count}
        self.message_user(request, said, messages.INFO)
