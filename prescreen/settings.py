"""Settings. Everything that differs between machines comes from the environment; without DJANGO_LOCAL=1 nothing is assumed.

DJANGO_SECRET_KEY            signs and encrypts; needed but on one's own machine, 50 characters or more
DJANGO_SECRET_KEY_FALLBACKS  earlier keys, by commas, still read while they are being retired
DJANGO_ALLOWED_HOSTS         host names, by commas; needed but on one's own machine
DJANGO_LOCAL                 1 on one's own machine: plain HTTP on 127.0.0.1, a key that is no secret
DJANGO_SECOND_STEP           1 to ask for a code at sign-in there, too, as is done everywhere else; otherwise it is offered
DJANGO_DEBUG                 1 to see Django's own error pages there
DJANGO_BEHIND_PROXY          1 where a trusted proxy ends TLS and sets X-Forwarded-Proto
DJANGO_TRUSTED_PROXIES       networks of the proxies whose X-Forwarded-For is believed, by commas; behind a proxy by default this machine, else none
REGISTRY_API                 where registry records are asked for; by default ClinicalTrials.gov, which is the only host allowed but this machine
DJANGO_HSTS_PRELOAD          1 to let the host name be put on browsers' own lists of sites that are never asked by plain HTTP; hard to take back
DATABASE_URL                 such as sqlite:////path/to/file or postgres://user:password@host/name; needed but on one's own machine,
                             where it is db.sqlite3 beside manage.py by default
DATABASE_LINE_IS_PRIVATE     1 where nobody else can listen on the line to a database on another machine, as between two containers of one machine; otherwise
                             its address, and each replica's, must ask for TLS with sslmode=verify-full
REPLICA_URLS                 read replicas of that database, by commas; patients' pages are read from them. By default none
INDEX_FOLDER                 where the processes of a machine share the index of open trials; by default beside the SQLite file,
                             or a folder of this database under the system's folder for temporary files
RATE_LIMITS_FILE             where the processes of a machine share their counts of requests; by default beside that folder, on one's own machine none
"""

import hashlib
import os
import tempfile
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from . import sqlite
from .database_line import is_guarded

BASE_DIR = Path(__file__).resolve().parent.parent


def _listed(name: str) -> list[str]:
    return [item.strip() for item in os.environ.get(name, "").split(",") if item.strip()]


LOCAL = os.environ.get("DJANGO_LOCAL") == "1"
DEBUG = LOCAL and os.environ.get("DJANGO_DEBUG") == "1"
DEVELOPMENT_KEY = "for-development-only-never-in-production-0123456789"
SECRET_KEY = os.environ.get("DJANGO_SECRET_KEY", DEVELOPMENT_KEY if LOCAL else "")
SECRET_KEY_FALLBACKS = _listed("DJANGO_SECRET_KEY_FALLBACKS")
ALLOWED_HOSTS = _listed("DJANGO_ALLOWED_HOSTS") or (["127.0.0.1", "localhost", "[::1]"] if LOCAL else [])
if not LOCAL and any(len(key) < 50 or key == DEVELOPMENT_KEY for key in (SECRET_KEY, *SECRET_KEY_FALLBACKS)):
    raise ImproperlyConfigured(
        "Set DJANGO_SECRET_KEY, and each of DJANGO_SECRET_KEY_FALLBACKS, to 50 random characters or more (or DJANGO_LOCAL=1 on your own machine)."
    )
if not LOCAL and (not ALLOWED_HOSTS or "*" in ALLOWED_HOSTS):
    raise ImproperlyConfigured("Set DJANGO_ALLOWED_HOSTS to the site's host names, separated by commas. With * any name would be believed.")
if not LOCAL and not os.environ.get("DATABASE_URL"):
    raise ImproperlyConfigured("Set DATABASE_URL to the database, such as sqlite:////srv/prescreen/db.sqlite3.")

INSTALLED_APPS = [
    "prescreen",
    "trials",
    "crispy_forms",
    "csp",
    "simple_history",
    "import_export",
    "axes",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "trials.signin.apps.DeskAdminConfig",  # django.contrib.admin with our sign-in
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "prescreen.doors.request_log.RequestLog",
    # The headers come before all that can answer: refusals, redirects and static files have them too.
    "prescreen.doors.headers.Headers",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "prescreen.doors.sizes.Sizes",
    "prescreen.charset.Utf8Alone",
    "django.middleware.gzip.GZipMiddleware",  # no page with answers repeats what an address says, and padding at random hides lengths
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "prescreen.doors.rate_limits.RateLimits",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",  # who changed a record
    "prescreen.doors.desk_audit.DeskRefusals",
    "axes.middleware.AxesMiddleware",
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
    DATABASES["default"]["OPTIONS"] = sqlite.options()
elif DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
    # A server that does not answer must not hold up pages that are served from memory. Seconds; milliseconds.
    DATABASES["default"]["OPTIONS"] = {"connect_timeout": 5, "tcp_user_timeout": 10_000} | DATABASES["default"].get("OPTIONS", {})
for _number, _url in enumerate(_listed("REPLICA_URLS"), 1):
    DATABASES[f"replica{_number}"] = dj_database_url.parse(_url, conn_max_age=None, conn_health_checks=True) | {"TEST": {"MIRROR": "default"}}
    DATABASES[f"replica{_number}"].setdefault("OPTIONS", {}).update(connect_timeout=2, tcp_user_timeout=2000)  # seconds; milliseconds
    DATABASE_ROUTERS = ["prescreen.replicas.Router"]
if not LOCAL and os.environ.get("DATABASE_LINE_IS_PRIVATE") != "1" and not all(is_guarded(database, os.environ) for database in DATABASES.values()):
    raise ImproperlyConfigured(
        "DATABASE_URL or REPLICA_URLS names a database on another machine. Add ?sslmode=verify-full to its address, or set DATABASE_LINE_IS_PRIVATE=1 "
        "where nobody else can listen on the line (see docs/deploy.md)."
    )
if len(DATABASES) > 1:
    MIDDLEWARE.append("prescreen.replicas.PatientsPages")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_PASSWORD_VALIDATORS = [  # each refuses some that the others take
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 15}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "trials.signin.guessing.GuessingValidator"},
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher", "django.contrib.auth.hashers.PBKDF2PasswordHasher"]  # new ones by the first

