"""The client of the ClinicalTrials.gov API v2 (https://clinicaltrials.gov/data-api/api): gives studies as the registry writes them, unread."""

from __future__ import annotations

import logging
import math
import random
import re
import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Self

import httpx

from .replies import CHANGED, EXCERPT, Fault, Study, excerpt, read, refusal

API = "https://clinicaltrials.gov/api/v2"
ADDRESS = re.compile(r"https://clinicaltrials\.gov(/[a-z0-9/]*)?|http://127\.0\.0\.1(:[0-9]{1,5})?(/[a-z0-9/]*)?")  # the second one is for tests
USER_AGENT = "gene-therapy-prescreener/0.1 (registry client; httpx)"
FIELDS = "protocolSection,derivedSection,hasResults"  # all but the results, which are most of a record's bytes
NCT_NUMBER = re.compile(r"NCT[0-9]{8}")
BATCH, PAGE = 50, 100
EMPTY_PAGES = 3  # the API says that a page may be empty and not the last
JSON = "application/json"
log = logging.getLogger(__name__)
Clock = Callable[[], float]
Sleep = Callable[[float], None]


class RegistryError(Exception):
    """What was asked, what came back, and what to do about it. ``missing`` holds the NCT numbers that the registry does not have."""

    def __init__(self, asked: str, came_back: str, to_do: str, missing: tuple[str, ...] = ()) -> None:
        super().__init__(asked, came_back, to_do, missing)
        self.missing = missing

    def __str__(self) -> str:
        return "Asked the registry for {}: {}. {}".format(*self.args)


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How long the client waits (in seconds), how often it asks, and how much it takes."""

    connect: float = 10
    read: float = 30
    whole: float = 120
    attempts: int = 5
    first_wait: float = 1
    longest_wait: float = 60
    per_second: float = 0.8  # the registry publishes no limit; its users report about 50 requests a minute
    size: int = 20_000_000


class RegistryClient:
    """Asks the registry for studies, politely, and again when a fault may pass. For one thread; close it, or use it in a ``with``."""

    def __init__(
        self, base: str = API, *, limits: Limits = Limits(), clock: Clock = time.monotonic, sleep: Sleep = time.sleep, jitter: Clock = random.random
    ) -> None:
        if not ADDRESS.fullmatch(base):
            raise RegistryError(f"studies at {base!r}", "not asked, as that is not the registry's address", f"Use {API}.")
        self._limits, self._clock, self._sleep, self._jitter = limits, clock, sleep, jitter
        self._next = -math.inf
        self._socket: socket.socket | None = None
        self._http = httpx.Client(
            base_url=base,
            headers={"User-Agent": USER_AGENT, "Accept": "application/json", "Accept-Encoding": "gzip"},
            timeout=httpx.Timeout(limits.read, connect=limits.connect),
            follow_redirects=False,
            verify=True,
            trust_env=base.startswith("https:"),  # a proxy or a CA file of the machine's own
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()

    def fetch(self, numbers: Iterable[str]) -> Iterator[Study]:
        """The studies with these NCT numbers, obsolete numbers included; at the end, a ``RegistryError`` that names each missing number, if any."""
        wanted = list(dict.fromkeys(number.strip().upper() for number in numbers))
        if wrong := [number for number in wanted if not NCT_NUMBER.fullmatch(number)]:
            raise RegistryError(_listed(wrong), "not asked, as these are no NCT numbers", "Write NCT and 8 digits, such as NCT04852770.")
        return self._fetch(wanted)

    def search(self, terms: str | Iterable[str], *, area_terms: str | Iterable[str] = (), limit: int | None = None) -> Iterator[Study]:
        """The studies on any of these terms and, where area terms are given, on any of these conditions; at most ``limit`` of them."""
        params = {name: query for name, query in (("query.term", _any_of(terms)), ("query.cond", _any_of(area_terms))) if query}
        asked = f"studies on {' and '.join(map(repr, params.values())) or 'no terms'}"
        if not params or (limit is not None and limit < 1):
            raise RegistryError(asked, "not asked, as it needs a term, and a limit of at least 1", "Give at least one term; ask for at least one study.")
        return self._studies(params, asked, limit)

    def _fetch(self, wanted: list[str]) -> Iterator[Study]:
        missing: list[str] = []
        for start in range(0, len(wanted), BATCH):
            batch = wanted[start : start + BATCH]
            left = set(batch)
            for study in self._studies({"filter.ids": ",".join(batch)}, _listed(batch), len(batch)):
                if found := left & _numbers_of(study):
                    left -= found
                    yield study
            missing += (number for number in batch if number in left)
        if missing:
            raise RegistryError(_listed(wanted), f"it has none with the number {', '.join(missing)}", "Check the missing numbers.", tuple(missing))

    def _studies(self, params: dict[str, str], asked: str, limit: int | None) -> Iterator[Study]:
        """The studies of all pages, up to the limit. A token that comes again, or too many empty pages, would never end: they end it."""
        params = {**params, "format": "json", "fields": FIELDS, "pageSize": str(min(limit or PAGE, PAGE))}
        tokens: set[str] = set()
        given = empty = 0
        while True:
            studies, token = self._page(params, asked)
            yield from studies[: None if limit is None else limit - given]
            given, empty = given + len(studies), 0 if studies else empty + 1
            if token is None or (limit is not None and given >= limit):
                return
            if token in tokens or empty == EMPTY_PAGES:
                log.warning("Asked the registry for %s: stopped after %d studies, as its pages do not end.", asked, given)
                return
            tokens.add(token)
            params["pageToken"] = token

    def _page(self, params: dict[str, str], asked: str) -> tuple[list[Study], str | None]:
        """One page, asked for again while its faults are passing and attempts are left."""
        attempt = 1
        while True:
            self._keep_pace()
            try:
                return read(self._get(params))
            except Fault as fault:
                if not fault.passing or attempt >= self._limits.attempts:
                    tried = f" (asked {attempt} times)" if attempt > 1 else ""
                    raise RegistryError(asked, fault.came_back + tried, fault.to_do) from fault
                backoff = self._limits.first_wait * 2 ** (attempt - 1) * (1 + self._jitter()) / 2
                self._sleep(min(backoff if fault.wait is None else fault.wait, self._limits.longest_wait))
            attempt += 1

    def _keep_pace(self) -> None:
        """Waits until the next request is due."""
        wait = self._next - self._clock()
        if wait > 0:
            self._sleep(wait)
        self._next = max(self._next, self._clock()) + 1 / self._limits.per_second

    def _get(self, params: dict[str, str]) -> bytearray:
        """The body of one answer, unpacked, within the limits of time and size."""
        limits = self._limits
        deadline = self._clock() + limits.whole
        too_late = threading.Event()
        timer = threading.Timer(limits.whole, self._hang_up, [too_late])
        timer.daemon = True
        timer.start()
        try:
            with self._http.stream("GET", "studies", params=params, extensions={"trace": self._note_socket}) as response:
                body = self._body(response, deadline)
        except httpx.TimeoutException:
            raise Fault(f"no answer in time ({limits.connect:g} seconds to connect, {limits.read:g} to read)", passing=True) from None
        except httpx.HTTPError as fault:
            if too_late.is_set():
                raise self._too_late() from None
            raise Fault(f"the connection broke ({type(fault).__name__}: {excerpt(str(fault))})", passing=True) from fault
        finally:
            timer.cancel()
        if response.status_code != 200:
            raise refusal(response, bytes(body))
        kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if kind != JSON:
            raise Fault(f"an answer that says it is {excerpt(kind) or 'nothing'!r}, not {JSON}", passing=True)
        return body

    def _body(self, response: httpx.Response, deadline: float) -> bytearray:
        """What an answer holds; of a refusal its beginning. Unpacked here, a bit at a time, as a few packed bytes can stand for any number."""
        packing = response.headers.get("Content-Encoding", "identity").strip().lower()
        if packing not in ("identity", "gzip"):
            raise Fault("an answer packed in a way that was not asked for", CHANGED)
        most = self._limits.size if response.status_code == 200 else EXCERPT
        body, unpacker = bytearray(), zlib.decompressobj(wbits=31)
        try:
            for chunk in response.iter_raw():
                body += unpacker.decompress(chunk, most + 1 - len(body)) if packing == "gzip" else chunk[: most + 1 - len(body)]
                if self._clock() > deadline:
                    raise self._too_late()
                if len(body) > most:
                    break
        except zlib.error as fault:
            raise Fault(f"an answer that cannot be unpacked ({excerpt(str(fault))})", passing=True) from None
        if response.status_code == 200 and len(body) > most:
            raise Fault(f"an answer larger than {most:,} bytes", "Ask for fewer studies at once.")
        return body

    def _too_late(self) -> Fault:
        return Fault(f"no whole answer within {self._limits.whole:g} seconds", passing=True)

    def _note_socket(self, event: str, info: dict[str, Any]) -> None:
        """Remembers the connection's socket, by which it can be ended from outside."""
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            self._socket = info["return_value"].get_extra_info("socket")

    def _hang_up(self, too_late: threading.Event) -> None:
        """Ends the connection. The limit for each read alone could be stretched for days by a server that sends a byte at a time."""
        too_late.set()
        if self._socket is not None:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)


def _numbers_of(study: Study) -> set[str]:
    """A study's NCT number and its obsolete ones."""
    try:
        module = study["protocolSection"]["identificationModule"]
        return {module["nctId"], *module.get("nctIdAliases", ())}
    except (KeyError, TypeError, AttributeError):
        return set()


def _any_of(terms: str | Iterable[str]) -> str:
    """One search expression: a text as it stands, or any of several."""
    alternatives = [term.strip() for term in ([terms] if isinstance(terms, str) else terms) if term.strip()]
    return alternatives[0] if len(alternatives) == 1 else " OR ".join(f"({term})" for term in alternatives)


def _listed(numbers: list[str]) -> str:
    """The numbers, or the first few and how many more."""
    return ", ".join(numbers[:5]) + (f" and {len(numbers) - 5} more" if len(numbers) > 5 else "")
