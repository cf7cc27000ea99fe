"""What a coordinator decides about many things at once: suggested rules, suggested facts, the study team, changes seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction

from trials import models
from trials.eligibility.questionnaire import Questionnaire
from trials.importing.suggesting import DOUBT, FOLLOWS
from trials.suggestions.rules import RuleSuggestion, suggest_rule
from trials.suggestions.study_team import is_for_study_team

SINGLE_FACTS = ("approach", "delivery", "vector")
FIELDS_OF_FACTS = ("areas", "conditions", "genes", *SINGLE_FACTS)


def suggestion_for(criterion: models.Criterion, questionnaire: Questionnaire) -> RuleSuggestion | None:
    """The rule that a criterion's wording suggests: for one to do, or one whose line changed so that its rule may not fit any more."""
    if criterion.suggestion_dismissed or criterion.team_checks or criterion.kind == models.Criterion.UNCLEAR:
        return None
    if criterion.rule and not criterion.earlier_source:
        return None
    found = suggest_rule(criterion.text, criterion.kind, questionnaire, tuple(filter(None, criterion.heading.split(" › "))))
    return None if found and found.rule == criterion.rule else found


def team_reason(criterion: models.Criterion) -> str | None:
    """Why a criterion looks like something that only the study team can judge, or None."""
    return is_for_study_team(criterion.text, criterion.kind)


def suggested_rules(*, trial: models.Trial, questionnaire: Questionnaire) -> dict[int, str]:
    """Criterion (by id) -> the rule suggested for it, for each one that is to do."""
    to_do = (criterion for criterion in models.Criterion.objects.filter(trial=trial) if criterion.state == "to_do")
    found = ((criterion.pk, suggestion_for(criterion, questionnaire)) for criterion in to_do)
    return {pk: suggestion.rule for pk, suggestion in found if suggestion}


@transaction.atomic
def use_all_rules(*, trial: models.Trial, questionnaire: Questionnaire, shown: Mapping[int, str]) -> int:
    """Takes over the suggested rule of each criterion that is to do, where it is the one that was ``shown``. Gives how many."""
    now = suggested_rules(trial=trial, questionnaire=questionnaire)
    used = [criterion for criterion in trial.criteria.all() if criterion.pk in now and shown.get(criterion.pk) == now[criterion.pk]]
    for criterion in used:
        criterion.rule = now[criterion.pk]
        criterion.save()
    return len(used)


@transaction.atomic
def leave_rest(*, trial: models.Trial) -> int:
    """Leaves each criterion that is to do to the study team, but for those of unclear kind. Gives how many."""
    left = 0
    for criterion in trial.criteria.all():
        if criterion.state == "to_do" and criterion.kind != models.Criterion.UNCLEAR:
            criterion.team_checks = True
            criterion.save()
            left += 1
    return left


def open_facts(trial: models.Trial) -> list[dict[str, Any]]:
    """The suggested facts that are not dismissed and not in the listing already."""
    if not trial.pk:
        return []
    there = {
        "areas": {area.slug for area in trial.areas.all()},
        "conditions": {condition.key for condition in trial.conditions.all()},
        "genes": set(trial.genes),
    }
    return [
        one
        for one in trial.suggestions
        if not one.get("dismissed")
        and one["field"] in FIELDS_OF_FACTS
        and (one["value"] not in there[one["field"]] if one["field"] in there else not getattr(trial, one["field"]))
    ]


@transaction.atomic
def use_facts(*, trial: models.Trial, facts: Iterable[dict[str, Any]]) -> None:
    """Takes suggested facts over into the listing. What somebody wrote into a field of one value stays."""
    genes = list(trial.genes)
    for fact in facts:
        field, value = fact["field"], fact["value"]
        if field == "areas":
            trial.areas.add(*models.ConditionArea.objects.filter(slug=value))
        elif field == "conditions":
            trial.conditions.add(*models.Condition.objects.filter(key=value))
        elif field == "genes":
            genes.append(value)
        elif not getattr(trial, field):
            setattr(trial, field, value)
    trial.genes = list(dict.fromkeys(genes))
    trial.save()


def dismiss_facts(*, trial: models.Trial) -> None:
    """Shows the suggested facts that were not taken over no longer."""
    _dismiss(trial, FIELDS_OF_FACTS)


def settle_doubts(*, trial: models.Trial) -> None:
    """Asks no longer whether the trial belongs here."""
    _dismiss(trial, (DOUBT, FOLLOWS))


def _dismiss(trial: models.Trial, fields: Iterable[str]) -> None:
    trial.suggestions = [one | {"dismissed": True} if one["field"] in fields else one for one in trial.suggestions]
    trial.save()


def see_differences(*, trial: models.Trial) -> None:
    """Shows what the registry changed no longer. Lines of the record that the listing lacks stay, until somebody decides about them."""
    trial.differences = [one for one in trial.differences if one["field"] == "criteria"]
    trial.save()


def drop_lines(*, trial: models.Trial) -> None:
    """Leaves the lines of the record that the listing does not show out of it."""
    trial.differences = [one for one in trial.differences if one["field"] != "criteria"]
    trial.save()


@transaction.atomic
def add_lines(*, trial: models.Trial) -> int:
    """Adds the lines of the record that a listing made by hand does not show, as criteria to do, each once. Gives how many."""
    wanted = {text for one in trial.differences if one["field"] == "criteria" for text in one["now"]}
    order = max((criterion.order for criterion in trial.criteria.all()), default=-1)
    there = Counter(trial.criteria.values_list("source_text", "source_kind", "source_cohort"))
    added = 0
    for line in trial.registry.get("lines", []):
        place = line["source"], line["kind"], line["cohort"]
        if there[place]:
            there[place] -= 1
        elif line["text"] in wanted:
            order += 1
            added += 1
            cohort = trial.cohorts.get_or_create(name=line["cohort"], defaults={"order": trial.cohorts.count()})[0] if line["cohort"] else None
            models.Criterion.objects.create(
                trial=trial,
                **{key: line[key] for key in ("text", "kind", "heading")},
                cohort=cohort,
                order=order,
                source_text=line["source"],
                source_kind=line["kind"],
                source_cohort=line["cohort"],
            )
    drop_lines(trial=trial)
    return added
