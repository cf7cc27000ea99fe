"""One patient against the catalog: what each trial says to these answers, and why. The one structure that all output is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from . import models
from .catalog import Catalog, judged_trial, openness
from .eligibility.asking import next_questions
from .eligibility.explanations import Explanation, explain_all, main_reason, sentence
from .eligibility.index import Matches
from .eligibility.judging import Judgement, judge
from .eligibility.questionnaire import Answers, Known, Questionnaire
from .eligibility.questions import AnswerError
from .eligibility.rule_texts import write
from .eligibility.verdicts import Verdict
from .ranking import Limits, best
from .shelf import Kept

CHUNK = 200
"""So many trials at a time are read to be judged one by one."""


@dataclass(frozen=True)
class TrialMatch:
    """One trial and what the answers say about it. What is not asked for is not explained: a paper explains five trials of many."""

    listing: models.Trial
    judgement: Judgement
    known: Known
    questionnaire: Questionnaire

    @property
    def verdict(self) -> Verdict:
        """The verdict on the trial."""
        return self.judgement.verdict

    @property
    def rank(self) -> tuple[int, int, int]:
        """The best first: by verdict, then the fewest criteria in doubt, then the most open status."""
        in_doubt = sum(verdict in (Verdict.FAILS, Verdict.UNKNOWN) for verdict in self.judgement.criteria)
        return -self.verdict, in_doubt, openness(self.listing)

    @cached_property
    def explanations(self) -> tuple[Explanation, ...]:
        """Each criterion with its verdict and the answers behind it."""
        return explain_all(self.judgement, self.known, self.questionnaire)

    @cached_property
    def told(self) -> tuple[Explanation, ...]:
        """The explanations without those of cohorts that do worse than the best: where one eye may be treated, the other does not matter."""
        behind = {one.criterion.cohort for one in self.explanations if one.verdict is not None and one.verdict < self.verdict}
        return tuple(one for one in self.explanations if one.criterion.cohort not in behind)

    @property
    def open_questions(self) -> list[str]:
        """The questions that still need checking, in the order of the criteria."""
        return list(dict.fromkeys(key for one in self.told if one.verdict is Verdict.UNKNOWN for key in one.because))

    @cached_property
    def reason(self) -> Explanation | None:
        """The criterion to blame first where the trial does not fit."""
        return main_reason(self.judgement, self.known, self.questionnaire) if self.verdict is Verdict.FAILS else None


@dataclass(frozen=True)
class Matching:
    """The open trials of an area (or of all, where it is None) against one patient's answers.

    ``trials`` are those to show, the best first; ``counts`` tells how many there are of each verdict, shown or not.
    """

    catalog: Catalog
    area: str | None
    answers: Answers
    matches: Matches
    trials: tuple[TrialMatch, ...]
    counts: Mapping[Verdict, int]

    @property
    def known(self) -> Known:
        """What the answers tell of the patient."""
        return self.matches.known

    @cached_property
    def next_questions(self) -> list[str]:
        """The questions still to ask, best first; those that only trials apart from the index need last."""
        ahead = next_questions(self.matches, self.answers.keys(), self.area)
        if self.catalog.apart_index:
            ahead += [key for key in next_questions(self.catalog.apart_index.match(self.known), self.answers.keys(), self.area) if key not in ahead]
        return ahead

    @property
    def total(self) -> int:
        """How many trials were judged."""
        return sum(self.counts.values())

    def with_verdict(self, verdict: Verdict) -> list[TrialMatch]:
        """The trials of one verdict that are to be shown, best first."""
        return [trial for trial in self.trials if trial.verdict is verdict]

    def not_shown(self, verdict: Verdict) -> int:
        """How many more trials of one verdict there are."""
        return max(self.counts[verdict] - len(self.with_verdict(verdict)), 0)


def match(catalog: Catalog, area: str | None, answers: Answers, limits: Limits | None = None, matches: Matches | None = None) -> Matching:
    """Judges the open trials of an area. Those within the limits (all, where there are none) come with the reason for each criterion.

    ``matches`` are all trials judged by these answers already.
    """
    questionnaire, index = catalog.questionnaire, catalog.index
    matches = matches or index.match(questionnaire.settle(answers))
    known = matches.known
    rows = index.rows_in(area)
    numbers = best(catalog, matches, area, limits) if limits else [str(key) for key in index.keys[rows]]
    shown = [kept for first in range(0, len(numbers), CHUNK) for kept in catalog.take(numbers[first : first + CHUNK])]
    apart = [_match_trial(kept, known, questionnaire) for kept in catalog.apart_in(area)]
    trials = sorted([*apart, *(_match_trial(kept, known, questionnaire) for kept in shown)], key=_best_first)
    counts = np.bincount(np.append(matches.verdicts[rows], [trial.verdict for trial in apart]).astype(np.int64), minlength=len(Verdict))
    return Matching(
        catalog=catalog,
        area=area,
        answers=answers,
        matches=matches,
        trials=tuple(_within(limits, trials) if limits else trials),
        counts={verdict: int(counts[verdict]) for verdict in Verdict},
    )


def _within(limits: Limits, trials: Sequence[TrialMatch]) -> list[TrialMatch]:
    possible = [trial for trial in trials if trial.verdict is not Verdict.FAILS]
    others = [trial for trial in trials if trial.verdict is Verdict.FAILS]
    return possible[: limits.possible] + others[: limits.others]


def count_possible(catalog: Catalog, area: str | None, matches: Matches) -> int:
    """How many trials of an area the answers do not rule out."""
    verdicts = matches.verdicts[catalog.index.rows_in(area)]
    return int((verdicts != Verdict.FAILS).sum()) + sum(judge(kept.judged, matches.known).verdict is not Verdict.FAILS for kept in catalog.apart_in(area))


def _match_trial(kept: Kept, known: Known, questionnaire: Questionnaire) -> TrialMatch:
    """The verdict is that of the plain judge on what is shown, so that it always goes with its reasons."""
    return TrialMatch(kept.listing, judge(kept.judged, known), known, questionnaire)


def _best_first(trial: TrialMatch) -> tuple[int, int, int, str]:
    """Among equals by their NCT numbers."""
    return *trial.rank, trial.listing.nct_id


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
        "next_questions": matching.next_questions,
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
