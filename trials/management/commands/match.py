"""What a patient with these answers would be told."""

import json
import sys
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from trials import catalog, matching
from trials.eligibility.questions import AnswerError
from trials.management.preparing import is_new, prepare


def _whole_number(digits: str) -> int | str:
    """A whole number; one too long to be any answer stays text, and is refused by its question."""
    return int(digits) if len(digits) <= 4_000 else digits


class Command(BaseCommand):
    """``manage.py match ANSWERS.json [--json]``"""

    help = "Judges all open trials for the answers in a file (“-” reads standard input)."

    def add_arguments(self, parser) -> None:
        """The answers file, and the form of the output."""
        parser.add_argument("answers", metavar="ANSWERS.json")
        parser.add_argument("--json", action="store_true", help="print everything as JSON")

    def handle(self, answers: str, **options) -> None:
        """Prints the verdicts, best first."""
        if is_new():
            prepare()
        current = catalog.current()
        try:
            text = sys.stdin.read() if answers == "-" else Path(answers).read_text(encoding="utf-8")
            area, read = matching.read_patient(current, json.loads(text, parse_int=_whole_number))
        except (OSError, UnicodeDecodeError) as fault:
            raise CommandError(f"{answers}: cannot be read: {fault}", returncode=2) from None
        except json.JSONDecodeError as fault:
            raise CommandError(f"{answers}:{fault.lineno}: not valid JSON: {fault.msg}", returncode=2) from None
        except (AnswerError, RecursionError) as fault:
            raise CommandError(f"{answers}: {fault}", returncode=2) from None
        found = matching.as_json(matching.match(current, area, read), current.questionnaire)
        if options["json"]:
            self.stdout.write(json.dumps(found, ensure_ascii=False, indent=2))
            return
        for trial in found["trials"]:
            self.stdout.write(f"{trial['verdict']:8} {trial['nct_id']} {trial['title']}")
        self.stdout.write(f"ask next: {', '.join(found['next_questions'][:5]) or 'nothing more can change'}")
