"""How far a trial's places are from where the patient lives. Nothing is guessed: a place that we cannot find is said not to be known."""

from __future__ import annotations

import math
from dataclasses import dataclass

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from trials.earth import KM_A_MILE, Point, bearing, distance_km
from trials.gazetteer import US, Place, country_code
from trials.models import Site, Trial
from trials.places import find, point_of
from trials.vocabulary import is_closed

from .answers import Near

MILES, KM = "mi", "km"
UNITS = {MILES: KM_A_MILE, KM: 1.0}
"""Units of distance, each in kilometers."""

CLOSE = 10
"""Distances under so many miles or kilometers are not told more exactly: a ZIP code or town is no point."""

DIRECTIONS = (
    gettext_lazy("north"),
    gettext_lazy("north-east"),
    gettext_lazy("east"),
    gettext_lazy("south-east"),
    gettext_lazy("south"),
    gettext_lazy("south-west"),
    gettext_lazy("west"),
    gettext_lazy("north-west"),
)


@dataclass(frozen=True)
class Nearest:
    """The place of a trial that is nearest to the patient: how many kilometers away, and in which direction (degrees from north by east)."""

    site: Site
    km: float
    bearing: float

    @property
    def direction(self) -> str:
        """The direction in words, such as "north-east"."""
        return str(DIRECTIONS[round(self.bearing / 45) % 8])


@dataclass(frozen=True)
class Nearness:
    """Distances from where a patient lives, in the unit that they chose."""

    home: Place
    unit: str

    @classmethod
    def of(cls, near: Near | None) -> Nearness | None:
        """From what the cookie holds; None where the patient did not say, or where the place is not known any more."""
        home = find(near.country, near.place) if near else None
        return cls(home, near.unit if near.unit in UNITS else usual_unit(near.country)) if home else None

    def nearest(self, trial: Trial) -> Nearest | None:
        """The nearest place of a trial that is not closed; None where there is none that we can find."""
        far = [(distance_km(self.home.point, point), point, site) for site in open_sites(trial) if (point := _point(site))]
        if not far:
            return None
        km, point, site = min(far, key=lambda one: one[0])
        return Nearest(site, km, bearing(self.home.point, point))

    def distance_or_beyond(self, trial: Trial) -> float:
        """How many kilometers away the nearest place is, to sort by: where that is not known, it is beyond all others."""
        nearest = self.nearest(trial)
        return nearest.km if nearest else math.inf

    def text(self, trial: Trial) -> str:
        """How far a trial is, or why that is not known, as one or two sentences."""
        nearest, sites = self.nearest(trial), open_sites(trial)
        if nearest:
            lost = sum(_point(site) is None for site in sites)
            more = (
                ngettext("We do not know where %(count)d more place is.", "We do not know where %(count)d more places are.", lost) % {"count": lost}
                if lost
                else ""
            )
            return " ".join(part for part in (self.nearest_text(nearest), more) if part)
        if sites:
            return _("We do not know how far away it is: its place is not on our map (%(place)s).") % {"place": self.place_text(sites[0])}
        if trial.sites.all():
            return _("All places listed for it are closed. Ask the trial team about others.")
        return _("No places are listed for it. Ask the trial team where it takes place.")

    def nearest_text(self, nearest: Nearest) -> str:
        """The nearest place with its distance; what its status is, unless it is open."""
        said = {"place": self.place_text(nearest.site), "distance": self.distance_text(nearest.km)}
        if not (note := status_note(nearest.site)):
            return _("Nearest open place: %(place)s, %(distance)s.") % said
        return _("Nearest place: %(place)s, %(distance)s.") % said + " " + note

    def place_text(self, site: Site) -> str:
        """A site's town; with its country where that is another than the patient's."""
        is_abroad = country_code(site.country) != self.home.country
        town = [part for part in (site.city, site.state) if part]
        return ", ".join(dict.fromkeys([*town, *([site.country] if site.country and (is_abroad or not town) else [])])) or site.facility

    def distance_text(self, km: float) -> str:
        """A distance in words, as exactly as we know it."""
        amount = km / UNITS[self.unit]
        if amount < CLOSE:
            template = _("less than %(count)s miles away") if self.unit == MILES else _("less than %(count)s km away")
            return template % {"count": CLOSE}
        template = _("about %(count)s miles away") if self.unit == MILES else _("about %(count)s km away")
        return template % {"count": number_format(rounded(amount), use_l10n=True, force_grouping=True)}


def usual_unit(country: str) -> str:
    """The unit of distance that people of a country are used to, as far as we know."""
    return MILES if country == US else KM


def status_note(site: Site) -> str:
    """What is to be known about the status of a place that is not closed; "" where it is simply open."""
    if site.status == "RECRUITING":
        return ""
    return {"NOT_YET_RECRUITING": _("It is not open yet."), "ENROLLING_BY_INVITATION": _("It takes people by invitation only.")}.get(
        site.status, _("Ask if it is open.")
    )


def open_sites(trial: Trial) -> list[Site]:
    """The places of a trial that are not closed. Where a record does not tell a place's status, it may be open."""
    return [site for site in trial.sites.all() if not site.status or not is_closed(site.status)]


def rounded(amount: float) -> int:
    """A distance as people tell it: to the nearest 10, from 1,000 on to the nearest 100."""
    step = 10 if amount < 1000 else 100
    return int(amount / step + 0.5) * step


def _point(site: Site) -> Point | None:
    return point_of(site.zip, site.city, site.state, site.country)
