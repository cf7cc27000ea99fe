"""A server that is not told what it needs does not start; told, it passes Django's own checks for servers."""

import subprocess
import sys

import pytest

from .production import ROOT, environment

ELSEWHERE = "postgres://site:word@db.example.org/prescreen"


def manage(folder, *command: str, **changes: str | None) -> subprocess.CompletedProcess:
    """Runs a management command with a server's environment. (DJANGO_LOCAL=0, so that manage.py does not take this for somebody's own machine.)"""
    given = environment(folder, **({"DJANGO_LOCAL": "0"} | changes))
    return subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=given, check=False, capture_output=True, text=True, timeout=300)


@pytest.mark.parametrize("preload", [None, "1"])
def test_the_settings_of_a_server_pass_all_checks(preload, tmp_path):
    done = manage(tmp_path, "check", "--deploy", "--fail-level", "INFO", DJANGO_HSTS_PRELOAD=preload)
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param({"DJANGO_SECRET_KEY": None}, "Set DJANGO_SECRET_KEY", id="no secret"),
        pytest.param({"DJANGO_SECRET_KEY": "x" * 49}, "Set DJANGO_SECRET_KEY", id="a short secret"),
        pytest.param({"DJANGO_SECRET_KEY": "for-development-only-never-in-production-0123456789"}, "Set DJANGO_SECRET_KEY", id="the secret that all can read"),
        pytest.param({"DJANGO_SECRET_KEY_FALLBACKS": f"{'y' * 50},{'x' * 49}"}, "Set DJANGO_SECRET_KEY", id="a short earlier secret"),
        pytest.param({"DJANGO_ALLOWED_HOSTS": "trials.example.org,*"}, "Set DJANGO_ALLOWED_HOSTS", id="any host"),
        pytest.param({"DJANGO_ALLOWED_HOSTS": None}, "Set DJANGO_ALLOWED_HOSTS", id="no hosts"),
        pytest.param({"DJANGO_ALLOWED_HOSTS": " , "}, "Set DJANGO_ALLOWED_HOSTS", id="hosts without a name"),
        pytest.param({"DATABASE_URL": None}, "Set DATABASE_URL", id="no database"),
        pytest.param({"DATABASE_URL": ""}, "Set DATABASE_URL", id="an empty database"),
        pytest.param({"DJANGO_TRUSTED_PROXIES": "10.0.0.0/8, proxy"}, "DJANGO_TRUSTED_PROXIES must list networks", id="a proxy that is no network"),
        pytest.param({"DATABASE_URL": ELSEWHERE}, "another machine. Add ?sslmode=verify-full", id="a database elsewhere without TLS"),
        pytest.param({"DATABASE_URL": f"{ELSEWHERE}?sslmode=require"}, "Add ?sslmode=verify-full", id="a database that proves nothing"),
        pytest.param({"DATABASE_URL": ELSEWHERE, "DATABASE_LINE_IS_PRIVATE": "0"}, "set DATABASE_LINE_IS_PRIVATE=1", id="a line that is not private"),
        pytest.param({"DATABASE_URL": "postgres:///prescreen", "PGHOST": "db.example.org"}, "another machine", id="a database that the environment names"),
        pytest.param(
            {"DATABASE_URL": "postgres://127.0.0.1/prescreen", "REPLICA_URLS": f"{ELSEWHERE}?sslmode=verify-full,{ELSEWHERE}"},
            "another machine",
            id="a replica elsewhere without TLS",
        ),
    ],
)
def test_a_server_that_lacks_something_refuses_to_start_and_says_what(changes, said, tmp_path):
    done = manage(tmp_path, "check", **changes)
    assert done.returncode != 0
    assert said in done.stderr


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"DATABASE_URL": f"{ELSEWHERE}?sslmode=verify-full"}, id="with TLS"),
        pytest.param({"DATABASE_URL": "postgres://127.0.0.1/prescreen", "REPLICA_URLS": f"{ELSEWHERE}?sslmode=verify-full"}, id="a replica with TLS"),
        pytest.param({"DATABASE_URL": "postgres:///prescreen"}, id="a socket"),
        pytest.param({"DATABASE_URL": ELSEWHERE, "DATABASE_LINE_IS_PRIVATE": "1"}, id="on a private line"),
        pytest.param({"DATABASE_URL": ELSEWHERE, "DJANGO_LOCAL": "1"}, id="on one's own machine"),
    ],
)
def test_a_database_to_which_nobody_else_can_listen_is_taken(changes, tmp_path):
    done = manage(tmp_path, "check", **changes)
    assert done.returncode == 0, done.stderr


def test_debug_cannot_be_switched_on_at_a_server(tmp_path):
    ask = "from django.conf import settings; print(settings.DEBUG, settings.RATE_LIMITS_FILE)"
    done = manage(tmp_path, "shell", "--no-imports", "-c", ask, DJANGO_DEBUG="1")
    assert done.stdout.split() == ["False", f"{tmp_path}/db.sqlite3-index-rate-limits.sqlite3"], done.stderr


def test_behind_a_proxy_only_this_machine_is_believed_unless_told_otherwise(tmp_path):
    ask = ("shell", "--no-imports", "-c", "from django.conf import settings; print(*settings.TRUSTED_PROXIES)")
    assert manage(tmp_path, *ask).stdout.split() == []
    assert manage(tmp_path, *ask, DJANGO_BEHIND_PROXY="1").stdout.split() == ["127.0.0.0/8", "::1/128"]
    assert manage(tmp_path, *ask, DJANGO_BEHIND_PROXY="1", DJANGO_TRUSTED_PROXIES="10.1.0.0/16, fd00::/8").stdout.split() == ["10.1.0.0/16", "fd00::/8"]
