"""Draws criteria at random for labelling by hand, and prints where each stands. It writes nothing.

A criterion is named by its NCT number, the number of its first line in the eligibility text (counted from 1), and how many lines it takes.
By hand, headings that were drawn all the same were left out, and four criteria that this reads as cut short were given their first line and all their lines.
"""

import json
import random
import re
import sys
from pathlib import Path

SEED = 20261122
PER_TRIAL = 6
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
            yield record["nct_id"], first, count, chance.choice(("tune", "held_back"))


if __name__ == "__main__":
    with Path(sys.argv[1]).open(encoding="utf-8") as file:
        for row in draw(map(json.loads, file)):
            print(*row)
