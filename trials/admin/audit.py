"""The audit trail as a list to read, to search and to take away."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest
from django.utils.formats import localize
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from import_export import fields

from trials.models import Act, AuditEntry

from .audited import Audited
from .table_pages import ExportsTable
from .tables import TableResource


class AuditResource(TableResource):
    """The lines of the trail, the newest first. Only for export."""

    time = fields.Field(column_name="time", dehydrate_method=lambda entry: entry.time.isoformat())

    class Meta:
        model = AuditEntry
        fields = ("id", "time", "act", "user_id", "user_name", "record_type", "record_key", "detail", "address")


@admin.register(AuditEntry)
class AuditEntryAdmin(ExportsTable, Audited, admin.ModelAdmin):
    """Who did what at the desk. Nobody changes or deletes a line, not even a superuser."""

    resource_classes = (AuditResource,)
    list_display = ("at", "act", "who", "record_type", "record_key", "detail", "address")
    list_display_links = None
    list_filter = ("act", "record_type", ("time", admin.DateFieldListFilter))
    list_per_page = 100
    show_full_result_count = False  # the trail only grows
    search_fields = ("user_name", "record_key", "detail", "address")
    search_help_text = gettext_lazy("Search by account, NCT number or other record, address, or words")

    @admin.display(description=gettext_lazy("time"), ordering="id")
    def at(self, entry: AuditEntry) -> str:
        """The time to the second, which the order of acts needs."""
        return localize(localtime(entry.time).replace(microsecond=0))

    @admin.display(description=gettext_lazy("who"), ordering="user_name")
    def who(self, entry: AuditEntry) -> str:
        """The account. Without one it was a command, or somebody who could not sign in."""
        if entry.user_name:
            return entry.user_name
        return _("nobody who was signed in") if entry.act == Act.SIGN_IN_REFUSED else _("a command on the server")

    def lookup_allowed(self, lookup: str, value: object, request: HttpRequest) -> bool:
        """Only what the page's own filters ask for: PostgreSQL cannot compare an address with whatever somebody writes."""
        return lookup.split("__", maxsplit=1)[0] in ("act", "record_type", "time") and super().lookup_allowed(lookup, value, request)

    def has_export_permission(self, request: HttpRequest) -> bool:
        """Who may read the trail may also take it away."""
        return self.has_view_permission(request)

    def has_add_permission(self, _request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: AuditEntry | None = None) -> bool:
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: AuditEntry | None = None) -> bool:
        return False
