"""What a registry record says of a trial, in the shape of our records: the side "theirs" of a merge, and the base of the next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
LONGEST_COHORT, LONGEST_EMAIL = 160, 254
SEXES = {"FEMALE": "Women only", "MALE": "Men only"}


@dataclass(frozen=True)
class Line:
    """One criterion of a record: readable ``text``, ``kind`` (inclusion, exclusion or unclear), ``cohort`` ("" for all), the untouched ``source``,
    the ``heading`` that it stands under, where that says more than the kind, and the ``part`` of the record: its text, or a field (age, sex)."""

    text: str
    kind: str
    cohort: str
    source: str
    heading: str = ""
    part: str = "text"


@dataclass(frozen=True)
class Draft:
    """A record in our shape. ``facts`` are fields of ``Trial``; one that the record does not state is missing. ``about`` helps the coordinator only.

    ``as_of`` is None for a record without a date. ``parts`` are the parts of the record that state criteria, or could and state none.
    """

    nct_id: str
    as_of: date | None
    facts: dict[str, Any]
    sites: list[dict[str, str]]
    lines: list[Line]
    about: dict[str, Any]
    parts: frozenset[str]

    def as_base(self, earlier: Mapping[str, Any]) -> dict[str, Any]:
        """As JSON, to be kept as the base of the next merge. What the record does not state stays as it was stated ``earlier``."""
        kept = [line for line in earlier.get("lines", []) if line.get("part", "text") not in self.parts]
        fields = [line for line in kept if line.get("part", "text") != "text"]
        return {
            "dated": self.as_of is not None or bool(earlier.get("dated")),
            "facts": {**earlier.get("facts", {}), **self.facts},
            "sites": self.sites or earlier.get("sites", []),
            "lines": [*fields, *(asdict(line) for line in self.lines), *(line for line in kept if line not in fields)],
            "about": {**earlier.get("about", {}), **{key: value for key, value in self.about.items() if value}},
        }


def draft_of(record: StudyRecord, known_conditions: Iterable[str], read_on: date) -> Draft:
    """The draft of a record. ``known_conditions`` are the names of our tree in lower case. No record is as of a day after ``read_on``."""
    as_of = record.data_version or record.last_update or (record.status_verified.first_day if record.status_verified else None)
    known = frozenset(known_conditions)
    contact = next((one for one in record.contacts if one.name or one.phone or one.email), None)
    facts: dict[str, Any] = {
        "title": record.title or record.official_title or None,
        "status": record.status if record.status_given else None,
        "phase": list(record.phases) or None,
        "sponsor": record.sponsor or None,
        "sex": record.sex or None,
        "contact_name": contact.name if contact else None,
        "contact_phone": contact.phone if contact else None,
        "contact_email": _email(contact.email) if contact else None,
        "condition_names": [name for name in record.conditions if name.lower() not in known] if record.conditions else None,
        "criteria_complete": record.shows_all_criteria if record.eligibility_text.strip() else None,
        "source": address_of(record.nct_id) if as_of else None,
    }
    facts = {key: fit(value, _LONGEST[key]) if key in _LONGEST else value for key, value in facts.items() if value is not None}
    sites = [{key: fit(getattr(place, key), longest) for key, longest in _LONGEST_OF_SITE.items()} for place in record.locations]
    return Draft(
        nct_id=record.nct_id,
        as_of=min(as_of, read_on) if as_of else None,
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
        parts=_parts(record),
    )


def address_of(nct_id: str) -> str:
    """Where the registry shows a record."""
    return f"https://clinicaltrials.gov/study/{nct_id}"


def _parts(record: StudyRecord) -> frozenset[str]:
    """A whole record always states the sex, so one with a sex and no age sets no bounds of age; one without both leaves the ages open."""
    ages = record.sex or record.min_age is not None or record.max_age is not None
    return frozenset(part for part, stated in (("age", ages), ("sex", record.sex), ("text", record.eligibility_text.strip())) if stated)


def _lines_of_fields(record: StudyRecord) -> list[Line]:
    """What the record asks for outside of its text. A bound that it does not have asks for nothing."""
    ages = ""
    low, high = record.min_age, record.max_age
    if low is not None and high is not None:
        ages = f"Age from {say_age(low)} to {say_age(high)}"
    elif low is not None:
        ages = f"Age {say_age(low)} or older"
    elif high is not None:
        ages = f"Age {say_age(high)} or younger"
    return [Line(text, "inclusion", "", text, part=part) for part, text in (("age", ages), ("sex", SEXES.get(record.sex, ""))) if text]


def _line(record: StudyRecord, index: int) -> Line:
    criterion = record.criteria[index]
    kind = criterion.kind.value if criterion.kind else UNCLEAR
    return Line(criterion.text, kind, fit(criterion.cohort or "", LONGEST_COHORT), criterion.source, " › ".join(criterion.headings))


def _email(address: str) -> str:
    """The address, or nothing where it is none or would not fit its field."""
    try:
        validate_email(address)
    except ValidationError:
        return ""
    return address if len(address) <= LONGEST_EMAIL else ""


def fit(text: str, longest: int) -> str:
    """The text, cut where it would not fit its field. (The whole record stays at the registry.)"""
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"
