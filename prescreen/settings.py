"""Settings. Everything that differs between machines comes from the environment; without DJANGO_LOCAL=1 nothing is assumed.

DJANGO_SECRET_KEY            signs and encrypts; needed but on one's own machine, 50 characters or more
DJANGO_SECRET_KEY_FALLBACKS  earlier keys, by commas, still read while they are being retired
DJANGO_ALLOWED_HOSTS         host names, by commas; needed but on one's own machine
DJANGO_LOCAL                 1 on one's own machine: plain HTTP on 127.0.0.1, a key that is no secret
DJANGO_DEBUG                 1 to see Django's own error pages there
DJANGO_BEHIND_PROXY          1 where a trusted proxy ends TLS and sets X-Forwarded-Proto
REGISTRY_API                 where registry records are asked for; by default ClinicalTrials.gov, which is the only host allowed but this machine
DATABASE_URL                 such as sqlite:////path/to/file or postgres://user:password@host/name; by default db.sqlite3 beside manage.py
REPLICA_URLS                 read replicas of that database, by commas; patients' pages are read from them. By default none
INDEX_FOLDER                 where the processes of a machine share the index of open trials; by default beside the SQLite file,
                             or a folder of this database under the system's folder for temporary files
"""

import hashlib
import os
import tempfile
from pathlib import Path

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent


def _listed(name: str) -> list[str]:
    return [item.strip() for item in os.environ.get(name, "").split(",") if item.strip()]


LOCAL = os.environ.get("DJANGO_LOCAL") == "1"
DEBUG = LOCAL and os.environ.get("DJANGO_DEBUG") == "1"
SECRET_KEY = os.environ.get("DJANGO_SECRET_KEY", "for-development-only-never-in-production-0123456789" if LOCAL else "")
SECRET_KEY_FALLBACKS = _listed("DJANGO_SECRET_KEY_FALLBACKS")
ALLOWED_HOSTS = _listed("DJANGO_ALLOWED_HOSTS") or (["127.0.0.1", "localhost", "[::1]"] if LOCAL else [])
if not LOCAL and len(SECRET_KEY) < 50:
    raise ImproperlyConfigured("Set DJANGO_SECRET_KEY to 50 random characters or more (or DJANGO_LOCAL=1 on your own machine).")
if not LOCAL and not ALLOWED_HOSTS:
    raise ImproperlyConfigured("Set DJANGO_ALLOWED_HOSTS to the site's host names, separated by commas.")

INSTALLED_APPS = [
    "prescreen",
    "trials",
    "crispy_forms",
    "csp",
    "simple_history",
    "import_export",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.gzip.GZipMiddleware",  # no page with answers repeats what an address says, and padding at random hides lengths
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",  # who changed a record
]
ROOT_URLCONF = "prescreen.urls"
WSGI_APPLICATION = "prescreen.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
CRISPY_ALLOWED_TEMPLATE_PACKS = ("plain",)
CRISPY_TEMPLATE_PACK = "plain"
CRISPY_FAIL_SILENTLY = False

DATABASES = {"default": dj_database_url.config(default=f"sqlite:///{BASE_DIR / 'db.sqlite3'}", conn_max_age=None, conn_health_checks=True)}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # WAL: nobody who reads keeps a writer waiting, nor the other way round. IMMEDIATE: writers queue at the start, where SQLite waits for them.
    DATABASES["default"]["OPTIONS"] = {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL"}
for _number, _url in enumerate(_listed("REPLICA_URLS"), 1):
    DATABASES[f"replica{_number}"] = dj_database_url.parse(_url, conn_max_age=None, conn_health_checks=True) | {"TEST": {"MIRROR": "default"}}
    DATABASES[f"replica{_number}"].setdefault("OPTIONS", {}).update(connect_timeout=2, tcp_user_timeout=2000)  # seconds; milliseconds
    DATABASE_ROUTERS = ["prescreen.replicas.Router"]
if len(DATABASES) > 1:
    MIDDLEWARE.append("prescreen.replicas.PatientsPages")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 15}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]


def _index_folder(database: dict) -> Path:
    if database["ENGINE"] == "django.db.backends.sqlite3":
        return Path(f"{database['NAME']}-index").absolute()
    named = hashlib.sha256("\0".join(str(database.get(part)) for part in ("HOST", "PORT", "NAME")).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"prescreen-index-{os.geteuid()}-{named}"


INDEX_FOLDER = Path(os.environ["INDEX_FOLDER"]).absolute() if os.environ.get("INDEX_FOLDER") else _index_folder(DATABASES["default"])

REGISTRY_API = os.environ.get("REGISTRY_API", "https://clinicaltrials.gov/api/v2")
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000  # a trial with many sites is one large form

LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_TZ = True
LOCALE_PATHS = [BASE_DIR / "locale"]

STATIC_URL = "static/"
STATIC_ROOT = None if LOCAL else BASE_DIR / "staticfiles"
WHITENOISE_USE_FINDERS = LOCAL
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage" if LOCAL else "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# The browser's rules. `same-origin` and not `no-referrer`: with the latter Chromium sends `Origin: null` and every POST is refused.
SECURE_REFERRER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not LOCAL
SECURE_HSTS_SECONDS = 0 if LOCAL else 31_536_000
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if os.environ.get("DJANGO_BEHIND_PROXY") == "1" else None
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "prescreen.views.exits.csrf_failure"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# Logs tell what went wrong and where, never with which values: see prescreen.logs.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"bare": {"()": "prescreen.logs.BareFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "bare"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {"django": {"handlers": ["stderr"], "level": "WARNING", "propagate": False}},
}
