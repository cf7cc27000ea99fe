"""The approved therapies as the page to learn from lists them: by condition area, and by condition within it."""

from __future__ import annotations

import re
from typing import NamedTuple

from django.utils.translation import gettext as _

from trials import catalog
from trials.models import ApprovedTherapy


class Listed(NamedTuple):
    """A therapy, and where its facts are from, short enough for a phone: the sites, or the source as it is where it names none."""

    therapy: ApprovedTherapy
    sites: str


class Area(NamedTuple):
    """An area's name, and its therapies by condition. One for two conditions stands under both."""

    name: str
    conditions: dict[str, list[Listed]]


def by_condition() -> list[Area]:
    """The areas in their order, and conditions by name; what the records do not place is "Other", at the end."""
    placed: dict[str, dict[str, list[Listed]]] = {}
    for therapy in sorted(catalog.current().therapies, key=lambda therapy: (therapy.area is None, therapy.area and therapy.area.order)):
        conditions = placed.setdefault(_(therapy.area.name) if therapy.area else _("Other"), {})
        for label in [_(condition.label) for condition in therapy.conditions.all()] or [_("Other")]:
            conditions.setdefault(label, []).append(Listed(therapy, _sites(therapy.source)))
    return [Area(name, dict(sorted(conditions.items(), key=lambda item: (item[0] == _("Other"), item[0])))) for name, conditions in placed.items()]


def all_sources() -> list[ApprovedTherapy]:
    """Every therapy with its whole source, by name."""
    return list(catalog.current().therapies)


def _sites(source: str) -> str:
    return ", ".join(dict.fromkeys(re.findall(r"https?://(?:www\.|preview-www\.)?([\w.-]+)", source))) or source
