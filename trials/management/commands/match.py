"""What a patient with these answers would be told."""

import json
import sys
from collections import Counter
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from trials import catalog, matching
from trials.eligibility.questions import AnswerError
from trials.management.preparing import is_new, prepare

LARGEST_FILE = 1_000_000
"""Characters. All questions of the starter answered take some 20,000."""


def _answers_in(path: str) -> object:
    """What an answers file holds. Raises ``OSError``, ``UnicodeDecodeError``, ``json.JSONDecodeError``, ``RecursionError`` or ``AnswerError``."""
    if path == "-":
        text = sys.stdin.read(LARGEST_FILE + 1)
    else:
        with Path(path).open(encoding="utf-8") as file:
            text = file.read(LARGEST_FILE + 1)
    if len(text) > LARGEST_FILE:
        raise AnswerError(f"holds more than {LARGEST_FILE:,} characters; an answers file holds one patient's answers")
    return json.loads(text.removeprefix("\ufeff"), parse_int=_whole_number, object_pairs_hook=_mapping)


def _mapping(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        [(twice, _)] = Counter(key for key, _ in pairs).most_common(1)
        raise AnswerError(f"{twice[:60]!a} is there twice; delete one of the two")
    return found


def _on_one_line(fault: Exception) -> str:
    """A fault as one line that a terminal can show, without all of a long answer that it may quote."""
    said = "".join(letter if letter.isprintable() else " " for letter in " ".join(str(fault)[:2_000].split()))
    return said if len(said) <= 300 else said[:299] + "…"


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
            area, read = matching.read_patient(current, _answers_in(answers))
        except (OSError, UnicodeDecodeError) as fault:
            raise CommandError(f"{answers}: cannot be read: {fault}", returncode=2) from None
        except json.JSONDecodeError as fault:
            raise CommandError(f"{answers}:{fault.lineno}: not valid JSON: {fault.msg}", returncode=2) from None
        except RecursionError:
            raise CommandError(f"{answers}: lists and mappings are nested too deeply", returncode=2) from None
        except AnswerError as fault:
            raise CommandError(f"{answers}: {_on_one_line(fault)}", returncode=2) from None
        found = matching.as_json(matching.match(current, area, read), current.questionnaire)
        if options["json"]:
            self.stdout.write(json.dumps(found, ensure_ascii=False, indent=2))
            return
        for trial in found["trials"]:
            self.stdout.write(f"{trial['verdict']:8} {trial['nct_id']} {trial['title']}")
        self.stdout.write(f"ask next: {', '.join(found['next_questions'][:5]) or 'nothing more can change'}")
