"""The site's secret is changed between two runs of real servers: with the old one among the fallbacks nobody notices, without it people begin anew."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest

from prescreen.answers import COOKIE

from .processes import environment, make_small, send, served

pytestmark = pytest.mark.own_database

OLD, NEW = "the-secret-of-last-year-".ljust(60, "a"), "the-secret-of-this-year-".ljust(60, "b")


@pytest.fixture(scope="module")
def begun(tmp_path_factory) -> tuple[Path, httpx.Cookies, str]:
    """The database, a patient's cookies in the middle of a screening, and the digits of their paper, all by the old secret."""
    folder = tmp_path_factory.mktemp("rotation")
    database = folder / "db.sqlite3"
    make_small(environment(database), folder)
    with served(environment(database, DJANGO_SECRET_KEY=OLD), folder / "log") as server, server.browser() as browser:
        for key, answer in {"who": "me", "area": "eye", "diagnosis": "rp_x_linked", "age": "37"}.items():
            assert send(browser, f"/screening/q/{key}/", answer=answer).status_code == 302
        digits = re.search(r'class="digits">([\d\s]+)<', browser.get("/screening/summary/").text)[1]
        return database, httpx.Cookies(browser.cookies), digits


@pytest.fixture(scope="module")
def with_the_old_secret(begun, tmp_path_factory):
    """The patient at a server of the new secret that reads what the old one sealed."""
    environ = environment(begun[0], DJANGO_SECRET_KEY=NEW, DJANGO_SECRET_KEY_FALLBACKS=f"{OLD},")
    with served(environ, tmp_path_factory.mktemp("new") / "log") as server, httpx.Client(base_url=server.address, cookies=begun[1], timeout=300) as browser:
        yield browser


@pytest.fixture(scope="module")
def without_the_old_secret(begun, tmp_path_factory):
    """The patient at a server that knows the new secret alone."""
    environ = environment(begun[0], DJANGO_SECRET_KEY=NEW)
    with served(environ, tmp_path_factory.mktemp("new") / "log") as server, httpx.Client(base_url=server.address, cookies=begun[1], timeout=300) as browser:
        yield browser


def token(browser: httpx.Client) -> str:
    """The token of the forms."""
    return re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', browser.get("/reopen/").text)[1]


def test_the_screening_goes_on_and_is_sealed_by_the_new_secret(begun, with_the_old_secret, without_the_old_secret):
    assert "37 years" in with_the_old_secret.get("/screening/check/").text
    assert send(with_the_old_secret, "/screening/q/sex/", answer="male").status_code == 302
    check = with_the_old_secret.get("/screening/check/")
    assert "37 years" in check.text and "Male" in check.text
    sealed = with_the_old_secret.cookies[COOKIE]
    assert sealed != begun[1][COOKIE]
    later = httpx.get(f"{without_the_old_secret.base_url}/screening/check/", cookies={COOKIE: sealed}, timeout=300)
    assert later.status_code == 200 and "37 years" in later.text, "each answer moves the screening to the new secret, so that the old one can be retired"


def test_the_paper_opens(begun, with_the_old_secret):
    page = with_the_old_secret.post("/reopen/", data={"csrfmiddlewaretoken": token(with_the_old_secret), "code": begun[2]})
    assert page.status_code == 200
    assert "37 years" in page.text and "X-linked retinitis pigmentosa" in page.text


def test_without_the_old_secret_it_is_a_kind_fresh_start(begun, without_the_old_secret):
    answer = without_the_old_secret.get("/screening/check/")
    assert (answer.status_code, answer.headers["location"]) == (302, "/screening/expired/")
    page = without_the_old_secret.get("/screening/expired/")
    assert page.status_code == 200
    assert "There are no answers here" in page.text and "Start now" in page.text
    assert send(without_the_old_secret, "/screening/q/who/", answer="me").status_code == 302
    assert without_the_old_secret.get("/screening/q/area/").status_code == 200


def test_without_the_old_secret_the_paper_is_refused_kindly(begun, without_the_old_secret):
    page = without_the_old_secret.post("/reopen/", data={"csrfmiddlewaretoken": token(without_the_old_secret), "code": begun[2]})
    assert page.status_code == 422
    assert "<h1>" in page.text and "X-linked" not in page.text
