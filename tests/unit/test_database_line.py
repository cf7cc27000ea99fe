"""Which addresses of a database are on this machine, or ask for TLS with the certificate checked; every other one is refused on a server."""

import dj_database_url
import pytest

from prescreen.database_line import is_guarded

ELSEWHERE = "postgres://site:word@db.example.org/prescreen"


def guarded(address: str, **environ: str) -> bool:
    """What is said of an address, in an environment."""
    return is_guarded(dj_database_url.parse(address), environ)


@pytest.mark.parametrize(
    "address",
    [
        "sqlite:////srv/prescreen/db.sqlite3",
        "sqlite://:memory:",
        "postgres:///prescreen",
        "postgres://site:word@/prescreen",
        "postgres://%2Fvar%2Frun%2Fpostgresql/prescreen",
        "postgres:///prescreen?host=/var/run/postgresql",
        "postgres://localhost/prescreen",
        "postgres://LOCALHOST:5433/prescreen",
        "postgres://127.0.0.0/prescreen",
        "postgres://127.0.0.1/prescreen",
        "postgres://127.255.255.255/prescreen",
        "postgres://[::1]:5432/prescreen",
        "postgres://127.0.0.1,127.0.0.2/prescreen",
        "postgres://localhost/prescreen?sslmode=disable",
    ],
)
def test_this_machine_needs_no_tls(address):
    assert guarded(address)


@pytest.mark.parametrize(
    "address",
    [
        ELSEWHERE,
        "postgresql://database/prescreen",
        "postgres://126.255.255.255/prescreen",
        "postgres://128.0.0.0/prescreen",
        "postgres://10.0.0.1/prescreen",
        "postgres://[::2]/prescreen",
        "postgres://[fe80::1]/prescreen",
        "postgres://0.0.0.0/prescreen",
        "postgres://localhost.example.org/prescreen",
        "postgres://127.0.0.1.example.org/prescreen",
        "postgres://127.0.0.1,db.example.org/prescreen",
        "postgres:///prescreen?host=db.example.org",
        "postgres:///prescreen?host=/var/run/postgresql,10.0.0.1",
        "postgres://localhost/prescreen?hostaddr=10.0.0.1",
        "postgres:///prescreen?service=elsewhere",
        "mysql://db.example.org/prescreen",
    ],
)
def test_another_machine_needs_tls(address):
    assert not guarded(address)


@pytest.mark.parametrize(
    ("mode", "is_enough"),
    [
        ("disable", False),
        ("allow", False),
        ("prefer", False),
        ("require", False),
        ("verify-ca", False),
        ("verify-full", True),
        ("VERIFY-FULL", False),
        ("", False),
    ],
)
def test_only_the_mode_that_checks_certificate_and_host_is_enough(mode, is_enough):
    assert guarded(f"{ELSEWHERE}?sslmode={mode}") is is_enough
    assert guarded(f"{ELSEWHERE}?sslmode={mode}&sslrootcert=system") is is_enough


def test_two_modes_are_none():
    assert not guarded(f"{ELSEWHERE}?sslmode=verify-full&sslmode=disable")


@pytest.mark.parametrize(
    ("environ", "is_here"),
    [
        ({}, True),
        ({"PGHOST": "/var/run/postgresql"}, True),
        ({"PGHOST": "localhost", "PGHOSTADDR": "127.0.0.1"}, True),
        ({"PGHOST": "db.example.org"}, False),
        ({"PGHOSTADDR": "10.0.0.1"}, False),
        ({"PGSERVICE": "elsewhere"}, False),
        ({"PGHOST": "db.example.org", "PGSSLMODE": "verify-full"}, False),
    ],
)
def test_what_the_environment_names_counts_where_the_address_names_nothing(environ, is_here):
    """Not so for the mode: it stands in the address, where whoever reads it can see it."""
    assert guarded("postgres:///prescreen", **environ) is is_here


def test_a_host_in_the_address_goes_before_that_of_the_environment():
    assert guarded("postgres://localhost/prescreen", PGHOST="db.example.org")
