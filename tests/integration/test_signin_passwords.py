"""Passwords of the desk: what is taken, what is refused, and which sessions a change ends. docs/asvs.md names these tests."""

import re
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command

from tests.factories import QuestionFactory
from trials.signin import second_step

from .signing_in import CODE, INDEX, LOGIN, PASSWORD, browser, code_from, give_password, is_in, staff, time_passes, with_app

CHANGE = "/admin/password_change/"

pytestmark = pytest.mark.django_db


@pytest.fixture
def mara():
    """Somebody of the desk, without an app."""
    return staff()


def change(client, new: str, old: str = PASSWORD):
    """The answer to a new password."""
    return client.post(CHANGE, {"old_password": old, "new_password1": new, "new_password2": new})


def signed_in(name: str = "mara", password: str = PASSWORD):
    """A browser in which somebody gave name and password."""
    client = browser()
    give_password(client, name, password)
    return client


@pytest.mark.parametrize(
    "new",
    ["730518264097351", "qzvkwjxhmgtbplr", " blanks at both ends ", "zwölf grüne Äpfel 🍏", "twelve green trains meet a slow boat … " * 6],
    ids=["digits alone", "small letters alone", "blanks", "any letters", "234 signs"],
)
def test_any_password_of_15_signs_or_more_that_is_hard_to_guess_is_taken_as_it_is(new, mara):
    assert change(signed_in(), new)["Location"] == f"{CHANGE}done/"
    for other in {new.strip(), new.swapcase(), new[:72], new[:-1]} - {new}:
        assert not is_in(signed_in(password=other)), other
    assert is_in(signed_in(password=new))


@pytest.mark.parametrize(
    ("new", "said"),
    [
        ("73051826409735", "too short"),
        ("mara-of-the-mountains", "too similar to the username"),
        ("1q2w3e4r5t6y7u8i", "too common"),
        ("Gene-Therapy-2026", "easy to guess"),
    ],
    ids=["14 signs", "the name", "a common one", "words of this site"],
)
def test_a_password_that_is_easy_to_guess_is_refused(new, said):
    staff("mara-of-the-mountains")
    page = change(signed_in("mara-of-the-mountains"), new)
    assert said in page.content.decode()
    assert User.objects.get().check_password(PASSWORD)


def test_a_new_password_needs_the_old_one(mara):
    page = change(signed_in(), "nine purple tricycles", old="seven green bicycle")
    assert "Your old password was entered incorrectly" in page.content.decode()
    assert User.objects.get().check_password(PASSWORD)


def test_fields_for_passwords_hide_them_and_let_password_managers_help(mara):
    assert fields_of(browser().get(LOGIN)) == [("password", "current-password")]
    assert fields_of(signed_in().get(CHANGE)) == [("old_password", "current-password"), ("new_password1", "new-password"), ("new_password2", "new-password")]


def fields_of(page) -> list[tuple[str, str]]:
    """The fields of a page that hide what is typed, each with what it tells the browser's own helper."""
    hidden = re.findall(r'<input type="password" name="(\w+)"', page.content.decode())
    return [(name, page.context["form"].fields[name].widget.attrs["autocomplete"]) for name in hidden]


def test_a_session_gets_another_key_with_the_password_and_with_the_code(mara, settings):
    settings.SECOND_STEP_REQUIRED = True
    key, _codes = with_app(mara)
    client = browser()
    keys = [client.session.session_key]
    give_password(client)
    keys.append(client.session.session_key)
    client.post(CODE, {"code": code_from(key)})
    keys.append(client.session.session_key)
    assert is_in(client)
    assert len(set(keys)) == 3
    client.cookies["sessionid"] = keys[1]
    assert not is_in(client)


def test_another_app_shuts_out_the_sessions_of_the_earlier_one(mara, settings):
    settings.SECOND_STEP_REQUIRED = True
    key, _codes = with_app(mara)
    client = browser()
    give_password(client)
    client.post(CODE, {"code": code_from(key)})
    assert is_in(client)
    time_passes()
    other = second_step.new_app(mara)
    assert second_step.set_up(other, code_from(other.key), instead=True)
    assert not is_in(client)


@pytest.mark.parametrize("way", ["closed", "no longer of the desk", "deleted"])
def test_a_session_ends_with_its_account(way, mara):
    client = signed_in()
    assert is_in(client)
    if way == "deleted":
        mara.delete()
    else:
        User.objects.update(**{"is_active" if way == "closed" else "is_staff": False})
    assert client.get(INDEX).status_code == 302


def test_there_is_no_account_before_somebody_makes_one():
    QuestionFactory()
    call_command("prepare", stdout=StringIO())
    assert not User.objects.exists()
