"""The WSGI application, for a server such as granian."""

from __future__ import annotations

import os
import resource
from collections.abc import Callable, Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application

from prescreen import patience

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "prescreen.settings")
_, _most = resource.getrlimit(resource.RLIMIT_CORE)
resource.setrlimit(resource.RLIMIT_CORE, (0, _most))  # a dump would hold answers and the key
site = get_wsgi_application()

from .charset import Utf8Request  # noqa: E402 - it needs the settings, and the views their apps

site.request_class = Utf8Request
patience.be_in_force()

SECRETS = ("DJANGO_SECRET_KEY", "DJANGO_SECRET_KEY_FALLBACKS", "DATABASE_URL", "REPLICA_URLS")


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """The site. Granian gives each request all of the process's environment; what is secret goes no further, as a report may quote what a request holds."""
    for name in SECRETS:
        environ.pop(name, None)
    return site(environ, start_response)
