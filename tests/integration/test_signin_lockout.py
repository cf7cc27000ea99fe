"""Guessing at the desk's door is stopped, and nobody can turn that on somebody else."""

from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from trials.signin.lockout import PER_ADDRESS

from .patients import START, page_of
from .signing_in import CODE, INDEX, LOGIN, PASSWORD, browser, code_from, give_password, is_in, staff, time_passes, with_app, wrong_code

pytestmark = pytest.mark.django_db
VICTIM, ATTACKER, CLINIC = "192.0.2.1", "203.0.113.9", "198.51.100.7"


def guess(times: int, address: str = ATTACKER, name: str = "mara", **headers):
    """So many wrong passwords from an address; gives the answer to the last."""
    for number in range(times):
        page = give_password(browser(address, **headers), name, f"a wrong guess {number}")
    return page


def wrong_tries(address: str, count: int) -> None:
    """An address from which so many tries were wrong a moment ago, each for another name."""
    shared = {"ip_address": address, "user_agent": "", "attempt_time": timezone.now(), "failures_since_start": 1}
    AccessAttempt.objects.bulk_create(AccessAttempt(username=f"name {number}", **shared) for number in range(count))
    AccessAttempt.objects.update(attempt_time=timezone.now())


@pytest.fixture
def mara():
    """Somebody of the desk."""
    return staff()


def test_after_five_wrong_passwords_even_the_right_one_waits(mara):
    assert guess(4).status_code == 200
    page = guess(1)
    assert page.status_code == 429
    assert page["Retry-After"] == "900"
    assert "no-store" in page["Cache-Control"]
    assert "Wait 15 minutes" in page.content.decode()
    assert give_password(browser(ATTACKER)).status_code == 429


def test_an_attacker_locks_out_nobody_but_themselves(mara):
    guess(6)
    victim = browser(VICTIM)
    assert give_password(victim)["Location"] == INDEX
    assert is_in(victim)


def test_a_made_up_address_helps_nobody(mara):
    """Without a trusted proxy the header is only what the client wrote."""
    assert guess(5, **{"x-forwarded-for": VICTIM}).status_code == 429
    for made_up in (VICTIM, CLINIC, "10.0.0.1"):
        assert give_password(browser(ATTACKER, **{"x-forwarded-for": made_up})).status_code == 429
    assert give_password(browser(VICTIM)).status_code == 302


def test_another_browser_or_spelling_of_the_name_does_not_help(mara):
    for number in range(5):
        guess(1, **{"user-agent": f"browser {number}"})
    assert give_password(browser(ATTACKER, **{"user-agent": "one more"}), " mara ").status_code == 429


def test_a_colleague_at_the_same_address_signs_in(mara):
    staff("bo")
    guess(5, CLINIC)
    assert give_password(browser(CLINIC), "bo").status_code == 302


@pytest.mark.parametrize(("before", "status"), [(PER_ADDRESS - 1, 302), (PER_ADDRESS, 429)])
def test_one_address_cannot_try_many_names(before, status, mara):
    assert PER_ADDRESS == 100
    wrong_tries(CLINIC, before)
    assert give_password(browser(CLINIC)).status_code == status
    assert give_password(browser(VICTIM)).status_code == 302


@pytest.mark.parametrize(("minutes", "status"), [(14, 429), (15.1, 302)])
def test_it_is_over_after_a_quarter_of_an_hour(minutes, status, mara):
    guess(5)
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=minutes))
    assert give_password(browser(ATTACKER)).status_code == status


def test_trying_on_while_locked_out_makes_it_no_longer(mara):
    guess(5)
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=14))
    guess(2)
    assert AccessAttempt.objects.get().attempt_time < timezone.now() - timedelta(minutes=13)


def test_wrong_codes_count_as_wrong_passwords_do(mara):
    key, codes = with_app(mara)
    client = browser(ATTACKER)
    give_password(client)
    for number in range(5):
        time_passes()
        page = client.post(CODE, {"code": wrong_code(key) if number % 2 else "aaaa-aaaa-aaaa-aaaa"})
    assert page.status_code == 429
    time_passes()
    for code in (code_from(key), codes[0]):
        assert client.post(CODE, {"code": code}).status_code == 429
    assert give_password(browser(ATTACKER)).status_code == 429, "the right password makes no room for more guesses"
    other = browser(VICTIM)
    give_password(other)
    assert other.post(CODE, {"code": code_from(key)}).status_code == 302


def test_the_right_password_alone_forgives_no_wrong_codes(mara):
    key, _codes = with_app(mara)
    client = browser(ATTACKER)
    for _number in range(5):
        give_password(client)
        time_passes()
        page = client.post(CODE, {"code": wrong_code(key)})
    assert page.status_code == 429


def test_signing_in_forgives(mara):
    for _round in range(2):
        guess(4, VICTIM)
        assert give_password(browser(VICTIM)).status_code == 302
    assert not AccessAttempt.objects.exists()


def test_nothing_that_was_typed_is_stored(mara):
    key, _codes = with_app(mara)
    client = browser()
    give_password(client, "a password typed as the name", "and another one")
    give_password(client)
    wrong = wrong_code(key)
    client.post(CODE, {"code": wrong})
    stored = " ".join(str(value) for row in AccessAttempt.objects.values_list("username", "get_data", "post_data") for value in row)
    assert AccessAttempt.objects.count() == 2
    assert not [typed for typed in ("typed as the name", "another one", wrong, PASSWORD, "mara") if typed in stored]


def test_a_name_that_nobody_has_is_answered_like_a_wrong_password(mara):
    assert [guess(times, name=name).status_code for name in ("mara", "nobody") for times in (4, 1)] == [200, 429, 200, 429]


@pytest.mark.usefixtures("small_catalog")
@pytest.mark.parametrize("cookie", ["", "a" * 32])
def test_patients_pages_ask_nothing_of_it(patient, cookie):
    if cookie:
        patient.client.cookies["sessionid"] = cookie  # somebody who signed in at the desk a moment ago
    with CaptureQueriesContext(connection) as asked:
        patient.open(START)
        patient.open(page_of("age"))
        patient.begin()
    assert not [query["sql"] for query in asked if any(table in query["sql"] for table in ("axes_", "otp_", "django_session", "auth_user"))]
    assert "sessionid" not in patient.client.cookies or cookie
    assert not AccessAttempt.objects.exists()


def test_the_sign_in_page_is_shown_to_whoever_waits(mara):
    guess(5)
    assert browser(ATTACKER).get(LOGIN).status_code == 200
