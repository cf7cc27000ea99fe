"""What `make run` does before it serves."""

from django.core.management.base import BaseCommand
from django.db import DEFAULT_DB_ALIAS

from trials.management.preparing import prepare

from .load_files import report


class Command(BaseCommand):
    """``manage.py prepare``"""

    help = "Brings the database up to date, and loads the built-in records where it is empty."

    def handle(self, **_options) -> None:
        """Prepares, and says what was done."""
        self.check(databases=[DEFAULT_DB_ALIAS])
        loaded = prepare()
        self.stdout.write(report(loaded, "added") if loaded else "the database is ready")
