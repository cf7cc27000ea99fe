"""Adds an account for the desk."""

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from trials.groups import GROUPS, ensure_groups
from trials.management import passwords
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
        passwords.add_argument(parser)

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
            passwords.set_new(user, stdin=password_stdin)
        except ValidationError as refusal:
            raise CommandError(" ".join(refusal.messages), returncode=2) from None
        self._add(user, group)
        self.stdout.write(f"{user.get_username()} can sign in at /admin/ as {group}")
