"""How long a person takes for what a test does at once: the keystroke-level model, with the operators of Card, Moran and Newell
(doi:10.1145/358886.358895): a key 0.28 s for an average typist who is no secretary, pointing 1.1 s and a press of the button 0.2 s, a decision 1.35 s. Reading:
238 words a minute (Brysbaert 2019, doi:10.1016/j.jml.2019.104047). Waiting for the site is measured, not modelled."""

from __future__ import annotations

import time
from dataclasses import dataclass

from playwright.sync_api import Locator, Page

NAMED = ("ArrowDown", "Enter", "Escape")
KEY, POINT, PRESS, DECIDE, WORDS_A_SECOND = 0.28, 1.1, 0.2, 1.35, 238 / 60


@dataclass
class Hand:
    """A person at a page, whose clicks and seconds are counted."""

    page: Page
    clicks: int = 0
    pointing: float = 0.0
    typing: float = 0.0
    reading: float = 0.0
    waited: float = 0.0

    @property
    def seconds(self) -> float:
        """All of it together."""
        return self.pointing + self.typing + self.reading + self.waited

    def click(self, target: Locator, *, decide: bool = True) -> None:
        """One click, with the moment that it takes to decide on it."""
        self.clicks += 1
        self.pointing += POINT + PRESS + (DECIDE if decide else 0)
        begun = time.monotonic()
        target.click()
        self.page.wait_for_load_state()
        self.waited += time.monotonic() - begun

    def write(self, target: Locator, text: str) -> None:
        """A click into a field, and the text key by key."""
        self.click(target)
        self.typing += KEY * len(text)
        target.fill(text)

    def read(self, text: str) -> None:
        """Reads a text once."""
        self.reading += len(text.split()) / WORDS_A_SECOND

    def press(self, target: Locator, *keys: str) -> None:
        """A click into a field, then keys: texts key by key, and names such as ArrowDown as one."""
        self.click(target)
        for key in keys:
            begun = time.monotonic()
            if key in NAMED:
                self.typing += KEY
                if key == "ArrowDown":
                    self.page.locator(".rule-list:visible [role=option]").first.wait_for()
                self.page.keyboard.press(key)
            else:
                self.typing += KEY * len(key)
                self.page.keyboard.type(key)
            self.waited += time.monotonic() - begun
