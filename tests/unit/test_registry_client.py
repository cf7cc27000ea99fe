"""The registry client against a small server that speaks the same API on this machine: what it asks, gives, tries again and refuses."""

import gzip
import json
import logging
import pickle
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.serving import serving
from trials.registry.client import API, BATCH, Limits, RegistryClient, RegistryError
from trials.registry.replies import DEEPEST

ONE, TWO, THREE, NONE = "NCT00000001", "NCT00000002", "NCT00000003", "NCT09999999"


def study(number, condition="hemophilia", **identification):
    """A study as the API writes it, as far as the client looks."""
    return {"protocolSection": {"identificationModule": {"nctId": number, **identification}, "conditionsModule": {"conditions": [condition]}}}


def number_of(found):
    return found["protocolSection"]["identificationModule"]["nctId"]


def numbers_of(studies):
    return [number_of(found) for found in studies]


@dataclass
class Answer:
    """One answer that the server gives instead of the true one."""

    body: bytes | str = "{}"
    status: int = 200
    headers: dict = field(default_factory=dict)
    drip: float = 0  # seconds between the bytes
    silence: float = 0  # seconds before the answer
    cut: bool = False  # half the body that was promised

    def write(self, handler):
        body = self.body.encode() if isinstance(self.body, str) else self.body
        time.sleep(self.silence)
        handler.send_response_only(self.status)
        for name, value in {"Content-Type": "application/json", "Content-Length": len(body), **self.headers}.items():
            handler.send_header(name, str(value))
        handler.end_headers()
        for part in [body[i : i + 1] for i in range(len(body))] if self.drip else [body[: len(body) // 2] if self.cut else body]:
            handler.wfile.write(part)
            time.sleep(self.drip)


class Server(ThreadingHTTPServer):
    """Serves its studies as the API does, after the answers that a test lines up. ``always`` is given when those run out."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{self.server_port}/api/v2"
        self.studies, self.answers, self.always, self.asked = [study(ONE), study(TWO), study(THREE, "sickle cell")], [], None, []

    def handle_error(self, *_):
        """A client that hangs up is no news."""

    def answer(self, path, query):
        """The API's own answer."""
        if path != "/api/v2/studies":
            return Answer("no such page", 404)
        found = self.studies
        if "filter.ids" in query:
            ids = set(query["filter.ids"].split(","))
            modules = [(item, item["protocolSection"]["identificationModule"]) for item in found]
            found = [item for item, module in modules if ids & {module["nctId"], *module.get("nctIdAliases", ())}]
        for name in {"query.term", "query.cond"} & set(query):
            found = [item for item in found if any(term.strip("()") in json.dumps(item) for term in query[name].split(" OR "))]
        start, size = int(query.get("pageToken", "t0")[1:]), int(query["pageSize"])
        page = {"studies": found[start : start + size]}
        return Answer(json.dumps(page if start + size >= len(found) else {**page, "nextPageToken": f"t{start + size}"}))


class Handler(BaseHTTPRequestHandler):
    """Hands each request to the server's answers."""

    def do_GET(self):
        url = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        self.server.asked.append((url.path, query, dict(self.headers)))
        lined_up = self.server.answers.pop(0) if self.server.answers else self.server.always
        (lined_up or self.server.answer(url.path, query)).write(self)

    def log_message(self, *_):
        """Says nothing."""


class Time:
    """A clock that only sleeping moves, and that remembers each sleep."""

    def __init__(self):
        self.now, self.sleeps = 100.0, []

    def clock(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds
        self.sleeps.append(seconds)


@pytest.fixture
def server():
    with serving(Server()) as running:
        yield running


@pytest.fixture
def timer():
    return Time()


@pytest.fixture
def client(server, timer):
    """A client that never really waits, at so high a rate that only its retries sleep."""
    with RegistryClient(server.base, limits=Limits(per_second=1e9), clock=timer.clock, sleep=timer.sleep, jitter=lambda: 1.0) as made:
        yield made


@contextmanager
def refused(*said):
    """An error of the registry that says each of these."""
    with pytest.raises(RegistryError) as caught:
        yield caught
    for words in ("Asked the registry for", *said):
        assert words in str(caught.value)


# What it asks and gives


def test_numbers_give_their_studies_as_the_registry_writes_them(server, client):
    assert list(client.fetch([ONE, THREE])) == [study(ONE), study(THREE, "sickle cell")]
    ((path, query, headers),) = server.asked
    assert path == "/api/v2/studies"
    assert query == {"filter.ids": f"{ONE},{THREE}", "format": "json", "fields": "protocolSection,derivedSection,hasResults", "pageSize": "2"}
    assert headers["User-Agent"].startswith("gene-therapy-prescreener/")


def test_numbers_are_tidied_and_asked_for_once(server, client):
    assert numbers_of(client.fetch([f" {ONE.lower()}\n", ONE])) == [ONE]
    assert server.asked[0][1]["filter.ids"] == ONE


def test_no_numbers_ask_for_nothing(server, client):
    assert list(client.fetch([])) == [] and server.asked == []


def test_many_numbers_are_asked_for_in_batches(server, client):
    numbers = [f"NCT{i:08}" for i in range(1, 2 * BATCH + 2)]
    server.studies = [study(number) for number in numbers]
    assert numbers_of(client.fetch(numbers)) == numbers
    assert [query["filter.ids"].count("NCT") for _, query, _ in server.asked] == [BATCH, BATCH, 1]


def test_each_missing_number_is_named_after_the_others_are_given(server, client):
    found = []
    with refused("NCT08888888", NONE, "Check the missing numbers") as caught:
        found.extend(client.fetch([ONE, "NCT08888888", TWO, NONE]))  # extend keeps what came before the error
    assert numbers_of(found) == [ONE, TWO]
    assert caught.value.missing == ("NCT08888888", NONE)


def test_the_missing_numbers_of_all_batches_are_named_together(client):
    with refused("NCT08000000", NONE) as caught:
        list(client.fetch([ONE, *(f"NCT{i:08}" for i in range(8_000_000, 8_000_000 + BATCH)), NONE]))
    assert len(caught.value.missing) == BATCH + 1


def test_an_obsolete_number_gives_the_study_that_took_its_place_once(server, client):
    server.studies = [study(ONE, nctIdAliases=[TWO])]
    assert numbers_of(client.fetch([TWO])) == [ONE]
    assert numbers_of(client.fetch([ONE, TWO])) == [ONE]


def test_studies_that_were_not_asked_for_are_not_given(server, client):
    server.always = Answer(json.dumps({"studies": [study(TWO), {}, {"protocolSection": []}], "nextPageToken": "more"}))
    with refused(ONE) as caught:
        assert list(client.fetch([ONE])) == []
    assert caught.value.missing == (ONE,)


@pytest.mark.parametrize("number", ["", "NCT1234567", "NCT123456789", "12345678", "NCT0000000１", f"{ONE},{TWO}"])
def test_what_is_no_nct_number_is_refused_before_anything_is_asked(number, server, client):
    with refused("no NCT numbers"):
        client.fetch([ONE, number])
    assert server.asked == []


def test_a_search_follows_the_pages_with_the_same_question(server, client):
    server.studies = [study(f"NCT{i:08}") for i in range(250)]
    assert numbers_of(client.search("hemophilia")) == numbers_of(server.studies)
    queries = [query for _, query, _ in server.asked]
    assert [query.pop("pageToken", None) for query in queries] == [None, "t100", "t200"]
    assert queries[0] == queries[1] == queries[2]


@pytest.mark.parametrize(("limit", "pages"), [(1, 1), (99, 1), (100, 1), (101, 2), (250, 3), (251, 3)])
def test_a_search_gives_no_more_than_its_limit_and_asks_for_no_page_in_vain(limit, pages, server, client):
    server.studies = [study(f"NCT{i:08}") for i in range(250)]
    assert len(list(client.search("hemophilia", limit=limit))) == min(limit, 250)
    assert len(server.asked) == pages


def test_a_page_is_asked_for_only_when_its_studies_are_wanted(server, client):
    server.studies = [study(f"NCT{i:08}") for i in range(250)]
    assert len(list(islice(client.search("hemophilia"), 100))) == 100
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("terms", "area_terms", "asked"),
    [
        ("AAV", (), {"query.term": "AAV"}),
        (["AAV", " CRISPR "], "", {"query.term": "(AAV) OR (CRISPR)"}),
        ("AAV", ["hemophilia"], {"query.term": "AAV", "query.cond": "hemophilia"}),
        ([], ["hemophilia", "sickle cell", " "], {"query.cond": "(hemophilia) OR (sickle cell)"}),
    ],
)
def test_terms_and_area_terms_are_asked_for_as_any_of_them(terms, area_terms, asked, server, client):
    list(client.search(terms, area_terms=area_terms))
    assert {name: value for name, value in server.asked[0][1].items() if name.startswith("query.")} == asked


@pytest.mark.parametrize(("terms", "limit"), [("", None), ([" "], 5), ("AAV", 0), ("AAV", -1)])
def test_a_search_for_everything_or_nothing_is_refused(terms, limit, server, client):
    with refused("at least"):
        client.search(terms, limit=limit)
    assert server.asked == []


def test_pages_that_go_round_in_a_loop_end(server, client, caplog):
    pages = [Answer(json.dumps({"studies": [study(number)], "nextPageToken": token})) for number, token in ((ONE, "a"), (TWO, "b"), (THREE, "a"))]
    server.answers, server.always = pages, Answer("{}", 404)
    with caplog.at_level(logging.WARNING):
        assert numbers_of(client.search("hemophilia")) == [ONE, TWO, THREE]
    assert "stopped after 3 studies" in caplog.text


def test_an_empty_page_is_passed_over_and_many_end_the_search(server, client, caplog):
    def page(token, *studies):
        return Answer(json.dumps({"studies": studies, "nextPageToken": token}))

    server.answers = [page("a", study(ONE)), page("b"), page("c", study(TWO)), page("d"), page("e"), page("f"), page("g", study(THREE))]
    assert numbers_of(client.search("hemophilia")) == [ONE, TWO]
    assert "stopped after 2 studies" in caplog.text


@pytest.mark.parametrize("last", [{"studies": []}, {"studies": [], "nextPageToken": None}, {"studies": [], "nextPageToken": ""}])
def test_an_empty_last_page_ends_the_search(last, server, client, caplog):
    server.answers = [Answer(json.dumps(last))]
    assert list(client.search("hemophilia")) == [] and caplog.messages == []


def test_a_packed_answer_is_unpacked(server, client):
    server.answers = [Answer(gzip.compress(json.dumps({"studies": [study(ONE)]}).encode()), headers={"Content-Encoding": "gzip"})]
    assert numbers_of(client.fetch([ONE])) == [ONE]


# What it tries again


@pytest.mark.parametrize(
    ("faults", "sleeps"),
    [
        ([Answer("slow down", 429, {"Retry-After": "7"})], [7]),
        ([Answer("slow down", 429, {"Retry-After": "86400"})], [60]),
        ([Answer("slow down", 429)], [1]),
        ([Answer("slow down", 429, {"Retry-After": "soon"})], [1]),
        ([Answer("", 503, {"Retry-After": "Sun, 22 Nov 2026 10:00:09 GMT", "Date": "Sun, 22 Nov 2026 10:00:00 GMT"})], [9]),
        ([Answer("", 503, {"Retry-After": "Sun, 22 Nov 2026 10:00:09 GMT"})], [1]),
        ([Answer("", 500), Answer("", 500)], [1, 2]),
        ([Answer("", 501), Answer("", 502), Answer("", 503), Answer("", 504)], [1, 2, 4, 8]),
        ([Answer('{"studies": [{"protocolSec')], [1]),
        ([Answer(b'{"studies": ["\xff"]}')], [1]),
        ([Answer("<html>Maintenance</html>")], [1]),
        ([Answer('{"studies": []}', cut=True)], [1]),
        ([Answer("not gzip", headers={"Content-Encoding": "gzip"})], [1]),
    ],
)
def test_a_passing_fault_is_waited_out(faults, sleeps, server, client, timer):
    server.answers = list(faults)
    assert numbers_of(client.fetch([ONE])) == [ONE]
    assert timer.sleeps == pytest.approx(sleeps, abs=1e-6)
    assert len({json.dumps(query) for _, query, _ in server.asked}) == 1


@pytest.mark.parametrize(("jitter", "sleeps"), [(0.0, [0.5, 1, 2, 4]), (0.5, [0.75, 1.5, 3, 6]), (1.0, [1, 2, 4, 8])])
def test_jitter_shortens_a_wait_by_up_to_half(jitter, sleeps, server, timer):
    server.answers = [Answer("", 500)] * 4
    with RegistryClient(server.base, limits=Limits(per_second=1e9), clock=timer.clock, sleep=timer.sleep, jitter=lambda: jitter) as client:
        list(client.fetch([ONE]))
    assert timer.sleeps == pytest.approx(sleeps, abs=1e-6)


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (Answer("slow\n down", 429, {"Retry-After": "2"}), ("HTTP 429 slow down (asked 5 times)", "Wait some minutes")),
        (Answer("", 503), ("HTTP 503 (asked 5 times)", "try again later")),
        (Answer('{"studies": ['), ("not whole JSON", "(asked 5 times)")),
        (Answer('{"studies": []}', cut=True), ("the connection broke", "(asked 5 times)")),
    ],
)
def test_a_fault_that_does_not_pass_is_told_after_the_last_attempt(fault, said, server, client):
    server.always = fault
    with refused(ONE, *said):
        list(client.fetch([ONE]))
    assert len(server.asked) == 5


