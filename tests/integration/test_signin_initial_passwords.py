"""A password that somebody else chose is good for choosing another, for seven days. docs/asvs.md names these tests."""

import io
import sys
from datetime import timedelta

import pytest
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Permission, User
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.factories import TrialFactory
from trials.models import AuditEntry, InitialPassword
from trials.signin import initial_passwords
from trials.signin.forms import OthersPasswordForm, OwnPasswordForm

from .signing_in import CODE, INDEX, LOGIN, PASSWORD, SET_UP, browser, code_from, codes_on, give_password, is_in, key_on, staff, time_passes, with_app

CHANGE, USERS = "/admin/password_change/", "/admin/auth/user/"
NEW, OTHER = "nine purple tricycles", "eleven slow tractors"
PLACES = ("/admin/", "/admin/trials/trial/", "/admin/sign-in/", "/admin/jsi18n/", f"{CHANGE}done/", "/admin/no/such/page/", SET_UP, LOGIN)
TRY = "/screening/try/NCT10000001/"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _production(settings):
    """Everybody needs a code, and a password that nobody else knows, as on a server."""
    settings.SECOND_STEP_REQUIRED = True


def root() -> Client:
    """A superuser's browser."""
    client, user = browser("192.0.2.9"), staff("root", is_superuser=True)
    key, _codes = with_app(user)
    give_password(client, "root")
    client.post(CODE, {"code": code_from(key)})
    return client


def added_at_the_admin(name: str) -> None:
    """A new account."""
    root().post(f"{USERS}add/", {"username": name, "password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"})


def changed_at_the_admin(name: str) -> None:
    """A password for an account that is there."""
    user = User.objects.create(username=name, password="!")
    root().post(f"{USERS}{user.pk}/password/", {"password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"})


def added_by_command(name: str) -> None:
    """A new account, by whoever has the server."""
    typed(PASSWORD, "add_staff", name, "--group", "Publisher")


def changed_by_command(name: str) -> None:
    """A new password, by whoever has the server."""
    User.objects.create(username=name, password="!")
    typed(PASSWORD, "changepassword", name)


def typed(password: str, *command: str) -> None:
    """A command that reads a password."""
    keys, sys.stdin = sys.stdin, io.StringIO(f"{password}\n")
    try:
        call_command(*command, "--password-stdin", stdout=io.StringIO())
    finally:
        sys.stdin = keys


WAYS = (added_at_the_admin, changed_at_the_admin, added_by_command, changed_by_command)


def given(name: str = "mara") -> User:
    """Somebody with a password that somebody else chose."""
    user = staff(name)
    initial_passwords.note(user)
    return user


def signed_in(user: User) -> Client:
    """The browser of somebody who gave password and code."""
    client, (key, _codes) = browser(), with_app(user)
    give_password(client, user.username)
    assert client.post(CODE, {"code": code_from(key)})["Location"] == INDEX
    return client


def change(client: Client, new: str = NEW, old: str = PASSWORD):
    """The answer to a new password."""
    return client.post(CHANGE, {"old_password": old, "new_password1": new, "new_password2": new})


def end_of(client: Client, address: str) -> str:
    """Where an address leads in the end."""
    chain = client.get(address, follow=True).redirect_chain
    return chain[-1][0] if chain else address


@pytest.mark.parametrize("way", WAYS)
def test_who_gets_a_password_from_somebody_else_must_choose_another(way):
    way("mara")
    user = User.objects.get(username="mara")
    User.objects.filter(pk=user.pk).update(is_staff=True)
    client = signed_in(user)
    assert end_of(client, INDEX) == CHANGE
    assert change(client)["Location"] == f"{CHANGE}done/"
    assert is_in(client)
    assert not InitialPassword.objects.filter(user=user).exists()


