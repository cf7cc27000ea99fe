"""The form behind each question page, and the answers after it. Two pages come before the catalog's questions: who answers, and the area."""

from __future__ import annotations

from dataclasses import replace

from django.utils.translation import gettext as _

from trials.eligibility.questions import Kind, Question
from trials.vocabulary import DIAGNOSIS

from .answers import Answers
from .choices import Group, Option, choice_groups, condition_groups
from .forms import UNKNOWN, ChoiceForm, ChoicesForm, Data, NumberForm, QuestionForm
from .screening import AREA, WHO, Screening
from .wording import for_whom, help_text, question_text

NOT_LISTED = "not_listed"
"""The answer "My condition is not listed": it leads to a page of help and is not kept."""


def form_for(screening: Screening, key: str, data: Data = None) -> QuestionForm:
    """The form of a question page, with the earlier answer filled in."""
    if key == WHO:
        return _who_form(screening.answers, data)
    if key == AREA:
        return _area_form(screening, data)
    question, given = screening.catalog.questionnaire[key], screening.answers.given
    words = question_text(question, screening.answers.who), help_text(question, screening.answers.who)
    earlier = UNKNOWN if key in given and given[key] is None else given.get(key)
    if question.kind is Kind.NUMBER:
        return NumberForm(words, question, data, earlier)
    if question.kind is Kind.CHOICES:
        return ChoicesForm(words, choice_groups(question), data, earlier)
    return ChoiceForm(words, _groups(question, screening), data, earlier, unsure=_("I am not sure"))


def _groups(question: Question, screening: Screening) -> list[Group]:
    if question.kind is Kind.YES_NO:
        return [Group((Option("yes", _("Yes")), Option("no", _("No"))))]
    if question.key != DIAGNOSIS:
        return choice_groups(question)
    not_listed = Group((Option(NOT_LISTED, _("The condition is not listed")),))
    return [*condition_groups(question, screening.catalog, screening.area), not_listed]


def _who_form(answers: Answers, data: Data) -> QuestionForm:
    options = (
        Option("me", _("Myself")),
        Option("child", _("My child")),
        Option("other", _("Someone I care for"), _("For example a partner, a parent or a friend")),
    )
    words = _("Who are you answering for?"), _("The questions will use the right words.")
    return ChoiceForm(words, [Group(options)], data, answers.who if answers.started else None)


def _area_form(screening: Screening, data: Data) -> QuestionForm:
    answers = screening.answers
    title = _("Which area is your condition in?") if answers.who == "me" else for_whom(_("Which area is your child’s condition in?"), answers.who)
    areas = Group(tuple(Option(area.slug, _(area.name), _(area.description)) for area in screening.catalog.areas.values()))
    words = title, _("Choose the one that fits best. You can come back and choose another.")
    return ChoiceForm(words, [areas], data, UNKNOWN if answers.area is None else answers.area, unsure=_("I am not sure: show all areas"))


def with_answer(answers: Answers, key: str, value: object) -> Answers:
    """The answers with one more; who answers and the area are kept apart from what is judged."""
    if key == WHO:
        return replace(answers, who=value or "me")
    if key == AREA:
        return replace(answers, area=value, picked=None)
    return answers.with_answer(key, value)
