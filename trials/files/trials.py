"""Trial files: one YAML document a trial, its rules and sample patients checked against the questions."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trials.ages import age_bounds
from trials.eligibility.judging import Criterion, Trial, judge
from trials.eligibility.questionnaire import Questionnaire
from trials.eligibility.questions import AnswerError, did_you_mean, plain_number
from trials.eligibility.rules import RuleError, parse
from trials.eligibility.verdicts import CriterionKind, Verdict
from trials.vocabulary import APPROACHES, DELIVERIES, PHASES, SEXES, STATUSES

from .reader import FileError, Lines, Reader, areas_of

NCT_NUMBER = re.compile(r"NCT[0-9]{8}")
MOST_YEARS = 100


@dataclass(frozen=True)
class CriterionRecord:
    """One criterion as the file states it; an empty ``rule`` leaves it to the study team."""

    kind: CriterionKind
    text: str
    plain: str = ""
    rule: str = ""
    cohort: str = ""


@dataclass(frozen=True)
class SampleRecord:
    """A patient to try the trial's rules on, and the verdict to expect."""

    name: str
    answers: dict[str, object]
    expect: Verdict


@dataclass(frozen=True)
class TrialRecord:
    """One trial file, read and checked. ``values`` are the plain fields, by the names of the ``Trial`` model."""

    nct_id: str
    values: dict[str, Any]
    areas: tuple[str, ...]
    conditions: tuple[str, ...]
    criteria: tuple[CriterionRecord, ...]
    cohorts: tuple[str, ...] = ()
    sites: tuple[dict[str, str], ...] = ()
    samples: tuple[SampleRecord, ...] = ()


_TRIAL_TEXTS = {"title": 300, "summary": 5_000, "vector": 200, "route": 200, "sponsor": 300, "source": 5_000}
_TRIAL_KEYS = (
    *("nct_id", *_TRIAL_TEXTS, "condition_areas", "conditions", "approach", "delivery", "genes", "phase", "status", "sites", "contact"),
    *("sex", "follow_up_years", "as_of", "published", "criteria_complete", "cohorts", "criteria", "sample_patients"),
)


def read_trial(path: Path | str, data: object, questionnaire: Questionnaire, areas: Iterable[str]) -> TrialRecord:
    """One trial file, its rules and sample patients checked against the questions. Raises ``FileError``."""
    reader = Reader(path, data, "trial", _TRIAL_KEYS)
    reader.require("nct_id", "title", "condition_areas", "status", "source", "as_of", "criteria")
    nct_id = reader.text("nct_id")
    if not NCT_NUMBER.fullmatch(nct_id):
        raise reader.fault("nct_id", f"'{nct_id}' is not an NCT number: 'NCT' and 8 digits")
    years = reader.number("follow_up_years")
    if years is not None and not 0 <= years <= MOST_YEARS:
        raise reader.fault("follow_up_years", f"'follow_up_years' cannot be below 0 or above {MOST_YEARS}")
    reader.data["status"] = reader.text("status").upper().replace(", ", "_").replace(" ", "_")
    reader.data["sex"] = reader.text("sex").upper()
    values: dict[str, Any] = {key: reader.text(key, longest) for key, longest in _TRIAL_TEXTS.items()}
    values |= {
        "approach": reader.one_of("approach", APPROACHES),
        "delivery": reader.one_of("delivery", DELIVERIES),
        "genes": list(reader.texts("genes")),
        "phase": _phases(reader),
        "status": reader.one_of("status", STATUSES),
        "sex": reader.one_of("sex", SEXES),
        "follow_up_years": None if years is None else float(years),
        "as_of": reader.day("as_of"),
        "published": reader.flag("published", False),
        "criteria_complete": reader.flag("criteria_complete", True),
        **_contact(reader),
    }
    cohorts = reader.texts("cohorts", 160)
    if len(set(cohorts)) < len(cohorts):
        twice = next(name for name in cohorts if cohorts.count(name) > 1)
        raise reader.fault("cohorts", f"the cohort '{twice}' is there twice")
    record = TrialRecord(
        nct_id=nct_id,
        values=values,
        areas=areas_of(reader, areas, "condition_areas"),
        conditions=reader.texts("conditions"),
        criteria=tuple(_read_criterion(path, item, questionnaire, cohorts, line) for item, line in reader.items("criteria")),
        cohorts=cohorts,
        sites=tuple(_read_site(path, item, line) for item, line in reader.items("sites")),
        samples=tuple(_read_sample(path, item, questionnaire, line) for item, line in reader.items("sample_patients")),
    )
    low, high = age_bounds(judged(record, questionnaire))
    if low > high:
        line = [item.line_of("rule") for item, _ in reader.items("criteria") if "age" in item.get("rule", "")][-1]
        raise FileError(path, line, f"the age rules leave nobody: from {plain_number(low)} to {plain_number(high)} years")
    if values["published"]:
        _try_samples(record, questionnaire, reader)
    return record


