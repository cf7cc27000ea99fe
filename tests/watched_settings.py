"""Settings of a server that is watched: those of production, and everything that it writes goes into one folder.

WATCHED_FOLDER   the folder: where e-mails, cache entries and collected files go; templates under ``faulty/`` come before ours
WATCHED_ORIGIN   the address that browsers use, which is plain HTTP on this machine
"""

import os
from pathlib import Path

from prescreen.settings import *  # noqa: F403
from prescreen.settings import LOGGING, TEMPLATES

FOLDER = Path(os.environ["WATCHED_FOLDER"])
SECURE_SSL_REDIRECT = False
CSRF_TRUSTED_ORIGINS = [os.environ["WATCHED_ORIGIN"]]
STATIC_ROOT = FOLDER / "static"
TEMPLATES[0]["DIRS"].insert(0, FOLDER / "faulty")

CACHES = {"default": {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": FOLDER / "cache"}}

# Whoever runs the site may want Django's own report of an error by e-mail, with all that Django would put into it.
ADMINS = [("Operator", "operator@example.org")]
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = FOLDER / "mail"
LOGGING["handlers"]["mail"] = {"class": "django.utils.log.AdminEmailHandler", "level": "ERROR", "include_html": True}
LOGGING["root"]["handlers"] = [*LOGGING["root"]["handlers"], "mail"]
LOGGING["loggers"]["django.request"] = {"handlers": ["mail"], "propagate": True}
