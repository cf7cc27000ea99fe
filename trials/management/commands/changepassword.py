"""Django's command for a new password. Whoever runs it knows that password, so its owner must choose another."""

import getpass

from django.contrib.auth import get_user_model
from django.contrib.auth.management.commands import changepassword

from trials.signin import initial_passwords


class Command(changepassword.Command):
    """``manage.py changepassword NAME``"""

    def handle(self, *, username: str | None, **options) -> str:
        """Asks for the password twice and stores it. No transaction is held open meanwhile: nobody else could write."""
        username = username or getpass.getuser()
        told = super().handle(username=username, **options)
        initial_passwords.note(get_user_model().objects.get_by_natural_key(username))
        return told
