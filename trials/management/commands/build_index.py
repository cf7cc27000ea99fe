"""Makes the index of the open trials as they stand now, if nobody has made it yet."""

from django.core.management.base import BaseCommand

from trials import catalog


class Command(BaseCommand):
    """``manage.py build_index``"""

    help = "Makes the index of open trials on disk. Workers do this by themselves; before they start it spares them the wait."

    def handle(self, **_options) -> None:
        """Makes it, or waits for the process that is making it."""
        found = catalog.make_index()
        self.stdout.write(f"{len(found.index)} trials")
