"""The site, with a record of what browsers ask for: each address and each Referer as it came."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.watched_settings")

from prescreen.wsgi import application as site

RECORD = Path(os.environ["WATCHED_FOLDER"]) / "asked" / "record"


def application(environ: dict, start_response: Callable) -> Iterable[bytes]:
    """Writes down what was asked for, then lets the site answer. What is meant to hold answers, the cookie and the body, is left out."""
    asked = {name: value for name, value in environ.items() if isinstance(value, str) and name != "HTTP_COOKIE"}
    with RECORD.open("a", encoding="utf-8", errors="surrogateescape") as record:
        record.write(f"{asked}\n")
    return site(environ, start_response)
