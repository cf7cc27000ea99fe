"""What is said about a trial itself, on screen and paper: its status with the date, its facts, its cautions."""

from __future__ import annotations

from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from trials.models import Trial
from trials.vocabulary import FRESH_DAYS


def status_text(trial: Trial, today: date) -> str:
    """The status with its date, and what to do where it is not known or not fresh."""
    if not trial.status_known:
        read = _("record read %(day)s") % {"day": date_format(trial.as_of, "F j, Y")} if is_fresh(trial, today) else checked_text(trial, today)
        return _("Status not known: ask if it is open (%(read)s)") % {"read": read}
    text = f"{trial.get_status_display()}, {checked_text(trial, today)}"
    return text if is_fresh(trial, today) else text + " " + _("(ask if this has changed)")


def is_fresh(trial: Trial, today: date) -> bool:
    """Whether the listing was checked lately."""
    return (today - trial.as_of).days <= FRESH_DAYS


def checked_text(trial: Trial, today: date) -> str:
    """The day of a listing; one that is not fresh was not checked since."""
    template = _("as of %(day)s") if is_fresh(trial, today) else _("not checked since %(day)s")
    return template % {"day": date_format(trial.as_of, "F j, Y")}


def trial_facts(trial: Trial, today: date, *, with_places: bool = True) -> tuple[tuple[str, str], ...]:
    """What a provider looks for first, as (name, value); nothing where the record is silent. Pages that list all places do without the first few here."""
    contact = ", ".join(part for part in (trial.contact_name, trial.contact_phone, trial.contact_email) if part)
    places = "; ".join(str(site) for site in trial.sites.all()[:4])
    more = trial.sites.all()[4:]
    found = (
        (_("Status"), status_text(trial, today)),
        (_("Phase"), trial.phase_text),
        (_("Approach"), trial.get_approach_display().split(":")[0] if trial.approach else ""),
        (_("Delivery"), trial.get_delivery_display() if trial.delivery else ""),
        (_("Vector"), trial.vector),
        (_("Genes"), ", ".join(trial.genes)),
        (_("How it is given"), trial.route),
        (_("Follow-up"), follow_up_text(trial)),
        (_("Sponsor"), trial.sponsor),
        (_("Contact"), contact or _("see the trial’s record at ClinicalTrials.gov under %(number)s") % {"number": trial.nct_id}),
        (_("Places"), places + (_(" and %(count)d more") % {"count": len(more)} if more else "") if with_places else ""),
        (_("Source"), trial.source),
    )
    return tuple((name, str(value)) for name, value in found if value)


def follow_up_text(trial: Trial) -> str:
    """How long a trial follows people, such as "15 years"; "" where the record does not say."""
    years = trial.follow_up_years
    return "" if years is None else ngettext("%(years)s year", "%(years)s years", 1 if years == 1 else 2) % {"years": f"{float(years):g}"}


def cautions(trial: Trial) -> tuple[str, ...]:
    """What a reader must know before trusting the sheet."""
    found = []
    if not trial.criteria_complete:
        found.append(_("The public source did not show all of this trial’s criteria: there are more to check."))
    if not trial.status_known:
        found.append(_("It is not known if this trial is open."))
    return tuple(found)
