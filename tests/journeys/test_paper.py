"""The summary as the browser prints it."""

from __future__ import annotations

import io

import pytest
from playwright.sync_api import Page
from pypdf import PdfReader

from .sights import SIGHTS, remember
from .tables import CHILD_WITH_LEUKEMIA

ONLY_ON_SCREEN = "header, footer, .back, .skip, form, button, .button"


def test_the_printed_summary_has_the_tables_and_no_navigation(page: Page):
    SIGHTS["summary"](page)
    assert page.locator(ONLY_ON_SCREEN).first.is_visible()
    page.emulate_media(media="print")
    assert not [part for part in page.locator(ONLY_ON_SCREEN).all() if part.is_visible()]
    tables = page.locator("table")
    assert tables.count() == 1 + page.locator("section.sheet-trial").count()
    assert all(table.is_visible() for table in tables.all())


@pytest.mark.parametrize("paper", ["Letter", "A4"])
def test_the_browser_prints_the_summary(page: Page, paper: str):
    remember(page, CHILD_WITH_LEUKEMIA)
    page.goto("/screening/summary/")
    printed = PdfReader(io.BytesIO(page.pdf(format=paper, prefer_css_page_size=False)))
    texts = [" ".join(sheet.extract_text().split()) for sheet in printed.pages]
    assert "Gene therapy trials to ask about" in texts[0]
    assert "Only the trial team can decide" in texts[0]
    assert not any("Leave this site" in text or "Delete my answers" in text for text in texts)
    assert all(len(text) > 200 for text in texts), "a page is nearly empty"


@pytest.mark.parametrize("script", [True, False], ids=["with-javascript", "without-javascript"])
def test_the_print_button_is_there_only_where_it_works(visit, script: bool):
    page = visit(java_script_enabled=script).new_page()
    remember(page, CHILD_WITH_LEUKEMIA)
    page.goto("/screening/summary/")
    button = page.get_by_role("button", name="Print", exact=True)
    assert button.is_visible() == script
    if script:
        page.evaluate("window.print = () => { document.title = 'printing' }")
        button.click()
        assert page.title() == "printing"
