"""Two people at one trial: what was saved while somebody had its page open. The later save must not undo the earlier one unseen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

from django.contrib.auth.models import AbstractUser
from django.db import connection
from django.db.models import Max
from django.forms import BaseInlineFormSet, ModelForm
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from trials.history import FILE, REGISTRY
from trials.models import Criterion, Trial

from .formsets import DELETED_MEANWHILE

SEEN = "seen"
"""The name of the hidden field with the stamp of what a page showed."""

A_MOMENT = timedelta(minutes=1)
OWNERS = (Trial, "id"), (Criterion, "trial_id")
"""Where a save leaves a version: each save of a trial's page does in the first, and a table of criteria in the second only."""


def stamp_of(pk: int) -> str:
    """What tells one saved state of a trial and its criteria from the next. In a transaction, another save of the trial waits for the end of this one."""
    if connection.in_atomic_block:
        Trial.objects.select_for_update().filter(pk=pk).first()
    latest = (model.history.filter(**{owner: pk}).aggregate(latest=Max("history_id"))["latest"] for model, owner in OWNERS)
    return "-".join(str(number or 0) for number in latest)


def what_happened(pk: int, seen: str, person: AbstractUser | None) -> SafeString:
    """The refusal of a save: who saved the trial while its page was open, and what to do."""
    known = [int(number) for number in re.findall(r"[0-9]{1,18}", seen)[:2]] + [0, 0]
    rows = [
        model.history.filter(**{owner: pk, "history_id__gt": latest}).select_related("history_user").order_by("-history_id").first()
        for (model, owner), latest in zip(OWNERS, known, strict=False)
    ]
    last = max(filter(None, rows), key=lambda row: row.history_date, default=None)
    when = timezone.localtime(last.history_date if last else None)
    if last is None:
        who = _("Somebody else changed this trial")
    elif last.history_user and last.history_user == person:
        who = _("You saved this trial yourself")
        if timezone.now() - last.history_date < A_MOMENT:
            who = _("You saved this trial yourself a moment ago, perhaps by pressing Save twice,")
    elif last.history_user:
        who = _("%(name)s changed this trial") % {"name": last.history_user.get_username()}
    elif last.history_change_reason == REGISTRY:
        who = _("An import from the registry changed this trial")
    elif last.history_change_reason == FILE:
        who = _("Somebody loaded this trial from a file")
    else:
        who = _("Somebody else changed this trial")
    said = _(
        "{who} on {when}, after you opened this page. What you wrote is below, and not saved yet. {history} first, put right what is below, and save again."
    )
    history = format_html(
        '<a href="{}" target="_blank" rel="noopener">{}</a>', reverse("admin:trials_trial_history", args=[pk]), _("See what was changed (new tab)")
    )
    return format_html(said, who=who, when=date_format(when, "DATETIME_FORMAT"), history=history)


def differing(form: ModelForm, formsets: list[BaseInlineFormSet]) -> Iterator[str]:
    """Each field of a page, in words, that differs from what is stored: saving would put it in place."""
    yield from (_label(form, name) for name in form.changed_data)
    for formset in formsets:
        kind = capfirst(formset.model._meta.verbose_name)
        for number, row in enumerate(formset.forms, 1):
            named = {"kind": kind, "number": number}
            if getattr(row, "is_gone", False):
                yield _("%(kind)s %(number)s: %(said)s") % {**named, "said": DELETED_MEANWHILE}
            elif row.has_changed():
                fields = ", ".join(_label(row, name) for name in row.changed_data)
                yield _("%(kind)s %(number)s: %(said)s") % {**named, "said": fields}


def _label(form: ModelForm, name: str) -> str:
    return str(capfirst(form.fields[name].label or name.replace("_", " ")))
