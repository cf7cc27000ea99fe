"""nginx writes nothing of a visitor down: no address, no page, no search, whatever goes wrong. With the files of ``deploy/nginx`` as they are."""

from __future__ import annotations

import resource
import socket
import ssl
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from .processes import PATIENCE
from .proxies import NGINX, started, write_https

pytestmark = [pytest.mark.own_database, pytest.mark.skipif(NGINX is None, reason="nginx is not here")]

VISITOR = "127.0.0.77"
CANARIES = (VISITOR, "CANARYSEARCH", "CANARYREFERER", "CANARYHOST")
HEAD = (
    "{method} /trials/?q=CANARYSEARCH HTTP/1.1\r\nHost: CANARYHOST\r\nReferer: https://trials.example.org/CANARYREFERER\r\n"
    "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n"
)
MANY = 40
"""Visitors, more than nginx here has connections or memory for."""


@contextmanager
def watched(folder: Path, connections: int = 1024):
    """nginx before a server that takes requests and never answers: the ports, and nginx's process. At the end no file may hold a canary."""
    with socket.create_server(("127.0.0.1", 0), backlog=MANY) as silent:
        ports = write_https(folder, *[silent.getsockname()[1]] * 2, connections=connections)
        with started(folder, ports["443"]) as nginx:
            yield ports, nginx
    found = [
        (file.name, canary)
        for file in sorted(folder.rglob("*"))
        if file.is_file()
        for canary in CANARIES
        if canary.lower() in file.read_bytes().decode("latin1").lower()
    ]
    assert found == []


def visitor(folder: Path, port: int) -> ssl.SSLSocket:
    """A connection by HTTPS from the visitor's address."""
    plain = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE, source_address=(VISITOR, 0))
    return ssl.create_default_context(cafile=folder / "fullchain.pem").wrap_socket(plain, server_hostname="trials.example.org")


def test_who_looks_at_what_when_all_goes_well(tmp_path):
    with watched(tmp_path) as (ports, _):
        with visitor(tmp_path, ports["443"]) as speaking:
            speaking.sendall(HEAD.format(method="TRACE", length=0).encode())
            assert speaking.recv(100).startswith(b"HTTP/1.1 405 ")
        with visitor(tmp_path, ports["443"]) as leaving:
            leaving.sendall(HEAD.format(method="GET", length=0).encode())


def test_who_is_refused(tmp_path):
    """A body that is too large, by HTTPS and by plain HTTP; and what is no TLS at all."""
    head = HEAD.format(method="POST", length=100_000_000).encode()
    with watched(tmp_path) as (ports, _):
        with visitor(tmp_path, ports["443"]) as speaking:
            speaking.sendall(head)
            assert speaking.recv(100).startswith(b"HTTP/1.1 413 ")
        for port, status in (("80", b"413"), ("443", b"400")):
            with socket.create_connection(("127.0.0.1", ports[port]), timeout=PATIENCE, source_address=(VISITOR, 0)) as speaking:
                speaking.sendall(head)
                assert speaking.recv(100).startswith(b"HTTP/1.1 " + status + b" ")
        with socket.create_connection(("127.0.0.1", ports["443"]), timeout=PATIENCE, source_address=(VISITOR, 0)) as speaking:
            speaking.sendall(b"\x16\x03\x01 CANARYSEARCH")
            speaking.shutdown(socket.SHUT_WR)
            assert speaking.recv(100) == b"", "nginx closes the connection"


def test_who_came_when_connections_ran_out(tmp_path):
    with watched(tmp_path, connections=16) as (ports, _), ExitStack() as closed:
        forms = [closed.enter_context(visitor(tmp_path, ports["443"])) for _ in range(8)]
        for form in forms:
            form.sendall(HEAD.format(method="POST", length=4).encode() + b"a=")
        for form in forms:  # each needs a second connection now
            form.sendall(b"bc")
        assert any(is_refused(form) for form in forms)


def test_who_came_when_memory_ran_out(tmp_path):
    """nginx tells that in its gravest words, with the request."""
    with watched(tmp_path) as (ports, nginx), ExitStack() as closed:
        (worker,) = map(int, Path(f"/proc/{nginx.pid}/task/{nginx.pid}/children").read_text().split())
        most = int(Path(f"/proc/{worker}/statm").read_text().split()[0]) * resource.getpagesize() + 4_000_000
        resource.prlimit(worker, resource.RLIMIT_AS, (most, most))
        for _ in range(MANY):
            form = closed.enter_context(visitor(tmp_path, ports["443"]))
            form.sendall(HEAD.format(method="POST", length=400_000).encode() + b"a=")
            if is_refused(form):
                break
        else:
            pytest.fail("nginx had memory for all")


def is_refused(form: ssl.SSLSocket) -> bool:
    """Whether nginx lacks something for this form. A form that lacks nothing is never answered here."""
    form.settimeout(0.5)
    try:
        return form.recv(100).startswith(b"HTTP/1.1 500 ")
    except TimeoutError:
        return False
