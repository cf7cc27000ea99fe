"""Twenty personas, five an area: what each knows, and what a careful reading of the criteria says of every open trial of the area.

The files were written before the first run, from the texts of the criteria alone; no rule was looked at. What a persona knows are the ``facts``, in the
form of an answers file; to all else the answer is "I am not sure". ``expect`` names every open trial of the area: those that ``fits`` (nothing speaks
against it, and all that is judged is met), those that ``may``, with what is open, and those ``ruled_out``, with the criterion that does it (two, where each
group of a trial is ruled out by its own). The reading follows four conventions:

- the condition told is the one that a trial is sought for, and no other is assumed;
- a trial of whose criteria the record shows not all ``may`` at best;
- criteria that are left to the study team count only where they rule somebody out;
- where a text leaves something open, nobody is ruled out by it.

A disagreement is settled at the text. If the reading was wrong, it is corrected, and ``read_again`` says why. If the program is, or cannot know better,
``differs`` says what it tells this persona instead (``told``), why, and what to do about it; the test holds until that is done. A persona whom the first
run made us think of is ``added``, beside the twenty.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from prescreen.wording import fit_text
from trials.eligibility.verdicts import Verdict

AREAS = ("cancer", "eye", "genetic", "hiv")
GROUPS = {Verdict.PASSES: "fits", Verdict.UNKNOWN: "may", Verdict.FAILS: "ruled_out"}

Persona = dict[str, Any]
"""One entry of a file, with its area."""


@cache
def all_personas() -> tuple[Persona, ...]:
    """The personas of all areas."""
    folder = Path(__file__).parent
    return tuple({"area": area, **persona} for area in AREAS for persona in yaml.safe_load((folder / f"{area}.yaml").read_text()))


def name_of(persona: Persona) -> str:
    """The area and who it is."""
    return f"{persona['area']}: {persona['label']}"


def expected(persona: Persona) -> dict[str, str]:
    """The group in which each trial is to be found, by its NCT number: by the reading, or as told where that is known to differ."""
    reading = {number: group for group, numbers in persona["expect"].items() for number in numbers}
    return reading | {number: difference["told"] for number, difference in persona.get("differs", {}).items()}


def possible(groups: Mapping[str, str]) -> dict[str, str]:
    """Those of the trials that are not ruled out, with their groups."""
    return {number: group for number, group in groups.items() if group != "ruled_out"}


def ruling_out(persona: Persona, number: str) -> set[str]:
    """The criteria that rule a trial out by the reading; none where it is not ruled out."""
    named = persona["expect"]["ruled_out"].get(number, [])
    return {named} if isinstance(named, str) else set(named)


def groups_on(results: str, who: str) -> dict[str, str]:
    """The group in which each trial stands on a results page, by its NCT number."""
    parts = re.split(r"<h2[^>]*>", results)
    found: dict[str, str] = {}
    for verdict, group in GROUPS.items():
        for part in parts:
            if part.startswith(fit_text(verdict, who)):
                for number in set(re.findall(r"NCT[0-9]{8}", part)):
                    assert number not in found, f"{number} stands in two groups"
                    found[number] = group
    return found
