"""The public listing of trials, and the page to learn from."""

from __future__ import annotations

from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from prescreen import listing, trial_facts
from trials.models import ApprovedTherapy, Trial


@require_safe
def trials(request: HttpRequest) -> HttpResponse:
    """All published trials, narrowed by plain links."""
    return render(request, "trials/list.html", listing.build(request.GET, timezone.localdate()))


@require_safe
def trial(request: HttpRequest, nct_id: str) -> HttpResponse:
    """One published trial, open or closed."""
    found = get_object_or_404(Trial.objects.published().with_parts(), nct_id=nct_id)
    facts = trial_facts.trial_facts(found, timezone.localdate())
    return render(request, "trials/detail.html", {"trial": found, "facts": facts, "cautions": trial_facts.cautions(found)})


@require_safe
def learn(request: HttpRequest) -> HttpResponse:
    """What gene therapy is, and which ones are approved."""
    therapies = ApprovedTherapy.objects.select_related("area").order_by(F("area__order").asc(nulls_last=True), "brand")
    return render(request, "prescreen/learn.html", {"therapies": therapies})
