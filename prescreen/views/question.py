"""One question a page."""

from __future__ import annotations

from dataclasses import replace

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from prescreen import answers
from prescreen.forms import UNKNOWN, ChoiceForm, Group, Option, QuestionForm, question_form
from prescreen.screening import AREA, WHO, Screening
from prescreen.wording import for_whom

from .pages import question_or_check, screening_page

NOT_LISTED = "not_listed"


@require_http_methods(["GET", "HEAD", "POST"])
@screening_page
def question(request: HttpRequest, screening: Screening, key: str) -> HttpResponse:
    """Shows a question, or takes its answer and goes on."""
    if key not in (WHO, AREA) and key not in screening.catalog.questionnaire:
        raise Http404
    if not screening.is_on_path(key):
        return question_or_check(screening)
    form = form_for(screening, key, request.POST if request.method == "POST" else None)
    if not form.is_bound:
        return _page(request, screening, key, form)
    if not form.is_valid():
        return _page(request, screening, key, form, status=422)
    if form.value == NOT_LISTED:
        return redirect("not_listed")
    return _onwards(request, screening, key, form)


def _onwards(request: HttpRequest, screening: Screening, key: str, form: QuestionForm) -> HttpResponse:
    """Keeps the answer and leads to the next page."""
    after = Screening(with_answer(screening.answers, key, form.value), screening.catalog)
    changing = request.GET.get("from") == "check"
    nothing_new = changing and after.started and after.next_page in (None, screening.next_page)
    if nothing_new:
        response = redirect("check")
    elif key == WHO and not after.started:
        response = redirect("question", key=AREA)
    else:
        response = question_or_check(after, changing)
    return answers.keep(response, after.answers)


def with_answer(given: answers.Answers, key: str, value: object) -> answers.Answers:
    """The answers with one more; who answers and the area are kept apart from what is judged."""
    if key == WHO:
        return replace(given, who=value or "me")
    if key == AREA:
        return replace(given, area=value, picked=None)
    return given.with_answer(key, value)


def form_for(screening: Screening, key: str, data: QueryDict | None) -> QuestionForm:
    """The form of a question page, with the earlier answer filled in."""
    given = screening.answers
    if key == WHO:
        return ChoiceForm(
            _("Who are you answering for?"),
            _("We word the questions to suit."),
            [Group(_who_options())],
            data,
            given.who if given.started else None,
            unsure=False,
        )
    if key == AREA:
        return ChoiceForm(
            for_whom(_("Which area is your child’s condition in?"), given.who) if given.who != "me" else _("Which area is your condition in?"),
            _("Choose the one that fits best. You can come back and choose another."),
            [Group(tuple(Option(area.slug, _(area.name), _(area.description)) for area in screening.catalog.areas.values()))],
            data,
            UNKNOWN if given.area is None else given.area,
        )
    earlier = given.given.get(key, "")
    shown = UNKNOWN if earlier is None else earlier
    asked = screening.catalog.questionnaire[key]
    form = question_form(asked, screening.catalog, screening.area, given.who, data, shown)
    if key == "diagnosis":
        offer_not_listed(form)
    return form


def _who_options() -> tuple[Option, ...]:
    return (
        Option("me", _("Myself")),
        Option("child", _("My child")),
        Option("other", _("Someone I care for"), _("For example a partner, a parent or a friend")),
    )


def offer_not_listed(form: QuestionForm) -> None:
    """Adds "My condition is not listed", which leads to a page of help and keeps no answer."""
    field = form.fields["answer"]
    extra = Option(NOT_LISTED, _("My condition is not listed"))
    field.groups = [*field.groups[:-1], Group((*field.groups[-1].options, extra))]
    field.choices = [*field.choices, (extra.value, extra.label)]


def _page(request: HttpRequest, screening: Screening, key: str, form: QuestionForm, status: int = 200) -> HttpResponse:
    asked = screening.catalog.questionnaire.get(key)
    context = {
        "screening": screening,
        "key": key,
        "form": form,
        "title": form.fields["answer"].label,
        "why": for_whom(_(asked.why), screening.answers.who) if asked and asked.why else "",
        "sensitive": bool(asked and asked.sensitive),
        "number": screening.number_of(key),
        "before": screening.before(key),
        "from_check": request.GET.get("from") == "check",
        "has_results": screening.started and bool(screening.path.steps),
    }
    return render(request, "prescreen/question.html", context, status=status)
