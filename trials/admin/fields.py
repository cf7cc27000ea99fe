"""Form fields in which people write plain lines where the records hold lists and mappings."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from fractions import Fraction
from typing import Any

import yaml
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from trials.files.trials import plain_data

LONGEST_TEXT = 10_000
NOT_SURE = "unknown"


class PlainTextarea(forms.Textarea):
    """A textarea that gives each line break as the records have it. Browsers send two characters, and a text saved untouched would count as changed."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        value = super().value_from_datadict(data, files, name)
        return value.replace("\r\n", "\n") if isinstance(value, str) else value


def plain_textarea(rows: int, cols: int = 80, **attrs: object) -> PlainTextarea:
    """A textarea of this size, in characters."""
    return PlainTextarea(attrs={"rows": rows, "cols": cols, **attrs})


def wide_input(size: int = 100) -> forms.TextInput:
    """One line of this many characters."""
    return forms.TextInput(attrs={"size": size})


def without_zeros(number: Decimal | None) -> str | None:
    """A decimal number as people write it: 18, not 18.0000."""
    return None if number is None else format(number.normalize(), "f")


class _TextField(forms.CharField):
    """A textarea whose text stands for some value: ``read`` makes the value of the text, ``write`` the text of the value."""

    def __init__(self, *, rows: int = 3, **kwargs: Any) -> None:
        kwargs = {"required": False, "max_length": LONGEST_TEXT, "widget": plain_textarea(rows)} | kwargs
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        return value if isinstance(value, str) else self.write(value)

    def to_python(self, value: Any) -> Any:
        return self.read(super().to_python(value).replace("\r\n", "\n")) if value is None or isinstance(value, str) else value

    def run_validators(self, value: Any) -> None:
        """The validators are for the text; what was read of it is checked by ``read``."""

    def clean(self, value: Any) -> Any:
        super().run_validators(value)
        return super().clean(value)

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether the text stands for another value. Values that are written alike, such as ``True`` and ``yes``, are the same."""
        return super().has_changed(initial if isinstance(initial, str) else self.read(self.write(initial)), data)

    def read(self, text: str) -> Any:
        """The value that a text stands for. Raises ``ValidationError``."""
        raise NotImplementedError

    def write(self, value: Any) -> str:
        """The text that stands for a value."""
        raise NotImplementedError


class LinesField(_TextField):
    """A list of texts, one on each line."""

    def read(self, text: str) -> list[str]:
        return list(dict.fromkeys(line.strip() for line in text.split("\n") if line.strip()))

    def write(self, value: list[str] | None) -> str:
        return "\n".join(value or ())


class UnitsField(_TextField):
    """Units and their factors to the question's own unit: ``months = 1/12``, one on each line."""

    def read(self, text: str) -> dict[str, str]:
        units = {}
        for line in filter(str.strip, text.split("\n")):
            unit, _sign, factor = (part.strip() for part in line.replace(":", "=").partition("="))
            try:
                units[unit] = str(Fraction(factor.replace(" ", "")))
            except (ValueError, ZeroDivisionError):
                unit = ""
            if not unit:
                raise ValidationError(_("“%(line)s” cannot be read. Write each unit as “months = 1/12”."), params={"line": line.strip()})
        return units

    def write(self, value: dict[str, str] | None) -> str:
        return "\n".join(f"{unit} = {factor}" for unit, factor in (value or {}).items())


class _Words:
    """YAML in which ``yes``, ``no`` and dates are words like any other. Only ``true`` and ``false`` are truth values."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - PyYAML looks for this name
        first: [(tag, pattern) for tag, pattern in pairs if not tag.endswith((":bool", ":timestamp"))]
        for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


class _Loader(_Words, yaml.SafeLoader):
    pass


class _Dumper(_Words, yaml.SafeDumper):
    pass


for _words in (_Loader, _Dumper):
    _words.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("true|false"), ["t", "f"])
_Dumper.add_representer(bool, lambda dumper, value: dumper.represent_scalar("tag:yaml.org,2002:str", "yes" if value else "no"))


class ValueField(_TextField):
    """One answer as the answers file has it: ``no``, ``0``, ``[car_t]``, ``{min: 3, max: 5}``. Nothing written is None."""

    def read(self, text: str) -> Any:
        try:
            value = plain_data(yaml.load(text, Loader=_Loader))  # noqa: S506 - a SafeLoader
            json.dumps(value, ensure_ascii=False).encode()  # half of a character, written as an escape, can neither be shown nor stored
        except yaml.MarkedYAMLError as fault:
            line = fault.problem_mark.line + 1 if fault.problem_mark else 1
            raise ValidationError(_("Line %(line)s cannot be read."), params={"line": line}) from None
        except (yaml.YAMLError, RecursionError, ValueError):
            raise ValidationError(_("This cannot be read.")) from None
        return value

    def write(self, value: Any) -> str:
        if value is None:
            return ""
        if isinstance(value, dict):  # value before unit, min before max: PostgreSQL does not keep the order in which they were written
            value = {key: value[key] for key in sorted(value, key=str, reverse=True)}
        text = yaml.dump(value, Dumper=_Dumper, default_flow_style=True, sort_keys=False, allow_unicode=True, width=10_000)
        return text.removesuffix("...\n").strip()


class AnswersField(ValueField):
    """A patient's answers, one on each line: ``age: 45``. ``unknown`` is "I am not sure"."""

    def read(self, text: str) -> dict[str, Any]:
        answers = super().read(text) or {}
        if not isinstance(answers, dict):
            raise ValidationError(_("Write one answer on each line, such as “age: 45”."))
        return {str(key): None if answer == NOT_SURE else answer for key, answer in answers.items()}

    def write(self, value: dict[str, Any] | None) -> str:
        return "\n".join(f"{key}: {super(AnswersField, self).write(answer) or NOT_SURE}" for key, answer in (value or {}).items())
