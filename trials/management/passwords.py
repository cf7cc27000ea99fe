"""New passwords, as commands ask for them."""

from __future__ import annotations

import getpass
import sys

from django.contrib.auth.models import AbstractBaseUser
from django.contrib.auth.password_validation import validate_password
from django.core.management.base import CommandError, CommandParser


def add_argument(parser: CommandParser) -> None:
    """Where the password comes from."""
    parser.add_argument("--password-stdin", action="store_true", help="read the password from the first line of standard input")


def set_new(user: AbstractBaseUser, *, stdin: bool) -> None:
    """Asks for a password and gives it to an account, which is not stored by this.

    Raises ``ValidationError`` for one that is easy to guess, and ``CommandError`` where it cannot be asked for.
    """
    password = sys.stdin.readline().rstrip("\r\n") if stdin else _asked_twice()
    validate_password(password, user)
    user.set_password(password)


def _asked_twice() -> str:
    """The password, typed twice without being shown."""
    if not sys.stdin.isatty():
        raise CommandError("there is no terminal to ask for the password; use --password-stdin", returncode=2)
    password = getpass.getpass("Password: ")
    if getpass.getpass("Password again: ") != password:
        raise CommandError("the two passwords are not the same", returncode=2)
    return password
