"""The making of a paper is bounded in length, time and memory; past the limits somebody reads a kind page, and the next paper is made as ever."""

import os
import signal
import time

import pytest

from prescreen import pdf
from prescreen.press import PROGRAM, Limits, PaperError, Press
from tests.factories import CriterionFactory
from trials.models import Criterion, Trial

from .patients import PDF, SUMMARY, text_of
from .test_pdf import FIRST, TOLD, text_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small_catalog")]


@pytest.fixture
def data(patient, monkeypatch) -> str:
    """What typst is given for a small paper."""
    kept = []
    real = pdf._compile
    monkeypatch.setattr(pdf, "_compile", lambda text: kept.append(text) or real(text))
    patient.remember("me", "eye", **TOLD)
    assert patient.open(PDF).status_code == 200
    monkeypatch.undo()
    return kept[0]


@pytest.fixture
def press():
    """Makes presses with limits, and ends them."""
    made = []

    def begin(**limits) -> Press:
        made.append(Press(Limits(**limits)))
        return made[-1]

    yield begin
    for one in made:
        one.close()


def test_a_paper_too_long_is_a_kind_page(patient):
    row = Criterion.objects.filter(trial__nct_id=FIRST).first()
    row.text = "Very long words for a criterion. " * 20_000
    row.save()
    patient.remember("me", "eye", **TOLD)
    response = patient.open(PDF)
    assert response.status_code == 503
    assert response["Content-Type"].startswith("text/html")
    said = text_of(response)
    assert "Choose fewer trials" in said and "Traceback" not in said
    assert "no-store" in response["Cache-Control"]
    assert patient.open(SUMMARY).status_code == 200, "the same can be printed from the page"


def test_a_paper_with_long_criteria_is_made(patient):
    trial = Trial.objects.get(nct_id=FIRST)
    for order in range(20):
        CriterionFactory(trial=trial, text=f"Criterion {order}: " + "words " * 300, order=100 + order)
    patient.remember("me", "eye", **TOLD)
    response = patient.open(PDF)
    assert response.status_code == 200
    assert "Criterion 19: words words" in text_in(response.content)


def test_data_past_the_limit_are_refused_before_anything_is_begun(press):
    one = press(data=1_000)
    with pytest.raises(PaperError):
        one.make("x" * 1_001)
    assert one._process is None


def test_a_paper_that_takes_too_long_is_given_up_and_the_next_one_is_made(press, data):
    one = press(seconds=0.001)
    begun = time.monotonic()
    with pytest.raises(PaperError):
        one.make(data)
    assert time.monotonic() - begun < 60
    one.limits = Limits(seconds=120)
    assert one.make(data)[0].startswith(b"%PDF")


def test_a_paper_that_takes_too_much_memory_is_given_up_and_harms_nobody(press, data):
    one = press(memory=130_000_000, seconds=120)
    with pytest.raises(PaperError):
        one.make(data.replace("Any retinitis pigmentosa", "words " * 90_000))


def test_a_press_that_died_is_begun_anew(press, data):
    one = press(seconds=120)
    first, accessible = one.make(data)
    assert accessible
    died = one._process
    os.kill(died.pid, signal.SIGKILL)
    died.wait()
    assert one.make(data)[0] == first, "the same bytes, too"
    assert one._process.pid != died.pid


def test_a_press_is_begun_anew_after_so_many_papers(press, data):
    one = press(papers=1, seconds=120)
    one.make(data)
    first = one._process.pid
    one.make(data)
    assert one._process.pid != first


def test_the_press_knows_no_secret_and_says_nothing(press, data):
    one = press(seconds=120)
    one.make(data)
    with open(f"/proc/{one._process.pid}/environ", "rb") as environment:
        assert b"SECRET" not in environment.read()
    assert one._process.stderr is None
    assert "django" not in PROGRAM.read_text().lower()
