"""Whatever somebody puts into the cookie or types as a paper's code: a kind fresh start, never an error, and the bad cookie is gone."""

from __future__ import annotations

import base64
import json
import os
import time
import zlib
from http.cookies import SimpleCookie

import pytest
from django.utils import timezone

from prescreen import answers, paper_code
from prescreen.answers import COOKIE, LIFETIME, Answers, cipher, seal, unseal
from prescreen.paper_code import OnPaper

from .patients import CHECK, EXPIRED, PDF, RESULTS, START, SUMMARY, Patient, page_of, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small_catalog")]

GIVEN = Answers("me", "eye", {"diagnosis": "rp_x_linked", "age": {"value": "37.5", "unit": "years"}, "sex": "male"})
NEW_SECRET = "the-secret-after-this-one-that-is-long-enough-for-production-use"
PAGES = [page_of("who"), page_of("age"), CHECK, RESULTS, SUMMARY, PDF, "/screening/summary.json", "/screening/near/", "/screening/not-listed/"]


def starts_afresh(cookie: str, pages: list[str], posts: bool = True) -> None:
    """Each of these pages, asked for with this cookie, leads to the page that says so; the cookie is gone, and answering can begin at once."""
    for page in pages:
        patient = Patient()
        for ask in (lambda: patient.open(page), lambda: patient.send(page_of("age"), answer="40"))[: 1 + posts]:  # noqa: B023
            patient.client.cookies = SimpleCookie({COOKIE: cookie})
            response = ask()
            assert (response.status_code, response.get("Location")) == (302, EXPIRED)
            assert response.cookies[COOKIE].value == ""
            assert response.cookies[COOKIE]["max-age"] == 0
            assert "no-store" in response["Cache-Control"]
        assert not patient.client.cookies[COOKIE].value
        assert "There are no answers here" in text_of(patient.open(EXPIRED))
        assert patient.begin()["Location"] == page_of("diagnosis")
        assert unseal(patient.client.cookies[COOKIE].value, LIFETIME).area == "eye", "a good cookie has taken its place"


def a_code() -> str:
    """The code of a paper of today."""
    return paper_code.seal(OnPaper(GIVEN, timezone.localdate(), {}))


def sealed(content: bytes, moment: float | None = None, purpose: str = "prescreen.answers") -> str:
    """A cookie with this content, made by somebody who has our key."""
    return cipher(purpose).encrypt_at_time(content, int(moment or time.time())).decode().rstrip("=")


def packed(content: bytes) -> bytes:
    """Content as a cookie packs it."""
    packer = zlib.compressobj(9, wbits=-15, zdict=answers.WORDS["1"])
    return b"1" + packer.compress(content) + packer.flush()


def listed(**changed) -> bytes:
    """The parts of a cookie with some of them changed."""
    keys = answers._keys("1")
    parts = {"who": "me", "area": "eye", "picked": None, "listed": [0] * len(keys), "others": {}} | changed
    return packed(json.dumps(list(parts.values())).encode())


def test_the_parts_of_a_cookie_unchanged_are_a_cookie(patient):
    patient.client.cookies[COOKIE] = sealed(listed())
    assert patient.open(RESULTS).status_code == 200


def test_a_cookie_altered_in_any_byte():
    cookie = seal(GIVEN)
    raw = base64.urlsafe_b64decode(cookie + "=" * (-len(cookie) % 4))
    for place in range(len(raw)):
        altered = bytearray(raw)
        altered[place] ^= 1 << place % 8
        starts_afresh(base64.urlsafe_b64encode(altered).decode().rstrip("="), [RESULTS], posts=False)


@pytest.mark.parametrize("ago", [LIFETIME + 1, LIFETIME + 3600, 10 * 365 * 86400, -LIFETIME - 3600])
def test_a_cookie_replayed_after_its_time_or_long_before_it(ago):
    starts_afresh(sealed(answers.pack(GIVEN), time.time() - ago), PAGES)


def test_a_cookie_replayed_within_its_time_is_still_good(patient):
    patient.client.cookies[COOKIE] = sealed(answers.pack(GIVEN), time.time() - LIFETIME + 60)
    assert patient.open(RESULTS).status_code == 200


