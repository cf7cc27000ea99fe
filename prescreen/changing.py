"""What may change, and when, in the words that people read."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from trials.eligibility.changing import AGE, Closing, Course, Limit, Outlook, closing, outlook
from trials.eligibility.questionnaire import Questionnaire
from trials.eligibility.questions import DAYS, plain_number
from trials.eligibility.verdicts import Verdict
from trials.matching import TrialMatch

from .wording import question_text

ADULT = 18 * DAYS["years"]


def what_may_change(trial: TrialMatch, who: str) -> str:
    """One line on time and this trial: when its reason against may end, or how soon it would no longer fit; "" where nothing is sure."""
    if trial.verdict is Verdict.FAILS:
        found = outlook(trial.judgement, trial.reason, trial.known, trial.questionnaire) if trial.reason else None
        return _outlook_text(found, trial.questionnaire) if found else ""
    coming = closing(trial.judgement, trial.known, trial.questionnaire)
    return _closing_text(coming, trial.questionnaire, who) if coming else ""


def _outlook_text(found: Outlook, questionnaire: Questionnaire) -> str:
    match found.course:
        case Course.AHEAD:
            text = _ahead_text(found, questionnaire)
        case Course.MAY_CHANGE:
            text = _("This answer may change.")
        case Course.PASSED:
            return _("This time limit has passed.")
        case Course.FIXED:
            return _("This stays as it is.")
    return text if found.is_only else f"{text} {_('This is not the only reason.')}"


def _ahead_text(found: Outlook, questionnaire: Questionnaire) -> str:
    assert found.limit is not None
    has_time = found.days is not None and found.days >= 1
    words = {"limit": _amount(found.limit, questionnaire), "time": time_text(found.days, math.ceil) if found.days else ""}
    if found.limit.question == AGE:
        if not has_time:
            template = _("This may change after the age of %(limit)s.") if found.beyond else _("This may change from the age of %(limit)s on.")
        else:
            template = (
                _("This may change after the age of %(limit)s, in about %(time)s.")
                if found.beyond
                else _("This may change from the age of %(limit)s on, in about %(time)s.")
            )
    elif not has_time:
        template = _("This may change once it is more than %(limit)s.") if found.beyond else _("This may change once it is %(limit)s.")
    else:
        template = (
            _("This may change once it is more than %(limit)s: in about %(time)s, if all else stays the same.")
            if found.beyond
            else _("This may change once it is %(limit)s: in about %(time)s, if all else stays the same.")
        )
    return template % words


def _closing_text(coming: Closing, questionnaire: Questionnaire, who: str) -> str:
    words = {
        "limit": _amount(coming.limit, questionnaire),
        "time": time_text(coming.days, math.floor),
        "question": question_text(questionnaire[coming.limit.question], who),
    }
    is_now = coming.days < 1
    if coming.limit.question != AGE:
        if is_now:
            return _("Time is short: “%(question)s” The limit of %(limit)s is reached now. Ask soon.") % words
        return _("Time is short: “%(question)s” The limit is %(limit)s. About %(time)s left.") % words
    for_children = who == "child" or coming.limit.bound * DAYS[questionnaire[AGE].unit] < ADULT
    if coming.within:
        template = _("This trial takes children under %(limit)s") if for_children else _("This trial takes people under %(limit)s")
    else:
        template = _("This trial takes children up to %(limit)s") if for_children else _("This trial takes people up to %(limit)s")
    left = _("the limit is reached now. Ask soon.") if is_now else _("about %(time)s left.") % words
    return f"{template % words}: {left}"


def _amount(limit: Limit, questionnaire: Questionnaire) -> str:
    """The limit as the trial writes it, such as "6 months"."""
    return amount_text(limit.quantity.number, limit.quantity.unit or questionnaire[limit.question].unit)


def amount_text(number: Fraction, unit: str) -> str:
    """A number of days, weeks, months or years in words; another unit is written as it is."""
    one_or_many = 1 if number == 1 else 2
    template = {
        "days": ngettext("%(number)s day", "%(number)s days", one_or_many),
        "weeks": ngettext("%(number)s week", "%(number)s weeks", one_or_many),
        "months": ngettext("%(number)s month", "%(number)s months", one_or_many),
        "years": ngettext("%(number)s year", "%(number)s years", one_or_many),
    }.get(unit, f"%(number)s {unit}")
    return template % {"number": plain_number(number)}


def time_text(days: Fraction, whole: Callable[[Fraction], int]) -> str:
    """A stretch of time in the unit that people would use, made whole by ``math.floor`` or ``math.ceil``."""
    for unit, from_days in (("years", 2 * DAYS["years"]), ("months", Fraction(60)), ("weeks", Fraction(14)), ("days", Fraction(0))):
        if days >= from_days:
            return amount_text(Fraction(max(whole(days / DAYS[unit]), 1)), unit)
    return ""
