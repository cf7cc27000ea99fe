"""What looks wrong in a trial's criteria, each as one sentence that names the place and the fix."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from django.utils.translation import gettext as _  # type: ignore[import-untyped]

from trials.eligibility.judging import Criterion, Trial
from trials.eligibility.questionnaire import Questionnaire
from trials.eligibility.rule_texts import write
from trials.eligibility.verdicts import CriterionKind

from .findings import Finding, place, shortened
from .lint_eyes import eye_findings
from .lint_numbers import number_findings
from .lint_polarity import polarity_findings
from .readability import grade, words_of
from .values import GaveUp, find

HARDEST_GRADE = 8

FEWEST_WORDS = 8
"""A grade says little about a text of fewer words: one name of a disease would decide it."""

NEVER_SAID = re.compile(
    r"\b(in)?eligib\w*|\bqualif(y|ies|ied|ying)\b|\bfail(s|ed|ing)?\b|\breject(s|ed|ing)?\b|\bcandidates?\b|\byou can join\b|\benroll you\b", re.I
)
"""Words that promise a place or judge a person. Diseases may be named: "heart failure", "rejection of an organ"."""

MOST_CONTRADICTIONS = 5
"""At most so many contradictions are told of a trial, or of each of its cohorts."""


def lint_trial(trial: Trial, questionnaire: Questionnaire) -> list[Finding]:
    """What looks wrong in a trial, errors first, then in the order of its criteria.

    Errors are rules that every answer or no answer fits, criteria that leave nobody together, and words never to be said. All else is a
    warning: a look at it may show that it is right. A rule, or a set of rules, that takes too long to work out is passed over in silence.
    """
    logic = list(_rule_findings(trial, questionnaire))
    broken = {finding.criterion for finding in logic}
    found = [
        *logic,
        *_contradictions(trial, questionnaire, broken),
        *polarity_findings(trial, questionnaire),
        *number_findings(trial, questionnaire),
        *_duplicates(trial),
        *eye_findings(trial),
        *_wording(trial),
    ]
    return sorted(found, key=lambda finding: (finding.level != "error", -1 if finding.criterion is None else finding.criterion))


def _rule_findings(trial: Trial, questionnaire: Questionnaire) -> Iterator[Finding]:
    for number, criterion in enumerate(trial.criteria):
        if criterion.rule is None:
            continue
        where = {"place": place(trial, number)}
        if _never_together([criterion], questionnaire):
            yield Finding(
                "error", number, "leaves-nobody", _("%(place)s: nobody's answers can fit this rule. Check its numbers, its choices and its “not”.") % where
            )
        elif _never_together([_turned_round(criterion)], questionnaire):
            yield Finding(
                "error", number, "says-nothing", _("%(place)s: everybody's answers fit this rule, so it does nothing. Check its numbers and choices.") % where
            )


def _turned_round(criterion: Criterion) -> Criterion:
    """The criterion that this one's patients do not meet."""
    other = CriterionKind.EXCLUSION if criterion.kind is CriterionKind.INCLUSION else CriterionKind.INCLUSION
    return replace(criterion, kind=other)


def _never_together(criteria: list[Criterion], questionnaire: Questionnaire) -> bool:
    """Whether it is sure that no answers pass all of these criteria."""
    try:
        return find(criteria, questionnaire) is None
    except GaveUp:
        return False


def _contradictions(trial: Trial, questionnaire: Questionnaire, broken: Iterable[int | None]) -> Iterator[Finding]:
    """The smallest sets of criteria, common ones and those of a cohort with them, that nobody can meet together."""
    told: set[tuple[int, ...]] = set()
    for cohort in trial.cohorts or (None,):
        numbers = [
            number
            for number, criterion in enumerate(trial.criteria)
            if criterion.rule is not None and criterion.cohort in (None, cohort) and number not in broken
        ]
        for _attempt in range(MOST_CONTRADICTIONS):
            if not _never_together([trial.criteria[number] for number in numbers], questionnaire):
                break
            core = _smallest_core(trial, numbers, questionnaire)
            numbers.remove(core[-1])
            if core not in told:
                told.add(core)
                yield _contradiction(trial, core, cohort)


def _smallest_core(trial: Trial, numbers: list[int], questionnaire: Questionnaire) -> tuple[int, ...]:
    core = list(numbers)
    for number in numbers:
        fewer = [other for other in core if other != number]
        if _never_together([trial.criteria[other] for other in fewer], questionnaire):
            core = fewer
    return tuple(core)


def _contradiction(trial: Trial, core: tuple[int, ...], cohort: str | None) -> Finding:
    *others, last = core
    with_them = ", ".join(_("%(number)s (“%(text)s”)") % {"number": other + 1, "text": shortened(trial.criteria[other].text)} for other in others)
    words = {"place": place(trial, last), "others": with_them, "cohort": cohort}
    if any(trial.criteria[number].cohort for number in core):
        message = _("%(place)s: together with criterion %(others)s it leaves nobody in the cohort “%(cohort)s”. Change one of them.")
    else:
        message = _("%(place)s: together with criterion %(others)s it leaves nobody. Change one of them.")
    return Finding("error", last, "contradiction", message % words)


def _duplicates(trial: Trial) -> Iterator[Finding]:
    rules: dict[tuple[str | None, ...], int] = {}
    texts: dict[tuple[str | None, ...], int] = {}
    for number, criterion in enumerate(trial.criteria):
        same_text = texts.setdefault((criterion.kind, criterion.cohort, " ".join(re.findall(r"\w+|[<>≤≥=]", criterion.text.lower()))), number)
        same_rule = number if criterion.rule is None else rules.setdefault((criterion.kind, criterion.cohort, write(criterion.rule)), number)
        if same_text != number:
            message = _("%(place)s: criterion %(other)s has the same text. Take one of them away.")
            yield Finding("warning", number, "same-text", message % {"place": place(trial, number), "other": same_text + 1})
        elif same_rule != number:
            message = _("%(place)s: criterion %(other)s has the same rule. Check whether one of them should ask for something else.")
            yield Finding("warning", number, "same-rule", message % {"place": place(trial, number), "other": same_rule + 1})


def _wording(trial: Trial) -> Iterator[Finding]:
    for number, criterion in enumerate(trial.criteria):
        where = place(trial, number)
        said = NEVER_SAID.search(criterion.plain or criterion.text)
        if said and criterion.plain:
            message = _("%(place)s: the plain wording says “%(word)s”, which we never say to patients. Say it in other words.")
            yield Finding("error", number, "never-said", message % {"place": where, "word": said[0]})
        elif said:
            message = _("%(place)s: patients would read “%(word)s”, which we never say to them. Write a plain wording.")
            yield Finding("warning", number, "never-said", message % {"place": where, "word": said[0]})
        needed = grade(criterion.plain)
        if needed > HARDEST_GRADE and len(words_of(criterion.plain)) >= FEWEST_WORDS:
            message = _("%(place)s: the plain wording reads at school grade %(grade)s; aim at %(most)s. Use shorter words and sentences.")
            yield Finding("warning", number, "hard-words", message % {"place": where, "grade": round(needed), "most": HARDEST_GRADE})


__all__ = ["Finding", "lint_trial"]
