"""One API v2 record: what it says is read, what it lacks is absent, and what contradicts its field is refused by name."""

import copy
from datetime import date
from fractions import Fraction

import pytest

from trials.eligibility.verdicts import CriterionKind
from trials.registry.amounts import PartialDate
from trials.registry.records import Contact, Intervention, Location, RecordError, StudyRecord, parse_study
from trials.vocabulary import STATUSES

STUDY = {
    "protocolSection": {
        "identificationModule": {"nctId": "NCT01234567", "briefTitle": "A New Gene for Old Eyes", "officialTitle": "An Invented Study of an Invented Gene"},
        "statusModule": {
            "overallStatus": "RECRUITING",
            "statusVerifiedDate": "2026-02",
            "lastUpdatePostDateStruct": {"date": "2026-02-23", "type": "ACTUAL"},
        },
        "sponsorCollaboratorsModule": {"leadSponsor": {"name": "Invented Sponsor", "class": "OTHER"}},
        "descriptionModule": {"briefSummary": "Vision \\<20/40 is\ntreated &amp; watched."},
        "conditionsModule": {"conditions": ["Invented Dystrophy", "Invented Dystrophy", " Other   Dystrophy "], "keywords": ["eyes"]},
        "designModule": {"studyType": "INTERVENTIONAL", "phases": ["PHASE1", "PHASE2"]},
        "armsInterventionsModule": {"interventions": [{"type": "GENETIC", "name": "Vector X", "description": "One dose \\>1 drop", "otherNames": ["X"]}]},
        "eligibilityModule": {
            "eligibilityCriteria": "Inclusion Criteria:\n\n* Age \\>=6 months\n\nExclusion Criteria:\n\n* Glaucoma",
            "healthyVolunteers": False,
            "sex": "ALL",
            "minimumAge": "6 Months",
            "maximumAge": "12 Years",
            "stdAges": ["CHILD"],
        },
        "contactsLocationsModule": {
            "centralContacts": [{"name": "Study contact", "role": "CONTACT", "phone": "555-0100", "email": "study.contact@example.org"}],
            "locations": [
                {
                    "facility": "Eye House",
                    "city": "Utrecht",
                    "state": "",
                    "zip": "1000",
                    "country": "Netherlands",
                    "status": "RECRUITING",
                    "geoPoint": {"lat": 52.1},
                }
            ],
        },
    },
    "derivedSection": {"miscInfoModule": {"versionHolder": "2026-03-09"}},
    "hasResults": False,
}


def a_study(**changes):
    """The invented study, with values changed by their place: ``a_study(**{"statusModule.overallStatus": None})``."""
    study = copy.deepcopy(STUDY)
    for place, value in changes.items():
        inside = study["protocolSection"]
        *path, last = place.split(".")
        for key in path:
            inside = inside.setdefault(key, {})
        inside[last] = value
    return study


def test_a_record_is_read_field_by_field():
    study = parse_study(a_study())
    assert study == StudyRecord(
        nct_id="NCT01234567",
        title="A New Gene for Old Eyes",
        official_title="An Invented Study of an Invented Gene",
        status="RECRUITING",
        status_verified=PartialDate(2026, 2),
        status_given=True,
        last_update=date(2026, 2, 23),
        data_version=date(2026, 3, 9),
        conditions=("Invented Dystrophy", "Other Dystrophy"),
        keywords=("eyes",),
        interventions=(Intervention("GENETIC", "Vector X", "One dose >1 drop"),),
        phases=("PHASE1", "PHASE2"),
        sex="ALL",
        min_age=Fraction(1, 2),
        max_age=Fraction(12),
        healthy_volunteers=False,
        sponsor="Invented Sponsor",
        contacts=(Contact("Study contact", "CONTACT", "555-0100", "study.contact@example.org"),),
        locations=(Location("Eye House", "Utrecht", "", "Netherlands", "1000", "RECRUITING"),),
        brief_summary="Vision <20/40 is\ntreated & watched.",
        eligibility_text="Inclusion Criteria:\n\n* Age \\>=6 months\n\nExclusion Criteria:\n\n* Glaucoma",
        criteria=study.criteria,
        shows_all_criteria=True,
    )
    assert [(one.kind, one.text, one.line) for one in study.criteria] == [
        (CriterionKind.INCLUSION, "Age >=6 months", 3),
        (CriterionKind.EXCLUSION, "Glaucoma", 7),
    ]


