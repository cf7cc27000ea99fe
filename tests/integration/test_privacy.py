"""The server keeps nothing about a patient: no table, no session, no cache, no file, no log line, no address holds an answer."""

import ast
import base64
import io
import json
import logging
import re
import zlib
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import SuspiciousOperation

from prescreen import pdf
from prescreen.answers import COOKIE
from prescreen.views import outcome, question
from tests.rows import everything

from .patients import CHECK, PDF, RESULTS, START, SUMMARY, Patient, page_of, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small_catalog")]

WEIGHT, AGE, ANTIBODIES, TYPED = "73.419826", "47.305918264", "61.774093", "my name is Xq7Vw"
CANARIES = (WEIGHT, AGE, ANTIBODIES, "Xq7Vw")
"""Answers that nobody else would give: wherever one of them turns up, it comes from this patient."""


@pytest.fixture
def log():
    """What the site writes to its log, through its own handlers and formatter."""
    written = io.StringIO()
    handlers = {handler for name in ("", "django") for handler in logging.getLogger(name).handlers if type(handler) is logging.StreamHandler}
    assert handlers
    before = {handler: handler.setStream(written) for handler in handlers}
    level = logging.root.level
    logging.root.setLevel(logging.DEBUG)
    yield written
    logging.root.setLevel(level)
    for handler, stream in before.items():
        handler.setStream(stream or handler.stream)


def walk(patient: Patient) -> Patient:
    """A whole journey: each page, a mistake, a change, the paper, and away."""
    patient.open(START)
    patient.begin(who="other")
    patient.tell(diagnosis="rp_x_linked")
    assert patient.answer("age", TYPED).status_code == 422
    patient.tell(age=AGE, sex="female")
    address = patient.seen[-1]["Location"]
    told = {"weight": WEIGHT, "antibodies": ANTIBODIES, "pregnant": "no", "treatments": "surgery", "visits": "yes"}
    while address != CHECK:
        patient.open(address)
        address = patient.tell(**{(key := address.split("/")[-2]): told[key]})["Location"]
    patient.open(CHECK)
    patient.answer("sex", "male", "?from=check")
    patient.answer("sex", "female", "?from=check")
    for page in (CHECK, RESULTS, SUMMARY, PDF, page_of("weight")):
        patient.open(page)
    patient.send("/screening/compare/", trial=["NCT10000001", "NCT10000002"])
    patient.send(SUMMARY, trial="NCT10000001")
    patient.open(SUMMARY)
    patient.open(PDF)
    return patient


def readings(value: object) -> set[str]:
    """A stored value as text, and as every text that it could hide: base64, hexadecimal, compressed."""
    raw = value if isinstance(value, bytes) else str(value).encode()
    found, waiting = set(), [raw]
    while waiting:
        data = waiting.pop()
        text = data.decode("utf-8", "replace")
        if text in found:
            continue
        found.add(text)
        for word in {data, *re.findall(rb"[A-Za-z0-9+/_=-]{16,}", data)}:
            padded = word.strip(b"=.") + b"=" * (-len(word.strip(b"=.")) % 4)
            for decode in (base64.b64decode, base64.urlsafe_b64decode, base64.b16decode, zlib.decompress, lambda data: zlib.decompress(data, -15)):
                for form in (word, padded):
                    try:
                        inside = decode(form)
                    except (ValueError, zlib.error):
                        continue
                    if len(inside) >= 8:
                        waiting.append(inside)
    return found


def told_by(values) -> list[str]:
    """The canaries that these values hold in some form."""
    texts = {text for value in values for text in readings(value)}
    return [canary for canary in CANARIES if any(canary in text for text in texts)]


def stored() -> list[object]:
    """Every value of every row of the database, and what is in the cache."""
    return [*[value for rows in everything().values() for row in rows for value in row], *cache._cache.values()]


@pytest.mark.parametrize(
    "hide",
    [
        pytest.param(lambda secret: secret, id="as it is"),
        pytest.param(lambda secret: json.dumps({"answers": {"weight": secret}}), id="in JSON"),
        pytest.param(lambda secret: base64.b64encode(json.dumps({"weight": secret}).encode()).decode(), id="in base64"),
        pytest.param(lambda secret: base64.urlsafe_b64encode(zlib.compress(secret.encode() * 3)).decode().rstrip("="), id="compressed and in base64"),
        pytest.param(lambda secret: "session:" + base64.b64encode(base64.b64encode(f"weight={secret}".encode())).decode(), id="in base64 twice"),
        pytest.param(lambda secret: zlib.compress(f"weight: {secret}".encode()), id="compressed bytes"),
        pytest.param(lambda secret: f"weight: {secret}".encode().hex().upper(), id="in hexadecimal"),
    ],
)
def test_the_search_finds_an_answer_however_it_is_hidden(hide):
    assert told_by(["something else", hide(WEIGHT)]) == [WEIGHT]


def test_the_answers_did_arrive(patient):
    text = text_of(walk(patient).seen[-2])
    assert f"{WEIGHT} kg" in text
    assert f"{AGE} years" in text


def test_a_whole_journey_changes_no_row_of_the_database(patient):
    patient.open(RESULTS)
    before = everything()
    assert {"django_session", "trials_trial", "auth_user", "django_admin_log"} <= set(before)
    walk(patient)
    assert everything() == before


