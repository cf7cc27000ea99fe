"""The history of a record as people read it: who changed what and when, the newest first, with the words before and after."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from difflib import SequenceMatcher
from itertools import takewhile
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import PAGE_VAR
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import Truncator, capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from simple_history.utils import get_m2m_field_name, get_m2m_reverse_field_name

from trials.history import FILE, REGISTRY

ENTRIES_PER_PAGE = 25
ONE_REQUEST = timedelta(seconds=2)
SHORT, LONG = 80, 300  # characters: texts up to the former stand side by side; one that stands alone is cut after the latter
AROUND, MOST_WORDS = 5, 3_000  # words that are shown on each side of a change, and up to which texts are compared word by word
MANY = 5  # more changes than these of one kind are folded together
REASONS = {REGISTRY: gettext_lazy("registry import"), FILE: gettext_lazy("loaded from a file")}
SENTENCES = {
    "added": gettext_lazy("%(what)s added"),
    "changed": gettext_lazy("%(what)s changed"),
    "deleted": gettext_lazy("%(what)s deleted"),
    "unknown": gettext_lazy("%(what)s saved; what it was before is not recorded"),
}

Value = str | tuple[str, ...]


@dataclass
class Step:
    """What became of one record in an entry: its version before and after it, None where there was none. ``known`` tells whether the former is."""

    model: type[models.Model]
    before: Any
    after: Any
    known: bool = True

    @property
    def action(self) -> str:
        """What was done: one of ``SENTENCES``."""
        if self.after is None:
            return "deleted"
        return ("changed" if self.before else "added") if self.known else "unknown"

    @property
    def name(self) -> str:
        """The record as it was called last."""
        return self.model.__str__(self.after or self.before).strip()


@dataclass
class Entry:
    """What one person, or one import, did at one time."""

    rows: list[Any]
    steps: list[Step]

    @property
    def who(self) -> str:
        """The name of the person, and the reasons that a program gave."""
        user = self.rows[-1].history_user
        names = [f"{user.get_username()} ({user.get_full_name()})" if user.get_full_name() else user.get_username()] if user else []
        reasons = dict.fromkeys(row.history_change_reason for row in self.rows if row.history_change_reason)
        return ", ".join([*names, *(str(REASONS.get(reason, reason)) for reason in reasons)]) or _("nobody who was signed in")


class History:
    """All versions of a record and of its parts, read in a number of queries that does not grow with them."""

    def __init__(self, record: models.Model, parts: Iterable[models.ManyToOneRel]) -> None:
        self.model = type(record)
        self.owner = {self.model: "", **{part.related_model: part.field.name for part in parts}}
        self.rows = [
            row
            for model, owner in self.owner.items()
            for row in model.history.filter(**{owner or model._meta.pk.attname: record.pk}).select_related("history_user")
        ]
        self.rows.sort(key=lambda row: (row.history_date, row.history_id))
        self.linked = {to: self._linked(to, record) for to in self.model.history.model._history_m2m_fields}
        self.names = self._names()

    def entries(self) -> list[Entry]:
        """The entries, the newest first. Versions that follow each other closely and are of the same person belong to one entry."""
        found: list[list[Any]] = []
        for row in self.rows:
            earlier = found[-1][-1] if found else None
            if earlier and earlier.history_user_id == row.history_user_id and row.history_date - earlier.history_date <= ONE_REQUEST:
                found[-1].append(row)
            else:
                found.append([row])
        latest: dict[Any, Any] = {}
        return [self._entry(rows, latest) for rows in found][::-1]

    def _entry(self, rows: list[Any], latest: dict[Any, Any]) -> Entry:
        by_record: dict[Any, list[Any]] = defaultdict(list)
        for row in rows:
            by_record[row.instance_type, getattr(row, row.instance_type._meta.pk.attname)].append(row)
        steps = []
        for key, versions in by_record.items():
            first, last = versions[0].history_type, versions[-1].history_type
            before = latest.pop(key, None)
            if last == "-":
                if first != "+":
                    steps.append(Step(key[0], before or versions[-1], None))
                continue
            latest[key] = versions[-1]
            steps.append(Step(key[0], before, versions[-1], known=first == "+" or before is not None))
        return Entry(rows, sorted(_paired(steps), key=lambda step: list(self.owner).index(step.model)))

    def values(self, row: Any) -> dict[str, Value]:
        """The fields of a version in words, by the names that people read."""
        hidden = (self.owner[row.instance_type], "differences", "" if row.instance_type is self.model else "order")
        shown = [one for one in row.tracked_fields if not one.primary_key and one.name not in hidden]
        found = {str(capfirst(one.verbose_name)): self._in_words(one, getattr(row, one.attname)) for one in shown}
        if row.instance_type is self.model:
            found |= {str(capfirst(to.verbose_name)): tuple(sorted(self._name(to, key) for key in keys[row.pk])) for to, keys in self.linked.items()}
        return found

    def _in_words(self, one: models.Field, value: Any) -> Value:
        if isinstance(one, models.JSONField) and isinstance(value, list | dict):
            return tuple(f"{key}: {_plain(part)}" for key, part in value.items()) if isinstance(value, dict) else tuple(map(_plain, value))
        if value is None or isinstance(one, models.ForeignKey):
            return "" if value is None else self._name(one, value)
        if isinstance(value, Decimal):
            return format(value.normalize(), "f")
        if isinstance(value, datetime):
            return date_format(timezone.localtime(value), "DATETIME_FORMAT")
        return date_format(value) if isinstance(value, date) else str(dict(one.flatchoices).get(value, _plain(value)))

    def _name(self, one: models.Field, key: Any) -> str:
        return self.names[one.related_model].get(key) or _("one that is deleted")

    def _linked(self, to: models.ManyToManyField, record: models.Model) -> dict[int, list[Any]]:
        """Which records each version names in a field that names several."""
        rows = getattr(self.model.history.model, to.name).filter(**{get_m2m_field_name(to): record.pk})
        found = defaultdict(list)
        for version, key in rows.values_list("history_id", f"{get_m2m_reverse_field_name(to)}_id"):
            found[version].append(key)
        return found

    def _names(self) -> dict[type[models.Model], dict[Any, str]]:
        """The names of all records that any version names; of deleted ones the last that the history knows."""
        wanted: dict[type[models.Model], set[Any]] = defaultdict(set)
        for row in self.rows:
            for one in row.tracked_fields:
                if isinstance(one, models.ForeignKey) and one.name != self.owner[row.instance_type]:
                    wanted[one.related_model].add(getattr(row, one.attname))
        for to, versions in self.linked.items():
            wanted[to.related_model].update(key for keys in versions.values() for key in keys)
        found = {}
        for model, keys in wanted.items():
            found[model] = {key: str(record) for key, record in model._base_manager.in_bulk(keys - {None}).items()}
            missing = keys - {None} - found[model].keys()
            if missing and hasattr(model, "history"):
                attname = model._meta.pk.attname
                rows = model.history.filter(**{f"{attname}__in": missing}).order_by("history_date", "history_id")
                found[model] |= {getattr(row, attname): model.__str__(row) for row in rows}
        return found


def _paired(steps: list[Step]) -> list[Step]:
    """The steps, with a part that was deleted and made anew under the same name as one changed part: so files replace them."""
    gone: dict[Any, list[Step]] = defaultdict(list)
    for step in steps:
        if step.action == "deleted":
            gone[step.model, step.name].append(step)
    for step in steps:
        if step.action == "added" and gone[step.model, step.name]:
            step.before = gone[step.model, step.name].pop(0).before
    return [step for step in steps if step.action != "deleted" or step in gone[step.model, step.name]]


def _plain(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return _("unknown") if value is None else _("yes") if value else _("no")
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def written(entry: Entry, history: History) -> dict[str, Any]:
    """An entry as the page shows it: groups of changes, each a sentence with its fields, and notes of one line."""
    groups: dict[tuple[type[models.Model], str], list[dict[str, Any]]] = defaultdict(list)
    moved: Counter[type[models.Model]] = Counter()
    notes = []
    for step in entry.steps:
        fields = _fields(step, history)
        if step.action != "changed" or fields:
            kind = step.model._meta.verbose_name
            what = kind if step.model is history.model else _("%(kind)s “%(name)s”") % {"kind": kind, "name": step.name}
            groups[step.model, step.action].append({"said": capfirst(SENTENCES[step.action] % {"what": what}), "fields": fields})
        elif step.model is not history.model and getattr(step.before, "order", None) != getattr(step.after, "order", None):
            moved[step.model] += 1
        if step.action == "changed" and getattr(step.before, "differences", None) != getattr(step.after, "differences", None):
            notes.append(_("The list of what the registry changed was updated."))
    notes += [_("%(what)s moved") % {"what": _counted(model, count)} for model, count in moved.items()]
    if not groups:
        notes = notes or [_("Saved. Nothing that is shown here changed.")]
    counts = [SENTENCES[action] % {"what": _counted(model, len(changes))} for (model, action), changes in groups.items()]
    return {"when": entry.rows[-1].history_date, "who": entry.who, "groups": list(zip(counts, groups.values(), strict=True)), "notes": notes, "many": MANY}


def _counted(model: type[models.Model], count: int) -> str:
    return f"{count} {model._meta.verbose_name if count == 1 else model._meta.verbose_name_plural}"


def _fields(step: Step, history: History) -> list[dict[str, Any]]:
    """The fields that changed; of a new or deleted record those that say something."""
    if step.action == "unknown":
        return []
    before, after = (history.values(row) if row else {} for row in (step.before, step.after))
    both = [(label, before.get(label, ""), after.get(label, "")) for label in after or before]
    if step.action == "changed":
        return [{"label": label, "pieces": marked(old, new)} for label, old, new in both if (old or "") != (new or "")]
    return [{"label": label, "pieces": [("same", _shortened(old or new))]} for label, old, new in both if (old or new or _("no")) != _("no")]


def _shortened(value: Value) -> str:
    return Truncator(value if isinstance(value, str) else ", ".join(value)).chars(LONG)


def marked(before: Value, after: Value) -> list[tuple[str, str]]:
    """What changed in a value, in pieces that are ``same``, ``removed`` or ``added``: items of a list, words of a long text, or the whole of a short one."""
    if isinstance(before, tuple) or isinstance(after, tuple):
        old, new = before or (), after or ()
        pieces = [("removed", one) for one in old if one not in new] + [("added", one) for one in new if one not in old]
        return pieces or [("same", _("in another order"))]
    words = before.split(), after.split()
    if words[0] == words[1]:
        return [("same", _("spaces and line breaks"))]
    if not before or not after:
        return [("added" if after else "removed", _shortened(after or before))]
    if max(map(len, words)) > MOST_WORDS:
        same = sum(1 for pair in takewhile(lambda pair: pair[0] == pair[1], zip(*words, strict=False)))
        return [(mark, _shortened(" ".join(text[same:]))) for mark, text in zip(("removed", "added"), words, strict=True) if text[same:]]
    if max(len(before), len(after)) <= SHORT:
        return [("removed", before), ("same", "→"), ("added", after)]
    return list(_word_by_word(*words))


def _word_by_word(old: list[str], new: list[str]) -> Iterator[tuple[str, str]]:
    for tag, start, end, new_start, new_end in SequenceMatcher(None, old, new).get_opcodes():
        if tag == "equal":
            head, tail = (AROUND if start else 0), (AROUND if end < len(old) or new_end < len(new) else 0)
            cut = end - start > head + tail + 1
            yield "same", " ".join([*old[start : start + head], "…", *old[end - tail : end]] if cut else old[start:end])
        if tag in ("delete", "replace"):
            yield "removed", " ".join(old[start:end])
        if tag in ("insert", "replace"):
            yield "added", " ".join(new[new_start:new_end])


class ReadableHistory(admin.ModelAdmin):
    """An admin page whose history tells what changed, in the record and in all that belongs to it."""

    def history_view(self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The history of one record, for those who may view it; of its parts, those that they may view."""
        record = self.get_object(request, unquote(object_id))
        if record is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_view_or_change_permission(request, record):
            raise PermissionDenied
        history = History(record, _parts(self.model, request))
        page = Paginator(history.entries(), ENTRIES_PER_PAGE).get_page(request.GET.get(PAGE_VAR))
        context = {
            **self.admin_site.each_context(request),
            "title": _("History of changes"),
            "subtitle": str(record),
            "opts": self.opts,
            "object": record,
            "entries": [written(entry, history) for entry in page],
            "page": page,
            "page_var": PAGE_VAR,
        } | (extra_context or {})
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/trials/history.html", context)


def _parts(model: type[models.Model], request: HttpRequest) -> list[models.ManyToOneRel]:
    """What belongs to a record, goes when it goes and has a history, as far as the person may view it."""
    parts = [one for one in model._meta.related_objects if one.on_delete is models.CASCADE and one.one_to_many and hasattr(one.related_model, "history")]
    allowed = request.user.get_all_permissions()
    return [one for one in parts if allowed & {f"{one.related_model._meta.app_label}.{may}_{one.related_model._meta.model_name}" for may in ("view", "change")}]
