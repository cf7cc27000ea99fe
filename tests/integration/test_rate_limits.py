"""How often one address may ask: counted by all processes of a machine, not to be dodged, generous to a clinic, and never in the way when it breaks."""

import os
import re
import sqlite3
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from http.client import HTTPConnection
from ipaddress import ip_network
from urllib.parse import urlsplit

import pytest
from django.test import Client, RequestFactory
from django.urls import resolve, reverse

from prescreen.answers import COOKIE
from prescreen.doors import counters, rate_limits
from prescreen.doors.rate_limits import LIMITS, Limit

from .desk import signed_in
from .patients import PDF, RESULTS, SUMMARY, page_of, text_of, title_of
from .processes import environment, manage, served

CLINIC, NOW = "203.0.113.7", 1_800_000_000.0
MANY = LIMITS["summary_pdf"].times


@pytest.fixture
def counts(settings, tmp_path):
    """The file of counts; there is none yet."""
    settings.RATE_LIMITS_FILE = tmp_path / "folder" / "counts"
    return settings.RATE_LIMITS_FILE


def browser() -> Client:
    """A browser with a cookie of answers. They cannot be read, so the PDF leads elsewhere, which is quick and counts as well."""
    client = Client()
    client.cookies[COOKIE] = "not to be read"
    return client


def asked(times: int, **more) -> Counter:
    """How many requests for the PDF were answered with which status."""
    return Counter(browser().get(PDF, **({"REMOTE_ADDR": CLINIC} | more)).status_code for _ in range(times))


def keys(file) -> list[str]:
    """What the file holds."""
    with closing(sqlite3.connect(file)) as connection:
        return [key for (key,) in connection.execute("SELECT key FROM counts")]


def test_counting_goes_up_and_begins_anew_when_the_time_is_over(tmp_path):
    file = tmp_path / "counts"
    assert [counters.count(file, "one", 600, NOW + after) for after in (0, 1, 599)] == [(1, 600), (2, 599), (3, 1)]
    assert counters.count(file, "other", 600, NOW + 1) == (1, 600)
    assert counters.count(file, "one", 600, NOW + 600) == (1, 600)


def test_a_clock_that_was_set_back_locks_nobody_out(tmp_path):
    file = tmp_path / "counts"
    assert counters.count(file, "one", 600, NOW + 86_400) == (1, 600)
    assert counters.count(file, "one", 600, NOW) == (1, 600)


def test_who_waited_for_the_file_counts_though_the_first_one_came_later(tmp_path):
    file = tmp_path / "counts"
    assert [counters.count(file, "one", 600, NOW + after)[0] for after in (0, -0.01, -0.5, 0)] == [1, 2, 3, 4]


@pytest.mark.parametrize("jump", [-3600, 86_400], ids=["back an hour", "forward a day"])
@pytest.mark.django_db
def test_a_clock_that_jumps_locks_nobody_out_and_opens_no_door(jump, counts, monkeypatch):
    """Counting begins anew at each jump, and is as strict and as long as ever after it."""
    monkeypatch.setitem(LIMITS, "summary_pdf", Limit(3, methods=("GET",)))
    for now in (NOW, NOW + jump, NOW + jump + 599, NOW):
        monkeypatch.setattr(rate_limits.time, "time", lambda now=now: now)
        assert asked(4) == ({429: 4} if now == NOW + jump + 599 else {302: 3, 429: 1})
        assert int(browser().get(PDF, REMOTE_ADDR=CLINIC)["Retry-After"]) <= 600


def test_what_is_over_is_gone_from_the_file(tmp_path):
    file = tmp_path / "counts"
    for number in range(50):
        counters.count(file, f"a key of ten minutes ago {number}", 600, NOW)
    assert b"ten minutes ago 49" in file.read_bytes()
    counters.count(file, "another", 600, NOW + 600)
    assert keys(file) == ["another"]
    assert b"ten minutes ago" not in file.read_bytes()


