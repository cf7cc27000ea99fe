"""The public listing of trials, and what search engines are told about the site."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from prescreen import listing, trial_page
from trials.models import Trial


@require_safe
def trials(request: HttpRequest) -> HttpResponse:
    """The published trials, open and closed."""
    context = {"listing": listing.build(request.GET, timezone.localdate()), "canonical": request.build_absolute_uri(request.path)}
    return render(request, "trials/list.html", context)


@require_safe
def trial(request: HttpRequest, nct_id: str) -> HttpResponse:
    """One published trial."""
    found = get_object_or_404(Trial.objects.published().with_parts(), nct_id=nct_id)
    context = {"page": trial_page.build(found, timezone.localdate()), "canonical": request.build_absolute_uri(request.path)}
    return render(request, "trials/detail.html", context)


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Narrowed lists are without number, so robots leave them alone. The screening's pages may be read: each says itself that it is not to be listed."""
    sitemap = request.build_absolute_uri(reverse("sitemap"))
    lines = ("User-agent: *", f"Disallow: {reverse('trials')}?", f"Disallow: {reverse('admin:index')}", f"Sitemap: {sitemap}")
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
