"""The secrets of patients."""

from .breakage import Breakage

ANSWERS, EXITS, LOGS = "prescreen/answers.py", "prescreen/views/exits.py", "prescreen/logs.py"
COOKIE, ATTACKS, PRIVACY = (f"tests/integration/test_{name}.py" for name in ("answers_cookie", "cookie_attacks", "privacy"))
HUNTED = "tests/integration/test_leaks.py -k"
LEAKS = f"{HUNTED} TestNoTrace"
CODE, ON_PAPER, REOPENED = "prescreen/paper_code.py", "tests/integration/test_paper_code.py", "tests/integration/test_reopen.py"
REOPEN, OPENED = "prescreen/views/reopen.py", "    page = reopening.build("
QUESTION, ANSWERED = "prescreen/views/question.py", "    return answers.keep(response, after.to_keep)"


def _leak(statements: str) -> str:
    """The end of the view that takes an answer, with a leak before it."""
    return f'    said = request.POST.get("answer", "")\n{statements}\n{ANSWERED}'


BROKEN = (
    Breakage("no script reads the answers' cookie", ANSWERS, "httponly=True", "httponly=False", f"{COOKIE} -k out_of_reach"),
    Breakage(
        "no other site sends the answers' cookie",
        ANSWERS,
        'sealed, httponly=True, samesite="Lax"',
        'sealed, httponly=True, samesite="None"',
        f"{COOKIE} -k out_of_reach",
    ),
    Breakage("answers are read for twelve hours", ANSWERS, "LIFETIME = 12 * 60 * 60", "LIFETIME = 13 * 60 * 60", f"{COOKIE} -k twelve_hours"),
    Breakage(
        "a cookie replayed after its time is refused",
        ANSWERS,
        "            raise Unreadable\n        return unpack",
        "            pass\n        return unpack",
        f"{ATTACKS} -k after_its_time",
    ),
    Breakage("a cookie is read and sealed by the key of its purpose", ANSWERS, "info=purpose.encode()", 'info=b""', f"{ATTACKS} {COOKIE}"),
    Breakage("earlier keys open open screenings", ANSWERS, ", *settings.SECRET_KEY_FALLBACKS)", ")", f"{ATTACKS} -k TestKeys"),
    Breakage(
        "earlier keys are read from the environment",
        "prescreen/settings.py",
        'SECRET_KEY_FALLBACKS = _listed("DJANGO_SECRET_KEY_FALLBACKS")',
        "SECRET_KEY_FALLBACKS = []",
        "tests/integration/test_key_rotation.py",
    ),
    Breakage("a cookie is no larger than browsers keep", ANSWERS, "MOST_BYTES = 4_096", "MOST_BYTES = 8_192", "tests/integration/test_answers_room.py"),
    Breakage(
        "who leaves takes the answers along",
        EXITS,
        "    return answers.forget(response)",
        "    return response",
        "tests/integration/test_patient_path.py -k clear_the_cookie",
    ),
    Breakage(
        "leaving clears what the browser kept",
        EXITS,
        '    response["Clear-Site-Data"] = CLEARED\n',
        "",
        "tests/journeys/test_leaving.py -k five_times",
    ),
    Breakage(
        "the log quotes no message of others",
        LOGS,
        'if ours and isinstance(record.msg, str) else f"logged at {record.module}.{record.funcName}"',
        "if ours else record.getMessage()",
        f"{PRIVACY} -k 'log or fault'",
    ),
    Breakage("of an error the log tells only its kind", LOGS, "{record.exc_info[0].__name__}", "{record.exc_info[1]!r}", f"{PRIVACY} -k fault"),
    Breakage(
        "a request's line holds four things",
        "prescreen/doors/request_log.py",
        '"ms": spent}',
        '"ms": spent, "path": request.path}',
        "tests/integration/test_request_log.py",
    ),
    Breakage(
        "an error report quotes nothing",
        "prescreen/reports.py",
        '[f"{named} ({method})"',
        '[f"{named} {self.exc_value} {self.request and self.request.POST} ({method})"',
        LEAKS,
    ),
    Breakage("no answer is in an address", QUESTION, ANSWERED, _leak('    response["Location"] += f"?said={said}"'), f"{PRIVACY} -k address"),
    Breakage(
        "no answer is in a cache",
        QUESTION,
        ANSWERED,
        _leak('    from django.core.cache import cache\n    cache.set("said-" + key, said)'),
        f"{PRIVACY} -k cache",
    ),
    Breakage(
        "no answer is in a file",
        QUESTION,
        ANSWERED,
        _leak('    import tempfile\n    with tempfile.NamedTemporaryFile("w", delete=False) as file:\n        file.write(said)'),
        f"{PRIVACY} -k file",
    ),
    Breakage(
        "no answer is in the database's file, WAL or journal",
        QUESTION,
        ANSWERED,
        _leak(
            '    from django.db import connection\n    with connection.cursor() as cursor:\n        if "." in said:\n'
            '            cursor.execute("PRAGMA secure_delete=OFF")\n'
            "            cursor.execute(\"INSERT INTO django_session VALUES ('x', %s, '2026-01-01')\", [said])\n"
            '            cursor.execute("DELETE FROM django_session")'
        ),
        f"{HUNTED} 'no_place and WAL'",
    ),
    Breakage(
        "no data of a PDF hold an answer",
        "prescreen/paper/summary.typ",
        "#set document(title: outside,",
        "#set document(title: outside, keywords: (sys.inputs.data,),",
        f"{HUNTED} a_pdf_tells",
    ),
    Breakage(
        "a paper opened again is in no row",
        REOPEN,
        OPENED,
        f'    request.session["paper"] = code\n{OPENED}',
        f"{REOPENED} -k nothing_is_stored",
    ),
    Breakage(
        "a paper opened again is in no log",
        REOPEN,
        OPENED,
        f'    __import__("logging").getLogger("prescreen.views").warning(code)\n{OPENED}',
        f"{REOPENED} -k nothing_is_logged",
    ),
    Breakage("a paper's code opens for 90 days", CODE, "DAYS = 90", "DAYS = 91", f"{ON_PAPER} -k '90_days or not_open_after'"),
    Breakage("a paper's code ends with its last day", CODE, "LIFETIME = (DAYS + 1) *", "LIFETIME = (DAYS + 2) *", f"{ON_PAPER} -k not_open_after"),
    Breakage("a paper's code opens with this site's key alone", ANSWERS, ".derive(secret.encode())", '.derive(b"")', f"{ON_PAPER} -k another_site"),
    Breakage(
        "a small cookie takes little memory",
        ANSWERS,
        "unpacker.decompress(packed[1:], LARGEST_CONTENT)",
        "unpacker.decompress(packed[1:])",
        f"{ATTACKS} -k memory",
    ),
    Breakage("no answer is in a session's row", QUESTION, ANSWERED, _leak('    request.session["said"] = said'), f"{PRIVACY} -k row"),
    Breakage(
        "a page with answers is kept by no cache",
        "prescreen/doors/headers.py",
        "no_store=True, private=True",
        "private=True",
        "tests/integration/test_headers_and_public_pages.py -k cache",
    ),
    Breakage(
        "a page with answers is found by no search engine",
        "prescreen/doors/headers.py",
        '            response["X-Robots-Tag"] = "noindex"\n',
        "",
        "tests/integration/test_headers_and_public_pages.py -k cache",
    ),
    Breakage(
        "no memory of a worker is dumped",
        "prescreen/wsgi.py",
        "resource.setrlimit(resource.RLIMIT_CORE, (0, _most))",
        "None",
        "tests/integration/test_no_dumps.py",
    ),
    Breakage("no request holds the site's secrets", "prescreen/wsgi.py", "        environ.pop(name, None)", "        pass", "tests/integration/test_wsgi.py"),
)
