"""The records as the engine knows them: questions and trials, judged by their rules as they stand."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterable
from copy import copy
from fractions import Fraction

from . import models
from .eligibility import judging, questions
from .eligibility.questionnaire import Questionnaire
from .eligibility.rules import Rule, RuleError, parse
from .eligibility.verdicts import CriterionKind
from .vocabulary import DIAGNOSIS

logger = logging.getLogger(__name__)

ReadRule = Callable[[str], Rule]
"""Reads a rule against the questions. Raises ``RuleError``."""


def stored_questions() -> list[questions.Question]:
    """The questions of the database, as the engine knows them."""
    rows = models.Question.objects.prefetch_related("areas", "choices")
    return [engine_question(row, [area.slug for area in row.areas.all()], _choices(row)) for row in rows]


def _choices(row: models.Question) -> Iterable[questions.Choice]:
    if row.key == DIAGNOSIS:
        conditions = models.Condition.objects.select_related("parent")
        return [questions.Choice(node.key, node.label, node.parent.key if node.parent else None) for node in conditions]
    return [questions.Choice(choice.key, choice.label, choice.parent or None) for choice in row.choices.all()]


def engine_question(row: models.Question, areas: Iterable[str], choices: Iterable[questions.Choice]) -> questions.Question:
    """One question as the engine knows it. Raises ``QuestionError``."""
    return questions.Question(
        key=row.key,
        kind=questions.Kind(row.kind),
        text=row.text,
        child_text=row.child_text,
        help=row.help,
        why=row.why,
        unit=row.unit,
        units={unit: Fraction(factor) for unit, factor in row.units.items()},
        min=None if row.min is None else Fraction(row.min),
        max=None if row.max is None else Fraction(row.max),
        choices=tuple(choices),
        areas=frozenset(areas),
        sensitive=row.sensitive,
        source=questions.Source(row.source),
        ask_if=row.ask_if,
        otherwise=row.otherwise,
        order=row.order,
        changes=questions.Changes(row.changes) if row.changes else None,
    )


def judged_trial(trial: models.Trial, questionnaire: Questionnaire, *, for_patients: bool = False, read: ReadRule | None = None) -> judging.Trial:
    """One trial as the engine knows it. A rule that no longer fits the questions is left to the study team, and logged.

    ``for_patients``: so is a criterion that the registry changed since a coordinator last looked, in the registry's words; a cohort of which
    the registry dropped all criteria is left out, as it would let everybody in. ``read`` spares reading the same rule again and again.
    """
    read = read or (lambda text: parse(text, questionnaire))
    criteria = list(trial.criteria.all())
    gone = _cohorts_gone(criteria) if for_patients else set()
    if for_patients:
        criteria = [_until_reviewed(criterion) for criterion in criteria if criterion.cohort_id not in gone]
    return judging.Trial(
        key=trial.nct_id,
        criteria=tuple(_judged_criterion(criterion, read) for criterion in criteria),
        cohorts=tuple(cohort.name for cohort in trial.cohorts.all() if cohort.pk not in gone),
        complete=trial.criteria_complete,
        areas=frozenset(area.slug for area in trial.areas.all()),
    )


def fingerprint(trial: models.Trial) -> int:
    """What of a trial is judged and asked about, as 64 bits: while they stay the same, so do its verdicts, its rank and the questions. Words do not count."""
    told = (
        trial.nct_id,
        trial.status,
        trial.criteria_complete,
        sorted(area.slug for area in trial.areas.all()),
        [cohort.pk for cohort in trial.cohorts.all()],
        [(one.kind, one.rule, one.cohort_id, one.needs_review, one.gone_at_source) for one in trial.criteria.all()],
    )
    return int.from_bytes(hashlib.blake2b(repr(told).encode(), digest_size=8).digest())


def _cohorts_gone(criteria: Iterable[models.Criterion]) -> set[int]:
    """The cohorts of which the registry has no criterion any more."""
    there = {criterion.cohort_id for criterion in criteria if not criterion.gone_at_source}
    return {criterion.cohort_id for criterion in criteria if criterion.cohort_id and criterion.gone_at_source} - there


def _until_reviewed(criterion: models.Criterion) -> models.Criterion:
    """A criterion under review without its rule and plain words, which may state what the trial no longer asks."""
    if not criterion.needs_review:
        return criterion
    shown = copy(criterion)
    shown.rule, shown.plain = "", ""
    return shown


def _judged_criterion(criterion: models.Criterion, read: ReadRule) -> judging.Criterion:
    rule = None
    if criterion.rule:
        try:
            rule = read(criterion.rule)
        except RuleError:
            logger.warning("a published rule no longer fits the questions; its criterion is left to the study team")
    cohort = criterion.cohort.name if criterion.cohort else None
    kind = CriterionKind.INCLUSION if criterion.kind == models.Criterion.UNCLEAR else CriterionKind(criterion.kind)  # unclear ones have no rule
    return judging.Criterion(kind, criterion.whole_text, rule, cohort, criterion.plain)
