"""Whatever is posted to a form, in whatever bytes: the page that comes back is one of ours, and never an error of the server.

ANY_ANSWERS=10000 tries so many; a few hundred are tried otherwise.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from urllib.parse import quote_from_bytes

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from prescreen.answers import COOKIE, Answers, Near, seal
from trials import catalog

from .patients import RESULTS, SUMMARY, page_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small_catalog"), pytest.mark.filterwarnings("ignore:Generating overly large repr")]

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

NASTY = [
    "unknown", "none_of_these", "not_listed", "yes", "no", "0", "-0", "+5", "1e999", "NaN", "Infinity", "1/3", "٣٤", "²", "½", "1.", ".", ",", "1,2,3,4",
    "9" * 60, "0." + "0" * 50 + "1", "under", "under under 5", "5 to", "5 to 3", "1:50", "1:", "about 5", "5 months 3 days", "3 years 99 months", "<", "<=5",
    ">=", "≤5", "5 kg kg", "undetectable", "undetectable 5", "\x00", "a\x00b", "\ud800", "\u202e", "\ufeff", "\r\n", "{{7*7}}", "{% now %}", "%s%s%n",
    "<svg onload=alert(1)>", "'; DROP TABLE trials_trial;--", "../../etc/passwd", "#" * 50, "02139", "00000", "99999", "Springfield", "Paris, TX", ", ,", "St.",
    "x" * 100, "x" * 101, "US", "xx", "İ", "ß" * 30, "ﬁ", "한국", "👩‍👩‍👧‍👦" * 10, "a" * 30_000,
]  # fmt: skip
"""What slips through where somebody thought of ordinary people only."""

CHARSETS = [
    "",
    "; charset=utf-8",
    "; charset=utf-16",
    "; charset=utf-7",
    "; charset=unicode_escape",
    "; charset=base64",
    "; charset=nonsense",
    "; charset=rot13",
]

texts = st.one_of(st.sampled_from(NASTY), st.text(max_size=80), st.decimals(allow_nan=True).map(str), st.integers().map(str))
values = st.one_of(
    texts.map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.binary(max_size=80),
    st.tuples(texts, texts).map(lambda pair: " ".join(pair).encode("utf-8", "surrogatepass")),
)
FEW = settings(deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))


def tries(kind: str) -> settings:
    """So many tries as this kind of page gets."""
    return settings(FEW, max_examples=max(20, int(TRIED * KINDS[kind])))


def urlencoded(fields: list[tuple[bytes, bytes]]) -> bytes:
    """A form's fields as a body, any bytes in them."""
    return b"&".join(quote_from_bytes(name).encode() + b"=" + quote_from_bytes(value).encode() for name, value in fields)


def multipart(fields: list[tuple[bytes, bytes]]) -> bytes:
    """The same as parts."""
    return b"".join(b'--B\r\nContent-Disposition: form-data; name="' + name + b'"\r\n\r\n' + value + b"\r\n" for name, value in fields) + b"--B--\r\n"


@pytest.fixture(autouse=True)
def statuses(record_property, monkeypatch):
    """Counts what is answered to everything that is sent, for the table of figures."""
    counted: Counter[int] = Counter()
    ask = Client.generic

    def counting(client, *args, **named):
        response = ask(client, *args, **named)
        counted[response.status_code] += 1
        return response

    monkeypatch.setattr(Client, "generic", counting)
    yield
    record_property("forms sent", counted.total())
    record_property("server errors", sum(count for status, count in counted.items() if status >= 500))


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
            st.sampled_from(CHARSETS),
        )
        def asked(fields, address, charset):
            client = Client(raise_request_exception=False, headers={"host": "127.0.0.1"})
            query = urlencoded(fields).decode("latin-1")
            response = client.generic("GET", address, content_type=f"text/plain{charset}", QUERY_STRING=query)
            assert response.status_code in ALLOWED, (fields, address)

        asked()

    @pytest.mark.parametrize(("typed", "status"), [("%00", 400), ("a%00b", 400), ("%ED%A0%80", 200), ("%FF", 200)])
    def test_in_any_search(self, admin_client, typed, status):
        """A zero byte, which PostgreSQL cannot be asked for, half of a character, and a byte that begins none."""
        desk = [reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist") for model in admin.site._registry]
        for address in ("/trials/?q=", *(f"{page}?q=" for page in desk), "/admin/trials/trial/?sponsor__exact="):
            assert admin_client.get(address + typed).status_code == status, address
        assert admin_client.get(f"/admin/trials/auditentry/?address={typed}").status_code == 400
        assert admin_client.get(f"/trials/{typed}/").status_code == (404 if status == 200 else status)
