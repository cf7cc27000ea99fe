"""The web's doors."""

from .breakage import Breakage

SETTINGS, HEADERS, SIZES = "prescreen/settings.py", "prescreen/doors/headers.py", "prescreen/doors/sizes.py"
GRADED, LIMITS, RATES, PROXY, SMUGGLING = (
    f"tests/integration/test_{name}.py" for name in ("headers_production", "limits", "rate_limits", "proxy", "smuggling")
)
RATE_LIMITS, STARTING = "prescreen/doors/rate_limits.py", "tests/integration/test_production_settings.py"
PROXY_HTTPS, PROXY_LOGS = "tests/integration/test_proxy_https.py", "tests/integration/test_proxy_logs.py"
SITE, HTTPS = "deploy/nginx/site.conf", "deploy/nginx/https.conf"
LINE = "tests/unit/test_database_line.py"

BROKEN = (
    Breakage(
        "nothing is loaded but what is named",
        SETTINGS,
        '"default-src": [NONE],',
        '"default-src": [SELF],',
        "tests/integration/test_headers_and_public_pages.py -k forbids",
    ),
    Breakage(
        "no code stands in a page",
        SETTINGS,
        '"script-src": [SELF]',
        '"script-src": [SELF, "\'unsafe-inline\'"]',
        "tests/integration/test_headers_and_public_pages.py -k forbids",
    ),
    Breakage("no page is shown in a frame", SETTINGS, '        "frame-ancestors": [NONE],\n', "", f"{GRADED} -k a_plus"),
    Breakage("HTTPS alone is asked for, for two years", SETTINGS, "63_072_000", "3_600", f"{GRADED} -k two_years"),
    Breakage("texts name their charset", HEADERS, 'and "charset=" not in kind', "and not kind", f"{GRADED} -k names_its_kind"),
    Breakage("a page asks nothing of the device", HEADERS, '"Permissions-Policy": ', '"X-Permissions": ', f"{GRADED} -k device"),
    Breakage("a cookie belongs to this host alone", SETTINGS, 'else "__Host-"', 'else ""', f"{GRADED} -k cookie"),
    Breakage("a body has an end", SIZES, "if int(length) > LARGEST_BODY and", "if False and", f"{LIMITS} -k 'body or large'"),
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
    Breakage("signing in has a rate", RATE_LIMITS, '    "admin:login": Limit(200),\n', "", f"{RATES} -k decided"),
    Breakage("opening a paper has a rate", RATE_LIMITS, '    "reopen": Limit(300),\n', "", f"{RATES} -k decided"),
    Breakage("imports have a rate", RATE_LIMITS, '    "admin:trials_trial_import": Limit(60),\n', "", f"{RATES} -k decided"),
    Breakage(
        "each form of a patient needs the token",
        "prescreen/urls.py",
        '"screening/compare/", outcome.compare',
        '"screening/compare/", exits.csrf_exempt(outcome.compare)',
        "tests/integration/test_form_tokens.py",
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
    Breakage("by plain HTTP programs are refused", HTTPS, "return 403;", "return 308 https://$host$request_uri;", f"{PROXY_HTTPS} -k plain_http"),
    Breakage("by plain HTTP people are sent on", HTTPS, "return 308 https://$host$request_uri;", "return 403;", f"{PROXY_HTTPS} -k plain_http"),
    Breakage("nginx names nobody when connections run out", SITE, "/dev/null emerg", "/var/log/nginx/prescreen.log crit", f"{PROXY_LOGS} -k connections"),
    Breakage("nginx names nobody when memory runs out", SITE, "/dev/null emerg", "/var/log/nginx/prescreen.log emerg", f"{PROXY_LOGS} -k memory"),
    Breakage("nginx names nobody whom it refuses", SITE, "error_log /dev/null emerg;\n", "", f"{PROXY_LOGS} -k refused"),
    Breakage("nginx names nobody who comes by plain HTTP", HTTPS, "    error_log /dev/null emerg;\n", "", f"{PROXY_LOGS} -k refused"),
    Breakage("nginx keeps no log of visitors", SITE, "access_log off;", "", f"{PROXY_LOGS} -k goes_well"),
    Breakage("nginx keeps no log of visitors by plain HTTP", HTTPS, "    access_log off;\n", "", f"{PROXY_LOGS} -k refused"),
    Breakage("nginx gives up a slow head", SITE, "client_header_timeout 10s;", "", f"{PROXY} -k never_finish"),
    Breakage("nginx gives up a slow form", SITE, "client_body_timeout 10s;", "", f"{PROXY} -k never_finish"),
    Breakage("nginx lets large files through to the desk", SITE, "client_max_body_size 21m;", "", f"{PROXY} -k arrives"),
    Breakage("nginx lets no larger files through", SITE, "client_max_body_size 21m;", "client_max_body_size 0;", f"{PROXY} -k arrives"),
    Breakage("an address has 100 connections", SITE, "limit_conn prescreen_clients 100;", "", f"{PROXY} -k 100_connections"),
    Breakage("an address has no fewer connections than 100", SITE, "prescreen_clients 100;", "prescreen_clients 99;", f"{PROXY} -k 100_connections"),
    Breakage("a connection too many is told so", SITE, "limit_conn_status 429;", "", f"{PROXY} -k 100_connections"),
    Breakage("nginx drops names with an underscore", SITE, "underscores_in_headers off;", "underscores_in_headers on;", f"{PROXY} -k made_up"),
    Breakage("an import may take five minutes", SITE, "proxy_read_timeout 300s;", "", f"{PROXY} -k five"),
    Breakage("nginx tells no version", SITE, "server_tokens off;", "", f"{PROXY_HTTPS} -k told_host"),
    Breakage("the server is told the host", SITE, "proxy_set_header Host $host;", "", f"{PROXY_HTTPS} -k told_host"),
    Breakage("the server is told that it was HTTPS", SITE, "proxy_set_header X-Forwarded-Proto $scheme;", "", f"{PROXY_HTTPS} -k told_host"),
    Breakage("nginx keeps its connections to the server", SITE, 'proxy_set_header Connection "";', "", f"{PROXY_HTTPS} -k told_host"),
    Breakage("the server is asked by HTTP 1.1", SITE, "proxy_http_version 1.1;", "", f"{PROXY_HTTPS} -k told_host"),
    Breakage("the desk has a server of its own", SITE, "proxy_pass http://prescreen_desk;", "proxy_pass http://prescreen_patients;", f"{PROXY} -k busy_desk"),
    Breakage("old TLS is refused", HTTPS, "ssl_protocols TLSv1.2", "ssl_protocols TLSv1 TLSv1.1 TLSv1.2", f"{PROXY_HTTPS} -k too_old"),
    Breakage("TLS 1.3 is taken", HTTPS, "ssl_protocols TLSv1.2 TLSv1.3;", "ssl_protocols TLSv1.2;", f"{PROXY_HTTPS} -k new_enough"),
    Breakage("weak methods of TLS are refused", HTTPS, "ssl_ciphers ECDHE-ECDSA-AES128", "ssl_ciphers ALL:ECDHE-ECDSA-AES128", f"{PROXY_HTTPS} -k weak"),
    Breakage("the server is told one end of a message", SITE, "proxy_request_buffering on", "proxy_request_buffering off", f"{SMUGGLING} -k counted"),
)
