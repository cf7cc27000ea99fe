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

from . import half_way, lockout, proof, second_step, sessions
from .forms import CodeForm, FirstCodeForm, OtherAppForm, ProofForm

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
        if lockout.is_locked_out(request, user):
            return lockout.turn_away(request, user, "signing in")
        if device := proof.device(request, user, form, "code", "signing in"):
            then = half_way.finish(request, user, device)
            if second_step.is_recovery(device):
                _tell_what_is_left(request)
            return redirect(then)
    return _form_page(request, "code", form, _("Type your code"))


@login_not_required
@never_cache
@sensitive_post_parameters("password", "current_code", "code")
@require_http_methods(["GET", "HEAD", "POST"])
def set_up(request: HttpRequest) -> HttpResponse:
    """Setting up an app: at the first sign-in, or later with another phone, which takes a proof that it is the owner who asks."""
    signed_in = admin.site.has_permission(request)
    user = request.user if signed_in else half_way.person(request)
    if user is None or (not signed_in and second_step.is_set_up(user)):
        return redirect("admin:login")
    instead = second_step.is_set_up(user)
    app = second_step.new_app(user, request.session.get(NEW_KEY, ""))
    request.session[NEW_KEY] = app.key
    form = (OtherAppForm if instead else FirstCodeForm)(request.POST or None)
    if form.is_valid():
        typed = "".join(form.cleaned_data["code"].split())
        if instead and lockout.is_locked_out(request, user):
            return lockout.turn_away(request, user, "another app")
        # The proof comes last, so that a slip in the new code uses up none of the old app's.
        proven = not instead or (second_step.comes_from(app, typed) and proof.is_given(request, form, "another app"))
        if proven and (codes := second_step.set_up(app, typed, instead=instead)):
            return _set_up_done(request, app, codes, signed_in=signed_in)
        if form.is_valid():
            form.add_error("code", _("That code does not come from this app. Look that the clock of your phone is right, and type the code that it shows now."))
    key = b32encode(app.bin_key).decode()
    picture = segno.make(app.config_url, error="m").svg_data_uri(scale=4, border=4, light="#fff")
    title = _("Change to another phone or app") if instead else _("Set up your second step")
    return _form_page(request, "set_up", form, title, instead=instead, picture=picture, key=[key[at : at + 4] for at in range(0, len(key), 4)])


@require_GET
def own(request: HttpRequest) -> HttpResponse:
    """One's own sign-in: what there is, and what can be done about it."""
    left = second_step.recovery_codes_left(request.user)
    places = sessions.open_sessions(request.user, request.session.session_key)
    return _page(request, "own", _("Your sign-in"), is_set_up=second_step.is_set_up(request.user), left=left, places=places)


@never_cache
@sensitive_post_parameters("password", "current_code")
@require_http_methods(["GET", "HEAD", "POST"])
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """New recovery codes in the place of the earlier ones, shown once, to whoever proves to be the owner."""
    if not second_step.is_set_up(request.user):
        return redirect("admin:sign_in_set_up")
    form = ProofForm(request.POST or None)
    if form.is_valid():
        if lockout.is_locked_out(request, request.user):
            return lockout.turn_away(request, request.user, "new recovery codes")
        if proof.is_given(request, form, "new recovery codes"):
            with transaction.atomic():
                codes = second_step.new_recovery_codes(request.user)
                audit.record(Act.CHANGE, request.user, detail="new recovery codes")
            return _codes_page(request, codes, reverse("admin:sign_in"))
    return _form_page(request, "new_codes", form, _("Make new recovery codes"))


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


@require_POST
def out_there(request: HttpRequest) -> HttpResponse:
    """Ends one session of whoever asks. The one that asks has its own way out."""
    with transaction.atomic():
        if was_open := sessions.end_other(request.user, request.POST.get("session", ""), request.session.session_key):
            audit.record(Act.CHANGE, request.user, detail="signed out in one other place")
    messages.success(request, _("You are signed out there.") if was_open else _("You were not signed in there any more."))
    return redirect("admin:sign_in")


def _tell_what_is_left(request: HttpRequest) -> None:
    """Says that a recovery code was used, and how many there are still: who finds fewer than they remember knows that somebody else has them."""
    left = second_step.recovery_codes_left(request.user)
    said = ngettext(
        "You signed in with a recovery code. %(count)s is left. You can make new ones at “Your sign-in”.",
        "You signed in with a recovery code. %(count)s are left. You can make new ones at “Your sign-in”.",
        left,
    )
    messages.warning(request, said % {"count": left})


def _set_up_done(request: HttpRequest, app: TOTPDevice, codes: list[str], *, signed_in: bool) -> HttpResponse:
    if signed_in:
        note_second_step(request, app)
        then = reverse("admin:sign_in")
    else:
        then = half_way.finish(request, app.user, app)
    request.session.pop(NEW_KEY, None)
    sessions.end_others(app.user, request.session.session_key)  # what signed in with the old app, or with none, opens nothing any more
    return _codes_page(request, codes, then)


def _codes_page(request: HttpRequest, codes: list[str], then: str) -> HttpResponse:
    return _page(request, "recovery_codes", _("Your recovery codes"), codes=codes, then=then)


def _form_page(request: HttpRequest, name: str, form: Form, title: str, **more: object) -> HttpResponse:
    return _page(request, name, title, 422 if form.errors else 200, form=form, **more)


def _page(request: HttpRequest, name: str, title: str, status: int = 200, **more: object) -> HttpResponse:
    return render(request, f"admin/sign_in/{name}.html", {**admin.site.each_context(request), "title": title, **more}, status=status)
