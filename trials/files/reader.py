"""YAML whose values know their lines, and reading a mapping of it field by field."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import yaml

from trials.eligibility.questions import did_you_mean

LARGEST_FILE = 5_000_000


class FileError(ValueError):
    """A file that cannot be loaded: ``path:line: fault``. Nothing of it is used."""

    def __init__(self, path: Path | str, line: int, fault: str) -> None:
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


_Loader.add_constructor("tag:yaml.org,2002:map", _Loader.construct_lines)
_Loader.add_constructor("tag:yaml.org,2002:seq", _Loader.construct_items)


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
        text = str(value).strip()
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

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; one text alone is a list of one."""
        value = self.data.get(key) or []
        listing = value if isinstance(value, list) else [value]
        if not all(isinstance(item, str | int) and not isinstance(item, bool) for item in listing):
            raise self.fault(key, f"'{key}' must be a list of texts")
        return tuple(str(item) for item in listing)

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
        return self.fraction(key, value)

    def fraction(self, key: str, value: object) -> Fraction:
        """The exact number that a value of this key writes."""
        if not isinstance(value, bool) and isinstance(value, int | float | str):
            try:
                return Fraction(str(value).replace(" ", ""))
            except (ValueError, ZeroDivisionError):
                pass
        raise self.fault(key, f"'{value}' is not a number; write it like 3, 0.5 or 1/12")

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
        if path.is_dir():
            yield from sorted(found for found in path.rglob("*") if found.suffix in (".yaml", ".yml"))
        elif path.is_file():
            yield path
        else:
            raise FileError(path, 1, "there is no such file or folder")


def documents_in(path: Path) -> Iterator[Any]:
    """The YAML documents of a file."""
    if path.stat().st_size > LARGEST_FILE:
        raise FileError(path, 1, f"the file is larger than {LARGEST_FILE:,} bytes")
    try:
        for document in yaml.load_all(path.read_text(encoding="utf-8"), _Loader):
            if document is not None:
                yield document
    except UnicodeDecodeError:
        raise FileError(path, 1, "the file is not UTF-8 text") from None
    except yaml.MarkedYAMLError as fault:
        mark = fault.problem_mark or fault.context_mark
        raise FileError(path, mark.line + 1 if mark else 1, f"not valid YAML: {fault.problem}") from None
    except (yaml.YAMLError, RecursionError, ValueError) as fault:
        raise FileError(path, 1, f"not valid YAML: {' '.join(str(fault).split())}") from None


def areas_of(reader: Reader, known: Iterable[str], key: str = "areas") -> tuple[str, ...]:
    """The condition areas that a mapping names, each one known."""
    named = reader.texts(key)
    for area in named:
        if area not in known:
            raise reader.fault(key, f"unknown condition area '{area}'{did_you_mean(area, known)}; known are {', '.join(known)}")
    return named
