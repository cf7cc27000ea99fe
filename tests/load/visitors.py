"""Many patients at once, in a process of its own: ``python -m tests.load.visitors PORT PATIENTS SECONDS THINK``. Prints JSON.

Each answers every question that is asked, looks at the results, and takes the summary as a PDF; between two pages they think so many
seconds. Then the next patient sits down. Each has an address of their own, as a trusted proxy would tell it.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from http.cookies import SimpleCookie

import httpx

START, CHECK, RESULTS, SUMMARY, PDF = "/", "/screening/check/", "/screening/results/", "/screening/summary/", "/screening/summary.pdf"
FIRST = "/screening/q/who/"
QUESTION = re.compile(r"/screening/q/([\w-]+)/")
UNSURE = "unknown"
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
OPTION = re.compile(r'<input type="(?:radio|checkbox)" name="answer" value="([^"]+)"')
PATIENCE = 60
"""Seconds after which somebody gives up."""


@dataclass
class Seen:
    """What all patients saw: seconds by kind of page, and everything that went wrong."""

    taken: dict[str, list[float]] = field(default_factory=dict)
    wrong: Counter[str] = field(default_factory=Counter)
    journeys: int = 0

    def note(self, kind: str, seconds: float, status: int) -> None:
        """One answer of the server."""
        self.taken.setdefault(kind, []).append(seconds)
        if status >= 400:
            self.wrong[f"{kind}: {status}"] += 1


class Visitor:
    """One browser: its cookies, and the page that it looks at."""

    def __init__(self, client: httpx.AsyncClient, seen: Seen, number: int, think: float) -> None:
        self.client, self.seen, self.think, self.random = client, seen, think, random.Random(number)
        self.address = f"10.{number // 65_536 % 256}.{number // 256 % 256}.{number % 256}"
        self.cookies: dict[str, str] = {}

    async def ask(self, kind: str, address: str, data: dict[str, object] | None = None) -> httpx.Response:
        """A request with this browser's cookies; what it sets is kept."""
        headers = {"X-Forwarded-For": self.address, "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        start = time.perf_counter()
        response = await self.client.request("POST" if data is not None else "GET", address, data=data, headers=headers)
        self.seen.note(kind, time.perf_counter() - start, response.status_code)
        for line in response.headers.get_list("set-cookie"):
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
        return response

    async def pause(self) -> None:
        """Thinks."""
        await asyncio.sleep(self.random.uniform(0.5, 1.5) * self.think)

    async def journey(self) -> None:
        """From the start page to the paper."""
        await self.ask("start", START)
        await self.pause()
        address = FIRST
        while found := QUESTION.match(address):
            key = found[1]
            page = await self.ask("question", address)
            await self.pause()
            answered = await self.ask("answer", address, {"csrfmiddlewaretoken": _token(page), "answer": self.choose(key, OPTION.findall(page.text))})
            if answered.status_code != 302:
                raise LookupError(f"{key} was answered with {answered.status_code}")
            address = answered.headers["location"].split("?")[0]
        await self.ask("check", CHECK)
        await self.pause()
        await self.ask("results", RESULTS)
        await self.pause()
        summary = await self.ask("summary", SUMMARY)
        await self.pause()
        ticked = re.findall(r'name="trial" value="([^"]+)"', summary.text)[:3] or ["none"]
        await self.ask("choice", SUMMARY, {"csrfmiddlewaretoken": _token(summary), "trial": ticked})
        paper = await self.ask("pdf", PDF)
        if not paper.content.startswith(b"%PDF"):
            self.seen.wrong["pdf: no PDF"] += 1
        self.seen.journeys += 1

    def choose(self, key: str, options: list[str]) -> str:
        """Something on offer, and now and then "I am not sure"; of numbers an adult's age alone."""
        if key == "age":
            return str(self.random.randint(18, 80))
        return self.random.choice(options) if options and self.random.random() < 0.9 else UNSURE


def _token(page: httpx.Response) -> str:
    found = TOKEN.search(page.text)
    if not found:
        raise LookupError(f"{page.request.url.path} has no form ({page.status_code})")
    return found[1]


@dataclass(frozen=True)
class Crowd:
    """So many patients at once, until the time is over."""

    client: httpx.AsyncClient
    seen: Seen
    patients: int
    think: float
    until: float

    async def sit(self, place: int) -> None:
        """One chair: a patient after the other."""
        await asyncio.sleep(random.Random(place).uniform(0, self.think))  # not all come in by the door at once
        number = place
        while time.perf_counter() < self.until:
            visit = asyncio.ensure_future(Visitor(self.client, self.seen, number, self.think).journey())
            await asyncio.wait({visit}, timeout=self.until - time.perf_counter())
            if not visit.done():
                visit.cancel()
            elif fault := visit.exception():
                self.seen.wrong[f"{type(fault).__name__}: {fault}"] += 1
            number += self.patients


async def load(port: int, patients: int, seconds: float, think: float) -> dict[str, object]:
    """So many patients at once for so long: seconds by kind of page, whole journeys, and what went wrong."""
    seen = Seen()
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE, limits=limits) as client:
        crowd = Crowd(client, seen, patients, think, time.perf_counter() + seconds)
        await asyncio.gather(*map(crowd.sit, range(patients)))
    return {"taken": seen.taken, "wrong": seen.wrong, "journeys": seen.journeys}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(load(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4])))))
