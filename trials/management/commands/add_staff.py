"""Adds an account for the desk."""

import getpass
import sys

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from trials.groups import GROUPS, ensure_groups
from trials.management.preparing import make_tables
from trials.signin import initial_passwords


class Command(BaseCommand):
    """``manage.py add_staff NAME --group Coordinator|Publisher|Auditor``"""

    help = (
        "Adds an account that may sign in at the desk and do what its group may do. Asks for the password twice. "
        "It is good for 7 days, and for choosing another at the first sign-in (but on one's own machine)."
    )

    def add_arguments(self, parser) -> None:
        """The name, the group, and where the password comes from."""
        parser.add_argument("name", metavar="NAME", help="the name to sign in with")
        parser.add_argument("--group", required=True, choices=tuple(GROUPS), help="what the account may do")
        parser.add_argument("--password-stdin", action="store_true", help="read the password from the first line of standard input")

    @transaction.atomic
    def _add(self, user, group: str) -> None:
        ensure_groups()
        user.save()
        user.groups.add(Group.objects.get(name=group))
        initial_passwords.note(user)

    def handle(self, *, name: str, group: str, password_stdin: bool, **_options) -> None:
        """Adds the account, or says why not."""
        make_tables()
        model = get_user_model()
        user = model(**{model.USERNAME_FIELD: model.normalize_username(name)}, is_staff=True)
        try:
            user.full_clean(exclude=["password"])
            password = _first_line() if password_stdin else _asked_twice()
            validate_password(password, user)
        except ValidationError as refusal:
            raise CommandError(" ".join(refusal.messages), returncode=2) from None
        user.set_password(password)
        self._add(user, group)
        self.stdout.write(f"{user.get_username()} can sign in at /admin/ as {group}")


def _first_line() -> str:
    return sys.stdin.readline().rstrip("\r\n")


def _asked_twice() -> str:
    """The password, typed twice without being shown."""
    if not sys.stdin.isatty():
        raise CommandError("there is no terminal to ask for the password; use --password-stdin", returncode=2)
    password = getpass.getpass("Password: ")
    if getpass.getpass("Password again: ") != password:
        raise CommandError("the two passwords are not the same", returncode=2)
    return password
