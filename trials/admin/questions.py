"""The questions that patients can be asked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from trials.models import Choice, Question
from trials.vocabulary import DIAGNOSIS

from .areas import WithAreas
from .checks import new_faults, shortened, stored_questions
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
class QuestionAdmin(ReadableHistory, WithAreas, admin.ModelAdmin):
    """The questions. A change that would break a stored rule is refused."""

    form = QuestionForm
    inlines = (ChoiceInline,)
    list_display = ("key", "text", "kind", "unit", "area_names", "source", "sensitive", "order")
    list_filter = ("kind", "areas", "sensitive", "source")
    list_per_page = 50
    search_fields = ("key", "text", "child_text", "help", "choices__label")
    search_help_text = _("Search by key, words or choices")
    no_areas = _("all")

    def get_readonly_fields(self, request: HttpRequest, obj: Question | None = None) -> tuple[str, ...]:
        return ("key", "choices_note") if obj else ()

    def get_inlines(self, request: HttpRequest, obj: Question | None) -> tuple[type[admin.TabularInline], ...]:
        return () if obj and obj.key == DIAGNOSIS else self.inlines

    def get_fieldsets(self, request: HttpRequest, obj: Question | None = None) -> list[tuple[object, dict[str, Any]]]:
        """The parts of a question by subject; for the diagnosis, a note in place of the choices."""
        return [
            (None, {"fields": ("key", "kind", "text", "child_text", "help", "why")}),
            (_("For numbers"), {"fields": ("unit", "units", ("min", "max"))}),
            (_("When it is asked"), {"fields": ("areas", "ask_if", "otherwise", "sensitive", "source", "order")}),
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
