"""The paper: an accessible PDF that says what the screen says, in the same order, and the same bytes for the same answers."""

import datetime
import io
import re
import subprocess

import pytest
from django.utils import timezone
from pypdf import PdfReader
from pypdf.generic import DictionaryObject

from prescreen import paper_code, pdf, summary
from prescreen.answers import COOKIE, Answers, seal
from prescreen.screening import Screening
from tests.factories import CriterionFactory, QuestionFactory, TrialFactory
from trials import catalog
from trials.models import Trial

from .patients import PDF, RESULTS, SUMMARY, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small_catalog")]

TOLD = {
    "diagnosis": "rp_x_linked",
    "age": {"value": "30", "unit": "years"},
    "sex": "male",
    "weight": {"value": "154", "unit": "lb"},
    "antibodies": None,
    "treatments": ["surgery"],
    "visits": None,
}
FIRST = "NCT10000001"
DAY = datetime.date(2026, 11, 22)


@pytest.fixture
def paper(patient):
    """A patient's paper after these answers (those of TOLD where none are given), as bytes."""

    def print_out(who: str = "me", area: str | None = "eye", **given) -> bytes:
        patient.remember(who, area, **(given or TOLD))
        response = patient.open(PDF)
        assert response.status_code == 200
        assert response["Content-Type"] == "application/pdf"
        return response.content

    return print_out


def code_of(screening: Screening) -> paper_code.Code:
    """The code of a screening's paper."""
    return paper_code.make(screening, DAY, "https://trials.example.org/reopen/")


def text_in(content: bytes) -> str:
    """The text of a PDF in reading order, as one line; marks that only allow a break are left out."""
    run = subprocess.run(["pdftotext", "-enc", "UTF-8", "-", "-"], input=content, capture_output=True, check=True)
    return re.sub(r"\s+", " ", run.stdout.decode().replace("\u200b", ""))


def pages_of(content: bytes) -> list[str]:
    """The text of each page."""
    run = subprocess.run(["pdftotext", "-enc", "UTF-8", "-", "-"], input=content, capture_output=True, check=True)
    return run.stdout.decode().split("\f")[:-1]


def facts_of(content: bytes) -> dict[str, str]:
    """What pdfinfo tells about a PDF."""
    run = subprocess.run(["pdfinfo", "-"], input=content, capture_output=True, check=True)
    return {name.strip(): value.strip() for name, value in (line.split(":", 1) for line in run.stdout.decode().splitlines() if ":" in line)}


def retitle(**fields) -> None:
    """Gives the first trial other words."""
    trial = Trial.objects.get(nct_id=FIRST)
    for name, value in fields.items():
        setattr(trial, name, value)
    trial.save()


def in_order(text: str, *words: str) -> bool:
    """Whether these words stand in the text in this order."""
    place = 0
    for word in words:
        place = text.index(word, place) + len(word)
    return True


def test_the_paper_is_tagged_and_has_title_language_and_letter_size(paper):
    content = paper()
    facts = facts_of(content)
    assert facts["Tagged"] == "yes"
    assert facts["Title"] == "Gene therapy trials to ask about"
    assert facts["Page size"].endswith("(letter)")
    assert facts["Encrypted"] == "no"
    assert facts["JavaScript"] == "no"
    assert facts["Author"] == "Gene Therapy Trial Finder"
    assert b"/Lang" in content


def test_the_paper_claims_the_standard_for_accessible_documents(paper):
    assert b"pdfuaid:part" in paper()


def tags_of(content: bytes) -> str:
    """The tree of tags that a screen reader walks."""
    return subprocess.run(["pdfinfo", "-struct-text", "-"], input=content, capture_output=True, check=True).stdout.decode()


def test_the_tags_follow_the_reading_order(paper):
    tree = tags_of(paper())
    assert in_order(
        tree, '"Gene therapy trials to ask about"', "H1", "Trials worth asking about", "H1", "For the health care provider", "Figure", "H2", "Table", "TH", "TD"
    )
    assert tree.count("Figure") == 1, "the code, and nothing else"
    assert [part["/Alt"] for part in parts_of(paper()) if part.get("/S") == "/Figure"] == [
        "QR code. It opens the answers of this paper at http://127.0.0.1/reopen/"
    ]


def parts_of(content: bytes) -> list[DictionaryObject]:
    """All elements of the tree of tags."""
    found, waiting = [], [PdfReader(io.BytesIO(content)).trailer["/Root"]["/StructTreeRoot"]]
    while waiting:
        part = waiting.pop().get_object()
        if isinstance(part, DictionaryObject):
            found.append(part)
            waiting.extend([part["/K"]] if "/K" in part else [])
        elif isinstance(part, list):
            waiting.extend(part)
    return found


