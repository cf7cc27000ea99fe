"""The approved therapies."""

from __future__ import annotations

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from trials.models import ApprovedTherapy

from .audited import Audited
from .fields import plain_textarea, wide_input
from .filters import AsOfFilter
from .history import ReadableHistory


class ApprovedTherapyForm(forms.ModelForm):
    """A therapy, with plain help."""

    class Meta:
        help_texts = {  # noqa: RUF012
            "brand": _("The name on the package."),
            "generic": _("The name of the substance."),
            "condition": _("What it is approved for, in plain words."),
            "conditions": _("The conditions of our tree that it is approved for."),
            "withdrawn": _("Tick this when it is no longer sold or no longer approved."),
            "source": _("Where these facts are from: an address, and when it was read."),
            "as_of": _("The day on which the source was last checked."),
        }
        widgets = {"condition": plain_textarea(3), "vector": wide_input(60), "note": plain_textarea(3), "source": plain_textarea(3)}  # noqa: RUF012


@admin.register(ApprovedTherapy)
class ApprovedTherapyAdmin(Audited, ReadableHistory, admin.ModelAdmin):
    """The therapies that the page “Learn” lists."""

    form = ApprovedTherapyForm
    list_display = ("brand", "generic", "company", "area", "year_approved", "withdrawn", "as_of")
    list_select_related = ("area",)
    list_filter = ("area", "approach", "withdrawn", AsOfFilter)
    search_fields = ("brand", "generic", "company", "condition", "conditions__label")
    search_help_text = _("Search by name, company or condition")
    filter_horizontal = ("conditions",)
    fieldsets = (
        (None, {"fields": ("brand", "generic", "company", "year_approved", "withdrawn")}),
        (_("What it is for"), {"fields": ("condition", "area", "conditions")}),
        (_("What it does"), {"fields": ("approach", "delivery", "vector", "note")}),
        (_("Source"), {"fields": ("source", "as_of")}),
    )
