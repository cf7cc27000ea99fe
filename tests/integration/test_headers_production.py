"""What a server sends with every page there is, with the settings of a server; graded by the rules of Mozilla's HTTP Observatory."""

import json
import re

import pytest

from prescreen.doors.headers import CLOSED_FEATURES

from . import production

pytestmark = pytest.mark.own_database

BASELINE, LEAST_FOR_BONUS, A_PLUS = 100, 90, 100
SCORES = {
    "csp: default-src 'none', nothing unsafe": 10,
    "csp: nothing unsafe": 5,
    "csp: unsafe styles": 0,
    "csp: unsafe-eval": -10,
    "csp: unsafe-inline, data: or broad sources": -20,
    "csp: none": -25,
    "cookies: none": 0,
    "cookies: Secure, HttpOnly, SameSite": 5,
    "cookies: Secure, HttpOnly": 0,
    "cookies: not Secure": -20,
    "cookies: a session not HttpOnly": -30,
    "cors: closed": 0,
    "cors: open": -50,
    "referrer: private": 5,
    "referrer: none": 0,
    "referrer: unsafe": -5,
    "hsts: six months or more": 0,
    "hsts: shorter": -10,
    "hsts: none": -20,
    "scripts: none, or of this site": 0,
    "scripts: foreign": -5,
    "nosniff: yes": 0,
    "nosniff: no": -5,
    "frames: by CSP": 5,
    "frames: by X-Frame-Options": 0,
    "frames: open": -20,
    "corp: same origin or site": 10,
    "corp: none": 0,
}
"""Points by finding. Source: github.com/mdn/mdn-http-observatory, src/grader/charts.js (SCORE_TABLE, GRADE_CHART, MINIMUM_SCORE_FOR_EXTRA_CREDIT) and
src/analyzer/tests/, read on 2026-11-23, under shorter names. Bonus points count from 90 points on; A+ is 100 points or more. Where several findings are
alike here (an open CORS is taken at its worst), the harder one stands. Redirection is a test of its own below."""
SIX_MONTHS = 15_768_000
BROAD = {"*", "http:", "https:", "ftp:"}


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Every page by name."""
    folder = tmp_path_factory.mktemp("production")
    production.visit(folder)
    return json.loads((folder / "pages.json").read_text())


def policy_of(headers: dict) -> dict[str, set[str]]:
    """The content security policy: directive -> sources."""
    parts = [part.split() for part in headers.get("content-security-policy", "").split(";") if part.strip()]
    return {name: set(sources) for name, *sources in parts}


def findings(page: dict) -> list[str]:
    """What the Observatory's tests find on a page."""
    headers = page["headers"]
    return [
        _csp(policy_of(headers)),
        _cookies(page["cookies"]),
        "cors: open" if "access-control-allow-origin" in headers else "cors: closed",
        _referrer(headers.get("referrer-policy")),
        _hsts(headers.get("strict-transport-security", "")),
        "scripts: none, or of this site" if all(re.match(r"/(?!/)", script) for script in page["scripts"]) else "scripts: foreign",
        "nosniff: yes" if headers.get("x-content-type-options") == "nosniff" else "nosniff: no",
        _frames(headers),
        "corp: same origin or site" if headers.get("cross-origin-resource-policy") in ("same-origin", "same-site") else "corp: none",
    ]


def _csp(policy: dict[str, set[str]]) -> str:
    default = policy.get("default-src", {"*"})
    scripts, styles, objects = (policy.get(name, default) for name in ("script-src", "style-src", "object-src"))
    if not policy:
        return "csp: none"
    if scripts & (BROAD | {"'unsafe-inline'", "data:"}) or objects & BROAD:
        return "csp: unsafe-inline, data: or broad sources"
    if "'unsafe-eval'" in scripts | styles:
        return "csp: unsafe-eval"
    if styles & (BROAD | {"'unsafe-inline'", "data:"}):
        return "csp: unsafe styles"
    return "csp: default-src 'none', nothing unsafe" if default == {"'none'"} else "csp: nothing unsafe"


