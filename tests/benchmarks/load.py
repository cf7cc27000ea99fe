"""A small load generator in a process of its own: ``python -m tests.benchmarks.load PORT SECONDS CONNECTIONS``, with the requests as JSON at standard input.

It keeps its connections open, and does next to nothing but read and write, so that it takes little from the server beside it. Prints JSON.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import re
import sys
import time
from collections.abc import Iterator, Sequence

LENGTH = re.compile(rb"\r\ncontent-length: (\d+)", re.IGNORECASE)


def raw(address: str, cookie: str) -> bytes:
    """A GET as it goes over the wire."""
    lines = [f"GET {address} HTTP/1.1", "Host: 127.0.0.1", *([f"Cookie: {cookie}"] if cookie else []), "", ""]
    return "\r\n".join(lines).encode()


async def _ask(port: int, requests: Iterator[bytes], until: float, taken: list[float]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while (start := time.perf_counter()) < until:
        writer.write(next(requests))
        head = await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(int(LENGTH.search(head)[1]))
        assert head.split(b" ", 2)[1] == b"200", head
        taken.append(time.perf_counter() - start)
    writer.close()


async def load(port: int, seconds: float, connections: int, requests: Sequence[tuple[str, str]]) -> dict[str, object]:
    """Asks for these pages in turn for so long."""
    around = itertools.cycle([raw(address, cookie) for address, cookie in requests])
    taken: list[float] = []
    start = time.perf_counter()
    await asyncio.gather(*(_ask(port, around, start + seconds, taken) for _ in range(connections)))
    return {"count": len(taken), "seconds": time.perf_counter() - start, "taken": taken}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(load(int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]), json.load(sys.stdin)))))