# Signing in at the desk: see trials.signin and docs/adr/0012.
AUTHENTICATION_BACKENDS = ["trials.signin.lockout.Backend", "django.contrib.auth.backends.ModelBackend"]
SECOND_STEP_REQUIRED = not LOCAL or os.environ.get("DJANGO_SECOND_STEP") == "1"
SESSION_ENGINE = "trials.signin.sessions"
SESSION_COOKIE_AGE = 8 * 60 * 60  # seconds after which a session's row may be cleared away
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
OTP_TOTP_ISSUER = "Gene Therapy Trial Finder"
AXES_HANDLER = "trials.signin.lockout.Handler"
AXES_LOCKOUT_CALLABLE = "trials.signin.lockout.locked_out"
AXES_CLIENT_IP_CALLABLE = "prescreen.client_address.client_address"
AXES_USERNAME_CALLABLE = "trials.signin.lockout.name_as_counted"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
AXES_DISABLE_ACCESS_LOG = True  # the audit trail tells who signed in
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "code", "current_code", "csrfmiddlewaretoken"]  # masked where axes stores what was sent
AXES_ENABLE_ADMIN = AXES_VERBOSE = False


def _index_folder(database: dict) -> Path:
    if database["ENGINE"] == "django.db.backends.sqlite3":
        return Path(f"{database['NAME']}-index").absolute()
    named = hashlib.sha256("\0".join(str(database.get(part)) for part in ("HOST", "PORT", "NAME")).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"prescreen-index-{os.geteuid()}-{named}"


INDEX_FOLDER = Path(os.environ["INDEX_FOLDER"]).absolute() if os.environ.get("INDEX_FOLDER") else _index_folder(DATABASES["default"])
if os.environ.get("RATE_LIMITS_FILE"):
    RATE_LIMITS_FILE = Path(os.environ["RATE_LIMITS_FILE"]).absolute()
else:
    RATE_LIMITS_FILE = None if LOCAL else INDEX_FOLDER.with_name(f"{INDEX_FOLDER.name}-rate-limits.sqlite3")

REGISTRY_API = os.environ.get("REGISTRY_API", "https://clinicaltrials.gov/api/v2")
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000  # a trial with many sites is one large form; whole requests are limited by prescreen.doors.sizes
DATA_UPLOAD_MAX_NUMBER_FILES = 5

LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_TZ = True
LOCALE_PATHS = [BASE_DIR / "locale"]

STATIC_URL = "static/"
STATIC_ROOT = None if LOCAL else BASE_DIR / "staticfiles"
WHITENOISE_USE_FINDERS = LOCAL
WHITENOISE_ALLOW_ALL_ORIGINS = False
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage" if LOCAL else "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# The browser's rules. `same-origin` and not `no-referrer`: with the latter Chromium sends `Origin: null` and every POST is refused.
SECURE_REFERRER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not LOCAL
SECURE_HSTS_SECONDS = 0 if LOCAL else 63_072_000  # two years
SECURE_HSTS_INCLUDE_SUBDOMAINS = not LOCAL
SECURE_HSTS_PRELOAD = os.environ.get("DJANGO_HSTS_PRELOAD") == "1"
SILENCED_SYSTEM_CHECKS = [] if SECURE_HSTS_PRELOAD else ["security.W021"]  # whether to preload is the owner's choice: see docs/adr/0014
BEHIND_PROXY = os.environ.get("DJANGO_BEHIND_PROXY") == "1"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
try:
    TRUSTED_PROXIES = [ip_network(network) for network in _listed("DJANGO_TRUSTED_PROXIES") or (["127.0.0.0/8", "::1"] if BEHIND_PROXY else [])]
except ValueError as fault:
    raise ImproperlyConfigured(f"DJANGO_TRUSTED_PROXIES must list networks such as 10.0.0.0/8, separated by commas: {fault}") from None
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
# With the prefix a browser takes a cookie only from this very host, by HTTPS: no neighbor under the same domain can plant one.
_prefix = "" if LOCAL else "__Host-"
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME, ANSWERS_COOKIE_NAME = f"{_prefix}sessionid", f"{_prefix}csrftoken", f"{_prefix}answers"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # only the desk tells messages, and a cookie of theirs would have no prefix
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

if not DEBUG:
    DEFAULT_EXCEPTION_REPORTER = "prescreen.reports.BareReporter"  # Django's own would quote posted answers, for whoever has errors sent by e-mail
# Logs tell what went wrong and where, never with which values: see prescreen.logs.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"bare": {"()": "prescreen.logs.BareFormatter"}, "request": {"()": "prescreen.logs.RequestFormatter"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "bare"},
        "requests": {"class": "logging.StreamHandler", "formatter": "request", "stream": "ext://sys.stdout"},
    },
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
        "axes": {"level": "ERROR"},  # its warnings hold addresses
        "prescreen.requests": {"handlers": ["requests"], "level": "WARNING" if LOCAL else "INFO", "propagate": False},
    },
}
