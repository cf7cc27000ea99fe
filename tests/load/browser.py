"""A browser that does next to nothing but read and write, so that hundreds of them take little from the server beside them."""

from __future__ import annotations

import asyncio
import re
import zlib
from dataclasses import dataclass
from urllib.parse import urlencode

PATIENCE = 60
"""Seconds after which somebody gives up."""

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
LOCATION = re.compile(rb"\r\nlocation: *([^\r]+)", re.IGNORECASE)
COOKIE = re.compile(rb"\r\nset-cookie: *([^=]+)=([^;\r]*)", re.IGNORECASE)
ZIPPED = re.compile(rb"\r\ncontent-encoding: *gzip", re.IGNORECASE)


@dataclass(frozen=True)
class Page:
    """What the server answered."""

    status: int
    body: bytes
    location: str = ""


class Browser:
    """One person's browser: a connection that stays open, and cookies. ``address`` is theirs, as a trusted proxy tells it."""

    def __init__(self, port: int, address: str) -> None:
        self.port, self.address = port, address
        self.cookies: dict[str, str] = {}
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def ask(self, address: str, fields: dict[str, list[str]] | None = None) -> Page:
        """A page, or the answer to a form. Raises OSError (a TimeoutError after long) and EOFError."""
        async with asyncio.timeout(PATIENCE):
            if self._reader is None:
                self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self.port)
            self._writer.write(self._request(address, fields))
            head = await self._reader.readuntil(b"\r\n\r\n")
            length = LENGTH.search(head)
            body = await self._reader.readexactly(int(length[1]) if length else 0)
        for name, value in COOKIE.findall(head):
            self.cookies[name.decode()] = value.decode()
        location = LOCATION.search(head)
        return Page(int(head[9:12]), zlib.decompress(body, 31) if ZIPPED.search(head) else body, location[1].decode() if location else "")

    def close(self) -> None:
        """Hangs up."""
        if self._writer:
            self._writer.close()

    def _request(self, address: str, fields: dict[str, list[str]] | None) -> bytes:
        body = urlencode(fields or {}, doseq=True)
        lines = [f"{'GET' if fields is None else 'POST'} {address} HTTP/1.1", "Host: 127.0.0.1", "Accept-Encoding: gzip", f"X-Forwarded-For: {self.address}"]
        if self.cookies:
            lines.append("Cookie: " + "; ".join(f"{name}={value}" for name, value in self.cookies.items()))
        if fields is not None:
            lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
        return "\r\n".join([*lines, "", body]).encode()
