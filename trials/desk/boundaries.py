"""Patients to try a trial's rules on: one who fits, and those on either side of each limit. What to expect of each is what the rules say now.

The coordinator reads the name of each patient and confirms that the verdict is right; a wrong rule shows as a wrong expectation.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _  # type: ignore[import-untyped]

from trials.eligibility.judging import Criterion, Trial, judge
from trials.eligibility.questionnaire import Questionnaire
from trials.eligibility.rules import comparisons
from trials.eligibility.verdicts import CriterionKind, Verdict
from trials.vocabulary import DIAGNOSIS

from .findings import shortened
from .limits import Patient, Setting, answers_of, changed, cohort_of, find_answers, goals_of, limits_of, of_cohort, turned_round
from .values import in_asking_order

MOST_PATIENTS = 40


@dataclass(frozen=True)
class ProposedPatient:
    """A patient to try the rules on; ``answers`` as an answers file writes them, ``expect`` as the rules judge them now."""

    name: str
    answers: dict[str, Any]
    expect: Verdict


def propose_patients(trial: Trial, questionnaire: Questionnaire, most: int = MOST_PATIENTS) -> list[ProposedPatient]:
    """Patients to try the trial's rules on, the most telling first, no two with the same answers; none for a trial without rules.

    First one who fits all, if the rules allow any, and one who is sure of nothing. Then those not sure of the condition; those at the
    limits of age; one for each exclusion; those at the other limits; one who misses each inclusion; one who fits each further cohort.
    """
    judged = [criterion for criterion in trial.criteria if criterion.rule is not None]
    if not judged:
        return []
    fitting = _fitting_all(trial, questionnaire)
    found: list[ProposedPatient] = []
    seen: set[str] = set()
    for name, every_answer in _in_order(trial, questionnaire, fitting):
        answers = _asked(every_answer, questionnaire)
        written = json.dumps(answers, sort_keys=True)
        if written not in seen:
            seen.add(written)
            verdict = judge(trial, questionnaire.settle(questionnaire.read(answers))).verdict
            found.append(ProposedPatient(name, answers, verdict))
        if len(found) == most:
            break
    return found


def _asked(answers: Mapping[str, Any], questionnaire: Questionnaire) -> dict[str, Any]:
    """The answers in the questions' order, without those to questions that this patient is not asked."""
    known = questionnaire.settle(questionnaire.read(answers))
    return {key: answers[key] for key in questionnaire if key in answers and not questionnaire.is_left_out(key, known)}


def _in_order(trial: Trial, questionnaire: Questionnaire, fitting: Mapping[str | None, Patient]) -> Iterator[tuple[str, dict[str, Any]]]:
    first = next(iter(fitting.values()))
    yield _("Fits everything asked"), answers_of(first)
    everything = in_asking_order([criterion.rule for criterion in trial.criteria if criterion.rule is not None], questionnaire)
    yield _("Not sure of anything"), dict.fromkeys(everything)
    yield from _unsure_of_condition(trial, first, questionnaire)
    limits = list(limits_of(trial, questionnaire, fitting))
    yield from ((name, answers) for key, answers, name, telling in limits if key == "age" and telling)
    yield from _missing(trial, questionnaire, fitting, CriterionKind.EXCLUSION)
    yield from ((name, answers) for key, answers, name, telling in limits if key != "age" and telling)
    yield from _missing(trial, questionnaire, fitting, CriterionKind.INCLUSION)
    yield from ((_("Fits everything asked of the cohort “%(cohort)s”") % {"cohort": cohort}, answers_of(patient)) for cohort, patient in fitting.items())
    yield from ((name, answers) for _key, answers, name, telling in limits if not telling)


def _fitting_all(trial: Trial, questionnaire: Questionnaire) -> dict[str | None, Patient]:
    """For each cohort a patient who fits it, with answers to what only other cohorts ask, so that no cohort is in doubt for want of one."""
    fitting = {cohort: _fitting(trial, cohort, questionnaire) for cohort in trial.cohorts or (None,)}
    together = {key: value for patient in reversed(fitting.values()) for key, value in patient.items()}
    return {cohort: {**together, **patient} for cohort, patient in fitting.items()}


def _fitting(trial: Trial, cohort: str | None, questionnaire: Questionnaire) -> Patient:
    """A patient who meets the criteria common to all and those of the cohort; as many of them, in their order, as go together."""
    goals = goals_of(trial, cohort)
    found = find_answers(goals, questionnaire)
    if found is not None:
        return found
    together: list[Criterion] = []
    best: Patient = {}
    for goal in goals:
        found = find_answers([*together, goal], questionnaire)
        if found is not None:
            together.append(goal)
            best = found
    return best


def _unsure_of_condition(trial: Trial, patient: Patient, questionnaire: Questionnaire) -> Iterator[tuple[str, dict[str, Any]]]:
    """The patient who fits, not sure of the condition at all, or knowing it only by the narrowest name that leaves the verdict open."""
    if DIAGNOSIS not in patient:
        return
    yield _("Not sure of the condition"), {**answers_of(patient), DIAGNOSIS: None}
    question = questionnaire[DIAGNOSIS]
    for wider in question.ancestors(str(patient[DIAGNOSIS].answer)):
        answers = {**answers_of(patient), DIAGNOSIS: wider}
        if judge(trial, questionnaire.settle(questionnaire.read(answers))).verdict is Verdict.UNKNOWN:
            yield _("Knows the condition only as “%(label)s”") % {"label": question.labels[wider]}, answers
            return


def _missing(trial: Trial, questionnaire: Questionnaire, fitting: Mapping[str | None, Patient], kind: CriterionKind) -> Iterator[tuple[str, dict[str, Any]]]:
    """For each criterion of a kind one patient who does not meet it, all else as in the patient who fits.

    Inclusions of numbers alone are left out, since their limits say the same.
    """
    for criterion in trial.criteria:
        if criterion.kind is not kind or criterion.rule is None:
            continue
        if kind is CriterionKind.INCLUSION and all(comparison.quantities for comparison in comparisons(criterion.rule)):
            continue
        cohort = cohort_of(criterion, fitting)
        goals = [goal for goal in goals_of(trial, cohort) if goal is not criterion]
        found = find_answers([*goals, turned_round(criterion)], questionnaire, liked=fitting[cohort])
        if found is None:
            alone = find_answers([turned_round(criterion)], questionnaire, liked=fitting[cohort])
            found = alone and changed(Setting(goals, questionnaire, fitting[cohort]), alone)
        if found is not None:
            name = _("Excluded: %(text)s") if kind is CriterionKind.EXCLUSION else _("Does not meet: %(text)s")
            yield name % {"text": shortened(criterion.text)} + of_cohort(criterion), answers_of({**fitting[cohort], **found})


__all__ = ["MOST_PATIENTS", "ProposedPatient", "propose_patients"]