def test_a_fault_on_a_later_page_is_told_after_the_studies_before_it(server, client):
    server.studies = [study(f"NCT{i:08}") for i in range(101)]
    found = client.search("hemophilia")
    assert len(list(islice(found, 100))) == 100
    server.always = Answer("", 500)
    with refused("'hemophilia'", "HTTP 500"):
        next(found)


def test_nobody_there_is_a_clear_error(timer):
    with Server() as closed:
        base = closed.base
    with RegistryClient(base, clock=timer.clock, sleep=timer.sleep) as client, refused(ONE, "the connection broke", "Check the connection"):
        list(client.fetch([ONE]))


@pytest.mark.parametrize(
    ("slow", "limits", "said"),
    [
        (Answer('{"studies": []}', silence=0.4), {"read": 0.1}, "no answer in time (10 seconds to connect, 0.1 to read)"),
        (Answer('{"studies": []}', drip=0.04), {"whole": 0.1}, "no whole answer within 0.1 seconds"),
    ],
)
def test_a_slow_answer_is_not_waited_for(slow, limits, said, server):
    server.always = slow
    with (
        RegistryClient(server.base, limits=Limits(attempts=2, per_second=1e9, **limits), sleep=lambda _: None) as client,
        refused(ONE, said, "(asked 2 times)"),
    ):
        list(client.fetch([ONE]))
    assert len(server.asked) == 2


