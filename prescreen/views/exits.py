"""The ways out: each says what happened, what is safe, and what to do next."""

from __future__ import annotations

import sys

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from prescreen import answers, health
from prescreen.screening import Screening
from trials.outage import is_outage

from .pages import screening_page

RETRY_AFTER = 30
"""Seconds after which a page that needs the database may be asked for again."""

CLEARED = '"cache", "storage"'
"""What a browser is asked to drop beside the cookies. Not "cookies": that would sign people out of every site under the same registered domain."""


@csrf_exempt
@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """Clears the answers and shows a page that tells nothing of this site. Needs no form token: nobody in a hurry is held up by a page that grew stale."""
    return _cleared(redirect("left"))


@require_safe
def left(request: HttpRequest) -> HttpResponse:
    """A bare page, for whoever looks at the screen next."""
    return render(request, "prescreen/left.html")


@require_POST
def delete(request: HttpRequest) -> HttpResponse:
    """Clears the answers."""
    return _cleared(redirect("deleted"))


def _cleared(response: HttpResponse) -> HttpResponse:
    """Leaves nothing of ours in the browser. Without the form token a form that the browser still remembers cannot be sent, and shown, again."""
    response.delete_cookie(settings.CSRF_COOKIE_NAME, settings.CSRF_COOKIE_PATH, settings.CSRF_COOKIE_DOMAIN, settings.CSRF_COOKIE_SAMESITE)
    response["Clear-Site-Data"] = CLEARED
    return answers.forget(response)


@require_safe
def deleted(request: HttpRequest) -> HttpResponse:
    """Says that the answers are gone."""
    return render(request, "prescreen/deleted.html")


@require_safe
def expired(request: HttpRequest) -> HttpResponse:
    """Says that there are no answers any more, or none yet."""
    return render(request, "prescreen/expired.html")


@require_safe
@screening_page
def not_listed(request: HttpRequest, screening: Screening) -> HttpResponse:
    """What somebody can do whose condition is not among ours."""
    return render(request, "prescreen/not_listed.html", {"screening": screening})


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that did not come from this site's own page, or whose page was open for too long."""
    return render(request, "prescreen/stale.html", status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404."""
    return render(request, "prescreen/not_found.html", status=404)


def trouble(request: HttpRequest) -> HttpResponse:
    """500; or 503 where the database is the reason, wherever in the request it was met."""
    if is_outage(sys.exc_info()[1]):
        return try_again(request)
    return render(request, "prescreen/trouble.html", status=500)


def try_again(request: HttpRequest) -> HttpResponse:
    """503: the database cannot be used at the moment, and this page needs it."""
    is_desk = request.path.startswith(reverse("admin:index"))
    response = render(request, "prescreen/try_again.html", {"is_desk": is_desk}, status=503)
    response["Retry-After"] = str(RETRY_AFTER)
    return response


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """For load balancers: 200 where this process can serve patients, otherwise 503."""
    found = health.examine(timezone.localdate())
    return JsonResponse(found, status=200 if found["ready"] else 503)