def test_nothing_else_is_open_until_then():
    TrialFactory(nct_id="NCT10000001")
    user = given()
    user.user_permissions.add(Permission.objects.get(codename="view_trial"))
    client = signed_in(user)
    assert {address: end_of(client, address) for address in PLACES} == dict.fromkeys(PLACES, CHANGE)
    assert client.post("/admin/sign-in/out-everywhere/")["Location"].startswith(LOGIN)
    assert client.get(TRY).status_code == 404
    page = client.get(CHANGE).content.decode()
    assert "Please choose one that only you know" in page
    assert 'action="/admin/logout/"' in page
    change(client)
    assert "only you know" not in client.get(CHANGE).content.decode()
    assert {end_of(client, address) for address in PLACES[:3]} == set(PLACES[:3])
    assert client.get(TRY).status_code == 200


def test_it_can_be_left_by_signing_out():
    client = signed_in(given())
    assert client.post("/admin/logout/").status_code == 200
    assert end_of(client, CHANGE) == f"{LOGIN}?next={CHANGE}"


def test_the_first_app_is_set_up_before():
    given()
    client = browser()
    assert give_password(client)["Location"] == SET_UP
    page = client.post(SET_UP, {"code": code_from(key_on(client.get(SET_UP)))})
    assert len(codes_on(page)) == 10
    assert end_of(client, INDEX) == CHANGE


@pytest.mark.parametrize(("new", "old", "said"), [(PASSWORD, PASSWORD, "This is your old password"), (NEW, "a guess", "entered incorrectly")])
def test_the_new_one_differs_and_the_old_one_is_needed(new, old, said):
    client = signed_in(given())
    assert said in change(client, new, old).content.decode()
    assert end_of(client, INDEX) == CHANGE


@pytest.mark.parametrize(("waited", "works"), [(timedelta(days=7, minutes=-1), True), (timedelta(days=7), False)], ids=["just below", "at 7 days"])
def test_it_is_good_for_seven_days(waited, works):
    user = given()
    InitialPassword.objects.update(set_at=timezone.now() - waited)
    page = give_password(browser("192.0.2.7"))
    assert (page.status_code == 302) is works
    lines = list(AuditEntry.objects.values_list("act", "record_key", "detail", "address"))
    if not works:
        assert "Ask whoever gave it to you" in page.content.decode()
        assert lines == [("sign_in_refused", "mara", "signing in: the initial password is too old", "192.0.2.7")]
        assert give_password(browser(), password="a guess").status_code == 200, "and says nothing of it without the password"
        initial_passwords.note(user)
        assert give_password(browser())["Location"] == SET_UP


def test_what_its_owner_chose_never_gets_too_old():
    client = signed_in(given())
    change(client)
    InitialPassword.objects.update(set_at=timezone.now() - timedelta(days=8))
    assert give_password(browser(), password=NEW)["Location"] == CODE


def test_a_session_ends_when_somebody_else_changes_its_password():
    user = staff("mara")
    client, half_way = signed_in(user), browser()
    give_password(half_way)
    root().post(f"{USERS}{user.pk}/password/", {"password1": NEW, "password2": NEW, "usable_password": "true"})
    time_passes()
    assert end_of(client, INDEX) == f"{LOGIN}?next={INDEX}"
    assert half_way.get(CODE)["Location"] == LOGIN


@pytest.mark.parametrize("number", ["{}", "0{}", "%20{}", "+{}"])
def test_ones_own_takes_the_old_one_for_a_superuser_too(number):
    client = root()
    user = User.objects.get(username="root")
    User.objects.filter(pk=user.pk).update(is_superuser=True)
    sent = {"password1": NEW, "password2": NEW, "usable_password": "true"}
    page = client.post(f"{USERS}{number.format(user.pk)}/password/", sent)
    assert page["Location"] == CHANGE
    assert User.objects.get(username="root").check_password(PASSWORD)
    assert not InitialPassword.objects.exists()


