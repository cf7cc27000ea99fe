"""A printed paper opened on a provider's phone: with a script and without, and no request ever names the code."""

from __future__ import annotations

import io
import re

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from .sights import code_of
from .tables import BOY_WITH_DUCHENNE, GRANDMOTHER, MAN_WITH_HIV


def addresses(page: Page) -> list[str]:
    """What the page asks for from now on: addresses and Referers."""
    seen: list[str] = []
    page.on("request", lambda request: seen.extend((request.url, request.headers.get("referer", ""))))
    return seen


def test_a_scanned_code_waits_for_the_button_and_leaves_the_address_bar(page: Page):
    code = code_of(page, GRANDMOTHER)
    seen = addresses(page)
    page.goto(f"/reopen/#{code}")
    assert page.evaluate("location.href").endswith("/reopen/")
    expect(page.get_by_text("The code from your paper is here.")).to_be_visible()
    expect(page.get_by_label("The code", exact=True)).to_be_hidden()
    expect(page.get_by_role("button", name="Open the summary")).to_be_focused()
    assert "wet" not in page.locator("main").inner_text(), "nothing is shown yet"
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("For the health care provider")
    assert page.evaluate("history.state") is None
    page.get_by_label("confirmed").first.check()
    page.get_by_role("button", name="Make the sheet with my marks").click()
    expect(page.get_by_role("heading", name="Your marks")).to_be_visible()
    assert page.url.endswith("/reopen/")
    asked = [address.partition("#")[0] for address in seen if not address.startswith(f"{page.url}#")]
    assert not [address for address in asked if code[:20] in address]


def test_a_second_scan_in_the_same_tab_is_taken_too(page: Page):
    code = code_of(page, GRANDMOTHER)
    page.goto("/reopen/")
    page.evaluate(f"location.hash = '{code}'")
    expect(page.get_by_text("The code from your paper is here.")).to_be_visible()
    assert page.evaluate("location.hash") == ""


def test_a_link_inside_the_page_is_no_code(page: Page):
    page.goto("/reopen/")
    page.evaluate("location.hash = 'main'")
    expect(page.get_by_label("The code", exact=True)).to_be_visible()


def test_without_a_script_the_code_is_typed(visit):
    page = visit(java_script_enabled=False).new_page()
    code = code_of(page, MAN_WITH_HIV)
    page.goto(f"/reopen/#{code}")
    page.get_by_label("The code", exact=True).fill(" ".join(re.findall(".{1,5}", code)))
    page.get_by_role("button", name="Open the summary").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("For the health care provider")
    expect(page.get_by_text("HIV", exact=False).first).to_be_visible()


def test_a_wrong_code_puts_the_focus_on_the_problem(page: Page):
    page.goto("/reopen/")
    page.get_by_label("The code", exact=True).fill("12345")
    page.get_by_role("button", name="Open the summary").click()
    expect(page.locator("#error-summary")).to_be_focused()
    assert page.title().startswith("Error: ")
    page.get_by_role("link", name="This code does not open.").click()
    expect(page.get_by_label("The code", exact=True)).to_have_value("12345")


def test_the_reader_s_own_screening_goes_on(page: Page):
    code = code_of(page, MAN_WITH_HIV)
    code_of(page, GRANDMOTHER)
    mine = page.context.cookies()
    page.goto(f"/reopen/#{code}")
    page.get_by_role("button", name="Open the summary").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("For the health care provider")
    answers = [[cookie["value"] for cookie in jar if cookie["name"] == "answers"] for jar in (mine, page.context.cookies())]
    assert answers[0] == answers[1]


@pytest.mark.parametrize("paper", ["Letter", "A4"])
def test_the_provider_s_page_prints(page: Page, paper: str):
    code = code_of(page, BOY_WITH_DUCHENNE)
    page.goto(f"/reopen/#{code}")
    page.get_by_role("button", name="Open the summary").click()
    page.get_by_label("test ordered").first.check()
    page.get_by_role("button", name="Make the sheet with my marks").click()
    expect(page.get_by_role("heading", name="Your marks")).to_be_visible()
    printed = PdfReader(io.BytesIO(page.pdf(format=paper, prefer_css_page_size=False)))
    texts = [" ".join(sheet.extract_text().split()) for sheet in printed.pages]
    assert "For the health care provider" in texts[0]
    assert "Tests ordered for" in texts[0]
    assert not any("Leave this site" in text or "Make the sheet" in text for text in texts)
    assert all(len(text) > 200 for text in texts), "a page is nearly empty"
