"""The criteria of a trial on the results page."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING

from django import template
from django.utils.safestring import SafeString

if TYPE_CHECKING:
    from prescreen.results import CriterionLine

register = template.Library()


@register.filter
def criterion_lines(lines: Iterable[CriterionLine]) -> SafeString:
    """Each criterion as an item of a list. A page has more than a thousand of them: a loop in a template takes many times as long."""
    return SafeString("".join(map(_item, lines)))


def _item(line: CriterionLine) -> str:
    said = f'<span class="option-help">{escape(line.said)}</span>' if line.said else ""
    reading = f'<span class="reading {escape(line.verdict)}">{escape(line.reading)}</span>'
    return f"<li>{reading} <span><strong>{escape(line.kind)}:</strong> {escape(line.asks)}{said}</span></li>"