@pytest.mark.parametrize(("per_second", "sleeps"), [(1, [1, 1]), (4, [0.25, 0.25]), (0.8, [1.25, 1.25])])
def test_requests_keep_their_distance(per_second, sleeps, server, timer):
    server.studies = [study(f"NCT{i:08}") for i in range(250)]
    with RegistryClient(server.base, limits=Limits(per_second=per_second), clock=timer.clock, sleep=timer.sleep) as client:
        list(client.search("hemophilia"))
        assert timer.sleeps == sleeps
        timer.now += 10
        list(client.fetch([]))
        list(client.search("hemophilia", limit=1))
    assert timer.sleeps == sleeps


# What it refuses


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer("no such page", 404), ("HTTP 404 no such page", "newer version")),
        (Answer("`query.term` is malformed\n", 400), ("HTTP 400 `query.term` is malformed", "Check the terms")),
        (Answer("\x1b[31m" + "x" * 9_000, 403), ("HTTP 403 [31mxxx", "another network")),
        (Answer("", 505), ("HTTP 505.",)),
        (Answer("", 204), ("HTTP 204.",)),
        (Answer("[]"), ("without a list of 'studies'",)),
        (Answer("null"), ("without a list of 'studies'",)),
        (Answer("{}"), ("without a list of 'studies'",)),
        (Answer('{"studies": {}}'), ("without a list of 'studies'",)),
        (Answer('{"studies": ["NCT00000001"]}'), ("without a list of 'studies'",)),
        (Answer('{"studies": [], "nextPageToken": 7}'), ("'nextPageToken' that is not a text",)),
        (Answer('{"studies": [{"latitude": NaN}]}'), ("number that is none",)),
        (Answer('{"studies": [{"latitude": -Infinity}]}'), ("number that is none",)),
        (Answer('{"studies": [{"latitude": 1e999}]}'), ("number that is none",)),
        (Answer('{"studies": [{"enrollment": ' + "9" * 5_000 + "}]}"), ("number that is none",)),
        (Answer('{"studies": [{"nctId": "NCT00000001", "nctId": "NCT00000002"}]}'), ("a key that is there twice",)),
        (Answer("[" * 100_000 + "]" * 100_000), ("deep",)),
        (Answer("x", headers={"Content-Encoding": "gzip, gzip"}), ("packed",)),
    ],
)
def test_an_answer_of_no_use_is_refused_at_once(answer, said, server, client, timer):
    server.always = answer
    with refused(ONE, *said) as caught:
        list(client.fetch([ONE]))
    assert len(server.asked) == 1 and timer.sleeps == []
    assert len(str(caught.value)) < 600 and str(caught.value).isprintable()


