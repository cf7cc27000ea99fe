"""The web's doors."""

from .breakage import Breakage

SETTINGS, HEADERS, SIZES = "prescreen/settings.py", "prescreen/doors/headers.py", "prescreen/doors/sizes.py"
GRADED, LIMITS, RATES, PROXY, SMUGGLING = (
    f"tests/integration/test_{name}.py" for name in ("headers_production", "limits", "rate_limits", "proxy", "smuggling")
)
RATE_LIMITS, STARTING = "prescreen/doors/rate_limits.py", "tests/integration/test_production_settings.py"
SITE, HTTPS = "deploy/nginx/site.conf", "deploy/nginx/https.conf"
LINE = "tests/unit/test_database_line.py"
PUBLIC = "tests/integration/test_headers_and_public_pages.py"

BROKEN = (
    Breakage(
        "nothing is loaded but what is named",
        SETTINGS,
        '"default-src": [NONE],',
        '"default-src": [SELF],',
        f"{PUBLIC} -k forbids",
    ),
    Breakage(
        "no code stands in a page",
        SETTINGS,
        '"script-src": [SELF]',
        '"script-src": [SELF, "\'unsafe-inline\'"]',
        f"{PUBLIC} -k forbids",
    ),
    Breakage("no page is shown in a frame", SETTINGS, '        "frame-ancestors": [NONE],\n', "", f"{GRADED} -k a_plus"),
    Breakage(
        "no browser guesses the kind of an answer",
        SETTINGS,
        'SECURE_REFERRER_POLICY = "same-origin"',
        'SECURE_CONTENT_TYPE_NOSNIFF, SECURE_REFERRER_POLICY = False, "same-origin"',
        f"{PUBLIC} -k forbids",
    ),
    Breakage(
        "no other site learns where a reader comes from",
        SETTINGS,
        'SECURE_REFERRER_POLICY = "same-origin"',
        'SECURE_REFERRER_POLICY = "origin"',
        f"{PUBLIC} -k forbids",
    ),
    Breakage(
        "no page of another site keeps hold of a window of ours",
        SETTINGS,
        'SECURE_REFERRER_POLICY = "same-origin"',
        'SECURE_CROSS_ORIGIN_OPENER_POLICY, SECURE_REFERRER_POLICY = "unsafe-none", "same-origin"',
        f"{GRADED} -k closed_to_other_sites",
    ),
    Breakage(
        "no other site shows what is ours",
        HEADERS,
        '"Cross-Origin-Resource-Policy": "same-origin"',
        '"Cross-Origin-Resource-Policy": "cross-origin"',
        f"{GRADED} -k closed_to_other_sites",
    ),
    Breakage("no page of ours shows what another site did not offer", HEADERS, '"require-corp"', '"unsafe-none"', f"{GRADED} -k closed_to_other_sites"),
    Breakage("HTTPS alone is asked for, for two years", SETTINGS, "63_072_000", "3_600", f"{GRADED} -k two_years"),
    Breakage("texts name their charset", HEADERS, 'and "charset=" not in kind', "and not kind", f"{GRADED} -k names_its_kind"),
    Breakage("a page asks nothing of the device", HEADERS, '"Permissions-Policy": ', '"X-Permissions": ', f"{GRADED} -k device"),
    Breakage("a cookie belongs to this host alone", SETTINGS, 'else "__Host-"', 'else ""', f"{GRADED} -k cookie"),
    Breakage("a body has an end", SIZES, "if int(length) > LARGEST_BODY and", "if False and", f"{LIMITS} -k 'body or large'"),
    Breakage("a body for everybody's pages has half a megabyte", SIZES, "LARGEST_BODY = 500_000", "LARGEST_BODY = 5_000_000", f"{LIMITS} -k refusal_leaves"),
    Breakage("a body for the desk has an end", SIZES, "in UPLOAD_ROUTES else LARGEST_DESK_BODY", "in UPLOAD_ROUTES else 10**12", f"{LIMITS} -k desk_has_one"),
    Breakage("a file for the desk has an end", SIZES, "largest = LARGEST_UPLOAD if", "largest = 10**12 if", f"{LIMITS} -k desk_has_one"),
    Breakage("a form has an end", SETTINGS, "MAX_NUMBER_FIELDS = 20_000", "MAX_NUMBER_FIELDS = 30_000", f"{LIMITS} -k form_has_an_end"),
    Breakage("a form has few files", SETTINGS, "MAX_NUMBER_FILES = 5", "MAX_NUMBER_FILES = 6", f"{LIMITS} -k files_that_nobody"),
    Breakage("an address has an end", SIZES, "LONGEST_ADDRESS = 4_000", "LONGEST_ADDRESS = 40_000", f"{LIMITS} -k address"),
    Breakage(
        "any host is not believed", SETTINGS, 'if not LOCAL and (not ALLOWED_HOSTS or "*" in ALLOWED_HOSTS):', "if not LOCAL and not ALLOWED_HOSTS:", STARTING
    ),
    Breakage("a server does not start with a short secret", SETTINGS, "len(key) < 50 or", "", STARTING),
    Breakage(
        "a server shows no pages of debugging",
        SETTINGS,
        'DEBUG = LOCAL and os.environ.get("DJANGO_DEBUG") == "1"',
        'DEBUG = os.environ.get("DJANGO_DEBUG") == "1"',
        STARTING,
    ),
    Breakage(
        "a hop that the client made up is not believed",
        "prescreen/client_address.py",
        "in reversed(request.META",
        "in (request.META",
        f"tests/integration/test_client_address.py {RATES} -k 'hop or proxy'",
    ),
    Breakage("papers have a rate", RATE_LIMITS, "if times > limit.times else", "if times < 0 else", f"{RATES} -k 'clinic or each'"),
    Breakage(
        "the counts hold no address",
        RATE_LIMITS,
        'salted_hmac(f"prescreen.doors {day}", f"{LIMITS[route].together or route} {client_address(request)}", algorithm="sha256").hexdigest()[:32]',
        "client_address(request)",
        f"{RATES} -k 'address'",
    ),
    Breakage("results have a rate", RATE_LIMITS, "COSTLY = Limit(360,", "COSTLY = Limit(361,", f"{RATES} -k one_count"),
    Breakage("a clinic never meets the rate of results", RATE_LIMITS, "COSTLY = Limit(360,", "COSTLY = Limit(299,", f"{RATES} -k never_meets"),
    Breakage("searches count with results", RATE_LIMITS, '    "question": COSTLY._replace(methods=("POST",), field="words"),\n', "", f"{RATES} -k one_count"),
    Breakage("answers do not count as searches", RATE_LIMITS, "if limit.field and", "if False and", f"{RATES} -k one_count"),
    Breakage(
        "the public listing has a rate",
        RATE_LIMITS,
        '"trials": Limit(360, seconds=60, methods=READ, anybody=True)',
        '"trials": Limit(360)',
        f"{RATES} -k lists",
    ),
    Breakage("the paper as data has a rate", RATE_LIMITS, '    "summary_json": Limit(300, methods=READ),\n', "", f"{RATES} -k lists"),
    Breakage(
        "a database elsewhere is reached with its certificate checked",
        "prescreen/database_line.py",
        'asked.get("sslmode") == GUARDED',
        'asked.get("sslmode", "").startswith("verify")',
        LINE,
    ),
    Breakage("a database elsewhere needs TLS whatever names it", "prescreen/database_line.py", 'asked.get("hostaddr")', 'asked.get("")', LINE),
    Breakage(
        "a server without TLS to its database does not start",
        SETTINGS,
        " and not all(is_guarded(database, os.environ) for database in DATABASES.values())",
        " and False",
        f"{STARTING} -k lacks_something",
    ),
    Breakage(
        "a form of another site is refused",
        SETTINGS,
        '    "django.middleware.csrf.CsrfViewMiddleware",\n',
        "",
        "tests/integration/test_rate_limits.py -k foreign",
    ),
    Breakage(
        "a title is text and no markup",
        "templates/trials/detail.html",
        "<h1>{{ trial.title }}</h1>",
        "<h1>{{ trial.title|safe }}</h1>",
        "tests/integration/test_hostile_text.py -k page_of_a_patient",
    ),
    Breakage(
        "signs that nobody sees come in with no record",
        "trials/texts.py",
        "    (0x202A, 0x202E),\n",
        "",
        "tests/integration/test_hostile_text.py -k 'record or file or form'",
    ),
    Breakage("behind nginx slow senders hold up nobody", SITE, "proxy_request_buffering on", "proxy_request_buffering off", f"{PROXY} -k never_finish"),
    Breakage(
        "behind nginx a made-up address dodges no limit", SITE, "X-Forwarded-For $remote_addr", "X-Forwarded-For $http_x_forwarded_for", f"{PROXY} -k made_up"
    ),
    Breakage("nginx writes no answer to a disk", SITE, "client_body_buffer_size 512k;", "", f"{PROXY} -k disk"),
    Breakage("nginx's own refusals name their charset", SITE, "charset utf-8;", "", f"{PROXY} -k trace"),
    Breakage("by plain HTTP programs are refused", HTTPS, "return 403;", "return 308 https://$host$request_uri;", f"{PROXY} -k plain_http"),
    Breakage("by plain HTTP people are sent on", HTTPS, "return 308 https://$host$request_uri;", "return 403;", f"{PROXY} -k plain_http"),
    Breakage("the server is told one end of a message", SITE, "proxy_request_buffering on", "proxy_request_buffering off", f"{SMUGGLING} -k counted"),
)
