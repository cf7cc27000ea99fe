"""YAML whose values know their lines, and reading a mapping of it field by field."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import yaml

from trials.eligibility.questions import did_you_mean
from trials.texts import visible

LARGEST_FILE = 2_000_000
MOST_PARTS, DEEPEST = 100_000, 20
"""Values, lists and mappings in a file, and how deep they may stand inside each other. Ours have some thousands, and are 6 deep."""

LONGEST_NUMBER, LONGEST_FAULT = 40, 500
LARGEST_NUMBER = 10**14
"""Below it are 14 digits before the point, which the database keeps."""

_NUMBER = re.compile(r"[+-]?[0-9]{1,20}(\.[0-9]{0,20})?(e[+-]?[0-9]{1,2})?(/[0-9]{1,20})?", re.IGNORECASE)


class FileError(ValueError):
    """A file that cannot be loaded: ``path:line: fault``. Nothing of it is used."""

    def __init__(self, path: Path | str, line: int, fault: str) -> None:
        fault = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in fault)
        fault = fault if len(fault) <= LONGEST_FAULT else fault[: LONGEST_FAULT - 1] + "…"
        super().__init__(f"{path}:{line}: {fault}")
        self.path, self.line, self.fault = path, line, fault


class Lines(dict[str, Any]):
    """A YAML mapping that remembers the line of each of its keys."""

    def __init__(self) -> None:
        super().__init__()
        self.line = 1
        self.lines: dict[str, int] = {}

    def line_of(self, key: str) -> int:
        """The line on which a key stands, or the mapping itself where it has no such key."""
        return self.lines.get(key, self.line)


class Items(list[Any]):
    """A YAML list that remembers the line of each of its items."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[int] = []


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """PyYAML's safe loader; mappings come as ``Lines`` and may not repeat a key, lists as ``Items``, dates as texts."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - PyYAML's own way
        first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_lines(self, node: yaml.MappingNode) -> Iterator[Lines]:
        found = Lines()
        found.line = node.start_mark.line + 1
        yield found
        for key_node, value_node in node.value:
            key = str(self.construct_object(key_node, deep=True))
            if key in found:
                raise yaml.constructor.ConstructorError(None, None, f"'{key}' is there twice", key_node.start_mark)
            found[key] = self.construct_object(value_node, deep=True)
            found.lines[key] = key_node.start_mark.line + 1

    def construct_items(self, node: yaml.SequenceNode) -> Iterator[Items]:
        found = Items()
        yield found
        for item in node.value:
            found.append(self.construct_object(item, deep=True))
            found.lines.append(item.start_mark.line + 1)

    def construct_number(self, node: yaml.ScalarNode) -> int | float:
        """A number of a few digits. YAML's own way works on one of a million digits, or of a thousand parts to the base of 60, for hours."""
        written = self.construct_scalar(node)
        try:
            if len(written) <= LONGEST_NUMBER:
                return self.construct_yaml_int(node) if node.tag.endswith(":int") else self.construct_yaml_float(node)
        except (ValueError, IndexError):
            pass
        raise yaml.constructor.ConstructorError(None, None, f"'{written[:LONGEST_NUMBER]}' is no number that can be kept", node.start_mark)


_Loader.add_constructor("tag:yaml.org,2002:map", _Loader.construct_lines)
_Loader.add_constructor("tag:yaml.org,2002:seq", _Loader.construct_items)
_Loader.add_constructor("tag:yaml.org,2002:int", _Loader.construct_number)
_Loader.add_constructor("tag:yaml.org,2002:float", _Loader.construct_number)


