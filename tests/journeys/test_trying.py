"""A coordinator tries a trial that patients do not see: from the sign-in to the verdict, and back to the desk."""

from __future__ import annotations

import os

import pytest
from playwright.sync_api import Page

from prescreen.answers import COOKIE
from tests.integration.processes import environment, manage

from .at_desk import sign_in
from .hands import Hands, Keyboard, Pointer, key_of
from .test_journeys import NEVER_SAID
from .test_pages import LAYOUT, PICTURES, WIDTHS, faults

HIDDEN = "NCT90000001"
NAME, SECRET = "coordinator", "a long line of words for a test"
PREPARE = f"""
import datetime
from django.contrib.auth.models import Permission, User
from trials.models import Criterion, Trial
trial = Trial.objects.create(
    nct_id="{HIDDEN}", title="A trial that is still being written", status="COMPLETED", source="invented for a test", as_of=datetime.date(2026, 1, 1)
)
trial.areas.set([Trial.objects.filter(areas__slug="eye").first().areas.get(slug="eye")])
Criterion.objects.create(trial=trial, kind="inclusion", text="Is an adult", rule="age >= 18")
Criterion.objects.create(trial=trial, kind="exclusion", text="Had gene therapy before", rule="prior_gene_therapy is yes", order=1)
user = User.objects.create_user("{NAME}", password="{SECRET}", is_staff=True)
user.user_permissions.set(Permission.objects.filter(codename="view_trial"))
"""


@pytest.fixture(scope="module")
def desk(site, database) -> str:
    """A coordinator's account, and a trial that is neither published nor open."""
    manage(environment(database), "shell", "-c", PREPARE)
    return f"/screening/try/{HIDDEN}/"


def look(page: Page, name: str, script: bool, banner: bool = True) -> None:
    """The page is for all users (axe-core needs a script to tell), fits large and small screens, and says that it is no patient's."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        layout = page.evaluate(LAYOUT)
        assert layout["over"] <= 0, f"wider than {width} pixels"
        assert layout["low"] == []
        assert not script or faults(page) == []
        assert not banner or page.get_by_text("This is not a patient’s screening.").is_visible()
        if os.environ.get("SCREENSHOTS") == "1":
            page.screenshot(path=PICTURES / f"trying-{name}-{width}.png", full_page=True)
    page.set_viewport_size({"width": 1280, "height": 900})
    assert not NEVER_SAID.search(page.locator("body").inner_text())


@pytest.mark.parametrize(("hands", "script"), [(Pointer, True), (Keyboard, False)], ids=["pointer-with-javascript", "keyboard-without-javascript"])
def test_a_coordinator_tries_an_unpublished_trial_and_stops(visit, desk: str, hands: type[Hands], script: bool):
    context = visit(java_script_enabled=script)
    page = context.new_page()
    sign_in(page, desk, NAME, SECRET)
    look(page, "start", script, banner=False)
    hand = hands(page)
    hand.follow("Start trying")
    look(page, "question", script)
    asked = {"who": "me", "age": "30", "prior_gene_therapy": "yes"}
    for key, answer in asked.items():
        assert key_of(page) == key
        hand.answer(answer)
    assert page.title().startswith("Check your answers")
    look(page, "check", script)
    hand.follow("See results now")
    assert page.get_by_role("heading", name="Probably not a match right now").is_visible()
    look(page, "results-fails", script)
    hand.follow("Back")
    page.goto("/screening/q/prior_gene_therapy/?from=check")
    hand.answer("no")
    hand.follow("See results now")
    assert page.get_by_role("heading", name="Your answers fit what this trial asks").is_visible()
    look(page, "results", script)
    hand.follow("Get your summary to print")
    look(page, "summary", script)
    hand.follow("Stop trying")
    assert page.url.endswith("/change/")
    assert page.get_by_text(HIDDEN).first.is_visible()
    assert not any(cookie["name"] == COOKIE for cookie in context.cookies())
    page.goto("/screening/results/")
    assert page.title().startswith("There are no answers here")


def test_the_printed_paper_says_what_it_is(page: Page, desk: str):
    sign_in(page, desk, NAME, SECRET)
    hand = Pointer(page)
    hand.follow("Start trying")
    page.goto("/screening/summary/")
    page.emulate_media(media="print")
    assert page.get_by_text("This is not a patient’s screening.").is_visible()
    assert not page.get_by_role("button", name="Stop trying").is_visible()