FORGED = {
    "from the key of the papers": lambda: sealed(answers.pack(GIVEN), purpose=paper_code.PURPOSE),
    "a paper's code": a_code,
    "5 KB of noise": lambda: base64.urlsafe_b64encode(os.urandom(3750)).decode(),
    "5 KB of noise that begins as ours does": lambda: base64.urlsafe_b64encode(b"\x80" + os.urandom(3750)).decode(),
    "5 KB of one letter": lambda: "A" * 5000,
    "words": lambda: "{answers: none}",
    "other letters": lambda: "ünïcødé".encode().decode("latin-1"),
    "a quoted text": lambda: '"\\012\\000"',
    "no JSON": lambda: sealed(packed(b"certainly not")),
    "JSON of another kind": lambda: sealed(packed(b'{"who":"me"}')),
    "JSON that ends too soon": lambda: sealed(packed(b'["me","eye",null,[')),
    "JSON that is 20,000 deep": lambda: sealed(packed(b"[" * 20_000 + b"]" * 20_000)),
    "a number too long to read": lambda: sealed(packed(b"[" + b"9" * 40_000 + b"]")),
    "an area that is a list": lambda: sealed(listed(area=["eye"])),
    "an area that is a number": lambda: sealed(listed(area=7)),
    "somebody unheard of": lambda: sealed(listed(who="nobody")),
    "somebody who is a mapping": lambda: sealed(listed(who={})),
    "picks that are lists": lambda: sealed(listed(picked=[["NCT10000001"]])),
    "picks that are a number": lambda: sealed(listed(picked=5)),
    "a list of answers that is a word": lambda: sealed(listed(listed="yes")),
    "other answers that are a list": lambda: sealed(listed(others=["age"])),
    "a tried trial that is a list": lambda: sealed(listed(trying=["NCT10000001"])),
    "a home that is numbers": lambda: sealed(listed(trying="", near=[1, 2, 3])),
    "a home whose country is a list": lambda: sealed(listed(trying="", near=[["US"], "02139", "mi"])),
    "a trail that is a mapping": lambda: sealed(listed(trying="", state="x", steps={"a": 1}, next=None)),
    "a zip bomb of 100 MB": lambda: sealed(packed(b" " * 100_000_000)),
    "a zip bomb inside good JSON": lambda: sealed(listed(others={"age": "9" * 50_000_000})),
    "nothing": lambda: sealed(b""),
}


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED.keys())
def test_a_forged_cookie(forge):
    starts_afresh(forge(), PAGES)


STRANGE = [
    True,
    0.5,
    [],
    {},
    [[]],
    [None],
    {"value": []},
    {"value": {}, "unit": []},
    {"min": None, "max": None},
    {"max": "x"},
    "x" * 500,
    ["x", {}],
    1e300,
    [1],
]


@pytest.mark.parametrize("strange", STRANGE, ids=repr)
@pytest.mark.parametrize("key", ["diagnosis", "age", "sex", "treatments", "visits"])
def test_an_answer_that_its_question_cannot_take_is_asked_again(key, strange, patient):
    """A cookie of our own making may hold answers that a question took before it was changed."""
    given = {"diagnosis": "rp_x_linked", "age": {"value": "37.5", "unit": "years"}, "sex": "male", "treatments": [], "visits": "no"}
    cookie = seal(Answers("me", "eye", given | {key: strange}))
    for page in [*PAGES, page_of(key)]:
        patient.client.cookies[COOKIE] = cookie
        assert patient.open(page).status_code in (200, 302), page
    assert patient.send(page_of(key), answer="unknown").status_code == 302


def test_memory_stays_small_while_a_zip_bomb_is_refused():
    import tracemalloc  # noqa: PLC0415

    bomb = sealed(packed(b" " * 100_000_000))
    tracemalloc.start()
    with pytest.raises(answers.Unreadable):
        unseal(bomb, LIFETIME)
    assert tracemalloc.get_traced_memory()[1] < 2_000_000
    tracemalloc.stop()