def _cookies(cookies: list[str]) -> str:
    if not cookies:
        return "cookies: none"
    if not all("; Secure" in cookie for cookie in cookies):
        return "cookies: not Secure"
    if not all("; HttpOnly" in cookie for cookie in cookies if "sess" in cookie.split("=")[0]):
        return "cookies: a session not HttpOnly"
    return "cookies: Secure, HttpOnly, SameSite" if all(re.search("; SameSite=(Lax|Strict)", cookie) for cookie in cookies) else "cookies: Secure, HttpOnly"


def _referrer(policy: str | None) -> str:
    private = ("no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin")
    return "referrer: none" if policy is None else "referrer: private" if policy in private else "referrer: unsafe"


def _hsts(header: str) -> str:
    age = re.search(r"max-age=(\d+)", header)
    return "hsts: none" if not age else "hsts: six months or more" if int(age[1]) >= SIX_MONTHS else "hsts: shorter"


def _frames(headers: dict) -> str:
    if not policy_of(headers).get("frame-ancestors", {"*"}) & BROAD:
        return "frames: by CSP"
    return "frames: by X-Frame-Options" if headers.get("x-frame-options") in ("DENY", "SAMEORIGIN") else "frames: open"


def score(page: dict) -> int:
    """The page's points."""
    points = [SCORES[finding] for finding in findings(page)]
    without_bonus = BASELINE + sum(point for point in points if point < 0)
    return without_bonus + sum(point for point in points if point > 0) if without_bonus >= LEAST_FOR_BONUS else without_bonus


def secure(pages: dict) -> dict:
    """The pages that came by HTTPS."""
    return {name: page for name, page in pages.items() if name != "plain HTTP"}


def test_every_page_is_graded_a_plus(pages, record_property):
    scores = {name: score(page) for name, page in secure(pages).items()}
    record_property("pages graded", len(scores))
    record_property("lowest score", min(scores.values()))
    assert {name: points for name, points in scores.items() if points < A_PLUS} == {}
    assert min(scores.values()) == 130, "all that can be had without subresource integrity and a place on the preload list"
    assert scores["public /reopen/"] == 135, "and 5 more where a cookie is set"


BROKEN = {
    "no policy": ({"content-security-policy": None}, 100 - 25 - 20),
    "inline scripts": ({"content-security-policy": "default-src 'none'; script-src 'self' 'unsafe-inline'; frame-ancestors 'none'"}, 80),
    "no HSTS": ({"strict-transport-security": None}, 80),
    "a month of HSTS": ({"strict-transport-security": "max-age=2592000"}, 90 + 30),
    "sniffing": ({"x-content-type-options": None}, 95 + 30),
    "frames": ({"content-security-policy": "default-src 'none'", "x-frame-options": None}, 80),
    "a leaking referrer": ({"referrer-policy": "unsafe-url"}, 95 + 25),
    "no CORP": ({"cross-origin-resource-policy": None}, 120),
    "open to other sites": ({"access-control-allow-origin": "*"}, 50),
}


@pytest.mark.parametrize(("changes", "points"), BROKEN.values(), ids=BROKEN.keys())
def test_the_grading_sees_what_is_missing(changes, points, pages):
    page = pages["public /trials/"]
    headers = {name: value for name, value in (page["headers"] | changes).items() if value is not None}
    if changes.get("content-security-policy", "") is None:
        headers.pop("x-frame-options")
    assert score(page | {"headers": headers, "cookies": []}) == points


def test_pages_of_every_kind_were_visited(pages):
    statuses = {name: page["status"] for name, page in pages.items()}
    wanted = {str(status): status for status in (400, 403, 404, 405, 413, 414, 429, 500)}
    assert {name: statuses[name] for name in wanted} == wanted
    patients = {name: status for name, status in statuses.items() if name.startswith(("public", "patient"))}
    assert set(patients.values()) == {200}, patients
    desk = [name for name, status in statuses.items() if name.startswith("desk") and status == 200]
    assert len(desk) > 30
    assert {"desk trials_trial_import", "desk trials_criterion_import", "desk trials_trial_history", "desk trials_trial_change"} <= set(desk)


def test_every_page_is_closed_to_other_sites_and_to_the_device(pages):
    for name, page in pages.items():
        headers = page["headers"]
        assert headers["cross-origin-opener-policy"] == "same-origin", name
        assert headers["cross-origin-resource-policy"] == "same-origin", name
        assert headers["cross-origin-embedder-policy"] == "require-corp", name
        assert headers["x-frame-options"] == "DENY", name
        assert headers["referrer-policy"] == "same-origin", name
        assert headers["permissions-policy"] == ", ".join(f"{feature}=()" for feature in CLOSED_FEATURES), name
        policy = policy_of(headers)
        assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == {"'none'"}, name
        assert policy["form-action"] == policy["script-src"] == policy["style-src"] == {"'self'"}, name


