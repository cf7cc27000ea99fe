"""A message has one end, for nginx and for the server alike: what somebody hides behind it is nobody's request."""

from __future__ import annotations

import re
import socket
import time
from urllib.parse import urlsplit

import pytest

from .processes import PATIENCE, environment, make_small, served
from .proxies import NGINX, proxied, recording
from .test_proxy import browser

pytestmark = [pytest.mark.own_database, pytest.mark.skipif(NGINX is None, reason="nginx is not here")]

HOST = b"Host: 127.0.0.1\r\n"
FORM = b"POST /screening/q/who/ HTTP/1.1\r\n" + HOST + b"Content-Type: application/x-www-form-urlencoded\r\n"
CHUNKED = FORM + b"Transfer-Encoding: chunked\r\n\r\n"
HIDDEN = b"GET /hidden/ HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n"
"""Would be answered with 404."""

TWO_MEANINGS = {
    "a length and chunks": FORM + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunks and a length": FORM + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    "chunks in HTTP 1.0": FORM.replace(b"1.1", b"1.0") + b"Connection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "two lengths": FORM + b"Content-Length: 0\r\nContent-Length: %d\r\n\r\n" % len(HIDDEN),
    "two lengths the other way": FORM + b"Content-Length: %d\r\nContent-Length: 0\r\n\r\n" % len(HIDDEN),
    "two lengths in one line": FORM + b"Content-Length: 0, %d\r\n\r\n" % len(HIDDEN),
    "a length with a sign": FORM + b"Content-Length: +3\r\n\r\na=b",
    "a folded line": FORM + b"X-Other: a\r\n b\r\n\r\n",
    "a length in a folded line": FORM + b"Content-Length:\r\n 3\r\n\r\na=b",
    "chunks in a folded line": FORM + b"Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
    "a space before the colon of a length": FORM + b"Content-Length : 3\r\n\r\na=b",
    "a space before the colon of chunks": FORM + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    "a coding that nobody knows": FORM + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "a coding after chunks": FORM + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "two codings": FORM + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "a sign before the coding": FORM + b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n",
    "a bare CR": FORM + b"X-Other: a\rTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a chunk whose size is no number": CHUNKED + b"zz\r\na=b\r\n0\r\n\r\n",
    "a chunk with 0x": CHUNKED + b"0x3\r\na=b\r\n0\r\n\r\n",
    "a chunk with a sign": CHUNKED + b"-3\r\na=b\r\n0\r\n\r\n",
    "a chunk larger than any number": CHUNKED + b"10000000000000003\r\na=b\r\n0\r\n\r\n",
    "a chunk that is longer than its size": CHUNKED + b"2\r\na=b\r\n0\r\n\r\n",
}

BARE_LF = {
    "after a size": CHUNKED + b"3\na=b\r\n0\r\n\r\n",
    "after a chunk": CHUNKED + b"3\r\na=b\n0\r\n\r\n",
    "after an extension": CHUNKED + b"3;x\na=b\r\n0\r\n\r\n",
    "after all": CHUNKED + b"3\na=b\n0\n\n",
}
"""nginx may take LF for CRLF in the lines between chunks (1.22 does); then it has to pass such a message on as one that only has one end."""

WHOLE = {
    "a length": FORM + b"Content-Length: 3\r\n\r\na=b",
    "a length beside its like": FORM + b"Content-Length: 3\r\nContent_Length: %d\r\n\r\na=b" % (len(HIDDEN) + 3),
    "chunks": CHUNKED + b"3\r\na=b\r\n0\r\n\r\n",
    "chunks with a length after them": CHUNKED + b"3\r\na=b\r\n0\r\nContent-Length: %d\r\n\r\n" % len(HIDDEN),
}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The addresses of the server and of nginx before it."""
    folder = tmp_path_factory.mktemp("smuggling")
    given = environment(folder / "db.sqlite3", DJANGO_TRUSTED_PROXIES="127.0.0.1")
    make_small(given, folder)
    with served(given, folder / "log") as server, proxied(folder / "nginx", *[urlsplit(server.address).port] * 2) as address:
        yield server.address, address


def in_two(sent: bytes) -> list[bytes]:
    """The head, and all that follows it."""
    end = sent.index(b"\r\n\r\n") + 4
    return [sent[:end], sent[end:]]


def answers(address: str, *parts: bytes) -> list[int]:
    """The statuses that come back on one connection, until the other side closes it. Each part but the first is sent a moment later."""
    with socket.create_connection(("127.0.0.1", urlsplit(address).port), timeout=PATIENCE) as speaking:
        came = b""
        try:
            for turn, sent in enumerate(parts):
                time.sleep(0.1 * (turn > 0))
                speaking.sendall(sent)
            while part := speaking.recv(100_000):
                came += part
        except (BrokenPipeError, ConnectionResetError):
            pass  # closed before it had read all
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", came)]


@pytest.mark.parametrize("sent", TWO_MEANINGS.values(), ids=TWO_MEANINGS)
def test_nginx_refuses_a_message_with_two_meanings(sent, site):
    assert answers(site[1], sent + HIDDEN) in ([400], [501])
    with browser(site[1]) as other:
        assert other.get("/screening/q/who/").status_code == 200


@pytest.mark.parametrize("sent", (TWO_MEANINGS | BARE_LF).values(), ids=TWO_MEANINGS | BARE_LF)
def test_the_server_answers_nothing_behind_a_message_with_two_meanings(sent, site):
    """It refuses the message; or it refuses the form in it without having read it, and closes the connection."""
    assert answers(site[0], sent + HIDDEN) in ([400], [403])
    assert answers(site[0], *in_two(sent + HIDDEN)) in ([400], [403])
    with browser(site[0]) as other:
        assert other.get("/screening/q/who/").status_code == 200


@pytest.mark.parametrize("sent", WHOLE.values(), ids=WHOLE)
def test_what_is_whole_ends_alike_for_both(sent, site):
    assert [answers(address, sent + HIDDEN) for address in site] == [[403, 404]] * 2


def test_what_is_inside_the_length_is_no_request(site):
    inside = FORM.replace(b"\r\n", b"\r\nConnection: close\r\n", 1) + b"Content-Length: %d\r\n\r\n" % len(HIDDEN) + HIDDEN
    assert [answers(address, inside) for address in site] == [[403], [403]]


def test_all_that_nginx_passes_on_is_counted_by_a_length(tmp_path):
    """It asks for all visitors on one connection, so the server must never find another end than nginx did."""
    with recording() as (port, came), proxied(tmp_path / "nginx", port, port) as address:
        found = [answers(address, *in_two(sent + HIDDEN)) for sent in (WHOLE | BARE_LF).values()]
    assert found[: len(WHOLE)] == [[204, 204]] * len(WHOLE)
    assert all(statuses in ([204, 204], [400]) for statuses in found)
    assert [what for _, *what in came] == [["POST", None, b"a=b"], ["GET", None, b""]] * found.count([204, 204])
    assert len({connection for connection, *_ in came}) == 1
