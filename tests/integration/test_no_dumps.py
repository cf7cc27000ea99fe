"""A process that crashes leaves no dump of its memory, where answers and the key would be."""

from __future__ import annotations

import re
import resource
from pathlib import Path

import pytest

from .processes import environment, make_small, served

pytestmark = pytest.mark.own_database


@pytest.fixture
def _dumps_are_made():
    """What this process starts may leave dumps, as on many machines."""
    before = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (4096, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_CORE, before)


def largest_dump(pid: int) -> str:
    """How large a dump of a running process may be."""
    return re.search(r"^Max core file size +(\w+) ", Path(f"/proc/{pid}/limits").read_text(), re.MULTILINE)[1]


@pytest.mark.usefixtures("_dumps_are_made")
def test_a_worker_leaves_no_dump_whatever_it_was_started_with(tmp_path):
    make_small(given := environment(tmp_path / "db.sqlite3"), tmp_path)
    with served(given, tmp_path / "log") as server:
        assert largest_dump(server.process.pid) == "4096"
        assert [largest_dump(pid) for pid in server.workers()] == ["0"]
