"""Trials and criteria as tables for a spreadsheet: which columns there are, and what a row that comes back may change."""

from __future__ import annotations

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.html import format_html
from django.utils.translation import gettext as _
from import_export import fields, resources
from import_export.results import Result
from tablib import Dataset

from trials import catalog
from trials.eligibility.questionnaire import Questionnaire
from trials.eligibility.questions import did_you_mean
from trials.models import Cohort, Criterion, Trial

from .table_files import MOST_ROWS, TableError

COLUMNS = ("nct_id", "order", "kind", "cohort", "text", "plain", "rule", "team_checks", "id")
NEEDED = ("nct_id", "id")
YES, NO = ("yes", "true", "1"), ("no", "false", "0", "")
LARGEST_ORDER = 32_767

_FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")


def escaped(cell: object) -> str:
    """A cell that no spreadsheet takes for a formula: one that begins like a formula gets an apostrophe before it."""
    text = str(cell)
    return f"'{text}" if _FORMULA.match(text) else text


def unescaped(cell: str) -> str:
    """The cell as it was before ``escaped``."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def _yes(flag: bool) -> str:
    return "yes" if flag else "no"


def _text(name: str, column: str = "") -> fields.Field:
    return fields.Field(attribute=name, column_name=column or name)


class TableResource(resources.ModelResource):
    """A table whose cells cannot act as formulas."""

    def export_resource(self, instance: Any, selected_fields: Any = None, **kwargs: Any) -> list[str]:
        return [escaped(cell) for cell in super().export_resource(instance, selected_fields, **kwargs)]


class TrialResource(TableResource):
    """The trials, one on each row, with how far their criteria are. Only for export."""

    nct_id, title = _text("nct_id"), _text("title")
    areas, conditions = fields.Field(column_name="areas"), fields.Field(column_name="conditions")
    approach, delivery, vector = _text("approach"), _text("delivery"), _text("vector")
    genes, phase = fields.Field(column_name="genes"), fields.Field(column_name="phase")
    status, sponsor, as_of = _text("status"), _text("sponsor"), _text("as_of")
    published, criteria = fields.Field(column_name="published"), fields.Field(column_name="criteria")
    with_rule, study_team = fields.Field(column_name="with a rule"), fields.Field(column_name="study team")
    to_do, review = fields.Field(column_name="to do"), fields.Field(column_name="to review")

    class Meta:
        model = Trial
        fields = export_order = (
            *("nct_id", "title", "areas", "conditions", "approach", "delivery", "vector", "genes", "phase", "status", "sponsor", "as_of", "published"),
            *("criteria", "with_rule", "study_team", "to_do", "review"),
        )

    def filter_export(self, queryset: QuerySet[Trial], **kwargs: Any) -> QuerySet[Trial]:
        return queryset.prefetch_related("areas", "conditions", "criteria")

    def export_resource(self, instance: Trial, selected_fields: Any = None, **kwargs: Any) -> list[str]:
        self.states = [criterion.state for criterion in instance.criteria.all()]
        return super().export_resource(instance, selected_fields, **kwargs)

    def dehydrate_areas(self, trial: Trial) -> str:
        return "; ".join(area.slug for area in trial.areas.all())

    def dehydrate_conditions(self, trial: Trial) -> str:
        return "; ".join([*(condition.label for condition in trial.conditions.all()), *trial.condition_names])

    def dehydrate_genes(self, trial: Trial) -> str:
        return "; ".join(trial.genes)

    def dehydrate_phase(self, trial: Trial) -> str:
        return "; ".join(trial.phase)

    def dehydrate_published(self, trial: Trial) -> str:
        return _yes(trial.published)

    def dehydrate_criteria(self, _trial: Trial) -> int:
        return len(self.states)

    def dehydrate_with_rule(self, _trial: Trial) -> int:
        return self.states.count("rule")

    def dehydrate_study_team(self, _trial: Trial) -> int:
        return self.states.count("study_team")

    def dehydrate_to_do(self, _trial: Trial) -> int:
        return self.states.count("to_do")

    def dehydrate_review(self, _trial: Trial) -> int:
        return self.states.count("review")


class _Changes:
    """What a row changes, cell by cell: the old words struck out, the new ones beside them."""

    def __init__(self, resource: CriterionResource, instance: Criterion, new: bool) -> None:
        cells = resource.cells(instance)
        self.left = [""] * len(cells) if new else cells
        self.right: list[str] = []

    def compare_with(self, resource: CriterionResource, instance: Criterion) -> None:
        self.right = resource.cells(instance)

    def as_html(self) -> list[str]:
        return [
            format_html("{}", new) if old == new else format_html("<del>{}</del> <ins>{}</ins>", old, new) if old else format_html("<ins>{}</ins>", new)
            for old, new in zip(self.left, self.right, strict=True)
        ]


class CriterionResource(TableResource):
    """The criteria, one on each row. A table that comes back changes them, or adds new ones where ``id`` is empty: all rows or none."""

    id, order, kind, text = _text("id"), _text("order"), _text("kind"), _text("text")
    plain, rule, team_checks = _text("plain"), _text("rule"), _text("team_checks")
    nct_id, cohort = _text("trial__nct_id", "nct_id"), _text("cohort__name", "cohort")

    class Meta:
        model = Criterion
        fields = import_order = export_order = COLUMNS
        skip_unchanged = True
        report_skipped = False
        store_instance = True

    @classmethod
    def get_diff_class(cls) -> type[_Changes]:
        return _Changes

    def get_queryset(self) -> QuerySet[Criterion]:
        return Criterion.objects.select_related("trial", "cohort").order_by("trial__nct_id", "order", "id")

    def filter_export(self, queryset: QuerySet[Criterion], **kwargs: Any) -> QuerySet[Criterion]:
        return queryset.select_related("trial", "cohort")

    def dehydrate_team_checks(self, criterion: Criterion) -> str:
        return _yes(criterion.team_checks)

    def cells(self, criterion: Criterion) -> list[str]:
        """A criterion as the preview shows it."""
        return [str(self.export_field(field, criterion)) for field in self.get_import_fields()]

    def import_data(self, dataset: Dataset, dry_run: bool = False, **kwargs: Any) -> Result:
        """Imports all rows, or none where one of them is refused. The package alone would leave out the refused ones in silence."""
        return super().import_data(dataset, dry_run, **kwargs | {"use_transactions": True, "rollback_on_validation_errors": True})

    def before_import(self, dataset: Dataset, **kwargs: Any) -> None:
        """Refuses a table of other columns or too many rows, and reads once what all rows need."""
        fault = self._table_fault(dataset)
        if fault:
            del dataset[:]  # the package goes on to the rows otherwise
            raise TableError(fault)
        self.questionnaire = Questionnaire(catalog.stored_questions())
        self.trials = {trial.nct_id: trial for trial in Trial.objects.filter(nct_id__in={_words(cell) for cell in dataset["nct_id"]})}
        self.cohorts: dict[int, dict[str, Cohort]] = {}
        for cohort in Cohort.objects.filter(trial__in=self.trials.values()):
            self.cohorts.setdefault(cohort.trial_id, {})[_words(cohort.name)] = cohort
        numbers = {int(number) for number in map(_words, dataset["id"]) if _is_number(number)}
        self.criteria = {row.pk: row for row in Criterion.objects.filter(trial__in=self.trials.values()).select_related("cohort") if row.pk in numbers}
        self.owners = dict(Criterion.objects.filter(pk__in=numbers - self.criteria.keys()).values_list("pk", "trial__nct_id"))
        self.seen: dict[int, int] = {}

    def _table_fault(self, dataset: Dataset) -> str:
        headers = dataset.headers or []
        if len(dataset) > MOST_ROWS:
            return _("The table has more than %(most)s rows. Import it in parts.") % {"most": f"{MOST_ROWS:,}"}
        for name in headers:
            if name not in COLUMNS:
                said = _("The column “%(name)s” is not known%(hint)s. Delete it, or name it right. Known are: %(known)s.")
                return said % {"name": name, "hint": did_you_mean(name, COLUMNS).rstrip("?"), "known": ", ".join(COLUMNS)}
            if headers.count(name) > 1:
                return _("The column “%(name)s” is there twice. Delete one of them.") % {"name": name}
        for name in NEEDED:
            if name not in headers:
                return _("The table needs the column “%(name)s”. Start from an exported table.") % {"name": name}
        return ""

    def import_row(self, row: dict[str, str], instance_loader: Any, **kwargs: Any) -> Any:
        """Imports one row. An empty one is left out."""
        if any(map(_words, row.values())):
            return super().import_row(row, instance_loader, **kwargs)
        result = self.get_row_result_class()()
        result.import_type = result.IMPORT_TYPE_SKIP
        return result

    def before_import_row(self, row: dict[str, str], **kwargs: Any) -> None:
        self.row = kwargs["row_number"] + 1  # as a spreadsheet counts, with the line of the names
        row.update({name: unescaped(cell) for name, cell in row.items()})

    def _refusal(self, *faults: str) -> ValidationError:
        return ValidationError([_("Row %(row)s: %(fault)s") % {"row": self.row, "fault": fault} for fault in faults])

    def get_or_init_instance(self, instance_loader: Any, row: dict[str, str]) -> tuple[Criterion, bool]:
        """The criterion that a row is about, or a new one of its trial."""
        nct_id, number = _words(row["nct_id"]), _words(row["id"])
        trial = self.trials.get(nct_id)
        if trial is None:
            raise self._refusal(_("there is no trial “%(trial)s”. Write the NCT number of a trial that is here.") % {"trial": nct_id})
        if not number:
            return Criterion(trial=trial), True
        pk = int(number) if _is_number(number) else -1
        criterion = self.criteria.get(pk)
        if criterion is None and pk in self.owners:
            said = _("the criterion %(id)s belongs to %(owner)s, not to %(trial)s. Put back %(owner)s, or leave the id empty to add a new criterion.")
            raise self._refusal(said % {"id": number, "owner": self.owners[pk], "trial": nct_id})
        if criterion is None:
            raise self._refusal(_("there is no criterion %(id)s. Export the table anew, or leave the id empty to add a criterion.") % {"id": number})
        if criterion.trial_id != trial.pk:
            owner = next(other.nct_id for other in self.trials.values() if other.pk == criterion.trial_id)
            said = _("the criterion %(id)s belongs to %(owner)s, not to %(trial)s. Put back %(owner)s, or leave the id empty to add a new criterion.")
            raise self._refusal(said % {"id": number, "owner": owner, "trial": nct_id})
        if pk in self.seen:
            raise self._refusal(_("the criterion %(id)s is already in row %(row)s. Delete one of the two rows.") % {"id": number, "row": self.seen[pk]})
        self.seen[pk] = self.row
        criterion.trial = trial
        return criterion, False
