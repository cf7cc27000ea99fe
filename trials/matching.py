"""One patient against the catalog: what each trial says to these answers, and why. The one structure that all output is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from . import models
from .catalog import Catalog, judged_trial
from .eligibility.asking import next_questions
from .eligibility.explanations import Explanation, explain, main_reason, sentence
from .eligibility.judging import Judgement, judge
from .eligibility.questionnaire import Answers, Known, Questionnaire
from .eligibility.questions import AnswerError
from .eligibility.rule_texts import write
from .eligibility.verdicts import Verdict
from .vocabulary import OPEN_STATUSES


@dataclass(frozen=True)
class TrialMatch:
    """One trial and what the answers say about it. ``reason`` is the criterion to blame first where the trial does not fit."""

    listing: models.Trial
    judgement: Judgement
    explanations: tuple[Explanation, ...]
    reason: Explanation | None

    @property
    def verdict(self) -> Verdict:
        """The verdict on the trial."""
        return self.judgement.verdict


@dataclass(frozen=True)
class Matching:
    """All open trials of an area (or of all, where it is None) against one patient's answers, the best first."""

    area: str | None
    known: Known
    trials: tuple[TrialMatch, ...]
    next_questions: tuple[str, ...]

    def with_verdict(self, verdict: Verdict) -> list[TrialMatch]:
        """The trials of one verdict, best first."""
        return [trial for trial in self.trials if trial.verdict is verdict]


def match(catalog: Catalog, area: str | None, answers: Answers) -> Matching:
    """Judges the open trials of an area, with the reason for each criterion."""
    questionnaire = catalog.questionnaire
    known = questionnaire.settle(answers)
    matches = catalog.index.match(known)
    trials = [_match_trial(catalog, int(row), known) for row in catalog.index.rows_in(area)]
    return Matching(
        area=area,
        known=known,
        trials=tuple(sorted(trials, key=_best_first)),
        next_questions=tuple(next_questions(matches, answers.keys(), area)),
    )


def _match_trial(catalog: Catalog, row: int, known: Known) -> TrialMatch:
    trial = catalog.judged[str(catalog.index.keys[row])]
    judgement = judge(trial, known)
    explanations = tuple(explain(criterion, known, catalog.questionnaire) for criterion in trial.criteria)
    reason = main_reason(judgement, known, catalog.questionnaire) if judgement.verdict is Verdict.FAILS else None
    return TrialMatch(catalog.listings[trial.key], judgement, explanations, reason)


def _best_first(trial: TrialMatch) -> tuple[int, int, int, str]:
    """By verdict, then the fewest criteria in doubt, then the most open status."""
    in_doubt = sum(explanation.verdict in (Verdict.FAILS, Verdict.UNKNOWN) for explanation in trial.explanations)
    status = trial.listing.status
    openness = OPEN_STATUSES.index(status) if status in OPEN_STATUSES else len(OPEN_STATUSES)
    return -trial.verdict, in_doubt, openness, trial.listing.nct_id


def read_patient(catalog: Catalog, patient: object) -> tuple[str | None, dict[str, Any]]:
    """The area and the answers of an answers file. Raises ``AnswerError`` naming what is wrong."""
    if not isinstance(patient, Mapping) or not isinstance(patient.get("answers", {}), Mapping):
        raise AnswerError('an answers file holds {"condition_area": …, "answers": {…}}')
    extra = sorted(set(patient) - {"condition_area", "answers"})
    if extra:
        raise AnswerError(f"an answers file has no '{extra[0]}'; it holds 'condition_area' and 'answers'")
    area = patient.get("condition_area")
    if area is not None and (not isinstance(area, str) or area not in catalog.areas):
        raise AnswerError(f"unknown condition area '{area}'; known are {', '.join(catalog.areas)}")
    return area, catalog.questionnaire.read(patient.get("answers", {}))


def as_json(matching: Matching, questionnaire: Questionnaire) -> dict[str, Any]:
    """The matching in the shape that ``match --json`` prints."""
    return {
        "condition_area": matching.area,
        "trials": [_trial_as_json(trial, matching.known, questionnaire) for trial in matching.trials],
        "next_questions": list(matching.next_questions),
    }


def _trial_as_json(trial: TrialMatch, known: Known, questionnaire: Questionnaire) -> dict[str, Any]:
    return {
        "nct_id": trial.listing.nct_id,
        "title": trial.listing.title,
        "verdict": trial.verdict.slug,
        "cohort": trial.judgement.cohort,
        "criteria": [
            {
                "kind": explanation.criterion.kind.value,
                "text": explanation.criterion.text,
                "rule": write(explanation.criterion.rule) if explanation.criterion.rule else None,
                "cohort": explanation.criterion.cohort,
                "verdict": "study_team" if explanation.verdict is None else explanation.verdict.slug,
                "because": list(explanation.because),
                "explanation": sentence(explanation, known, questionnaire),
            }
            for explanation in trial.explanations
        ],
    }


def sample_faults(trial: models.Trial, questionnaire: Questionnaire) -> list[str]:
    """A sentence for each sample patient of a trial who does not get the verdict to expect."""
    judged = judged_trial(trial, questionnaire)
    faults = []
    for sample in trial.sample_patients.all():
        try:
            verdict = judge(judged, questionnaire.settle(questionnaire.read(sample.answers))).verdict
        except AnswerError as fault:
            faults.append(f"sample patient “{sample.name}”: {fault}")
            continue
        if verdict.slug != sample.expect:
            faults.append(f"sample patient “{sample.name}”: expected {sample.expect}, the rules say {verdict.slug}")
    return faults
