"""Every kind of page of the site, each with the way to it."""

from __future__ import annotations

import re
from collections.abc import Callable

from django.test import RequestFactory
from playwright.sync_api import Page, expect

from prescreen import answers, learn_pages
from prescreen.views import exits

from .hands import Pointer, answers_on, number_and_unit
from .tables import BOY_WITH_DUCHENNE, CHILD_WITH_LEUKEMIA, GRANDMOTHER, MAN_WITH_HIV, Answer, Patient

Sight = Callable[[Page], object]


def remember(page: Page, patient: Patient, only: tuple[str, ...] | None = None, **changed: Answer) -> None:
    """Gives the browser what a patient told (or only some of it), as if they had walked through the questions."""
    told = {key: answer for key, answer in patient.told.items() if only is None or key in only} | changed
    given = {key: _as_given(answer) for key, answer in told.items()}
    sealed = answers.seal(answers.Answers(patient.who, patient.area, given))
    page.context.add_cookies([{"name": answers.COOKIE, "value": sealed, "domain": "127.0.0.1", "path": "/"}])


def _as_given(answer: Answer) -> object:
    if isinstance(answer, list):
        return [] if answer == ["none_of_these"] else answer
    number, unit = number_and_unit(answer)
    if not re.fullmatch(r"[\d.]+", number):
        return answer
    return {"value": number, "unit": unit} if unit else {"value": number}


def of(patient: Patient, address: str) -> Sight:
    """A page as this patient sees it after all questions."""
    return lambda page: (remember(page, patient), page.goto(address))


def unanswered(patient: Patient, key: str, *before: str) -> Sight:
    """A question that this patient has not answered yet."""
    return lambda page: (remember(page, patient, before), page.goto(f"/screening/q/{key}/"))


def question_with(patient: Patient, *marks: str) -> Sight:
    """The first of this patient's questions whose page holds all these marks (or does not hold it, after a "no")."""

    def show(page: Page) -> None:
        remember(page, patient)
        keys = re.findall(r"/screening/q/([\w-]+)/\?from", page.request.get("/screening/check/").text())
        for key in keys:
            content = page.request.get(f"/screening/q/{key}/").text()
            if all((mark.removeprefix("no ") in content) != mark.startswith("no ") for mark in marks):
                page.goto(f"/screening/q/{key}/")
                return
        raise AssertionError(f"none of {keys} is a question with {marks}")

    return show


def with_error(sight: Sight) -> Sight:
    """A question page that was sent without an answer that it can take."""

    def show(page: Page) -> None:
        sight(page)
        for box in answers_on(page).all():
            if box.get_attribute("type") == "text":
                box.fill("many")
            elif box.is_checked():
                box.uncheck()
        assert Pointer(page).follow("Continue").status == 422

    return show


def unfolded(sight: Sight) -> Sight:
    """A page with all its details open."""
    return lambda page: (sight(page), page.evaluate("document.querySelectorAll('details').forEach(details => { details.open = true })"))


def stale(page: Page) -> None:
    """A form sent after its cookie was gone."""
    page.goto("/screening/q/who/")
    page.context.clear_cookies()
    assert Pointer(page).answer("me").status == 403


def trouble(page: Page) -> None:
    """The page for errors of the server."""
    content = exits.trouble(RequestFactory().get("/")).content.decode()
    page.route("**/trouble/", lambda route: route.fulfill(status=500, content_type="text/html", body=content))
    page.goto("/trouble/")


def first_trial(filters: str) -> Sight:
    """The first trial of the public listing with these filters."""

    def show(page: Page) -> None:
        page.goto("/trials/" + filters)
        page.locator("article.trial h2 a").first.click()
        page.wait_for_url("**/trials/NCT*/")

    return show


def learning(slug: str) -> Sight:
    """One of the pages to learn from."""
    return lambda page: page.goto(f"/learn/{slug}/")


def none_left(page: Page) -> None:
    """Results without any trial that may match."""
    remember(page, GRANDMOTHER, age="10")
    page.goto("/screening/results/")
    assert page.get_by_text("None of the").is_visible()


def compared(patient: Patient) -> Sight:
    """The first three of this patient's trials side by side."""

    def show(page: Page) -> None:
        remember(page, patient)
        page.goto("/screening/results/")
        for box in page.locator("input[name=trial]").all()[:3]:
            box.check()
        assert Pointer(page).follow("Compare the trials I ticked").status == 200

    return show


def code_of(page: Page, patient: Patient) -> str:
    """The code on this patient's paper."""
    remember(page, patient)
    shown = page.request.get("/screening/summary/").text()
    return re.sub(r"\s", "", re.search(r'class="digits">([\d\s]+)<', shown)[1])


def reopened(patient: Patient, mark: str = "") -> Sight:
    """The provider's page of this patient's paper; with the first point marked so, where a mark is given."""

    def show(page: Page) -> None:
        code = code_of(page, patient)
        page.goto("/reopen/")
        page.get_by_label("The code", exact=True).fill(code)
        Pointer(page).follow("Open the summary")
        if mark:
            page.get_by_label(mark).first.check()
            Pointer(page).follow("Make the sheet with my marks")

    return show


