"""An index on disk: a folder of plain arrays, which any number of processes map into memory and share, and one JSON file with the words.

No pickle: what is read back can only be numbers and texts. A folder is written aside and renamed into place, so it is there whole or not at all;
checksums tell when a disk has damaged it since.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .atoms import Atoms
from .compiling import Compiled, Listed
from .index import Anchor, Index
from .questionnaire import Questionnaire
from .questions import Kind
from .rows import Rows

FORMAT = 4

MAKING = ".making-"
"""So the names of folders begin that are not whole yet. One that is left belongs to a process that was stopped."""

Array = NDArray[Any]


class StoredIndexError(ValueError):
    """A folder that holds no index of this format, one of other questions, or a damaged one."""


def save(index: Index, folder: Path) -> None:
    """Writes an index into a new folder. If the folder is there already, another process was quicker, and its index stays. Raises ``OSError``."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=MAKING, dir=folder.parent))
    try:
        for name, array in _arrays(index):
            np.save(aside / f"{name}.npy", array)
        words = {
            "format": FORMAT,
            "atoms": [[key, atoms.first, atoms.last, atoms.kind.value, list(atoms.names)] for key, atoms in index.compiled.atoms.items()],
            "anchors": list(index.anchors),
            "areas": list(index.areas),
        }
        (aside / "words.json").write_text(json.dumps(words), encoding="utf-8")
        sums = {path.name: checksum(path) for path in aside.iterdir()}
        (aside / "sums.json").write_text(json.dumps(sums), encoding="utf-8")
        os.rename(aside, folder)
    except OSError:
        if not folder.is_dir():
            raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def load(folder: Path, questionnaire: Questionnaire) -> Index:
    """The index of a folder, mapped into memory. Raises ``StoredIndexError``, or ``OSError`` where a file is missing or cannot be read."""
    try:
        return _load(folder, questionnaire)
    except (OSError, StoredIndexError):
        raise
    except Exception as fault:  # whatever else goes wrong is the content's fault
        raise StoredIndexError(f"{folder.name} is damaged: {fault}") from fault


def _load(folder: Path, questionnaire: Questionnaire) -> Index:
    sums = json.loads((folder / "sums.json").read_text(encoding="utf-8"))

    def whole(name: str) -> Path:
        if checksum(folder / name) != sums[name]:
            raise StoredIndexError(f"{folder.name} is damaged: {name}")
        return folder / name

    words = json.loads(whole("words.json").read_text(encoding="utf-8"))
    if words["format"] != FORMAT or any(key not in questionnaire or questionnaire[key].kind != kind for key, _, _, kind, _ in words["atoms"]):
        raise StoredIndexError(f"{folder.name} holds no index for these questions")

    def array(name: str) -> Array:
        mapped: Array = np.load(whole(f"{name}.npy"), mmap_mode="r", allow_pickle=False).view(np.ndarray)
        return mapped

    def rows(name: str) -> Rows:
        return Rows(array(f"{name}.flat"), array(f"{name}.start"))

    ones, twos, places = array("atoms.one"), array("atoms.two"), array("atoms.places").reshape(-1, 2)
    atoms = {}
    for number, (key, first, last, kind, names) in enumerate(words["atoms"]):
        (one, two), (one_end, two_end) = places[number], places[number + 1]
        atoms[key] = Atoms(first, last, Kind(kind), tuple(names), ones[one:one_end], twos[two:two_end])
    compiled = Compiled(atoms, rows("groups"), array("levels"), rows("lanes"), array("owners"))
    anchors = {
        key: Anchor(atoms[key].first, atoms[key].last, array(f"anchor.{place}.literals"), rows(f"anchor.{place}")) for place, key in enumerate(words["anchors"])
    }
    areas = {slug: array(f"area.{place}") for place, slug in enumerate(words["areas"])}
    return Index(questionnaire, compiled, Listed(array("keys"), array("incomplete"), areas), anchors)


def checksum(path: Path) -> int:
    """A checksum of a file: its length, and its bytes added up eight at a time, which is several times as quick as a CRC."""
    data = np.memmap(path, np.uint8, "r")
    whole = len(data) // 8 * 8
    return len(data) + int(data[:whole].view(np.uint64).sum()) + int(data[whole:].sum(dtype=np.uint64))


def _arrays(index: Index) -> Iterator[tuple[str, Array]]:
    compiled = index.compiled
    every = list(compiled.atoms.values())
    yield "atoms.one", _joined([atoms.one for atoms in every])
    yield "atoms.two", _joined([atoms.two for atoms in every])
    yield "atoms.places", np.cumsum([[0, 0], *([len(atoms.one), len(atoms.two)] for atoms in every)], axis=0, dtype=np.int64).ravel()
    yield from _of_rows("groups", compiled.groups)
    yield from _of_rows("lanes", compiled.lanes)
    yield "levels", compiled.levels
    yield "owners", compiled.owners
    yield "keys", index.keys
    yield "incomplete", index.incomplete
    for place, anchor in enumerate(index.anchors.values()):
        yield f"anchor.{place}.literals", anchor.literals
        yield from _of_rows(f"anchor.{place}", anchor.lanes)
    for place, rows in enumerate(index.areas.values()):
        yield f"area.{place}", rows


def _of_rows(name: str, rows: Rows) -> Iterator[tuple[str, Array]]:
    yield f"{name}.flat", rows.flat
    yield f"{name}.start", rows.start


def _joined(arrays: list[Array]) -> Array:
    return np.concatenate([np.empty(0, np.int64), *arrays])
