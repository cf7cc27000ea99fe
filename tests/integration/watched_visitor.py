"""A patient at a served site, over HTTP as a browser speaks it, whose answers nobody else would give."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import urlsplit

import httpx

NUMBERS = ("37.419370526", "7.419370526", "0.419370526", "137.419370526", "1.419370526", "20.419370526", "2037.419370526")
"""Of more decimals than any clock writes, so that no time of day holds one: 05:12:31.419370 does hold 1.41937."""
TYPED, SEARCHED, TOWN, ZIP = "my name is Kanarí Xq7Vw", "Suchwörter Zq8Wx", "Ort Yq9Kz", "99547"
CONDITIONS = ("amd_wet", "b_all", "dmd", "hiv_without_blood_cancer")
"""Conditions with trials that ask for much; of other questions the last choice is taken."""

CANARIES = (*NUMBERS, "Xq7Vw", "Kanarí", "Zq8Wx", "Yq9Kz", ZIP)
"""What a patient says here: wherever it turns up, it comes from them. A ZIP code of an island where no trial has a site."""


class Visitor:
    """Opens pages, fills in forms, and keeps what the site gave: ``seen``, the answers that it took: ``told``, and what it sealed them into: ``sealed``."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.client = httpx.Client(base_url=origin, timeout=120, trust_env=False)
        self.cookies: dict[str, str] = {}
        self.seen: list[httpx.Response] = []
        self.told: dict[str, str] = {}
        self.sealed: set[str] = set()
        """Each value of the cookie with the answers, and the digits of the paper."""

    def open(self, address: str) -> httpx.Response:
        """The response to a GET, redirects not followed."""
        return self._ask("GET", address)

    def send(self, address: str, **fields: str | list[str]) -> httpx.Response:
        """The response to a POST of a form with its token."""
        token = next((value for name, value in self.cookies.items() if name.endswith("csrftoken")), "")
        return self._ask("POST", address, data={"csrfmiddlewaretoken": token, **fields})

    def _ask(self, method: str, address: str, **more) -> httpx.Response:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {"X-Forwarded-Proto": "https", "Origin": self.origin, "Cookie": cookies}
        headers |= {"Referer": str(self.seen[-1].request.url)} if self.seen else {}
        self.client.cookies.clear()
        response = self.client.request(method, address, headers=headers, **more)
        for line in response.headers.get_list("set-cookie"):
            name, value = line.split(";")[0].split("=", 1)
            self.cookies[name] = value
            if "max-age=0" in line.lower():
                del self.cookies[name]
            elif name.endswith("answers"):
                self.sealed.add(value)
        self.seen.append(response)
        return response

    def screen(self, area: str, who: str) -> None:
        """Answers every question that comes, each with what is least expected."""
        self.open("/")
        self.open("/screening/q/who/")
        self.send("/screening/q/who/", answer=who)
        address = urlsplit(self.send("/screening/q/area/", answer=area).headers["location"]).path
        while "/q/" in address:
            address = urlsplit(self._answer(address).headers["location"]).path

    def _answer(self, address: str) -> httpx.Response:
        key, page = address.split("/")[-2], self.open(address).text
        options = re.findall(r'<input type="(?:radio|checkbox)" name="answer" value="([^"]+)"', page)
        if "words_found" in page:
            self.send(address, words=SEARCHED, find="1")
        if not options:
            assert self.send(address, answer=TYPED).status_code == 422
        known = [option for option in options if option not in ("unknown", "not_listed", "none_of_these")]
        for answer in [option for option in known if option in CONDITIONS] or known[-1:] or NUMBERS:
            response = self.send(address, answer=answer)
            if sure := re.search(r'name="sure" value="([^"]*)"', response.text):
                response = self.send(address, answer=answer, sure=unescape(sure[1]))
            if response.status_code == 302:
                self.told[key] = answer
                return response
        return self.send(address, answer="unknown")

    def use(self) -> None:
        """Every page after the questions: the check, results, distances, trials side by side, the paper in its forms, and the paper opened again."""
        self.open("/screening/check/")
        for fields in ({"place": TOWN}, {"place": ZIP}):
            self.send("/screening/near/", country="US", **fields)
        self.open("/screening/near/")
        trials = re.findall(r'name="trial" value="(NCT\d+)"', self.open("/screening/results/").text)
        self.send("/screening/compare/", trial=trials[:3])
        self.send("/screening/summary/", trial=trials[:2])
        summary = self.open("/screening/summary/").text
        self.open("/screening/summary.pdf")
        self.send("/screening/summary.pdf", size="a4", cover="plain")
        self.open("/screening/summary.json")
        self.open("/screening/not-listed/")
        code = re.sub(r"\s", "", re.search(r'class="digits">([\d\s]+)<', summary)[1])
        self.sealed.add(code)
        page = self.send("/reopen/", code=code)
        marks = re.findall(r'name="(NCT[^"]+)" value="confirmed"', page.text)
        self.send("/reopen/", code=code, **dict.fromkeys(marks[:3], "ordered"))
        self.send("/reopen/?fault=1", code=code)

    def stumble(self) -> None:
        """Meets faults of the server in the middle: on a page that shows answers, and while answers are being sent."""
        self.open("/screening/check/?fault=1")
        self.send("/screening/near/?fault=1", country="US", place=TOWN)
        for key, answer in self.told.items():
            if answer in NUMBERS:
                self.send(f"/screening/q/{key}/?fault=1", answer=f"{answer} {TYPED}")

    def leave(self) -> None:
        """Away, and back."""
        self.send("/leave/")
        self.open("/left/")
        self.open("/screening/check/")
