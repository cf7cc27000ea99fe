"""No cell of a table that leaves the desk begins like a formula, and criteria whose words do come back as they were."""

import csv
import io

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models
from django.test import Client
from django.urls import reverse

from tests.factories import CohortFactory, CriterionFactory, TrialFactory
from trials.models import Act, AuditEntry, Criterion, Trial

from .spreadsheets import read, written
from .test_permission_matrix import patterns

pytestmark = pytest.mark.django_db

STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
WORDS = [f"{start}cmd|' /C calc'!A0" for start in STARTS] + ["'=1", "''=1", "-1 or less", '=1","=2', "=1;=2", "= 1\r\n=2"]
FREE = (models.CharField, models.TextField)


@pytest.fixture
def root():
    """A superuser's browser."""
    client = Client()
    client.force_login(User.objects.create_superuser("root"))
    return client


@pytest.fixture
def records(small_catalog):
    """Criteria, a trial and a line of the audit trail for each kind of words, which stand in each field where anything can be written."""
    trial = TrialFactory(nct_id="NCT20000001", published=False)
    for number, words in enumerate(WORDS):
        cohort = CohortFactory(trial=trial, name=words)
        CriterionFactory(trial=trial, text=words, plain=words, order=number, cohort=cohort, team_checks=True)
        other = TrialFactory(nct_id=f"NCT200001{number:02}", published=False)
        Trial.objects.filter(pk=other.pk).update(**_in_each_field(Trial, words), genes=[words], phase=[words], condition_names=[words])
        AuditEntry.objects.create(**{**_in_each_field(AuditEntry, words), "act": Act.ADD})
    return trial


def _in_each_field(model, words: str) -> dict[str, str]:
    free = [one.name for one in model._meta.fields if isinstance(one, FREE) and not one.choices and not one.unique]
    return {name: words[: model._meta.get_field(name).max_length] for name in free}


def exports() -> list[str]:
    """The addresses at which tables leave the desk."""
    return sorted(one.name for one in patterns(admin.site.urls[0]) if (one.name or "").endswith("_export"))


def cells(page) -> list[str]:
    """All cells of a table, its headings too."""
    return [cell for row in csv.reader(io.StringIO(page.content.decode().removeprefix("\ufeff"), newline="")) for cell in row]


def test_these_are_all_tables_that_leave_the_desk():
    assert exports() == ["trials_auditentry_export", "trials_criterion_export", "trials_trial_export"]


@pytest.mark.parametrize("name", exports())
def test_no_cell_begins_like_a_formula(name, root, records):
    found = cells(root.get(reverse(f"admin:{name}")))
    assert [cell for cell in found if cell.startswith(STARTS)] == []
    for words in WORDS:
        assert f"'{words}" in found, "the words are there, behind an apostrophe"


@pytest.mark.parametrize("name", exports())
def test_no_cell_of_chosen_rows_begins_like_a_formula(name, root, records):
    model = {"auditentry": AuditEntry, "criterion": Criterion, "trial": Trial}[name.split("_")[1]]
    chosen = {"action": "export_admin_action", "_selected_action": list(model.objects.values_list("pk", flat=True))}
    page = root.post(reverse(f"admin:trials_{model._meta.model_name}_changelist"), chosen)
    found = cells(page)
    assert len(found) > len(WORDS) and [cell for cell in found if cell.startswith(STARTS)] == []


def _imported(root, rows):
    file = SimpleUploadedFile("table.csv", written(rows))
    page = root.post("/admin/trials/criterion/import/", {"format": "0", "resource": "0", "import_file": file})
    return page, root.post("/admin/trials/criterion/process_import/", page.context["confirm_form"].initial) if "confirm_form" in page.context else None


def test_a_table_with_such_cells_comes_back_without_loss(root, records):
    before = list(Criterion.objects.order_by("pk").values())
    rows = [row for row in read(root.get("/admin/trials/criterion/export/").content.decode()) if row["nct_id"] == "NCT20000001"]
    assert len(rows) == len(WORDS)
    page, _saved = _imported(root, rows)
    assert [str(row.error) for row in page.context["result"].invalid_rows] == []
    assert (page.context["result"].has_errors(), page.context["result"].totals["skip"]) == (False, len(WORDS))
    assert list(Criterion.objects.order_by("pk").values()) == before


@pytest.mark.parametrize("words", ["=1+1", "-1 or less", "'=1", "@home", "''-", "+1 555", "＝1"])
def test_such_words_that_are_typed_into_a_table_are_stored_as_meant(words, root, records):
    criterion = Criterion.objects.filter(trial=records).first()
    (row,) = [row for row in read(root.get("/admin/trials/criterion/export/").content.decode()) if row["id"] == str(criterion.pk)]
    for typed in (f"'{words}", words if not words.startswith("'") else f"'{words}"):  # escaped as the export does, and plain
        Criterion.objects.filter(pk=criterion.pk).update(plain="before")
        _imported(root, [row | {"plain": typed}])
        criterion.refresh_from_db()
        assert criterion.plain == words
