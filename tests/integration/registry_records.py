"""Small invented records as the registry's API v2 writes them, and what an import makes of them."""

import gzip
import json
from io import StringIO

from django.core.management import call_command
from django.core.management.base import CommandError

from trials.importing import Outcome, import_records
from trials.models import Criterion, Trial
from trials.registry.records import parse_study

NUMBER, OTHER, THIRD = "NCT30000001", "NCT30000002", "NCT30000003"

ADULT = "Adults with a dull left eye"
GLAUCOMA = "Glaucoma in either eye"
STEROIDS = "Steroid tablets within the last 30 days"

HOSPITAL = {"facility": "Hill Hospital", "city": "Utrecht", "country": "Netherlands", "status": "RECRUITING"}
CONTACT = {"name": "Study desk", "phone": "555-0100", "email": "desk@example.org"}


def eligibility(inclusion=(ADULT,), exclusion=(GLAUCOMA, STEROIDS), cohorts=None) -> str:
    """An eligibility text. ``cohorts`` are inclusion criteria by the name of a cohort."""
    lines = ["Inclusion Criteria:", "", *(f"* {line}" for line in inclusion)]
    for name, own in (cohorts or {}).items():
        lines += ["", f"{name}:", "", *(f"* {line}" for line in own)]
    return "\n".join([*lines, "", "Exclusion Criteria:", "", *(f"* {line}" for line in exclusion)])


def study(number=NUMBER, *, day="2026-10-01", without=(), **changes) -> dict:
    """A whole record of this day (None: of none). ``changes`` are the values that ``said`` names; ``without`` leaves modules out."""
    said = {
        "title": "A New Light for Dull Eyes",
        "status": "RECRUITING",
        "sponsor": "Lantern House",
        "phases": ["PHASE1"],
        "conditions": ["Dull Eye"],
        "text": eligibility(),
        "sex": "ALL",
        "minimum": None,
        "maximum": None,
        "contact": CONTACT,
        "sites": [HOSPITAL],
    } | changes
    modules = {
        "identificationModule": {"nctId": number, "briefTitle": said["title"]},
        "statusModule": {"overallStatus": said["status"]},
        "sponsorCollaboratorsModule": {"leadSponsor": {"name": said["sponsor"]}},
        "conditionsModule": {"conditions": said["conditions"]},
        "designModule": {"phases": said["phases"]},
        "armsInterventionsModule": {"interventions": [{"type": "GENETIC", "name": "Lamp vector"}]},
        "eligibilityModule": {
            "eligibilityCriteria": said["text"],
            "sex": said["sex"],
            "minimumAge": said["minimum"],
            "maximumAge": said["maximum"],
        },
        "contactsLocationsModule": {"centralContacts": [said["contact"]] if said["contact"] else [], "locations": said["sites"]},
    }
    record = {"protocolSection": {name: module for name, module in modules.items() if name not in without}}
    return record if day is None else {**record, "derivedSection": {"miscInfoModule": {"versionHolder": day}}}


def bare(number=NUMBER, day="2026-10-02", **modules) -> dict:
    """A record that states its number, its day and these modules, and nothing else."""
    record = {"protocolSection": {"identificationModule": {"nctId": number}, **modules}}
    return record if day is None else {**record, "derivedSection": {"miscInfoModule": {"versionHolder": day}}}


def bring_in(*studies, **how) -> list[Outcome]:
    """Imports studies."""
    return list(import_records([parse_study(one) for one in studies], **how))


def bring(one: dict, **how) -> Outcome:
    """Imports one study."""
    (outcome,) = bring_in(one, **how)
    return outcome


def trial(number=NUMBER) -> Trial:
    """The listing as it is stored."""
    return Trial.objects.get(nct_id=number)


def criterion(text: str, number=NUMBER) -> Criterion:
    """The one criterion of a listing with this text."""
    return Criterion.objects.get(trial__nct_id=number, text=text)


def texts(number=NUMBER) -> list[str]:
    """The texts of a listing's criteria, in their order."""
    return list(Criterion.objects.filter(trial__nct_id=number).values_list("text", flat=True))


def edit(row, **values):
    """A coordinator's change."""
    for name, value in values.items():
        setattr(row, name, value)
    row.save()
    return row


def write(path, *studies, lines=False):
    """Writes studies to a file: one by itself, several as an array or as JSON lines; gzipped if its name says so."""
    text = "\n".join(map(json.dumps, studies)) if lines else json.dumps(studies[0] if len(studies) == 1 else list(studies))
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


def run(command: str, *arguments) -> tuple[int, str]:
    """The exit code of a command, and what it prints, the error last."""
    out = StringIO()
    try:
        call_command(command, *map(str, arguments), stdout=out)
    except CommandError as fault:
        return fault.returncode, f"{out.getvalue()}{fault}\n"
    return 0, out.getvalue()
