"""Whatever is posted to a form, in whatever bytes: the page that comes back is one of ours, and never an error of the server.

ANY_ANSWERS=10000 tries so many; a few hundred are tried otherwise.
"""

from __future__ import annotations

import os
import random
from wsgiref.util import setup_testing_defaults

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from prescreen.answers import COOKIE, Answers, Near, seal
from trials import catalog

from .any_input import CHARSETS, FEW, multipart, urlencoded, values
from .patients import RESULTS, SUMMARY, page_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small_catalog", "statuses"), pytest.mark.filterwarnings("ignore:Generating overly large repr")]

TRIED = int(os.environ.get("ANY_ANSWERS", "400"))
"""Forms sent, over all kinds of pages."""

KINDS = {
    # the kind of page, and the part of all tries that it gets
    "questions": 0.75,
    "forms with many fields": 0.08,
    "places": 0.03,
    "codes": 0.03,
    "filters": 0.03,
}


def tries(kind: str) -> settings:
    """So many tries as this kind of page gets."""
    return settings(FEW, max_examples=max(20, int(TRIED * KINDS[kind])))


def send(address: str, fields: list[tuple[bytes, bytes]], cookie: str, charset: str = "", in_parts: bool = False):
    """The response to a form sent as these bytes."""
    client = Client(raise_request_exception=False, headers={"host": "127.0.0.1"})
    client.cookies[COOKIE] = cookie
    body, kind = (multipart(fields), "multipart/form-data; boundary=B") if in_parts else (urlencoded(fields), "application/x-www-form-urlencoded")
    return client.generic("POST", address, body, content_type=kind + charset)


@pytest.fixture
def told():
    """The questions, one of each kind; a cookie with each answered "not sure" and a place beside it; and the values and units that they offer."""
    questionnaire = catalog.current().questionnaire
    unsure = dict.fromkeys(questionnaire)
    offered = sorted({value for question in questionnaire.values() for value in (*question.labels, *question.factors)})
    return questionnaire, seal(Answers("child", None, unsure, near=Near("US", "02139", "mi"))), offered


ALLOWED = (200, 302, 400, 403, 404, 405, 413, 414, 422, 429)


class TestNoError:
    """Each of these sends forms and looks for an error of the server."""

    def test_on_any_question(self, told):
        questionnaire, cookie, offered = told
        pages = ["who", "area", *questionnaire]
        met = set()

        @tries("questions")
        @given(
            st.sampled_from(pages),
            st.one_of(values, st.sampled_from(offered).map(str.encode)),
            st.sampled_from([*offered, ""]),
            st.sampled_from(["", "?from=check"]),
            st.sampled_from([True] + 4 * [False]),
        )
        def sent(key, value, unit, query, look_on):
            response = send(page_of(key) + query, [(b"answer", value), (b"unit", unit.encode())], cookie)
            assert response.status_code in ALLOWED, (key, value, unit)
            met.add(response.status_code)
            if look_on and response.status_code == 302 and COOKIE in response.cookies:
                after = Client(headers={"host": "127.0.0.1"})
                after.cookies[COOKIE] = response.cookies[COOKIE].value
                assert after.get(random.choice([RESULTS, SUMMARY, page_of(key)])).status_code in (200, 302), (key, value)

        sent()
        assert {302, 422} <= met, "answers were taken and refused, so they reached their forms"

    @pytest.mark.parametrize("in_parts", [False, True], ids=["urlencoded", "in parts"])
    def test_with_any_fields_in_any_charset(self, told, in_parts):
        questionnaire, cookie, _ = told
        addresses = [
            *map(page_of, questionnaire),
            "/screening/compare/",
            SUMMARY,
            "/screening/summary.pdf",
            "/leave/",
            "/screening/delete/",
            "/screening/near/",
        ]
        names = st.sampled_from(
            [b"answer", b"unit", b"sure", b"words", b"find", b"trial", b"continue", b"size", b"cover", b"csrfmiddlewaretoken", b"", b"\xff", b"from"]
        )

        @tries("forms with many fields")
        @given(st.sampled_from(addresses), st.lists(st.tuples(names, values), max_size=8), st.sampled_from(CHARSETS))
        def sent(address, fields, charset):
            assert send(address, fields, cookie, charset, in_parts).status_code in ALLOWED, (address, fields, charset)

        sent()

    def test_on_the_page_of_places(self, told):
        @tries("places")
        @given(
            st.sampled_from([b"US", b"FR", b"JP", b"XX", b"", b"\x00"]),
            values,
            st.one_of(st.just(b""), values),
            st.sampled_from([b"", b"km", b"mi", b"ells"]),
            st.booleans(),
        )
        def sent(country, place, which, unit, forget):
            fields = [(b"country", country), (b"place", place), (b"which", which), (b"unit", unit), *([(b"forget", b"1")] if forget else [])]
            assert send("/screening/near/", fields, told[1]).status_code in ALLOWED, fields

        sent()

    def test_on_the_page_for_codes(self, told):
        digits = st.text("0123456789 -.#", max_size=400).map(str.encode)

        @tries("codes")
        @given(st.one_of(values, digits), st.lists(st.tuples(values, values), max_size=3))
        def sent(code, marks):
            assert send("/reopen/", [(b"code", code), *marks], "").status_code in ALLOWED, code

        sent()

    def test_in_the_address_of_the_list_of_trials(self, told):
        names = st.sampled_from([b"q", b"area", b"open", b"page", b"condition", b"phase", b"country", b"state", b"sort", b"approach", b"\x00"])

        @tries("filters")
        @given(
            st.lists(st.tuples(names, values), max_size=4),
            st.sampled_from(["/trials/", "/trials/NCT\x00/", "/screening/q/age/", "/"]),
        )
        def asked(fields, address):
            client = Client(raise_request_exception=False, headers={"host": "127.0.0.1"})
            response = client.generic("GET", address, QUERY_STRING=urlencoded(fields).decode("latin-1"))
            assert response.status_code in ALLOWED, (fields, address)

        asked()

    @pytest.mark.parametrize("charset", CHARSETS)
    def test_in_a_query_of_any_charset(self, charset, application):
        """By the application as servers run it: Django reads the query while it makes the request, where the test client makes another one."""
        environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/trials/", "QUERY_STRING": "q=%FF%C3%A9", "CONTENT_TYPE": f"text/plain{charset}"}
        setup_testing_defaults(environ)
        met = []
        page = b"".join(application(environ, lambda status, _headers: met.append(status)))
        assert met == ["200 OK"] and "\ufffdé" in page.decode()

    @pytest.mark.parametrize(("typed", "status"), [("%00", 400), ("a%00b", 400), ("%ED%A0%80", 200), ("%FF", 200)])
    def test_in_any_search(self, admin_client, typed, status):
        """A zero byte, which PostgreSQL cannot be asked for, half of a character, and a byte that begins none."""
        desk = [reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist") for model in admin.site._registry]
        for address in ("/trials/?q=", *(f"{page}?q=" for page in desk), "/admin/trials/trial/?sponsor__exact="):
            assert admin_client.get(address + typed).status_code == status, address
        assert admin_client.get(f"/admin/trials/auditentry/?address={typed}").status_code == 400
        assert admin_client.get(f"/trials/{typed}/").status_code == (404 if status == 200 else status)