def test_the_trials_worth_asking_about_are_one_list(paper):
    """Two lists of one item each would be read out as two lists."""
    tree = tags_of(paper())
    part = tree[tree.index("Trials worth asking about") : tree.index("Facts to bring")]
    assert (part.count("LI (block)"), part.count("/ListNumbering")) == (2, 1)


def test_the_patient_s_part_comes_first_and_the_provider_s_after(paper):
    assert in_order(
        text_in(paper()),
        "Gene therapy trials to ask about",
        "Area: Eye disease. Condition: X-linked retinitis pigmentosa.",
        "Name (write it here yourself):",
        "Only the trial team can decide if you can take part.",
        "Trials worth asking about",
        "Facts to bring, or tests to ask about",
        "Questions to ask",
        "What this paper cannot tell",
        "My notes",
        "For the health care provider",
        "Open this paper as a live page",
        "All answers",
        "The code as a number",
        f"{FIRST} A working gene for one eye",
        "What it asks",
        "Other trials looked at",
    )


def test_the_provider_s_part_starts_on_a_page_of_its_own(paper):
    pages = pages_of(paper())
    assert pages[0].lstrip().startswith("Gene therapy trials to ask about")
    assert pages[1].lstrip().startswith("For the health care provider")


def test_each_page_says_what_it_is_and_which_of_how_many(paper):
    pages = pages_of(paper())
    for number, page in enumerate(pages, 1):
        assert f"Page {number} / {len(pages)}" in page


def test_the_paper_says_what_the_screen_says(paper, patient):
    printed, shown = text_in(paper()), text_of(patient.open(SUMMARY))
    paper_now = summary.build(Screening(Answers("me", "eye", TOLD), catalog.current()), timezone.localdate())
    assert paper_now.sheets
    parts = [paper_now.counts, *paper_now.limits, *paper_now.ask, *(fact.question for fact in paper_now.facts)]
    parts += [part for sheet in paper_now.sheets for row in sheet.rows for part in (row.asks, row.reading)]
    parts += [part for answer in paper_now.answers for part in (answer.question, answer.answer)]
    for part in parts:
        assert part in printed, part
        assert part in shown, part


def test_each_criterion_is_printed_as_written_with_boxes_for_the_provider(paper):
    text = text_in(paper())
    rows = Trial.objects.get(nct_id=FIRST).criteria.all()
    for row in rows:
        assert row.text in text
    assert text.count("☐ confirmed") == text.count("☐ not met") == text.count("☐ test ordered")
    assert text.count("☐ confirmed") == rows.count() + Trial.objects.get(nct_id="NCT10000002").criteria.count()


def test_answers_are_printed_in_the_unit_that_the_patient_chose(paper):
    assert "154 lb" in text_in(paper())


@pytest.mark.parametrize(("who", "words"), [("child", "Answered for a child."), ("other", "Answered for a person somebody cares for.")])
def test_a_paper_for_somebody_else_says_so(who, words, paper):
    assert words in text_in(paper(who))


def test_the_same_answers_and_the_same_code_give_the_same_bytes():
    """The code is encrypted anew each time; nothing else of the paper differs."""
    screening = Screening(Answers("me", "eye", TOLD), catalog.current())
    now, code, other = summary.build(screening, DAY), code_of(screening), code_of(screening)
    assert pdf.render(now, code) == pdf.render(now, code)
    assert code.digits != other.digits
    without = [re.sub(r"Spaces do not matter\. [\d ]+", "", text_in(pdf.render(now, one))) for one in (code, other)]
    assert without[0] == without[1]


def test_other_answers_give_another_paper(paper):
    assert paper() != paper(**{**TOLD, "age": {"value": "31", "unit": "years"}})


def test_the_time_of_day_is_not_in_the_paper(paper):
    assert re.search(r"D:\d{8}(?!\d)|D:\d{8}000000", paper().decode("latin-1")), "a date alone"


@pytest.mark.parametrize(
    "words",
    [
        pytest.param("Terapia génica para la visión: ¿niños, según el año? ÁÉÍÓÚÜÑ", id="Spanish accents"),
        pytest.param('Costs #read("/etc/passwd") and #eval("1+1")', id="code of the typesetter"),
        pytest.param("Dose of 5 $ per kg, 10_000 *units*, @home #set <here> \\ `raw` ~ [x]", id="signs of the typesetter"),
        pytest.param("<script>alert(1)</script> & <b>bold</b>", id="code of a browser"),
        pytest.param("10¹² vg/kg, ≥ 50 %, ±2 µg, “quoted” – dashed", id="signs of medicine"),
        pytest.param("// not a comment /* nor this */ -- nor --- that", id="comments"),
        pytest.param("= Not a heading", id="a heading"),
    ],
)
def test_words_of_a_trial_are_printed_as_they_are(words, paper):
    retitle(title=words, summary=words, sponsor=words)
    CriterionFactory(trial=Trial.objects.get(nct_id=FIRST), text=words, order=99)
    content = paper()
    assert text_in(content).count(words) >= 4
    assert facts_of(content)["Tagged"] == "yes"


