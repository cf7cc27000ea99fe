"""A patient at their browser: Django's test client, which remembers every page that it saw."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

from django.test import Client

from prescreen.answers import COOKIE, Answers, seal

START, CHECK, RESULTS, SUMMARY, PDF = "/", "/screening/check/", "/screening/results/", "/screening/summary/", "/screening/summary.pdf"
EXPIRED, NOT_LISTED = "/screening/expired/", "/screening/not-listed/"
UNSURE = "unknown"

Choose = Callable[[str, list[str]], str | list[str] | dict[str, str]]
"""How somebody answers: the key of a question and the values on offer (none for a number) give the answer, or all fields to send."""


def page_of(key: str) -> str:
    """The address of a question."""
    return f"/screening/q/{key}/"


def key_of(address: str) -> str | None:
    """The key of the question at an address; None where it is no question."""
    found = re.match(r"/screening/q/([\w-]+)/", address)
    return found and found[1]


def text_of(response) -> str:
    """What a page says, as one line without markup."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", response.content.decode())))


def title_of(response) -> str:
    """The page's title."""
    return unescape(re.search(r"<title>(.*?)</title>", response.content.decode(), re.DOTALL)[1])


class Patient:
    """Opens pages and sends answers. ``seen`` are all responses so far, redirects each for itself."""

    def __init__(self, **client) -> None:
        self.client = Client(headers={"host": "127.0.0.1"}, **client)
        self.seen = []

    def open(self, address: str):
        """The response to a GET, redirects not followed."""
        response = self.client.get(address)
        self.seen.append(response)
        return response

    def send(self, address: str, **fields):
        """The response to a POST, redirects not followed."""
        response = self.client.post(address, fields)
        self.seen.append(response)
        return response

    def answer(self, key: str, answer: str | list[str], query: str = "", **more):
        """Sends the answer to one question."""
        return self.send(page_of(key) + query, answer=answer, **more)

    def begin(self, area: str = "eye", who: str = "me"):
        """Answers the two pages before the catalog's questions."""
        self.answer("who", who)
        return self.answer("area", area)

    def tell(self, **answers):
        """Answers questions one after the other, each of which must be the next or an earlier one."""
        for key, answer in answers.items():
            response = self.answer(key, answer)
            assert response.status_code == 302, f"{key}={answer} was not taken: {text_of(response)}"
        return response

    def remember(self, who: str = "me", area: str | None = "eye", **given) -> None:
        """Puts answers into the browser at once, in the form of the answers file, as if each had been sent."""
        self.client.cookies[COOKIE] = seal(Answers(who, area, given))

    def go_on(self, choose: Choose, address: str = page_of("who")) -> list[str]:
        """Answers every question from this page on until no more come; gives their keys in the order in which they were asked."""
        asked: list[str] = []
        while key := key_of(address):
            assert key not in asked, f"{key} is asked twice"
            page = self.open(address)
            assert page.status_code == 200
            chosen = choose(key, options_of(page))
            response = self.send(address, **(chosen if isinstance(chosen, dict) else {"answer": chosen}))
            assert response.status_code == 302, f"{key} was not taken: {text_of(response)}"
            asked.append(key)
            address = response["Location"]
        assert address == CHECK
        return asked


def options_of(page) -> list[str]:
    """The values of the radio buttons or checkboxes of a question page; none where a number is asked for."""
    return re.findall(r'<input type="(?:radio|checkbox)" name="answer" value="([^"]+)"', page.content.decode())


def not_sure(who: str = "me", area: str = "eye", **told: str) -> Choose:
    """Answers "I am not sure" to everything but who, the area, and what is told."""
    known = {"who": who, "area": area, **told}
    return lambda key, _options: known.get(key, UNSURE)
