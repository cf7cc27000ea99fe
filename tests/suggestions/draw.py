"""Draws criteria at random for labelling by hand, and prints where each stands. It writes nothing.

A criterion is named by its NCT number, the number of its first line in the eligibility text (counted from 1), and how many lines it takes.
By hand, headings that were drawn all the same were left out, and four criteria that this reads as cut short were given their first line and all their lines.

There were two draws. ``python -m tests.suggestions.draw TEXTS`` draws the halves `tune` and `held_back`; with ``--fresh`` after it, the sample `fresh`,
from the lines that those two leave, for a last measure. By hand, five headings were left out of it (but not lines that only lead a list in), and four
criteria that were cut short were given their first line and all their lines; two lines drawn were of the same one of these.
"""

import json
import random
import re
import sys
from pathlib import Path

import yaml

LABELS = Path(__file__).with_name("labels.yaml")
HALVES = ("tune", "held_back")
SEED = 20261122
PER_TRIAL = 6
FRESH_SEED = 20261123
FRESH_PER_TRIAL = 3
MARK = re.compile(r"\s*(?:[-*•–·]|\(?\d{1,2}[.)]|\(?[a-zA-Z][.)]|[ivx]+[.)])\s")
HEADING = re.compile(r"(?i)\W*((key|main|general|additional) )?(in|ex)clusion( criteria)?[^.]{0,60}:?\W*|[\W\d]*")


def criteria(text):
    """(first line, number of lines) of each criterion; hard-wrapped lines are taken together."""
    lines = text.split("\n")
    goes_on = [bool(line.strip() and before.strip() and not MARK.match(line)) for before, line in zip(["", *lines], lines, strict=False)]
    wrapped = sum(goes_on) > 0.15 * len(lines) and max(map(len, lines)) <= 100
    found = []
    for number, line in enumerate(lines, 1):
        if wrapped and found and goes_on[number - 1]:
            found[-1][1] += 1
        elif not HEADING.fullmatch(line):
            found.append([number, 1])
    return found


def draw(records):
    """(NCT number, first line, number of lines, half) of the criteria drawn, the same every time."""
    chance = random.Random(SEED)
    for record in records:
        units = criteria(record["eligibility_criteria"])
        for first, count in sorted(chance.sample(units, min(PER_TRIAL, len(units)))):
            yield record["nct_id"], first, count, chance.choice(HALVES)


def draw_fresh(records, labels):
    """As ``draw``, of the lines that no label of the first draw names; labels that are themselves fresh do not count."""
    chance = random.Random(FRESH_SEED)
    taken = {(label["nct_id"], label["line"] + i) for label in labels if label["half"] in HALVES for i in range(label.get("lines", 1))}
    for record in records:
        number = record["nct_id"]
        units = [[first, count] for first, count in criteria(record["eligibility_criteria"]) if not taken & {(number, first + i) for i in range(count)}]
        for first, count in sorted(chance.sample(units, min(FRESH_PER_TRIAL, len(units)))):
            yield number, first, count, "fresh"


if __name__ == "__main__":
    with Path(sys.argv[1]).open(encoding="utf-8") as file:
        records = map(json.loads, file)
        rows = draw_fresh(records, yaml.safe_load(LABELS.read_text(encoding="utf-8"))) if "--fresh" in sys.argv[2:] else draw(records)
        for row in rows:
            print(*row)
