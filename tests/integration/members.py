"""A member of the desk at the browser of a running site."""

from __future__ import annotations

import json
import re

import httpx

from .processes import manage, send

NAME, PASSWORD = "petra", "correct horse battery staple"
IMPORT, LIST = "/admin/trials/trial/import-records/", "/admin/trials/trial/"


def add_publisher(given: dict[str, str]) -> None:
    """Adds an account that may publish."""
    manage(given, "add_staff", NAME, "--group", "Publisher", "--password-stdin", typed=PASSWORD)


def sign_in(browser: httpx.Client) -> None:
    """Signs them in."""
    assert send(browser, "/admin/login/?next=/admin/", username=NAME, password=PASSWORD).status_code == 302


def chosen(browser: httpx.Client, number: str) -> dict[str, str]:
    """What the form of the desk's list sends when this trial is ticked."""
    page = browser.get(LIST, params={"q": number})
    pk = re.search(r"/admin/trials/trial/(\d+)/change/", page.text)[1]
    return {"csrfmiddlewaretoken": browser.cookies["csrftoken"], "_selected_action": pk}


def act(browser: httpx.Client, action: str, number: str) -> httpx.Response:
    """Does an action of the desk's list with one trial."""
    return browser.post(LIST, data=chosen(browser, number) | {"action": action})


def bring(browser: httpx.Client, *records: dict) -> httpx.Response:
    """Brings registry records in as a file."""
    assert browser.get(IMPORT).status_code == 200
    return browser.post(IMPORT, data={"csrfmiddlewaretoken": browser.cookies["csrftoken"]}, files={"file": ("records.json", json.dumps(records).encode())})