def test_the_file_is_ours_alone(tmp_path):
    file = tmp_path / "counts"
    counters.count(file, "one", 600, NOW)
    assert file.stat().st_mode & 0o777 == 0o600
    (tmp_path / "link").symlink_to(file)
    with pytest.raises(OSError, match="symbolic links"):
        counters.count(tmp_path / "link", "one", 600, NOW)


def key_at(now: float, route: str = PDF, address: str = CLINIC) -> str:
    """What stands in the file for a request."""
    request = RequestFactory().get(route, REMOTE_ADDR=address)
    request.resolver_match = resolve(route)
    return rate_limits.key_of(request, now)


def test_an_address_is_kept_as_a_keyed_hash_that_changes_every_day(settings):
    midnight = datetime(2026, 11, 24, tzinfo=UTC).timestamp()
    before = key_at(midnight - 1)
    assert re.fullmatch("[0-9a-f]{32}", before)
    assert key_at(midnight - 86_400) == before
    others = [key_at(midnight), key_at(midnight - 1, "/reopen/"), key_at(midnight - 1, address="203.0.113.8")]
    settings.SECRET_KEY = "another-secret-that-is-long-enough-for-production-use"
    assert len({before, *others, key_at(midnight - 1)}) == 5


@pytest.mark.django_db
def test_the_file_holds_no_address_and_no_answer(counts, small_catalog, patient):
    patient.remember(diagnosis="rp_x_linked", weight={"value": "73.419826", "unit": "kg"})
    assert patient.client.get(PDF, REMOTE_ADDR=CLINIC).status_code == 200
    assert [len(key) for key in keys(counts)] == [32]
    held = counts.read_bytes()
    assert not [word for word in (CLINIC, "203", "rp_x_linked", "73.419826", "pdf", patient.client.cookies["answers"].value) if word.encode() in held]


@pytest.mark.django_db
def test_a_clinic_gets_its_papers_and_then_a_kind_word(counts):
    assert MANY == 300
    assert asked(MANY) == {302: MANY}
    refused = browser().get(PDF, REMOTE_ADDR=CLINIC)
    assert refused.status_code == 429
    assert title_of(refused).startswith("Please wait a little")
    assert "You can try again in 10 minutes." in text_of(refused)
    assert "your answers are safe in your browser" in text_of(refused)
    assert 1 <= int(refused["Retry-After"]) <= 600
    assert "no-store" in refused["Cache-Control"]
    assert refused["X-Robots-Tag"] == "noindex"
    assert asked(1, REMOTE_ADDR="203.0.113.8") == {302: 1}, "others are served"
    assert Client().get(page_of("who"), REMOTE_ADDR=CLINIC).status_code == 200, "and so are all other pages"


@pytest.mark.django_db
def test_a_made_up_hop_helps_nobody(counts, monkeypatch):
    monkeypatch.setitem(LIMITS, "summary_pdf", Limit(3, methods=("GET",)))
    statuses = [browser().get(PDF, REMOTE_ADDR=CLINIC, headers={"x-forwarded-for": f"198.51.100.{hop}"}).status_code for hop in range(4)]
    assert statuses == [302, 302, 302, 429]


@pytest.mark.django_db
def test_behind_our_proxy_each_client_has_its_own_count(counts, monkeypatch, settings):
    settings.TRUSTED_PROXIES = [ip_network("10.0.0.0/8")]
    monkeypatch.setitem(LIMITS, "summary_pdf", Limit(1, methods=("GET",)))

    def status(forwarded: str) -> int:
        return browser().get(PDF, REMOTE_ADDR="10.0.0.1", headers={"x-forwarded-for": forwarded}).status_code

    assert [status("203.0.113.7"), status("203.0.113.8")] == [302, 302]
    assert [status("198.51.100.1, 203.0.113.7"), status("10.9.9.9, 203.0.113.8")] == [429, 429], "what stands before the last hop is made up"


@pytest.mark.django_db
def test_a_household_with_ipv6_counts_as_one(counts, monkeypatch):
    monkeypatch.setitem(LIMITS, "summary_pdf", Limit(1, methods=("GET",)))
    statuses = [browser().get(PDF, REMOTE_ADDR=address).status_code for address in ("2001:db8::1", "2001:db8::ffff:2", "2001:db8:0:1::1")]
    assert statuses == [302, 429, 302]


