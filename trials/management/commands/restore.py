"""Fills an empty database from a backup."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from trials import backups
from trials.management.preparing import make_tables


class Command(BaseCommand):
    """``manage.py restore FILE``"""

    help = "Fills a new, empty database from a backup, wholly or not at all. A damaged file, or a database that holds records, is refused."

    def add_arguments(self, parser) -> None:
        """Where from."""
        parser.add_argument("file", type=Path, help="a file that `manage.py backup` wrote")

    def handle(self, file: Path, **_options) -> None:
        """Restores, and says how much."""
        make_tables()
        try:
            self.stdout.write(f"{backups.restore(file)} rows restored from {file}")
        except OSError as fault:
            raise CommandError(f"{file} cannot be read: {fault.strerror}", returncode=1) from None
        except backups.BackupError as fault:
            raise CommandError(f"{file} is not restored: {fault}; nothing was changed", returncode=2) from None
        except DatabaseError as fault:
            said = " ".join(str(fault).split())
            raise CommandError(f"{file} is not restored: the database says “{said}”; nothing was changed", returncode=1) from None
