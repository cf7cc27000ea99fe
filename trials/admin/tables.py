"""Trials and criteria as tables for a spreadsheet: which columns there are, and what a row that comes back may change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Max, QuerySet
from django.utils.html import format_html
from django.utils.translation import gettext as _
from import_export import fields, resources
from import_export.results import Error, Result, RowResult
from tablib import Dataset

from trials import audit, catalog, services
from trials.audit import Act
from trials.eligibility.questionnaire import Questionnaire
from trials.eligibility.questions import QuestionError, did_you_mean
from trials.eligibility.rules import RuleError, parse
from trials.models import Cohort, Criterion, Trial
from trials.texts import visible

from .table_files import MOST_ROWS, TableError, escaped, unescaped

COLUMNS = ("nct_id", "order", "kind", "cohort", "text", "plain", "rule", "team_checks", "id")
NEEDED = ("nct_id", "id")
YES, NO = ("yes", "true", "1"), ("no", "false", "0", "")
LARGEST_ORDER = 32_767
LONGEST_NAME = 60


def _of(attribute: str, column: str = "") -> fields.Field:
    """A column of a record's own words."""
    return fields.Field(attribute=attribute, column_name=column or attribute)


def _made(column: str, make: Callable[[Any], object]) -> fields.Field:
    """A column that is made of a record."""
    return fields.Field(column_name=column, dehydrate_method=make)


def _yes(flag: bool) -> str:
    return "yes" if flag else "no"


def _how_many(column: str, state: str) -> fields.Field:
    return _made(column, lambda trial: sum(criterion.state == state for criterion in trial.criteria.all()))


class TableResource(resources.ModelResource):
    """A table whose cells cannot act as formulas."""

    def export_resource(self, instance: Any, selected_fields: Any = None, **kwargs: Any) -> list[str]:
        """The cells of one row."""
        return [escaped(cell) for cell in super().export_resource(instance, selected_fields, **kwargs)]


class TrialResource(TableResource):
    """The trials, one on each row, with how far their criteria are. Only for export."""

    areas = _made("areas", lambda trial: "; ".join(area.slug for area in trial.areas.all()))
    conditions = _made("conditions", lambda trial: "; ".join([*(condition.label for condition in trial.conditions.all()), *trial.condition_names]))
    genes = _made("genes", lambda trial: "; ".join(trial.genes))
    phase = _made("phase", lambda trial: "; ".join(trial.phase))
    published = _made("published", lambda trial: _yes(trial.published))
    criteria = _made("criteria", lambda trial: len(trial.criteria.all()))
    with_rule = _how_many("with a rule", "rule")
    study_team = _how_many("study team", "study_team")
    to_do = _how_many("to do", "to_do")
    to_review = _how_many("to review", "review")

    class Meta:
        model = Trial
        fields = (
            *("nct_id", "title", "areas", "conditions", "approach", "delivery", "vector", "genes", "phase", "status", "sponsor", "as_of", "published"),
            *("criteria", "with_rule", "study_team", "to_do", "to_review"),
        )

    def filter_export(self, queryset: QuerySet[Trial], **kwargs: Any) -> QuerySet[Trial]:
        """The trials with what the columns are made of."""
        return queryset.prefetch_related("areas", "conditions", "criteria")


class _Changes:
    """What a row changes, cell by cell: the old words struck out, the new ones beside them."""

    def __init__(self, resource: CriterionResource, instance: Criterion, new: bool) -> None:
        cells = resource.cells(instance)
        self.new = new
        self.left = [""] * len(cells) if new else cells
        self.right: list[str] = []

    def compare_with(self, resource: CriterionResource, instance: Criterion) -> None:
        self.right = resource.cells(instance)
        if self.new:
            self.right[COLUMNS.index("id")] = ""  # the number that it will get is not known yet

    def as_html(self) -> list[str]:
        return [
            format_html("{}", new) if old == new else format_html("<del>{}</del> <ins>{}</ins>", old, new) if old else format_html("<ins>{}</ins>", new)
            for old, new in zip(self.left, self.right, strict=True)
        ]


