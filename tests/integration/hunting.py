"""Looks for what a patient said in everything that a site leaves behind: as it was said, and as it could hide."""

from __future__ import annotations

import base64
import binascii
import gzip
import io
import quopri
import re
import sqlite3
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from pypdf import PdfReader

DEEPEST = 4
"""So many wrappings are taken off, one inside the other."""

LARGEST = 50_000_000
"""Bytes that are unpacked at most."""

WORD = re.compile(rb"[A-Za-z0-9+/_-]{10,}")
GROUPS = re.compile(rb"(?:[0-9]{3,9}[\s.+-]+){5,}[0-9]+")
"""Digits as a paper shows them, and as a form sends them."""

SPREAD = re.compile(rb"(?:[\w-]\0){10,}")
PART = 40
"""So many characters of a sealed text tell that it is that one. A piece of twice that length holds a part from its beginning to its end."""
PACKED = re.compile(rb"\x78[\x01\x5e\x9c\xda]|\x1f\x8b\x08")

Thing = tuple[str, bytes]
"""Where something was found, and what it is."""


class Leak(NamedTuple):
    """What a patient said, found where it must not be; ``wrapped`` names what had to be taken off, outermost first."""

    place: str
    canary: str
    wrapped: tuple[str, ...]


class Hunter:
    """Looks for these words of a patient, which nobody else would say, and for pieces of these ``sealed`` texts: cookies, and the digits of a paper."""

    def __init__(self, canaries: Iterable[str], sealed: Iterable[str] = ()) -> None:
        self._named = {form.lower(): canary for canary in canaries for form in _spellings(canary)}
        self._pattern = re.compile(b"|".join(map(_whole, sorted(self._named, key=len, reverse=True))))
        self._parts = {part.lower().encode(): part for text in sealed for part in _parts(text)}
        self._long = re.compile(rb"[a-z0-9_-]{%d,}" % PART)

    def hunt(self, things: Iterable[Thing]) -> list[Leak]:
        """The leaks in these things, each told once."""
        return sorted({leak for place, data in things for leak in self._search(place, data, ())})

    def _search(self, place: str, data: bytes, wrapped: tuple[str, ...]) -> Iterator[Leak]:
        lowered = data.lower()
        for found in set(self._pattern.findall(lowered)):
            yield Leak(place, self._named[found], wrapped)
        if self._parts:
            for word in self._long.findall(lowered):
                for start in range(len(word) - PART + 1):
                    if part := self._parts.get(word[start : start + PART]):
                        yield Leak(place, part, wrapped)
        if not wrapped or (len(wrapped) < DEEPEST and _may_hide_more(data)):
            for wrapping, inside in _unwrapped(data):
                yield from self._search(place, inside, (*wrapped, wrapping))


def _spellings(canary: str) -> Iterator[bytes]:
    return (canary.encode(encoding) for encoding in ("utf-8", "utf-16-le", "utf-16-be"))


def _parts(sealed: str) -> Iterator[str]:
    """A sealed text in parts, one after the other; the last one ends where the text does."""
    starts = [*range(0, len(sealed) - PART, PART), len(sealed) - PART]
    return (sealed[start : start + PART] for start in starts)


def _whole(form: bytes) -> bytes:
    """A pattern of a spelling. One of digits alone is no part of a longer number, such as a time or the place of something in memory."""
    return rb"(?<![\d.])" + form + rb"(?!\d)" if form.isdigit() else re.escape(form)


def _may_hide_more(inside: bytes) -> bool:
    """Whether what was unwrapped is text or packed. Most words are no base64, and what they decode to is noise."""
    return inside.isascii() or PACKED.match(inside) is not None


def _unwrapped(data: bytes) -> Iterator[tuple[str, bytes]]:
    """What hides in some bytes, whatever it may be wrapped in."""
    if b"%" in data:
        yield "percent", unquote_to_bytes(data)
    if b"\\" in data:
        yield "escapes", re.sub(rb"\\+(?:u00|x)([0-9a-fA-F]{2})", lambda found: chr(int(found[1], 16)).encode(), data)
    if re.search(rb"=[0-9A-F]{2}|=\r?\n", data):
        yield "quoted-printable", quopri.decodestring(data)
    if re.search(rb"[A-Za-z0-9+/=]{60,}\r?\n[A-Za-z0-9+/]", data):
        yield "lines", re.sub(rb"\r?\n", b"", data)
    if GROUPS.search(data):
        yield "groups", GROUPS.sub(lambda found: re.sub(rb"[\s.+-]+", b"", found[0]), data)
    if SPREAD.search(data):
        yield "UTF-16", data.replace(b"\0", b"")
    for start in PACKED.finditer(data):
        yield "zlib", _inflated(data[start.start() :], 47)
    if not data.isascii():
        yield "deflate", _inflated(data, -15)
    for word in WORD.findall(data):
        yield from _decoded(word)


