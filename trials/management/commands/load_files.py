"""Loads question and trial files."""

from django.core.management.base import BaseCommand, CommandError

from trials import services
from trials.files import Contents, FileError
from trials.management.preparing import make_tables


def report(contents: Contents, done: str) -> str:
    """One line on what was loaded."""
    published = sum(trial.values["published"] for trial in contents.trials)
    return (
        f"{done}: {len(contents.questions)} questions, {len(contents.trials)} trials "
        f"({published} published, {len(contents.trials) - published} unpublished), {len(contents.therapies)} approved therapies"
    )


class Command(BaseCommand):
    """``manage.py load_files PATH…``"""

    help = "Loads question, trial and therapy files (YAML) or folders of them. A bad file is named with line and fault, and nothing is saved."

    def add_arguments(self, parser) -> None:
        """One or more paths."""
        parser.add_argument("paths", nargs="+", metavar="PATH")

    def handle(self, paths: list[str], **_options) -> None:
        """Loads all of the files, or none."""
        make_tables()
        try:
            self.stdout.write(report(services.load_files(paths=paths), "loaded"))
        except FileError as fault:
            raise CommandError(str(fault), returncode=2) from None
