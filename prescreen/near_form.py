"""Where do you live? One form: a country, and a ZIP code or town. Where there are several such places, a choice among them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from trials.gazetteer import US, Place, countries
from trials.places import find, near_larger, search

from .answers import Near
from .near import UNITS, usual_unit
from .wording import for_whom


@dataclass(frozen=True)
class Offer:
    """A place to choose: its key, and the words that tell it apart."""

    key: str
    label: str


class NearForm(forms.Form):
    """Once valid, ``home`` is the place meant; None while there are ``offers`` to choose from."""

    use_required_attribute = False

    country = forms.ChoiceField()
    place = forms.CharField(max_length=100, required=False)
    which = forms.CharField(max_length=100, required=False)

    def __init__(self, data: Mapping[str, Any] | None = None, home: Place | None = None) -> None:
        typed = (home.key if home.country == US else home.name) if home else ""
        super().__init__(data, initial={"country": home.country if home else US, "place": typed})
        names = {US: _(countries()[US]), **{code: _(name) for code, name in countries().items()}}
        self.fields["country"].choices = list(names.items())
        self.fields["country"].error_messages = dict.fromkeys(("required", "invalid_choice"), _("Choose your country"))
        self.home: Place | None = None
        self.offers: tuple[Offer, ...] = ()

    def clean(self) -> dict[str, Any]:
        """Finds the place, or the places to choose from."""
        cleaned = super().clean()
        country, typed = cleaned.get("country"), cleaned.get("place", "")
        if not country:
            return cleaned
        if cleaned.get("which"):
            self.home = find(country, cleaned["which"])
        elif typed:
            self._look_for(country, typed)
        else:
            self.add_error("place", _("Type your ZIP code, or the name of your town") if country == US else _("Type the name of your town"))
            return cleaned
        if not self.home and not self.offers:
            self.add_error("place", _not_found(country, typed))
        return cleaned

    def _look_for(self, country: str, typed: str) -> None:
        found = search(country, typed)
        if len(found.places) == 1:
            self.home = found.places[0]
            return
        offered = (*found.places, *found.alike)
        names = [place.name for place in offered]
        self.offers = tuple(Offer(place.key, _told_apart(place) if names.count(place.name) > 1 else place.name) for place in offered)

    def near(self, before: Near | None) -> Near:
        """What the cookie is to hold. A unit that was chosen before stays while the country does."""
        assert self.home
        kept = before.unit if before and before.country == self.home.country and before.unit in UNITS else usual_unit(self.home.country)
        return Near(self.home.country, self.home.key, kept)


def near_text(who: str) -> str:
    """The question, asked of the patient, or about their child or the person they care for."""
    return _("Where do you live?") if who == "me" else for_whom(_("Where does your child live?"), who)


def _told_apart(place: Place) -> str:
    larger = near_larger(place)
    return _("%(town)s, near %(larger)s") % {"town": place.name, "larger": larger.name} if larger else place.name


def _not_found(country: str, typed: str) -> str:
    if any(sign.isdigit() for sign in typed):
        if country == US:
            return _("We do not know this ZIP code. Check it, or type the name of your town")
        return _("We know ZIP codes for the United States only. Type the name of your town")
    return _("We do not know this place. Check the spelling, or type a larger town near you")
