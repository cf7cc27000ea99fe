"""What people do by the way: errors, two tabs, double clicks, leaving in a hurry, and cleaning up."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from prescreen.answers import COOKIE

from .hands import Pointer, answers_on, key_of
from .sights import SIGHTS, remember
from .tables import GRANDMOTHER, PATIENTS, Patient


def begin(page: Page, patient: Patient, *keys: str) -> None:
    """Answers the first questions: who, the area, and these."""
    page.goto("/screening/q/who/")
    for key in ("who", "area", *keys):
        assert key_of(page) == key
        Pointer(page).answer(patient.answer(key))


def questions_on_check(page: Page) -> list[str]:
    """The questions of the check page."""
    page.goto("/screening/check/")
    return page.locator("dl.answers dt").all_inner_texts()


def test_two_tabs_share_their_answers(visit):
    context = visit()
    one, other = context.new_page(), context.new_page()
    begin(one, GRANDMOTHER)
    other.goto(one.url)
    for key in ("diagnosis", "age"):
        Pointer(one).answer(GRANDMOTHER.answer(key))
    assert Pointer(other).answer(GRANDMOTHER.answer("diagnosis")).status == 200
    assert other.url == one.url, "the second tab asks what the first one has answered"
    Pointer(other).answer(None)
    Pointer(one).answer(None)
    assert one.url == other.url
    assert len(questions_on_check(one)) == 5
    assert questions_on_check(one) == questions_on_check(other)


def test_a_tab_with_a_question_that_is_no_longer_asked_goes_on_with_the_next(visit):
    context = visit()
    one, other = context.new_page(), context.new_page()
    begin(one, GRANDMOTHER, "diagnosis", "age")
    other.goto(one.url)
    one.goto("/screening/q/diagnosis/")
    Pointer(one).answer("lhon")
    assert key_of(one) != key_of(other)
    assert Pointer(other).answer(None).status == 200
    assert other.url == one.url
    assert not other.title().startswith("Error:")


@pytest.mark.parametrize("patient", PATIENTS, ids=lambda patient: patient.area)
def test_a_double_click_on_continue_answers_one_question(page: Page, patient: Patient):
    begin(page, patient)
    Pointer(page).choose(patient.answer("diagnosis"))
    page.get_by_role("button", name="Continue").dblclick()
    page.wait_for_url("**/q/age/")
    page.wait_for_load_state()
    assert not page.title().startswith("Error:")
    assert len(questions_on_check(page)) == 3


@pytest.mark.parametrize("name", [name for name in SIGHTS if name.startswith("error-")])
def test_an_error_is_named_first_and_its_link_leads_to_the_control(page: Page, name: str):
    SIGHTS[name](page)
    assert page.title().startswith("Error:")
    assert page.evaluate("document.activeElement.id") == "error-summary"
    control = page.locator(page.locator(".problem a").get_attribute("href"))
    page.locator(".problem a").click()
    assert control.is_visible()
    assert control.evaluate("element => element == document.activeElement")
    assert "number" not in name or control.input_value() == "many"


@pytest.mark.parametrize("script", [True, False], ids=["with-javascript", "without-javascript"])
@pytest.mark.parametrize(("button", "title"), [("Leave this site", "You can close this page"), ("Delete my answers", "Your answers are deleted")])
def test_after_leaving_or_deleting_the_way_back_shows_no_answers(visit, script: bool, button: str, title: str):
    context = visit(java_script_enabled=script)
    page = context.new_page()
    remember(page, GRANDMOTHER)
    page.goto("/screening/q/diagnosis/")
    assert answers_on(page, "amd_wet").is_checked()
    page.goto("/screening/summary/")
    page.goto("/screening/results/")
    page.goto("/screening/check/")
    assert holds_answers(context)
    Pointer(page).follow(button)
    assert page.title().startswith(title)
    assert not holds_answers(context)
    replaced = title if script and button == "Leave this site" else "There are no answers here"
    for way_back in (replaced, "There are no answers here", "There are no answers here"):  # the answers' page, the results, the summary
        page.go_back()
        expect(page).to_have_title(re.compile(way_back))
    page.go_back()
    assert key_of(page) == "area"
    assert not any(box.is_checked() for box in answers_on(page).all())


def test_the_page_after_leaving_tells_nothing_of_this_site(page: Page):
    page.goto("/left/")
    assert "gene" not in page.content().lower()
    assert page.locator("a").count() == 0


def holds_answers(context: BrowserContext) -> bool:
    """Whether the browser still has the cookie."""
    return any(cookie["name"] == COOKIE for cookie in context.cookies())
