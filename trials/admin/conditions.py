"""The tree of conditions, which are the choices of the question about the diagnosis."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from trials.eligibility.questions import Choice, QuestionError
from trials.models import Condition
from trials.vocabulary import DIAGNOSIS

from .areas import WithAreas
from .audited import Audited
from .checks import new_faults, shortened, stored_questions
from .fields import LinesField, plain_textarea, wide_input
from .history import ReadableHistory


def faults_with(conditions: Iterable[Condition]) -> list[str]:
    """What would break if these were all conditions of the tree."""
    before = stored_questions()
    if before is None:
        return []
    choices = tuple(Choice(node.key, node.label, node.parent.key if node.parent else None) for node in conditions)
    try:
        after = [replace(question, choices=choices) if question.key == DIAGNOSIS else question for question in before]
    except QuestionError as fault:
        return [str(fault)]
    return new_faults(before, after)


class ConditionForm(forms.ModelForm):
    """A condition. Refuses a tree that goes round in a circle, and a change that breaks a trial's rule."""

    synonyms = LinesField(label=gettext_lazy("Other names"), help_text=gettext_lazy("One on each line. Patients can find the condition by them."))

    class Meta:
        labels = {"parent": gettext_lazy("Is a kind of")}  # noqa: RUF012
        widgets = {"label": wide_input(), "help": plain_textarea(2)}  # noqa: RUF012
        help_texts = {  # noqa: RUF012
            "label": gettext_lazy("As patients read it."),
            "key": gettext_lazy("The name in rules, such as “rp_x_linked”: letters, digits and _. Once a rule names it, it cannot change."),
            "parent": gettext_lazy("The broader condition. A rule about it holds for all its kinds."),
            "help": gettext_lazy("A short explanation, where the name alone is not enough."),
            "order": gettext_lazy("Conditions are listed from the smallest number up."),
        }

    def clean_parent(self) -> Condition | None:
        """Refuses a condition that is a kind of itself, or of one of its own kinds."""
        parent = self.cleaned_data["parent"]
        above = parent
        seen: set[int] = set()
        while above and above.pk not in seen:
            if above.pk == self.instance.pk:
                raise ValidationError(_("A condition cannot be a kind of itself, or of one of its own kinds."))
            seen.add(above.pk)
            above = above.parent
        return parent

    def _post_clean(self) -> None:
        super()._post_clean()
        if self.errors or not {"key", "parent"} & set(self.changed_data):
            return
        others = list(Condition.objects.exclude(pk=self.instance.pk).select_related("parent"))
        for kind in others:
            if self.instance.pk and kind.parent_id == self.instance.pk:
                kind.parent = self.instance
        faults = faults_with([*others, self.instance])
        if faults:
            self.add_error("key" if "key" in self.changed_data else "parent", [_("This would break what is stored:"), *shortened(faults)])


@admin.register(Condition)
class ConditionAdmin(Audited, ReadableHistory, WithAreas, admin.ModelAdmin):
    """The conditions. One that a rule names cannot be deleted."""

    form = ConditionForm
    list_display = ("label", "path", "key", "area_names", "order")
    list_filter = ("areas",)
    list_per_page = 300
    list_select_related = ("parent__parent__parent__parent__parent",)
    search_fields = ("label", "key", "synonyms_text")
    search_help_text = gettext_lazy("Search by name, other name or key")
    fields = ("label", "key", "parent", "areas", "help", "synonyms", "order")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Condition]:
        return super().get_queryset(request).annotate(synonyms_text=Cast("synonyms", TextField()))

    @admin.display(description=gettext_lazy("is a kind of"))
    def path(self, condition: Condition) -> str:
        """The broader conditions, the broadest first."""
        names: list[str] = []
        above = condition.parent
        while above and above.label not in names:
            names.append(above.label)
            above = above.parent
        return " › ".join(reversed(names)) or "–"

    def get_deleted_objects(self, objs: Iterable[Condition], request: HttpRequest) -> tuple[Any, ...]:
        to_delete, counts, perms_needed, protected = super().get_deleted_objects(objs, request)
        if not protected:
            gone = {condition.pk for condition in objs}
            protected = shortened(faults_with(node for node in Condition.objects.select_related("parent") if node.pk not in gone))
        return to_delete, counts, perms_needed, protected
