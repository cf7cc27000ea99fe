"""Records kept as rows, so that a catalog is read from its files once and put into the database as often as tests need it."""

from collections.abc import Callable

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, models, transaction

from trials import catalog

Rows = dict[type[models.Model], list[models.Model]]

OF_THE_MIGRATION = ("ConditionArea", "CatalogStamp")
"""Models of which the migration makes the rows."""

APPEND_ONLY = ("AuditEntry",)
"""Models whose rows cannot be taken away."""


def added_by(load: Callable[[], object]) -> Rows:
    """All rows that a load adds to a new database; the database stays as it was."""
    with transaction.atomic():
        load()
        tables = apps.get_app_config("trials").get_models(include_auto_created=True)
        found = {table: list(table._base_manager.all()) for table in tables if table.__name__ not in OF_THE_MIGRATION + APPEND_ONLY}
        transaction.set_rollback(True)
    return found


def put(rows: Rows) -> None:
    """Writes the rows."""
    for table, records in rows.items():
        table._base_manager.bulk_create(records)
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), list(rows)):
            cursor.execute(statement)
    catalog.touch()


def take_away(rows: Rows) -> None:
    """Empties the tables of these rows."""
    for table in rows:
        table._base_manager.all()._raw_delete("default")
    catalog.touch()


def everything() -> dict[str, list[tuple]]:
    """Every row of every table of the database, as it is stored. Left out is the audit trail, which tells of refusals too."""
    found = {}
    with connection.cursor() as cursor:
        for table in sorted({*connection.introspection.table_names(cursor)} - {"trials_auditentry"}):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            found[table] = sorted(cursor.fetchall(), key=repr)
    return found
