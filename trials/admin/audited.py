"""What is done on the admin's pages goes into the audit trail, in the transaction in which it is done."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import override

from trials import audit
from trials.audit import Act


class Audited(admin.ModelAdmin):
    """An admin page whose acts leave a line in the audit trail, and whose refused actions do."""

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        """Notes a new record."""
        audit.record(Act.ADD, obj)
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        """Notes a changed record, with the names of the fields."""
        audit.record(Act.CHANGE, obj, detail=_in_words(message))
        return super().log_change(request, obj, message)

    @transaction.atomic
    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        """Deletes a record and notes it, or neither."""
        audit.record(Act.DELETE, obj)
        super().delete_model(request, obj)

    @transaction.atomic
    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> None:
        """Deletes records and notes each, or nothing of it."""
        for obj in queryset:
            audit.record(Act.DELETE, obj)
        super().delete_queryset(request, queryset)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list. Django answers an action that this person may not do as if none were chosen, so it is noted here."""
        if request.method == "POST" and self.has_view_or_change_permission(request):
            refused = {name for _function, name, _description in self._get_base_actions()} - self.get_actions(request).keys()
            for name in sorted(refused.intersection(request.POST.getlist("action"))):
                audit.record(Act.PERMISSION_REFUSED, self.model, detail=f"action {name}")
        return super().changelist_view(request, extra_context)


def _in_words(message: Any) -> str:
    """Which fields and parts changed, as Django's own log words it."""
    if isinstance(message, str):
        return message
    with override(None):
        return LogEntry(change_message=json.dumps(message)).get_change_message()
