"""Many patients at once, in a process of its own: ``python -m tests.load.visitors PORT PATIENTS SECONDS THINK``. Prints JSON.

Each answers every question that is asked, looks at the results, and takes the summary as a PDF; between two pages they think so many
seconds. Then the next patient sits down. Those of a clinic have one address, as a trusted proxy would tell it.
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

from .browser import Browser, Page

START, CHECK, RESULTS, SUMMARY, PDF = "/", "/screening/check/", "/screening/results/", "/screening/summary/", "/screening/summary.pdf"
FIRST = "/screening/q/who/"
QUESTION = re.compile(r"/screening/q/([\w-]+)/")
UNSURE = "unknown"
TOKEN = re.compile(rb'name="csrfmiddlewaretoken" value="([^"]+)"')
OPTION = re.compile(rb'<input type="(?:radio|checkbox)" name="answer" value="([^"]+)"')
PICKED = re.compile(rb'name="trial" value="([^"]+)"')

OF_A_CLINIC = 20
"""So many patients have the same address."""


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


class TimeIsUpError(Exception):
    """No page is asked for any more. Those that were asked for have come."""


class Visitor:
    """One patient at their browser, until the time is over."""

    def __init__(self, browser: Browser, seen: Seen, number: int, think: float, until: float) -> None:
        self.browser, self.seen, self.think, self.until, self.random = browser, seen, think, until, random.Random(number)

    async def ask(self, kind: str, address: str, fields: dict[str, list[str]] | None = None) -> Page:
        """A page, or what sending a form leads to."""
        start = time.perf_counter()
        page = await self.browser.ask(address, fields)
        self.seen.note(kind, time.perf_counter() - start, page.status)
        return page

    async def pause(self) -> None:
        """Thinks. Raises TimeIsUpError."""
        seconds = self.random.uniform(0.5, 1.5) * self.think
        if time.perf_counter() + seconds >= self.until:
            raise TimeIsUpError
        await asyncio.sleep(seconds)

    async def journey(self) -> None:
        """From the start page to the paper."""
        await self.ask("start", START)
        await self.pause()
        address = FIRST
        while found := QUESTION.match(address):
            key = found[1]
            page = await self.ask("question", address)
            if page.status == 302:  # the trials changed, and something else is asked first
                address = page.location.split("?")[0]
                continue
            await self.pause()
            answered = await self.ask("answer", address, {"csrfmiddlewaretoken": [_token(page)], "answer": [self.choose(key, OPTION.findall(page.body))]})
            if answered.status != 302:
                raise LookupError(f"{key} was answered with {answered.status}")
            address = answered.location.split("?")[0]
        await self.ask("check", CHECK)
        await self.pause()
        await self.ask("results", RESULTS)
        await self.pause()
        summary = await self.ask("summary", SUMMARY)
        await self.pause()
        ticked = [number.decode() for number in PICKED.findall(summary.body)[:3]] or ["none"]
        await self.ask("choice", SUMMARY, {"csrfmiddlewaretoken": [_token(summary)], "trial": ticked})
        paper = await self.ask("pdf", PDF)
        if not paper.body.startswith(b"%PDF"):
            self.seen.wrong["pdf: no PDF"] += 1
        self.seen.journeys += 1

    def choose(self, key: str, options: list[bytes]) -> str:
        """Something on offer, and now and then "I am not sure"; of numbers an adult's age alone."""
        if key == "age":
            return str(self.random.randint(18, 80))
        return self.random.choice(options).decode() if options and self.random.random() < 0.9 else UNSURE


def _token(page: Page) -> str:
    found = TOKEN.search(page.body)
    if not found:
        raise LookupError(f"a page has no form ({page.status})")
    return found[1].decode()


@dataclass(frozen=True)
class Crowd:
    """So many patients at once, until the time is over."""

    port: int
    seen: Seen
    patients: int
    think: float
    until: float

    async def sit(self, place: int) -> None:
        """One chair: a patient after the other."""
        await asyncio.sleep(random.Random(place).uniform(0, self.think))  # not all come in by the door at once
        number = place
        while time.perf_counter() < self.until:
            clinic = number // OF_A_CLINIC
            browser = Browser(self.port, f"10.{clinic // 65_536 % 256}.{clinic // 256 % 256}.{clinic % 256}")
            try:
                await Visitor(browser, self.seen, number, self.think, self.until).journey()
            except TimeIsUpError:
                return
            except (OSError, LookupError, EOFError) as fault:
                self.seen.wrong[f"{type(fault).__name__}: {fault}"] += 1
            finally:
                browser.close()
            number += self.patients


async def load(port: int, patients: int, seconds: float, think: float) -> dict[str, object]:
    """So many patients at once for so long: seconds by kind of page, whole journeys, and what went wrong."""
    seen = Seen()
    crowd = Crowd(port, seen, patients, think, time.perf_counter() + seconds)
    await asyncio.gather(*map(crowd.sit, range(patients)))
    return {"taken": seen.taken, "wrong": seen.wrong, "journeys": seen.journeys}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(load(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4])))))
