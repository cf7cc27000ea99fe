"""Writes the whole database to one file."""

import sqlite3
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from trials import backups
from trials.management.preparing import is_new


class Command(BaseCommand):
    """``manage.py backup FILE``"""

    help = "Writes the whole database to one checksummed file, for SQLite and PostgreSQL alike. The site goes on meanwhile."

    def add_arguments(self, parser) -> None:
        """Where to."""
        parser.add_argument("file", type=Path, help="the file to write; one that is there is replaced when the new one is whole")

    def handle(self, file: Path, **_options) -> None:
        """Writes it, and says how much it holds."""
        if is_new():
            raise CommandError("this database has no tables yet, so there is nothing to back up", returncode=1)
        try:
            self.stdout.write(f"{file}: {backups.write(file)} rows")
        except OSError as fault:
            raise CommandError(f"{file} cannot be written: {fault.strerror}", returncode=1) from None
        except (DatabaseError, sqlite3.Error) as fault:
            said = " ".join(str(fault).split())
            raise CommandError(f"{file} is not written: the database says “{said}”", returncode=1) from None
