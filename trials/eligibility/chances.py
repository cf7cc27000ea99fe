"""How often a rule is expected to be false of somebody of whom nothing is known yet.

Nothing is learned from the sample patients: they are made to stand at the limits, and what they answer was measured to foretell no better what
others do. The rules themselves tell more: the limits that they name are where a patient's number may fall.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .atoms import Atoms
from .compiling import Compiled
from .questionnaire import Questionnaire
from .questions import YES, Kind, Question
from .rows import Rows

LIKELY_YES = 0.2
"""How often the answer to a yes/no question is yes, and how often one of several choices applies."""

Chances = NDArray[np.float64]


def chances(compiled: Compiled, questionnaire: Questionnaire) -> Chances:
    """For each literal how often it is expected to be false."""
    false = np.full(compiled.always_unknown + 1, 0.5)
    for key, atoms in compiled.atoms.items():
        true = _of_atoms(atoms, questionnaire[key])
        false[2 * atoms.first : 2 * atoms.last : 2] = 1 - true
        false[2 * atoms.first + 1 : 2 * atoms.last : 2] = true
    for first, last in zip(compiled.levels[:-1].tolist(), compiled.levels[1:].tolist(), strict=True):
        members = compiled.groups.between(first, last)
        true = np.multiply.reduceat(1 - false[members.flat], members.start[:-1])
        place = 2 * (compiled.first_group + first), 2 * (compiled.first_group + last)
        false[place[0] : place[1] : 2] = 1 - true
        false[place[0] + 1 : place[1] : 2] = true
    return false


def _of_atoms(atoms: Atoms, question: Question) -> Chances:
    count = atoms.last - atoms.first
    if atoms.kind is Kind.NUMBER:
        return _inside(atoms)
    if atoms.kind is Kind.CHOICES:
        return np.full(count, LIKELY_YES)
    named = np.bincount(atoms.one, minlength=count)
    if atoms.kind is Kind.CHOICE:
        return named / len(question.labels)
    says_yes = np.zeros(count, bool)
    if YES in atoms.names:
        yes = Rows(atoms.one, atoms.two).take(np.array([atoms.names.index(YES)]))
        says_yes[yes.flat] = True
    return np.where(named == 2, 1.0, np.where(says_yes, LIKELY_YES, 1 - LIKELY_YES))


def _inside(atoms: Atoms) -> Chances:
    """A number is as likely to be one limit of the rules as another, or to lie between two neighbors, below the lowest or above the highest."""
    below, above = -1, 2 * len(atoms.names) - 1
    inside: Chances = (np.minimum(atoms.two, above) - np.maximum(atoms.one, below) + 1) / (above - below + 1)
    return inside