def test_all_but_the_nct_number_may_be_missing():
    study = parse_study({"protocolSection": {"identificationModule": {"nctId": "NCT00000001"}}})
    assert study.nct_id == "NCT00000001"
    assert study.status == "UNKNOWN"
    assert study.title == study.sex == study.sponsor == study.brief_summary == study.eligibility_text == ""
    assert study.conditions == study.keywords == study.interventions == study.phases == study.contacts == study.locations == study.criteria == ()
    assert (study.min_age, study.max_age, study.healthy_volunteers, study.status_verified, study.last_update) == (None,) * 5


def test_null_is_as_good_as_missing():
    nothing = {name: None for name in STUDY["protocolSection"] if name != "identificationModule"}
    bare = {**STUDY, "protocolSection": {"identificationModule": STUDY["protocolSection"]["identificationModule"]}}
    assert parse_study(a_study(**nothing)) == parse_study(bare)


@pytest.mark.parametrize(("status", "given"), [("RECRUITING", True), ("SOMETHING_NEW", True), (None, False), ("", False)])
def test_whether_a_status_was_given(status, given):
    assert parse_study(a_study(**{"statusModule.overallStatus": status})).status_given is given


@pytest.mark.parametrize(
    "text",
    [
        "Key Inclusion Criteria:\n\n* tall",
        "* tall\n\nOther inclusion/exclusion criteria may apply.",
        "* tall\n\nAdditional study specific exclusion criteria can apply",
    ],
)
def test_a_record_that_tells_of_more_criteria_does_not_show_all(text):
    assert not parse_study(a_study(**{"eligibilityModule.eligibilityCriteria": text})).shows_all_criteria


@pytest.mark.parametrize(("text", "whole"), [("Inclusion Criteria:\n\n* holds a key position", True), ("", False), (None, False)])
def test_a_record_shows_all_criteria_unless_it_says_otherwise(text, whole):
    assert parse_study(a_study(**{"eligibilityModule.eligibilityCriteria": text})).shows_all_criteria is whole


@pytest.mark.parametrize(
    ("written", "status"),
    [
        *((status, status) for status in STATUSES),
        ("Active, not recruiting", "ACTIVE_NOT_RECRUITING"),
        ("Enrolling by invitation", "ENROLLING_BY_INVITATION"),
        ("NEARLY_RECRUITING", "UNKNOWN"),
        ("", "UNKNOWN"),
        (None, "UNKNOWN"),
    ],
)
def test_a_status_is_one_of_the_registrys_or_not_known(written, status):
    assert parse_study(a_study(**{"statusModule.overallStatus": written})).status == status


def test_the_registry_has_14_statuses():
    assert len(STATUSES) == 14


@pytest.mark.parametrize(
    ("place", "value", "name", "read"),
    [
        ("designModule.phases", ["NA"], "phases", ("NA",)),
        ("designModule.phases", ["PHASE2", "PHASE3"], "phases", ("PHASE2", "PHASE3")),
        ("designModule.phases", ["PHASE9"], "phases", ()),
        ("designModule.phases", [], "phases", ()),
        ("eligibilityModule.sex", "FEMALE", "sex", "FEMALE"),
        ("eligibilityModule.sex", "female", "sex", ""),
        ("eligibilityModule.minimumAge", "N/A", "min_age", None),
        ("eligibilityModule.maximumAge", None, "max_age", None),
        ("eligibilityModule.healthyVolunteers", True, "healthy_volunteers", True),
        ("statusModule.statusVerifiedDate", "2026", "status_verified", PartialDate(2026)),
        ("statusModule.lastUpdatePostDateStruct", {"date": "2026-02"}, "last_update", date(2026, 2, 1)),
        ("identificationModule.briefTitle", "  Two\n lines\x00 ", "title", "Two lines"),
        ("identificationModule.nctId", " nct01234567 ", "nct_id", "NCT01234567"),
    ],
)
def test_a_value_is_read_as_the_registry_means_it(place, value, name, read):
    assert getattr(parse_study(a_study(**{place: value})), name) == read


def test_a_record_without_a_posting_date_takes_the_date_of_its_last_submission():
    study = parse_study(a_study(**{"statusModule.lastUpdatePostDateStruct": None, "statusModule.lastUpdateSubmitDate": "2025-12-31"}))
    assert study.last_update == date(2025, 12, 31)


