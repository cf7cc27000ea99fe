"""The paper's sizes, large print, plain cover and code: each tagged, each whole, none with a half-empty page."""

import re
import subprocess

import numpy as np
import pytest
import zxingcpp

from prescreen import pdf
from prescreen.pdf import Layout
from trials.models import Trial

from .patients import PDF, SUMMARY, Patient, text_of
from .test_paper_code import from_pgm
from .test_pdf import FIRST, TOLD, facts_of, pages_of, tags_of, text_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small_catalog")]

ALL = [(size, print_, cover) for size in ("letter", "a4") for print_ in ("normal", "large") for cover in ("none", "plain")]


@pytest.fixture
def told(patient: Patient) -> Patient:
    """A patient who answered."""
    patient.remember(**TOLD)
    return patient


def paper(patient: Patient, **layout: str) -> bytes:
    """The PDF of this layout."""
    response = patient.send(PDF, **layout)
    assert response.status_code == 200
    return response.content


def words_in_order(content: bytes) -> str:
    """The text in the order in which it was set, cell by cell."""
    run = subprocess.run(["pdftotext", "-raw", "-enc", "UTF-8", "-", "-"], input=content, capture_output=True, check=True)
    return re.sub(r"\s+", " ", run.stdout.decode().replace("\u200b", ""))


def ink_reaches(content: bytes) -> list[float]:
    """How far down the ink of each page reaches above the footer, as a part of the page's height."""
    reached = []
    for number in range(1, int(facts_of(content)["Pages"]) + 1):
        gray = subprocess.run(["pdftoppm", "-r", "40", "-gray", "-f", str(number), "-l", str(number)], input=content, capture_output=True, check=True).stdout
        page = from_pgm(gray)
        body = page[: int(page.shape[0] * 0.93)]
        reached.append(float(np.flatnonzero((body < 200).any(axis=1)).max() / page.shape[0]))
    return reached


@pytest.mark.parametrize(("size", "print_", "cover"), ALL)
def test_every_layout_is_tagged_and_says_the_same(size, print_, cover, told):
    content = paper(told, size=size, print=print_, cover=cover)
    facts = facts_of(content)
    assert facts["Tagged"] == "yes"
    assert b"pdfuaid:part" in content
    assert facts["Page size"].endswith("(letter)" if size == "letter" else "(A4)")
    text = words_in_order(content)
    for words in (
        "Trials worth asking about",
        "For the health care provider",
        FIRST,
        "The code as a number",
        *(row.text for row in Trial.objects.get(nct_id=FIRST).criteria.all()),
    ):
        assert words in text
    assert "TH" in tags_of(content)


@pytest.mark.parametrize(("size", "print_", "cover"), ALL)
def test_no_page_but_the_last_is_half_empty(size, print_, cover, told):
    reached = ink_reaches(paper(told, size=size, print=print_, cover=cover))
    assert [where for where in reached[:-1] if where < 0.7] == [], reached


def test_a_layout_may_stand_in_the_address_and_the_usual_one_is_letter(told):
    assert facts_of(told.open(PDF).content)["Page size"].endswith("(letter)")
    assert facts_of(told.open(PDF + "?size=a4&print=large&cover=plain").content)["Title"] == "My notes for the appointment"


@pytest.mark.parametrize("asked", [{"size": "a3"}, {"print": "<b>"}, {"cover": ""}, {"answer": "yes"}, {}])
def test_a_layout_that_we_do_not_have_is_the_usual_one(asked):
    assert Layout.of(asked) == Layout()


@pytest.mark.parametrize("name", pdf.CHOICES)
def test_the_usual_layout_is_offered_first(name):
    assert pdf.CHOICES[name][1][0][0] == getattr(Layout(), name)


def test_large_print_is_large(told):
    html = subprocess.run(["pdftotext", "-bbox", "-", "-"], input=paper(told, print="large"), capture_output=True, check=True).stdout.decode()
    heights = {word: float(bottom) - float(top) for top, bottom, word in re.findall(r'yMin="([\d.]+)" xMax="[\d.]+" yMax="([\d.]+)">(\w+)<', html)}
    usual = subprocess.run(["pdftotext", "-bbox", "-", "-"], input=paper(told), capture_output=True, check=True).stdout.decode()
    before = {word: float(bottom) - float(top) for top, bottom, word in re.findall(r'yMin="([\d.]+)" xMax="[\d.]+" yMax="([\d.]+)">(\w+)<', usual)}
    for word in ("decide", "Weighs", "Questions"):
        assert heights[word] == pytest.approx(1.6 * before[word], rel=0.02)


TELLTALE = re.compile(r"gene|therap|trial|NCT|eye|retin|disease|condition|screen|provider", re.I)


@pytest.mark.parametrize("size", ["letter", "a4"])
@pytest.mark.parametrize("print_", ["normal", "large"])
def test_a_plain_cover_tells_nothing(size, print_, told):
    response = told.send(PDF, size=size, print=print_, cover="plain")
    pages = pages_of(response.content)
    assert "My notes for the appointment" in pages[0]
    assert not TELLTALE.search(pages[0])
    assert pages[1].lstrip().startswith("Gene therapy trials to ask about")
    facts = facts_of(response.content)
    assert not TELLTALE.search(f"{facts['Title']} {facts.get('Author', '')} {facts.get('Subject', '')}")
    assert response["Content-Disposition"] == 'attachment; filename="my-notes.pdf"'
    assert not any(TELLTALE.search(line) for page in pages for line in page.splitlines() if "Page " in line and " / " in line), "nor do the lines at the foot"


@pytest.mark.parametrize("rows", range(0, 60, 6))
def test_a_paper_with_a_plain_cover_ends_on_an_odd_page_so_that_its_back_is_blank(rows, told):
    trial = Trial.objects.get(nct_id=FIRST)
    trial.criteria.bulk_create(
        type(trial.criteria.first())(trial=trial, kind="inclusion", text=f"Point {n} " + "of many words " * 12, order=n + 50) for n in range(rows)
    )
    from trials import catalog  # noqa: PLC0415

    catalog.touch()
    assert int(facts_of(paper(told, cover="plain"))["Pages"]) % 2 == 1


@pytest.mark.parametrize(("size", "print_", "cover"), [ALL[0], ALL[3], ALL[6]])
def test_a_phone_reads_the_code_off_the_paper_and_it_opens(size, print_, cover, told):
    content = paper(told, size=size, print=print_, cover=cover)
    number = next(number for number, page in enumerate(pages_of(content), 1) if page.lstrip().startswith("For the health care provider"))
    gray = subprocess.run(["pdftoppm", "-r", "150", "-gray", "-f", str(number), "-l", str(number)], input=content, capture_output=True, check=True).stdout
    [found] = zxingcpp.read_barcodes(from_pgm(gray), formats=zxingcpp.BarcodeFormat.QRCode)
    assert found.text.startswith("http://127.0.0.1/reopen/#")
    page = told.send("/reopen/", code=found.text)
    assert f"{FIRST} A working gene for one eye" in text_of(page)


def test_the_number_on_the_paper_opens_it_too(told):
    text = text_in(paper(told))
    digits = re.search(r"Spaces do not matter\. ([\d ]+)", text)[1]
    page_number = re.sub(r"\s", "", digits)
    assert told.send("/reopen/", code=page_number).status_code == 200


def test_the_screen_shows_the_code_and_until_when_it_works(told):
    page = told.open(SUMMARY)
    assert "It works until" in text_of(page)
    assert '<svg role="img" aria-label="QR code.' in page.content.decode()
