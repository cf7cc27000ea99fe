"""The field of a rule at the desk: written with the keyboard alone, helped at once, and usable where the help is not there."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from .at_desk import sign_in
from .test_pages import RULES

HELP = "**/admin/trials/trial/rule/"


@pytest.fixture
def desk(page: Page, administrator) -> Page:
    """The page of a new trial with one new criterion, whose rule has the focus."""
    sign_in(page, "/admin/trials/trial/add/")
    add_criterion(page)
    field(page).focus()
    return page


def add_criterion(page: Page) -> None:
    page.get_by_role("button", name="Add another Criterion").press("Enter")


def field(page: Page):
    return page.locator('textarea[name="criteria-0-rule"]')


def says(page: Page):
    return page.locator(".rule-help output").first


def options(page: Page):
    return page.locator(".rule-list [role=option]")


def test_a_rule_is_written_with_the_keyboard_alone(desk: Page):
    desk.keyboard.type("preg")
    expect(options(desk).first).to_contain_text("pregnant")
    expect(says(desk)).to_contain_text("suggestions: press the down arrow.")
    expect(says(desk)).to_contain_text("Not finished:")
    desk.keyboard.press("ArrowDown")
    chosen = options(desk).first
    expect(chosen).to_have_attribute("aria-selected", "true")
    expect(field(desk)).to_have_attribute("aria-activedescendant", chosen.get_attribute("id"))
    desk.keyboard.press("Enter")
    expect(field(desk)).to_have_value("pregnant ")
    desk.keyboard.type("is no")
    expect(says(desk)).to_contain_text("Reads as: Pregnant is no")
    expect(field(desk)).to_have_value("pregnant is no")
    expect(field(desk)).to_be_focused()


def test_a_rule_is_written_with_completions_only(desk: Page):
    desk.keyboard.type("age")
    for typed, wanted in ((" ", ">="), ("18 ", "years"), ("", "and")):
        desk.keyboard.type(typed)
        expect(options(desk).filter(has_text=re.compile(rf"^{wanted} ")).first).to_be_visible()
        names = [option.locator("code").text_content() for option in options(desk).all()]
        for _ in range(names.index(wanted) + 1):
            desk.keyboard.press("ArrowDown")
        desk.keyboard.press("Tab")
        expect(field(desk)).to_have_value(re.compile(rf"{wanted} $"))
        expect(field(desk)).to_be_focused()
    expect(field(desk)).to_have_value("age >= 18 years and ")


def test_escape_closes_the_list_and_what_is_typed_stays(desk: Page):
    desk.keyboard.type("preg")
    expect(options(desk).first).to_be_visible()
    desk.keyboard.press("ArrowUp")
    expect(options(desk).last).to_have_attribute("aria-selected", "true")
    desk.keyboard.press("Escape")
    expect(options(desk)).to_have_count(0)
    expect(field(desk)).not_to_have_attribute("aria-activedescendant", re.compile("."))
    expect(field(desk)).to_have_value("preg")


def test_enter_on_an_open_list_neither_sends_the_form_nor_begins_a_line(desk: Page):
    desk.keyboard.type("sex is ")
    expect(options(desk).first).to_be_visible()
    desk.keyboard.press("Enter")
    expect(options(desk)).to_have_count(0)
    expect(field(desk)).to_have_value("sex is ")


def test_tab_leaves_the_field_where_nothing_is_chosen(desk: Page):
    desk.keyboard.type("sex is ")
    expect(options(desk).first).to_be_visible()
    desk.keyboard.press("Tab")
    expect(field(desk)).not_to_be_focused()
    expect(options(desk)).to_have_count(0)
    expect(says(desk)).to_contain_text("Problem: the rule ends at column 7")


def test_a_click_chooses_and_completes_the_word_at_the_cursor(desk: Page):
    desk.keyboard.type("pregnan is no")
    for _ in range(len("nan is no")):
        desk.keyboard.press("ArrowLeft")
    desk.keyboard.type("g")
    desk.keyboard.press("Backspace")
    options(desk).filter(has_text="pregnant").first.click()
    expect(field(desk)).to_have_value("pregnant is no")
    expect(field(desk)).to_be_focused()


def test_a_fault_is_told_and_mended(desk: Page):
    desk.keyboard.type("aeg >= 18")
    expect(says(desk)).to_contain_text("Problem: unknown question 'aeg' at column 1; did you mean 'age'?")
    add = desk.get_by_role("link", name="Add a question “aeg” (opens in a new tab)")
    expect(add).to_have_attribute("href", "/admin/trials/question/add/?key=aeg&kind=number")
    expect(add).to_have_attribute("target", "_blank")
    desk.keyboard.press("Escape")
    desk.keyboard.press("Tab")
    expect(desk.get_by_role("button", name="Use “age”")).to_be_focused()
    desk.keyboard.press("Enter")
    expect(field(desk)).to_have_value("age >= 18")
    expect(says(desk)).to_contain_text("Reads as: Age is at least 18 years")
    expect(desk.get_by_role("button", name="Use “")).to_have_count(0)
    expect(add).to_have_count(0)


def test_the_words_follow_the_kind_of_criterion(desk: Page):
    desk.keyboard.type("age >= 18")
    desk.locator('select[name="criteria-0-kind"]').select_option("exclusion")
    expect(says(desk)).to_contain_text("Rules out when: this is so.")
    desk.locator('select[name="criteria-0-kind"]').select_option("inclusion")
    expect(says(desk)).to_contain_text("Passes when: this is so.")


def test_each_row_has_a_list_of_its_own(desk: Page):
    add_criterion(desk)
    second = desk.locator('textarea[name="criteria-1-rule"]')
    second.press_sequentially("preg")
    expect(options(desk).first).to_be_visible()
    assert second.get_attribute("aria-controls") != field(desk).get_attribute("aria-controls")
    assert options(desk).first.get_attribute("id").startswith(second.get_attribute("aria-controls"))


def test_a_server_that_does_not_answer_is_told_once(desk: Page):
    answers = iter(["offline", "offline", "as ever"])
    desk.route(HELP, lambda route: route.fallback() if next(answers, "as ever") == "as ever" else route.fulfill(status=200, body="no answer"))
    for letter in "pr":
        with desk.expect_response(HELP):
            desk.keyboard.type(letter)
        expect(says(desk)).to_have_text("Cannot check now; it is checked when you save.")
    desk.keyboard.type("e")
    expect(options(desk).first).to_contain_text("pregnant")


@pytest.mark.parametrize("typed", ["preg", "aeg >= 18", "age >= 18 and pregnant is no"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_to_mend(desk: Page, typed: str, scheme: str):
    desk.emulate_media(color_scheme=scheme)
    desk.keyboard.type(typed)
    expect(says(desk)).not_to_be_empty()
    if typed == "preg":
        expect(options(desk).first).to_be_visible()
        desk.keyboard.press("ArrowDown")
    run = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"], "preload": False}  # preloading writes styles into the page
    violations = Axe().run(desk, context=".rule-help", options=run).response["violations"]
    assert [f"{fault['id']}: {fault['help']}: " + fault["nodes"][0]["html"][:200] for fault in violations] == []


def test_the_list_fits_a_small_screen(desk: Page):
    desk.set_viewport_size({"width": 360, "height": 800})
    desk.keyboard.type("diagnosis is ")
    expect(options(desk).first).to_be_visible()
    box = desk.get_by_role("listbox").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360
