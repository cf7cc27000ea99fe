"""A disk without room: said in words, and nothing is half saved. The room is taken by a limit on the size of files, which the kernel keeps like a full disk."""

from __future__ import annotations

import json
import resource
from pathlib import Path

import pytest

from . import processes
from .processes import make_small, manage, rows, send, served
from .registry_records import study

pytestmark = pytest.mark.own_database

PETRA = "from django.contrib.auth.models import User; User.objects.create_superuser('petra', password='many words')"


def environment(database: Path) -> dict[str, str]:
    """Without writing of compiled modules: Python would leave them cut short, and every later process would stumble over them."""
    return processes.environment(database, PYTHONDONTWRITEBYTECODE="1")


@pytest.fixture
def database(tmp_path) -> Path:
    """A file with the small catalog."""
    path = tmp_path / "db.sqlite3"
    make_small(environment(path), tmp_path)
    manage(environment(path), "build_index")
    return path


def limited(size: int):
    """What a process does at its start so that none of its files grows past this many bytes."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def test_an_import_saves_whole_records_or_none_and_says_why(database, tmp_path):
    studies = [study(f"NCT3{number:07}", title="A long record " + "x" * 200) for number in range(300)]
    (tmp_path / "records.json").write_text(json.dumps(studies), encoding="utf-8")
    before = rows(database)
    said = manage(environment(database), "import_trials", tmp_path / "records.json", preexec_fn=limited(database.stat().st_size + 400_000))
    assert "cannot be saved" in said
    after = rows(database)
    added = [row for row in after["trials_trial"] if row not in before["trials_trial"]]
    assert 0 < len(added) < 300
    new = {row[0] for row in added}
    with_site = [row for row in after["trials_site"] if row not in before["trials_site"]]
    criteria = [row for row in after["trials_criterion"] if row not in before["trials_criterion"]]
    assert len(with_site) == len(new), "each with its site"
    assert len(criteria) == 3 * len(new), "and with its three criteria"


def test_a_backup_leaves_the_earlier_one(database, tmp_path):
    (there := tmp_path / "backup.gz").write_bytes(b"the one of yesterday")
    said = manage(environment(database), "backup", there, code=1, preexec_fn=limited(2_000))
    assert "is not written" in said or "cannot be written" in said
    assert there.read_bytes() == b"the one of yesterday"
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_the_desk_is_told_to_try_again_and_patients_go_on(database, tmp_path):
    manage(environment(database), "shell", "-v", "0", "-c", PETRA)
    with served(environment(database), tmp_path / "log") as server:
        (worker,) = server.workers()
        before = rows(database)
        resource.prlimit(worker, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
        with server.browser() as browser:
            page = send(browser, "/admin/login/?next=/admin/", username="petra", password="many words")
            assert page.status_code == 503
            assert "What you sent was not saved." in page.text
            assert page.headers["Retry-After"]
            assert "Traceback" not in page.text
            assert send(browser, "/screening/q/who/", answer="me").status_code == 302
            assert send(browser, "/screening/q/area/", answer="eye").status_code == 302
            assert browser.get("/screening/results/").status_code == 200
            assert browser.get("/screening/summary.pdf").content.startswith(b"%PDF")
        assert rows(database) == before
        resource.prlimit(worker, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        with server.browser() as browser:
            assert send(browser, "/admin/login/?next=/admin/", username="petra", password="many words").status_code == 302
