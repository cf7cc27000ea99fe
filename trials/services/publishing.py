"""Publishing and withdrawing, and what speaks against it."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from trials import audit, catalog, models
from trials.audit import Act
from trials.desk.lint import Finding, lint_trial
from trials.eligibility.questionnaire import Questionnaire
from trials.eligibility.rules import RuleError, parse
from trials.matching import sample_faults

from .loading import listed_ages

SHOWN = ("published", "published_at", "published_by")
"""The fields that publishing and withdrawing change."""


def note_ages(*, trial: models.Trial, questionnaire: Questionnaire | None = None) -> None:
    """Brings a stored trial's ages for listings in step with its rules. Whoever has read the questions already gives them."""
    trial.min_age, trial.max_age = listed_ages(catalog.judged_trial(trial, _read(questionnaire)))
    trial.save(update_fields=["min_age", "max_age"])


def publish(*, trial: models.Trial, by: AbstractUser | None = None, questionnaire: Questionnaire | None = None) -> None:
    """Shows a trial to patients, and notes who did it and when. What is checked is the trial as it is stored now.

    Raises ``ValidationError`` with a sentence for each thing that speaks against it, and ``Trial.DoesNotExist`` where it was deleted.
    """
    with transaction.atomic():
        _read_again(trial)
        faults = check_trial(trial=trial, questionnaire=questionnaire)
        if not faults:
            trial.published, trial.published_at, trial.published_by = True, timezone.now(), by
            trial.save(update_fields=SHOWN)
            audit.record(Act.PUBLISH, trial, by=by)
    if faults:  # noted outside of what is undone
        audit.record(Act.PUBLISH_REFUSED, trial, detail="; ".join(map(str, faults)), by=by)
        raise ValidationError(faults)


@transaction.atomic
def withdraw(*, trial: models.Trial) -> None:
    """Shows a trial to patients no longer. Raises ``Trial.DoesNotExist`` where it was deleted."""
    _read_again(trial)
    trial.published, trial.published_at, trial.published_by = False, None, None
    trial.save(update_fields=SHOWN)
    audit.record(Act.WITHDRAW, trial)


def _read_again(trial: models.Trial) -> None:
    """Reads the row anew, and keeps it from changing until the transaction ends: what others saved since it was read is neither put back nor overlooked."""
    trial.refresh_from_db(from_queryset=models.Trial.objects.select_for_update())


def check_trial(*, trial: models.Trial, questionnaire: Questionnaire | None = None) -> list[str]:
    """What speaks against publishing a trial, a sentence each. Writes nothing.

    Every criterion must be settled, each rule readable, lint without errors, and each sample patient must get the verdict to expect.
    """
    questions = _read(questionnaire)
    faults = [] if trial.areas.exists() else [_("no condition area is ticked, so no patient would find it")]
    faults += _unsettled(trial) + _unreadable(trial, questions)
    faults += [finding.message for finding in findings(trial=trial, questionnaire=questions) if finding.level == "error"]
    return faults + sample_faults(trial, questions)


def _read(questionnaire: Questionnaire | None) -> Questionnaire:
    return questionnaire if questionnaire is not None else Questionnaire(catalog.stored_questions())


def findings(*, trial: models.Trial, questionnaire: Questionnaire) -> list[Finding]:
    """What lint says of a trial's criteria. ``Finding.criterion`` is the place among ``trial.criteria.all()``."""
    return lint_trial(catalog.judged_trial(trial, questionnaire), questionnaire)


def _unsettled(trial: models.Trial) -> list[str]:
    states = [criterion.state for criterion in trial.criteria.all()]
    to_do, review = states.count("to_do"), states.count("review")
    faults = [] if states else [_("it has no criteria")]
    if to_do:
        faults.append(ngettext("%(count)s criterion is still to do", "%(count)s criteria are still to do", to_do) % {"count": to_do})
    if review:
        said = ngettext(
            "%(count)s criterion was changed at the registry and waits for review",
            "%(count)s criteria were changed at the registry and wait for review",
            review,
        )
        faults.append(said % {"count": review})
    return faults


def _unreadable(trial: models.Trial, questionnaire: Questionnaire) -> list[str]:
    faults = []
    for criterion in trial.criteria.all():
        try:
            if criterion.rule:
                parse(criterion.rule, questionnaire)
        except RuleError as fault:
            faults.append(f"“{criterion}”: {fault}")
    return faults
