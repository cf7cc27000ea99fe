"""The pieces of which a trial's page has hundreds, drawn without templates.

Django draws each field, label, list of errors and choice by templates of its own, some within each other. On a page of so many fields that
takes most of the time. What is drawn here is the same HTML.
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib.admin.widgets import FilteredSelectMultiple
from django.forms.renderers import DjangoTemplates
from django.utils.safestring import SafeString


def _escaped(value: object) -> str:
    """A text as HTML; what is HTML already stays."""
    text = str(value)
    return text if isinstance(text, SafeString) else html.escape(text)


def _attributes(attrs: Mapping[str, Any]) -> str:
    """Attributes: true ones by their names alone, false ones not at all."""
    return "".join(f" {name}" if value is True else f' {name}="{_escaped(value)}"' for name, value in attrs.items() if value is not False)


def _input(context: dict[str, Any]) -> str:
    widget = context["widget"]
    value = "" if widget["value"] is None else f' value="{_escaped(widget["value"])}"'
    return f'<input type="{widget["type"]}" name="{widget["name"]}"{value}{_attributes(widget["attrs"])}>'


def _textarea(context: dict[str, Any]) -> str:
    widget = context["widget"]
    return f'<textarea name="{widget["name"]}"{_attributes(widget["attrs"])}>\n{_escaped(widget["value"] or "")}</textarea>'


def _select(context: dict[str, Any]) -> str:
    """A list to choose from; the lists of the desk have no groups."""
    widget = context["widget"]
    options = "\n".join(
        f'<option value="{_escaped(option["value"])}"{_attributes(option["attrs"])}>{_escaped(option["label"])}</option>'
        for _group, choices, _index in widget["optgroups"]
        for option in choices
    )
    return f'<select name="{widget["name"]}"{_attributes(widget["attrs"])}>\n{options}\n</select>'


def _label(context: dict[str, Any]) -> str:
    if not context["use_tag"]:
        return _escaped(context["label"])
    return f"<{context['tag']}{_attributes(context['attrs'] or {})}>{_escaped(context['label'])}</{context['tag']}>"


def _errors(context: dict[str, Any]) -> str:
    errors = context["errors"]
    if not errors:
        return ""
    own_id = f' id="{errors.field_id}_error"' if errors.field_id else ""
    return f'<ul class="{context["error_class"]}"{own_id}>{"".join(f"<li>{_escaped(error)}</li>" for error in errors)}</ul>'


_DRAWN = {
    **dict.fromkeys((f"django/forms/widgets/{kind}.html" for kind in ("text", "number", "email", "hidden", "checkbox")), _input),
    "django/forms/widgets/textarea.html": _textarea,
    "django/forms/widgets/select.html": _select,
    "django/forms/label.html": _label,
    "django/forms/errors/list/default.html": _errors,
    "django/forms/errors/list/ul.html": _errors,
}


class QuickRenderer(DjangoTemplates):
    """Draws these pieces itself, and all else as Django does."""

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> str:
        """The HTML of a piece."""
        draw = _DRAWN.get(template_name)
        return draw(context) if draw else super().render(template_name, context, request)


QUICK = QuickRenderer()


class _Quick(forms.Widget):
    """A field that is drawn quickly in a frame of the admin's, too, which names no renderer."""

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        return super().render(name, value, attrs, renderer or QUICK)


class QuickSelect(_Quick, forms.Select):
    """A list to choose one from."""


class QuickTwoLists(_Quick, FilteredSelectMultiple):
    """The admin's two lists: what can be chosen, and what is."""
