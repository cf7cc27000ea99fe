"""How often one address may ask for what is costly, or worth guessing at. Generous: a whole clinic may stand behind one address."""

from __future__ import annotations

import logging
import math
import sqlite3
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

from prescreen.answers import COOKIE
from prescreen.client_address import client_address
from prescreen.views import refusals

from . import counters

logger = logging.getLogger(__name__)


class Limit(NamedTuple):
    """So many requests of these methods from one address, counted from the first for so many seconds."""

    times: int
    seconds: int = 600
    methods: tuple[str, ...] = ("POST",)
    together: str = ""
    """Routes that have this in common have one count."""
    field: str = ""
    """Only what has something in this field counts."""
    anybody: bool = False
    """Whether GET counts without the cookie of the answers, too."""


READ = ("GET", "HEAD")
COSTLY = Limit(360, seconds=60, methods=READ, together="costly")

LIMITS = {
    "results": COSTLY,
    "summary": COSTLY,
    "question": COSTLY._replace(methods=("POST",), field="words"),
    "trials": Limit(360, seconds=60, methods=READ, anybody=True),
    "sitemap": Limit(60, methods=READ, anybody=True),
    "summary_json": Limit(300, methods=READ),
    "summary_pdf": Limit(300, methods=(*READ, "POST")),
    "reopen": Limit(300),
    "admin:login": Limit(200),
    "admin:sign_in_code": Limit(200),
    "admin:sign_in_set_up": Limit(200),
    "admin:sign_in_recovery_codes": Limit(200),
    "admin:password_change": Limit(60),
    "admin:trials_trial_import": Limit(60),
    "admin:trials_criterion_import": Limit(60),
    "admin:trials_criterion_process_import": Limit(60),
}
"""By route name; docs/adr/0015 has the reason for each number. Of questions only the search of a long list counts. Signing in is counted whether or not it
goes well: wrong tries have narrower limits of their own, in ``trials.signin.lockout``."""


class RateLimits:
    """Behind the CSRF check, so that no foreign page can use up a clinic's count by posting from its browsers.

    A picture on a foreign page asks as well; but it comes without the cookie of the answers (SameSite), gets no PDF, and is not counted. Pages that need no
    cookie have counts of their own, so a foreign page can use up no more than these.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Nothing to do before the route is known."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: object) -> HttpResponse | None:
        """Counts the request, and refuses it with 429 where there were too many. Without a file of counts nobody is refused."""
        limit = LIMITS.get(request.resolver_match.view_name)
        if limit is None or request.method not in limit.methods or settings.RATE_LIMITS_FILE is None:
            return None
        if request.method != "POST" and not limit.anybody and COOKIE not in request.COOKIES:
            return None
        if limit.field and not request.POST.get(limit.field, "").strip():
            return None
        now = time.time()
        try:
            times, left = counters.count(settings.RATE_LIMITS_FILE, key_of(request, now), limit.seconds, now)
        except (sqlite3.Error, OSError):
            logger.warning("Rate limits are off: the file of counts cannot be used", exc_info=True)
            return None
        return refusals.too_many(request, math.ceil(left)) if times > limit.times else None


def key_of(request: HttpRequest, now: float) -> str:
    """What stands for the route and the client's address in the file: a keyed hash that is another one every day (UTC), so the address is not in it."""
    day, route = datetime.fromtimestamp(now, UTC).date().isoformat(), request.resolver_match.view_name
    return salted_hmac(f"prescreen.doors {day}", f"{LIMITS[route].together or route} {client_address(request)}", algorithm="sha256").hexdigest()[:32]