class Reader:
    """Reads one mapping of a file field by field, naming the file and line of whatever is wrong."""

    def __init__(self, path: Path | str, data: object, what: str, known: Iterable[str], line: int = 1) -> None:
        if not isinstance(data, Lines):
            raise FileError(path, line, f"a {what} must be a mapping of names to values")
        self.path, self.data, self.what = path, data, what
        known = list(known)
        for key in data:
            if key not in known:
                raise self.fault(key, f"a {what} has no '{key}'{did_you_mean(key, known)}")

    def fault(self, key: str, fault: str) -> FileError:
        """The error that names this key's line."""
        return FileError(self.path, self.data.line_of(key), fault)

    def require(self, *keys: str) -> None:
        """Refuses the mapping where one of these is missing or empty."""
        for key in keys:
            value = self.data.get(key)
            if value in (None, []) or (isinstance(value, str) and not value.strip()):
                raise self.fault(key, f"the {self.what} needs '{key}'")

    def text(self, key: str, longest: int = 20_000) -> str:
        """A text, or "" where there is none. A number is taken as it is written."""
        value = self.data.get(key)
        if value is None:
            return ""
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise self.fault(key, f"'{key}' must be a text; put it in quotes")
        text = visible(str(value)).strip()
        if len(text) > longest:
            raise self.fault(key, f"'{key}' has {len(text):,} characters; {longest:,} are the most")
        return text

    def flag(self, key: str, default: bool) -> bool:
        """True or false."""
        value = self.data.get(key, default)
        if not isinstance(value, bool):
            raise self.fault(key, f"'{key}' must be true or false")
        return value

    def one_of(self, key: str, allowed: Iterable[str]) -> str:
        """One of these words, or "" where there is none."""
        word = self.text(key)
        if word and word not in allowed:
            raise self.fault(key, f"'{key}' cannot be '{word}'{did_you_mean(word, allowed)}; it is one of {', '.join(allowed)}")
        return word

    def texts(self, key: str, longest: int = 1_000) -> tuple[str, ...]:
        """A list of texts; one text alone is a list of one."""
        value = self.data.get(key) or []
        listing = value if isinstance(value, list) else [value]
        if not all(isinstance(item, str | int) and not isinstance(item, bool) for item in listing):
            raise self.fault(key, f"'{key}' must be a list of texts")
        texts = tuple(visible(str(item)) for item in listing)
        if any(len(text) > longest for text in texts):
            raise self.fault(key, f"'{key}' holds a text of more than {longest:,} characters")
        return texts

    def items(self, key: str) -> list[tuple[Any, int]]:
        """The items of a list, unchecked, each with its line."""
        value = self.data.get(key) or Items()
        if not isinstance(value, Items):
            raise self.fault(key, f"'{key}' must be a list")
        return list(zip(value, value.lines, strict=True))

    def number(self, key: str) -> Fraction | None:
        """An exact number such as 3, 0.5 or 1/12."""
        value = self.data.get(key)
        if value is None:
            return None
        number = self.fraction(key, value)
        if abs(number) >= LARGEST_NUMBER:
            raise self.fault(key, f"'{key}' cannot be that large")
        return number

    def whole(self, key: str) -> int:
        """A whole number that a database can keep; 0 where there is none."""
        value = self.data.get(key, 0)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.fault(key, f"'{key}' must be a whole number")
        if abs(value) >= 1 << 31:
            raise self.fault(key, f"'{key}' cannot be that large")
        return value

    def fraction(self, key: str, value: object) -> Fraction:
        """The exact number that a value of this key writes."""
        written = str(value).replace(" ", "") if isinstance(value, int | float | str) and not isinstance(value, bool) else ""
        if _NUMBER.fullmatch(written):
            try:
                return Fraction(written)
            except (ValueError, ZeroDivisionError):
                pass
        shown = str(value)[:LONGEST_NUMBER] if isinstance(value, int | float | str) else f"a {type(value).__name__.lower()}"
        raise self.fault(key, f"'{shown}' is not a number; write it like 3, 0.5 or 1/12")

    def day(self, key: str) -> date | None:
        """A date written as YYYY-MM-DD."""
        value = self.text(key)
        try:
            return date.fromisoformat(value) if value else None
        except ValueError:
            raise self.fault(key, f"'{key}' must be a date such as 2026-11-22, not '{value}'") from None


def files_in(paths: Iterable[Path | str]) -> Iterator[Path]:
    """The YAML files among these files and folders."""
    for path in map(Path, paths):
        try:
            if path.is_dir():
                yield from sorted(found for found in path.rglob("*") if found.suffix in (".yaml", ".yml"))
                continue
            there = path.is_file()
        except OSError as fault:
            raise FileError(path, 1, f"cannot be read: {fault.strerror}") from None
        if not there:
            raise FileError(path, 1, "there is no such file or folder")
        yield path


def documents_in(path: Path) -> Iterator[Any]:
    """The YAML documents of a file."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise FileError(path, 1, f"the file is larger than {LARGEST_FILE:,} bytes; divide it")
        text = path.read_text(encoding="utf-8-sig")
        _check(path, text)
        for document in yaml.load_all(text, _Loader):
            if document is not None:
                yield document
    except OSError as fault:
        raise FileError(path, 1, f"cannot be read: {fault.strerror}") from None
    except UnicodeDecodeError:
        raise FileError(path, 1, "the file is not UTF-8 text") from None
    except yaml.MarkedYAMLError as fault:
        mark = fault.problem_mark or fault.context_mark
        raise FileError(path, mark.line + 1 if mark else 1, f"not valid YAML: {fault.problem}") from None
    except (yaml.YAMLError, RecursionError) as fault:
        raise FileError(path, 1, f"not valid YAML: {' '.join(str(fault).split())}") from None


def _check(path: Path, text: str) -> None:
    """Refuses what a few bytes could make endless, before anything is made of it: aliases, deep nesting, very many values."""
    depth = 0
    for parts, event in enumerate(yaml.parse(text, _Loader)):
        line = event.start_mark.line + 1
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if isinstance(event, yaml.AliasEvent):
            raise FileError(path, line, f"'*{event.anchor[:LONGEST_NUMBER]}' stands for a value from elsewhere; write the value out")
        if depth > DEEPEST:
            raise FileError(path, line, f"lists and mappings stand more than {DEEPEST} deep inside each other")
        if parts > MOST_PARTS:
            raise FileError(path, line, f"the file holds more than {MOST_PARTS:,} values; divide it")


def areas_of(reader: Reader, known: Iterable[str], key: str = "areas") -> tuple[str, ...]:
    """The condition areas that a mapping names, each one known."""
    named = reader.texts(key)
    for area in named:
        if area not in known:
            raise reader.fault(key, f"unknown condition area '{area}'{did_you_mean(area, known)}; known are {', '.join(known)}")
    return named
