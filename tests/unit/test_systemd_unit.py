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


def test_commands_have_the_servers_settings_user_and_home():
    command = (ROOT / "deploy/manage").read_text(encoding="utf-8")
    assert f". {SERVICE['EnvironmentFile']}" in command
    assert f"--reuid={SERVICE['User']}" in command
    assert f"export HOME=/var/lib/{SERVICE['StateDirectory']} " in command


def test_systemd_and_the_shell_read_the_same_settings():
    guide = (ROOT / "docs/deploy.md").read_text(encoding="utf-8")
    shown = guide.split("Write the settings into")[1].split("Then two servers")[0] + guide.split("## The line to the database")[1].split("## In containers")[0]
    lines = [line.strip() for line in shown.splitlines() if re.match(r" {4}.*[A-Z_]+=", line)]
    assert len(lines) == 5
    assert [line for line in lines if not re.fullmatch(r"[A-Z_]+=('[^']*'|[^ '\"$#]+)", line)] == []
