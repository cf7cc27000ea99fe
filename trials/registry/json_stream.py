"""JSON read value by value, so that a file of any size takes the memory of its largest record.

Python's own decoder reads the values; this module only finds the next one, and names what is wrong. A mapping with the same key twice is
refused: two programs could read it as two different studies.
"""

from __future__ import annotations

import io
import json
import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TextIO

LARGEST_RECORD = 3_000_000
"""Characters. The largest of the 1,333 records that this was tried on has 293,778."""

MOST_PARTS = 500_000
"""Lists, mappings and their items in one record. A few bytes of each can take hundreds in memory; the record with the most of the 1,333 has 14,776."""

_NEEDED = ("protocolSection", "derivedSection")
"""The parts of a record that anybody asks for. The others are passed over, however many they are."""

WITHOUT_RESULTS = "a record is much smaller without its results, which nobody here reads"

_CHUNK = 1 << 18
_BLANKS = re.compile(r"[ \t\n\r]*")
_MOST_DIGITS = 20
_LONGEST_NAME = 60


def parts_in(text: str) -> int:
    """About how many lists, mappings and items a text of JSON makes."""
    return text.count("{") + text.count("[") + text.count(",")


class JsonFault(ValueError):
    """Text that cannot be read further. ``line`` (from 1) is where."""

    def __init__(self, line: int, fault: str) -> None:
        super().__init__(fault)
        self.line = line


@dataclass(frozen=True)
class Found:
    """A value, the line on which it begins, and what is wrong in it although it could be read ("" for nothing)."""

    line: int
    value: object
    fault: str = ""


class _Decoder:
    """Python's decoder, which notes the numbers that JSON does not have or that nothing can hold."""

    def __init__(self) -> None:
        self._faults: list[str] = []
        self._json = json.JSONDecoder(parse_constant=self._refuse, parse_float=self._float, parse_int=self._int, object_pairs_hook=self._mapping)

    def decode(self, text: str, start: int) -> tuple[object, int, str]:
        """The value at this place, where it ends, and what is wrong in it."""
        self._faults = []
        value, end = self._json.raw_decode(text, start)
        return value, end, self._faults[0] if self._faults else ""

    def _refuse(self, text: str) -> float:
        self._faults.append(f"{text[:_MOST_DIGITS]} is no number that JSON allows or that can be kept")
        return 0.0

    def _float(self, text: str) -> float:
        number = float(text)
        return number if math.isfinite(number) else self._refuse(text)

    def _int(self, text: str) -> float:
        return int(text) if len(text) <= _MOST_DIGITS else self._refuse(text)

    def _mapping(self, pairs: list[tuple[str, object]]) -> dict[str, object]:
        found = dict(pairs)
        if len(found) < len(pairs):
            [(twice, _)] = Counter(key for key, _ in pairs).most_common(1)
            self._faults.append(f"the key {twice[:_LONGEST_NAME]!a} is there twice in one mapping; delete one of the two")
        return found


class JsonStream:
    """The values of a text that is read piece by piece; ``begun`` is what was read of it already."""

    def __init__(self, file: TextIO, begun: str = "") -> None:
        self._begun, self._file, self._buffer, self._place, self._line, self._ended = io.StringIO(begun), file, "", 0, 1, False
        self._decoder = _Decoder()

    @property
    def line(self) -> int:
        """The line at which the stream stands."""
        return self._line

    def peek(self) -> str:
        """The next character that is no blank, without taking it; "" at the end."""
        while True:
            end = _BLANKS.match(self._buffer, self._place).end()  # type: ignore[union-attr]
            self._line += self._buffer.count("\n", self._place, end)
            self._place = end
            if end < len(self._buffer):
                return self._buffer[end]
            if not self._read():
                return ""

    def studies(self) -> Iterator[Found]:
        """The records of a document: itself, or those of its list ``[...]`` or ``{"studies": [...]}``. Raises ``JsonFault``."""
        first = self.peek()
        if first == "[":
            yield from self._elements()
        elif first == "{":
            yield from self._study_or_studies()
        else:
            raise JsonFault(self._line, "holds neither a record nor a list of records")

    def _study_or_studies(self) -> Iterator[Found]:
        line, record, fault, is_list = self._line, dict[str, object](), "", False
        self._take("{")
        while self.peek() != "}":
            key = self._value().value
            if not isinstance(key, str):
                raise JsonFault(self._line, "is not valid JSON: the name of a value is not a text")
            self._take(":")
            if key == "studies" and self.peek() == "[":
                is_list = True
                yield from self._elements()
            else:
                found = self._value()
                fault = fault or found.fault or (f"the key '{key}' is there twice; delete one of the two" if key in record else "")
                if key in _NEEDED:
                    record[key] = found.value
            if self.peek() != "}":
                self._take(",")
        self._take("}")
        if not is_list or "protocolSection" in record:
            yield Found(line, record, fault)

    def _elements(self) -> Iterator[Found]:
        self._take("[")
        while self.peek() != "]":
            yield self._value()
            if self.peek() != "]":
                self._take(",")
        self._take("]")

    def _take(self, wanted: str) -> None:
        found = self.peek()
        if found != wanted:
            raise JsonFault(self._line, f"is not valid JSON: {wanted!r} is missing before {found!r}" if found else "breaks off before its end")
        self._place += 1

    def _value(self) -> Found:
        if not self.peek():
            raise JsonFault(self._line, "breaks off before its end")
        while True:
            if parts_in(self._buffer) > MOST_PARTS:
                raise JsonFault(self._line, f"is not valid JSON, or has more than {MOST_PARTS:,} values; {WITHOUT_RESULTS}")
            try:
                value, end, fault = self._decoder.decode(self._buffer, self._place)
            except json.JSONDecodeError as error:
                if self._ended or len(self._buffer) - self._place > LARGEST_RECORD:
                    raise self._fault(error) from None
            except RecursionError:
                raise JsonFault(self._line, "is nested too deeply") from None
            else:
                if end < len(self._buffer) or self._ended:
                    found = Found(self._line, value, fault)
                    self._line += self._buffer.count("\n", self._place, end)
                    self._place = end
                    return found
            self._read()

    def _fault(self, error: json.JSONDecodeError) -> JsonFault:
        if not self._ended:
            return JsonFault(self._line, f"is not valid JSON, or has more than {LARGEST_RECORD:,} characters; {WITHOUT_RESULTS}")
        line = self._line + self._buffer.count("\n", self._place, error.pos)
        return JsonFault(line, f"breaks off or is not valid JSON: {error.msg}")

    def _read(self) -> bool:
        """Reads on, twice as much as what is not used yet; False at the end."""
        kept = self._buffer[self._place :]
        wanted = max(_CHUNK, len(kept))
        more = self._begun.read(wanted) or self._file.read(wanted)
        self._buffer, self._place, self._ended = kept + more, 0, not more
        return bool(more)
