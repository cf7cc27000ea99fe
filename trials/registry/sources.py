"""Registry records from files and folders, one after the other; whatever cannot be used is named, and nothing stops for it."""

from __future__ import annotations

import gzip
import io
import itertools
import os
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import IO, TextIO, cast

from .fields import RecordError
from .json_stream import LARGEST_RECORD, Found, JsonFault, JsonStream
from .records import StudyRecord, parse_study

LARGEST_UNPACKED = 2_000_000_000
"""Bytes of a gzipped file when it is unpacked."""

MOST_FAULTS = 1_000
"""After so many records that cannot be used, a file is no file of records."""

_LINES = (".jsonl", ".ndjson")
NAMES = (".json", *_LINES)
"""How the names of files of records end; with ``.gz`` where they are packed."""

GZIP, _UTF_16 = b"\x1f\x8b", (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True)
class BadRecord:
    """What cannot be used: the file, the record's number in it (from 1; 0 for the file itself), the line, and the fault."""

    path: str
    record: int
    line: int
    fault: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: " + (f"record {self.record}: " if self.record else "") + self.fault


def read_sources(paths: Iterable[Path | str], *, unpacked: int = LARGEST_UNPACKED) -> Iterator[StudyRecord | BadRecord]:
    """The studies of files and folders, in their order, each as soon as it is read.

    A file holds one API v2 record, an array of them, ``{"studies": [...]}``, or one record a line (JSON lines); each may be gzipped, which
    its content tells, not its name. Of a folder, with its subfolders, the files named ``*.json``, ``*.jsonl`` and ``*.ndjson`` are read, also
    with ``.gz``. UTF-8, with or without a byte order mark. After broken JSON the rest of a file cannot be read, but for JSON lines. Of a gzipped
    file at most so many bytes are ``unpacked``.
    """
    for path in map(Path, paths):
        try:
            files = _files_of(path)
        except OSError as error:
            yield BadRecord(_name(path), 0, 1, f"cannot be read: {error.strerror or error}")
            continue
        if not files:
            yield BadRecord(_name(path), 0, 1, "the folder holds no file of registry records")
        for file in files:
            yield from _read_file(file, unpacked)


def _files_of(path: Path) -> list[Path]:
    """A file itself, or the files of registry records in a folder."""
    if not path.is_dir():
        return [path]
    return sorted(file for file in path.rglob("*") if file.is_file() and file.name.lower().removesuffix(".gz").endswith(NAMES))


def _read_file(path: Path, unpacked: int) -> Iterator[StudyRecord | BadRecord]:
    record, faults, fault = 0, 0, BadRecord(_name(path), 0, 1, "holds no record")
    try:
        file = path.open("rb")
    except (OSError, ValueError) as error:
        yield BadRecord(_name(path), 0, 1, f"cannot be read: {getattr(error, 'strerror', None) or error}")
        return
    try:
        with file, _text(file, unpacked) as text:
            for found in _records(text, path.name.lower().removesuffix(".gz").endswith(_LINES)):
                record += 1
                read = _study(path, record, found)
                yield read
                faults += isinstance(read, BadRecord)
                if faults >= MOST_FAULTS:
                    raise JsonFault(found.line, f"{MOST_FAULTS:,} records before this one cannot be used, so the rest of the file is not read")
        if record:
            return
    except JsonFault as error:
        fault = BadRecord(_name(path), record + 1, error.line, str(error))
    except (EOFError, zlib.error, gzip.BadGzipFile):
        fault = BadRecord(_name(path), record + 1, 1, "is a damaged gzip file, or only a part of one")
    except OSError as error:
        fault = BadRecord(_name(path), record + 1, 1, f"cannot be read: {error.strerror or error}")
    yield fault


def _study(path: Path, record: int, found: Found) -> StudyRecord | BadRecord:
    fault = found.fault
    if not fault:
        try:
            return parse_study(cast(dict[str, object], found.value))
        except RecordError as error:
            fault = str(error)
    return BadRecord(_name(path), record, found.line, fault)


def _name(path: Path) -> str:
    """A path as it can be printed, whatever its bytes are."""
    return os.fsencode(path).decode("utf-8", "replace")


class _Unpacked(gzip.GzipFile):
    """A gzipped file that gives no more than ``most`` bytes: a few packed ones can stand for any number."""

    most: int

    def read1(self, size: int = -1) -> bytes:
        """The next bytes. Raises ``JsonFault`` past the limit."""
        if self.tell() > self.most:
            raise JsonFault(1, f"unpacks to more than {self.most:,} bytes; divide it into smaller files")
        return super().read1(size)


def _text(file: io.BufferedReader, unpacked: int) -> TextIO:
    """The text of a file, unzipped. A byte that is not UTF-8 becomes a lone surrogate, so that it harms only the record it stands in."""
    start = file.peek(2)[:2]
    if start in _UTF_16:
        raise JsonFault(1, "is UTF-16; save it as UTF-8")
    if start != GZIP:
        return io.TextIOWrapper(file, encoding="utf-8-sig", errors="surrogateescape", newline="\n")
    content = _Unpacked(fileobj=file)
    content.most = unpacked
    return io.TextIOWrapper(cast(IO[bytes], content), encoding="utf-8-sig", errors="surrogateescape", newline="\n")


def _records(file: TextIO, named_lines: bool) -> Iterator[Found]:
    """The records of a text, of whichever of the shapes it has."""
    begun: list[str] = []
    filled: list[str] = []
    size = 0
    while len(filled) < 2 and size < LARGEST_RECORD and (line := file.readline(LARGEST_RECORD)):
        begun.append(line)
        size += len(line)
        if line.strip():
            filled.append(line)
    if filled and filled[0].strip() not in ("{", "[") and (named_lines or (len(filled) > 1 and _is_whole(filled[0]))):
        yield from _lines(begun, file)
        return
    stream = JsonStream(file, "".join(begun))
    if stream.peek():
        yield from stream.studies()
        if stream.peek():
            raise JsonFault(stream.line, "a second document begins here; put all records in one array, or each on a line of its own")


def _lines(begun: list[str], file: TextIO) -> Iterator[Found]:
    """The records of JSON lines. A broken line harms no other."""
    number, too_long = 1, False
    for part in itertools.chain(begun, iter(partial(file.readline, LARGEST_RECORD), "")):
        if too_long or (len(part) >= LARGEST_RECORD and not part.endswith("\n")):
            if not too_long:
                yield Found(number, None, f"the line has more than {LARGEST_RECORD:,} characters")
            too_long = not part.endswith("\n")
        elif part.strip():
            yield from _line(number, part)
        number += part.endswith("\n")


def _line(number: int, line: str) -> Iterator[Found]:
    stream = JsonStream(io.StringIO(), line.strip())
    try:
        for found in stream.studies():
            yield replace(found, line=number)
        if stream.peek():
            raise JsonFault(number, "a second document begins on the same line")
    except JsonFault as fault:
        yield Found(number, None, str(fault))


def _is_whole(line: str) -> bool:
    """Whether a line is a document by itself."""
    return all(not found.fault or found.value is not None for found in _line(1, line))
