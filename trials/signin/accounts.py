"""The accounts of the desk in the admin: what a superuser can do about somebody else's sign-in."""

from __future__ import annotations

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from trials import audit
from trials.audit import Act

from . import second_step, sessions


class AccountAdmin(UserAdmin):
    """Django's own, with two actions for superusers."""

    actions = ("sign_out_everywhere", "forget_second_step")

    def has_superuser_permission(self, request: HttpRequest) -> bool:
        """Whether the actions are offered."""
        return request.user.is_superuser

    @admin.action(description=gettext_lazy("Sign out everywhere"), permissions=["superuser"])
    @transaction.atomic
    def sign_out_everywhere(self, request: HttpRequest, people: QuerySet[User]) -> None:
        """Ends all sessions of the people chosen, all or none."""
        for user in people:
            sessions.end_all(user)
            self.log_change(request, user, _("Signed out everywhere."))
            audit.record(Act.CHANGE, user, detail="signed out everywhere")
        said = ngettext("%(count)s person is signed out everywhere.", "%(count)s people are signed out everywhere.", len(people))
        self._tell(request, said, len(people))

    @admin.action(description=gettext_lazy("Take away the second step (phone and recovery codes lost)"), permissions=["superuser"])
    @transaction.atomic
    def forget_second_step(self, request: HttpRequest, people: QuerySet[User]) -> None:
        """Takes away apps and recovery codes, and ends all sessions: the next sign-in sets up a new app. For all the people chosen, or none."""
        for user in people:
            second_step.forget(user)
            sessions.end_all(user)
            self.log_change(request, user, _("Took away the second step of signing in."))
            audit.record(Act.CHANGE, user, detail="second step taken away, signed out everywhere")
        said = ngettext("%(count)s person sets up a new app at the next sign-in.", "%(count)s people set up a new app at the next sign-in.", len(people))
        self._tell(request, said, len(people))

    def _tell(self, request: HttpRequest, said: str, count: int) -> None:
        self.message_user(request, said % {"count": count}, messages.SUCCESS)


def register() -> None:
    """Puts this page in the place of Django's, and takes away those that show or change the secrets of second steps."""
    admin.site.unregister([User, TOTPDevice, StaticDevice])
    admin.site.register(User, AccountAdmin)
