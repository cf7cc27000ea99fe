"""Finding a condition in a long list: while typing, with the network gone, and without a script."""

from pathlib import Path

import pytest
import yaml
from playwright.sync_api import Page, expect

from .hands import Keyboard, Pointer, answers_on, key_of
from .tables import GRANDMOTHER, PATIENTS
from .test_slips import begin, questions_on_check

SEARCHES = yaml.safe_load((Path(__file__).parents[1] / "integration" / "searches.yaml").read_text(encoding="utf-8"))
STANDING = {"unknown", "not_listed", "none_of_these"}


def open_conditions(page: Page, area: str, who: str = "me") -> None:
    """Goes to the list of conditions of an area."""
    page.goto("/screening/q/who/")
    Pointer(page).answer(who)
    Pointer(page).answer(area)


def shown(page: Page) -> set[str]:
    """The options that the page shows, without those that always stand there."""
    found = page.locator('.choice:not([hidden]) input[name="answer"]').evaluate_all("boxes => boxes.map(box => box.value)")
    return set(found) - STANDING


@pytest.mark.parametrize("area", ["cancer", "eye", "genetic"])
def test_typing_finds_what_the_server_finds(page: Page, area: str):
    """The first options of the server's page, up to the folded groups, are those that stay while typing."""
    open_conditions(page, area)
    every = page.locator('input[name="answer"]').evaluate_all("boxes => boxes.map(box => box.value)")
    token = page.locator("input[name=csrfmiddlewaretoken]").first.input_value()
    for search in (search for search in SEARCHES if search["in"] == area):
        page.fill("#id_words", search["type"])
        fields = {"csrfmiddlewaretoken": token, "words": search["type"], "find": "1"}
        answer = page.request.post(page.url, form=fields, headers={"referer": page.url}).text()
        first = answer.split("What we found", 1)[1].split("<details", 1)[0]
        on_the_server = {value for value in every if f'value="{value}"' in first}
        assert shown(page) == on_the_server - STANDING, search
        assert search["find"] in on_the_server


def test_the_list_narrows_is_counted_aloud_and_comes_back(page: Page):
    open_conditions(page, "eye")
    everything = shown(page)
    page.fill("#id_words", "luxturna")
    expect(page.locator("#words_found")).to_have_text("We found 1 in the list.")
    assert page.locator("#words_found").get_attribute("role") == "status"
    assert shown(page) == {"lca_rpe65"}
    assert answers_on(page, "lca_rpe65").is_visible()
    page.fill("#id_words", "zzzz")
    expect(page.locator("#words_found")).to_contain_text("We did not find “zzzz” in this list.")
    assert shown(page) == everything
    page.fill("#id_words", "")
    expect(page.locator("#words_found")).to_be_empty()
    assert shown(page) == everything
    assert page.locator("details.group[open]").count() == 0


def test_a_chosen_option_stays_in_sight_whatever_is_typed(page: Page):
    open_conditions(page, "eye")
    page.fill("#id_words", "glaucoma")
    answers_on(page, "glaucoma_open_angle").check()
    page.fill("#id_words", "luxturna")
    assert shown(page) == {"lca_rpe65", "glaucoma_open_angle"}


def test_searching_needs_no_network(visit):
    context = visit()
    page = context.new_page()
    open_conditions(page, "genetic")
    context.set_offline(True)
    page.fill("#id_words", "sickel cell")
    expect(answers_on(page, "sickle_cell")).to_be_visible()
    answers_on(page, "sickle_cell").check()
    context.set_offline(False)
    Pointer(page).follow("Continue")
    assert key_of(page) == "age"


def test_the_enter_key_goes_from_the_box_to_the_first_that_was_found_and_on(page: Page):
    open_conditions(page, "genetic")
    hands = Keyboard(page)
    hands.reach(lambda focus: focus.id == "id_words", "the search")
    page.keyboard.type("sickel")
    expect(page.locator("#words_found")).to_contain_text("We found")
    page.keyboard.press("Enter")
    assert hands.focus().kind == "radio"
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    page.wait_for_url("**/q/age/")


def test_what_another_area_has_is_found_by_asking_the_server(page: Page):
    open_conditions(page, "eye")
    page.fill("#id_words", "hemofilia")
    Pointer(page).follow("Look in the other areas too")
    expect(page.locator(".find")).to_contain_text("Found in another area")
    page.reload()
    assert key_of(page) == "diagnosis", "the browser does not ask to send the form again"


def test_without_a_script_the_enter_key_searches_and_what_is_found_comes_first(visit):
    page = visit(java_script_enabled=False, viewport={"width": 320, "height": 700}).new_page()
    open_conditions(page, "genetic", "child")
    hands = Keyboard(page)
    hands.reach(lambda focus: focus.id == "id_words", "the search")
    page.keyboard.type("sickel")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "?" not in page.url
    assert answers_on(page).first.get_attribute("value") == "sickle_cell"
    hands.answer("sickle_cell")
    assert key_of(page) == "age"


# --- back, reload, and numbers ---


@pytest.mark.parametrize("patient", PATIENTS, ids=lambda patient: patient.area)
def test_going_back_after_a_mistake_and_forth_again_loses_nothing(page: Page, patient):
    begin(page, patient, "diagnosis")
    hands = Pointer(page)
    hands.enter("many", "")
    assert hands.follow("Continue").status == 422
    hands.answer(patient.answer("age"))
    asked = key_of(page)
    told = questions_on_check(page)
    page.go_back()
    assert key_of(page) == asked
    for _ in range(3):
        page.go_back()
        assert page.locator("h1").is_visible(), "no page of the browser's own"
    assert key_of(page) == "diagnosis"
    page.reload()
    page.go_forward()
    assert questions_on_check(page) == told


def test_what_was_typed_stays_when_the_unit_is_changed(page: Page):
    begin(page, GRANDMOTHER, "diagnosis")
    answers_on(page).fill("78")
    page.locator("select[name=unit]").select_option("months")
    assert answers_on(page).input_value() == "78"
    page.locator("select[name=unit]").select_option("years")
    Pointer(page).follow("Continue")
    assert key_of(page) != "age"


def test_an_unlikely_number_is_asked_about_and_continue_goes_on(page: Page):
    begin(page, GRANDMOTHER, "diagnosis")
    answers_on(page).fill("110")
    assert Pointer(page).follow("Continue").status == 422
    assert page.title().startswith("Please check:")
    assert page.evaluate("document.activeElement.id") == "error-summary"
    Pointer(page).follow("Continue")
    assert key_of(page) != "age"
