"""The admin site of the desk: Django's own, with a second step at sign-in."""

from __future__ import annotations

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from . import half_way, pages, second_step


class PasswordPage(LoginView):
    """The first step. Signs in only where no code is asked for."""

    template_name = "admin/login.html"
    authentication_form = AdminAuthenticationForm
    next_page = "admin:index"

    def form_valid(self, form: AdminAuthenticationForm) -> HttpResponse:
        """On to the code, or to setting up the app that gives codes."""
        user = form.get_user()
        if not second_step.is_asked_of(user):
            return super().form_valid(form)
        half_way.begin(self.request, user, self.get_success_url())
        return redirect("admin:sign_in_code" if second_step.is_set_up(user) else "admin:sign_in_set_up")


class DeskSite(admin.AdminSite):
    """Lets in staff who gave a password and a code."""

    def has_permission(self, request: HttpRequest) -> bool:
        """Whether the desk is open for whoever asks."""
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

    @method_decorator(never_cache)
    @login_not_required
    def login(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        """The page for name and password. As Django's own, which leaves no room for a second step."""
        index = reverse("admin:index", current_app=self.name)
        if request.method == "GET" and self.has_permission(request):
            return HttpResponseRedirect(index)
        context = {**self.each_context(request), "title": _("Log in"), "subtitle": None, "app_path": request.get_full_path()}
        context |= {"username": request.user.get_username(), "second_step_required": settings.SECOND_STEP_REQUIRED}
        if REDIRECT_FIELD_NAME not in request.GET and REDIRECT_FIELD_NAME not in request.POST:
            context[REDIRECT_FIELD_NAME] = index
        request.current_app = self.name
        return PasswordPage.as_view(extra_context=context | (extra_context or {}))(request)
