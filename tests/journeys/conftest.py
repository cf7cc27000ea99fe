"""A real server over a database of its own, and a real browser that watches what the pages do."""

from __future__ import annotations

import os
import shutil

import psycopg
import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from tests.integration.processes import environment, manage, served

from . import at_desk
from .watching import Watch

BROWSER_FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 10_000
"""Milliseconds after which a page that does not come is a failure."""


@pytest.fixture(scope="session")
def database(tmp_path_factory) -> str:
    """The address of the served site's own database: an SQLite file, or a database of the PostgreSQL server that ``TEST_DATABASE_URL`` names."""
    server = os.environ.get("TEST_DATABASE_URL")
    if not server:
        return f"sqlite:///{tmp_path_factory.mktemp('database') / 'db.sqlite3'}"
    name = f"journeys_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return f"{server.rpartition('/')[0]}/{name}"


@pytest.fixture(scope="session")
def site(tmp_path_factory, database):
    """The address of the served site, over the starter records."""
    manage(environment(database), "prepare")
    with served(environment(database), tmp_path_factory.mktemp("site") / "log") as server:
        yield server.address


@pytest.fixture(scope="session")
def administrator(site, database):
    """Somebody who may do everything at the desk of the served site."""
    given = environment(database, DJANGO_SUPERUSER_PASSWORD=at_desk.PASSWORD)
    manage(given, "createsuperuser", "--noinput", "--username", at_desk.NAME, "--email", "administrator@example.org")


@pytest.fixture(scope="session")
def browser():
    """Chromium with an empty profile."""
    program = shutil.which("chromium")
    assert program, "Chromium is needed (Debian: apt-get install chromium)"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=BROWSER_FLAGS, chromium_sandbox=False)
        yield chromium
        chromium.close()


@pytest.fixture
def visit(site: str, browser: Browser):
    """Opens a context of its own for a visitor (``visit(java_script_enabled=False)``).

    At the end of the test no visit may have asked another host for anything, nor have met an error or a breach of the content security policy.
    """
    visits: list[tuple[BrowserContext, Watch]] = []

    def new_visit(**options) -> BrowserContext:
        context = browser.new_context(base_url=site, accept_downloads=True, **{"viewport": {"width": 1280, "height": 900}} | options)
        context.set_default_timeout(PATIENCE)
        visits.append((context, Watch(context)))
        return context

    yield new_visit
    for context, _ in visits:
        context.close()
    assert [fault for _, watch in visits for fault in watch.faults] == []


@pytest.fixture
def page(visit):
    """One tab of one visitor at a large screen."""
    return visit().new_page()
