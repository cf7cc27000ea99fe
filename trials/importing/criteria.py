"""The criteria of a record merged into those of a listing. Rules, wordings and decisions of coordinators stay; what the registry changed is marked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from django.db.models import Q

from trials.history import REGISTRY, create, delete, save, update
from trials.models import Cohort, Criterion, Trial

from .drafts import UNCLEAR, Line
from .merging import pair_lines

LINKED_BY_HAND = 0.5
"""How alike a line of a record and a criterion that was written by hand must be to be taken for the same."""

_WRITTEN = (
    "kind",
    "cohort",
    "heading",
    "text",
    "order",
    "source_text",
    "source_kind",
    "source_cohort",
    "earlier_source",
    "gone_at_source",
    "suggestion_dismissed",
)


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
    cohorts = _Cohorts(trial, rows)
    merge = _merge(trial, rows, base or [], lines, cohorts) if base or not rows else _link(rows, lines)
    for row in merge.deleted:
        delete(row, REGISTRY)
    update(Criterion, [*merge.changed, *merge.gone, *merge.moved], _WRITTEN, REGISTRY)
    create(Criterion, merge.added, REGISTRY)
    cohorts.drop_empty(base or [])
    return merge


class _Cohorts:
    """The cohorts of a trial by name, made when a line first names one."""

    def __init__(self, trial: Trial, rows: Sequence[Criterion]) -> None:
        self._trial = trial
        self._rows: dict[str, Cohort | None] = {row.name: row for row in trial.cohorts.all()}
        places = Counter((row.source_cohort, row.cohort) for row in rows)
        self._moved = {name: cohort for (name, cohort), _ in reversed(places.most_common())}
        self._filled = {row.cohort_id for row in rows}

    def named(self, name: str) -> Cohort | None:
        """The cohort that the record calls so, although a coordinator may have renamed it or dissolved it; None for all participants."""
        if not name:
            return None
        if name not in self._rows and name in self._moved:
            self._rows[name] = self._moved[name]
        elif name not in self._rows:
            cohort = Cohort(trial=self._trial, name=name, order=len(self._rows))
            save(cohort, REGISTRY)
            self._rows[name] = cohort
        return self._rows[name]

    def holds(self, row: Criterion, name: str) -> bool:
        """Whether a criterion is in the cohort that the record calls so."""
        if name and name not in self._rows and name not in self._moved:
            return False
        return row.cohort == (self._rows.get(name, self._moved.get(name)) if name else None)

    def drop_empty(self, base: Sequence[Mapping[str, str]]) -> None:
        """Deletes cohorts that lost their last criterion, or came from the record and have none: an empty one would let everybody in."""
        from_record = {line["cohort"] for line in base}
        for row in self._trial.cohorts.filter(Q(pk__in=self._filled) | Q(name__in=from_record), criteria__isnull=True):
            delete(row, REGISTRY)


def _link(rows: Sequence[Criterion], lines: Sequence[Line]) -> CriteriaMerge:
    """Ties the criteria of a listing made by hand to the lines that they stand for. Nothing else of them changes."""
    merge = CriteriaMerge()
    for before, place in pair_lines([row.text for row in rows], [line.text for line in lines], LINKED_BY_HAND):
        if before is not None and place is not None:
            _set_source(rows[before], lines[place])
            merge.moved.append(rows[before])
        elif place is not None:
            merge.not_linked.append(lines[place].text)
    return merge


def _merge(trial: Trial, rows: Sequence[Criterion], base: Sequence[Mapping[str, str]], lines: Sequence[Line], cohorts: _Cohorts) -> CriteriaMerge:
    merge = CriteriaMerge()
    linked = _by_base(rows, base)
    loose = [row for row in rows if row.source_text and not any(row is one for one in linked)]
    ordered: list[Criterion] = []
    before = {row.pk: _written(row) for row in rows}
    beside = [_beside(line) for line in base], [_beside(asdict(line)) for line in lines]
    for old, place in pair_lines([line["text"] for line in base], [line.text for line in lines], beside=beside):
        row = linked[old] if old is not None else None
        if place is None:
            if row:
                _note_gone(row, base[old or 0], cohorts, merge)
            continue
        line = lines[place]
        if row is None and old is not None and _same(base[old], line):
            continue  # a line that a coordinator deleted
        if row is None and (row := _came_back(loose, line)):
            was = {"text": line.text, "heading": line.heading, "kind": row.source_kind, "cohort": row.source_cohort}
        elif row is None:
            row = _new(trial, line, cohorts)
            merge.added.append(row)
            was = asdict(line)
        else:
            was = base[old or 0]
        if _same(was, line):
            _set_source(row, line)
        else:
            _note_change(row, was, line, cohorts)
            merge.changed.append(row)
        ordered.append(row)
    _order(rows, ordered, merge)
    noted = {id(row) for row in (*merge.changed, *merge.gone, *merge.deleted)}
    merge.moved = [row for row in rows if id(row) not in noted and before[row.pk] != _written(row)]
    return merge


def _written(row: Criterion) -> tuple[object, ...]:
    return tuple(getattr(row, name) for name in _WRITTEN)


def _beside(line: Mapping[str, str]) -> tuple[str, ...]:
    """What tells a line from another one with the same words."""
    return line["kind"], line["cohort"], line.get("heading", "")


def _by_base(rows: Sequence[Criterion], base: Sequence[Mapping[str, str]]) -> list[Criterion | None]:
    """The criterion of each line as last read, or None where a coordinator deleted it."""
    by_source: dict[tuple[str, ...], list[Criterion]] = {}
    for row in rows:
        if row.source_text and not row.gone_at_source:
            by_source.setdefault((row.source_text, row.source_kind, row.source_cohort), []).append(row)
    found = (by_source.get((line["source"], line["kind"], line["cohort"])) for line in base)
    return [same.pop(0) if same else None for same in found]


def _same(base: Mapping[str, str], line: Line) -> bool:
    return " ".join(base["text"].split()) == " ".join(line.text.split()) and _beside(base) == _beside(asdict(line))


def _came_back(loose: list[Criterion], line: Line) -> Criterion | None:
    """The criterion of a line that was gone at the registry and is there again; of several, the one of its kind and cohort."""
    found = [row for row in loose if row.source_text == line.source]
    if not found:
        return None
    row = next((row for row in found if (row.source_kind, row.source_cohort) == (line.kind, line.cohort)), found[0])
    loose[:] = [one for one in loose if one is not row]
    row.gone_at_source = False
    return row


def _new(trial: Trial, line: Line, cohorts: _Cohorts) -> Criterion:
    row = Criterion(trial=trial, kind=line.kind, heading=line.heading, text=line.text, cohort=cohorts.named(line.cohort))
    _set_source(row, line)
    return row


def _set_source(row: Criterion, line: Line) -> None:
    row.source_text, row.source_kind, row.source_cohort = line.source, line.kind, line.cohort


def _note_change(row: Criterion, base: Mapping[str, str], line: Line, cohorts: _Cohorts) -> None:
    """Marks a criterion for review. Its text, kind and cohort follow the registry where no coordinator changed them; its rule stays."""
    if row.text == base["text"]:
        row.text = line.text
    if row.heading == base.get("heading", ""):
        row.heading = line.heading
    if row.kind == base["kind"] and (line.kind != UNCLEAR or not row.rule):
        row.kind = line.kind
    if cohorts.holds(row, base["cohort"]):
        row.cohort = cohorts.named(line.cohort)
    follows = (row.text, row.kind) == (line.text, line.kind) and cohorts.holds(row, line.cohort)
    if row.rule or row.plain or row.team_checks or not follows:
        earlier: dict[str, Any] = row.earlier_source or {key: base.get(key, "") for key in ("heading", "text", "kind", "cohort")}
        row.earlier_source = earlier
    row.suggestion_dismissed = False
    _set_source(row, line)


def _note_gone(row: Criterion, base: Mapping[str, str], cohorts: _Cohorts, merge: CriteriaMerge) -> None:
    """Marks a criterion whose line is gone, if a coordinator did anything with it; an untouched one goes with its line."""
    edited = (row.text, row.kind, row.heading) != (base["text"], base["kind"], base.get("heading", "")) or not cohorts.holds(row, base["cohort"])
    if row.rule or row.plain or row.team_checks or row.suggestion_dismissed or edited:
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