RATES = {
    "results": (360, 60),
    "summary": (360, 60),
    "question": (360, 60),
    "trials": (360, 60),
    "sitemap": (60, 600),
    "summary_json": (300, 600),
    "summary_pdf": (300, 600),
    "reopen": (300, 600),
    "admin:login": (200, 600),
    "admin:sign_in_code": (200, 600),
    "admin:sign_in_set_up": (200, 600),
    "admin:sign_in_recovery_codes": (200, 600),
    "admin:password_change": (60, 600),
    "admin:trials_trial_import": (60, 600),
    "admin:trials_criterion_import": (60, 600),
    "admin:trials_criterion_process_import": (60, 600),
}
"""Times and seconds, as ADR 15 has them."""


def test_the_limits_are_those_that_were_decided():
    assert {route: (limit.times, limit.seconds) for route, limit in LIMITS.items()} == RATES


@pytest.mark.parametrize("route", LIMITS)
@pytest.mark.django_db
def test_each_limit_is_kept(route, counts, monkeypatch, small_catalog):
    address, limit = page_of("diagnosis") if route == "question" else reverse(route), LIMITS[route]
    monkeypatch.setitem(LIMITS, route, limit._replace(times=2))
    client = signed_in() if route.startswith("admin:trials") else browser()
    ask = {"GET": client.get, "HEAD": client.head, "POST": client.post}
    fields = {limit.field: "lymfoma"} if limit.field else {}
    statuses = [ask[limit.methods[turn % len(limit.methods)]](address, fields).status_code for turn in range(3)]
    assert 429 not in statuses[:2]
    assert statuses[2] == 429
    if "GET" not in limit.methods:
        assert client.get(address).status_code in (200, 302, 405), "only what is sent counts"


def search(client: Client, words: str = "lymfoma"):
    """Looks for a condition in its long list."""
    return client.post(page_of("diagnosis"), {"words": words, "find": "1"}, REMOTE_ADDR=CLINIC)


@pytest.mark.django_db
def test_results_summaries_and_searches_have_one_count(counts, small_catalog):
    assert (LIMITS["results"].times, LIMITS["results"].seconds) == (360, 60)
    client = browser()
    costly = (lambda: client.get(RESULTS, REMOTE_ADDR=CLINIC), lambda: client.head(SUMMARY, REMOTE_ADDR=CLINIC), lambda: search(client))
    assert Counter(costly[turn % 3]().status_code for turn in range(360)) == {302: 360}
    for ask in costly:
        refused = ask()
        assert refused.status_code == 429
        assert 1 <= int(refused["Retry-After"]) <= 60
    others = [client.post(SUMMARY, REMOTE_ADDR=CLINIC), client.get(PDF, REMOTE_ADDR=CLINIC), client.get("/trials/", REMOTE_ADDR=CLINIC), search(client, " ")]
    assert [other.status_code for other in others] == [302, 302, 200, 302], "what costs little, or has a count of its own, goes on"
    assert client.get(RESULTS, REMOTE_ADDR="203.0.113.8").status_code == 302


@pytest.mark.parametrize(("address", "times", "seconds"), [("/trials/?q=lymfoma", 360, 60), ("/sitemap.xml", 60, 600), ("/screening/summary.json", 300, 600)])
@pytest.mark.django_db
def test_lists_and_data_have_a_rate(address, times, seconds, counts):
    client = browser() if "screening" in address else Client()
    statuses = [client.get(address, REMOTE_ADDR=CLINIC) for _ in range(times)]
    assert not {answer.status_code for answer in statuses} - {200, 302}
    refused = client.get(address, REMOTE_ADDR=CLINIC)
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) <= seconds
    assert browser().get(RESULTS, REMOTE_ADDR=CLINIC).status_code == 302