def test_an_account_without_a_password_has_none_to_change():
    root().post(f"{USERS}add/", {"username": "mara", "usable_password": "false"})
    assert not User.objects.get(username="mara").has_usable_password()
    assert not InitialPassword.objects.exists()


def test_both_are_in_the_audit_trail():
    added_at_the_admin("mara")
    user = User.objects.get(username="mara")
    User.objects.filter(pk=user.pk).update(is_staff=True)
    change(signed_in(user))
    lines = AuditEntry.objects.filter(detail__endswith="; new password").order_by("pk").values_list("act", "user_name", "record_key")
    assert list(lines) == [("add", "root", "mara"), ("change", "mara", "mara")]
    assert not any(secret in str(list(AuditEntry.objects.values_list())) for secret in (PASSWORD, NEW))


def test_on_ones_own_machine_nobody_is_asked(settings):
    settings.SECOND_STEP_REQUIRED = False
    added_by_command("mara")
    InitialPassword.objects.update(set_at=timezone.now() - timedelta(days=8))
    client = browser()
    assert give_password(client)["Location"] == INDEX
    assert is_in(client)


def test_the_catalog_of_patients_stays_as_it_is():
    user = given()
    with CaptureQueriesContext(connection) as asked:
        initial_passwords.note(user)
        initial_passwords.forget(user)
    assert not any("catalogstamp" in query["sql"] for query in asked)


def chosen_while(user: User, meanwhile) -> OwnPasswordForm:
    """A new password of one's own, which is checked, and stored after something else happened."""
    form = OwnPasswordForm(User.objects.get(pk=user.pk), {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW})
    assert form.is_valid()
    meanwhile()
    form.save()
    return form


def test_a_password_that_a_superuser_sets_meanwhile_holds():
    user = given()

    def reset():
        set_by_superuser = OthersPasswordForm(User.objects.get(pk=user.pk), {"password1": OTHER, "password2": OTHER, "usable_password": "true"})
        assert set_by_superuser.is_valid()
        set_by_superuser.save()

    with pytest.raises(ValidationError, match="changed by somebody else just now"):
        chosen_while(user, reset)
    user.refresh_from_db()
    assert user.check_password(OTHER)
    assert InitialPassword.objects.filter(user=user).exists()


def test_whoever_types_meanwhile_reads_why_and_is_signed_out(monkeypatch):
    user = staff("mara")
    client, check = signed_in(user), OwnPasswordForm.clean

    def reset_then_clean(form):
        given_in = check(form)
        User.objects.filter(pk=user.pk).update(password=make_password(OTHER))
        return given_in

    monkeypatch.setattr(OwnPasswordForm, "clean", reset_then_clean)
    page = change(client)
    assert page.status_code == 200
    assert "changed by somebody else just now" in page.content.decode()
    assert not is_in(client)
    assert User.objects.get(pk=user.pk).check_password(OTHER)


@pytest.mark.parametrize("form", [OwnPasswordForm, OthersPasswordForm])
def test_an_account_that_is_closed_meanwhile_stays_closed(form):
    user = staff("mara")
    sent = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW, "password1": NEW, "password2": NEW, "usable_password": "true"}
    filled_in = form(User.objects.get(pk=user.pk), sent)
    assert filled_in.is_valid()
    User.objects.filter(pk=user.pk).update(is_active=False, is_staff=False)
    filled_in.save()
    user.refresh_from_db()
    assert (user.is_active, user.is_staff) == (False, False)
    assert user.check_password(NEW)


@pytest.mark.parametrize(("name", "password", "said"), [("nobody", NEW, "there is no account 'nobody'"), ("mara", "mara mara mara mara", "easy to guess")])
def test_the_command_says_why_not_and_stores_nothing(name, password, said):
    user = staff("mara")
    with pytest.raises(CommandError, match=said):
        typed(password, "changepassword", name)
    assert User.objects.get().password == user.password
    assert not InitialPassword.objects.exists()
