"""The process that typesets papers, and its limits. Typst cannot be stopped once it has begun, so it works where it can be ended: see docs/adr/0018."""

from __future__ import annotations

import atexit
import os
import struct
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

PROGRAM = Path(__file__).parent / "paper" / "typeset.py"


class PaperError(Exception):
    """A paper that cannot be made within the limits."""


@dataclass(frozen=True)
class Limits:
    """The most that one paper may take: bytes of data, seconds, bytes of memory (of addresses, of which typst reserves more than it uses)."""

    data: int = 600_000
    seconds: float = 20
    memory: int = 800_000_000
    papers: int = 500
    """After so many papers the process is made anew, so that nothing piles up."""


class Press:
    """Makes papers, one at a time. The process begins with the first paper, and ends with this one or when it takes more than it may."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = self._made = 0
        self._lock = threading.Lock()
        atexit.register(self.close)

    def make(self, data: str) -> tuple[bytes, bool]:
        """The PDF of this data, and whether it keeps the standard for accessible documents. Raises ``PaperError``."""
        content = data.encode()
        if len(content) > self.limits.data:
            raise PaperError("the data of a paper are larger than they may be")
        with self._lock:
            process = self._running()
            timer = threading.Timer(self.limits.seconds, process.kill)
            timer.start()
            try:
                how, made = _exchange(process, content)
            except (OSError, struct.error):
                self.close()
                raise PaperError("the making of a paper took longer, or more memory, than it may") from None
            finally:
                timer.cancel()
            self._made += 1
        if how == b"C":
            raise PaperError("a paper could not be typeset")
        return made, how == b"A"

    def _running(self) -> subprocess.Popen[bytes]:
        """The process, begun anew where there is none, where it ended, and where it belongs to the process that this one was split from."""
        mine = self._process is not None and self._owner == os.getpid()
        if not mine or self._process.poll() is not None or self._made >= self.limits.papers:
            if mine:
                self.close()
            # One thread and few arenas: each of them reserves addresses, so that on a large machine the limit would be met by nothing.
            # What it says on its error output could quote a paper, and is thrown away. What it might write goes where the site's own files go.
            own = {name: os.environ[name] for name in ("HOME", "TMPDIR") if name in os.environ}
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, "-I", PROGRAM, str(self.limits.memory)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=own | {"RAYON_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"},
            )
            self._owner, self._made = os.getpid(), 0
        return self._process

    def close(self) -> None:
        """Ends the process."""
        process, self._process = self._process, None
        if process is None or self._owner != os.getpid():
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            with suppress(OSError):
                pipe.close()


def _exchange(process: subprocess.Popen[bytes], content: bytes) -> tuple[bytes, bytes]:
    """Sends the data, and waits for the PDF. Raises ``OSError`` or ``struct.error`` where the process ended before."""
    process.stdin.write(struct.pack(">I", len(content)) + content)
    process.stdin.flush()
    how, length = struct.unpack(">cI", process.stdout.read(5))
    made = process.stdout.read(length)
    if len(made) < length:
        raise OSError
    return how, made
