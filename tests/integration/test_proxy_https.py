"""nginx with both files of ``deploy/nginx``: plain HTTP, and what HTTPS takes and refuses."""

from __future__ import annotations

import socket
import ssl
import subprocess
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from tests.serving import serving

from .processes import PATIENCE
from .proxies import NGINX, command, started, write_https

pytestmark = [pytest.mark.own_database, pytest.mark.skipif(NGINX is None, reason="nginx is not here")]


@pytest.fixture(scope="module")
def https(tmp_path_factory):
    """A folder with nginx.conf, the project's files in it, and a certificate; the ports of plain HTTP and HTTPS; and what came to the server behind it."""
    folder, came = tmp_path_factory.mktemp("https"), []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            came.append((self.request_version, dict(self.headers)))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *args):
            pass

    with serving(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as server:
        ports = write_https(folder, server.server_port, server.server_port)
        with started(folder, ports["443"]):
            yield folder, ports, came


def greeted(https, oldest: ssl.TLSVersion, newest: ssl.TLSVersion, ciphers: str = "ALL") -> tuple[str, str]:
    """The version of TLS and the method that nginx agrees to, with a client that would take anything between these."""
    folder, ports, _ = https
    client = ssl.create_default_context(cafile=folder / "fullchain.pem")
    client.set_ciphers(f"{ciphers}:@SECLEVEL=0")
    client.minimum_version, client.maximum_version = oldest, newest
    plain = socket.create_connection(("127.0.0.1", ports["443"]), timeout=PATIENCE)
    with plain, client.wrap_socket(plain, server_hostname="trials.example.org") as speaking:
        return speaking.version(), speaking.cipher()[0]


def test_the_file_for_https_is_one_that_nginx_takes(https):
    tested = subprocess.run([*command(https[0]), "-t"], capture_output=True, text=True, check=False)
    assert tested.returncode == 0, tested.stderr
    assert "warn" not in tested.stderr


def test_by_plain_http_people_are_sent_on_and_programs_are_refused(https):
    _, ports, _ = https
    with httpx.Client(base_url=f"http://127.0.0.1:{ports['80']}", headers={"Host": "trials.example.org"}, timeout=PATIENCE, trust_env=False) as asking:
        refused = asking.get("/healthz")
        for path in ("/", "/healthz/", "/trials/?q=healthz", "/screening/summary.json", "/admin/", "/robots.txt"):
            sent_on = asking.get(path)
            assert (sent_on.status_code, sent_on.headers["location"]) == (308, f"https://trials.example.org{path}")
    assert refused.status_code == 403
    assert "location" not in refused.headers
    assert {answer.headers["content-type"] for answer in (refused, sent_on)} == {"text/html; charset=utf-8"}
    assert {answer.headers["server"] for answer in (refused, sent_on)} == {"nginx"}


def test_the_server_is_told_host_address_and_https(https):
    folder, ports, came = https
    came.clear()
    browser = httpx.Client(verify=ssl.create_default_context(cafile=folder / "fullchain.pem"), timeout=PATIENCE, trust_env=False)
    with browser as asking:
        answer = asking.get(f"https://127.0.0.1:{ports['443']}/", headers={"Host": "trials.example.org", "X-Forwarded-Proto": "http", "Connection": "close"})
    assert answer.headers["server"] == "nginx", "nginx tells no version"
    ((version, headers),) = came
    told = {"Host": "trials.example.org", "X-Forwarded-For": "127.0.0.1", "X-Forwarded-Proto": "https", "Connection": None}
    assert {name: headers.get(name) for name in told} == told
    assert version == "HTTP/1.1"


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_tls_that_is_new_enough_is_taken(version, https):
    assert greeted(https, version, version)[0] == version.name.replace("_", ".")


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
def test_tls_that_is_too_old_is_refused(version, https):
    with pytest.raises(ssl.SSLError) as refused:
        greeted(https, version, version)
    assert refused.value.reason == "TLSV1_ALERT_PROTOCOL_VERSION", "nginx refuses the version"


@pytest.mark.parametrize("method", ["ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-RSA-CHACHA20-POLY1305"])
def test_a_good_method_is_taken(method, https):
    assert greeted(https, ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_2, method) == ("TLSv1.2", method)


@pytest.mark.parametrize(
    "method", ["AES128-SHA", "AES128-GCM-SHA256", "ECDHE-RSA-AES128-SHA", "ECDHE-RSA-AES256-SHA384", "ECDHE-RSA-NULL-SHA", "AECDH-AES128-SHA"]
)
def test_a_weak_method_is_refused(method, https):
    """Without a key of the connection's own, with CBC, without any secrecy, or without a certificate."""
    with pytest.raises(ssl.SSLError) as refused:
        greeted(https, ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_2, method)
    assert refused.value.reason == "SSLV3_ALERT_HANDSHAKE_FAILURE", "nginx knows no method that it shares with the client"
