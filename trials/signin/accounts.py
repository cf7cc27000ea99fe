"""The accounts of the desk in the admin: what a superuser can do about somebody else's sign-in."""

from __future__ import annotations

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from trials import audit
from trials.audit import Act

from . import initial_passwords, second_step, sessions
from .forms import OthersPasswordForm


class AccountAdmin(UserAdmin):
    """Django's own, with two actions for superusers. Whoever gets a password here must choose another."""

    actions = ("sign_out_everywhere", "forget_second_step")
    change_password_form = OthersPasswordForm

    def save_model(self, request: HttpRequest, obj: User, form: ModelForm, change: bool) -> None:
        """Stores an account. The password of a new one was chosen by whoever adds it."""
        super().save_model(request, obj, form, change)
        if not change and obj.has_usable_password():
            initial_passwords.note(obj)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        """The page for somebody else's password. One's own takes the old one, on a page of its own."""
        if self.get_object(request, unquote(id)) == request.user:  # an address may write a number in several ways
            return redirect("admin:password_change")
        return super().user_change_password(request, id, form_url)

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
