"""The questions that patients can be asked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from trials import catalog
from trials.desk.catalog_lint import lint_questions
from trials.models import Choice, Question, Trial
from trials.vocabulary import DIAGNOSIS

from .areas import WithAreas
from .audited import Audited
from .checks import new_faults, shortened, stored_questions, usable_questionnaire
from .history import ReadableHistory
from .question_forms import ChoiceForm, ChoiceFormSet, QuestionForm


class ChoiceInline(admin.TabularInline):
    """The choices of a question."""

    model = Choice
    form = ChoiceForm
    formset = ChoiceFormSet
    extra = 0
    fields = ("key", "label", "parent", "order")
    verbose_name_plural = _("choices (for questions with one choice or several)")


@admin.register(Question)
class QuestionAdmin(Audited, ReadableHistory, WithAreas, admin.ModelAdmin):
    """The questions. A change that would break a stored rule is refused."""

    form = QuestionForm
    inlines = (ChoiceInline,)
    list_display = ("key", "text", "kind", "unit", "area_names", "source", "sensitive", "order")
    list_filter = ("kind", "areas", "sensitive", "source", "changes")
    list_per_page = 50
    change_list_template = "admin/trials/question/change_list.html"
    search_fields = ("key", "text", "child_text", "help", "choices__label")
    search_help_text = _("Search by key, words or choices")
    no_areas = _("all")

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """The page of checks before Django's own addresses, of which the last would take any."""
        return [path("checks/", self.admin_site.admin_view(self.checks_view), name="trials_question_checks"), *super().get_urls()]

    def checks_view(self, request: HttpRequest) -> HttpResponse:
        """What looks wrong in the questions as a whole, seen beside all trials."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        questionnaire = usable_questionnaire(request)
        findings = []
        if questionnaire is not None:
            findings = lint_questions(questionnaire, [catalog.judged_trial(trial, questionnaire) for trial in Trial.objects.with_parts()])
        context = {**self.admin_site.each_context(request), "title": _("Checks of the questions"), "opts": self.opts, "findings": findings}
        return TemplateResponse(request, "admin/trials/question/checks.html", context)

    def get_readonly_fields(self, request: HttpRequest, obj: Question | None = None) -> tuple[str, ...]:
        return ("key", "choices_note") if obj else ()

    def get_inlines(self, request: HttpRequest, obj: Question | None) -> tuple[type[admin.TabularInline], ...]:
        return () if obj and obj.key == DIAGNOSIS else self.inlines

    def get_fieldsets(self, request: HttpRequest, obj: Question | None = None) -> list[tuple[object, dict[str, Any]]]:
        """The parts of a question by subject; for the diagnosis, a note in place of the choices."""
        return [
            (None, {"fields": ("key", "kind", "text", "child_text", "help", "why")}),
            (_("For numbers"), {"fields": ("unit", "units", ("min", "max"))}),
            (_("When it is asked"), {"fields": ("areas", "ask_if", "otherwise", "sensitive", "source", "changes", "order")}),
            *([(_("Choices"), {"fields": ("choices_note",)})] if obj and obj.key == DIAGNOSIS else []),
        ]

    @admin.display(description=_("choices"))
    def choices_note(self, question: Question) -> str:
        """Where the choices of the diagnosis are kept."""
        return format_html(
            '{} <a href="{}">{}</a>', _("The conditions are the choices of this question."), reverse("admin:trials_condition_changelist"), _("See them")
        )

    def get_deleted_objects(self, objs: Iterable[Question], request: HttpRequest) -> tuple[Any, ...]:
        to_delete, counts, perms_needed, protected = super().get_deleted_objects(objs, request)
        gone = {question.key for question in objs}
        before = stored_questions() or []
        faults = new_faults(before, [question for question in before if question.key not in gone])
        return to_delete, counts, perms_needed, [*protected, *shortened(faults)]
