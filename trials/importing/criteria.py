"""The criteria of a record merged into those of a listing. Rules, wordings and decisions of coordinators stay; what the registry changed is marked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from trials.history import REGISTRY, create, delete, update
from trials.models import Cohort, Criterion, Trial

from .drafts import UNCLEAR, Line
from .merging import pair_lines

LINKED_BY_HAND = 0.5
"""How alike a line of a record and a criterion that was written by hand must be to be taken for the same."""

_WRITTEN = ("kind", "cohort", "text", "order", "source_text", "source_kind", "source_cohort", "earlier_source", "gone_at_source", "suggestion_dismissed")


@dataclass
class CriteriaMerge:
    """What a merge did. ``not_linked`` are lines of the record that a listing made by hand does not show."""

    added: list[Criterion] = field(default_factory=list)
    changed: list[Criterion] = field(default_factory=list)
    gone: list[Criterion] = field(default_factory=list)
    moved: list[Criterion] = field(default_factory=list)
    deleted: list[Criterion] = field(default_factory=list)
    not_linked: list[str] = field(default_factory=list)

    def notes(self) -> list[str]:
        """What was done, a phrase each."""
        counts = (
            (self.added, "{} criteria added"),
            (self.changed, "{} criteria changed: review"),
            (self.gone, "{} criteria gone at the registry: review"),
            (self.deleted, "{} untouched criteria gone at the registry: deleted"),
            (self.not_linked, "{} lines that the listing does not show"),
        )
        return [phrase.format(len(rows)) for rows, phrase in counts if rows]


def save_criteria(trial: Trial, base: Sequence[Mapping[str, str]] | None, lines: Sequence[Line]) -> CriteriaMerge:
    """Merges the lines of a record into a trial's criteria and saves them. ``base`` are the lines as last read; None if there was no record."""
    rows = list(trial.criteria.select_related("cohort")) if trial.pk else []
    cohorts = _Cohorts(trial)
    merge = CriteriaMerge()
    if base is None and rows:
        _link(rows, lines, merge)
    else:
        _merge(trial, rows, base or [], lines, cohorts, merge)
    for row in merge.deleted:
        delete(row, REGISTRY)
    update(Criterion, [*merge.changed, *merge.gone, *merge.moved], _WRITTEN, REGISTRY)
    create(Criterion, merge.added, REGISTRY)
    cohorts.drop_empty(base or [])
    return merge


class _Cohorts:
    """The cohorts of a trial by name, made when a line first names one."""

    def __init__(self, trial: Trial) -> None:
        self._trial = trial
        self._rows = {row.name: row for row in trial.cohorts.all()}

    def named(self, name: str) -> Cohort | None:
        """The cohort of this name; None for all participants."""
        if not name:
            return None
        if name not in self._rows:
            self._rows[name] = Cohort.objects.create(trial=self._trial, name=name, order=len(self._rows))
        return self._rows[name]

    def drop_empty(self, base: Sequence[Mapping[str, str]]) -> None:
        """Deletes cohorts that came from the record and have no criterion left: an empty one would let everybody in."""
        from_record = {line["cohort"] for line in base}
        for row in self._trial.cohorts.filter(name__in=from_record, criteria__isnull=True):
            delete(row, REGISTRY)


def _link(rows: list[Criterion], lines: Sequence[Line], merge: CriteriaMerge) -> None:
    """Ties the criteria of a listing made by hand to the lines that they stand for. Nothing else of them changes."""
    for before, place in pair_lines([row.text for row in rows], [line.text for line in lines], LINKED_BY_HAND):
        if before is not None and place is not None:
            _set_source(rows[before], lines[place])
            merge.moved.append(rows[before])
        elif place is not None:
            merge.not_linked.append(lines[place].text)


