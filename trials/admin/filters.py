"""Filters of the lists."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from trials.vocabulary import FRESH_DAYS


def stale_since(today: date) -> date:
    """Records as of an earlier day than this should be checked against their source again: patients read that they were not."""
    return today - timedelta(days=FRESH_DAYS)


class AsOfFilter(admin.SimpleListFilter):
    """Records that were checked lately, and those that were not."""

    title = _("as of")
    parameter_name = "checked"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> Iterable[tuple[str, object]]:
        return ("lately", _("In the last 90 days")), ("long_ago", _("Longer ago"))

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        day = stale_since(timezone.localdate())
        match self.value():
            case "lately":
                return queryset.filter(as_of__gte=day)
            case "long_ago":
                return queryset.filter(as_of__lt=day)
        return queryset
