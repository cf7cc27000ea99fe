"""The two scales of three: the truth of a rule, and the verdict on a criterion or a trial."""

from __future__ import annotations

from enum import IntEnum, StrEnum


class Truth(IntEnum):
    """Kleene's three truth values. ``min`` is *and*, ``max`` is *or*, ``~`` is *not*."""

    FALSE = 0
    UNKNOWN = 1
    TRUE = 2

    def __invert__(self) -> Truth:
        return OPPOSITE[self]


OPPOSITE = (Truth.TRUE, Truth.UNKNOWN, Truth.FALSE)
"""By truth, what its negation is."""


class Verdict(IntEnum):
    """What the answers say about a criterion or a trial, worst first."""

    FAILS = 0
    UNKNOWN = 1
    PASSES = 2

    @classmethod
    def worst(cls, *verdicts: Verdict) -> Verdict:
        """The worst of one or more verdicts."""
        return min(verdicts)

    @classmethod
    def best(cls, *verdicts: Verdict) -> Verdict:
        """The best of one or more verdicts."""
        return max(verdicts)

    @property
    def slug(self) -> str:
        """``passes``, ``unknown`` or ``fails``: the word of the file formats."""
        return self.name.lower()


class CriterionKind(StrEnum):
    """Whether a criterion lets patients in or keeps them out."""

    INCLUSION = "inclusion"
    EXCLUSION = "exclusion"


def apply_polarity(kind: CriterionKind, truth: Truth) -> Verdict:
    """The verdict on a criterion whose rule has this truth. The only place that knows what an exclusion is.

    A rule states its criterion as written, so an exclusion whose rule is true keeps the patient out.
    """
    return _VERDICTS[truth if kind is CriterionKind.INCLUSION else ~truth]


_VERDICTS = tuple(Verdict)