@pytest.mark.parametrize("field", ["title", "summary", "sponsor", "route", "vector", "source", "contact_name"])
def test_a_word_of_300_letters_stays_on_the_paper(field, paper):
    word = "a1b2c3d4e5" * 30
    retitle(**{field: word[:200] if field in ("route", "vector", "contact_name") else word})
    content = paper()
    assert word[:200] in re.sub(r"\s", "", text_in(content))
    assert rightmost(content) <= 612 - 0.5 * 72, "inside the margin"


def test_a_criterion_with_a_word_of_300_letters_stays_in_its_column(paper):
    word = "a1b2c3d4e5" * 30
    CriterionFactory(trial=Trial.objects.get(nct_id=FIRST), text=word, order=99)
    content = paper()
    assert word in re.sub(r"\s", "", text_in(content))
    boxes = [box for box in boxes_of(content) if re.fullmatch(r"[a-e0-9]{10,}", box[2])]
    assert boxes
    assert max(right for _left, right, _word in boxes) < 612 / 2


def boxes_of(content: bytes) -> list[tuple[float, float, str]]:
    """Left and right edge of each word, in points, with the word."""
    run = subprocess.run(["pdftotext", "-bbox", "-", "-"], input=content, capture_output=True, check=True)
    found = re.findall(r'<word xMin="([\d.]+)"[^>]* xMax="([\d.]+)"[^>]*>(.*?)</word>', run.stdout.decode())
    return [(float(left), float(right), word.replace("\u200b", "")) for left, right, word in found]


def rightmost(content: bytes) -> float:
    """How far to the right any word reaches."""
    return max(right for _left, right, _word in boxes_of(content))


def test_a_character_that_no_font_has_still_gives_a_paper(paper, caplog):
    retitle(title="Ensayo 眼 de visión")
    content = paper()
    assert content.startswith(b"%PDF-")
    assert "de visión" in text_in(content)
    assert [record.getMessage() for record in caplog.records] == ["a summary could not be made as PDF/UA-1 and was made without"]


def test_a_very_long_trial_gives_a_paper_of_many_pages_with_each_row_whole(paper):
    trial = Trial.objects.get(nct_id=FIRST)
    for number in range(120):
        CriterionFactory(trial=trial, text=f"Criterion number {number} begins here {'and goes on ' * 20}and ends at {number}.", order=number + 10)
    pages = [" ".join(page.split()) for page in pages_of(paper())]
    assert len(pages) > 8
    assert [number for number in range(120) if not any(f"number {number} begins" in page and f"ends at {number}." in page for page in pages)] == []
    assert sum("What it asks" in page for page in pages) > 6, "the heads of the table are repeated"


def test_without_a_trial_there_is_a_paper_that_says_so(paper):
    content = paper(diagnosis="rp_usher", age={"value": "3", "unit": "years"})
    text = text_in(content)
    assert facts_of(content)["Tagged"] == "yes"
    assert "No trial in this paper." in text
    assert "Other trials looked at" in text


def test_with_no_listed_trial_at_all_there_is_a_paper_too(paper):
    Trial.objects.all().delete()
    content = paper()
    assert "No trial in this paper." in text_in(content)
    assert "0 fit your answers, 0 may match, 0 probably do not match right now." in text_in(content)


def test_with_no_answer_but_the_area_there_is_a_paper_too(patient):
    patient.client.cookies[COOKIE] = seal(Answers("me", None))
    assert "All condition areas" in text_in(patient.open(PDF).content)


def test_only_the_picked_trials_are_in_the_paper(patient, paper):
    paper()
    patient.send(SUMMARY, trial="NCT10000002")
    text = text_in(patient.open(PDF).content)
    assert "NCT10000002 Two doses for retinitis pigmentosa" in text
    assert "A working gene for one eye: " in text, "the other is one line"
    assert text.count("☐ confirmed") == Trial.objects.get(nct_id="NCT10000002").criteria.count()


def test_a_paper_with_ten_trials_and_a_long_questionnaire_is_still_made(patient):
    keys = [QuestionFactory().key for _ in range(30)]
    numbers = tuple(TrialFactory(areas=["hiv"], rules=[f"{key} is yes" for key in keys]).nct_id for _ in range(10))
    patient.client.cookies[COOKIE] = seal(Answers("me", "hiv", dict.fromkeys(keys), numbers))
    content = patient.open(PDF).content
    assert text_in(content).count("☐ confirmed") == 300
    assert facts_of(content)["Tagged"] == "yes"


def test_the_results_and_the_paper_agree_on_each_trial(paper, patient):
    text = text_in(paper())
    results = text_of(patient.open(RESULTS))
    for number in (FIRST, "NCT10000002", "NCT10000003"):
        assert number in text
        assert number in results
