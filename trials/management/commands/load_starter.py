"""Loads the built-in questions, trials and therapies."""

from django.core.management.base import BaseCommand

from trials import services
from trials.management.preparing import make_tables

from .load_files import report


class Command(BaseCommand):
    """``manage.py load_starter``"""

    help = "Adds the built-in questions, trials and approved therapies that the database does not have. Safe to run again."

    def handle(self, **_options) -> None:
        """Loads, and says what was added."""
        make_tables()
        self.stdout.write(report(services.load_starter(), "added"))
