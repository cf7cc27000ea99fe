"""What a registry record says of a trial, in the shape of our records: the side "theirs" of a merge, and the base of the next."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from trials.registry.amounts import say_age
from trials.registry.records import StudyRecord

UNCLEAR = "unclear"
_LONGEST = {"title": 300, "sponsor": 300, "contact_name": 200, "contact_phone": 60}
_LONGEST_OF_SITE = {"facility": 300, "city": 120, "state": 120, "country": 120, "zip": 20, "status": 30}
LONGEST_COHORT = 160
SEXES = {"FEMALE": "Women only", "MALE": "Men only"}


@dataclass(frozen=True)
class Line:
    """One criterion of a record: readable ``text``, ``kind`` (inclusion, exclusion or unclear), ``cohort`` ("" for all), and the untouched ``source``."""

    text: str
    kind: str
    cohort: str
    source: str


@dataclass(frozen=True)
class Draft:
    """A record in our shape. ``facts`` are fields of ``Trial``; one that the record does not state is missing. ``about`` helps the coordinator only."""

    nct_id: str
    as_of: date
    facts: dict[str, Any]
    sites: list[dict[str, str]]
    lines: list[Line]
    about: dict[str, Any]

    def as_base(self) -> dict[str, Any]:
        """As JSON, to be kept as the base of the next merge."""
        return {"facts": self.facts, "sites": self.sites, "lines": [asdict(line) for line in self.lines], "about": self.about}


def draft_of(record: StudyRecord, known_conditions: Iterable[str], read_on: date) -> Draft:
    """The draft of a record. ``known_conditions`` are the names of our tree in lower case; ``read_on`` is the day for a record without any date."""
    as_of = record.data_version or record.last_update or (record.status_verified.first_day if record.status_verified else None)
    address = f"https://clinicaltrials.gov/study/{record.nct_id}"
    known = frozenset(known_conditions)
    contact = record.contacts[0] if record.contacts else None
    facts: dict[str, Any] = {
        "title": record.title or record.official_title or record.nct_id,
        "status": record.status if record.status_given else None,
        "phase": list(record.phases),
        "sponsor": record.sponsor,
        "sex": record.sex,
        "contact_name": contact.name if contact else "",
        "contact_phone": contact.phone if contact else "",
        "contact_email": _email(contact.email) if contact else "",
        "condition_names": [name for name in record.conditions if name.lower() not in known],
        "criteria_complete": record.shows_all_criteria,
        "source": address if as_of else f"{address} (a record without a date)",
    }
    facts = {key: fit(value, _LONGEST[key]) if key in _LONGEST else value for key, value in facts.items() if value not in (None, "", [])}
    sites = [{key: fit(getattr(place, key), longest) for key, longest in _LONGEST_OF_SITE.items()} for place in record.locations]
    return Draft(
        nct_id=record.nct_id,
        as_of=as_of or read_on,
        facts=facts,
        sites=[site for site in sites if site["facility"] or site["city"] or site["country"]],
        lines=[*_lines_of_fields(record), *(_line(record, index) for index in range(len(record.criteria)))],
        about={
            "official_title": record.official_title,
            "summary": record.brief_summary,
            "conditions": list(record.conditions),
            "keywords": list(record.keywords),
            "interventions": [f"{one.type}: {one.name}" for one in record.interventions],
        },
    )


def _lines_of_fields(record: StudyRecord) -> list[Line]:
    """What the record asks for outside of its text. A bound that it does not have asks for nothing."""
    lines = []
    low, high = record.min_age, record.max_age
    if low is not None and high is not None:
        lines.append(f"Age from {say_age(low)} to {say_age(high)}")
    elif low is not None:
        lines.append(f"Age {say_age(low)} or older")
    elif high is not None:
        lines.append(f"Age {say_age(high)} or younger")
    if record.sex in SEXES:
        lines.append(SEXES[record.sex])
    return [Line(text, "inclusion", "", text) for text in lines]


def _line(record: StudyRecord, index: int) -> Line:
    criterion = record.criteria[index]
    return Line(criterion.text, criterion.kind.value if criterion.kind else UNCLEAR, fit(criterion.cohort or "", LONGEST_COHORT), criterion.source)


def _email(address: str) -> str:
    """The address, or nothing where it is none."""
    try:
        validate_email(address)
    except ValidationError:
        return ""
    return address


def fit(text: str, longest: int) -> str:
    """The text, cut where it would not fit its field. (The whole record stays at the registry.)"""
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"
