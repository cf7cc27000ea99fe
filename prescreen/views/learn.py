"""The pages to learn from."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from prescreen import approved, glossary, learn_pages


@require_safe
def door(request: HttpRequest) -> HttpResponse:
    """What each page answers."""
    return render(request, "learn/door.html", {"pages": learn_pages.PAGES})


@require_safe
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """One page, with the way on and back."""
    found = learn_pages.find(slug)
    if found is None:
        raise Http404
    shown, before, after = found
    # Lists are made only by the template that shows them.
    lists = {"areas": approved.by_condition, "therapies": approved.all_sources, "words": glossary.by_name}
    return render(request, f"learn/{slug}.html", {"page": shown, "before": before, "after": after, **lists})