def test_a_cookie_that_nobody_asked_about_is_cleared_without_a_word():
    patient = Patient()
    patient.client.cookies[COOKIE] = seal(GIVEN)[:-4]
    response = patient.open(START)
    assert response.status_code == 200
    assert response.cookies[COOKIE]["max-age"] == 0


class TestKeys:
    """The site's secret is replaced while patients are in the middle, and while papers are out."""

    @pytest.fixture
    def rotate(self, settings):
        """Replaces the secret; the one before is still read, unless it is ``lost``."""

        def to(secret: str, lost: bool = False) -> None:
            before = [] if lost else [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
            settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = secret, before

        return to

    def test_an_open_screening_goes_on_and_moves_to_the_new_key(self, patient, rotate, settings):
        patient.begin()
        patient.tell(diagnosis="rp_x_linked", age="37")
        rotate(NEW_SECRET)
        assert "37 years" in text_of(patient.open(CHECK))
        patient.tell(sex="male")
        settings.SECRET_KEY_FALLBACKS = []
        assert "37 years" in text_of(patient.open(CHECK)), "the last answer was sealed with the new key"

    def test_a_screening_survives_two_rotations(self, patient, rotate):
        patient.begin()
        patient.tell(diagnosis="rp_x_linked")
        rotate(NEW_SECRET)
        rotate(NEW_SECRET[::-1])
        assert patient.open(RESULTS).status_code == 200

    def test_papers_that_are_out_still_open(self, patient, rotate):
        code = a_code()
        rotate(NEW_SECRET)
        assert patient.send("/reopen/", code=code).status_code == 200

    def test_a_secret_that_is_lost_means_a_fresh_start(self, patient, rotate):
        cookie, code = seal(GIVEN), a_code()
        rotate(NEW_SECRET, lost=True)
        starts_afresh(cookie, PAGES)
        assert patient.send("/reopen/", code=code).status_code == 422


CODES = {
    "a cookie": lambda: seal(GIVEN),
    "a cookie's bytes as digits": lambda: paper_code.to_digits(base64.urlsafe_b64decode(sealed(answers.pack(GIVEN)) + "===")),
    "5 KB of digits": lambda: "7" * 5000,
    "100 KB of digits": lambda: "1" * 100_000,
    "digits of other scripts": lambda: "١٢٣٤٥" * 20,
    "superscripts": lambda: "²³" * 40,
    "a zip bomb": lambda: in_a_code(b"1\0" + packed(b" " * 100_000_000)),
    "JSON that is 20,000 deep": lambda: in_a_code(b"1\0" + packed(b"[" * 20_000 + b"]" * 20_000)),
    "an area that is a list": lambda: in_a_code(b"1\0" + listed(area=["eye"])),
    "more trials than it holds": lambda: in_a_code(b"1\xff" + listed()),
    "a verdict that there is not": lambda: in_a_code(b"1\x01" + (10000001 << 3 | 6).to_bytes(4) + listed()),
    "nothing": lambda: in_a_code(b""),
    "no number": lambda: "#",
    "zero bytes": lambda: "1\x002\x003",
}


def in_a_code(content: bytes) -> str:
    """A code with this content, made by somebody who has our key."""
    token = cipher(paper_code.PURPOSE).encrypt_at_time(content, int(timezone.now().timestamp()))
    return paper_code.to_digits(base64.urlsafe_b64decode(token))


@pytest.mark.parametrize("forge", CODES.values(), ids=CODES.keys())
def test_a_forged_code(forge, patient):
    response = patient.send("/reopen/", code=forge())
    assert response.status_code == 422
    assert "This code does not open." in text_of(response)
    assert COOKIE not in response.cookies


def test_a_code_altered_in_any_digit(patient):
    code = a_code()
    for place in range(0, len(code), 7):
        altered = code[:place] + str((int(code[place]) + 1) % 10) + code[place + 1 :]
        assert patient.send("/reopen/", code=altered).status_code == 422


def test_a_content_as_those_above_is_a_code(patient):
    assert patient.send("/reopen/", code=in_a_code(b"1\0" + listed())).status_code == 200
