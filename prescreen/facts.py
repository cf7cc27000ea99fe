"""Facts to bring: what would settle most trials, by where it is found, with the sentence that asks a clinic for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from trials.eligibility.questions import Question, Source
from trials.eligibility.verdicts import Verdict
from trials.matching import TrialMatch

from .fact_words import NAMES
from .screening import Screening
from .wording import question_text


@dataclass(frozen=True)
class Fact:
    """Something to find out: the question, where the answer is found, how to ask a clinic for it, and how many trials it could settle."""

    question: str
    trials: int
    settles: str
    source: Source
    say: str


@dataclass(frozen=True)
class FactGroup:
    """Facts from one source. ``heading`` names it."""

    heading: str
    facts: tuple[Fact, ...]


def to_bring(screening: Screening, trials: Iterable[TrialMatch]) -> tuple[Fact, ...]:
    """What is still open in these trials, the facts that could settle most of them first."""
    questionnaire, who = screening.catalog.questionnaire, screening.answers.who
    wanted = Counter(key for trial in trials for key in trial.open_questions)
    ranked = sorted(wanted, key=lambda key: (-wanted[key], questionnaire[key].order, key))
    return tuple(
        Fact(
            question=question_text(questionnaire[key], who),
            trials=wanted[key],
            settles=ngettext("Could settle %(count)d trial.", "Could settle %(count)d trials.", wanted[key]) % {"count": wanted[key]},
            source=questionnaire[key].source,
            say=say(questionnaire[key], who),
        )
        for key in ranked
    )


def by_source(facts: Sequence[Fact]) -> tuple[FactGroup, ...]:
    """The facts by where they are found: the source of the best one first, and the best first in each."""
    sources = list(dict.fromkeys(fact.source for fact in facts))
    ordered = sorted(facts, key=lambda fact: sources.index(fact.source))
    return tuple(FactGroup(_heading(source), tuple(found)) for source, found in groupby(ordered, key=lambda fact: fact.source))


def _heading(source: Source) -> str:
    return {
        Source.PATIENT: _("What you or your family may know"),
        Source.GENETIC_REPORT: _("From the genetic test report"),
        Source.ANTIBODY_TEST: _("From an antibody test (a blood test)"),
        Source.EYE_EXAM: _("From an eye exam"),
        Source.BLOOD_TEST: _("From a blood test"),
        Source.SCAN: _("From a scan or X-ray report"),
        Source.RECORDS: _("From the medical records"),
    }[source]


def say(question: Question, who: str) -> str:
    """The sentence that asks a clinic for the fact; what only the family can know is talked about instead."""
    if question.source is Source.PATIENT:
        return _("Let us talk about this at the visit.")
    if question.key in NAMES:
        return _please(_(NAMES[question.key]), who)
    return _please(_report(question.source), who) + " " + _("It should answer this question.")


def _please(name: str, who: str) -> str:
    template = {
        "me": _("Please send me my %(name)s, with the date."),
        "child": _("Please send me my child’s %(name)s, with the date."),
    }.get(who, _("Please send me the %(name)s of the person I care for, with the date."))
    return template % {"name": name}


def _report(source: Source) -> str:
    return {
        Source.GENETIC_REPORT: _("full genetic test report"),
        Source.ANTIBODY_TEST: _("antibody test report"),
        Source.EYE_EXAM: _("last eye exam report"),
        Source.BLOOD_TEST: _("last blood test report"),
        Source.SCAN: _("last scan report"),
        Source.RECORDS: _("medical record on this"),
    }[source]


def of_results(screening: Screening, most: int = 8) -> tuple[FactGroup, ...]:
    """The facts that could settle most of the trials that may match, for the results page."""
    possible = [trial for trial in screening.matching.trials if trial.verdict is Verdict.UNKNOWN]
    return by_source(to_bring(screening, possible)[:most])
