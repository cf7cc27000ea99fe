"""Sessions of the desk end: when nobody is there, at the end of the day's work, and everywhere at once."""

import re
import time

import pytest
from django.contrib.auth.models import Permission, User
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.models import Session
from django.test import Client

from trials.signin.half_way import PASSWORD_GIVEN
from trials.signin.sessions import IDLE, NOTED_EVERY, SEEN, STARTED, WHOLE, is_over

from .desk import signed_in
from .signing_in import CODE, LOGIN, OWN, PASSWORD, SET_UP, browser, change_session, code_from, give_password, is_in, sessions, staff, with_app

EVERYWHERE = "/admin/sign-in/out-everywhere/"
USERS = "/admin/auth/user/"


@pytest.mark.parametrize(
    ("started", "seen", "over"),
    [
        (0, 0, False),
        (IDLE - 1, IDLE - 1, False),
        (IDLE, IDLE, True),
        (WHOLE - 1, 0, False),
        (WHOLE, 0, True),
        (-5, -5, False),  # another machine's clock, or one that was set back a little
        (-IDLE, -IDLE, True),
        (None, 0, True),
        (0, None, True),
    ],
)
def test_the_limits(started, seen, over):
    assert (IDLE, WHOLE) == (30 * 60, 8 * 60 * 60)
    now = 1_800_000_000
    ago = {STARTED: started, SEEN: seen}
    assert is_over({name: now - seconds for name, seconds in ago.items() if seconds is not None}, now) is over


pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("started", "seen", "open_"), [(0, IDLE - 60, True), (0, IDLE, False), (WHOLE - 60, 0, True), (WHOLE, 0, False)])
def test_a_session_past_a_limit_is_gone_from_every_page(started, seen, open_):
    client, now = signed_in(), int(time.time())
    change_session(client, **{STARTED: now - started, SEEN: now - seen})
    assert is_in(client) is open_
    assert sessions() == (1 if open_ else 0)
    trying = client.get("/screening/try/NCT10000001/")
    assert trying.status_code == (404 if open_ else 302), "a patient's page that asks who is there"


def test_each_minute_a_request_writes_that_somebody_is_there():
    client, now = signed_in(), int(time.time())
    for ago, written in ((NOTED_EVERY - 30, False), (NOTED_EVERY, True)):
        change_session(client, **{SEEN: now - ago})
        is_in(client)
        assert (Session.objects.get().get_decoded()[SEEN] >= now) is written


def test_a_session_from_before_the_limits_is_over():
    client = signed_in()
    held = client.session
    del held[STARTED]
    held.save()
    assert not is_in(client)


@pytest.mark.parametrize("key", [r'"abcdefgh\000"', "abcdefgh'--"], ids=["a zero byte", "a quote"])
def test_a_key_that_no_session_can_have_opens_nothing(key):
    response = browser().get("/admin/", headers={"cookie": f"sessionid={key}"})
    assert (response.status_code, response["Location"]) == (302, f"{LOGIN}?next=/admin/")


def test_the_key_of_a_session_is_the_servers_own():
    """32 random letters and digits, new at each sign-in. One that somebody chose themselves is never used."""
    staff()
    given, chosen = [], "a" * 32
    for client in (browser(), browser(), browser()):
        client.cookies["sessionid"] = chosen
        assert give_password(client).status_code == 302
        given.append(client.cookies["sessionid"].value)
    assert all(re.fullmatch("[a-z0-9]{32}", key) for key in given)
    assert len({*given, chosen}) == 4
    assert not Session.objects.filter(pk=chosen).exists()


def test_the_cookie_goes_with_the_browser():
    staff()
    cookie = give_password(browser()).cookies["sessionid"]
    assert (cookie["max-age"], cookie["expires"]) == ("", "")
    assert cookie["httponly"]


def test_what_is_left_of_old_sessions_is_cleared_away_at_a_sign_in():
    signed_in()
    Session.objects.update(expire_date="2026-01-01T00:00Z")
    signed_in()
    assert sessions() == 1


