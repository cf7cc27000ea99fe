"""The ways out: each says what happened, what is safe, and what to do next."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from prescreen import answers
from prescreen.screening import Screening
from trials import catalog

from .pages import private, screening_page


@require_POST
@private
def leave(request: HttpRequest) -> HttpResponse:
    """Clears the answers and shows a page that tells nothing of this site."""
    return answers.forget(redirect("left"))


@require_safe
@private
def left(request: HttpRequest) -> HttpResponse:
    """A bare page, for whoever looks at the screen next."""
    return render(request, "prescreen/left.html")


@require_POST
@private
def delete(request: HttpRequest) -> HttpResponse:
    """Clears the answers."""
    return answers.forget(redirect("deleted"))


@require_safe
@private
def deleted(request: HttpRequest) -> HttpResponse:
    """Says that the answers are gone."""
    return render(request, "prescreen/deleted.html")


@require_safe
@private
def expired(request: HttpRequest) -> HttpResponse:
    """Says that there are no answers any more, or none yet."""
    return render(request, "prescreen/expired.html")


@require_safe
@screening_page
def not_listed(request: HttpRequest, screening: Screening) -> HttpResponse:
    """What somebody can do whose condition is not among ours."""
    return render(request, "prescreen/not_listed.html", {"screening": screening})


@private
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that did not come from this site's own page, or whose page was open for too long."""
    return render(request, "prescreen/stale.html", status=403)


@private
def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404."""
    return render(request, "prescreen/not_found.html", status=404)


@private
def trouble(request: HttpRequest) -> HttpResponse:
    """500."""
    return render(request, "prescreen/trouble.html", status=500)


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """For load balancers: whether trials can be judged."""
    return JsonResponse({"status": "ok", "trials": len(catalog.current().listings)})
