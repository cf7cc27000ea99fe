"""nginx with the project's own files, each time in a folder of its own."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from tests.serving import serving

from .clusters import free_port
from .processes import PATIENCE, ROOT

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
FILES = ROOT / "deploy" / "nginx"

USER = "user root root;" if os.geteuid() == 0 else ""
"""Whoever runs the tests, so that they may set a limit to nginx's memory."""

AROUND = """
{user}
daemon off;
pid {folder}/pid;
error_log {folder}/error.log {level};
worker_processes 1;
events {{ worker_connections {connections}; }}
http {{
    access_log {folder}/access.log;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/answers;
    fastcgi_temp_path {folder}/f;
    uwsgi_temp_path {folder}/u;
    scgi_temp_path {folder}/s;
    {servers}
}}
"""
"""What stands in the main nginx.conf of a server. An access log, as Debian's has one."""

PLAIN = """
    limit_conn_zone $binary_remote_addr zone=prescreen_clients:1m;
    upstream prescreen_patients {{ server 127.0.0.1:{patients}; keepalive 4; }}
    upstream prescreen_desk {{ server 127.0.0.1:{desk}; keepalive 4; }}
    server {{
        listen 127.0.0.1:{port};
        include {folder}/site.conf;
    }}
"""

LENIENT = """openssl_conf = all
[all]
ssl_conf = ssl
[ssl]
system_default = lenient
[lenient]
MinProtocol = TLSv1
CipherString = ALL:@SECLEVEL=0
"""
"""OpenSSL's own settings, with which it takes what is old and weak: what is refused, nginx's file refuses."""


def command(folder: Path) -> list:
    """nginx over what lies in the folder."""
    return [NGINX, "-p", folder, "-c", folder / "nginx.conf", "-e", folder / "error.log"]


@contextmanager
def started(folder: Path, port: int) -> Iterator[subprocess.Popen]:
    """nginx over what lies in the folder, until the block is left."""
    (folder / "openssl.cnf").write_text(LENIENT, encoding="utf-8")
    with (folder / "stderr.log").open("wb") as told:
        process = subprocess.Popen(command(folder), stderr=told, env=os.environ | {"OPENSSL_CONF": str(folder / "openssl.cnf")})
    try:
        until(lambda: can_connect(port), "nginx did not start")
        yield process
    finally:
        process.terminate()
        process.wait(PATIENCE)


@contextmanager
def proxied(folder: Path, patients: int, desk: int) -> Iterator[str]:
    """nginx with site.conf alone before these ports; gives its address. Its log tells more than on a server, and lies in the folder."""
    folder.mkdir()
    port = free_port()
    text = (FILES / "site.conf").read_text(encoding="utf-8")
    (folder / "site.conf").write_text(re.sub(r"(?m)^error_log .*", f"error_log {folder}/error.log warn;", text), encoding="utf-8")
    servers = PLAIN.format(folder=folder, port=port, patients=patients, desk=desk)
    (folder / "nginx.conf").write_text(AROUND.format(user=USER, folder=folder, level="warn", connections=1024, servers=servers), encoding="utf-8")
    with started(folder, port):
        yield f"http://127.0.0.1:{port}"


def write_https(folder: Path, patients: int, desk: int, connections: int = 1024) -> dict[str, int]:
    """Writes nginx.conf, both files of the project and a certificate; gives the ports of plain HTTP ("80") and of HTTPS ("443").

    Logs lie in the folder, as far as the project's files name any; nginx's own tells all that it can.
    """
    ports = {"80": free_port(), "443": free_port()}
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=trials.example.org"]
    make += ["-addext", "subjectAltName=DNS:trials.example.org,IP:127.0.0.1", "-keyout", folder / "privkey.pem", "-out", folder / "fullchain.pem"]
    subprocess.run(make, check=True, capture_output=True)
    for name in ("site.conf", "https.conf"):
        text = (FILES / name).read_text(encoding="utf-8").replace("/var/log/nginx", str(folder))
        text = text.replace("/etc/letsencrypt/live/trials.example.org", str(folder)).replace("/etc/nginx/prescreen-site.conf", str(folder / "site.conf"))
        text = text.replace("127.0.0.1:8000", f"127.0.0.1:{patients}").replace("127.0.0.1:8001", f"127.0.0.1:{desk}")
        text = re.sub(r"listen (\[::\]:)?(80|443)\b", lambda found: f"listen {'[::1]' if found[1] else '127.0.0.1'}:{ports[found[2]]}", text)
        (folder / name).write_text(text, encoding="utf-8")
    servers = f"include {folder}/https.conf;"
    (folder / "nginx.conf").write_text(AROUND.format(user=USER, folder=folder, level="info", connections=connections, servers=servers), encoding="utf-8")
    return ports


@contextmanager
def recording():
    """A server that keeps what nginx sends it; gives its port and what came: the connection, and the request as it was told."""
    came = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self):
            body = self.rfile.read(int(self.headers["Content-Length"] or 0))
            came.append((self.client_address, self.command, self.headers["Transfer-Encoding"], body))
            self.send_response(204)
            self.end_headers()

        do_GET = do_POST = answer

        def log_message(self, *args):
            """Says nothing."""

    with serving(HTTPServer(("127.0.0.1", 0), Handler)) as server:
        yield server.server_port, came


def can_connect(port: int) -> bool:
    with socket.socket() as trying:
        return trying.connect_ex(("127.0.0.1", port)) == 0


def until(true, otherwise: str) -> None:
    ends = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < ends, otherwise
        time.sleep(0.1)
