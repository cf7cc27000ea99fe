"""Every kind of page, on a large screen and on a small phone: for all users, and within the screen."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from .sights import SIGHTS

WIDTHS = (1280, 320)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PICTURES = Path(__file__).resolve().parents[2] / "screenshots"

LAYOUT = """() => ({
    over: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    headings: [...document.querySelectorAll("h1")].filter(heading => heading.checkVisibility()).length,
    low: [...document.querySelectorAll(".button, button, .choice label, summary, select, .field input[type=text], input[type=search]")]
        .filter(target => target.checkVisibility() && target.getBoundingClientRect().height < 44)
        .map(target => target.outerHTML.slice(0, 120)),
})"""
"""By how many pixels the page is wider than the screen, how many main headings it has, and which targets are less than 44 pixels high."""

pytestmark = pytest.mark.parametrize("name", SIGHTS)


def test_axe_finds_nothing_to_mend(page: Page, name: str):
    SIGHTS[name](page)
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        found += [(width, fault) for fault in faults(page)]
        if os.environ.get("SCREENSHOTS") == "1":
            page.screenshot(path=PICTURES / f"{name}-{width}.png", full_page=True)
    assert found == []


def faults(page: Page, **more: object) -> list[str]:
    """What axe-core finds on the page, each rule with the places."""
    options = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]} | more
    violations = Axe().run(page, options=options).response["violations"]
    return [f"{fault['id']}: {fault['help']}: " + "; ".join(node["html"][:150] for node in fault["nodes"][:4]) for fault in violations]


def test_the_page_fits_the_screen(page: Page, name: str):
    SIGHTS[name](page)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        layout = page.evaluate(LAYOUT)
        assert layout["over"] <= 0, f"wider than {width} pixels"
        assert layout["headings"] == 1
        assert layout["low"] == []