def test_no_table_session_or_cache_holds_an_answer(patient):
    walk(patient)
    assert told_by(stored()) == []
    assert everything()["django_session"] == []


def test_the_browser_gets_two_cookies_neither_of_which_can_be_read(patient):
    cookies = walk(patient).client.cookies
    assert set(cookies) == {COOKIE, "csrftoken"}
    assert told_by(cookie.value for cookie in cookies.values()) == []


def test_no_address_that_the_browser_is_sent_to_or_comes_from_holds_an_answer(patient):
    walk(patient)
    addresses = [address for response in patient.seen for address in (response.get("Location", ""), response.wsgi_request.get_full_path())]
    assert told_by(addresses) == []
    told = {"rp_x_linked", "female", "male", "surgery", "other", "eye", "yes"}
    assert [address for address in addresses if told & set(re.split(r"\W+", address))] == []


def test_no_link_or_form_of_a_page_holds_an_answer_in_its_address(patient):
    walk(patient)
    for response in patient.seen:
        if response["Content-Type"].startswith("text/html"):
            page = response.content.decode()
            assert told_by(re.findall(r'(?:href|action|src)="([^"]*)"', page)) == []
            assert 'method="get"' not in re.sub(r'<form class="search.*?</form>', "", page, flags=re.DOTALL).lower()


def test_an_answer_is_taken_from_a_posted_body_and_never_from_an_address(patient):
    patient.begin()
    assert patient.open(page_of("diagnosis") + "?answer=rp").status_code == 200
    assert patient.send(page_of("diagnosis") + "?answer=rp").status_code == 422


def test_a_journey_without_trouble_logs_nothing_of_it(patient, log):
    walk(patient)
    patient.open("/no-such-page/")
    patient.send("/screening/check/", answer=TYPED)
    assert told_by([log.getvalue()]) == []


def test_nothing_is_printed(patient, capfd):
    walk(patient)
    printed = capfd.readouterr()
    assert told_by([printed.out, printed.err]) == []


def test_no_file_is_written(patient, tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    walk(patient)
    assert list(tmp_path.rglob("*")) == []


class Trouble(Exception):
    """A fault whose message quotes what the patient said."""


FAULTS = {
    "an ordinary error": Trouble,
    "an error that Django takes for an attack": SuspiciousOperation,
    "a wrong value": ValueError,
}


def raising(fault: type[Exception]):
    """A function that fails and tells all it knows."""

    def fail(*_arguments, **_named):
        try:
            raise ValueError(f"inner {WEIGHT}")
        except ValueError as inner:
            raise fault(f"could not render {AGE} of {TYPED}") from inner

    return fail


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
@pytest.mark.parametrize(
    "place", [(question, "render", page_of("age")), (outcome, "render", RESULTS), (pdf, "_compile", PDF)], ids=["question", "results", "pdf"]
)
def test_a_fault_in_the_middle_is_logged_by_its_place_alone(place, fault, log, monkeypatch):
    module, name, address = place
    patient = walk(Patient(raise_request_exception=False))
    monkeypatch.setattr(module, name, raising(fault))
    response = patient.open(address)
    assert response.status_code in (400, 500)
    written = log.getvalue()
    assert fault.__name__ in written
    assert "test_privacy.py" in written, "the place of the fault is there"
    assert told_by([written]) == []
    assert told_by(stored()) == []
    assert "rp_x_linked" not in written


def test_a_fault_shows_the_patient_a_page_that_says_what_is_safe(monkeypatch):
    patient = walk(Patient(raise_request_exception=False))
    monkeypatch.setattr(outcome, "render", raising(Trouble))
    response = patient.open(RESULTS)
    assert response.status_code == 500
    assert "Something went wrong on our side" in text_of(response)
    assert "Your answers are safe in your browser" in text_of(response)
    assert told_by([response.content]) == []
    assert "no-store" in response["Cache-Control"]
    monkeypatch.undo()
    assert patient.open(RESULTS).status_code == 200, "and they are"


@pytest.mark.parametrize(
    ("message", "arguments"),
    [
        ("could not read %s", (TYPED,)),
        ("could not read %(what)s", ({"what": TYPED},)),
        ("%d%% of %s", (5, TYPED)),
        (ValueError(TYPED), ()),
        ("no such line", ()),
    ],
)
def test_the_log_leaves_out_what_a_line_is_filled_with(message, arguments, log):
    logging.getLogger("django.request").error(message, *arguments)
    logging.getLogger("prescreen.anything").warning(message, *arguments)
    assert log.getvalue().count("\n") == 2
    assert told_by([log.getvalue()]) == []


def test_no_line_of_the_log_is_made_with_values_in_its_template():
    """The formatter leaves out arguments, so each message of ours must be a bare text."""
    calls = []
    for path in [*Path(settings.BASE_DIR, "prescreen").rglob("*.py"), *Path(settings.BASE_DIR, "trials").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and getattr(node.func.value, "id", "") in ("logger", "logging"):
                calls.append(node)
                if node.func.attr != "getLogger":
                    assert isinstance(node.args[0], ast.Constant), f"{path}:{node.lineno}"
                assert "extra" not in {keyword.arg for keyword in node.keywords}, f"{path}:{node.lineno}"
    assert calls


def test_the_patient_s_site_has_no_tables():
    from django.apps import apps  # noqa: PLC0415

    assert list(apps.get_app_config("prescreen").get_models(include_auto_created=True)) == []
