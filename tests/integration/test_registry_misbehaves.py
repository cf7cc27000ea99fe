"""A registry that misbehaves: what it sends is bounded in time and size, never followed elsewhere, and told in words."""

import gzip
import socket
import subprocess
import sys
import threading
import time
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from trials.registry.client import Limits, RegistryClient, RegistryError

ROOT = Path(__file__).parents[2]
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
NUMBER = "NCT00000001"


@contextmanager
def a_server(talk):
    """The base address of a server that talks so to each visitor, and a list of the visits."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        visits: list[bytes] = []

        def serve() -> None:
            while True:
                try:
                    visitor, _ = listening.accept()
                except OSError:
                    return
                with visitor:
                    try:
                        visits.append(visitor.recv(65_536))
                        talk(visitor)
                    except OSError:
                        pass

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/api/v2", visits
        listening.shutdown(socket.SHUT_RDWR)


def refusal(base: str, **limits) -> str:
    """What is said when the registry at this address is asked."""
    with RegistryClient(base, limits=Limits(**{"attempts": 1, "per_second": 1e9} | limits)) as client, pytest.raises(RegistryError) as caught:
        list(client.fetch([NUMBER]))
    return str(caught.value)


def sends(*parts: bytes):
    """A talk of these parts."""
    return lambda visitor: [visitor.sendall(part) for part in parts]


def drips(start: bytes, drop: bytes):
    """A talk that never ends, a little at a time."""

    def talk(visitor):
        visitor.sendall(start)
        while True:
            visitor.sendall(drop)
            time.sleep(0.05)

    return talk


def pours(start: bytes, chunk: bytes):
    """A talk that never ends, as fast as it is taken."""

    def talk(visitor):
        visitor.sendall(start)
        while True:
            visitor.sendall(chunk)

    return talk


@pytest.mark.parametrize("status", [b"301", b"302", b"303", b"307", b"308"])
def test_a_redirect_is_told_and_not_followed(status):
    with a_server(sends(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")) as (elsewhere, seen):
        answer = b"HTTP/1.1 " + status + b" Moved\r\nLocation: " + elsewhere.encode() + b"\r\nContent-Length: 0\r\n\r\n"
        with a_server(sends(answer)) as (base, _):
            assert "a redirect to" in refusal(base)
        assert seen == []


@pytest.mark.parametrize("kind", [b"text/html", b"application/octet-stream", b"application/jsonp", b""])
def test_what_does_not_say_it_is_json_is_not_read(kind):
    with a_server(sends(b"HTTP/1.1 200 OK\r\nContent-Type: " + kind + b'\r\nContent-Length: 15\r\n\r\n{"studies": []}')) as (base, _):
        assert "not application/json" in refusal(base)


def test_json_in_a_known_encoding_is_read():
    with a_server(sends(b'HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: 15\r\n\r\n{"studies": []}')) as (base, _):
        assert "it has none with the number" in refusal(base)


@pytest.mark.parametrize(
    "talk",
    [
        drips(OK + b"Content-Length: 1000000\r\n\r\n", b" "),
        drips(OK, b"X-Slow: 1\r\n"),
        drips(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        drips(b"HTTP/1.1 2", b"0"),
    ],
    ids=["body", "headers", "interim answers", "status line"],
)
def test_an_answer_that_drips_is_ended_after_the_whole_time(talk):
    with a_server(talk) as (base, _):
        said = refusal(base, whole=1, read=30)
    assert "no whole answer within 1 seconds" in said or "the connection broke" in said


def test_an_endless_body_is_ended_at_the_limit():
    with a_server(pours(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + b" " * 65_536 + b"\r\n")) as (base, _):
        assert "an answer larger than 1,000,000 bytes" in refusal(base, size=1_000_000)


def test_endless_headers_are_ended():
    with a_server(pours(OK, b"X-More: " + b"x" * 60_000 + b"\r\n")) as (base, _):
        assert "the connection broke" in refusal(base)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"[" * 100_000, "nested too deeply"),
        (b'{"studies": [], "x": 1e999}', "a number that is none"),
        (b'{"studies": [], "x": NaN}', "a number that is none"),
        (b'{"studies": [' + b"{}," * 400_000 + b"{}]}", "an answer of more than 1,000,000 values"),
        (b"\xff\xfe", "not whole JSON"),
    ],
    ids=["deep", "1e999", "NaN", "many values", "no UTF-8"],
)
def test_hostile_json_is_told_in_words(body, said):
    if said.startswith("an answer of more"):
        body = body.replace(b"{},", b"{},{},")
    with a_server(sends(OK + b"Content-Length: " + str(len(body)).encode() + b"\r\n\r\n", body)) as (base, _):
        assert said in refusal(base)


@pytest.mark.parametrize(
    "base",
    ["https://clinicaltrials.gov.example.org/", "https://example.org", "http://clinicaltrials.gov", "https://clinicaltrials.gov@example.org", "file:///etc"],
)
def test_no_other_host_is_asked(base):
    with pytest.raises(RegistryError, match="not the registry's address"):
        RegistryClient(base)


PEAK = """
import sys
from tests.integration.bombs import peak_megabytes
from trials.registry.client import Limits, RegistryClient, RegistryError
with RegistryClient(sys.argv[1], limits=Limits(attempts=1)) as client:
    try:
        list(client.fetch(["NCT00000001"]))
    except RegistryError as fault:
        print(fault)
print(peak_megabytes())
"""


def test_a_packed_bomb_takes_little_memory():
    bomb = gzip.compress(b" " * 500_000_000, 1)
    with a_server(sends(OK + b"Content-Encoding: gzip\r\nContent-Length: " + str(len(bomb)).encode() + b"\r\n\r\n", bomb)) as (base, _):
        done = subprocess.run([sys.executable, "-c", PEAK, base], cwd=ROOT, capture_output=True, text=True, check=True, timeout=300)
    said, peak = done.stdout.splitlines()
    assert "an answer larger than 20,000,000 bytes" in said
    assert int(peak) < 300
