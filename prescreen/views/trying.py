"""Trying a trial from the desk: the way in and the way out. In between, the pages are the patient's own."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from prescreen import answers
from prescreen.screening import WHO
from prescreen.trying import first_answers, may_try
from trials.models import Trial


def for_coordinators(view: Callable[[HttpRequest, Trial], HttpResponse]) -> Callable[..., HttpResponse]:
    """A page about a trial for those who may see it at the desk. Whoever is not signed in is asked to; for others there is no such page."""

    @wraps(view)
    def page(request: HttpRequest, nct_id: str) -> HttpResponse:
        if request.user.is_anonymous:
            return redirect_to_login(reverse("try", args=[nct_id]), reverse("admin:login"))
        if not may_try(request):
            raise Http404
        return view(request, get_object_or_404(Trial, nct_id=nct_id))

    return page


@require_http_methods(["GET", "HEAD", "POST"])
@for_coordinators
def begin(request: HttpRequest, trial: Trial) -> HttpResponse:
    """Says what trying is; a POST begins it, with new answers."""
    if request.method == "POST":
        return answers.keep(redirect("question", key=WHO), first_answers(trial))
    return render(request, "prescreen/try.html", {"trial": trial})


@require_POST
@for_coordinators
def stop(request: HttpRequest, trial: Trial) -> HttpResponse:
    """Clears the answers and leads back to the trial's page at the desk."""
    return answers.forget(redirect("admin:trials_trial_change", trial.pk))
