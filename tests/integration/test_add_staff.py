"""Adding accounts for the desk by command."""

import io
import sys

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from trials.groups import AUDITOR, GROUPS
from trials.management import passwords

pytestmark = pytest.mark.django_db
PASSWORD = "seven green bicycles"


def typed(text: str, terminal: bool = False) -> io.StringIO:
    """What somebody types, or a program sends."""
    keys = io.StringIO(text)
    keys.isatty = lambda: terminal
    return keys


@pytest.mark.parametrize("group", GROUPS)
def test_an_account_for_the_desk_is_added(group, monkeypatch, capsys, django_user_model):
    monkeypatch.setattr(sys, "stdin", typed(f"{PASSWORD}\n"))
    call_command("add_staff", "mara", "--group", group, "--password-stdin")
    assert capsys.readouterr().out == f"mara can sign in at /admin/ as {group}\n"
    user = django_user_model.objects.get(username="mara")
    assert (user.is_staff, user.is_superuser, [found.name for found in user.groups.all()]) == (True, False, [group])
    assert Client().login(username="mara", password=PASSWORD)


def test_the_password_is_asked_for_twice(monkeypatch, django_user_model):
    monkeypatch.setattr(sys, "stdin", typed("", terminal=True))
    answers = iter([PASSWORD, PASSWORD, PASSWORD, "something else"])
    monkeypatch.setattr(passwords.getpass, "getpass", lambda _prompt: next(answers))
    call_command("add_staff", "mara", "--group", AUDITOR)
    with pytest.raises(CommandError, match="not the same"):
        call_command("add_staff", "bo", "--group", AUDITOR)
    assert [user.username for user in django_user_model.objects.all()] == ["mara"]


@pytest.mark.parametrize(
    ("arguments", "typing", "said"),
    [
        (["mara", "--group", "Auditor", "--password-stdin"], "short\n", "too short"),
        (["mara", "--group", "Auditor", "--password-stdin"], "", "too short"),
        (["mara-of-the-mountains", "--group", "Auditor", "--password-stdin"], "mara-of-the-mountains\n", "too similar to the username"),
        (["mara", "--group", "Auditor", "--password-stdin"], "gene therapy trial desk\n", "easy to guess"),
        (["two words", "--group", "Auditor", "--password-stdin"], f"{PASSWORD}\n", "Enter a valid username"),
        (["taken", "--group", "Auditor", "--password-stdin"], f"{PASSWORD}\n", "already exists"),
        (["mara", "--group", "Boss", "--password-stdin"], f"{PASSWORD}\n", "invalid choice: 'Boss'"),
        (["mara", "--password-stdin"], f"{PASSWORD}\n", "required: --group"),
        (["mara", "--group", "Auditor"], f"{PASSWORD}\n", "no terminal"),
    ],
)
def test_an_account_is_refused_with_the_reason(arguments, typing, said, monkeypatch, django_user_model):
    django_user_model.objects.create(username="taken")
    monkeypatch.setattr(sys, "stdin", typed(typing))
    with pytest.raises(CommandError, match=said):
        call_command("add_staff", *arguments)
    assert django_user_model.objects.count() == 1
