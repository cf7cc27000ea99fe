"""The container's question after the site's health: a real process asks a real server."""

import os
import subprocess
import sys
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.serving import serving

from .processes import environment, make_small, served

SCRIPT = Path(__file__).parents[2] / "deploy" / "is_healthy.py"


def asked(port: int, hosts: str = "localhost"):
    """The script's process, once it has ended."""
    environment = os.environ | {"PORT": str(port), "DJANGO_ALLOWED_HOSTS": hosts}
    return subprocess.run([sys.executable, SCRIPT], env=environment, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def answering():
    """Starts servers that answer everything with one status, and keeps what they were asked."""
    running = ExitStack()

    def start(status: int) -> tuple[int, list]:
        requests = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                requests.append((self.path, self.headers["Host"], self.headers["X-Forwarded-Proto"]))
                self.send_response(status)
                self.send_header("Location", "https://localhost/healthz")
                self.end_headers()

            def log_message(self, *args):
                """Says nothing."""

        return running.enter_context(serving(HTTPServer(("127.0.0.1", 0), Handler))).server_port, requests

    with running:
        yield start


def test_the_site_itself_is_healthy(tmp_path):
    make_small(site := environment(tmp_path / "db.sqlite3"), tmp_path)
    with served(site, tmp_path / "log") as server:
        finished = asked(urlsplit(server.address).port)
    assert (finished.returncode, finished.stderr) == (0, "")


def test_it_asks_as_the_proxy_does_for_the_first_host(answering):
    port, requests = answering(200)
    assert asked(port, ".trials.example.org, other.example.org").returncode == 0
    assert requests == [("/healthz", "trials.example.org", "https")]


@pytest.mark.parametrize("status", [204, 301, 400, 500, 503])
def test_any_other_answer_is_not_healthy(answering, status):
    finished = asked(answering(status)[0])
    assert (finished.returncode, finished.stderr) == (1, f"/healthz answers {status}\n")


def test_no_answer_is_not_healthy(answering):
    server = HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    server.server_close()
    finished = asked(server.server_port)
    assert (finished.returncode, finished.stderr) == (1, "no answer: ConnectionRefusedError\n")
