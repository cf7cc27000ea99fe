"""Makes the index of the open trials as they stand now, if nobody has made it yet."""

import os

from django.core.management.base import BaseCommand, CommandParser

from trials import renewal


class Command(BaseCommand):
    """``manage.py build_index``"""

    help = "Makes the index of open trials on disk. Workers do this by themselves; before they start it spares them the wait."

    def add_arguments(self, parser: CommandParser) -> None:
        """``--meanwhile``"""
        parser.add_argument("--meanwhile", action="store_true", help="After everything else that the machine has to do, and holding up nobody.")

    def handle(self, *, meanwhile: bool, **_options) -> None:
        """Makes it, or waits for the process that is making it."""
        if meanwhile:
            os.nice(10)
            self.stdout.write(f"{renewal.make_index_meanwhile()} trials")
            return
        found = renewal.make_index()
        self.stdout.write(f"{len(found.index)} trials")
