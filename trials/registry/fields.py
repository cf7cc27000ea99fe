"""Reading a record field by field: what is missing is absent, what is of the wrong type is refused by name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar

from trials.texts import visible

T = TypeVar("T")

MOST_CHARACTERS = 200_000
"""Ten times what the registry takes in one field."""

MOST_ITEMS = 10_000
"""Items of one list, such as the places of a study. The longest list of the 1,333 records that this was tried on has some hundreds."""

_HALF_CHARACTER = re.compile(r"[\ud800-\udfff]")
_JSON_WORDS: dict[type, str] = {dict: "a mapping", list: "a list", tuple: "a list", str: "a text", bool: "true or false", int: "a number", float: "a number"}


class RecordError(ValueError):
    """A record that cannot be used. The message names the place in it and the fault."""

    def __init__(self, place: str, fault: str) -> None:
        super().__init__(f"{place}: {fault}" if place else fault)
        self.place, self.fault = place, fault


class Fields:
    """A mapping of a record, and the place where it stands. Keys that nobody asks for are ignored, and null is as good as missing."""

    def __init__(self, data: object, place: str = "") -> None:
        if not isinstance(data, Mapping):
            raise RecordError(place, f"must be a mapping of names to values, not {_word(data)}" if place else f"a record must be a mapping, not {_word(data)}")
        self._data, self._place = data, place

    def place(self, key: str) -> str:
        """The place of a key, as ``protocolSection.statusModule.overallStatus``."""
        return f"{self._place}.{key}" if self._place else key

    def fault(self, key: str, fault: str) -> RecordError:
        """The error that names this key's place."""
        return RecordError(self.place(key), fault)

    def has(self, key: str) -> bool:
        """Whether there is something."""
        return self._data.get(key) is not None

    def text(self, key: str) -> str:
        """A text without signs that nobody sees, empty lines before it and blanks after it, its line breaks as ``\\n``; "" where there is none.

        Half of a character (a lone surrogate) is refused, as nothing can store it.
        """
        value = self._data.get(key)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise self.fault(key, f"must be a text, not {_word(value)}")
        if len(value) > MOST_CHARACTERS:
            raise self.fault(key, f"is longer than {MOST_CHARACTERS:,} characters")
        if half := _HALF_CHARACTER.search(value):
            raise self.fault(key, f"holds {_half_named(half[0])}")
        text = visible(value.replace("\r\n", "\n").replace("\r", "\n"))
        return re.sub(r"\A(?:[^\S\n]*\n)+", "", text).rstrip()

    def one_line(self, key: str) -> str:
        """A text on one line."""
        return " ".join(self.text(key).split())

    def flag(self, key: str) -> bool | None:
        """True, false or None for missing."""
        value = self._data.get(key)
        if value is None or isinstance(value, bool):
            return value
        raise self.fault(key, f"must be true or false, not {_word(value)}")

    def read(self, key: str, read: Callable[[str], T]) -> T:
        """A text read by a function that raises ``ValueError`` for a wrong one."""
        text = self.one_line(key)
        try:
            return read(text)
        except ValueError as fault:
            raise self.fault(key, str(fault)) from None

    def within(self, key: str) -> Fields:
        """A mapping inside; an empty one where there is none."""
        value = self._data.get(key)
        return Fields({} if value is None else value, self.place(key))

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts, each on one line and once."""
        items = [Fields({str(place): value}, self.place(key)).one_line(str(place)) for place, value in enumerate(self._list(key))]
        return tuple(dict.fromkeys(filter(None, items)))

    def each(self, key: str) -> Iterator[Fields]:
        """The mappings of a list."""
        for place, value in enumerate(self._list(key)):
            if value is not None:
                yield Fields(value, f"{self.place(key)}.{place}")

    def _list(self, key: str) -> Sequence[object]:
        value = self._data.get(key)
        if value is None:
            return ()
        if not isinstance(value, list | tuple):
            raise self.fault(key, f"must be a list, not {_word(value)}")
        if len(value) > MOST_ITEMS:
            raise self.fault(key, f"has more than {MOST_ITEMS:,} items")
        return value


def _half_named(half: str) -> str:
    """A lone surrogate: half of a character, or, as Python's ``surrogateescape`` puts it, a byte of another encoding."""
    code = ord(half)
    return f"a byte that is not UTF-8, 0x{code - 0xDC00:02x}" if 0xDC80 <= code <= 0xDCFF else f"half of a character, \\u{code:04x}"


def _word(value: object) -> str:
    return "null" if value is None else _JSON_WORDS.get(type(value), f"a {type(value).__name__}")
