"""One study as API v2 writes it -> ``StudyRecord``. The names of the fields are those of https://clinicaltrials.gov/data-api/about-api/study-data-structure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from trials.vocabulary import PHASES, SEXES, STATUSES

from .amounts import PartialDate, age_in_years, partial_date
from .criteria import SourceCriterion, split_criteria
from .fields import Fields, RecordError
from .wording import plain, readable, readable_lines

__all__ = ["Contact", "Intervention", "Location", "RecordError", "StudyRecord", "parse_study"]

MOST_CRITERIA = 2_000

_NCT_NUMBER = re.compile(r"NCT[0-9]{8}")
_TELLS_OF_MORE = re.compile(
    r"\bkey (?:(?:study|trial) )?(?:(?:in|ex)clusion|eligibility)\b"
    r"|\b(?:other|additional|further)(?: [\w-]+){0,4} (?:(?:in|ex)clusion\W{1,3}(?:and |or )?)+(?:criteria )?(?:may|might|will|can|also) (?:also )?apply"
    r"|not intended to contain all|for (?:a )?(?:full|complete) list"
)


@dataclass(frozen=True)
class Intervention:
    """What is tried. ``type`` is the registry's word, such as GENETIC or BIOLOGICAL."""

    type: str
    name: str
    description: str


@dataclass(frozen=True)
class Contact:
    """Whom to ask about the study as a whole."""

    name: str
    role: str
    phone: str
    email: str


@dataclass(frozen=True)
class Location:
    """A place where the study is run. ``status`` is one of ``STATUSES``, or "" where the record gives none for the place."""

    facility: str
    city: str
    state: str
    country: str
    zip: str
    status: str


@dataclass(frozen=True)
class StudyRecord:
    """A study as its record states it. A text that the record does not have is "", a list is empty, anything else is None.

    ``status`` is one of ``STATUSES``: UNKNOWN where the record has none (``status_given`` is False), or one that this program does not know.
    ``status_verified`` and ``last_update`` say when; a day that the record leaves open is the first possible one in ``last_update``.
    ``data_version`` is the day of the registry's data that the record was taken from. Ages are exact, in years. ``eligibility_text`` is as
    the sponsor wrote it; ``criteria`` is the same, split; ``shows_all_criteria`` is False where the record itself says that there are more.
    """

    nct_id: str
    title: str
    official_title: str
    status: str
    status_given: bool
    status_verified: PartialDate | None
    last_update: date | None
    data_version: date | None
    conditions: tuple[str, ...]
    keywords: tuple[str, ...]
    interventions: tuple[Intervention, ...]
    phases: tuple[str, ...]
    sex: str
    min_age: Fraction | None
    max_age: Fraction | None
    healthy_volunteers: bool | None
    sponsor: str
    contacts: tuple[Contact, ...]
    locations: tuple[Location, ...]
    brief_summary: str
    eligibility_text: str
    criteria: tuple[SourceCriterion, ...]
    shows_all_criteria: bool


def parse_study(data: Mapping[str, object]) -> StudyRecord:
    """The study of one API v2 record, ``{"protocolSection": {...}}``.

    Raises ``RecordError``, which names the place and the fault, for a record without an NCT number and for a value that contradicts its
    field: a list where a text should be, an age that is none, a lower age above the upper one. Unknown keys are ignored.
    """
    record = Fields(data)
    if not record.has("protocolSection"):
        raise RecordError("protocolSection", "is missing, so this is no API v2 record of a study")
    protocol = record.within("protocolSection")
    identification, status = protocol.within("identificationModule"), protocol.within("statusModule")
    eligibility, description = protocol.within("eligibilityModule"), protocol.within("descriptionModule")
    conditions, places = protocol.within("conditionsModule"), protocol.within("contactsLocationsModule")
    min_age, max_age = eligibility.read("minimumAge", age_in_years), eligibility.read("maximumAge", age_in_years)
    if min_age is not None and max_age is not None and min_age > max_age:
        raise eligibility.fault("minimumAge", "is above maximumAge")
    text = eligibility.text("eligibilityCriteria")
    criteria = split_criteria(text)
    if len(criteria) > MOST_CRITERIA:
        raise eligibility.fault("eligibilityCriteria", f"holds more than {MOST_CRITERIA:,} criteria")
    return StudyRecord(
        nct_id=_nct_number(identification),
        title=identification.one_line("briefTitle"),
        official_title=identification.one_line("officialTitle"),
        status=_status(status, "overallStatus") or "UNKNOWN",
        status_given=bool(status.one_line("overallStatus")),
        status_verified=status.read("statusVerifiedDate", partial_date),
        last_update=_last_update(status),
        data_version=_data_version(record),
        conditions=conditions.texts("conditions"),
        keywords=conditions.texts("keywords"),
        interventions=tuple(
            Intervention(one.one_line("type").upper(), one.one_line("name"), readable_lines(one.text("description")))
            for one in protocol.within("armsInterventionsModule").each("interventions")
        ),
        phases=tuple(phase for phase in protocol.within("designModule").texts("phases") if phase in PHASES),
        sex=_known(eligibility.one_line("sex"), SEXES, ""),
        min_age=min_age,
        max_age=max_age,
        healthy_volunteers=eligibility.flag("healthyVolunteers"),
        sponsor=protocol.within("sponsorCollaboratorsModule").within("leadSponsor").one_line("name"),
        contacts=tuple(
            Contact(one.one_line("name"), one.one_line("role"), one.one_line("phone"), one.one_line("email")) for one in places.each("centralContacts")
        ),
        locations=tuple(_location(one) for one in places.each("locations")),
        brief_summary=readable_lines(description.text("briefSummary")),
        eligibility_text=text,
        criteria=criteria,
        shows_all_criteria=bool(text.strip()) and not _TELLS_OF_MORE.search(plain(text)),
    )


def _nct_number(identification: Fields) -> str:
    number = identification.one_line("nctId").upper()
    if not number:
        raise identification.fault("nctId", "is missing; a study is known by its NCT number")
    if not _NCT_NUMBER.fullmatch(number):
        raise identification.fault("nctId", f"'{readable(number)[:60]}' is not an NCT number: 'NCT' and 8 digits")
    return number


def _status(fields: Fields, key: str) -> str:
    """One of the registry's statuses, however it is spelled: ``Active, not recruiting`` is ACTIVE_NOT_RECRUITING. UNKNOWN for others."""
    return _known(re.sub(r"[^A-Z]+", "_", fields.one_line(key).upper()).strip("_"), STATUSES, "UNKNOWN")


def _known(text: str, known: tuple[str, ...], otherwise: str) -> str:
    return text if text in known or not text else otherwise


def _last_update(status: Fields) -> date | None:
    posted = status.within("lastUpdatePostDateStruct").read("date", partial_date) or status.read("lastUpdateSubmitDate", partial_date)
    return posted.first_day if posted else None


def _data_version(record: Fields) -> date | None:
    version = record.within("derivedSection").within("miscInfoModule").read("versionHolder", partial_date)
    return version.first_day if version else None


def _location(one: Fields) -> Location:
    facility, city, state, country, postcode = (one.one_line(key) for key in ("facility", "city", "state", "country", "zip"))
    return Location(facility, city, state, country, postcode, _status(one, "status"))
