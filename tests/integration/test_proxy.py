"""nginx before the site, as ``deploy/nginx`` has it: a slow sender holds up nobody, no made-up address is believed, and no answer gets to a disk."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import time
from collections import Counter
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import httpx
import pytest

from prescreen.doors import rate_limits, sizes

from .clusters import free_port
from .processes import PATIENCE, ROOT, environment, make_small, served

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
FILES = ROOT / "deploy" / "nginx"
SLOW = 40
"""Senders that never finish; the site has one worker."""

GIVEN_UP = 40
"""Seconds after which nginx must have given up a sender; it waits for 10."""

pytestmark = [pytest.mark.own_database, pytest.mark.skipif(NGINX is None, reason="nginx is not here")]

AROUND = """
daemon off;
pid {folder}/pid;
error_log {folder}/error.log warn;
worker_processes 1;
events {{ worker_connections 1024; }}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/answers;
    fastcgi_temp_path {folder}/f;
    uwsgi_temp_path {folder}/u;
    scgi_temp_path {folder}/s;
    limit_conn_zone $binary_remote_addr zone=prescreen_clients:1m;
    upstream prescreen_patients {{ server 127.0.0.1:{patients}; keepalive 4; }}
    upstream prescreen_desk {{ server 127.0.0.1:{desk}; keepalive 4; }}
    server {{
        listen 127.0.0.1:{port};
        include {folder}/site.conf;
    }}
}}
"""


@contextmanager
def proxied(folder: Path, patients: int, desk: int):
    """nginx with the project's own file before these ports; gives its address. Its log tells more than on a server, and lies in the folder."""
    folder.mkdir()
    port = free_port()
    text = (FILES / "site.conf").read_text(encoding="utf-8")
    (folder / "site.conf").write_text(text.replace("/var/log/nginx/prescreen.log crit", f"{folder}/error.log warn"), encoding="utf-8")
    (folder / "nginx.conf").write_text(AROUND.format(folder=folder, port=port, patients=patients, desk=desk), encoding="utf-8")
    process = subprocess.Popen([NGINX, "-p", folder, "-c", folder / "nginx.conf", "-e", folder / "error.log"])
    try:
        until(lambda: can_connect(port), "nginx did not start")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(PATIENCE)


def can_connect(port: int) -> bool:
    with socket.socket() as trying:
        return trying.connect_ex(("127.0.0.1", port)) == 0


def until(true, otherwise: str) -> None:
    ends = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < ends, otherwise
        time.sleep(0.1)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Patients' server and the desk's, over one database, behind nginx: its address, the folder, and the desk's server."""
    folder = tmp_path_factory.mktemp("proxied")
    given = environment(folder / "db.sqlite3", DJANGO_TRUSTED_PROXIES="127.0.0.1", RATE_LIMITS_FILE=str(folder / "counts"))
    make_small(given, folder)
    with served(given, folder / "patients.log") as patients, served(given, folder / "desk.log") as desk:
        ports = [int(server.address.rsplit(":", 1)[1]) for server in (patients, desk)]
        with proxied(folder / "nginx", *ports) as address:
            yield address, folder, desk


def browser(address: str) -> httpx.Client:
    return httpx.Client(base_url=address, timeout=PATIENCE, trust_env=False)


def slow_sender(address: str) -> socket.socket:
    """Begins to send a form, and goes no further."""
    sending = socket.create_connection(("127.0.0.1", int(address.rsplit(":", 1)[1])), timeout=GIVEN_UP)
    head = "POST /screening/q/who/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\n"
    sending.sendall(head.encode() + b"a")
    return sending


def test_senders_who_never_finish_hold_up_nobody(site):
    address, _, _ = site
    with ExitStack() as closed, browser(address) as patient:
        slow = [closed.enter_context(slow_sender(address)) for _ in range(SLOW)]
        assert patient.get("/").status_code == 200
        page = patient.get("/screening/q/who/")
        sent = patient.post("/screening/q/who/", data={"csrfmiddlewaretoken": patient.cookies["csrftoken"], "answer": "me"})
        assert (page.status_code, sent.status_code) == (200, 302)
        assert {sender.recv(100) for sender in slow} == {b""}, "nginx gave each of them up"


def test_a_made_up_address_dodges_no_limit(site):
    address, folder, _ = site
    most = rate_limits.LIMITS["summary_pdf"].times
    with browser(address) as cheat:
        made_up = (dict.fromkeys(("X-Forwarded-For", "X_Forwarded_For", "x_forwarded-for"), f"198.51.100.{turn % 250}") for turn in range(most + 1))
        statuses = Counter(cheat.get("/screening/summary.pdf", headers={"Cookie": "answers=none", **headers}).status_code for headers in made_up)
    assert statuses == {302: most, 429: 1}
    with closing(sqlite3.connect(folder / "counts")) as counts:
        assert counts.execute("SELECT times FROM counts").fetchall() == [(most + 1,)]


