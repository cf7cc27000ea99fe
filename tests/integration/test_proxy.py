"""nginx before the site, as ``deploy/nginx`` has it: a slow sender holds up nobody, no made-up address is believed, and no answer gets to a disk."""

from __future__ import annotations

import os
import re
import signal
import socket
import sqlite3
import time
from collections import Counter
from contextlib import ExitStack, closing

import httpx
import pytest

from prescreen.doors import rate_limits, sizes

from .processes import PATIENCE, environment, make_small, served
from .proxies import FILES, NGINX, proxied, recording

SLOW = 40
"""Senders that never finish; the site has one worker."""

GIVEN_UP = 40
"""Seconds after which nginx must have given up a sender; it waits for 10."""

pytestmark = [pytest.mark.own_database, pytest.mark.skipif(NGINX is None, reason="nginx is not here")]


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


HEAD = b"POST /screening/q/who/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
HALF_A_HEAD = HEAD + b"X-Other: a"
HALF_A_FORM = HEAD + b"Content-Length: 1000\r\n\r\na"


def sender(address: str, sent: bytes) -> socket.socket:
    """Begins to send a form, and goes no further."""
    sending = socket.create_connection(("127.0.0.1", int(address.rsplit(":", 1)[1])), timeout=GIVEN_UP)
    sending.sendall(sent)
    return sending


@pytest.mark.parametrize("begun", [HALF_A_HEAD, HALF_A_FORM], ids=["half a head", "half a form"])
def test_senders_who_never_finish_hold_up_nobody(begun, site):
    address, _, _ = site
    with ExitStack() as closed, browser(address) as patient:
        slow = [closed.enter_context(sender(address, begun)) for _ in range(SLOW)]
        assert patient.get("/").status_code == 200
        page = patient.get("/screening/q/who/")
        sent = patient.post("/screening/q/who/", data={"csrfmiddlewaretoken": patient.cookies["csrftoken"], "answer": "me"})
        assert (page.status_code, sent.status_code) == (200, 302)
        assert {sending.recv(100) for sending in slow} == {b""}, "nginx gave each of them up"


def test_an_address_has_100_connections_and_another_is_still_served(site):
    address, _, _ = site
    other = httpx.Client(base_url=address, timeout=PATIENCE, transport=httpx.HTTPTransport(local_address="127.0.0.2"))
    with ExitStack() as closed, browser(address) as same, other:
        for _ in range(99):
            closed.enter_context(sender(address, HALF_A_FORM))
        assert same.get("/").status_code == 200, "the 100th"
        closed.enter_context(sender(address, HALF_A_FORM))
        answers = []
        while len(answers) < 50 and 429 not in answers:  # nginx may not have read the last head yet
            time.sleep(0.1)
            answers.append(same.get("/").status_code)
        assert answers[-1] == 429, "the 101st"
        assert other.get("/").status_code == 200


@pytest.mark.parametrize(("length", "status"), [(2_000_000, 204), (sizes.LARGEST_UPLOAD, 204), (23_000_000, 413)])
def test_a_file_for_the_desk_arrives_as_long_as_it_is_not_too_large(length, status, tmp_path):
    with recording() as (port, came), proxied(tmp_path / "nginx", port, port) as address, browser(address) as coordinator:
        assert coordinator.post("/admin/login/", content=b"x" * length).status_code == status
    assert [len(body) for *_, body in came] == ([length] if status == 204 else [])


def test_an_answer_may_take_a_minute_and_the_desk_five():
    """Nobody waits for that long here, so these lines are only read."""
    told = (FILES / "site.conf").read_text(encoding="utf-8")
    assert re.findall(r"location (\S+) {[^}]*proxy_read_timeout (\S+);", told) == [("/", "60s"), ("/admin/", "300s")]


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
    earlier = len((folder / "nginx" / "error.log").read_text())
    largest = b"answer=" + b"x" * (sizes.LARGEST_BODY - 7)
    with browser(address) as patient:
        assert patient.post("/screening/q/who/", content=largest, headers={"Content-Type": "application/x-www-form-urlencoded"}).status_code in (403, 422)
        walk(patient)
        paper = patient.get("/screening/summary.pdf")
    assert paper.content.startswith(b"%PDF")
    assert "buffered to a temporary file" not in (folder / "nginx" / "error.log").read_text()[earlier:]
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
