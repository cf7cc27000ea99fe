"""What a breakage is."""

from typing import NamedTuple


class Breakage(NamedTuple):
    """A promise, the edit that breaks it, and the tests that must notice."""

    promise: str
    file: str
    old: str
    """Stands exactly once in the file."""
    new: str
    tests: str
    """The test files, and words of pytest such as ``-k``, as a command line has them."""