@pytest.mark.django_db
def test_a_clinic_never_meets_a_limit(counts, monkeypatch):
    """Twenty patients, each of whom asks for results, or lists, and nothing else every four seconds."""
    client = browser()
    for address in (RESULTS, "/trials/"):
        for turn in range(20 * 3 * 15):
            monkeypatch.setattr(rate_limits.time, "time", lambda turn=turn: NOW + turn * 4 / 20)
            assert client.get(address, REMOTE_ADDR=CLINIC).status_code != 429


@pytest.mark.django_db
def test_a_post_from_a_foreign_page_does_not_count(counts, monkeypatch):
    monkeypatch.setitem(LIMITS, "reopen", Limit(1))
    strict = Client(enforce_csrf_checks=True)
    assert {strict.post("/reopen/").status_code for _ in range(3)} == {403}
    assert not counts.exists()


@pytest.mark.django_db
def test_pictures_on_a_foreign_page_use_up_no_clinics_papers(counts, monkeypatch):
    """Browsers leave the cookie of the answers out there, as ``test_answers_cookie.py`` asks of it (SameSite)."""
    monkeypatch.setitem(LIMITS, "summary_pdf", Limit(1, methods=("GET", "HEAD", "POST")))
    assert {Client().get(PDF, REMOTE_ADDR=CLINIC).status_code for _ in range(3)} == {302}
    assert not counts.exists()
    assert asked(2) == {302: 1, 429: 1}


def a_folder(file):
    file.mkdir(parents=True)


def noise(file):
    file.parent.mkdir()
    file.write_bytes(os.urandom(5_000))


def another_table(file):
    file.parent.mkdir()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE counts (other TEXT)")
        connection.execute("CREATE INDEX counts_ends ON counts (other)")


def a_file_for_its_folder(file):
    file.parent.write_text("no folder")


@pytest.mark.parametrize("break_it", [a_folder, noise, another_table, a_file_for_its_folder])
@pytest.mark.django_db
def test_a_broken_file_of_counts_refuses_nobody_and_is_logged(break_it, counts, caplog, monkeypatch):
    monkeypatch.setitem(LIMITS, "summary_pdf", Limit(1, methods=("GET",)))
    break_it(counts)
    assert asked(3) == {302: 3}
    assert {(record.levelname, record.getMessage()) for record in caplog.records} == {("WARNING", "Rate limits are off: the file of counts cannot be used")}


@pytest.mark.django_db
def test_a_file_that_others_hold_for_long_refuses_nobody(counts, caplog, monkeypatch):
    monkeypatch.setattr(counters, "PATIENCE", 0.05)
    assert asked(1) == {302: 1}
    with closing(sqlite3.connect(counts, isolation_level=None)) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        assert asked(1) == {302: 1}
    assert len(caplog.records) == 1


@contextmanager
def server(folder, number: int):
    """A server process of its own over the shared file; gives its port."""
    given = environment(folder / "db.sqlite3", RATE_LIMITS_FILE=str(folder / "counts"))
    if not (folder / "db.sqlite3").exists():
        manage(given, "migrate", "--verbosity=0")
    with served(given, folder / f"log{number}") as one:
        yield urlsplit(one.address).port


def statuses_from(port: int, times: int) -> list[int]:
    """So many requests to one process, each with another made up hop."""
    found = []
    for turn in range(times):
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        connection.request("GET", PDF, headers={"X-Forwarded-For": f"198.51.100.{turn % 250}, 10.0.0.{turn % 250}", "Cookie": f"{COOKIE}=none"})
        found.append(connection.getresponse().status)
        connection.close()
    return found


def test_two_server_processes_count_together(tmp_path):
    with server(tmp_path, 1) as one, server(tmp_path, 2) as two, ThreadPoolExecutor(2) as at_once:
        day = datetime.now(UTC).date()
        found = list(at_once.map(statuses_from, (one, two), (200, 200)))
        if datetime.now(UTC).date() != day:  # the keys changed in between, so the count began anew
            found = list(at_once.map(statuses_from, (one, two), (400, 400)))
            assert {statuses[-1] for statuses in found} == {429}
            return
    assert Counter(found[0] + found[1]) == {302: MANY, 429: 400 - MANY}
    assert 0 < Counter(found[0])[302] < MANY
