"""A new coordinator brings one registry record in and publishes it: counted in clicks, and timed."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.integration.processes import ROOT, environment, manage

from .at_desk import sign_in
from .pace import Hand

RECORD = ROOT.parent / "shared" / "data" / "registry" / "gene_therapy" / "NCT05515185.json"
NCT_ID = "NCT05515185"
NAME, PASSWORD = "new-coordinator", "seven brown boats at noon"
TAKE = ("ArrowDown", "Enter")
RULES = {
    "Advanced solid tumor": (("diag", *TAKE, "is solid", *TAKE), "diagnosis is solid_tumor"),
    "The ECOG score": (("ecog in (ecog_0, ecog_1, ecog_2)",), "ecog in (ecog_0, ecog_1, ecog_2)"),
    "gene or cell therapy products": (("prior_g", *TAKE, "is yes"), "prior_gene_therapy is yes"),
}
"""What a coordinator writes by hand, by words of the criterion: the keys pressed, and the rule. All else is suggested, or left to the study team."""

MOST_CLICKS, MOST_SECONDS = 3, 10
"""A criterion, on average."""


@pytest.fixture
def desk(page: Page, database) -> Page:
    """The desk, with the record imported and a publisher signed in."""
    if not RECORD.exists():
        pytest.skip("the registry data is not here")
    manage(environment(database), "import_trials", RECORD)
    manage(environment(database), "add_staff", NAME, "--group", "Publisher", "--password-stdin", typed=PASSWORD)
    sign_in(page, "/admin/", NAME, PASSWORD)
    return page


def picture(page: Page, name: str) -> None:
    """Keeps a picture of a step where COORDINATOR_PICTURES names a folder for them."""
    if folder := os.environ.get("COORDINATOR_PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png")


def row_of(page: Page, words: str):
    """The criterion with these words."""
    return page.locator("[data-criterion-row]").filter(has=page.locator(".text", has_text=words))


def test_from_a_record_to_a_published_trial(desk: Page, capsys):
    page, hand = desk, Hand(desk)
    picture(page, "queue")
    hand.click(page.get_by_role("link", name=re.compile("Criteria to do:")))
    picture(page, "list")
    hand.click(page.get_by_role("link", name=NCT_ID))
    picture(page, "trial")
    texts = page.locator("[data-criterion-row].has_original .text").all_inner_texts()
    criteria = len(texts)
    for text in texts:
        hand.read(text)
    hand.read(page.locator("fieldset.decide ul").inner_text())
    hand.click(page.locator("input[name=use_all_facts]"))
    for words, (keys, rule) in RULES.items():
        field = row_of(page, words).locator("textarea[name$='-rule']")
        hand.press(field, *keys)
        assert field.input_value().strip() == rule
    expect(row_of(page, "Advanced solid tumor").locator("output")).to_contain_text("Diagnosis is Solid tumor")
    row_of(page, "Age from").scroll_into_view_if_needed()
    page.mouse.wheel(0, 500)
    picture(page, "rule")
    hand.click(page.locator("input[name=use_all_rules]"))
    hand.click(page.locator("input[name=leave_rest]"))
    hand.write(page.locator("input[name=title]"), "Immune cells aimed at B7-H3 for solid tumors")
    hand.write(page.locator("textarea[name=summary]"), "Your own immune cells are changed in a lab to attack the cancer.")
    hand.click(page.locator("input[name=_continue]").first)
    expect(page.locator(".standing")).to_contain_text(f"{criteria} of {criteria} criteria done")
    picture(page, "settled")
    hand.click(page.get_by_role("link", name="Propose sample patients"))
    hand.read(page.locator("#content-main form").inner_text())
    picture(page, "proposals")
    hand.click(page.get_by_role("button", name="Add the ticked ones, and publish the trial"))
    picture(page, "published")
    expect(page.locator(".standing")).to_contain_text("Patients see it.")
    page.goto(f"/trials/{NCT_ID}/")
    expect(page.locator("h1")).to_contain_text("B7-H3")
    clicks, seconds = hand.clicks / criteria, hand.seconds / criteria
    with capsys.disabled():
        print(
            f"\n{NCT_ID}: {criteria} criteria, {hand.clicks} clicks ({clicks:.1f} a criterion), {hand.seconds:.0f} s ({seconds:.1f} s a criterion): "
            f"{hand.reading:.0f} s reading, {hand.typing:.0f} s typing, {hand.pointing:.0f} s choosing and clicking, {hand.waited:.0f} s waiting"
        )
    assert clicks <= MOST_CLICKS
    assert (hand.seconds - hand.waited) / criteria <= MOST_SECONDS  # waiting depends on the machine: it is told above, not judged here
