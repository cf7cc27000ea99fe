"""The parts around each page that are the same for everybody."""

from __future__ import annotations

from functools import cache

from django import template
from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

register = template.Library()


@register.simple_tag
def same_for_all(name: str) -> SafeString:
    """A template that depends on nothing but the language. Each process makes it once; it is given nothing, so it cannot hold anything of a patient."""
    return _made(name, get_language())


@cache
def _made(name: str, _language: str | None) -> SafeString:
    return mark_safe(get_template(name).render())  # noqa: S308 - it is a template's own output
