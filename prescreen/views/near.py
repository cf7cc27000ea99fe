"""Where do you live? Asked only if the patient wants to see distances; kept in their own browser alone."""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from prescreen import answers, near_map
from prescreen.near import UNITS
from prescreen.near_form import NearForm, near_text
from prescreen.screening import Screening

from .pages import started_page


@require_http_methods(["GET", "HEAD", "POST"])
@started_page
def near(request: HttpRequest, screening: Screening) -> HttpResponse:
    """The question, and the map once it is answered. A POST answers it, changes the unit, or forgets the place."""
    told = screening.answers.near
    if request.method != "POST":
        return _page(request, screening, NearForm(home=screening.nearness.home if screening.nearness else None))
    if "forget" in request.POST:
        return _kept(screening, None)
    if told and request.POST.get("unit") in UNITS:
        return _kept(screening, told._replace(unit=request.POST["unit"]))
    form = NearForm(request.POST)
    if form.is_valid() and form.home:
        return _kept(screening, form.near(told))
    return _page(request, screening, form, status=422 if form.errors else 200)


def _kept(screening: Screening, place: answers.Near | None) -> HttpResponse:
    return answers.keep(redirect("near"), replace(screening.to_keep, near=place))


def _page(request: HttpRequest, screening: Screening, form: NearForm, status: int = 200) -> HttpResponse:
    shown = near_map.build(screening.nearness, screening.worth_asking_about) if screening.nearness and not form.is_bound else None
    context = {"screening": screening, "form": form, "nearness": screening.nearness, "map": shown, "asks": near_text(screening.answers.who)}
    return render(request, "prescreen/near.html", context, status=status)
