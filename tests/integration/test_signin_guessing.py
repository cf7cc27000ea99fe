"""Which passwords are easy to guess at this site, on every way to set one. docs/asvs.md names these tests."""

import gzip
import time
from pathlib import Path

import pytest
from django.contrib.auth import password_validation
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.test import Client
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from trials.signin.guessing import ENOUGH, LOOKED_AT, READ, GuessingValidator, guesses, known_words

ANNA = User(username="annavanderberghe", first_name="Anna", last_name="van der Berghe", email="anna@utrecht.example.org")
SAID = "This password is easy to guess. Take four or more words that do not belong together"


def is_taken(password: str, user: User | None = None) -> bool:
    """Whether our own check takes a password."""
    try:
        GuessingValidator().validate(password, user)
    except ValidationError as refusal:
        assert refusal.messages[0].startswith(SAID)
        return False
    return True


@pytest.mark.parametrize(
    "password",
    [
        "genetherapytrial",
        "Gene Therapy Trial Clinic",
        "coordinator coordinator",
        "GENE-therapy-trial-2026!",
        "th3r4pyc00rdin4t0r",
        "prescreenprescreen!!",
        "my-hospital-desk-1",
        "vanderbergheanna1",
        "anna.utrecht.2026",
        "Tandem" * 40,
        "qwertyuiop asdfghjkl",
        "november november",
        "iloveyou12345678",
        "12345678901234567890",
    ],
)
def test_names_words_of_this_site_and_patterns_are_easy_to_guess(password):
    assert not is_taken(password, ANNA)


@pytest.mark.parametrize(
    "password",
    ["seven green bicycles", "730518264097351", "qzvkwjxhmgtbplr", "zwölf grüne Äpfel 🍏", "gene therapy trial coordinator desk: seven green bicycles"],
)
def test_what_is_hard_to_guess_is_taken_whatever_it_is_made_of(password):
    assert is_taken(password, ANNA)


def test_names_count_for_their_owner_alone_and_the_host_names_for_everybody(settings):
    password = "kwibus-brontë-2026"
    assert is_taken(password, ANNA)
    assert not is_taken(password, User(username="x", first_name="Kwibus", last_name="Brontë"))
    settings.ALLOWED_HOSTS = ["kwibus.brontë.example"]
    assert not is_taken(password, ANNA)
    assert not is_taken(password), "nobody's"


def test_a_word_of_two_letters_is_not_looked_for():
    assert known_words(User(username="bo"))[0] != "bo"
    assert known_words(User(username="bob"))[0] == "bob"


@pytest.mark.parametrize(("digits", "taken"), [(9, False), (10, True)], ids=["just below", "at the bound"])
def test_the_bound_is_ten_thousand_million_guesses(digits, taken):
    unknown = "ßđŋħĸłøþæð"[:digits]
    assert ENOUGH == 10**10
    assert guesses(unknown, []) in (10**digits, 10**digits + 1)
    assert is_taken(unknown) is taken


def test_only_the_first_signs_are_looked_at_so_that_it_never_takes_long():
    assert LOOKED_AT == 40
    easy = "a" * LOOKED_AT
    assert guesses(easy + "seven green bicycles", []) == guesses(easy, [])
    assert guesses(easy[1:] + "seven green bicycles", []) > guesses(easy, [])
    assert guesses("gene" * (READ // 4) + "seven green bicycles", ["gene"]) == 1
    assert guesses("gene" * (READ // 4 - 5) + "seven green bicycles", ["gene"]) >= ENOUGH
    started = time.process_time()
    assert is_taken("4@8({[<369!1|0$5+7%2" * 50_000, ANNA)  # the worst signs there are, a million of them
    assert time.process_time() - started < 10


def test_nothing_that_can_be_typed_is_too_much():
    for password in ("", " ", "\0" * 20, "²³¹" * 7, "\ud800" * 20, "İıſ" * 9, "gene", "(*[\\" * 5):
        is_taken(password, User(username="(*[\\"))


def test_thousands_of_common_passwords_of_15_signs_are_refused():
    """Two common ones in a row, of the 30,000 that zxcvbn knows: there are hundreds of millions of them, of which some are tried."""
    common = FREQUENCY_LISTS["passwords"]
    assert len(common) == 30_000
    assert [both for both in zip(common[::100], common[1::100], strict=True) if is_taken("".join(both))] == []


def test_each_check_refuses_what_the_others_take():
    """Why Django's two stay."""
    names = gzip.decompress((Path(password_validation.__file__).parent / "common-passwords.txt.gz").read_bytes()).decode().split("\n")
    assert is_taken("somanypickles27") and "somanypickles27" in names
    rearranged = "berghevanderanna"
    assert is_taken(rearranged, User(username="annavanderberghe"))
    for password, said in ((rearranged, "too similar to the username"), ("somanypickles27", "too common"), ("november november", SAID)):
        with pytest.raises(ValidationError) as refusal:
            password_validation.validate_password(password, User(username="annavanderberghe"))
        assert len(refusal.value.messages) == 1 and said in refusal.value.messages[0]


EASY = {"password1": "gene therapy trial desk", "password2": "gene therapy trial desk", "usable_password": "true"}


@pytest.mark.django_db
class TestEachWay:
    """The commands and one's own page are in ``test_add_staff`` and ``test_signin_passwords``."""

    def test_an_account_is_not_added_with_an_easy_password(self):
        page = root().post("/admin/auth/user/add/", {"username": "bo", **EASY})
        assert SAID in page.content.decode()
        assert not User.objects.filter(username="bo").exists()

    def test_nobody_is_given_an_easy_password(self):
        user = User.objects.create(username="bo", password="!")
        page = root().post(f"/admin/auth/user/{user.pk}/password/", EASY)
        assert SAID in page.content.decode()
        assert User.objects.get(username="bo").password == "!"


def root():
    """A superuser's browser."""
    client = Client()
    client.force_login(User.objects.create_superuser("root"))
    return client
