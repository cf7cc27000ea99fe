"""The same headers as ``test_headers_production`` grades, over HTTP from the real server with the settings of a server: its static files and refusals, too."""

from __future__ import annotations

import re
import socket
from http.client import HTTPConnection
from urllib.parse import urlsplit

import httpx
import pytest

from prescreen.doors import sizes
from tests import watched

from .test_headers_production import A_PLUS, score, unnamed

BY_HTTPS = {"X-Forwarded-Proto": "https"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture(scope="module")
def origin(tmp_path_factory):
    with watched.serve(tmp_path_factory.mktemp("watched") / "site") as address:
        yield address


@pytest.fixture(scope="module")
def answers(origin) -> dict[str, httpx.Response]:
    """One answer of each kind."""
    with httpx.Client(base_url=origin, headers=BY_HTTPS, timeout=120, trust_env=False) as browser:
        first = browser.get("/")
        trial = re.search(r'href="(/trials/NCT\d+/)"', browser.get("/trials/").text)[1]
        style = re.search(r'href="(/static/[^"]+\.css)"', first.text)[1]
        script = re.search(r'src="(/static/[^"]+\.js)"', browser.get("/reopen/").text)[1]
        drawing = re.search(r'href="(/static/[^"]+\.svg)"', first.text)[1]
        return {
            "200": first,
            "200 of a trial": browser.get(trial),
            "200 of a style sheet": browser.get(style),
            "200 of a script": browser.get(script),
            "200 of a drawing": browser.get(drawing),
            "200 without its body": browser.head("/learn/"),
            "200 of the desk": browser.get("/admin/login/"),
            "200 for balancers": browser.get("/healthz"),
            "200 for robots": browser.get("/robots.txt"),
            "200 for search engines": browser.get("/sitemap.xml"),
            "206": browser.get(style, headers={"Range": "bytes=0-9"}),
            "302": browser.get("/screening/check/"),
            "304": browser.get(
                style, headers={"If-None-Match": browser.get(style).headers.get("etag", ""), "If-Modified-Since": browser.get(style).headers["last-modified"]}
            ),
            "400 for another host": browser.get("/", headers={"Host": "elsewhere.example"}),
            "400 for a zero byte": browser.get("/trials/%00/"),
            "403": browser.post("/screening/q/who/", content=b"answer=me", headers=FORM),
            "404": browser.get("/no/such/page/"),
            "404 of a static file": browser.get("/static/no/such.css"),
            "403 of a method that nobody knows": browser.request("NONSENSE", "/trials/"),
            "405": browser.get("/leave/"),
            "413": announced(origin, sizes.LARGEST_BODY + 1),
            "414": browser.get("/trials/", params={"q": "x" * sizes.LONGEST_ADDRESS}),
        }


def announced(origin: str, length: int) -> httpx.Response:
    """The answer to a form of which nothing but its length was sent."""
    asking = HTTPConnection("127.0.0.1", urlsplit(origin).port, timeout=120)
    asking.putrequest("POST", "/screening/q/who/")
    for name, value in (BY_HTTPS | FORM | {"Content-Length": str(length)}).items():
        asking.putheader(name, value)
    asking.endheaders()
    answer = asking.getresponse()
    found = httpx.Response(answer.status, headers=answer.getheaders(), content=answer.read())
    asking.close()
    return found


def as_page(answer: httpx.Response) -> dict:
    """In the form in which pages are graded."""
    is_page = answer.headers.get("content-type", "").startswith("text/html")
    scripts = re.findall(r'<script[^>]*\ssrc="([^"]*)"', answer.text) if is_page else []
    return {"headers": dict(answer.headers), "cookies": answer.headers.get_list("set-cookie"), "scripts": scripts}


def test_each_kind_of_answer_came(answers):
    assert {name: answer.status_code for name, answer in answers.items()} == {name: int(name[:3]) for name in answers}


def test_every_answer_of_the_real_server_is_graded_a_plus(answers):
    scores = {name: score(as_page(answer)) for name, answer in answers.items()}
    assert {name: points for name, points in scores.items() if points < A_PLUS} == {}


def test_every_answer_names_its_kind(answers):
    assert unnamed({name: answer.headers.get("content-type", "") for name, answer in answers.items() if answer.content}) == {}
    kinds = {name: answers[f"200 {name}"].headers["content-type"] for name in ("of a drawing", "for search engines")}
    assert kinds == {"of a drawing": "image/svg+xml; charset=utf-8", "for search engines": "application/xml; charset=utf-8"}


NO_REQUESTS = b"nonsense", b"GET / HTTP/9.9", b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x", b"GET /\x00 HTTP/1.1"


@pytest.mark.parametrize("sent", NO_REQUESTS)
def test_what_is_no_request_never_reaches_the_site_and_is_answered_with_nothing(sent, origin):
    """Granian refuses it by itself, without our headers: there is no page that they could protect."""
    with socket.create_connection(("127.0.0.1", urlsplit(origin).port), timeout=60) as speaking:
        speaking.sendall(sent + b"\r\n\r\n")
        answer = speaking.recv(10_000)
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400")
    assert body == b""
