"""The writes. Each function does one thing whole or not at all."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path

from django.core.exceptions import ValidationError
from django.db import transaction

from . import catalog, models
from .eligibility.judging import Trial
from .eligibility.questionnaire import Questionnaire
from .eligibility.questions import Bound, Interval, Question
from .eligibility.rules import Comparison, RuleError, parse, questions_of
from .eligibility.verdicts import CriterionKind
from .files import Contents, FileError, QuestionRecord, TherapyRecord, TrialRecord, read_files
from .files.trials import judged

STARTER = Path(__file__).parent / "starter"


@transaction.atomic
def load_files(*, paths: Iterable[Path | str], replace: bool = True) -> Contents:
    """Loads question, trial and therapy files and folders, all or nothing.

    ``replace=False`` leaves records that exist already as they are. Gives what the files held. Raises ``FileError``.
    """
    paths = list(paths)
    areas = models.ConditionArea.objects.values_list("slug", flat=True)
    earlier = {question.key: question for question in catalog.stored_questions()}
    contents, questionnaire = read_files(paths, earlier.values(), areas)
    if not replace:
        contents = _new_ones(contents)
    for record in contents.questions:
        save_question(record=record, question=questionnaire[record.question.key])
    _check_stored_rules(questionnaire, [record.nct_id for record in contents.trials], paths, earlier)
    for trial in contents.trials:
        save_trial(record=trial, questionnaire=questionnaire)
    for therapy in contents.therapies:
        save_therapy(record=therapy)
    catalog.touch()
    return contents


def load_starter() -> Contents:
    """Loads the built-in questions, trials and therapies that the database does not have. Changes none that it has."""
    return load_files(paths=[STARTER], replace=False)


def _new_ones(contents: Contents) -> Contents:
    questions = set(models.Question.objects.values_list("key", flat=True))
    trials = set(models.Trial.objects.values_list("nct_id", flat=True))
    therapies = set(models.ApprovedTherapy.objects.values_list("brand", flat=True))
    return Contents(
        [record for record in contents.questions if record.question.key not in questions],
        [record for record in contents.trials if record.nct_id not in trials],
        [record for record in contents.therapies if record.values["brand"] not in therapies],
    )


def _check_stored_rules(questionnaire: Questionnaire, replaced: Iterable[str], paths: list[Path | str], earlier: Mapping[str, Question]) -> None:
    """Refuses questions under which a stored rule could no longer be read, or would mean other amounts."""
    stored = models.Criterion.objects.exclude(rule="").exclude(trial__nct_id__in=replaced).select_related("trial")
    for criterion in stored:
        try:
            for key in questions_of(parse(criterion.rule, questionnaire)):
                if key in earlier and earlier[key].unit != questionnaire[key].unit:
                    raise RuleError(f"the unit of '{key}' cannot change from {earlier[key].unit} to {questionnaire[key].unit}", 1)
        except RuleError as fault:
            raise FileError(paths[0], 1, f"the new questions do not fit the rule '{criterion.rule}' of {criterion.trial.nct_id}: {fault}") from None


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
        },
    )
    row.areas.set(models.ConditionArea.objects.filter(slug__in=question.areas))
    if record.conditions:
        _save_conditions(record, question)
        return row
    for order, choice in enumerate(question.choices):
        models.Choice.objects.update_or_create(question=row, key=choice.key, defaults={"label": choice.label, "parent": choice.parent or "", "order": order})
    return row


def _save_conditions(record: QuestionRecord, question: Question) -> None:
    every_area = {area.slug: area for area in models.ConditionArea.objects.all()}
    rows = {}
    for order, condition in enumerate(record.conditions):
        rows[condition.key], _ = models.Condition.objects.update_or_create(
            key=condition.key,
            defaults={"label": condition.label, "help": condition.help, "synonyms": list(condition.synonyms), "order": order, "parent": None},
        )
        rows[condition.key].areas.set(every_area[slug] for slug in condition.areas or question.areas or every_area)
    for condition in record.conditions:
        if condition.parent:
            row = rows[condition.key]
            row.parent = rows[condition.parent]
            row.save()


def save_trial(*, record: TrialRecord, questionnaire: Questionnaire) -> models.Trial:
    """Adds or replaces one trial with its criteria, cohorts, sites and sample patients."""
    by_name = {name: row for row in models.Condition.objects.all() for name in (row.label.lower(), row.key)}
    known = [by_name[name] for name in record.conditions if name in by_name] or [by_name[name.lower()] for name in record.conditions if name.lower() in by_name]
    low, high = age_bounds(judged(record, questionnaire))
    trial, _ = models.Trial.objects.update_or_create(
        nct_id=record.nct_id,
        defaults=record.values
        | {
            "min_age": low,
            "max_age": high,
            "condition_names": [name for name in record.conditions if name not in by_name and name.lower() not in by_name],
        },
    )
    trial.areas.set(models.ConditionArea.objects.filter(slug__in=record.areas))
    trial.conditions.set(known)
    for parts in (trial.criteria, trial.cohorts, trial.sites, trial.sample_patients):
        parts.all().delete()
    cohorts = {name: models.Cohort.objects.create(trial=trial, name=name, order=order) for order, name in enumerate(record.cohorts)}
    models.Criterion.objects.bulk_create(
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
    models.Site.objects.bulk_create(models.Site(trial=trial, **site) for site in record.sites)
    models.SamplePatient.objects.bulk_create(
        models.SamplePatient(trial=trial, name=sample.name, answers=sample.answers, expect=sample.expect.slug) for sample in record.samples
    )
    return trial


def age_bounds(trial: Trial) -> tuple[Decimal | None, Decimal | None]:
    """The youngest and oldest age in years that the criteria common to all let in, for listings and filters; None where there is no bound."""
    low, high = -math.inf, math.inf
    for criterion in trial.criteria:
        rule = criterion.rule
        if criterion.kind is CriterionKind.INCLUSION and criterion.cohort is None and isinstance(rule, Comparison) and rule.question == "age":
            assert isinstance(rule.inside, Interval)
            low, high = max(low, rule.inside.low), min(high, rule.inside.high)
    return (_decimal(low), _decimal(high)) if low <= high else (None, None)


def note_ages(*, trial: models.Trial) -> None:
    """Brings a stored trial's ages for listings in step with its rules."""
    questionnaire = Questionnaire(catalog.stored_questions())
    trial.min_age, trial.max_age = age_bounds(catalog.judged_trial(trial, questionnaire))
    trial.save(update_fields=["min_age", "max_age"])


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


@transaction.atomic
def publish(*, trial: models.Trial) -> None:
    """Shows a trial to patients. Raises ``ValidationError`` where a rule cannot be read or a sample patient's verdict is not as expected."""
    faults = check_trial(trial=trial)
    if faults:
        raise ValidationError(faults)
    trial.published = True
    trial.save()


@transaction.atomic
def withdraw(*, trial: models.Trial) -> None:
    """Shows a trial to patients no longer."""
    trial.published = False
    trial.save()


def check_trial(*, trial: models.Trial) -> list[str]:
    """What is wrong with a trial's rules and sample patients, a sentence each. Writes nothing."""
    from .matching import sample_faults  # noqa: PLC0415 - matching reads what services write

    questionnaire = Questionnaire(catalog.stored_questions())
    faults = []
    for criterion in trial.criteria.exclude(rule=""):
        try:
            parse(criterion.rule, questionnaire)
        except RuleError as fault:
            faults.append(f"“{criterion}”: {fault}")
    return faults or sample_faults(trial, questionnaire)