def judged(record: TrialRecord, questionnaire: Questionnaire) -> Trial:
    """The trial of a file as the engine knows it."""
    criteria = (
        Criterion(part.kind, part.text, parse(part.rule, questionnaire) if part.rule else None, part.cohort or None, part.plain) for part in record.criteria
    )
    return Trial(record.nct_id, tuple(criteria), record.cohorts, record.values["criteria_complete"], frozenset(record.areas))


def _try_samples(record: TrialRecord, questionnaire: Questionnaire, reader: Reader) -> None:
    """Refuses a published trial whose rules give a sample patient another verdict than the file expects."""
    trial = judged(record, questionnaire)
    for sample, (_, line) in zip(record.samples, reader.items("sample_patients"), strict=True):
        verdict = judge(trial, questionnaire.settle(questionnaire.read(sample.answers))).verdict
        if verdict is not sample.expect:
            fault = f"sample patient '{sample.name}' expects {sample.expect.slug}, but the rules say {verdict.slug}; mend the rules, or set 'published: false'"
            raise FileError(reader.path, line, fault)


def _phases(reader: Reader) -> list[str]:
    phases = reader.texts("phase")
    for phase in phases:
        if phase not in PHASES:
            raise reader.fault("phase", f"unknown phase '{phase}'{did_you_mean(phase, PHASES)}; known are {', '.join(PHASES)}")
    return list(phases)


def _contact(reader: Reader) -> dict[str, str]:
    given = reader.data.get("contact")
    contact = Reader(reader.path, Lines() if given is None else given, "contact", ("name", "phone", "email"), reader.data.line_of("contact"))
    return {f"contact_{key}": contact.text(key, longest) for key, longest in (("name", 200), ("phone", 60), ("email", 254))}


_SITE_TEXTS = {"facility": 300, "city": 120, "state": 120, "country": 120, "zip": 20, "status": 30}


def _read_site(path: Path | str, data: object, line: int) -> dict[str, str]:
    reader = Reader(path, data, "site", _SITE_TEXTS, line)
    site = {key: reader.text(key, longest) for key, longest in _SITE_TEXTS.items()}
    if not (site["facility"] or site["city"] or site["country"]):
        raise FileError(path, line, "a site needs a facility, a city or a country")
    return site


def _read_criterion(path: Path | str, data: object, questionnaire: Questionnaire, cohorts: tuple[str, ...], line: int) -> CriterionRecord:
    reader = Reader(path, data, "criterion", (*CriterionKind, "rule", "plain", "cohort"), line)
    kinds = [kind for kind in CriterionKind if kind in reader.data]
    if len(kinds) != 1:
        raise reader.fault("", "a criterion is either 'inclusion: text' or 'exclusion: text'")
    reader.require(kinds[0])
    rule = reader.text("rule")
    if rule:
        try:
            parse(rule, questionnaire)
        except RuleError as fault:
            raise reader.fault("rule", f"rule: {fault}") from None
    cohort = reader.text("cohort")
    if cohort and cohort not in cohorts:
        raise reader.fault("cohort", f"'{cohort}' is not among the trial's cohorts{did_you_mean(cohort, cohorts)}")
    return CriterionRecord(kinds[0], reader.text(kinds[0]), reader.text("plain"), rule, cohort)


def _read_sample(path: Path | str, data: object, questionnaire: Questionnaire, line: int) -> SampleRecord:
    reader = Reader(path, data, "sample patient", ("name", "answers", "expect"), line)
    reader.require("name", "expect")
    answers = reader.data.get("answers") or {}
    if not isinstance(answers, dict):
        raise reader.fault("answers", "'answers' must map question keys to answers")
    try:
        questionnaire.read(answers)
    except AnswerError as fault:
        raise reader.fault("answers", str(fault)) from None
    expect = reader.one_of("expect", [verdict.slug for verdict in Verdict])
    return SampleRecord(reader.text("name", 200), plain_data(answers), Verdict[expect.upper()])


def plain_data(value: Any) -> Any:
    """YAML values as JSON knows them."""
    if isinstance(value, dict):
        return {key: plain_data(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain_data(item) for item in value]
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)
