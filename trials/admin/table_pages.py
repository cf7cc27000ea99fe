"""The pages of tables: export from a list, and import with a preview."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.core import signing
from django.core.exceptions import BadRequest, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from import_export.admin import ExportActionMixin, ImportMixin
from import_export.forms import ConfirmImportForm, ImportForm
from import_export.results import Result, RowResult

from trials import audit
from trials.audit import Act
from trials.models import Criterion

from . import file_kinds
from .audited import Audited
from .history import ReadableHistory
from .table_files import LARGEST_FILE, SignedUpload, TableError, TableFormat
from .tables import CriterionResource


class ExportsTable(ExportActionMixin):
    """A list that can be exported, whole as filtered or the chosen rows, by people with the permission ``export_trial``."""

    export_formats = (TableFormat,)
    skip_export_form = skip_export_form_from_action = True
    show_change_form_export = False
    change_form_template = None

    def has_export_permission(self, request: HttpRequest) -> bool:
        """Whether this person may see the records and take them away."""
        return self.has_view_permission(request) and request.user.has_perm("trials.export_trial")

    def get_export_queryset(self, request: HttpRequest) -> QuerySet:
        """The rows of the list, as the address filters it. Raises ``BadRequest`` where it filters by what the list does not have."""
        try:
            return super().get_export_queryset(request)
        except IncorrectLookupParameters:
            raise BadRequest("the list has no such filter") from None


class UploadForm(ImportForm):
    """The table to import."""

    media = forms.Media()  # there is one format, so no script has to guess it

    def clean_import_file(self) -> Any:
        """Refuses a file that is too large, before it is read, or that is no table."""
        file = self.cleaned_data["import_file"]
        if file.size > LARGEST_FILE:
            raise ValidationError(_("The file is larger than %(most)s MB. Import it in parts."), params={"most": LARGEST_FILE // 1_000_000})
        file_kinds.check(file, file_kinds.TABLES)
        return file


class ConfirmForm(ConfirmImportForm):
    """The table once more, from the preview."""

    format = forms.ChoiceField(choices=(("0", "0"),), widget=forms.HiddenInput)
    resource = forms.ChoiceField(choices=(("0", "0"),), widget=forms.HiddenInput, required=False)

    def clean_import_file_name(self) -> str:
        """Refuses what does not come from our own preview of the last hour."""
        try:
            SignedUpload(name=self.cleaned_data["import_file_name"]).read()
        except (signing.BadSignature, TableError):
            raise ValidationError(_("The preview is too old. Please choose the file again.")) from None
        return self.cleaned_data["import_file_name"]


class ImportsTable(ImportMixin):
    """A list that takes a table, shown before it is saved, from people with the permission ``import_trial``. All rows are saved, or none."""

    import_formats = (TableFormat,)
    import_form_class, confirm_form_class = UploadForm, ConfirmForm
    import_template_name = "admin/import_export/import_table.html"
    tmp_storage_class = SignedUpload

    def has_import_permission(self, request: HttpRequest) -> bool:
        """Whether this person may change the records by a table."""
        return request.user.has_perm("trials.import_trial")

    def add_data_read_fail_error_to_form(self, form: forms.Form, e: Exception) -> None:
        """Says what is wrong with the file in our own words."""
        form.add_error("import_file", str(e) if isinstance(e, TableError) else _("The file cannot be read as a table."))

    def process_result(self, result: Result, request: HttpRequest) -> HttpResponse:
        """What was imported; or, where the records changed since the preview, why nothing was. The package alone would report success."""
        if not (result.has_errors() or result.has_validation_errors()):
            return super().process_result(result, request)
        self._note_refusal(result)
        form = self.import_form_class(self.get_import_formats(), self.get_import_resource_classes(request))
        context = {**self.admin_site.each_context(request), "title": _("Import"), "opts": self.opts, "form": form, "result": result}
        return TemplateResponse(request, self.import_template_name, context)

    def import_action(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The page for a table, and its preview."""
        page = super().import_action(request, *args, **kwargs)
        context = _context(page)
        result = context.get("result")
        if result and (result.has_errors() or result.has_validation_errors()):
            self._note_refusal(result)
        elif "form" in context and context["form"].errors:
            self._note("a table (CSV) that cannot be taken")
        return page

    def process_import(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """The confirmation of a preview."""
        page = super().process_import(request, **kwargs)
        form = _context(page).get("confirm_form")
        if form and form.errors:
            self._note("a table (CSV) whose preview is too old or not ours")
        return page

    def _note_refusal(self, result: Result) -> None:
        faults = len(result.base_errors) + len(result.invalid_rows) + len(result.row_errors())
        self._note(f"a table (CSV) with {faults} faults")

    def _note(self, refused: str) -> None:
        audit.record(Act.IMPORT_REFUSED, self.model, detail=refused)

    def add_success_message(self, result: Result, request: HttpRequest) -> None:
        """How much has changed."""
        kinds = {"new": RowResult.IMPORT_TYPE_NEW, "changed": RowResult.IMPORT_TYPE_UPDATE, "same": RowResult.IMPORT_TYPE_SKIP}
        said = _("The table is imported. Rows added: %(new)s, changed: %(changed)s, as they were: %(same)s.")
        messages.success(request, said % {name: result.totals[kind] for name, kind in kinds.items()})


def _context(page: HttpResponse) -> dict[str, Any]:
    """What a page is made from; nothing for one that only leads elsewhere."""
    return getattr(page, "context_data", None) or {}


@admin.register(Criterion)
class CriterionAdmin(ImportsTable, ExportsTable, Audited, ReadableHistory, admin.ModelAdmin):
    """All criteria in one list, to export and import. They are edited on the pages of their trials."""

    resource_classes = (CriterionResource,)
    import_export_change_list_template = "admin/import_export/change_list_import_export.html"
    list_display = ("trial_link", "order", "kind", "cohort", "text", "plain", "rule", "team_checks")
    list_display_links = None
    list_filter = ("trial__areas", "trial__published", "kind", "team_checks")
    list_select_related = ("trial", "cohort")
    list_per_page = 100
    ordering = ("trial__nct_id", "order", "id")
    search_fields = ("trial__nct_id", "text", "plain", "rule")
    search_help_text = gettext_lazy("Search by NCT number, words or rule")

    @admin.display(description=gettext_lazy("trial"), ordering="trial__nct_id")
    def trial_link(self, criterion: Criterion) -> str:
        """The way to the trial's page."""
        return format_html('<a href="{}">{}</a>', reverse("admin:trials_trial_change", args=[criterion.trial_id]), criterion.trial.nct_id)

    def has_add_permission(self, _request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: Criterion | None = None) -> bool:
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Criterion | None = None) -> bool:
        return False
