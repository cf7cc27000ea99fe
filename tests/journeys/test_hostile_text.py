"""Texts of a trial that would be code, in a real browser: no dialog opens, no script of theirs runs, and nothing is asked of another host."""

from __future__ import annotations

import sqlite3

import pytest
from playwright.sync_api import Page

CODE = (
    "<svg onload=alert(1)><script>window.ran=1</script><img src='https://example.org/x.png' onerror='window.ran=1'>"
    "<a href='javascript:window.ran=1'>x</a><iframe src='data:text/html,x'></iframe> {{ 7 }}{% now 'Y' %} \u202e \U0001f9ec"
)


@pytest.fixture
def number(site, database):
    """A published trial of the site whose texts are code, put past all doors; as it was before, when the test is over."""
    with sqlite3.connect(database.removeprefix("sqlite:///"), timeout=30) as rows:
        pk, nct_id, *was = rows.execute("SELECT id, nct_id, title, summary, sponsor, vector, contact_name FROM trials_trial WHERE published LIMIT 1").fetchone()
        change = "UPDATE trials_trial SET title = ?, summary = ?, sponsor = ?, vector = ?, contact_name = ? WHERE id = ?"
        rows.execute(change, (*[CODE] * 5, pk))
        rows.commit()
        yield nct_id
        rows.execute(change, (*was, pk))


def test_code_in_a_trial_is_shown_and_not_run(page: Page, number):
    dialogs = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    page.goto(f"/trials/{number}/")
    assert "<svg onload=alert(1)>" in page.locator("h1").inner_text()
    assert page.locator("main svg, main iframe, main img, main script").count() == 0
    assert page.evaluate("window.ran") is None
    page.goto(f"/trials/?q={number}")
    assert page.locator("main svg, main iframe, main img, main script").count() == 0
    assert page.evaluate("window.ran") is None
    assert dialogs == []
