"""deploy/systemd keeps the same rules as the container. The unit is read here; `systemd-analyze verify` and `security` say the rest."""

import configparser
import re
from pathlib import Path

from tests.integration.processes import SERVER_OPTIONS

ROOT = Path(__file__).parents[2]
UNIT = configparser.RawConfigParser(delimiters="=", strict=False)
UNIT.optionxform = str
UNIT.read(ROOT / "deploy/systemd/prescreen@.service", encoding="utf-8")
SERVICE = UNIT["Service"]


def test_it_is_started_as_everywhere_else_and_reached_from_this_machine_alone():
    assert [option for option in SERVER_OPTIONS if option not in SERVICE["ExecStart"]] == []
    assert "--host 127.0.0.1 --port %i" in SERVICE["ExecStart"]
    assert SERVICE["ExecStart"].endswith(" prescreen.wsgi:application")


def test_it_is_started_again_however_often_it_ends():
    assert SERVICE["Restart"] == "always"
    assert UNIT["Unit"]["StartLimitIntervalSec"] == "0"


def test_no_memory_is_dumped():
    assert SERVICE["LimitCORE"] == "0"


def test_it_is_not_root_and_writes_nothing_but_its_records():
    assert SERVICE["User"] == "prescreen"
    assert SERVICE["ProtectSystem"] == "strict"
    assert SERVICE["NoNewPrivileges"] == "true"
    assert SERVICE["CapabilityBoundingSet"] == ""
    assert SERVICE["StateDirectory"] == "prescreen"


def test_secrets_come_from_a_file_of_the_machine():
    assert SERVICE["EnvironmentFile"] == "/etc/prescreen.env"
    assert not re.search(r"SECRET|PASSWORD|DATABASE_URL", SERVICE["Environment"])