@pytest.mark.parametrize(("depth", "taken"), [(DEEPEST, True), (DEEPEST + 1, False)])
def test_json_may_be_nested_so_deep(depth, taken, server, client):
    inner = depth - 3  # inside the page, its list and a study
    server.answers = [Answer(f'{{"studies": [{{"a": {"[" * inner}1{"]" * inner}}}]}}')]
    if taken:
        assert len(list(client.search("hemophilia"))) == 1
    else:
        with refused("nested more than"):
            list(client.search("hemophilia"))


@pytest.mark.parametrize("target", ["/api/v2/studies/NCT00000001", "https://example.org/"])
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(target, status, server, client):
    server.answers = [Answer("", status, {"Location": target})]
    with refused(f"HTTP {status}, a redirect to '{target}', which is not followed"):
        list(client.fetch([ONE]))
    assert len(server.asked) == 1


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(("over", "taken"), [(-1, True), (0, True), (1, False)])
def test_an_answer_may_be_so_large(over, taken, packed, server, timer):
    body = json.dumps({"studies": [study(ONE)]}).encode().ljust(1_000 + over)
    server.answers = [Answer(gzip.compress(body), headers={"Content-Encoding": "gzip"}) if packed else Answer(body)]
    with RegistryClient(server.base, limits=Limits(size=1_000), clock=timer.clock, sleep=timer.sleep) as client:
        if taken:
            assert numbers_of(client.fetch([ONE])) == [ONE]
        else:
            with refused(ONE, "larger than 1,000 bytes", "fewer studies"):
                list(client.fetch([ONE]))
    assert len(server.asked) == 1


