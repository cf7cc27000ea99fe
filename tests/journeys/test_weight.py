"""What a page weighs, whom it asks, and whether the place where the keyboard stands is always seen."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page

from .sights import SIGHTS
from .test_pages import faults

QUESTIONS = [name for name in SIGHTS if name.startswith("question")]
SEEN = ["start", "question-conditions-closed", "question-number-units", "question-checkboxes", "check", "results", "summary", "trials", "trial", "learn"]
HEAVIEST, MOST_REQUESTS, MOST_STEPS = 30_000, 10, 60

FOCUS = """() => {
    const at = document.activeElement;
    if (!at || at === document.body) return null;
    const rings = [at, at.closest("label"), at.nextElementSibling].filter(Boolean).map(place => getComputedStyle(place));
    return {
        place: at.outerHTML.slice(0, 120),
        seen: rings.some(style => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2),
        hidden: at.getBoundingClientRect().width === 0,
    };
}"""
"""Where the keyboard stands, and whether a ring of two pixels or more shows it."""


def test_a_question_page_is_light_and_asks_nobody_else(page: Page, site: str):
    for name in QUESTIONS:
        page.context.clear_cookies()
        SIGHTS[name](page)
        page.goto("about:blank")
        weights, addresses = weighed(page, lambda: page.go_back(wait_until="networkidle"))
        assert sum(weights) < HEAVIEST, f"{name}: {sum(weights)} bytes"
        assert len(addresses) < MOST_REQUESTS, f"{name}: {addresses}"
        assert {urlsplit(address).netloc for address in addresses} == {urlsplit(site).netloc}
        assert not [address for address in addresses if address.endswith((".woff", ".woff2", ".ttf", ".otf"))]


def weighed(page: Page, go) -> tuple[list[int], list[str]]:
    """The bytes over the wire of each answer while a page is opened anew, heads included, and what was asked for."""
    weights: list[int] = []
    addresses: list[str] = []
    spy = page.context.new_cdp_session(page)
    spy.send("Network.enable")
    spy.send("Network.setCacheDisabled", {"cacheDisabled": True})
    spy.on("Network.requestWillBeSent", lambda told: addresses.append(told["request"]["url"]))
    spy.on("Network.loadingFinished", lambda told: weights.append(int(told["encodedDataLength"])))
    go()
    spy.detach()
    return weights, addresses


@pytest.mark.parametrize("name", SEEN)
def test_the_keyboard_s_place_is_always_seen(page: Page, name: str):
    SIGHTS[name](page)
    unseen, steps = [], 0
    while steps < MOST_STEPS:
        page.keyboard.press("Tab")
        at = page.evaluate(FOCUS)
        if at is None:
            break
        steps += 1
        if not at["seen"] or at["hidden"]:
            unseen.append(at["place"])
    assert steps > 2
    assert unseen == []


@pytest.mark.parametrize("name", SIGHTS)
def test_forced_colors_leave_nothing_to_mend(page: Page, name: str):
    page.emulate_media(forced_colors="active")
    page.set_viewport_size({"width": 320, "height": 800})
    SIGHTS[name](page)
    assert faults(page) == []
