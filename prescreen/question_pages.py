"""The form behind each question page, and the answers after it. Two pages come before the catalog's questions: who answers, and the area."""

from __future__ import annotations

from dataclasses import replace

from django.utils.translation import gettext as _

from trials.eligibility.questions import Kind, Question
from trials.vocabulary import DIAGNOSIS

from .answers import Answers
from .choices import Group, Option, groups_of
from .forms import UNKNOWN, ChoiceForm, ChoicesForm, Data, QuestionForm
from .long_lists import Elsewhere, Search, entries, found_first, search
from .number_form import NumberForm
from .screening import AREA, WHO, Screening
from .searching import find
from .wording import for_whom, help_text, question_text

NOT_LISTED = "not_listed"
"""The answer "My condition is not listed": it leads to a page of help and is not kept."""

MOST_ELSEWHERE = 3
"""At most so many conditions of another area are named where this one has none."""


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
        return NumberForm(words, question, data, earlier, screening.answers.who)
    groups = _groups(question, screening)
    looked = _search(question, groups, screening, data)
    if looked and looked.found:
        groups = found_first(groups, looked.found)
        data, earlier = None, data.getlist("answer")
    if question.key == DIAGNOSIS:
        groups = [*groups, Group((Option(NOT_LISTED, _("The condition is not listed")),))]
    several = question.kind is Kind.CHOICES
    form = ChoicesForm(words, groups, data, earlier) if several else ChoiceForm(words, groups, data, earlier, unsure=_("I am not sure"))
    form.search = looked
    return form


def _groups(question: Question, screening: Screening) -> list[Group]:
    if question.kind is Kind.YES_NO:
        return [Group((Option("yes", _("Yes")), Option("no", _("No"))))]
    return groups_of(question, screening.catalog, screening.area)


def _search(question: Question, groups: list[Group], screening: Screening, data: Data) -> Search | None:
    """The search of a long list. A condition that is not in the list of the area is looked for in the other areas."""
    looked = search(groups, data)
    if looked is None or question.key != DIAGNOSIS or screening.area is None:
        return looked
    looked = replace(looked, everywhere=True)
    if looked.found is None or looked.found.is_sure:
        return looked
    return replace(looked, elsewhere=_elsewhere(question, screening, looked))


def _elsewhere(question: Question, screening: Screening, looked: Search) -> Elsewhere | None:
    catalog = screening.catalog
    others = {area: find(looked.typed, entries(groups_of(question, catalog, area))) for area in catalog.areas if area != screening.area}
    area, found = max(others.items(), key=lambda pair: pair[1].best)
    if not found.values or found.best <= looked.found.best:
        return None
    return Elsewhere(_(catalog.areas[area].name), tuple(_(catalog.conditions[value].label) for value in found.values[:MOST_ELSEWHERE]))


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