def wrong_code(page: Page) -> None:
    """A code that does not open."""
    page.goto("/reopen/")
    page.get_by_label("The code", exact=True).fill("12345 67890")
    assert Pointer(page).follow("Open the summary").status == 422


def near(typed: str) -> Sight:
    """Where do you live, after this was typed."""

    def show(page: Page) -> None:
        remember(page, CHILD_WITH_LEUKEMIA)
        page.goto("/screening/near/")
        page.get_by_label("ZIP code or town").fill(typed)
        Pointer(page).follow("Continue")

    return show


def searched(patient: Patient, words: str, then: str = "") -> Sight:
    """The list of conditions after these words were typed; and after the button with these words was pressed."""

    def show(page: Page) -> None:
        unanswered(patient, "diagnosis")(page)
        page.fill("#id_words", words)
        expect(page.locator("#words_found")).not_to_be_empty()
        if then:
            Pointer(page).follow(then)

    return show


def asked_about(page: Page) -> None:
    """An age that is unlikely."""
    of(BOY_WITH_DUCHENNE, "/screening/q/age/")(page)
    answers_on(page).fill("1")
    page.locator("select[name=unit]").select_option("years")
    assert Pointer(page).follow("Continue").status == 422


SIGHTS: dict[str, Sight] = {
    "start": lambda page: page.goto("/"),
    "start-again": of(GRANDMOTHER, "/"),
    "question-who": lambda page: page.goto("/screening/q/who/"),
    "question-area": of(CHILD_WITH_LEUKEMIA, "/screening/q/area/"),
    "question-yes-no": question_with(MAN_WITH_HIV, 'value="yes"'),
    "question-conditions-closed": unanswered(CHILD_WITH_LEUKEMIA, "diagnosis"),
    "question-conditions-open": of(BOY_WITH_DUCHENNE, "/screening/q/diagnosis/"),
    "question-conditions-all-open": unfolded(unanswered(GRANDMOTHER, "diagnosis")),
    "question-conditions-found": searched(GRANDMOTHER, "macular"),
    "question-conditions-elsewhere": searched(GRANDMOTHER, "hemofilia", "Look in the other areas too"),
    "question-number-check": asked_about,
    "question-number": question_with(MAN_WITH_HIV, 'type="text"', "no <select"),
    "question-number-units": of(BOY_WITH_DUCHENNE, "/screening/q/age/"),
    "question-checkboxes": question_with(GRANDMOTHER, 'type="checkbox"'),
    "question-from-check": of(CHILD_WITH_LEUKEMIA, "/screening/q/age/?from=check"),
    "error-radio": with_error(lambda page: page.goto("/screening/q/who/")),
    "error-conditions": with_error(unanswered(BOY_WITH_DUCHENNE, "diagnosis")),
    "error-number": with_error(question_with(MAN_WITH_HIV, 'type="text"', "no <select")),
    "error-number-units": with_error(of(BOY_WITH_DUCHENNE, "/screening/q/age/")),
    "error-checkboxes": with_error(question_with(GRANDMOTHER, 'type="checkbox"')),
    "check": of(BOY_WITH_DUCHENNE, "/screening/check/"),
    "results": of(GRANDMOTHER, "/screening/results/"),
    "results-open": unfolded(of(MAN_WITH_HIV, "/screening/results/")),
    "results-none-left": none_left,
    "compare": compared(BOY_WITH_DUCHENNE),
    "summary": of(CHILD_WITH_LEUKEMIA, "/screening/summary/"),
    "summary-open": unfolded(of(MAN_WITH_HIV, "/screening/summary/")),
    "reopen": lambda page: page.goto("/reopen/"),
    "reopen-wrong": wrong_code,
    "provider": reopened(BOY_WITH_DUCHENNE),
    "provider-marked": reopened(MAN_WITH_HIV, "confirmed"),
    "near": of(GRANDMOTHER, "/screening/near/"),
    "near-error": near("qqqqqq"),
    "near-which": near("Springfield"),
    "near-map": near("02139"),
    "near-map-open": unfolded(near("02139")),
    "not-listed": of(GRANDMOTHER, "/screening/not-listed/"),
    "expired": lambda page: page.goto("/screening/check/"),
    "deleted": lambda page: page.goto("/screening/deleted/"),
    "left": lambda page: page.goto("/left/"),
    "stale": stale,
    "not-found": lambda page: page.goto("/trials/NCT00000000/"),
    "trouble": trouble,
    "trials": lambda page: page.goto("/trials/"),
    "trials-filtered": lambda page: page.goto("/trials/?area=eye&open=yes&q=retin"),
    "trials-open": unfolded(lambda page: page.goto("/trials/?area=eye")),
    "trials-second": lambda page: page.goto("/trials/?page=2"),
    "trials-none": lambda page: page.goto("/trials/?q=no+such+thing"),
    "trial": first_trial("?area=genetic"),
    "trial-closed": first_trial("?open=no"),
    "learn": lambda page: page.goto("/learn/"),
    **{f"learn-{shown.slug}": learning(shown.slug) for shown in learn_pages.PAGES},
    "desk": lambda page: page.goto("/admin/login/"),
}