def _decoded(word: bytes) -> Iterator[tuple[str, bytes]]:
    """The bytes that a word stands for in base64, wherever in it the encoded text begins, and in hexadecimal."""
    plain = word.translate(bytes.maketrans(b"-_", b"+/"))
    for start in range(4):
        part = plain[start:]
        part = part[:-1] if len(part) % 4 == 1 else part
        yield "base64", base64.b64decode(part + b"=" * (-len(part) % 4))
    if len(word) % 2 == 0:
        try:
            yield "hexadecimal", binascii.unhexlify(word)
        except binascii.Error:
            return


def _inflated(data: bytes, window: int) -> bytes:
    """As much as can be unpacked, be it cut short or not."""
    unpacker, found = zlib.decompressobj(window), b""
    try:
        for start in range(0, len(data), 1024):
            found += unpacker.decompress(data[start : start + 1024], LARGEST)
            if unpacker.eof or len(found) > LARGEST:
                break
    except zlib.error:
        pass
    return found


def in_folder(folder: Path, newer_than: Path | None = None) -> Iterator[Thing]:
    """Every file under a folder, with its name; or those written after another file."""
    since = newer_than.stat().st_mtime_ns if newer_than else 0
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.stat().st_mtime_ns > since:
            yield str(path.relative_to(folder)), str(path).encode() + b"\n" + path.read_bytes()


def in_tables(database: Path) -> Iterator[Thing]:
    """Every row of every table of a SQLite file."""
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            for row in connection.execute(f'SELECT * FROM "{table}"'):
                yield table, b"\n".join(value if isinstance(value, bytes) else str(value).encode() for value in row)
    connection.close()


def in_pdf_data(content: bytes) -> Iterator[Thing]:
    """What a PDF tells beside its pages: title and the like, both ways of writing it, bookmarks, attachments, names and identifiers."""
    reader = PdfReader(io.BytesIO(content))
    xmp = reader.trailer["/Root"].get("/Metadata")
    yield "information", str(reader.metadata).encode()
    yield "XMP", xmp.get_object().get_data() if xmp is not None else b""
    yield "bookmarks", str(reader.outline).encode()
    yield "attachments", b"".join([name.encode() + data for name, files in reader.attachments.items() for data in files])
    yield "trailer", str({name: value for name, value in reader.trailer.items() if name != "/Root"}).encode()
    yield "root", str({name: str(value) for name, value in reader.trailer["/Root"].items() if name not in ("/Pages", "/StructTreeRoot")}).encode()


HIDINGS = {
    # how an answer can hide, for the tests that plant one
    "as it is": lambda said: said.encode(),
    "in JSON": lambda said: ("".join(f"\\u{ord(sign):04x}" for sign in said)).encode(),
    "percent-encoded": lambda said: "".join(f"%{byte:02X}" for byte in said.encode()).encode(),
    "in UTF-16": lambda said: said.encode("utf-16"),
    "in UTF-16, the other way round": lambda said: said.encode("utf-16-be"),
    "in base64": lambda said: base64.b64encode(said.encode()),
    "in base64, one byte later": lambda said: base64.b64encode(b"x" + said.encode() + b"tail"),
    "in base64, two bytes later": lambda said: base64.urlsafe_b64encode(b"\xfb\xef" + said.encode() + b"?\xfe").rstrip(b"="),
    "in base64, twice": lambda said: base64.b64encode(base64.b64encode(f"answer={said}".encode())),
    "in base64 of many lines": lambda said: base64.encodebytes(b"y" * 50 + said.encode() + b"z" * 50),
    "inside a longer word": lambda said: b"abc" + base64.b64encode(b"some words before " + said.encode()),
    "with zlib": lambda said: zlib.compress(f"{said} and more".encode()),
    "with gzip": lambda said: b"noise before" + gzip.compress(said.encode()) + b"and after",
    "deflated, without a header": lambda said: zlib.compress(f"{said} and more".encode(), wbits=-15),
    "with zlib, in base64": lambda said: base64.urlsafe_b64encode(zlib.compress(said.encode())),
    "in hexadecimal": lambda said: said.encode().hex().encode(),
    "quoted for an e-mail": lambda said: "".join(f"={byte:02X}" for byte in said.encode()).encode(),
}
