"""The condition areas."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Field, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from trials.models import ConditionArea, Trial

from .audited import Audited
from .history import ReadableHistory


class ConditionAreaForm(forms.ModelForm):
    """An area, with plain help."""

    class Meta:
        help_texts = {  # noqa: RUF012
            "slug": gettext_lazy("The short name in addresses and files, such as “eye”. It cannot be changed later."),
            "name": gettext_lazy("As patients read it on the first page."),
            "description": gettext_lazy("A few words below the name."),
            "order": gettext_lazy("Areas are listed from the smallest number up."),
        }


class WithAreas(admin.options.BaseModelAdmin):
    """Records kept by area: the areas as boxes to tick, and as one column of the list."""

    no_areas: str = ""

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).prefetch_related("areas")

    def formfield_for_dbfield(self, db_field: Field, request: HttpRequest, **kwargs: Any) -> forms.Field | None:
        if db_field.name != "areas":
            return super().formfield_for_dbfield(db_field, request, **kwargs)
        field = super().formfield_for_dbfield(db_field, request, widget=forms.CheckboxSelectMultiple, **kwargs)
        field.widget.can_add_related = False
        return field

    @admin.display(description=gettext_lazy("areas"))
    def area_names(self, record: Any) -> str:
        """The areas, by commas."""
        return ", ".join(area.name for area in record.areas.all()) or str(self.no_areas)


@admin.register(ConditionArea)
class ConditionAreaAdmin(Audited, ReadableHistory, admin.ModelAdmin):
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