class CriterionResource(TableResource):
    """The criteria, one on each row. A table that comes back changes them, or adds new ones where ``id`` is empty: all rows or none."""

    id, order, kind, text = _of("id"), _of("order"), _of("kind"), _of("text")
    plain, rule = _of("plain"), _of("rule")
    team_checks = fields.Field(attribute="team_checks", column_name="team_checks", dehydrate_method=lambda criterion: _yes(criterion.team_checks))
    nct_id, cohort = _of("trial__nct_id", "nct_id"), _of("cohort__name", "cohort")

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
        # Locked, in one order for all, until the table is stored: nobody publishes one of these trials without having seen the new rows.
        trials = Trial.objects.filter(nct_id__in={_words(cell) for cell in dataset["nct_id"]}).select_for_update().order_by("pk")
        self.trials = {trial.nct_id: trial for trial in trials}
        self.cohorts: dict[int, dict[str, Cohort]] = {}
        for cohort in Cohort.objects.filter(trial__in=self.trials.values()):
            self.cohorts.setdefault(cohort.trial_id, {})[_words(cohort.name)] = cohort
        numbers = {int(number) for number in map(_words, dataset["id"]) if _is_number(number)}
        self.criteria = {row.pk: row for row in self.get_queryset().filter(pk__in=numbers)}
        self.seen: dict[int, int] = {}

    def _table_fault(self, dataset: Dataset) -> str:
        headers = dataset.headers or []
        if len(dataset) > MOST_ROWS:
            return _("The table has more than %(most)s rows. Import it in parts.") % {"most": f"{MOST_ROWS:,}"}
        for name in headers:
            if name not in COLUMNS:
                said = _("The column “%(name)s” is not known%(hint)s. Delete it, or name it right. Known are: %(known)s.")
                return said % {"name": name[:LONGEST_NAME], "hint": did_you_mean(name[:LONGEST_NAME], COLUMNS).rstrip("?"), "known": ", ".join(COLUMNS)}
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
        criterion = self.criteria.get(int(number)) if _is_number(number) else None
        if criterion is None:
            raise self._refusal(_("there is no criterion %(id)s. Export the table anew, or leave the id empty to add a criterion.") % {"id": number})
        if criterion.trial_id != trial.pk:
            said = _("the criterion %(id)s belongs to %(owner)s, not to %(trial)s. Put back %(owner)s, or leave the id empty to add a new criterion.")
            raise self._refusal(said % {"id": number, "owner": criterion.trial.nct_id, "trial": nct_id})
        if criterion.pk in self.seen:
            raise self._refusal(
                _("the criterion %(id)s is already in row %(row)s. Delete one of the two rows.") % {"id": number, "row": self.seen[criterion.pk]}
            )
        self.seen[criterion.pk] = self.row
        criterion.trial = trial
        return criterion, False

    def import_instance(self, instance: Criterion, row: dict[str, str], **kwargs: Any) -> None:
        """Takes over what the row says. Raises ``ValidationError`` for cells that cannot be read."""
        faults = list(self._read(instance, row))
        if faults:
            raise self._refusal(*faults)

    def _read(self, criterion: Criterion, row: dict[str, str]) -> Iterator[str]:
        text = row.get("text", "")
        if not criterion.pk:
            criterion.text = _words(text)
        elif "text" in row and _words(text) != _words(criterion.text):
            yield _("the text is not that of criterion %(id)s. A table cannot change it: put it back, or change it on the trial's page.") % {"id": criterion.pk}
        for name in ("plain", "rule"):
            if name in row and _words(row[name]) != _words(getattr(criterion, name)):
                setattr(criterion, name, _words(row[name]))
        kinds = dict(Criterion.KINDS)
        kind = _words(row["kind"]).lower() if "kind" in row else criterion.kind
        if kind not in kinds:
            yield _("the kind cannot be “%(kind)s”. It is one of: %(kinds)s.") % {"kind": kind, "kinds": ", ".join(kinds)}
        criterion.kind = kind
        if "team_checks" in row:
            flag = _words(row["team_checks"]).lower()
            if flag not in YES + NO:
                yield _("team_checks cannot be “%(flag)s”. Write yes or no.") % {"flag": flag}
            criterion.team_checks = flag in YES
        yield from self._read_order(criterion, _words(row.get("order", "")))
        if "cohort" in row:
            yield from self._read_cohort(criterion, _words(row["cohort"]))

    def _read_order(self, criterion: Criterion, order: str) -> Iterator[str]:
        if order and not (_is_number(order) and int(order) <= LARGEST_ORDER):
            yield _("the order cannot be “%(order)s”. Write a whole number from 0 to %(most)s.") % {"order": order, "most": LARGEST_ORDER}
        elif order:
            criterion.order = int(order)
        elif not criterion.pk:
            last = Criterion.objects.filter(trial=criterion.trial).aggregate(last=Max("order"))["last"]
            criterion.order = 0 if last is None else last + 1

    def _read_cohort(self, criterion: Criterion, name: str) -> Iterator[str]:
        cohorts = self.cohorts.get(criterion.trial_id, {})
        if criterion.cohort and _words(criterion.cohort.name) == name:
            return  # two cohorts may differ in spaces alone
        if name and name not in cohorts:
            said = _("%(trial)s has no cohort “%(name)s”%(hint)s. Add it on the trial's page first, or leave the cell empty for all participants.")
            yield said % {"trial": criterion.trial.nct_id, "name": name, "hint": did_you_mean(name, cohorts).rstrip("?")}
        else:
            criterion.cohort = cohorts[name] if name else None

    def validate_instance(self, instance: Criterion, import_validation_errors: Any = None, validate_unique: bool = True) -> None:
        """Refuses a changed row that the records cannot take, or whose rule the engine cannot use."""
        if import_validation_errors:
            raise ValidationError(import_validation_errors)
        faults = []
        if instance.rule and instance.kind == Criterion.UNCLEAR:
            faults.append(_("a criterion with a rule needs a kind. Write inclusion or exclusion."))
        if instance.rule:
            try:
                parse(instance.rule, self.questionnaire)
            except (RuleError, QuestionError) as fault:
                faults.append(_("rule: %(fault)s") % {"fault": fault})
        try:
            instance.clean_fields(exclude=("trial", "cohort"))
        except ValidationError as refusal:
            faults += [f"{name}: {' '.join(said)}" for name, said in refusal.message_dict.items()]
        if faults:
            raise self._refusal(*faults)

    def after_import(self, dataset: Dataset, result: Result, **kwargs: Any) -> None:
        """Brings the changed trials' ages in step, and refuses the table where a published trial could no longer be published."""
        super().after_import(dataset, result, **kwargs)
        if result.has_errors() or result.has_validation_errors():
            return
        self._refuse_live_changes(result, kwargs.get("user"))
        for trial in {row.instance.trial_id: row.instance.trial for row in result.rows if _matters(row)}.values():
            services.note_ages(trial=trial, questionnaire=self.questionnaire)
            for fault in services.check_trial(trial=trial, questionnaire=self.questionnaire) if trial.published else ():
                said = _("%(trial)s is published, and with these rows it could not be: %(fault)s. Mend the rows, or withdraw the trial first.")
                result.append_base_error(Error(TableError(said % {"trial": trial.nct_id, "fault": fault})))
        changed = Counter(row.instance.trial.nct_id for row in result.rows if row.is_new() or row.is_update())
        for nct_id, count in sorted(changed.items()):  # undone with the rows, in a preview and after a fault
            audit.record(Act.IMPORT, Trial(nct_id=nct_id), detail=f"a table (CSV): criteria added or changed: {count}", by=kwargs.get("user"))

    def _refuse_live_changes(self, result: Result, user: Any) -> None:
        """What patients see is changed by publishers only. (No user: a program that may do everything.)"""
        if user is None or user.has_perm("trials.publish_trial"):
            return
        touched = {row.instance.trial.nct_id for row in result.rows if (row.is_new() or row.is_update()) and row.instance.trial.published}
        for nct_id in sorted(touched):
            said = _("%(trial)s is published: only a publisher can change it by a table. Withdraw it first, or ask a publisher.")
            result.append_base_error(Error(TableError(said % {"trial": nct_id})))


def _matters(row: RowResult) -> bool:
    """Whether the change could have something to say on the verdict, or on whether the trial may be published."""
    return row.is_new() or any(getattr(row.original, name) != getattr(row.instance, name) for name in ("rule", "kind", "cohort_id", "team_checks"))


def _words(cell: str) -> str:
    """The cell without what spreadsheets change by themselves, spaces at its ends and how lines end, and without signs that nobody sees."""
    return visible(cell.replace("\r\n", "\n")).strip()


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19
