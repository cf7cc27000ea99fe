"""Small helps for the desk's templates."""

from __future__ import annotations

from collections.abc import Iterator

from django import forms, template
from django.utils.safestring import SafeString

from trials.admin.standing import Standing
from trials.desk.findings import Finding

register = template.Library()


@register.filter
def fields(form: forms.Form, names: str) -> Iterator[forms.BoundField]:
    """The fields of a form by their names, separated by blanks, in this order."""
    return (form[name] for name in names.split())


@register.filter
def with_rule_help(field: forms.BoundField, address: str) -> SafeString:
    """A rule's field that knows where to ask how the rule reads."""
    return field.as_widget(attrs={"data-rule-help": address})


@register.filter
def findings_of(standing: Standing, place: int) -> list[Finding]:
    """What lint says of the criterion at this place, from 0."""
    return standing.findings_of(place)
