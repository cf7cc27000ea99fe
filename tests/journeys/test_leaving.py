"""Leaving in a hurry, and deleting: the answers are gone from the browser, and no way back shows one, with a script and without, whatever the browser keeps."""

from __future__ import annotations

import re
import shutil

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from prescreen.answers import COOKIE

from .conftest import BROWSER_FLAGS
from .hands import Pointer
from .sights import code_of, remember
from .tables import GRANDMOTHER

SAID = "71.41937"
"""An age that is on none of our pages, unless somebody said so."""

TELLING = (SAID, "Wet age-related macular", "wet form", "macular degeneration")
PATIENCE = 60_000
WAYS = [("Leave this site", "You can close this page"), ("Delete my answers", "Your answers are deleted")]
PAGES = ("/screening/q/age/", "/screening/results/", "/screening/summary/", "/screening/near/", "/screening/check/")


@pytest.fixture(scope="module", params=["with the pages that browsers keep whole", "without them"])
def chromium(request, browser):
    """Chromium as people have it, which keeps pages whole for going back (bfcache), and as Playwright starts it, which does not."""
    if request.param == "without them":
        yield browser
        return
    with_kept = browser.browser_type.launch(
        executable_path=shutil.which("chromium"), args=BROWSER_FLAGS, chromium_sandbox=False, ignore_default_args=["--disable-back-forward-cache"]
    )
    page = with_kept.new_page(base_url=request.getfixturevalue("site"))
    page.goto("/learn/")
    page.evaluate("window.kept = true")
    page.goto("/trials/")
    page.evaluate("history.back()")
    page.wait_for_timeout(2000)  # a page that comes back whole is not loaded
    assert page.evaluate("window.kept"), "this browser does not keep pages whole, so nothing would be shown by it"
    page.close()
    yield with_kept
    with_kept.close()


@pytest.fixture(params=[True, False], ids=["with a script", "without"])
def patient(request, chromium, site):
    """A tab in which somebody looked at five pages with answers."""
    context = chromium.new_context(base_url=site, java_script_enabled=request.param)
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto("/")
    remember(page, GRANDMOTHER, age=SAID)
    for address in PAGES:
        page.goto(address)
    assert SAID in page.locator("main").inner_text()
    yield page
    context.close()


def back(page: Page) -> None:
    """The browser's own Back, which needs no script of the page and may bring the page back as it was."""
    session = page.context.new_cdp_session(page)
    history = session.send("Page.getNavigationHistory")
    place = history["currentIndex"] - 1
    assert place >= 0
    session.send("Page.navigateToHistoryEntry", {"entryId": history["entries"][place]["id"]})
    page.wait_for_timeout(700)
    page.wait_for_load_state()
    session.detach()


def shown(page: Page) -> str:
    """All that the page holds, boxes too, and its address and title."""
    texts = [page.url, page.title(), page.content(), *[box.input_value() for box in page.locator("input[type=text]").all()]]
    return " ".join(texts)


def held(context: BrowserContext) -> list[str]:
    """The names of the cookies."""
    return [cookie["name"] for cookie in context.cookies()]


@pytest.mark.parametrize(("button", "title"), WAYS, ids=["leave", "delete"])
def test_five_times_back_shows_no_answer(patient: Page, button: str, title: str):
    assert COOKIE in held(patient.context)
    with patient.expect_response(lambda response: response.request.method == "POST") as sent:
        Pointer(patient).follow(button)
    assert sent.value.header_value("clear-site-data") == '"cache", "storage"'
    expect(patient).to_have_title(re.compile(title))
    assert held(patient.context) == []
    assert not any(word in shown(patient) for word in TELLING)
    for _ in range(5):
        back(patient)
        assert not any(word in shown(patient) for word in TELLING), patient.url
        assert patient.locator("input[name=answer]:checked").count() == 0
    assert COOKIE not in held(patient.context)


def test_the_page_that_was_left_is_no_longer_in_the_history(visit):
    page = visit().new_page()
    remember(page, GRANDMOTHER)
    page.goto("/screening/results/")
    page.goto("/screening/check/")
    Pointer(page).follow("Leave this site")
    page.go_back()
    expect(page).to_have_title(re.compile("You can close this page"))
    assert page.url.endswith("/left/")


def test_the_page_is_hidden_before_the_server_answers(visit):
    page = visit().new_page()
    remember(page, GRANDMOTHER)
    page.goto("/screening/check/")
    page.evaluate("addEventListener('submit', event => event.preventDefault())")
    assert page.locator("main").is_visible()
    page.get_by_role("button", name="Leave this site").click()
    expect(page.locator("main")).to_be_hidden()
    assert page.url.endswith("/left/")


def test_a_page_that_comes_back_whole_is_hidden_and_asked_for_anew(visit):
    """Chromium keeps no page of ours whole, as they say no-store; other browsers may."""
    page = visit().new_page()
    remember(page, GRANDMOTHER)
    page.goto("/screening/check/")
    page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', {persisted: true}))")
    expect(page.locator("main")).to_be_hidden()
    with page.expect_navigation():
        page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    expect(page.locator("main")).to_be_visible()


def test_a_stale_page_does_not_hold_up_somebody_who_leaves(visit):
    context = visit()
    one, other = context.new_page(), context.new_page()
    remember(one, GRANDMOTHER)
    one.goto("/screening/check/")
    other.goto("/screening/results/")
    Pointer(one).follow("Leave this site")
    Pointer(other).follow("Leave this site")
    expect(other).to_have_title(re.compile("You can close this page"))


def test_a_reopened_paper_cannot_be_sent_again_after_leaving(site, browser):
    """Browsers remember what was posted and offer to send it again; the form's token is gone, so nothing comes of it."""
    context = browser.new_context(base_url=site, java_script_enabled=False)
    page = context.new_page()
    code = code_of(page, GRANDMOTHER)
    page.goto("/reopen/")
    page.get_by_label("The code", exact=True).fill(code)
    with page.expect_request(lambda request: request.method == "POST") as sent:
        Pointer(page).follow("Open the summary")
    assert page.get_by_text("For the health care provider").count()
    Pointer(page).follow("Leave this site")
    again = page.request.post("/reopen/", data=sent.value.post_data, headers={"content-type": "application/x-www-form-urlencoded", "origin": site})
    assert again.status == 403
    assert not any(word in again.text() for word in TELLING)
    context.close()


def test_the_public_pages_still_look_as_they_did_after_leaving(visit):
    """What was dropped from the cache is fetched anew."""
    page = visit().new_page()
    remember(page, GRANDMOTHER)
    page.goto("/screening/check/")
    Pointer(page).follow("Leave this site")
    page.goto("/")
    assert page.evaluate("document.styleSheets.length && document.styleSheets[0].cssRules.length > 20")
    page.get_by_role("link", name="Start").first.click()
    page.wait_for_url("**/screening/q/who/")
