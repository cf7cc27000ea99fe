"""The pages of the coordinator's desk, on a large screen and on a small phone: for all users, within the screen, and without an error in the console."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Page, expect

from tests.integration.processes import environment, manage
from tests.integration.registry_records import ADULT, eligibility, study

from .at_desk import sign_in
from .test_pages import WIDTHS
from .test_rule_field import RULES, Axe

NUMBER = "NCT39999999"
LIST = "/admin/trials/trial/"


@pytest.fixture(scope="module")
def records(administrator, database, tmp_path_factory) -> None:
    """A trial from a record of which one line was changed since."""
    words = {"conditions": ["Leber Congenital Amaurosis"], "minimum": "18 Years"}
    for day, adult in (("2026-10-01", ADULT), ("2026-10-02", f"{ADULT} and a dull right one")):
        file = tmp_path_factory.mktemp("records") / "record.json"
        text = eligibility(inclusion=[adult, "Age 18 years or older"], exclusion=["Pregnant", "Any illness in the view of the investigator"])
        file.write_text(json.dumps(study(NUMBER, day=day, title=f"Light of {day}", text=text, **words)))
        manage(environment(database), "import_trials", file)


@pytest.fixture
def desk(page: Page, records) -> Page:
    """The list of trials, with somebody signed in."""
    sign_in(page, LIST)
    expect(page.locator("#result_list")).to_be_visible()
    return page


def open_trial(page: Page, query: str = f"q={NUMBER}") -> None:
    page.goto(f"{LIST}?{query}")
    page.locator("#result_list tbody th a").first.click()
    expect(page.locator(".standing")).to_be_visible()


def propose(page: Page) -> None:
    open_trial(page, "published__exact=1&q=")
    page.get_by_role("link", name="Propose sample patients").click()


def refused(page: Page) -> None:
    open_trial(page)
    page.locator("textarea[name=criteria-0-rule]").fill("aeg >= 18")
    page.get_by_role("button", name="Add another Cohort").click()
    page.locator("input[name=_continue]").first.click()
    expect(page.locator(".errornote")).to_be_visible()


def changed_meanwhile(page: Page) -> None:
    open_trial(page)
    page.locator("input[name=title]").fill("My title")
    page.locator("input[name=seen]").evaluate("field => field.value = '0-0'")
    page.locator("input[name=_continue]").first.click()
    expect(page.locator(".differing")).to_be_visible()


def everything_open(page: Page) -> None:
    """The page of a trial with each part that can be folded open, and a new row of each kind."""
    open_trial(page, "published__exact=1&q=")
    page.evaluate("document.querySelectorAll('details').forEach(details => { details.open = true })")
    for name in page.get_by_role("button", name=re.compile("Add another")).all():
        name.click()


def import_refused(page: Page) -> None:
    page.goto(f"{LIST}import-records/")
    page.get_by_label("NCT numbers").fill("NCT1")
    page.get_by_role("button", name="Bring in").click()
    expect(page.locator(".errornote")).to_be_visible()


def imported(page: Page) -> None:
    page.goto(f"{LIST}import-records/")
    file = {"name": "record.json", "mimeType": "application/json", "buffer": json.dumps(study("NCT39999998")).encode()}
    page.get_by_label("Or a file").set_input_files(file)
    page.get_by_label("Only look").check()
    page.get_by_role("button", name="Bring in").click()
    expect(page.locator(".outcomes")).to_be_visible()


def history(page: Page) -> None:
    open_trial(page)
    page.get_by_role("link", name="History").click()


SIGHTS = {
    "list": lambda page: page.goto(LIST),
    "queue": lambda page: page.goto(f"{LIST}?needs=changed"),
    "trial to review": open_trial,
    "trial with all open": everything_open,
    "trial refused": refused,
    "trial changed meanwhile": changed_meanwhile,
    "new trial": lambda page: page.goto(f"{LIST}add/"),
    "import": lambda page: page.goto(f"{LIST}import-records/"),
    "import refused": import_refused,
    "imported": imported,
    "propose": propose,
    "history": history,
}


@pytest.mark.parametrize("name", SIGHTS)
def test_a_page_of_the_desk_is_for_all_users_and_fits_the_screen(desk: Page, name: str):
    SIGHTS[name](desk)
    found = []
    for width in WIDTHS:
        desk.set_viewport_size({"width": width, "height": 800})
        run = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"], "preload": False}  # preloading writes styles into the page
        for fault in Axe().run(desk, options=run).response["violations"]:
            found.append((width, fault["id"], fault["help"], [node["html"][:200] for node in fault["nodes"][:4]]))
        wide = desk.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wide > 0:
            found.append((width, "wider than the screen", wide, desk.evaluate(TOO_WIDE)))
    assert found == [], "\n".join(map(str, found))


TOO_WIDE = """() => [...document.querySelectorAll("body *")]
    .filter(one => one.getBoundingClientRect().right > document.documentElement.clientWidth + 1 && !one.closest(".results"))
    .map(one => one.outerHTML.slice(0, 100)).slice(0, 6)"""
"""The first elements that stick out of the screen."""


def test_no_two_controls_of_a_trials_page_have_the_same_name(desk: Page):
    everything_open(desk)
    names = desk.evaluate("""() => [...document.querySelectorAll(".inline-group :is(input, select, textarea):not([type=hidden])")]
        .filter(one => one.checkVisibility() && !one.closest(".empty-form")).map(one => one.getAttribute("aria-label"))""")
    stored = [name for name in names if ", new " not in name]
    assert len(stored) > 20
    assert len(set(stored)) == len(stored)
