"""The radio buttons or checkboxes of a question page."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from django import template
from django.utils.safestring import SafeString

if TYPE_CHECKING:
    from prescreen.choices import Option
    from prescreen.forms import QuestionForm

register = template.Library()


@register.filter
def controls(form: QuestionForm) -> SafeString:
    """The options of a form in their groups, in the state that they are shown in. A list has hundreds: a loop in a template takes many times as long."""
    shown = form["answer"]
    chosen = shown.value()
    chosen = chosen if isinstance(chosen, list) else [chosen]
    control = f'<input type="{shown.field.widget.input_type}" name="{shown.html_name}"'
    page = []
    for number, group in enumerate(shown.field.groups, 1):
        options = _options(group.options, control, f"{shown.auto_id}_{number}", chosen, bool(form.search))
        if group.folded:
            is_open = any(option.value in chosen for option in group.options) or (bool(form.errors) and number == 1)
            options = f'<details class="group"{" open" if is_open else ""}><summary>{escape(group.heading)}</summary>\n{options}</details>\n'
        elif group.heading:
            options = f'<p class="between">{escape(group.heading)}</p>\n{options}'
        page.append(options)
    return SafeString("".join(page))


def _options(options: tuple[Option, ...], control: str, start: str, chosen: list[Any], can_be_searched: bool) -> str:
    """The options of a group. No function of Python's is called for each: where the stack of calls is as deep as a block of its memory, that costs 20 µs."""
    lines = []
    for place, option in enumerate(options, 1):
        value, label, help_, names = option.escaped
        find = f' data-find="{names}"' if can_be_searched and names else ""
        checked = " checked" if option.value in chosen else ""
        more = f'<span class="option-help">{help_}</span>' if help_ else ""
        lines.append(
            f'<div class="choice"{find}>{control} value="{value}" id="{start}_{place}"{checked}><label for="{start}_{place}">{label}{more}</label></div>\n'
        )
    return "".join(lines)
