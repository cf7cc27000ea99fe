"""The pages of the second step, and of one's own sign-in."""

from __future__ import annotations

from base64 import b32encode

import segno
from django.contrib import admin, messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_otp import login as note_second_step
from django_otp.plugins.otp_totp.models import TOTPDevice

from trials import audit
from trials.audit import Act

from . import half_way, lockout, second_step, sessions
from .forms import CodeForm, FirstCodeForm

NEW_KEY = "new_key"
"""Where a session keeps the key of an app that is being set up. Each session has its own, so nobody can learn it elsewhere beforehand."""


@login_not_required
@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """The second step of signing in."""
    user = half_way.person(request)
    if user is None or not second_step.is_set_up(user):
        return redirect("admin:login")
    form = CodeForm(request.POST or None)
    if form.is_valid():
        typed = form.cleaned_data["code"]
        if lockout.is_locked_out(request, user):
            return lockout.locked_out(request)
        if seconds := second_step.wait(user, typed):
            form.add_error("code", _wait(seconds))
        elif device := second_step.check(user, typed):
            return redirect(half_way.finish(request, user, device))
        else:
            lockout.note_wrong_code(request, user)
            form.add_error("code", _("That code does not work. Type the code that your app shows now; each works once."))
    return _form_page(request, "code", form, _("Type your code"))


@login_not_required
@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def set_up(request: HttpRequest) -> HttpResponse:
    """Setting up an app: at the first sign-in, or later with another phone."""
    signed_in = admin.site.has_permission(request)
    user = request.user if signed_in else half_way.person(request)
    if user is None or (not signed_in and second_step.is_set_up(user)):
        return redirect("admin:login")
    app = second_step.new_app(user, request.session.get(NEW_KEY, ""))
    request.session[NEW_KEY] = app.key
    form = FirstCodeForm(request.POST or None)
    if form.is_valid():
        codes = second_step.set_up(app, "".join(form.cleaned_data["code"].split()), instead=signed_in)
        if codes:
            return _set_up_done(request, app, codes, signed_in=signed_in)
        form.add_error("code", _("That code does not come from this app. Look that the clock of your phone is right, and type the code that it shows now."))
    key = b32encode(app.bin_key).decode()
    picture = segno.make(app.config_url, error="m").svg_data_uri(scale=4, border=4, light="#fff")
    return _form_page(request, "set_up", form, _("Set up your second step"), picture=picture, key=[key[at : at + 4] for at in range(0, len(key), 4)])


@require_GET
def own(request: HttpRequest) -> HttpResponse:
    """One's own sign-in: what there is, and what can be done about it."""
    left = second_step.recovery_codes_left(request.user)
    return _page(request, "own", _("Your sign-in"), is_set_up=second_step.is_set_up(request.user), left=left)


@never_cache
@require_POST
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """New recovery codes in the place of the earlier ones, shown once."""
    if not second_step.is_set_up(request.user):
        return redirect("admin:sign_in_set_up")
    with transaction.atomic():
        codes = second_step.new_recovery_codes(request.user)
        audit.record(Act.CHANGE, request.user, detail="new recovery codes")
    return _codes_page(request, codes, reverse("admin:sign_in"))


@require_POST
def out_everywhere(request: HttpRequest) -> HttpResponse:
    """Ends all sessions of whoever asks, this one too."""
    user = request.user
    with transaction.atomic():
        logout(request)
        count = sessions.end_all(user) + 1
        audit.record(Act.CHANGE, user, detail="signed out everywhere", by=user)
    said = ngettext("You are signed out. It was your only session.", "You are signed out in all %(count)s places.", count)
    messages.success(request, said % {"count": count})
    return redirect("admin:login")


def _set_up_done(request: HttpRequest, app: TOTPDevice, codes: list[str], *, signed_in: bool) -> HttpResponse:
    if signed_in:
        note_second_step(request, app)
        then = reverse("admin:sign_in")
    else:
        then = half_way.finish(request, app.user, app)
    request.session.pop(NEW_KEY, None)
    return _codes_page(request, codes, then)


def _codes_page(request: HttpRequest, codes: list[str], then: str) -> HttpResponse:
    return _page(request, "recovery_codes", _("Your recovery codes"), codes=codes, then=then)


def _form_page(request: HttpRequest, name: str, form: Form, title: str, **more: object) -> HttpResponse:
    return _page(request, name, title, 422 if form.errors else 200, form=form, **more)


def _page(request: HttpRequest, name: str, title: str, status: int = 200, **more: object) -> HttpResponse:
    return render(request, f"admin/sign_in/{name}.html", {**admin.site.each_context(request), "title": title, **more}, status=status)


def _wait(seconds: int) -> str:
    return ngettext("Please wait %(count)s second, then try again.", "Please wait %(count)s seconds, then try again.", seconds) % {"count": seconds}
