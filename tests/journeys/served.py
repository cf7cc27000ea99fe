"""The settings under which the journeys' server runs: as on a developer's machine, but with the error pages that the public sees."""

from prescreen.settings import *  # noqa: F403

DEBUG = False
SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = False
STATIC_ROOT = None
