"""Making a new database ready for a command, so that each works from a clean checkout."""

from django.core.management import call_command
from django.db import connection

from trials import services
from trials.files import Contents
from trials.models import Question, Trial


def is_new() -> bool:
    """Whether the database has no tables yet."""
    return Trial._meta.db_table not in connection.introspection.table_names()


def make_tables() -> None:
    """Makes the tables of a new database."""
    if is_new():
        call_command("migrate", verbosity=0)


def prepare() -> Contents | None:
    """Brings the tables up to date, and loads the built-in records into an empty database. Gives what was loaded, if anything."""
    call_command("migrate", verbosity=0)
    if Question.objects.exists() or Trial.objects.exists():
        return None
    return services.load_starter()
