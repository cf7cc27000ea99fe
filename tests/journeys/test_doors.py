"""The browser keeps to what the headers say, and the pages work so: it gives them no feature of the device, and lets in what they need."""

import re

import pytest

from prescreen.doors.headers import CLOSED_FEATURES

PAGES = ["/", "/screening/q/who/", "/trials/", "/learn/", "/reopen/", "/admin/login/", "/no-such-page/"]


@pytest.mark.parametrize("address", PAGES)
def test_a_page_may_ask_for_no_feature(address, page):
    page.goto(address)
    allowed = set(page.evaluate("document.featurePolicy.allowedFeatures()"))
    assert "ch-ua" in allowed, "the browser tells"
    assert allowed & set(CLOSED_FEATURES) == set()


@pytest.mark.parametrize("address", PAGES)
def test_scripts_and_styles_are_let_in(address, page):
    came: dict[str, int] = {}
    page.on("response", lambda response: came.setdefault(response.url, response.status))
    page.goto(address)
    files = {url: status for url, status in came.items() if "/static/" in url}
    assert any(re.search(r"\.css$", url) for url in files)
    assert set(files.values()) == {200}
    assert page.evaluate("[...document.styleSheets].every(sheet => sheet.cssRules.length > 0)")
