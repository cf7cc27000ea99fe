"""Loading question, trial and therapy files: all or nothing."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path

from django.db import transaction

from trials import audit, catalog, models
from trials.ages import age_bounds
from trials.audit import Act
from trials.eligibility.judging import Trial
from trials.eligibility.questionnaire import Questionnaire
from trials.eligibility.questions import Bound, Question
from trials.eligibility.rules import RuleError, comparisons, parse, questions_of
from trials.files import Contents, FileError, QuestionRecord, TherapyRecord, TrialRecord, read_files
from trials.files.questions import ConditionRecord
from trials.files.trials import judged
from trials.history import FILE, create

STARTER = Path(__file__).parent.parent / "starter"


@transaction.atomic
def load_files(*, paths: Iterable[Path | str], replace: bool = True) -> Contents:
    """Loads question, trial and therapy files and folders, all or nothing.

    ``replace=False`` leaves records that exist already as they are, and only adds choices to their questions. Gives what was loaded.
    Raises ``FileError``.
    """
    areas = models.ConditionArea.objects.values_list("slug", flat=True)
    stored = {question.key: question for question in catalog.stored_questions()}
    contents, questionnaire = read_files(paths, stored.values(), areas, keep_known=not replace)
    if replace:
        _check_stored_rules(questionnaire, stored, contents)
    else:
        for record in contents.questions:
            if record.question.key in stored:
                add_choices(record=record, question=questionnaire[record.question.key])
        contents = _new_ones(contents, stored)
    for record in contents.questions:
        save_question(record=record, question=questionnaire[record.question.key])
    for trial in contents.trials:
        audit.record(Act.IMPORT, save_trial(record=trial, questionnaire=questionnaire), detail=FILE)
    for therapy in contents.therapies:
        audit.record(Act.IMPORT, save_therapy(record=therapy), detail=FILE)
    if contents.questions:
        audit.record(Act.IMPORT, models.Question, detail=f"{FILE}: {', '.join(record.question.key for record in contents.questions)}")
    catalog.touch()
    return contents


def load_starter() -> Contents:
    """Loads the built-in questions, trials and therapies that the database does not have. Changes none that it has."""
    return load_files(paths=[STARTER], replace=False)


def _new_ones(contents: Contents, stored: Mapping[str, Question]) -> Contents:
    trials = set(models.Trial.objects.values_list("nct_id", flat=True))
    therapies = set(models.ApprovedTherapy.objects.values_list("brand", flat=True))
    return Contents(
        [record for record in contents.questions if record.question.key not in stored],
        [record for record in contents.trials if record.nct_id not in trials],
        [record for record in contents.therapies if record.values["brand"] not in therapies],
    )


def _check_stored_rules(questionnaire: Questionnaire, stored: Mapping[str, Question], contents: Contents) -> None:
    """Refuses questions under which a rule of a trial that stays could no longer be read, or would mean another amount."""
    changed = {record.question.key: record for record in contents.questions if record.question.key in stored}
    staying = models.Criterion.objects.exclude(rule="").exclude(trial__nct_id__in=[trial.nct_id for trial in contents.trials]).select_related("trial")
    earlier = Questionnaire(stored.values())
    for criterion in staying:
        try:
            keys = questions_of(parse(criterion.rule, earlier)) & changed.keys()
        except RuleError:
            continue
        for key in sorted(keys):
            fault = _rule_fault(criterion.rule, key, stored, questionnaire)
            if fault:
                place = changed[key]
                raise FileError(place.path, place.line, f"the rule '{criterion.rule}' of {criterion.trial.nct_id} would break: {fault}")


def _rule_fault(text: str, key: str, stored: Mapping[str, Question], questionnaire: Questionnaire) -> str:
    old, new = stored[key], questionnaire[key]
    try:
        rule = parse(text, questionnaire)
    except RuleError as fault:
        return str(fault)
    if old.unit != new.unit:
        return f"the unit of '{key}' cannot change from {old.unit} to {new.unit}"
    for unit in {quantity.unit for comparison in comparisons(rule) if comparison.question == key for quantity in comparison.quantities if quantity.unit}:
        if old.factors[unit] != new.factors[unit]:
            return f"the factor of {unit} of '{key}' cannot change from {old.factors[unit]} to {new.factors[unit]}"
    return ""


def add_choices(*, record: QuestionRecord, question: Question) -> None:
    """Adds the choices that a stored question does not have yet. ``question`` is the stored one with those of the record besides."""
    row = models.Question.objects.get(key=question.key)
    if record.conditions:
        known = set(models.Condition.objects.values_list("key", flat=True))
        _save_conditions([condition for condition in record.conditions if condition.key not in known], question)
        return
    known = set(row.choices.values_list("key", flat=True))
    for order, choice in enumerate(question.choices):
        if choice.key not in known:
            models.Choice.objects.create(question=row, key=choice.key, label=choice.label, parent=choice.parent or "", order=order)


def save_question(*, record: QuestionRecord, question: Question) -> models.Question:
    """Adds or updates one question: ``question`` is that of the record, with the choices and units that the database has besides."""
    row, _ = models.Question.objects.update_or_create(
        key=question.key,
        defaults={
            "kind": question.kind.value,
            "text": question.text,
            "child_text": question.child_text,
            "help": question.help,
            "why": question.why,
            "unit": question.unit,
            "units": {unit: str(factor) for unit, factor in question.units.items()},
            "min": _decimal(question.min),
            "max": _decimal(question.max),
            "sensitive": question.sensitive,
            "source": question.source.value,
            "ask_if": question.ask_if,
            "otherwise": question.otherwise,
            "order": question.order,
            "changes": question.changes or "",
        },
    )
    row.areas.set(models.ConditionArea.objects.filter(slug__in=question.areas))
    if record.conditions:
        _save_conditions(record.conditions, question)
        return row
    if not question.choices:
        row.choices.all().delete()
    for order, choice in enumerate(question.choices):
        models.Choice.objects.update_or_create(question=row, key=choice.key, defaults={"label": choice.label, "parent": choice.parent or "", "order": order})
    return row


def _save_conditions(conditions: Sequence[ConditionRecord], question: Question) -> None:
    every_area = {area.slug: area for area in models.ConditionArea.objects.all()}
    rows = {}
    for order, condition in enumerate(conditions):
        rows[condition.key], _ = models.Condition.objects.update_or_create(
            key=condition.key,
            defaults={"label": condition.label, "help": condition.help, "synonyms": list(condition.synonyms), "order": order, "parent": None},
        )
        rows[condition.key].areas.set(every_area[slug] for slug in condition.areas or question.areas or every_area)
    for condition in conditions:
        if condition.parent:
            row = rows[condition.key]
            row.parent = rows.get(condition.parent) or models.Condition.objects.get(key=condition.parent)
            row.save()


def save_trial(*, record: TrialRecord, questionnaire: Questionnaire) -> models.Trial:
    """Adds or replaces one trial with its criteria, cohorts, sites and sample patients."""
    by_name = {name: row for row in models.Condition.objects.all() for name in (row.label.lower(), row.key)}
    found = {name: by_name.get(name) or by_name.get(name.lower()) for name in record.conditions}
    low, high = listed_ages(judged(record, questionnaire))
    trial, _ = models.Trial.objects.update_or_create(
        nct_id=record.nct_id,
        defaults=record.values
        | {
            "min_age": low,
            "max_age": high,
            "condition_names": [name for name, condition in found.items() if condition is None],
        },
    )
    trial.areas.set(models.ConditionArea.objects.filter(slug__in=record.areas))
    trial.conditions.set(condition for condition in found.values() if condition)
    for parts in (trial.criteria, trial.cohorts, trial.sites, trial.sample_patients):
        parts.all().delete()
    cohorts = {name: models.Cohort.objects.create(trial=trial, name=name, order=order) for order, name in enumerate(record.cohorts)}
    criteria = (
        models.Criterion(
            trial=trial,
            kind=part.kind.value,
            text=part.text,
            plain=part.plain,
            rule=part.rule,
            team_checks=not part.rule,
            cohort=cohorts.get(part.cohort),
            order=order,
        )
        for order, part in enumerate(record.criteria)
    )
    create(models.Criterion, criteria, FILE)
    create(models.Site, (models.Site(trial=trial, **site) for site in record.sites), FILE)
    samples = (models.SamplePatient(trial=trial, name=sample.name, answers=sample.answers, expect=sample.expect.slug) for sample in record.samples)
    create(models.SamplePatient, samples, FILE)
    return trial


def listed_ages(trial: Trial) -> tuple[Decimal | None, Decimal | None]:
    """A trial's ages for listings, in years, as its rules tell; None where there is no bound."""
    low, high = age_bounds(trial)
    return (_decimal(low), _decimal(high)) if low <= high else (None, None)


def _decimal(number: Bound | None) -> Decimal | None:
    if number is None or math.isinf(number):
        return None
    return round(Decimal(number.numerator) / Decimal(number.denominator), 6) if not isinstance(number, float) else Decimal(number)


def save_therapy(*, record: TherapyRecord) -> models.ApprovedTherapy:
    """Adds or updates one approved therapy."""
    area = models.ConditionArea.objects.filter(slug=record.area).first()
    row, _ = models.ApprovedTherapy.objects.update_or_create(brand=record.values["brand"], defaults=record.values | {"area": area})
    row.conditions.set(models.Condition.objects.filter(key__in=record.conditions))
    return row
