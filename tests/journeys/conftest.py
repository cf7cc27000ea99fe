"""A real server over a database of its own, and a real browser that watches what the pages do."""

from __future__ import annotations

import http.client
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from .watching import Watch

ROOT = Path(__file__).resolve().parents[2]
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
    """The address of the served site's own database."""
    return f"sqlite:///{tmp_path_factory.mktemp('database') / 'db.sqlite3'}"


@pytest.fixture(scope="session")
def site(tmp_path_factory, database):
    """The address of the served site, over the starter records."""
    folder = tmp_path_factory.mktemp("site")
    port = free_port()
    environment = os.environ | {
        "DJANGO_LOCAL": "1",
        "DJANGO_SETTINGS_MODULE": "prescreen.settings",
        "DATABASE_URL": database,
    }
    prepared = subprocess.run([sys.executable, ROOT / "manage.py", "prepare"], cwd=ROOT, env=environment, check=False, capture_output=True, text=True)
    assert prepared.returncode == 0, prepared.stderr
    granian = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [*granian, "--blocking-threads", "1", "--no-ws", "--log-level", "warning", "prescreen.wsgi:application"],
            cwd=ROOT,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            wait_until_up(server, port, folder / "log")
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(20)


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def wait_until_up(server: subprocess.Popen, port: int, log: Path) -> None:
    """Waits for the server's first answer."""
    for _ in range(150):
        asking = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            asking.request("GET", "/healthz")
            if asking.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.2)
        finally:
            asking.close()
        if server.poll() is not None:
            break
    pytest.fail(f"The server did not start: {log.read_text()}")


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
