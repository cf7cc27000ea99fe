"""Whatever somebody could send: texts and bytes that slip through where one thought of ordinary people only, and forms made of them."""

from __future__ import annotations

from collections import Counter
from urllib.parse import quote_from_bytes

import pytest
from django.test import Client
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

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


def urlencoded(fields: list[tuple[bytes, bytes]]) -> bytes:
    """A form's fields as a body, any bytes in them."""
    return b"&".join(quote_from_bytes(name).encode() + b"=" + quote_from_bytes(value).encode() for name, value in fields)


def multipart(fields: list[tuple[bytes, bytes]], files: list[tuple[bytes, bytes, bytes]] = ()) -> bytes:
    """The same as parts. Files have the name of a field, a name of their own, and what is in them."""
    parts = [(b'name="' + name + b'"', value) for name, value in fields]
    parts += [(b'name="' + name + b'"; filename="' + called + b'"\r\nContent-Type: application/octet-stream', data) for name, called, data in files]
    return b"".join(b"--B\r\nContent-Disposition: form-data; " + head + b"\r\n\r\n" + value + b"\r\n" for head, value in parts) + b"--B--\r\n"


@pytest.fixture
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
