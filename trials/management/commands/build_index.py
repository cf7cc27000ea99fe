"""Makes the index of the open trials as they stand now, if nobody has made it yet."""

import os

from django.core.management.base import BaseCommand, CommandParser

from trials import renewal


class Command(BaseCommand):
    """``manage.py build_index``"""

    help = "Makes the index of open trials on disk. Workers do this by themselves; before they start it spares them the wait."

    def add_arguments(self, parser: CommandParser) -> None:
        """``--gently``"""
        parser.add_argument("--gently", action="store_true", help="After everything else that the machine has to do.")

    def handle(self, *, gently: bool, **_options) -> None:
        """Makes it, or waits for the process that is making it."""
        if gently:
            os.nice(10)
        found = renewal.make_index()
        self.stdout.write(f"{len(found.index)} trials")