def _merge(trial: Trial, rows: list[Criterion], base: Sequence[Mapping[str, str]], lines: Sequence[Line], cohorts: _Cohorts, merge: CriteriaMerge) -> None:
    linked = _by_base(rows, base)
    ordered: list[Criterion] = []
    before = {row.pk: (row.order, row.source_text, row.gone_at_source) for row in rows}
    for old, place in pair_lines([line["text"] for line in base], [line.text for line in lines]):
        row = linked[old] if old is not None else None
        if place is None:
            if row:
                _note_gone(row, base[old or 0], merge)
            continue
        line = lines[place]
        if row is None and old is not None and _same(base[old], line):
            continue  # a line that a coordinator deleted
        if row is None:
            row = _came_back(rows, line) or _new(trial, line, cohorts)
            if row._state.adding:
                merge.added.append(row)
        elif old is not None and not _same(base[old], line):
            _note_change(row, base[old], line, cohorts)
            merge.changed.append(row)
        else:
            row.source_text, row.gone_at_source = line.source, False
        ordered.append(row)
    _order(rows, ordered, merge)
    noted = {id(row) for row in (*merge.changed, *merge.gone, *merge.deleted)}
    merge.moved = [row for row in rows if id(row) not in noted and before[row.pk] != (row.order, row.source_text, row.gone_at_source)]


def _by_base(rows: Sequence[Criterion], base: Sequence[Mapping[str, str]]) -> list[Criterion | None]:
    """The criterion of each line as last read, or None where a coordinator deleted it."""
    by_source: dict[str, list[Criterion]] = {}
    for row in rows:
        if row.source_text and not row.gone_at_source:
            by_source.setdefault(row.source_text, []).append(row)
    found = (by_source.get(line["source"]) for line in base)
    return [same.pop(0) if same else None for same in found]


def _same(base: Mapping[str, str], line: Line) -> bool:
    return (" ".join(base["text"].split()), base["kind"], base["cohort"]) == (" ".join(line.text.split()), line.kind, line.cohort)


def _came_back(rows: Sequence[Criterion], line: Line) -> Criterion | None:
    """The criterion of a line that was gone at the registry and is there again."""
    row = next((row for row in rows if row.gone_at_source and row.source_text == line.source), None)
    if row:
        row.gone_at_source = False
    return row


def _new(trial: Trial, line: Line, cohorts: _Cohorts) -> Criterion:
    row = Criterion(trial=trial, kind=line.kind, text=line.text, cohort=cohorts.named(line.cohort))
    _set_source(row, line)
    return row


def _set_source(row: Criterion, line: Line) -> None:
    row.source_text, row.source_kind, row.source_cohort = line.source, line.kind, line.cohort


def _note_change(row: Criterion, base: Mapping[str, str], line: Line, cohorts: _Cohorts) -> None:
    """Marks a criterion for review. Its text, kind and cohort follow the registry where no coordinator changed them; its rule stays."""
    if row.text == base["text"]:
        row.text = line.text
    if row.kind == base["kind"] and (line.kind != UNCLEAR or not row.rule):
        row.kind = line.kind
    if (row.cohort.name if row.cohort else "") == base["cohort"]:
        row.cohort = cohorts.named(line.cohort)
    if row.rule or row.plain or row.team_checks or row.text != line.text or row.kind != line.kind:
        earlier: dict[str, Any] = row.earlier_source or {key: base[key] for key in ("text", "kind", "cohort")}
        row.earlier_source = earlier
    row.suggestion_dismissed = False
    _set_source(row, line)


def _note_gone(row: Criterion, base: Mapping[str, str], merge: CriteriaMerge) -> None:
    """Marks a criterion whose line is gone, if a coordinator did anything with it; an untouched one goes with its line."""
    if row.rule or row.plain or row.team_checks or row.suggestion_dismissed or (row.text, row.kind) != (base["text"], base["kind"]):
        row.gone_at_source = True
        merge.gone.append(row)
    else:
        merge.deleted.append(row)


def _order(rows: Sequence[Criterion], ordered: list[Criterion], merge: CriteriaMerge) -> None:
    """The order of the record; criteria that it does not have stay after the one that they followed."""
    placed = list(ordered)
    deleted = {id(row) for row in merge.deleted}
    there = {id(row) for row in ordered}
    previous: Criterion | None = None
    for row in rows:
        if id(row) not in there and id(row) not in deleted:
            place = next((index for index, one in enumerate(placed) if one is previous), -1) + 1
            placed.insert(place, row)
        if id(row) not in deleted:
            previous = row
    for order, row in enumerate(placed):
        row.order = order
