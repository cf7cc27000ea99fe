"""The line to the database: what leaves this machine is encrypted, and to a server that proved who it is."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any

GUARDED = "verify-full"
"""The one ``sslmode`` under which the server's certificate must be good and name the host. All others can be talked out of it."""


def is_guarded(database: Mapping[str, Any], environ: Mapping[str, str]) -> bool:
    """Whether a database of Django's settings is on this machine, or is reached with TLS and its certificate checked.

    ``environ`` is the process's: where an address does not name a host, PostgreSQL's client library takes it from there.
    """
    if database["ENGINE"] == "django.db.backends.sqlite3":
        return True
    asked = database.get("OPTIONS", {})
    return asked.get("sslmode") == GUARDED or _is_here(database.get("HOST", ""), asked, environ)


def _is_here(host: str, asked: Mapping[str, Any], environ: Mapping[str, str]) -> bool:
    if asked.get("service") or environ.get("PGSERVICE"):
        return False  # a file elsewhere names the host
    host = host or str(asked.get("host") or environ.get("PGHOST", ""))
    address = str(asked.get("hostaddr") or environ.get("PGHOSTADDR", ""))  # goes before the host
    return all(_is_this_machine(name) for name in (*host.split(","), *address.split(",")))


def _is_this_machine(name: str) -> bool:
    """Whether a host is a socket (a path, or nothing at all) or this machine's own. A name that only resolves to it may resolve otherwise tomorrow."""
    if not name or name.startswith("/") or name.lower() == "localhost":
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False
