"""The ages that a trial takes, as its rules tell."""

import math

from .eligibility.judging import Trial
from .eligibility.questions import Bound, Interval
from .eligibility.rules import Comparison
from .eligibility.verdicts import CriterionKind


def age_bounds(trial: Trial) -> tuple[Bound, Bound]:
    """The youngest and oldest age in years that the criteria common to all let in; infinite where there is no bound."""
    low: Bound = -math.inf
    high: Bound = math.inf
    for criterion in trial.criteria:
        rule = criterion.rule
        if criterion.kind is CriterionKind.INCLUSION and criterion.cohort is None and isinstance(rule, Comparison) and rule.question == "age":
            assert isinstance(rule.inside, Interval)
            low, high = max(low, rule.inside.low), min(high, rule.inside.high)
    return low, high
