"""The condition areas."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from trials.models import ConditionArea, Trial


class ConditionAreaForm(forms.ModelForm):
    """An area, with plain help."""

    class Meta:
        help_texts = {  # noqa: RUF012
            "slug": gettext_lazy("The short name in addresses and files, such as “eye”. It cannot be changed later."),
            "name": gettext_lazy("As patients read it on the first page."),
            "description": gettext_lazy("A few words below the name."),
            "order": gettext_lazy("Areas are listed from the smallest number up."),
        }


@admin.register(ConditionArea)
class ConditionAreaAdmin(admin.ModelAdmin):
    """The areas; one that trials are kept by cannot be deleted."""

    form = ConditionAreaForm
    list_display = ("name", "slug", "description", "order")
    search_fields = ("name", "slug", "description")
    fields = ("name", "slug", "description", "order")

    def get_readonly_fields(self, request: HttpRequest, obj: ConditionArea | None = None) -> tuple[str, ...]:
        return ("slug",) if obj else ()

    def get_deleted_objects(self, objs: Iterable[ConditionArea], request: HttpRequest) -> tuple[Any, ...]:
        to_delete, counts, perms_needed, protected = super().get_deleted_objects(objs, request)
        kept = Trial.objects.filter(areas__in=objs).distinct()
        return to_delete, counts, perms_needed, [*protected, *(_("Trial %(trial)s is kept by this area") % {"trial": trial} for trial in kept)]
