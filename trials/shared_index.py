"""One index for all processes of a machine: a folder for each state of the records, which every process maps into memory.

A folder is named by the catalog's token, and by the program's version and the machine's start: an index of another program is not used, nor
one whose files the machine may not have written out before it stopped. It is made aside and renamed, so it is there whole or not at all.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import logging
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property
from pathlib import Path
from urllib.parse import quote

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from .eligibility import storing
from .eligibility.index import Index
from .eligibility.questionnaire import Questionnaire

logger = logging.getLogger(__name__)

Version = tuple[tuple[int, int, int], ...]
"""What the history tells of one trial: of each part that changed its number, how many entries there are, and the last one's key."""

Versions = dict[int, Version]
"""By the trials' keys in the database."""

KEPT = 2
"""So many folders stay: the newest, and the one before it for processes that are just about to map it."""

ARRAYS = ("openness", "keys", "prints")
PROGRAM = ("as_judged", "overlay", "renewal", "shared_index", "snapshot")
"""What makes an index and asks from it, beside the engine."""


@dataclass(frozen=True)
class Stored:
    """An index with what else is known of its trials: how open each is (0 for the most open status), its key in the database, and its fingerprint.

    ``made`` is when the records were read, ``asks`` what they asked of the questions (``overlay.asks``), ``epoch`` that of the catalog's stamp, ``versions``
    those of the trials changed shortly before (None: not known), ``name`` the folder that it is mapped from.
    """

    index: Index
    openness: NDArray[np.int8]
    keys: NDArray[np.int64]
    prints: NDArray[np.uint64]
    made: datetime
    asks: str
    epoch: str
    versions: Versions | None
    name: str = ""

    @cached_property
    def content(self) -> str:
        """All its fingerprints, in a few letters."""
        return hashlib.blake2b(self.prints.tobytes(), digest_size=12).hexdigest()

    def print_of(self, key: int) -> int | None:
        """The fingerprint of a trial; None where the index does not have it."""
        found = self.prints[self.keys == key]
        return int(found[0]) if len(found) else None


def find(token: str, questionnaire: Questionnaire) -> Stored | None:
    """The index of this state of the records, mapped; None where there is none yet, or a damaged one."""
    return _load(_folder_of(token), questionnaire) if is_there(token) else None


def is_there(token: str) -> bool:
    """Whether there is an index of this state of the records."""
    return bool(token) and _folder_of(token).is_dir()


def newest(questionnaire: Questionnaire, mapped: Stored | None) -> Stored | None:
    """The index that was made last. If it is mapped already, it is not mapped once more."""
    folders = [folder for folder in _folders() if folder.name.endswith(_version())]
    if mapped and folders and folders[0].name == mapped.name:
        return mapped
    return _load(folders[0], questionnaire) if folders else None


def _load(folder: Path, questionnaire: Questionnaire) -> Stored | None:
    try:
        arrays = [np.load(folder / f"{name}.npy", mmap_mode="r").view(np.ndarray) for name in ARRAYS]
        told = json.loads((folder / "told.json").read_text(encoding="utf-8"))
        made, versions = datetime.fromisoformat(told["made"]), told["versions"]
        known = None if versions is None else {pk: tuple(map(tuple, parts)) for pk, parts in versions}
        return Stored(storing.load(folder / "index", questionnaire), *arrays, made, told["asks"], told["epoch"], known, folder.name)
    except (OSError, ValueError, EOFError, KeyError):
        logger.warning("an index on disk could not be read and is made anew")
        return None


def keep(token: str, stored: Stored) -> None:
    """Puts an index where all processes find it, and removes old ones. To be called by the one process that is ``alone``."""
    folder = _folder_of(token)
    for left in settings.INDEX_FOLDER.glob(f"{storing.MAKING}*"):
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=storing.MAKING, dir=settings.INDEX_FOLDER, ignore_cleanup_errors=True) as aside:
        whole = Path(aside) / "whole"
        storing.save(stored.index, whole / "index")
        for name in ARRAYS:
            np.save(whole / f"{name}.npy", getattr(stored, name))
        versions = None if stored.versions is None else list(stored.versions.items())
        told = {"made": stored.made.isoformat(), "asks": stored.asks, "epoch": stored.epoch, "versions": versions}
        (whole / "told.json").write_text(json.dumps(told), encoding="utf-8")
        shutil.rmtree(folder, ignore_errors=True)
        os.rename(whole, folder)
    others = [old for old in _folders() if old != folder]  # the new one stays even where the clock was set back, and says it is the oldest
    for old in others[KEPT - 1 :]:
        shutil.rmtree(old, ignore_errors=True)


@contextmanager
def alone() -> Iterator[bool]:
    """Lets in one process of this machine after the other; a process that dies lets in the next. Tells whether indexes can be kept on disk here."""
    folder = settings.INDEX_FOLDER
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if folder.stat().st_uid != os.geteuid():
            raise PermissionError(f"{folder} belongs to somebody else")
        lock = (folder / "lock").open("a")
    except OSError as fault:
        logger.warning("the index is kept in this process alone, as INDEX_FOLDER cannot be used: %s", type(fault).__name__)
        yield False
        return
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield True


def is_busy() -> bool:
    """Whether a process is ``alone`` at this moment."""
    try:
        with (settings.INDEX_FOLDER / "lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _folder_of(token: str) -> Path:
    return settings.INDEX_FOLDER / f"{quote(token, safe='')}-{_version()}"


def _folders() -> list[Path]:
    """The indexes there are, the newest first."""
    if not settings.INDEX_FOLDER.is_dir():
        return []
    found = [path for path in settings.INDEX_FOLDER.iterdir() if path.is_dir() and not path.name.startswith(".")]
    return sorted(found, key=_made_at, reverse=True)


def _made_at(folder: Path) -> int:
    """When a folder was made; 0 for one that another process has just removed."""
    try:
        return folder.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


@cache
def program() -> str:
    """The program that makes indexes and asks questions from them, in a few letters."""
    here = Path(__file__).parent
    told = hashlib.blake2b(digest_size=6)
    for path in (*sorted((here / "eligibility").glob("*.*")), *(here / f"{name}.py" for name in PROGRAM)):
        told.update(path.read_bytes())
    return told.hexdigest()


@cache
def _version() -> str:
    """What an index depends on beside the records: the program, and that the machine was not started anew since."""
    boot = Path("/proc/sys/kernel/random/boot_id")
    return hashlib.blake2b(program().encode() + (boot.read_bytes() if boot.exists() else b""), digest_size=6).hexdigest()
