"""The promises that `make breakages` breaks on purpose, by subject. tests/unit/test_breakages.py keeps the list true."""

from . import desk, lasting, machine, patients, sign_in, web
from .breakage import Breakage

__all__ = ("SUBJECTS", "Breakage")

SUBJECTS: dict[str, tuple[Breakage, ...]] = {
    "patients": patients.BROKEN,
    "web": web.BROKEN,
    "sign_in": sign_in.BROKEN,
    "desk": desk.BROKEN,
    "lasting": lasting.BROKEN,
    "machine": machine.BROKEN,
}
