"""The audit trail is append-only: the model refuses, and where somebody goes past the model, the database does."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F

from trials.models import Act, AppendOnlyError, AuditEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def line():
    """A line of the trail."""
    return AuditEntry.objects.create(act=Act.PUBLISH, user_id=7, user_name="petra", record_type="trial", record_key="NCT10000001")


def change(line):
    line.detail = "never"
    line.save()


PAST_THE_TRAIL = {
    "save": change,
    "save of a field": lambda line: line.save(update_fields=["detail"]),
    "delete": lambda line: line.delete(),
    "update": lambda line: AuditEntry.objects.filter(pk=line.pk).update(detail="never"),
    "update of all": lambda line: AuditEntry.objects.update(detail="never"),
    "update by another column": lambda line: AuditEntry.objects.update(detail=F("user_name")),
    "bulk_update": lambda line: AuditEntry.objects.bulk_update([line], ["detail"]),
    "update_or_create": lambda line: AuditEntry.objects.update_or_create(pk=line.pk, defaults={"detail": "never"}),
    "delete of some": lambda line: AuditEntry.objects.filter(pk=line.pk).delete(),
    "delete of all": lambda line: AuditEntry.objects.all().delete(),
}


@pytest.mark.parametrize("way", PAST_THE_TRAIL.values(), ids=PAST_THE_TRAIL)
def test_the_model_refuses_to_change_or_delete_a_line(way, line):
    before = AuditEntry.objects.values().get()
    with pytest.raises(AppendOnlyError, match="append-only"):
        way(line)
    assert AuditEntry.objects.values().get() == before


def test_a_new_line_does_not_take_the_place_of_another(line):
    with pytest.raises(IntegrityError), transaction.atomic():
        AuditEntry(pk=line.pk, act=Act.ADD).save()
    assert AuditEntry.objects.get().act == Act.PUBLISH


BY_SQL = {
    "update": "UPDATE trials_auditentry SET detail = 'never'",
    "update of one": "UPDATE trials_auditentry SET user_name = 'somebody else' WHERE id = %s",
    "delete": "DELETE FROM trials_auditentry",
    "delete of one": "DELETE FROM trials_auditentry WHERE id = %s",
    "replace (SQLite)": "INSERT OR REPLACE INTO trials_auditentry SELECT * FROM trials_auditentry",
    "upsert": "INSERT INTO trials_auditentry SELECT * FROM trials_auditentry WHERE true ON CONFLICT (id) DO UPDATE SET detail = 'never'",
    "truncate (PostgreSQL)": "TRUNCATE trials_auditentry",
}


@pytest.mark.parametrize(("way", "statement"), BY_SQL.items(), ids=BY_SQL)
def test_the_database_refuses_to_change_or_delete_a_line(way, statement, line):
    if "(" in way and connection.vendor not in way.lower():
        pytest.skip("a statement of another database")
    before = AuditEntry.objects.values().get()
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, [line.pk] if "%s" in statement else None)
    assert AuditEntry.objects.values().get() == before


@pytest.mark.parametrize("act", [act for act in Act if act not in (Act.SIGN_IN, Act.SIGN_OUT, Act.SIGN_IN_REFUSED)])
def test_an_address_is_kept_of_signing_in_and_out_alone(act):
    AuditEntry.objects.create(act=Act.SIGN_IN, address="192.0.2.1")
    with pytest.raises(IntegrityError), transaction.atomic():
        AuditEntry.objects.create(act=act, address="192.0.2.1")


def test_an_act_is_one_of_the_list():
    with pytest.raises(IntegrityError), transaction.atomic():
        AuditEntry.objects.create(act="something")


def test_a_line_outlives_the_account_and_the_record_that_it_names():
    assert not any(field.is_relation for field in AuditEntry._meta.get_fields())
