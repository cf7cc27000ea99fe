"""Texts of a trial that would be code, in a real browser: no dialog opens, no script of theirs runs, and nothing is asked of another host."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Page

from tests.integration.processes import environment, manage

from .at_desk import sign_in

CODE = (
    "<svg onload=alert(1)><script>window.ran=1</script><img src='https://example.org/x.png' onerror='window.ran=1'>"
    "<a href='javascript:window.ran=1'>x</a><iframe src='data:text/html,x'></iframe> {{ 7 }}{% now 'Y' %} \u202e \U0001f9ec"
)


TAILS = "/change/", "/history/", "/delete/"
"""The pages of a trial at the desk."""


FIELDS = ("title", "summary", "sponsor", "vector", "contact_name")
CHANGE = """
import json
from trials.models import Trial
trials = Trial.objects.filter(**{which})
print(json.dumps(list(trials.values("nct_id", *{fields}))[0]))
trials.filter(pk=trials.first().pk).update(**{{name: text[:Trial._meta.get_field(name).max_length] for name, text in {values}.items()}})
"""
"""Past all doors."""


@pytest.fixture
def number(site, database):
    """A published trial of the site whose texts are code; as it was before, when the test is over."""

    def change(which: dict, values: dict) -> dict:
        return json.loads(manage(environment(database), "shell", "-v", "0", "-c", CHANGE.format(which=which, fields=FIELDS, values=values)))

    was = change({"published": True}, dict.fromkeys(FIELDS, CODE))
    number = was.pop("nct_id")
    yield number
    change({"nct_id": number}, was)


@pytest.fixture
def dialogs(page: Page) -> list[str]:
    """What dialogs said that opened."""
    said: list[str] = []
    page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
    return said


RAN = "svg[onload], [onerror], iframe[src^='data:'], a[href^='javascript:'], img[src*='example.org']"
"""What there is on a page on which a text became code."""


def test_code_in_a_trial_is_shown_and_not_run(page: Page, number, dialogs):
    page.goto(f"/trials/{number}/")
    assert "<svg onload=alert(1)>" in page.locator("h1").inner_text()
    for address in (f"/trials/{number}/", f"/trials/?q={number}"):
        page.goto(address)
        assert page.locator(f"main svg, main iframe, main img, main script, {RAN}").count() == 0
        assert page.evaluate("window.ran") is None
    assert dialogs == []


def test_at_the_desk_it_is_shown_and_not_run(page: Page, number, dialogs, administrator):
    sign_in(page, "/admin/")
    page.goto(f"/admin/trials/trial/?q={number}")
    listed = page.locator("#result_list tbody")
    assert "<svg onload=alert(1)>" in listed.inner_text()
    addresses = [page.url, *(listed.locator("th a").first.evaluate("(a, tail) => a.href.replace('/change/', tail)", tail) for tail in TAILS)]
    for address in addresses:
        page.goto(address)
        page.wait_for_load_state("networkidle")
        assert page.locator(RAN).count() == 0, address
        assert page.evaluate("window.ran") is None, address
    assert dialogs == []