@pytest.mark.parametrize(
    ("record", "message"),
    [
        (None, "a record must be a mapping, not null"),
        ([], "a record must be a mapping, not a list"),
        ("NCT01234567", "a record must be a mapping, not a text"),
        (7, "a record must be a mapping, not a number"),
        ({}, "protocolSection: is missing, so this is no API v2 record of a study"),
        ({"protocolSection": None}, "protocolSection: is missing, so this is no API v2 record of a study"),
        ({"protocolSection": []}, "protocolSection: must be a mapping of names to values, not a list"),
        ({"protocolSection": {}}, "protocolSection.identificationModule.nctId: is missing; a study is known by its NCT number"),
    ],
)
def test_what_is_no_record_of_a_study_is_refused(record, message):
    with pytest.raises(RecordError) as refused:
        parse_study(record)
    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("place", "value", "fault"),
    [
        ("identificationModule.nctId", "NCT123", "'NCT123' is not an NCT number: 'NCT' and 8 digits"),
        ("identificationModule.nctId", "NCT123456789", "'NCT123456789' is not an NCT number: 'NCT' and 8 digits"),
        ("identificationModule.nctId", "NCT٠١٢٣٤٥٦٧", "'NCT٠١٢٣٤٥٦٧' is not an NCT number: 'NCT' and 8 digits"),
        ("identificationModule.nctId", 1234567, "must be a text, not a number"),
        ("identificationModule.briefTitle", ["A title"], "must be a text, not a list"),
        ("identificationModule.briefTitle", {"en": "A title"}, "must be a text, not a mapping"),
        ("statusModule.overallStatus", True, "must be a text, not true or false"),
        ("statusModule.statusVerifiedDate", "spring", "'spring' is not a date such as 2024-05-01, 2024-05 or 2024"),
        ("eligibilityModule.minimumAge", "18", "'18' is not an age such as '18 Years' or '6 Months'"),
        ("eligibilityModule.minimumAge", "13 Years", "is above maximumAge"),
        ("eligibilityModule.healthyVolunteers", "Accepts Healthy Volunteers", "must be true or false, not a text"),
        ("eligibilityModule.eligibilityCriteria", ["one", "two"], "must be a text, not a list"),
        ("eligibilityModule.eligibilityCriteria", "x" * 200_001, "is longer than 200,000 characters"),
        ("identificationModule.officialTitle", "half \ud83e", "holds half of a character, \\ud83e"),
        ("conditionsModule.conditions", "Dystrophy", "must be a list, not a text"),
        ("eligibilityModule", "all comers", "must be a mapping of names to values, not a text"),
    ],
)
def test_a_value_that_contradicts_its_field_is_refused_by_its_place(place, value, fault):
    with pytest.raises(RecordError) as refused:
        parse_study(a_study(**{place: value}))
    assert str(refused.value) == f"protocolSection.{place}: {fault}"


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        ("conditionsModule.keywords", ["eyes", 7], "protocolSection.conditionsModule.keywords.1: must be a text, not a number"),
        (
            "contactsLocationsModule.locations",
            [{}, "Utrecht"],
            "protocolSection.contactsLocationsModule.locations.1: must be a mapping of names to values, not a text",
        ),
        ("contactsLocationsModule.locations", [{"city": 1}], "protocolSection.contactsLocationsModule.locations.0.city: must be a text, not a number"),
        ("sponsorCollaboratorsModule.leadSponsor.name", [], "protocolSection.sponsorCollaboratorsModule.leadSponsor.name: must be a text, not a list"),
    ],
)
def test_a_fault_inside_a_list_names_the_item(place, value, message):
    with pytest.raises(RecordError) as refused:
        parse_study(a_study(**{place: value}))
    assert str(refused.value) == message


def test_the_longest_text_is_still_read():
    assert len(parse_study(a_study(**{"descriptionModule.briefSummary": "x" * 200_000})).brief_summary) == 200_000


def test_keys_that_nobody_asks_for_may_hold_anything():
    study = a_study(**{"eligibilityModule.stdAges": 7, "identificationModule.orgStudyIdInfo": "\ud800", "newModule": [[[]]]})
    assert parse_study({**study, "resultsSection": 0}) == parse_study(a_study())


def test_the_first_line_of_an_eligibility_text_keeps_its_column():
    text = parse_study(a_study(**{"eligibilityModule.eligibilityCriteria": "\r\n \r\n  - one\r\n  - two  \r\n"})).eligibility_text
    assert text == "  - one\n  - two"
