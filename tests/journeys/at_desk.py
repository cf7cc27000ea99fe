"""Signing in at the desk."""

from __future__ import annotations

from urllib.parse import urlsplit

from playwright.sync_api import Page

NAME, PASSWORD = "administrator", "a long sentence for journeys"
"""Somebody who may do everything: the fixture ``administrator``."""


def sign_in(page: Page, address: str, name: str = NAME, password: str = PASSWORD) -> None:
    """Opens a page of the desk, or of a trial being tried, and signs in on the way."""
    page.goto(address)
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(password)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: urlsplit(url).path == address)
