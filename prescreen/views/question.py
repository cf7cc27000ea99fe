"""One question a page."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from prescreen import answers
from prescreen.forms import QuestionForm
from prescreen.question_pages import NOT_LISTED, form_for, with_answer
from prescreen.screening import AREA, WHO, Screening
from prescreen.templatetags.words import words_in
from prescreen.wording import about_text, why_text

from .pages import question_or_check, screening_page


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
    return answers.keep(response, after.to_keep)


def _page(request: HttpRequest, screening: Screening, key: str, form: QuestionForm, status: int = 200) -> HttpResponse:
    asked = screening.catalog.questionnaire.get(key)
    label, hint = form.fields["answer"].label, form.fields["answer"].help_text
    why = why_text(asked, screening.answers.who) if asked else ""
    context = {
        "screening": screening,
        "key": key,
        "form": form,
        "title": label,
        "why": why,
        "words": words_in(f"{label} {hint}"),
        "sensitive": bool(asked and asked.sensitive),
        "number": screening.number_of(key),
        "about": about_text(screening.answers.who) if key != WHO else "",
        "before": screening.before(key),
        "from_check": request.GET.get("from") == "check",
        "has_results": screening.started and bool(screening.path.steps),
    }
    return render(request, "prescreen/question.html", context, status=status)