def test_an_answer_is_at_most_20_megabytes_by_default():
    assert Limits().size == 20_000_000


@pytest.mark.parametrize("base", [API, "https://clinicaltrials.gov/api/v2/", "http://127.0.0.1:8000/api/v2", "http://127.0.0.1"])
def test_the_registry_by_https_and_this_machine_are_asked(base):
    RegistryClient(base).close()


@pytest.mark.parametrize(
    "base",
    [
        "",
        "clinicaltrials.gov",
        "http://clinicaltrials.gov/api/v2",
        "https://clinicaltrials.gov.example.org/api/v2",
        "https://clinicaltrials.gov@example.org/api/v2",
        "https://someone@clinicaltrials.gov/api/v2",
        "https://clinicaltrials.gov:8443/api/v2",
        "https://www.clinicaltrials.gov/api/v2",
        "https://127.0.0.1/api/v2",
        "http://127.0.0.1@example.org/",
        "http://127.0.0.1.example.org/",
        "http://localhost/api/v2",
        "file:///etc/passwd",
        f"{API}\n",
    ],
)
def test_no_other_address_is_asked(base):
    with refused("not the registry's address", API):
        RegistryClient(base)


def test_a_proxy_of_the_machine_is_not_asked_for_its_own_addresses(server, monkeypatch, timer):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    with RegistryClient(server.base, clock=timer.clock, sleep=timer.sleep) as client:
        assert numbers_of(client.fetch([ONE])) == [ONE]


def test_an_error_survives_pickling():
    error = pickle.loads(pickle.dumps(RegistryError(ONE, "nothing came back", "Try again.", (ONE,))))
    assert (str(error), error.missing) == (f"Asked the registry for {ONE}: nothing came back. Try again.", (ONE,))
