"""How often a rule is expected to be false of somebody of whom nothing is known yet."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .atoms import Atoms
from .compiling import Compiled
from .questionnaire import Questionnaire
from .questions import YES, Kind, Question
from .rows import Rows

LIKELY_YES = 0.2
"""How often a yes/no question, or one of several choices, applies to a patient, where nothing better is known."""

LIKELY_INSIDE = 0.6
"""How often a patient's number lies in the range that a criterion names, where nothing better is known."""

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
        return np.full(count, LIKELY_INSIDE)
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
