"""Small helps for the desk's templates."""

from __future__ import annotations

from collections.abc import Iterator

from django import forms, template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from trials.admin.attention import queue
from trials.admin.rule_help import RULE_HELP_WORDS
from trials.admin.standing import Standing
from trials.desk.findings import Finding
from trials.models import Criterion

register = template.Library()


@register.inclusion_tag("admin/trials/attention.html")
def attention() -> dict[str, object]:
    """The queue of what needs attention."""
    return {"queue": queue(timezone.localdate())}


@register.filter
def fields(form: forms.Form, names: str) -> Iterator[forms.BoundField]:
    """The fields of a form by their names, separated by blanks, in this order."""
    return (form[name] for name in names.split())


@register.filter
def with_rule_help(field: forms.BoundField, address: str) -> SafeString:
    """A rule's field that knows where to ask how the rule reads."""
    return field.as_widget(attrs={"data-rule-help": address, **RULE_HELP_WORDS})


@register.filter
def findings_of(standing: Standing, criterion: Criterion) -> list[Finding]:
    """What lint says of a criterion."""
    return standing.findings_of(criterion)


@register.filter(is_safe=True)
def named_headers(table: SafeString) -> SafeString:
    """The admin's table of rows, with a name for the column that has none on screen."""
    return mark_safe(table.replace('<th class="original"></th>', format_html('<th class="original"><span class="visually-hidden">{}</span></th>', _("Row"))))  # noqa: S308 - escaped by the admin
