"""What each page tells browsers, caches and search engines; and the pages that need no answers."""

import re

import pytest

from .patients import CHECK, EXPIRED, NOT_LISTED, PDF, RESULTS, START, SUMMARY, page_of, text_of, title_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small_catalog")]


@pytest.fixture
def told(patient):
    """A patient who has answered something."""
    patient.remember(diagnosis="rp_x_linked", age={"value": "30", "unit": "years"})
    return patient


PRIVATE = [
    page_of("who"),
    page_of("area"),
    page_of("age"),
    CHECK,
    RESULTS,
    SUMMARY,
    PDF,
    NOT_LISTED,
    EXPIRED,
    "/screening/deleted/",
    "/left/",
    "/no-such-page/",
]
PUBLIC = [START, "/trials/", "/trials/NCT10000001/", "/learn/", "/learn/how-it-gets-in/", "/learn/approved-therapies/", "/learn/words/"]


@pytest.mark.parametrize("address", PRIVATE)
def test_patient_pages_are_kept_by_no_cache_and_found_by_no_search_engine(address, told):
    response = told.open(address)
    assert "no-store" in response["Cache-Control"]
    assert "private" in response["Cache-Control"]
    assert "noindex" in response["X-Robots-Tag"]


@pytest.mark.parametrize("step", ["answer", "bad answer", "picked trials", "leave", "delete"])
def test_what_is_sent_is_kept_by_no_cache_either(step, told):
    response = {
        "answer": lambda: told.answer("age", "31"),
        "bad answer": lambda: told.answer("age", "old"),
        "picked trials": lambda: told.send(SUMMARY, trial="NCT10000001"),
        "leave": lambda: told.send("/leave/"),
        "delete": lambda: told.send("/screening/delete/"),
    }[step]()
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize("address", PUBLIC[1:])
def test_public_pages_may_be_found(address, patient):
    response = patient.open(address)
    assert response.status_code == 200
    assert "noindex" not in response.get("X-Robots-Tag", "")
    assert 'content="noindex"' not in response.content.decode()


def test_the_start_page_says_one_thing_to_search_engines(patient):
    response = patient.open(START)
    assert ("noindex" in response.get("X-Robots-Tag", "")) is ('content="noindex"' in response.content.decode())


@pytest.mark.parametrize("address", [*PRIVATE, *PUBLIC, "/admin/login/"])
def test_each_page_forbids_foreign_and_inline_code(address, told):
    response = told.open(address)
    policy = dict(part.strip().split(" ", 1) for part in response["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert "unsafe" not in response["Content-Security-Policy"]
    assert response["Referrer-Policy"] == "same-origin"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("address", [*PRIVATE, *PUBLIC])
def test_no_page_has_inline_code_or_loads_anything_from_elsewhere(address, told):
    page = "" if address == PDF else told.open(address).content.decode()
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)|javascript:", page)
    assert not re.search(r'(?:src|action|<link(?! rel="canonical")[^>]*href)="(?:https?:)?//', page)


@pytest.mark.parametrize("address", [*PRIVATE[:-1], *PUBLIC])
def test_each_page_has_a_title_a_language_one_main_heading_and_one_main_part(address, told):
    if address == PDF:
        assert told.open(PDF)["Content-Disposition"] == 'attachment; filename="trial-summary.pdf"'
        return
    response = told.open(address)
    page = response.content.decode()
    assert len(title_of(response)) > 10
    assert re.search(r'<html lang="en', page)
    assert page.count("<h1") == 1
    assert page.count("<main") == 1
    assert "Leave this site" in page or address in (*PUBLIC, EXPIRED, "/screening/deleted/", "/left/")


def test_the_public_list_can_be_narrowed(patient):
    def numbers(query: str) -> list[str]:
        return re.findall(r"NCT\d{8}(?=</p>)", patient.open(f"/trials/{query}").content.decode())

    assert set(numbers("")) == {"NCT10000001", "NCT10000002", "NCT10000003", "NCT10000004", "NCT10000006"}
    assert numbers("?area=genetic") == ["NCT10000006"]
    assert numbers("?open=no") == ["NCT10000004"]
    assert "NCT10000004" not in numbers("?open=yes")
    assert numbers("?approach=gene_addition") == ["NCT10000001"]
    assert numbers("?q=hemophilia") == ["NCT10000006"]
    assert numbers("?q=RPGR") == ["NCT10000001"], "the page offers a search by gene"
    assert numbers("?area=genetic&open=no") == []
    assert numbers("?area=nonsense") == []


def test_a_closed_trial_is_shown_as_closed_and_leads_to_no_questions(patient):
    page = patient.open("/trials/NCT10000004/")
    assert "This trial is closed." in text_of(page)
    assert f'href="{page_of("who")}"' not in page.content.decode()


@pytest.mark.parametrize("number", ["NCT10000005", "NCT99999999", "nonsense"])
def test_an_unpublished_or_unknown_trial_is_not_found(number, patient):
    assert patient.open(f"/trials/{number}/").status_code == 404


def test_the_health_page_tells_how_many_trials_can_be_judged(patient):
    assert patient.open("/healthz").json()["trials"] == 4
