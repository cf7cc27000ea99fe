"""The public listing: trials by area, openness and approach, each filter a plain link."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from trials.models import Approach, ConditionArea, Delivery, Trial

from .trial_facts import checked_text

FILTERS = ("area", "open", "approach", "delivery")


def build(asked: Mapping[str, str], today: date) -> dict[str, Any]:
    """The context of the listing page on this day: the trials that the filters leave, each with when it was checked, and the links of each filter."""
    chosen = {name: asked.get(name, "") for name in FILTERS}
    words = asked.get("q", "").strip()[:100]
    found = Trial.objects.published().with_parts().annotate(genes_text=Cast("genes", TextField()))
    if chosen["area"]:
        found = found.filter(areas__slug=chosen["area"])
    if chosen["open"]:
        found = found.open() if chosen["open"] == "yes" else found.exclude(pk__in=Trial.objects.open())
    for name in ("approach", "delivery"):
        if chosen[name]:
            found = found.filter(**{name: chosen[name]})
    for word in words.split():
        found = found.filter(
            Q(title__icontains=word)
            | Q(summary__icontains=word)
            | Q(nct_id__icontains=word)
            | Q(conditions__label__icontains=word)
            | Q(genes_text__icontains=word)
        ).distinct()
    trials = sorted(found, key=lambda trial: (trial.is_closed, not trial.status_known, trial.title.lower()))
    checked = [(trial, checked_text(trial, today)) for trial in trials]
    return {"trials": checked, "filters": _filters(chosen, words), "q": words, "chosen": chosen, "any_chosen": any(chosen.values()) or bool(words)}


def _filters(chosen: dict[str, str], words: str) -> list[dict[str, Any]]:
    offered = {
        "area": (_("Condition area"), [(area.slug, _(area.name)) for area in ConditionArea.objects.all()]),
        "open": (_("Status"), [("yes", _("Open, or status not known")), ("no", _("Closed"))]),
        "approach": (_("Approach"), [(value, str(label).split(":")[0]) for value, label in Approach.choices]),
        "delivery": (_("Where genes are changed"), [(value, str(label)) for value, label in Delivery.choices]),
    }
    return [
        {
            "name": name,
            "title": title,
            "links": [(label, _address(chosen | {name: value}, words), chosen[name] == value) for value, label in [("", _("All")), *values]],
        }
        for name, (title, values) in offered.items()
    ]


def _address(chosen: dict[str, str], words: str) -> str:
    query = {name: value for name, value in {**chosen, "q": words}.items() if value}
    return "?" + urlencode(query) if query else "."