def test_no_kind_is_guessed_and_files_with_answers_are_downloaded(pages):
    assert {page["headers"].get("x-content-type-options") for page in pages.values()} == {"nosniff"}
    files = {name: pages[name]["headers"].get("content-disposition", "") for name in ("patient /screening/summary.pdf", "patient /screening/summary.json")}
    assert [name for name, told in files.items() if not told.startswith("attachment; ")] == []


def unnamed(kinds: dict[str, str]) -> dict[str, str]:
    """Of these Content-Types the ones that name no kind, or are a text without its charset."""
    named = re.compile(r"(?!text/)[a-z]+/(?![^;]*xml)[a-z.-]+|[a-z]+/[a-z+.-]+; charset=utf-8")
    return {name: kind for name, kind in kinds.items() if not named.fullmatch(kind.replace('"', ""))}


def test_every_page_names_its_kind_and_texts_their_charset(pages):
    answered = {name: page for name, page in pages.items() if not 300 <= page["status"] < 400}
    assert {f"public {address}" for address in ("/", "/sitemap.xml", "/robots.txt", "/healthz")} <= answered.keys()
    assert unnamed({name: page["headers"].get("content-type", "") for name, page in answered.items()}) == {}


@pytest.mark.parametrize("kind", ["", "text", "text/plain", "text/csv; charset=latin-1", "application/xml", "image/svg+xml", "text/html; charset="])
def test_a_kind_that_is_missing_is_seen(kind):
    assert unnamed({"page": kind, "other": "application/pdf", "text": "text/csv; charset=utf-8"}) == {"page": kind}


def test_every_page_asks_for_https_for_two_years(pages):
    for name, page in secure(pages).items():
        assert page["headers"]["strict-transport-security"] == "max-age=63072000; includeSubDomains", name
    sent_on = pages["plain HTTP"]
    assert (sent_on["status"], sent_on["headers"]["location"]) == (301, f"https://{production.HOST}/screening/results/")


def test_only_what_is_the_same_for_everybody_may_be_kept_or_found(pages):
    public = {f"public {address}" for address in ("/trials/", "/trials/NCT10000001/", "/learn/", "/learn/words/", "/robots.txt", "/sitemap.xml")}
    for name, page in pages.items():
        headers = page["headers"]
        if name == "public /":
            assert "no-store" in headers["cache-control"], "it tells whether there are answers"
        elif name not in public | {"static file"}:
            assert {"no-store", "private"} <= {part.strip() for part in headers["cache-control"].split(",")}, name
            assert headers["x-robots-tag"] == "noindex", name
        elif name != "public /sitemap.xml":
            assert "no-store" not in headers.get("cache-control", ""), name
            assert "x-robots-tag" not in headers, name


def test_every_cookie_belongs_to_this_host_alone(pages):
    cookies = [(name, cookie) for name, page in secure(pages).items() for cookie in page["cookies"]]
    assert {cookie.split("=")[0] for _, cookie in cookies} == {"__Host-csrftoken", "__Host-answers", "__Host-sessionid"}
    for name, cookie in cookies:
        assert "; Secure" in cookie, name
        assert "; Path=/" in cookie, name
        assert "; Domain" not in cookie, name
        assert re.search(r"; SameSite=(Lax|Strict)", cookie), name
        assert "; HttpOnly" in cookie or '=""; expires=' in cookie, name


def test_no_page_holds_code(pages):
    assert {name: page["code"] for name, page in pages.items() if page["code"]} == {}


@pytest.mark.parametrize("status", ["400", "403", "404", "413", "414", "429", "500"])
def test_what_is_not_taken_is_said_kindly(status, pages):
    text = pages[status]["text"]
    assert "<h1>" in text
    assert 'href="/"' in text
    assert production.TYPED not in text
    assert not re.search(r"traceback|exception|forbidden|bad request|fail|invalid|\b\d{3}\b error", text, re.IGNORECASE)
