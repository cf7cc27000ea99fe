"""The writes of an import: each record whole or not at all, and none in the way of another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.utils import timezone

from trials import models
from trials.history import REGISTRY, delete, save
from trials.registry.records import StudyRecord
from trials.registry.sources import BadRecord
from trials.suggestions.facts import ConditionName

from .criteria import CriteriaMerge, save_criteria
from .drafts import Draft, draft_of
from .merging import merge_facts, merge_sites
from .suggesting import suggestions_for


@dataclass(frozen=True)
class Outcome:
    """What became of one record. ``action`` is added, changed, unchanged, older or refused; ``notes`` say what changed; ``fault`` why it was refused.

    ``was_published`` and ``closed`` tell of a listing that patients saw, and that the registry closed.
    """

    name: str
    action: str
    notes: tuple[str, ...] = ()
    fault: str = ""
    was_published: bool = False
    closed: bool = False


def import_records(records: Iterable[StudyRecord | BadRecord], *, dry_run: bool = False, today: date | None = None) -> Iterator[Outcome]:
    """Merges the records into the database one by one, each whole or not at all, and says what became of each.

    New trials come in unpublished. ``today`` is the day for records without a date. With ``dry_run`` nothing is written.
    """
    tree = _Tree.read()
    day = today or timezone.localdate()
    for record in records:
        if isinstance(record, BadRecord):
            yield Outcome(f"{record.path}:{record.line}", "refused", fault=str(record))
            continue
        try:
            with transaction.atomic():
                outcome = _import(record, tree, day)
                if dry_run:
                    transaction.set_rollback(True)
            yield outcome
        except (ValidationError, DatabaseError, ValueError) as error:
            yield Outcome(record.nct_id, "refused", fault=f"{record.nct_id}: cannot be saved: {error}")


@dataclass(frozen=True)
class _Tree:
    """The conditions of our tree, read once for a whole import."""

    names: tuple[ConditionName, ...]
    lower: frozenset[str] = field(default_factory=frozenset)

    @classmethod
    def read(cls) -> _Tree:
        rows = models.Condition.objects.select_related("parent").prefetch_related("areas")
        names = tuple(
            ConditionName(row.key, (row.label, *row.synonyms), tuple(area.slug for area in row.areas.all()), row.parent.key if row.parent else None)
            for row in rows
        )
        return cls(names, frozenset(name.lower() for one in names for name in one.names))


def _import(record: StudyRecord, tree: _Tree, today: date) -> Outcome:
    draft = draft_of(record, tree.lower, today)
    trial = models.Trial.objects.filter(nct_id=draft.nct_id).first()
    if trial is None:
        return _add(draft, record, tree)
    if trial.registry == draft.as_base():
        if draft.as_of > trial.as_of:
            trial.as_of = draft.as_of
            save(trial, REGISTRY)
            return Outcome(draft.nct_id, "changed", ("checked again, nothing changed",), was_published=trial.published)
        return Outcome(draft.nct_id, "unchanged")
    if draft.as_of < trial.as_of:
        return Outcome(draft.nct_id, "older", (f"the record is as of {draft.as_of}, the listing as of {trial.as_of}",))
    return _merge(trial, draft, record, tree)


def _add(draft: Draft, record: StudyRecord, tree: _Tree) -> Outcome:
    trial = models.Trial(
        nct_id=draft.nct_id,
        as_of=draft.as_of,
        registry=draft.as_base(),
        suggestions=suggestions_for(record, tree.names),
        min_age=_years(record.min_age),
        max_age=_years(record.max_age),
        **{"status": "UNKNOWN"} | draft.facts,
    )
    save(trial, REGISTRY)
    models.Site.objects.bulk_create(models.Site(trial=trial, **site) for site in draft.sites)
    merge = save_criteria(trial, None, draft.lines)
    return Outcome(draft.nct_id, "added", tuple(merge.notes()))


def _merge(trial: models.Trial, draft: Draft, record: StudyRecord, tree: _Tree) -> Outcome:
    base: Mapping[str, Any] = trial.registry
    mine = {name: getattr(trial, name) for name in draft.facts}
    changes, differences = merge_facts(base.get("facts"), mine, draft.facts)
    for name, value in changes.items():
        setattr(trial, name, value)
    merge = save_criteria(trial, base.get("lines"), draft.lines) if draft.lines else CriteriaMerge()
    if merge.not_linked:
        differences.append({"field": "criteria", "was": None, "now": merge.not_linked, "kept": True})
    news = {one["field"] for one in differences}
    today = draft.as_of.isoformat()
    trial.differences = [*(one for one in trial.differences if one["field"] not in news), *(one | {"on": today} for one in differences)]
    suggestions = suggestions_for(record, tree.names)
    dismissed = [(one["field"], one["value"]) for one in trial.suggestions if one.get("dismissed")]
    trial.suggestions = [one | {"dismissed": True} if (one["field"], one["value"]) in dismissed else one for one in suggestions]
    trial.registry = draft.as_base()
    trial.as_of = draft.as_of
    save(trial, REGISTRY)
    site_notes = _merge_sites(trial, base.get("sites") or [], draft.sites) if draft.sites else []
    notes = (*(_said(one) for one in differences if one["field"] != "criteria"), *merge.notes(), *site_notes)
    return Outcome(draft.nct_id, "changed", notes, was_published=trial.published, closed="status" in changes and trial.is_closed)


def _merge_sites(trial: models.Trial, base: list[dict[str, str]], theirs: list[dict[str, str]]) -> list[str]:
    rows = list(trial.sites.all())
    keys = ("facility", "city", "state", "country", "zip", "status")
    mine = [{key: getattr(row, key) for key in keys} for row in rows]
    merged = merge_sites(base or (theirs if not mine else []), mine, theirs) if mine or base else theirs
    if sorted(map(sorted_items, merged)) == sorted(map(sorted_items, mine)):
        return []
    wanted = list(merged)
    for row, site in zip(rows, mine, strict=True):
        if site in wanted:
            wanted.remove(site)
        else:
            delete(row, REGISTRY)
    models.Site.objects.bulk_create(models.Site(trial=trial, **site) for site in wanted)
    return [f"sites: {len(mine)} before, {len(merged)} now"]


def sorted_items(site: Mapping[str, str]) -> list[tuple[str, str]]:
    """A site as something that can be sorted and compared."""
    return sorted(site.items())


def _years(age: Any) -> Any:
    return None if age is None else round(float(age), 4)


def _said(difference: Mapping[str, Any]) -> str:
    kept = " (yours is kept)" if difference["kept"] else ""
    return f"{difference['field']}: {_short(difference['was'])} → {_short(difference['now'])}{kept}"


def _short(value: object) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if len(text) <= 80 else text[:79] + "…"
