"""Takes away the second step of somebody who lost both phone and recovery codes, where no superuser can sign in to do it."""

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from trials.signin import second_step, sessions


class Command(BaseCommand):
    """``manage.py forget_second_step NAME``"""

    help = "Takes away somebody's authenticator app and recovery codes and signs them out everywhere. The next sign-in sets up new ones."

    def add_arguments(self, parser) -> None:
        """The name."""
        parser.add_argument("name", metavar="NAME", help="the name to sign in with")

    def handle(self, *, name: str, **_options) -> None:
        """Does it, or says that there is nobody of this name."""
        model = get_user_model()
        user = model.objects.filter(**{model.USERNAME_FIELD: name}).first()
        if user is None:
            raise CommandError(f"there is nobody named {name}", returncode=2)
        second_step.forget(user)
        sessions.end_all(user)
        self.stdout.write(f"{name} sets up a new second step at the next sign-in")