def test_answers_and_papers_touch_no_disk(site):
    address, folder, _ = site
    (folder / "counts").unlink(missing_ok=True)  # the papers that another test asked for
    largest = b"answer=" + b"x" * (sizes.LARGEST_BODY - 7)
    with browser(address) as patient:
        assert patient.post("/screening/q/who/", content=largest, headers={"Content-Type": "application/x-www-form-urlencoded"}).status_code in (403, 422)
        walk(patient)
        paper = patient.get("/screening/summary.pdf")
    assert paper.content.startswith(b"%PDF")
    assert "buffered to a temporary file" not in (folder / "nginx" / "error.log").read_text()
    # No reader here is slow enough for nginx to put an answer aside, so this line is only read.
    assert "\nproxy_max_temp_file_size 0;\n" in (FILES / "site.conf").read_text(encoding="utf-8")


def walk(patient: httpx.Client) -> None:
    """Answers "not sure" to all questions."""
    for key, answer in (("who", "me"), ("area", "eye")):
        patient.get(f"/screening/q/{key}/")
        page = patient.post(f"/screening/q/{key}/", data={"csrfmiddlewaretoken": patient.cookies["csrftoken"], "answer": answer})
    while "/q/" in page.headers["location"]:
        page = patient.post(page.headers["location"], data={"csrfmiddlewaretoken": patient.cookies["csrftoken"], "answer": "unknown"})


def test_a_busy_desk_holds_up_no_patient(site):
    address, _, desk = site
    (worker,) = desk.workers()
    os.kill(worker, signal.SIGSTOP)
    try:
        with browser(address) as coordinator, browser(address) as patient:
            with pytest.raises(httpx.ReadTimeout):
                coordinator.get("/admin/login/", timeout=2)
            assert patient.get("/screening/q/who/").status_code == 200
    finally:
        os.kill(worker, signal.SIGCONT)
    with browser(address) as coordinator:
        assert coordinator.get("/admin/login/").status_code == 200


@pytest.mark.parametrize("path", ["/", "/admin/login/", "/sitemap.xml"])
def test_trace_is_refused(path, site):
    with browser(site[0]) as cheat:
        refused = cheat.request("TRACE", path)
    assert (refused.status_code, refused.headers["content-type"]) == (405, "text/html; charset=utf-8")


def test_no_log_tells_who_looked_at_what(site):
    address, folder, _ = site
    with browser(address) as patient:
        assert patient.get("/screening/check/?a=b").status_code == 302
        assert patient.get("/no/such/page/").status_code == 404
    assert sorted(path.name for path in (folder / "nginx").glob("*.log")) == ["error.log"]
    text = (FILES / "site.conf").read_text(encoding="utf-8")
    assert re.findall(r"^(?:access|error)_log .*", text, re.MULTILINE) == ["access_log off;", "error_log /var/log/nginx/prescreen.log crit;"]


@pytest.fixture(scope="module")
def https_files(tmp_path_factory):
    """A folder with nginx.conf, the project's own two files in it, and a certificate; and the ports of plain HTTP and HTTPS."""
    folder, ports = tmp_path_factory.mktemp("https"), {"80": free_port(), "443": free_port()}
    make = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1", "-subj", "/CN=trials.example.org"]
    subprocess.run([*make, "-keyout", folder / "privkey.pem", "-out", folder / "fullchain.pem"], check=True, capture_output=True)
    text = (FILES / "https.conf").read_text(encoding="utf-8")
    text = text.replace("/etc/letsencrypt/live/trials.example.org", str(folder)).replace("/etc/nginx/prescreen-site.conf", str(folder / "site.conf"))
    text = re.sub(r"listen (\[::\]:)?(80|443)\b", lambda found: f"listen {'[::1]' if found[1] else '127.0.0.1'}:{ports[found[2]]}", text)
    (folder / "site.conf").write_text((FILES / "site.conf").read_text(encoding="utf-8").replace("/var/log/nginx", str(folder)), encoding="utf-8")
    (folder / "nginx.conf").write_text(f"daemon off;\npid {folder}/pid;\nevents {{}}\nhttp {{\n{text}\n}}\n", encoding="utf-8")
    return folder, ports


def nginx_over(folder: Path) -> list:
    return [NGINX, "-p", folder, "-c", folder / "nginx.conf", "-e", folder / "error.log"]


def test_the_file_for_https_is_one_that_nginx_takes(https_files):
    tested = subprocess.run([*nginx_over(https_files[0]), "-t"], capture_output=True, text=True, check=False)
    assert tested.returncode == 0, tested.stderr
    assert "warn" not in tested.stderr


def test_by_plain_http_people_are_sent_on_and_programs_are_refused(https_files):
    folder, ports = https_files
    process = subprocess.Popen(nginx_over(folder))
    try:
        until(lambda: can_connect(ports["80"]), "nginx did not start")
        with httpx.Client(base_url=f"http://127.0.0.1:{ports['80']}", headers={"Host": "trials.example.org"}, timeout=PATIENCE, trust_env=False) as asking:
            refused = asking.get("/healthz")
            for path in ("/", "/healthz/", "/trials/?q=healthz", "/screening/summary.json", "/admin/", "/robots.txt"):
                sent_on = asking.get(path)
                assert (sent_on.status_code, sent_on.headers["location"]) == (308, f"https://trials.example.org{path}")
    finally:
        process.terminate()
        process.wait(PATIENCE)
    assert refused.status_code == 403
    assert "location" not in refused.headers
    assert {answer.headers["content-type"] for answer in (refused, sent_on)} == {"text/html; charset=utf-8"}
    assert {answer.headers["server"] for answer in (refused, sent_on)} == {"nginx"}
