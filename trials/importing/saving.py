"""The writes of an import: each record whole or not at all, and none in the way of another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from trials import audit, catalog, models
from trials.audit import Act
from trials.history import REGISTRY, create, delete, save
from trials.registry.records import StudyRecord
from trials.registry.sources import BadRecord
from trials.suggestions.facts import ConditionName

from .criteria import save_criteria
from .drafts import Draft, Line, address_of, draft_of
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
    What was saved is in the audit trail with each record, what was refused at the end: a file of bad records alone makes one line.
    """
    tree = _Tree.read()
    day = today or timezone.localdate()
    refused: list[str] = []
    for record in records:
        if isinstance(record, BadRecord):
            refused.append("")  # counted and not named: its place may tell a folder of the server
            yield Outcome(f"{record.path}:{record.line}", "refused", fault=str(record))
            continue
        try:
            with transaction.atomic():
                outcome = _import(record, tree, day)
                if outcome.action in ("added", "changed"):
                    audit.record(Act.IMPORT, models.Trial(nct_id=outcome.name), detail=f"{REGISTRY}: {outcome.action}")
                if dry_run:
                    transaction.set_rollback(True)
            yield outcome
        except Exception as error:  # whatever it is, it must not keep the other records out
            refused.append(record.nct_id)
            yield Outcome(record.nct_id, "refused", fault=f"{record.nct_id}: cannot be saved: {type(error).__name__}: {_on_one_line(error)}")
    if refused and not dry_run:
        names = " ".join(filter(None, refused))
        audit.record(Act.IMPORT_REFUSED, models.Trial, detail=f"{REGISTRY}: {len(refused)} refused {names}".rstrip())


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
    trial = models.Trial.objects.select_for_update().filter(nct_id=draft.nct_id).first()
    if trial is None:
        return _add(draft, record, tree, today)
    base: Mapping[str, Any] = trial.registry or {"dated": True}
    if trial.registry == draft.as_base(base):
        _note_check(trial, draft)
        return Outcome(draft.nct_id, "unchanged", was_published=trial.published)
    if draft.as_of and draft.as_of < trial.as_of and base.get("dated", True):
        return Outcome(draft.nct_id, "older", (f"the record is as of {draft.as_of}, the listing as of {trial.as_of}",))
    return _merge(trial, base, draft, record, tree)


def _note_check(trial: models.Trial, draft: Draft) -> None:
    """Notes the day of a record that says nothing new. Without a trace in the history, of which a nightly check would make most."""
    if draft.as_of and draft.as_of > trial.as_of:
        models.Trial.objects.filter(pk=trial.pk).update(as_of=draft.as_of)
        catalog.touch_words()


def _add(draft: Draft, record: StudyRecord, tree: _Tree, today: date) -> Outcome:
    facts = {"title": draft.nct_id, "status": "UNKNOWN", "criteria_complete": False, "source": f"{address_of(draft.nct_id)} (a record without a date)"}
    trial = models.Trial(
        nct_id=draft.nct_id,
        as_of=draft.as_of or today,
        registry=draft.as_base({"facts": facts}),
        suggestions=suggestions_for(record, tree.names),
        min_age=_years(record.min_age),
        max_age=_years(record.max_age),
        **facts | draft.facts,
    )
    create(models.Trial, [trial], REGISTRY)  # without signals: nothing that patients see has changed
    create(models.Site, (models.Site(trial=trial, **site) for site in draft.sites), REGISTRY)
    merge = save_criteria(trial, None, draft.lines)
    return Outcome(draft.nct_id, "added", tuple(merge.notes()))


def _merge(trial: models.Trial, base: Mapping[str, Any], draft: Draft, record: StudyRecord, tree: _Tree) -> Outcome:
    now = draft.as_base(base)
    mine = {name: getattr(trial, name) for name in draft.facts}
    changes, differences = merge_facts(base.get("facts"), mine, draft.facts)
    for name, value in changes.items():
        setattr(trial, name, value)
    merge = save_criteria(trial, base.get("lines"), [Line(**line) for line in now["lines"]])
    if merge.not_linked:
        differences.append({"field": "criteria", "was": None, "now": merge.not_linked, "kept": True})
    news = {one["field"] for one in differences}
    trial.as_of = draft.as_of or trial.as_of
    today = trial.as_of.isoformat()
    trial.differences = [*(one for one in trial.differences if one["field"] not in news), *(one | {"on": today} for one in differences)]
    trial.suggestions = _suggestions(trial, record, tree)
    trial.registry = now
    save(trial, REGISTRY)
    site_notes = _merge_sites(trial, base.get("sites") or [], draft.sites) if draft.sites else []
    notes = (*(_said(one) for one in differences if one["field"] != "criteria"), *merge.notes(), *site_notes)
    return Outcome(draft.nct_id, "changed", notes, was_published=trial.published, closed="status" in changes and trial.is_closed)


def _suggestions(trial: models.Trial, record: StudyRecord, tree: _Tree) -> list[dict[str, Any]]:
    """What the record suggests now; also what was suggested before, where the record is only a part of one. What was dismissed stays so."""
    found = suggestions_for(record, tree.names)
    seen = [(one["field"], one["value"]) for one in found]
    whole = record.title and record.conditions and record.interventions and record.eligibility_text
    dismissed = [(one["field"], one["value"]) for one in trial.suggestions if one.get("dismissed")]
    earlier = [] if whole else [one for one in trial.suggestions if (one["field"], one["value"]) not in seen]
    return [*earlier, *(one | {"dismissed": True} if place in dismissed else one for one, place in zip(found, seen, strict=True))]


def _merge_sites(trial: models.Trial, base: list[dict[str, str]], theirs: list[dict[str, str]]) -> list[str]:
    rows = list(trial.sites.all())
    keys = ("facility", "city", "state", "country", "zip", "status")
    mine = [{key: getattr(row, key) for key in keys} for row in rows]
    merged = merge_sites(base, mine, theirs)
    if sorted(map(sorted_items, merged)) == sorted(map(sorted_items, mine)):
        return []
    wanted = list(merged)
    for row, site in zip(rows, mine, strict=True):
        if site in wanted:
            wanted.remove(site)
        else:
            delete(row, REGISTRY)
    create(models.Site, (models.Site(trial=trial, **site) for site in wanted), REGISTRY)
    return [f"sites: {len(mine)} before, {len(merged)} now"]


def sorted_items(site: Mapping[str, str]) -> list[tuple[str, str]]:
    """A site as something that can be sorted and compared."""
    return sorted(site.items())


def _on_one_line(error: Exception) -> str:
    said = "; ".join(error.messages) if isinstance(error, ValidationError) else str(error)
    return _short(" ".join(said.split()))


def _years(age: Any) -> Any:
    return None if age is None else round(float(age), 4)


def _said(difference: Mapping[str, Any]) -> str:
    kept = " (yours is kept)" if difference["kept"] else ""
    return f"{difference['field']}: {_short(difference['was'])} → {_short(difference['now'])}{kept}"


def _short(value: object) -> str:
    text = (", ".join(map(str, value)) if isinstance(value, list) else str(value)) or "nothing"
    return text if len(text) <= 80 else text[:79] + "…"
