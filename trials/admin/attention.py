"""Which listings need somebody: the columns, filters and counts of the list of trials."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from django.contrib import admin
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from trials.models import Criterion, Trial
from trials.vocabulary import FRESH_DAYS, OPEN_STATUSES

REVIEW = Q(earlier_source__isnull=False) | Q(gone_at_source=True)
SETTLED = (~Q(rule="") | Q(team_checks=True)) & ~Q(kind=Criterion.UNCLEAR) & ~REVIEW


def _how_many(criteria: QuerySet[Criterion]) -> Coalesce:
    """The number of a trial's criteria among these, as a column."""
    return Coalesce(Subquery(criteria.filter(trial=OuterRef("pk")).order_by().values("trial").annotate(count=Count("pk")).values("count")), 0)


def with_counts(trials: QuerySet[Trial]) -> QuerySet[Trial]:
    """The trials with the numbers of their criteria: all, settled, with a rule, waiting for review."""
    return trials.annotate(
        criteria_count=_how_many(Criterion.objects.all()),
        settled_count=_how_many(Criterion.objects.filter(SETTLED)),
        rule_count=_how_many(Criterion.objects.exclude(rule="")),
        review_count=_how_many(Criterion.objects.filter(REVIEW)),
    )


def needing(trials: QuerySet[Trial], what: str, today: date) -> QuerySet[Trial]:
    """Those of the trials that need this: ``changed`` at the registry, not ``checked`` lately, criteria ``to_do``, or ``ready`` to be published."""
    open_criteria = Criterion.objects.filter(trial=OuterRef("pk")).exclude(SETTLED)
    match what:
        case "changed":
            return trials.filter(Q(pk__in=Criterion.objects.filter(REVIEW).values("trial")) | ~Q(differences=[]))
        case "unchecked":
            return trials.filter(published=True, status__in=(*OPEN_STATUSES, "UNKNOWN"), as_of__lt=today - timedelta(days=FRESH_DAYS))
        case "to_do":
            return trials.filter(pk__in=Criterion.objects.exclude(SETTLED).exclude(REVIEW).values("trial"))
        case "ready":
            return trials.filter(published=False, criteria__isnull=False).exclude(pk__in=open_criteria.values("trial")).distinct()
    return trials


WHAT = {
    "changed": _("Changed at the registry: look again"),
    "unchecked": _("Open to patients, not checked for more than 90 days"),
    "to_do": _("Criteria to do"),
    "ready": _("All criteria settled, not published"),
}


class AttentionFilter(admin.SimpleListFilter):
    """The queue of what needs attention."""

    title = _("what needs attention")
    parameter_name = "needs"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> Iterable[tuple[str, object]]:
        return WHAT.items()

    def queryset(self, request: HttpRequest, queryset: QuerySet[Trial]) -> QuerySet[Trial]:
        return needing(queryset, self.value() or "", timezone.localdate())


def queue(today: date) -> list[dict[str, object]]:
    """Each need with how many trials have it, for the top of the list; those that no trial has are left out."""
    counted = ((what, label, needing(Trial.objects.all(), what, today).count()) for what, label in WHAT.items())
    return [{"what": what, "label": label, "count": count} for what, label, count in counted if count]
