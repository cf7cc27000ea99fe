"""Gives an account a new password, in the place of Django's command: whoever runs it knows that password, so its owner must choose another."""

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from trials.management import passwords
from trials.signin import initial_passwords


class Command(BaseCommand):
    """``manage.py changepassword NAME``"""

    help = "Gives an account a new password. It is good for 7 days, and for choosing another at the next sign-in (but on one's own machine)."

    def add_arguments(self, parser) -> None:
        """The name, and where the password comes from."""
        parser.add_argument("name", metavar="NAME", help="the name to sign in with")
        passwords.add_argument(parser)

    def handle(self, *, name: str, password_stdin: bool, **_options) -> None:
        """Stores the password, or says why not. No transaction is held open while somebody types: nobody else could write."""
        user = get_user_model().objects.filter(username=name).first()
        if user is None:
            raise CommandError(f"there is no account {name!r}", returncode=2)
        try:
            passwords.set_new(user, stdin=password_stdin)
        except ValidationError as refusal:
            raise CommandError(" ".join(refusal.messages), returncode=2) from None
        with transaction.atomic():
            user.save(update_fields=["password"])
            initial_passwords.note(user)
        self.stdout.write(f"{user.get_username()} has a new password")
