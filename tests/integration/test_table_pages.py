"""The pages of tables: what they show before it is saved, what they refuse, and to whom they open."""

import re

import pytest
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile

from trials.admin.table_files import SignedUpload
from trials.models import Criterion, Trial

from .spreadsheets import exported, read, trial_of_two, written

pytestmark = pytest.mark.django_db


@pytest.fixture
def trial(small_catalog):
    """A trial of two criteria."""
    return trial_of_two()


@pytest.fixture
def rows(trial):
    """The table of that trial."""
    return exported(trial.criteria.all())


@pytest.fixture
def pages(client):
    """The desk's pages, with a coordinator who may do everything."""
    client.force_login(User.objects.create_superuser("ana"))
    return client


def upload(pages, table: bytes | list[dict[str, str]]):
    """The page after a table was chosen."""
    file = SimpleUploadedFile("table.csv", table if isinstance(table, bytes) else written(table))
    return pages.post("/admin/trials/criterion/import/", {"format": "0", "resource": "0", "import_file": file})


def confirm(pages, page, **changes):
    """The page after the preview was confirmed."""
    return pages.post("/admin/trials/criterion/process_import/", page.context["confirm_form"].initial | changes, follow=True)


def strict(page) -> str:
    """The page's own text. It has nothing that a strict content security policy forbids."""
    text = page.content.decode()
    assert not re.search(r"<[^>]+\s(style|on\w+)=|<style|<script(?![^>]*\ssrc=)[^>]*>\s*\S", text)
    return text


def test_a_table_is_shown_before_it_is_saved(pages, trial, rows):
    assert "Choose a table" in strict(pages.get("/admin/trials/criterion/import/"))
    page = upload(pages, [rows[0] | {"rule": "age >= 21", "plain": "<b>"}, rows[1]])
    text = strict(page)
    assert "<del>age &gt;= 18</del> <ins>age &gt;= 21</ins>" in text
    assert "<ins>&lt;b&gt;</ins>" in text
    assert "Is willing" not in text, "rows that change nothing are not shown"
    assert trial.criteria.first().rule == "age >= 18"
    assert "Rows added: 0, changed: 1, as they were: 1." in strict(confirm(pages, page))
    assert trial.criteria.first().rule == "age >= 21"


def test_a_wrong_table_is_refused_on_the_page(pages, rows):
    text = strict(upload(pages, [rows[0] | {"rule": "aeg >= 18"}]))
    assert "Nothing is saved." in text and "Row 2: rule: unknown question &#x27;aeg&#x27; at column 1; did you mean &#x27;age&#x27;?" in text
    assert "Traceback" not in text and "Save these changes" not in text
    assert "Save it as CSV UTF-8" in strict(upload(pages, b'nct_id,id\n"x,1\n'))
    assert "there is nothing to save" in strict(upload(pages, rows))


def test_what_changed_since_the_preview_is_not_overrun(pages, trial, rows):
    page = upload(pages, [rows[0] | {"plain": "New"}])
    trial.criteria.update(text="Changed meanwhile")
    text = strict(confirm(pages, page))
    assert "Nothing is saved." in text and "Row 2: the text is not that of criterion" in text
    assert not trial.criteria.filter(plain="New").exists()


@pytest.mark.parametrize("name", ["/etc/passwd", "x", "../x"])
def test_only_what_a_preview_showed_can_be_confirmed(name, pages, rows):
    page = upload(pages, [rows[0] | {"plain": "New"}])
    assert "The preview is too old." in strict(confirm(pages, page, import_file_name=name))
    strict(confirm(pages, page, format="7"))
    assert not Criterion.objects.filter(plain="New").exists()


def test_an_old_preview_cannot_be_confirmed(pages, rows, monkeypatch):
    page = upload(pages, [rows[0] | {"plain": "New"}])
    monkeypatch.setattr("trials.admin.table_files.PREVIEW_SECONDS", -1)
    assert "The preview is too old." in strict(confirm(pages, page))


def test_a_page_carries_the_largest_usual_table():
    upload = SignedUpload()
    upload.save(b"".join(b"NCT%08d,%d,inclusion,,Some words of a criterion %d\n" % (n, n, n * n) for n in range(20_000)))
    assert upload.read()


def test_tables_are_exported_as_the_list_is_filtered(pages, trial):
    page = pages.get("/admin/trials/criterion/export/?q=NCT30000001")
    assert (page["Content-Type"], page["Content-Disposition"][:32]) == ("text/csv; charset=utf-8", 'attachment; filename="Criterion-')
    assert [row["text"] for row in read(page.content.decode())] == ["Is an adult", "Is willing"]
    chosen = {"action": "export_admin_action", "_selected_action": [trial.pk]}
    assert [row["nct_id"] for row in read(pages.post("/admin/trials/trial/", chosen).content.decode())] == ["NCT30000001"]
    assert len(read(pages.get("/admin/trials/trial/export/").content.decode())) == Trial.objects.count()


def test_lists_offer_what_a_person_may_do(pages, trial):
    assert "/admin/trials/criterion/import/" in strict(pages.get("/admin/trials/criterion/"))
    assert "/admin/trials/trial/export/" in strict(pages.get("/admin/trials/trial/"))
    reader = User.objects.create_user("bo", is_staff=True)
    reader.user_permissions.add(*Permission.objects.filter(codename__in=["view_trial", "view_criterion"]))
    pages.force_login(reader)
    assert "criterion/import" not in strict(pages.get("/admin/trials/criterion/"))
    for address in ("criterion/import/", "criterion/export/", "trial/export/"):
        assert pages.get(f"/admin/trials/{address}").status_code == 403
    assert pages.post("/admin/trials/criterion/process_import/").status_code == 403
    reader.user_permissions.add(*Permission.objects.filter(codename__in=["import_trial", "export_trial"]))
    pages.force_login(User.objects.get(pk=reader.pk))
    assert [pages.get(f"/admin/trials/criterion/{do}/").status_code for do in ("import", "export")] == [200, 200]
