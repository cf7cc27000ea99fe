"""Everybody sees where they are signed in, and can sign out in one of those places."""

import re
import time

import pytest
from django.contrib.auth.models import User

from trials.models import AuditEntry
from trials.signin.sessions import IDLE, SEEN, STARTED, WHOLE, open_sessions

from .desk import signed_in
from .signing_in import CODE, OWN, PASSWORD, SET_UP, browser, change_session, code_from, codes_on, give_password, is_in, key_on, staff, with_app

THERE = "/admin/sign-in/out-there/"

pytestmark = pytest.mark.django_db


def marks(client) -> list[str]:
    """What names the other sessions on the page."""
    return re.findall(r'name="session" value="([^"]+)"', client.get(OWN).content.decode())


def words(client) -> str:
    return " ".join(client.get(OWN).content.decode().split())


def test_who_is_signed_in_once_sees_no_list():
    client = signed_in("petra")
    signed_in("ana")
    assert "You are signed in here alone." in words(client)
    assert marks(client) == []


def test_all_are_listed_with_their_times_and_this_one_first():
    here, there, further = (signed_in("petra") for _ in range(3))
    now = int(time.time())
    change_session(here, **{SEEN: now - 1500})
    change_session(there, **{STARTED: now - 7200, SEEN: now - 1200})
    change_session(further, **{STARTED: now - 3600, SEEN: now - 600})
    told = open_sessions(User.objects.get(username="petra"), here.session.session_key)
    assert [session.is_here for session in told] == [True, False, False]
    assert [round(now - session.started.timestamp(), -2) for session in told] == [0, 3600, 7200]
    assert [session.mark for session in told[1:]] == marks(here)
    assert "signed in at 3 places" in words(here)
    assert words(here).count("(here)") == 1


@pytest.mark.parametrize(("started", "seen", "count"), [(WHOLE - 60, 0, 2), (WHOLE, 0, 1), (0, IDLE - 60, 2), (0, IDLE, 1)])
def test_one_that_is_over_is_not_listed(started, seen, count):
    here, there = signed_in("petra"), signed_in("petra")
    now = int(time.time())
    change_session(there, **{STARTED: now - started, SEEN: now - seen})
    assert len(open_sessions(User.objects.get(username="petra"), here.session.session_key)) == count


def test_one_of_an_earlier_password_or_half_way_is_not_listed():
    earlier = signed_in("petra")
    petra = User.objects.get(username="petra")
    with_app(petra)
    petra.set_password("eleven slow tractors")
    petra.save()
    half = browser()
    give_password(half, "petra", "eleven slow tractors")
    assert not is_in(earlier)
    assert open_sessions(petra, None) == []


def test_no_page_holds_the_key_of_a_session():
    here, there = signed_in("petra"), signed_in("petra")
    page = here.get(OWN).content.decode()
    assert here.session.session_key not in page
    assert there.session.session_key not in page


def test_signing_out_in_one_place_leaves_the_others():
    here, there, further = (signed_in("petra") for _ in range(3))
    first, _second = marks(here)
    page = here.post(THERE, {"session": first}, follow=True)
    assert "You are signed out there." in page.content.decode()
    assert is_in(here)
    assert sorted(is_in(client) for client in (there, further)) == [False, True]
    assert AuditEntry.objects.get(detail="signed out in one other place").user_name == "petra"
    assert "not signed in there any more" in here.post(THERE, {"session": first}, follow=True).content.decode()
    assert AuditEntry.objects.filter(detail="signed out in one other place").count() == 1


def test_nobody_ends_a_session_of_somebody_else_or_the_one_that_asks():
    here, hers = signed_in("petra"), signed_in("ana")
    signed_in("ana")
    (theirs,) = marks(hers)
    own = open_sessions(User.objects.get(username="petra"), None)[0].mark
    for mark in (theirs, own, hers.session.session_key, "", "\0"):
        assert "not signed in there any more" in here.post(THERE, {"session": mark}, follow=True).content.decode()
    assert is_in(here)
    assert len(marks(hers)) == 1


def test_the_one_that_asks_is_used_now():
    here = signed_in("petra")
    now = int(time.time())
    change_session(here, **{SEEN: now - 1500})
    (told,) = open_sessions(User.objects.get(username="petra"), here.session.session_key)
    assert abs(told.seen.timestamp() - now) < 60


def test_another_app_ends_the_sessions_of_the_old_one():
    user = staff("mara")
    key, codes = with_app(user)
    here, there, half = browser(), browser(), browser()
    for client, code in ((here, codes[0]), (there, codes[1])):
        give_password(client)
        client.post(CODE, {"code": code})
    give_password(half)
    new = key_on(here.get(SET_UP))
    page = here.post(SET_UP, {"password": PASSWORD, "current_code": code_from(key), "code": code_from(new)})
    assert len(codes_on(page)) == 10
    assert [session.is_here for session in open_sessions(user, here.session.session_key)] == [True]
    assert not is_in(there)
    assert is_in(here)
    assert half.get(CODE).status_code == 200, "who is half way goes on, and needs a code of the new app"
