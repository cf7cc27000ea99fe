"""A whole journey in a real browser with answers that nobody else would give: no address, no Referer, no storage and no file of the browser keeps one."""

from __future__ import annotations

import json
import re
import shutil

import pytest
from playwright.sync_api import BrowserContext, Page

from tests import watched
from tests.integration.hunting import Hunter, in_folder

from .conftest import BROWSER_FLAGS
from .hands import Pointer, answers_on, key_of, kind_of

NUMBERS = ("71.419370526", "7.419370526", "0.419370526", "137.419370526", "20.419370526")
TYPED, TOWN, ZIP = "Kanarí Xq7Vw", "Ort Yq9Kz", "99547"
HUNTER = Hunter((*NUMBERS, "Kanarí", "Xq7Vw", "Yq9Kz", ZIP))

STORED = """async () => {
    const found = {local: {...localStorage}, session: {...sessionStorage}, databases: await indexedDB.databases(), caches: {}};
    Object.assign(found, {state: history.state, cookie: document.cookie});
    for (const name of await caches.keys()) {
        const cache = await caches.open(name);
        found.caches[name] = await Promise.all((await cache.matchAll()).map(answer => answer.text()));
    }
    for (const {name} of found.databases) {
        const opened = indexedDB.open(name);
        const database = await new Promise(done => { opened.onsuccess = () => done(opened.result); });
        for (const store of database.objectStoreNames) {
            const asked = database.transaction(store).objectStore(store).getAll();
            found[`${name}/${store}`] = await new Promise(done => { asked.onsuccess = () => done(asked.result); });
        }
        database.close();
    }
    return JSON.stringify(found);
}"""
"""All that a page could have stored."""

PLANTS = {
    "local": "said => localStorage.setItem('weight', said)",
    "session": "said => sessionStorage.setItem('weight', said)",
    "IndexedDB": """said => new Promise(done => {
        const asked = indexedDB.open('answers');
        asked.onupgradeneeded = () => asked.result.createObjectStore('all', {autoIncrement: true}).add({weight: said});
        asked.onsuccess = () => { asked.result.close(); done(); };
    })""",
    "cache storage": "async said => (await caches.open('answers')).put('/answers', new Response(said))",
    "cookie": "said => { document.cookie = `weight=${said}`; }",
    "history": "said => history.replaceState({weight: said}, '')",
}


@pytest.fixture(scope="module")
def watched_site(tmp_path_factory):
    """A site as in production: its address, and the folder with all its traces."""
    folder = tmp_path_factory.mktemp("watched") / "site"
    with watched.serve(folder) as origin:
        yield origin, folder


@pytest.fixture
def visitor(watched_site, browser, tmp_path):
    """A browser with a profile on disk, which is searched afterwards; and what it asked for."""
    context = browser.browser_type.launch_persistent_context(
        tmp_path / "profile",
        executable_path=shutil.which("chromium"),
        args=BROWSER_FLAGS,
        chromium_sandbox=False,
        base_url=watched_site[0],
        extra_http_headers={"X-Forwarded-Proto": "https"},
        accept_downloads=True,
        downloads_path=tmp_path / "downloads",
    )
    context.set_default_timeout(60_000)
    asked: list[str] = []
    context.on("request", lambda request: asked.extend((request.url, json.dumps(request.headers))))
    yield context, asked
    context.close()


def answer(page: Page) -> None:
    """Answers a number, first with words that are refused where the question is the age; other questions leave trials open."""
    here = page.url
    if kind_of(page) != "text":
        Pointer(page).answer("amd_wet" if key_of(page) == "diagnosis" else None)
        return
    for typed in (TYPED, *NUMBERS) if key_of(page) == "age" else NUMBERS:
        answers_on(page).fill(typed)
        Pointer(page).follow("Continue")
        if page.title().startswith("Please check"):
            Pointer(page).follow("Continue")
        if page.url != here:
            return
    Pointer(page).follow("I am not sure")


def walk(context: BrowserContext) -> str:
    """The journey; gives what the browser had stored before it left, as JSON."""
    page = context.pages[0]
    page.goto("/screening/q/who/")
    Pointer(page).answer("other")
    Pointer(page).answer("eye")
    for _ in range(12):
        if key_of(page):
            answer(page)
    page.goto("/screening/check/")
    assert NUMBERS[0] in page.locator("main").inner_text()
    for place in (TOWN, ZIP):
        page.goto("/screening/near/")
        page.get_by_label("ZIP code or town").fill(place)
        Pointer(page).follow("Continue")
    assert page.goto("/screening/check/?fault=1").status == 500
    page.goto("/screening/results/")
    for box in page.locator("input[name=trial]").all()[:3]:
        box.check()
    Pointer(page).follow("Compare the trials I ticked")
    page.goto("/screening/summary/")
    code = re.sub(r"\s", "", page.locator(".digits").text_content())
    for address in ("/screening/summary.pdf", "/screening/summary.json"):
        with page.expect_download() as coming:
            page.evaluate("address => { location.href = address }", address)
        coming.value.delete()  # the patient's own file
    page.goto(f"/reopen/#{code}")
    Pointer(page).follow("Open the summary")
    assert NUMBERS[0] in page.locator("main").inner_text()
    page.goto("/trials/")
    stored = page.evaluate(STORED)
    page.goto("/screening/check/")
    Pointer(page).follow("Leave this site")
    return stored


def test_no_trace_of_an_answer_is_left(visitor, watched_site, tmp_path):
    context, asked = visitor
    stored = walk(context)
    assert HUNTER.hunt([("stored by pages", stored.encode())]) == []
    assert len(asked) > 60
    assert HUNTER.hunt((line.split("?")[0][:60], line.encode()) for line in asked) == []
    context.close()
    assert (tmp_path / "profile" / "Default" / "Preferences").exists()
    kept = ((name, data) for name, data in in_folder(tmp_path / "profile") if "/Sessions/" not in name)  # what to open after a crash: see docs/privacy.md
    assert HUNTER.hunt(kept) == [], "the profile: HTTP cache, storage, history, what was typed"
    for place, read in watched.PLACES.items():
        assert HUNTER.hunt(read(watched_site[1])) == [], place


@pytest.mark.parametrize("place", PLANTS)
def test_the_search_finds_what_a_page_stores(place, watched_site, browser):
    context = browser.new_context(base_url=watched_site[0], extra_http_headers={"X-Forwarded-Proto": "https"})
    page = context.new_page()
    page.goto("/learn/")
    assert HUNTER.hunt([("before", page.evaluate(STORED).encode())]) == []
    page.evaluate(PLANTS[place], NUMBERS[0])
    assert {leak.canary for leak in HUNTER.hunt([("after", page.evaluate(STORED).encode())])} == {NUMBERS[0]}
    context.close()
