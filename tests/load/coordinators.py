"""Coordinators at work while patients come: each opens a trial in the admin, changes a word of its summary, now and then its status, and saves it."""

from __future__ import annotations

import re
import threading
import time
from html.parser import HTMLParser

import httpx

PATIENCE = 60
NOT_SENT = ("submit", "file", "button", "reset")
BETWEEN = 8.0
"""Seconds between two edits of one coordinator, who is in a hurry."""


STATUS_EVERY = 4
OPEN = ("RECRUITING", "NOT_YET_RECRUITING")
"""One edit of so many opens the trial, or puts it off: it ranks otherwise, so the index is no longer right about it."""


class Form(HTMLParser):
    """The fields of the largest form of a page, as a browser would send them, buttons and files left out."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[dict[str, list[str]]] = []
        self.area: str | None = None
        self.select: str | None = None
        self.feed(page)

    @property
    def fields(self) -> dict[str, list[str]]:
        """Name -> values."""
        return max(self.forms, key=len)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Fields in the order of the page."""
        found = dict(attributes)
        name = found.get("name") or ""
        if tag == "form":
            self.forms.append({})
        elif tag == "select":
            self.select = name
        elif tag == "option" and self.select and "selected" in found:
            self._add(self.select, found.get("value") or "")
        elif tag == "textarea":
            self.area = name
            self._add(name, "")
        elif tag == "input" and found.get("type") not in NOT_SENT and ("checked" in found or found.get("type") not in ("checkbox", "radio")):
            self._add(name, found.get("value") or ("on" if found.get("type") == "checkbox" else ""))

    def handle_data(self, data: str) -> None:
        """What stands in a text area."""
        if self.area:
            self.forms[-1][self.area][-1] += data

    def handle_endtag(self, tag: str) -> None:
        """The end of a text area or a list."""
        if tag == "textarea":
            self.forms[-1][self.area or ""][-1] = self.forms[-1][self.area or ""][-1].removeprefix("\n")
            self.area = None
        elif tag == "select":
            self.select = None

    def _add(self, name: str, value: str) -> None:
        if self.forms and name:
            self.forms[-1].setdefault(name, []).append(value)


class Coordinator(threading.Thread):
    """One person at the desk. ``saved`` counts the edits that were taken; ``wrong`` tells of the others; ``taken`` are seconds."""

    def __init__(self, address: str, name: str, password: str, trials: list[int]) -> None:
        super().__init__(daemon=True)
        self.address, self.name_, self.password, self.trials = address, name, password, trials
        self.over = threading.Event()
        self.saved, self.wrong, self.taken = 0, [], []

    def run(self) -> None:
        """Signs in, and edits until it is over."""
        with httpx.Client(base_url=self.address, timeout=PATIENCE, follow_redirects=True) as desk:
            page = desk.get("/admin/login/?next=/admin/")
            signed_in = desk.post("/admin/login/?next=/admin/", data=Form(page.text).fields | {"username": self.name_, "password": self.password})
            if "/login/" in str(signed_in.url):
                self.wrong.append(f"not signed in: {signed_in.status_code}")
                return
            turn = 0
            while not self.over.is_set():
                try:
                    self.edit(desk, self.trials[turn % len(self.trials)], turn)
                except httpx.HTTPError as fault:
                    self.wrong.append(f"{type(fault).__name__}: {fault}")
                turn += 1
                self.over.wait(BETWEEN)

    def edit(self, desk: httpx.Client, trial: int, turn: int) -> None:
        """One edit: the page, a changed summary, the answer to the save."""
        address = f"/admin/trials/trial/{trial}/change/"
        start = time.perf_counter()
        page = desk.get(address)
        if page.status_code != 200:
            self.wrong.append(f"page: {page.status_code}")
            return
        fields = Form(page.text).fields
        if turn % STATUS_EVERY == 1:
            fields["status"] = [OPEN[fields["status"] == [OPEN[0]]]]
        fields["summary"] = [re.sub(r" \(edit \d+\)$", "", fields["summary"][0].strip()) + f" (edit {turn})"]
        saved = desk.post(address, data=fields | {"_continue": "1"})
        self.taken.append(time.perf_counter() - start)
        if saved.status_code == 200 and f"(edit {turn})" in saved.text and "errornote" not in saved.text:
            self.saved += 1
        else:
            self.wrong.append(f"save: {saved.status_code}")
