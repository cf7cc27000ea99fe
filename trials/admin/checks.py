"""What a change would break: the rules and sample patients of stored trials against the questions as they would be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress

from django.db import connection
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from trials import catalog, renewal
from trials.eligibility.questionnaire import Questionnaire
from trials.eligibility.questions import Question, QuestionError
from trials.eligibility.rules import Rule, RuleError, comparisons, parse
from trials.matching import sample_faults
from trials.models import Trial

MOST_FAULTS = 10


def keep_catalog(request: HttpRequest) -> None:
    """Keeps the catalog of patients' pages for a request, whose questions need not be read again. Only outside of a transaction."""
    if connection.in_atomic_block:
        return
    with suppress(QuestionError):  # told where the questions are used
        request.desk_catalog = catalog.current()


def questionnaire_for(request: HttpRequest) -> Questionnaire:
    """The questions of the database, read at most once for each request, at first use."""
    if not hasattr(request, "desk_questionnaire"):
        request.desk_questionnaire = SimpleLazyObject(lambda: renewal.questionnaire_at(renewal.stamp(), getattr(request, "desk_catalog", None)))
    return request.desk_questionnaire


def usable_questionnaire(request: HttpRequest) -> Questionnaire | None:
    """The same, or None where one of the questions cannot be used, so that pages can still be shown and it can be mended."""
    questionnaire = questionnaire_for(request)
    try:
        len(questionnaire)
    except QuestionError:
        return None
    return questionnaire


def stored_questions() -> list[Question] | None:
    """The questions of the database, or None where one of them cannot be used, so that it can still be mended."""
    try:
        return catalog.stored_questions()
    except QuestionError:
        return None


def new_faults(before: Iterable[Question], after: Iterable[Question]) -> list[str]:
    """What would break if the questions were changed, a sentence each, the trial named. What is broken already does not count."""
    try:
        new = Questionnaire(after)
    except QuestionError as fault:
        return [str(fault)]
    try:
        old = Questionnaire(before)
    except QuestionError:
        return []
    faults = [
        _("the question “%(key)s” is asked if “%(rule)s”, which would mean another amount") % {"key": key, "rule": new[key].ask_if}
        for key, rule in new.ask_if.items()
        if key in old.ask_if and old[key].ask_if == new[key].ask_if and _means_another_amount(old.ask_if[key], rule, old, new)
    ]
    for trial in Trial.objects.with_parts().prefetch_related("sample_patients"):
        found = list(_rule_faults(trial, old, new))
        if trial.published and not found:
            known = sample_faults(trial, old)
            found = [fault for fault in sample_faults(trial, new) if fault not in known]
        faults += [f"{trial.nct_id}: {fault}" for fault in found]
    return faults


def shortened(faults: list[str]) -> list[str]:
    """The first faults, and how many there are besides."""
    more = len(faults) - MOST_FAULTS
    return [*faults[:MOST_FAULTS], _("and %(count)s more") % {"count": more}] if more > 0 else faults


def _rule_faults(trial: Trial, old: Questionnaire, new: Questionnaire) -> Iterator[str]:
    for criterion in trial.criteria.all():
        try:
            earlier = parse(criterion.rule, old)
        except RuleError:
            continue
        try:
            if _means_another_amount(earlier, parse(criterion.rule, new), old, new):
                yield _("the rule “%(rule)s” would mean another amount") % {"rule": criterion.rule}
        except RuleError as fault:
            yield _("the rule “%(rule)s” could not be read any more: %(fault)s") % {"rule": criterion.rule, "fault": fault}


def _means_another_amount(earlier: Rule, later: Rule, old: Questionnaire, new: Questionnaire) -> bool:
    """Whether a rule of the same words names other amounts, because a unit or its factor is another."""
    return any(
        one.quantities and (one.inside != two.inside or old[one.question].unit != new[two.question].unit)
        for one, two in zip(comparisons(earlier), comparisons(later), strict=True)
    )
