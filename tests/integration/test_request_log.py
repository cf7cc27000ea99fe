"""A server's log of requests: one line of JSON each, with method, route name, status and milliseconds. Nothing that somebody sent gets in."""

import json

import pytest

from prescreen.answers import COOKIE

from . import production


@pytest.fixture(scope="module")
def visited(tmp_path_factory):
    """A whole visit to the site with the settings of a server: its pages, its output and its error output."""
    folder = tmp_path_factory.mktemp("production")
    done = production.visit(folder)
    return json.loads((folder / "pages.json").read_text()), done.stdout, done.stderr


@pytest.fixture(scope="module")
def lines(visited):
    """The log, read."""
    return [json.loads(line) for line in visited[1].splitlines()]


def test_each_request_has_one_line(visited, lines):
    assert len(lines) == len(visited[0])
    assert sorted(line["status"] for line in lines) == sorted(page["status"] for page in visited[0].values())


def test_a_line_holds_four_things_and_no_more(lines):
    for line in lines:
        assert list(line) == ["method", "route", "status", "ms"]
        assert line["method"] in ("GET", "POST", "other")
        assert line["route"] is None or line["route"].replace("_", "").replace(":", "").isalnum()
        assert 0 <= line["ms"] < 600_000


@pytest.mark.parametrize(
    ("method", "route", "status"),
    [
        ("GET", "question", 200),
        ("POST", "question", 302),
        ("POST", "question", 422),
        ("other", "question", 405),
        ("GET", "summary_pdf", 200),
        ("GET", "results", 500),
        ("GET", None, 301),
        ("GET", None, 400),
        ("POST", "question", 403),
        ("GET", None, 404),
        ("POST", None, 413),
        ("GET", None, 414),
        ("POST", "reopen", 429),
        ("GET", "admin:trials_trial_change", 200),
    ],
)
def test_what_happened_is_there(method, route, status, lines):
    assert (method, route, status) in {(line["method"], line["route"], line["status"]) for line in lines}


def test_nothing_that_was_sent_gets_into_the_log(visited):
    pages, output, errors = visited
    cookies = [cookie for page in pages.values() for cookie in page["cookies"] if len(cookie.split(";")[0].split("=", 1)[1]) > 10]
    values = [cookie.split(";")[0].split("=", 1)[1] for cookie in cookies]
    assert any(cookie.startswith(f"__Host-{COOKIE}") for cookie in cookies)
    sent = [production.TYPED, production.ADDRESS, production.METHOD, "NCT1000", "rp_x_linked", "/q/", "?", *values]
    assert [word for word in sent if word in output] == []
    # The lines of faults name places in the code, such as `outcome.py:41`, but nothing that came with a request.
    assert [word for word in sent if word not in ("?", "/q/") and word in errors] == []


def test_a_fault_is_told_by_its_place(visited):
    assert "outcome.py:" in visited[2]
    assert "TypeError" in visited[2]
    assert "not callable" not in visited[2]
