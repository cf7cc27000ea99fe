"""The admin site of the desk: Django's own, with a second step at sign-in."""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.exceptions import DisallowedModelAdminToField
from django.contrib.admin.options import TO_FIELD_VAR
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView, PasswordChangeView
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from . import half_way, initial_passwords, pages, second_step
from .forms import OwnPasswordForm, PasswordForm


class PasswordPage(LoginView):
    """The first step. Signs in only where no code is asked for."""

    template_name = "admin/login.html"
    authentication_form = PasswordForm
    next_page = "admin:index"

    def form_valid(self, form: PasswordForm) -> HttpResponse:
        """On to the code, or to setting up the app that gives codes."""
        user = form.get_user()
        if not second_step.is_asked_of(user):
            return super().form_valid(form)
        half_way.begin(self.request, user, self.get_success_url())
        return redirect("admin:sign_in_code" if second_step.is_set_up(user) else "admin:sign_in_set_up")


class OwnPasswordPage(PasswordChangeView):
    """One's own new password."""

    form_class = OwnPasswordForm
    template_name = "admin/sign_in/own_password.html"

    def form_valid(self, form: OwnPasswordForm) -> HttpResponse:
        """Stores it, unless somebody else stored another one meanwhile."""
        try:
            return super().form_valid(form)
        except ValidationError as refusal:
            form.add_error("old_password", refusal)
            return self.form_invalid(form)


class DeskSite(admin.AdminSite):
    """Lets in staff who gave a password and a code."""

    def has_permission(self, request: HttpRequest) -> bool:
        """Whether the desk is open for whoever asks. To those whose password somebody else chose, only the page to change it and the way out are."""
        to_change = (reverse("admin:password_change", current_app=self.name), reverse("admin:logout", current_app=self.name))
        return self._is_signed_in(request) and (not initial_passwords.is_to_change(request.user) or request.path in to_change)

    def _is_signed_in(self, request: HttpRequest) -> bool:
        return super().has_permission(request) and second_step.is_done(request)

    def get_urls(self) -> list:
        """Django's own, and the pages of the second step."""
        return [
            path("sign-in/code/", pages.code, name="sign_in_code"),
            path("sign-in/set-up/", pages.set_up, name="sign_in_set_up"),
            path("sign-in/", self.admin_view(pages.own), name="sign_in"),
            path("sign-in/recovery-codes/", self.admin_view(pages.recovery_codes), name="sign_in_recovery_codes"),
            path("sign-in/out-everywhere/", self.admin_view(pages.out_everywhere), name="sign_in_out_everywhere"),
            path("sign-in/out-there/", self.admin_view(pages.out_there), name="sign_in_out_there"),
            *super().get_urls(),
        ]

    def admin_view(self, view: Callable[..., HttpResponse], cacheable: bool = False) -> Callable[..., HttpResponse]:
        """A page of the desk. Django refuses to look up a record by a field that it must not, but stumbles over one without a name."""

        def looked_up(request: HttpRequest, *args: object, **told: object) -> HttpResponse:
            if "" in (request.GET.get(TO_FIELD_VAR), request.POST.get(TO_FIELD_VAR)):
                raise DisallowedModelAdminToField("no field is named")
            return view(request, *args, **told)

        return super().admin_view(update_wrapper(looked_up, view), cacheable)

    @method_decorator(never_cache)
    @login_not_required
    def login(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        """The page for name and password. As Django's own, which leaves no room for a second step."""
        index = reverse("admin:index", current_app=self.name)
        if request.method == "GET" and self._is_signed_in(request):
            return redirect("admin:password_change" if initial_passwords.is_to_change(request.user) else index)
        context = {**self.each_context(request), "title": _("Log in"), "subtitle": None, "app_path": request.get_full_path()}
        context |= {"username": request.user.get_username(), "second_step_required": settings.SECOND_STEP_REQUIRED}
        if REDIRECT_FIELD_NAME not in request.GET and REDIRECT_FIELD_NAME not in request.POST:
            context[REDIRECT_FIELD_NAME] = index
        request.current_app = self.name
        return PasswordPage.as_view(extra_context=context | (extra_context or {}))(request)

    def password_change(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        """The page to change one's own password. As Django's own, which leaves no room for a form of ours."""
        context = {**self.each_context(request), "is_to_change": initial_passwords.is_to_change(request.user), **(extra_context or {})}
        done = reverse("admin:password_change_done", current_app=self.name)
        request.current_app = self.name
        return OwnPasswordPage.as_view(success_url=done, extra_context=context)(request)