def test_signing_out_everywhere_ends_all_of_ones_sessions_and_no_other():
    here, there, hers = signed_in("petra"), signed_in("petra"), signed_in("ana")
    assert EVERYWHERE in here.get(OWN).content.decode()
    page = here.post(EVERYWHERE, follow=True)
    assert page.redirect_chain == [(LOGIN, 302)]
    assert "signed out in all 2 places" in page.content.decode()
    assert [is_in(client) for client in (here, there, hers)] == [False, False, True]


def test_signing_out_everywhere_ends_a_sign_in_that_is_half_way():
    mara = staff()
    key, _codes = with_app(mara)
    half, signed = browser(), browser()
    give_password(half)
    give_password(signed)
    signed.post(CODE, {"code": code_from(key)})
    signed.post(EVERYWHERE)
    assert half.post(CODE, {"code": code_from(key, 1)})["Location"] == LOGIN


def test_a_page_asked_for_while_signing_out_does_not_bring_the_session_back():
    client = signed_in()
    held = client.session
    assert held[STARTED]
    client.post(EVERYWHERE)
    held["late"] = True
    with pytest.raises(UpdateError):
        held.save()
    assert not is_in(client)


@pytest.mark.parametrize(("action", "then", "told"), [("sign_out_everywhere", CODE, "Signed out everywhere"), ("forget_second_step", "/admin/", "Took away")])
def test_a_superuser_acts_for_somebody_else(action, then, told):
    mara, boss = staff(), Client()
    boss.force_login(User.objects.create(username="boss", is_staff=True, is_superuser=True))
    key, _codes = with_app(mara)
    hers = browser()
    give_password(hers)
    hers.post(CODE, {"code": code_from(key)})
    assert is_in(hers)
    page = boss.post(USERS, {"action": action, "_selected_action": mara.pk}, follow=True)
    assert "1 person" in page.content.decode()
    assert not is_in(hers)
    assert is_in(boss)
    assert give_password(hers)["Location"] == then
    assert told in boss.get(f"{USERS}{mara.pk}/history/").content.decode()


def test_who_may_change_accounts_but_is_no_superuser_is_not_offered_that():
    client = Client()
    helper = User.objects.create(username="helper", is_staff=True)
    helper.user_permissions.set(permissions("view_user", "change_user"))
    client.force_login(helper)
    assert "sign_out_everywhere" not in client.get(USERS).content.decode()
    other = signed_in("petra")
    client.post(USERS, {"action": "sign_out_everywhere", "_selected_action": User.objects.get(username="petra").pk})
    assert is_in(other)


def permissions(*codenames):
    """Permissions by name."""
    return Permission.objects.filter(codename__in=codenames)


def test_a_new_password_ends_the_other_sessions():
    mara = staff()
    one, other = browser(), browser()
    give_password(one)
    give_password(other)
    one.post("/admin/password_change/", {"old_password": PASSWORD, "new_password1": "nine purple tricycles", "new_password2": "nine purple tricycles"})
    assert (is_in(one), is_in(other)) == (True, False)
    mara.refresh_from_db()
    assert mara.check_password("nine purple tricycles")


def test_half_way_is_nothing_yet(settings):
    settings.SECOND_STEP_REQUIRED = True
    staff()
    client = browser()
    assert give_password(client)["Location"] == SET_UP
    assert set(client.session.keys()) == {PASSWORD_GIVEN}


def test_each_page_offers_to_sign_out():
    user = User.objects.create(username="root", is_staff=True, is_superuser=True)
    client = Client()
    client.force_login(user)
    index = client.get("/admin/").content.decode()
    lists = sorted(set(re.findall(r'href="(/admin/[a-z_]+/[a-z_]+/)"', index)))
    assert len(lists) > 8
    pages = ["/admin/", OWN, "/admin/password_change/", "/admin/trials/criterion/import/", f"{USERS}{user.pk}/change/"]
    assert [address for address in (*pages, *lists) if 'action="/admin/logout/"' not in client.get(address).content.decode()] == []
