"""The compiled catalog of questions and open trials: one per process, rebuilt when a record changes."""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass, replace
from fractions import Fraction

from simple_history.models import HistoricalChanges

from . import models
from .eligibility import judging, questions
from .eligibility.index import Index
from .eligibility.questionnaire import Questionnaire
from .eligibility.rules import RuleError, parse
from .eligibility.verdicts import CriterionKind
from .vocabulary import DIAGNOSIS

logger = logging.getLogger(__name__)
_lock = threading.Lock()
_current: Catalog | None = None


@dataclass(frozen=True)
class Catalog:
    """Everything that a patient's pages need, read once. ``listings`` are the published open trials (or the one being tried), by NCT number."""

    token: str
    questionnaire: Questionnaire
    index: Index
    judged: dict[str, judging.Trial]
    listings: dict[str, models.Trial]
    areas: dict[str, models.ConditionArea]
    conditions: dict[str, models.Condition]
    therapies: tuple[models.ApprovedTherapy, ...]


def current() -> Catalog:
    """The catalog as the records stand now. One small query tells whether it must be built anew."""
    global _current  # noqa: PLW0603 - one catalog a process is the point
    token = _token()
    if _current is None or _current.token != token:
        with _lock:
            if _current is None or _current.token != token:
                _current = _build(token)
    return _current


def of_trial(nct_id: str) -> Catalog | None:
    """The catalog with one trial alone, whatever its status, published or not, judged by its rules as they stand. None where there is no such trial."""
    trial = models.Trial.objects.with_parts().filter(nct_id=nct_id).first()
    if trial is None:
        return None
    now = current()
    judged = judged_trial(trial, now.questionnaire)
    return replace(now, index=Index.compile(now.questionnaire, [judged]), judged={nct_id: judged}, listings={nct_id: trial})


def note_change(sender: type, **_kwargs: object) -> None:
    """Signal receiver: a change to any record of this app makes the catalog out of date, in the same transaction."""
    if sender._meta.app_label == "trials" and sender is not models.CatalogStamp and not issubclass(sender, HistoricalChanges):
        touch()


def touch() -> None:
    """Makes every process build its catalog anew at its next request. For writes that send no signals."""
    models.CatalogStamp.objects.update_or_create(pk=1, defaults={"token": uuid.uuid4().hex})


def _token() -> str:
    return models.CatalogStamp.objects.values_list("token", flat=True).first() or ""


def _build(token: str) -> Catalog:
    questionnaire = Questionnaire(stored_questions())
    listings = {trial.nct_id: trial for trial in models.Trial.objects.published().open().with_parts()}
    judged = {nct_id: judged_trial(trial, questionnaire, for_patients=True) for nct_id, trial in listings.items()}
    return Catalog(
        token=token,
        questionnaire=questionnaire,
        index=Index.compile(questionnaire, judged.values()),
        judged=judged,
        listings=listings,
        areas={area.slug: area for area in models.ConditionArea.objects.all()},
        conditions={condition.key: condition for condition in models.Condition.objects.prefetch_related("areas").select_related("parent")},
        therapies=tuple(models.ApprovedTherapy.objects.select_related("area").prefetch_related("conditions")),
    )


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
    )


def judged_trial(trial: models.Trial, questionnaire: Questionnaire, *, for_patients: bool = False) -> judging.Trial:
    """One trial as the engine knows it. A rule that no longer fits the questions is left to the study team, and logged.

    ``for_patients``: so is a criterion that the registry changed since a coordinator last looked, in the registry's words; a cohort of which
    the registry dropped all criteria is left out, as it would let everybody in.
    """
    criteria = list(trial.criteria.all())
    gone = _cohorts_gone(criteria) if for_patients else set()
    if for_patients:
        criteria = [_until_reviewed(criterion) for criterion in criteria if criterion.cohort_id not in gone]
    return judging.Trial(
        key=trial.nct_id,
        criteria=tuple(_judged_criterion(criterion, questionnaire) for criterion in criteria),
        cohorts=tuple(cohort.name for cohort in trial.cohorts.all() if cohort.pk not in gone),
        complete=trial.criteria_complete,
        areas=frozenset(area.slug for area in trial.areas.all()),
    )


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


def _judged_criterion(criterion: models.Criterion, questionnaire: Questionnaire) -> judging.Criterion:
    rule = None
    if criterion.rule:
        try:
            rule = parse(criterion.rule, questionnaire)
        except RuleError:
            logger.warning("a published rule no longer fits the questions; its criterion is left to the study team")
    cohort = criterion.cohort.name if criterion.cohort else None
    kind = CriterionKind.INCLUSION if criterion.kind == models.Criterion.UNCLEAR else CriterionKind(criterion.kind)  # unclear ones have no rule
    return judging.Criterion(kind, criterion.whole_text, rule, cohort, criterion.plain)
