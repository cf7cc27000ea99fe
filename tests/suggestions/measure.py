"""How good the suggestions are, against the criteria labelled by hand: ``python -m tests.suggestions.measure [--half tune|held_back|fresh] [--list]``.

Without ``--half`` it measures the two halves of the first sample. ``--list`` prints their wrong and missing ones. Those of ``fresh``, a sample
drawn later, are never printed: patterns must not be fitted to them.
"""

import argparse
import json
from collections import defaultdict
from dataclasses import dataclass, fields
from pathlib import Path

import yaml

from tests.suggestions.meaning import meaning, negation, turned
from trials.files import read_files
from trials.registry.lines import pieces_of
from trials.suggestions import suggest_rule

ROOT = Path(__file__).parents[2]
TEXTS = ROOT.parent / "shared/data/registry/gene_therapy_criteria.jsonl"
LABELS = Path(__file__).with_name("labels.yaml")
AREAS = ("cancer", "eye", "genetic", "hiv")
HALVES = ("tune", "held_back")
FRESH = "fresh"


@dataclass
class Figures:
    """Counts of labels. ``polarity_errors`` are wrong suggestions that say the opposite of the label."""

    labelled: int = 0
    with_rule: int = 0
    suggested: int = 0
    right: int = 0
    wrong: int = 0
    polarity_errors: int = 0

    @property
    def precision(self):
        """Right suggestions of all suggestions; 1 where there is none."""
        return self.right / self.suggested if self.suggested else 1.0

    @property
    def coverage(self):
        """Right suggestions of all labels that have a rule; 1 where none has."""
        return self.right / self.with_rule if self.with_rule else 1.0

    def add(self, other):
        """Adds the counts of another."""
        for one in fields(self):
            setattr(self, one.name, getattr(self, one.name) + getattr(other, one.name))


@dataclass(frozen=True)
class Judged:
    """One label, its criterion's text, and what was suggested for it."""

    label: dict
    text: str
    suggested: str | None
    figures: Figures


def questionnaire():
    """The questions of the starter files."""
    return read_files([ROOT / "trials/starter"], areas=AREAS)[1]


def labelled_texts(half):
    """(label, text of its criterion) of one half, the text cleaned as the importer does."""
    with TEXTS.open(encoding="utf-8") as file:
        texts = {record["nct_id"]: record["eligibility_criteria"] for record in map(json.loads, file)}
    for label in yaml.safe_load(LABELS.read_text(encoding="utf-8")):
        if label["half"] == half:
            lines = texts[label["nct_id"]].split("\n")[label["line"] - 1 :][: label.get("lines", 1)]
            yield label, "\n".join(piece.text for piece in pieces_of("\n".join(lines)))


def judge(half, questions):
    """Each label of one half, judged."""
    for label, text in labelled_texts(half):
        suggestion = suggest_rule(text, label["kind"], questions)
        suggested = suggestion.rule if suggestion else None
        yield Judged(label, text, suggested, _figures(label, suggested, questions))


def _figures(label, suggested, questions):
    accepted = [label["rule"], *label.get("also", [])] if label["rule"] else []
    figures = Figures(labelled=1, with_rule=int(bool(accepted)), suggested=int(bool(suggested)))
    if suggested:
        figures.right = int(meaning(suggested, questions) in [meaning(rule, questions) for rule in accepted])
        figures.wrong = 1 - figures.right
        opposites = [opposite(rule, questions) for rule in accepted for opposite in (negation, turned)]
        figures.polarity_errors = int(bool(figures.wrong) and meaning(suggested, questions) in opposites)
    return figures


def by_topic(judged):
    """Figures of each topic, and of all together under ``all``."""
    found = defaultdict(Figures)
    for one in judged:
        found[one.label["topic"]].add(one.figures)
        found["all"].add(one.figures)
    return dict(sorted(found.items(), key=lambda item: (item[0] == "all", item[0])))


def _print_table(figures):
    print(f"{'topic':<20}{'labelled':>9}{'with rule':>10}{'suggested':>10}{'right':>6}{'wrong':>6}{'opposite':>9}{'precision':>10}{'coverage':>9}")
    for topic, one in figures.items():
        counts = f"{one.labelled:>9}{one.with_rule:>10}{one.suggested:>10}{one.right:>6}{one.wrong:>6}{one.polarity_errors:>9}"
        shares = f"{one.precision:>10.0%}{one.coverage:>9.0%}" if one.with_rule or one.suggested else ""
        print(f"{topic:<20}{counts}{shares}")


def main():
    """The command."""
    arguments = argparse.ArgumentParser(description="How good the rule suggestions are.")
    arguments.add_argument("--half", choices=(*HALVES, FRESH))
    arguments.add_argument("--list", action="store_true", help="print wrong and missing suggestions, never of the fresh sample")
    chosen = arguments.parse_args()
    if not TEXTS.exists():
        print(f"No registry data at {TEXTS}, so there is nothing to measure.")
        return
    questions = questionnaire()
    for half in [chosen.half] if chosen.half else HALVES:
        judged = list(judge(half, questions))
        print(f"\n{half}")
        _print_table(by_topic(judged))
        for one in judged if chosen.list and half != FRESH else ():
            if one.figures.wrong or (one.figures.with_rule and not one.suggested):
                print(f"\n{'WRONG' if one.suggested else 'none'} {one.label['kind']}: {one.text}\n  label {one.label['rule']}\n  said  {one.suggested}")


if __name__ == "__main__":
    main()
