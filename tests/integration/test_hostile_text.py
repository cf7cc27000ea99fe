"""Text that would be code somewhere: on a page, in a template, in typst, in a spreadsheet. It stays text everywhere, and what nobody sees is taken out."""

import re
from html.parser import HTMLParser
from urllib.parse import quote

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile

from prescreen.learn_pages import PAGES
from tests.factories import CohortFactory
from trials import services
from trials.admin.tables import CriterionResource
from trials.models import ApprovedTherapy, AuditEntry, Condition, Criterion, Question, Site, Trial
from trials.models.audit import Act
from trials.texts import visible

from .desk import ready_trial, signed_in, trial_to_do
from .patients import PDF, RESULTS, SUMMARY, page_of, text_of
from .registry_records import bring, eligibility, study, trial
from .small import refusal, write
from .spreadsheets import exported, written
from .test_pdf import FIRST, TOLD, text_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small_catalog")]

CODE = (
    "<svg onload=alert(1)><script>alert(2)</script><img src=x onerror=alert(3)><a href='javascript:alert(4)'>x</a> data:text/html,x "
    '{{ 7|add:"70" }}{% now "Y" %} #read("/etc/passwd") #eval("1+76") #import "@preview/x:1.0.0" $x$ =HYPERLINK("x") \U0001f9ec é'
)
OVERRIDE = "\u202e"
INVISIBLE = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c\ufeff\u200b\u2060\x00\x1b\x7f\x9b\U000e0041"


class Tags(HTMLParser):
    """What of a page a browser would run or follow."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.handlers: list[str] = []
        self.addresses: list[str] = []
        self.inline: list[str] = []
        self._script = False
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.handlers += [name for name, _ in attrs if name.startswith("on")]
        self.addresses += [value or "" for name, value in attrs if name in ("href", "src", "action", "formaction", "data")]
        self._script = tag == "script" and not any(name == "src" or value == "application/json" for name, value in attrs)

    def handle_endtag(self, tag):
        self._script = False

    def handle_data(self, data):
        if self._script and data.strip():
            self.inline.append(data)


def faults_of(response) -> list[str]:
    """What is wrong with a page: handlers, scripts in it, addresses that are no web addresses, template code that ran."""
    page = response.content.decode()
    tags = Tags(page)
    bad = [address for address in tags.addresses if re.match(r"\s*[a-z][a-z0-9+.-]*:", address, re.IGNORECASE) and not address.startswith(("https:", "http:"))]
    ran = [what for what in ("<svg onload", "<script>alert", "<img src=x") if what in page]
    return [*tags.handlers, *bad, *ran, *tags.inline]


@pytest.fixture
def hostile():
    """The code in every text field of a trial, its parts, a question, a condition and a therapy, past all doors; as much as each field holds."""
    for model in (Trial, Site, Criterion, Question, Condition, ApprovedTherapy):
        for row in model.objects.all():
            for field in model._meta.concrete_fields:
                if field.get_internal_type() in ("CharField", "TextField") and field.name not in (
                    *("nct_id", "key", "kind", "status", "approach", "delivery", "sex", "rule", "ask_if", "unit", "source_kind", "changes", "brand"),
                    *(("source",) if model is Question else ()),
                ):
                    setattr(row, field.attname, (CODE + OVERRIDE)[: field.max_length or None])
            if model is Trial:
                row.genes, row.condition_names = [CODE], [CODE]
            row.save()
    first = Trial.objects.get(nct_id=FIRST)
    CohortFactory(trial=first, name=CODE[:160])


def test_a_page_of_a_patient_shows_it_as_text(hostile, patient):
    patient.remember("me", "eye", **TOLD)
    pages = [RESULTS, SUMMARY, "/trials/", f"/trials/{FIRST}/", page_of("age"), page_of("treatments"), "/screening/check/"]
    for address in pages:
        response = patient.open(address)
        assert response.status_code == 200, address
        assert faults_of(response) == [], address
    compared = patient.send("/screening/compare/", trial=[FIRST, "NCT10000002"])
    assert faults_of(compared) == []
    told = text_of(patient.open(f"/trials/{FIRST}/"))
    assert "<svg onload=alert(1)>" in told and '{{ 7|add:"70" }}' in told, "it is there, as it was written"


def test_the_desk_shows_it_as_text(hostile):
    client = signed_in()
    pk, question = Trial.objects.get(nct_id=FIRST).pk, Question.objects.get(key="age").pk
    for address in (
        *("/admin/", "/admin/trials/trial/", f"/admin/trials/trial/{pk}/change/", f"/admin/trials/trial/{pk}/history/", "/admin/trials/criterion/"),
        *(f"/admin/trials/question/{question}/change/", "/admin/trials/condition/", "/admin/trials/approvedtherapy/"),
    ):
        response = client.get(address)
        assert response.status_code == 200, address
        assert faults_of(response) == [], address


def test_the_providers_page_shows_it_as_text(hostile, patient):
    patient.remember("me", "eye", **TOLD)
    code = re.sub(r"\s", "", re.search(r'class="digits">([\d\s]+)<', patient.open(SUMMARY).content.decode())[1])
    page = patient.send("/reopen/", code=code)
    assert page.status_code == 200
    assert faults_of(page) == []
    assert "<svg onload=alert(1)>" in text_of(page)
    points = re.findall(rb'name="(NCT[^"]+)" value="confirmed"', page.content)
    marked = patient.send("/reopen/", code=code, **{points[0].decode(): "ordered", points[-1].decode(): CODE})
    assert marked.status_code == 200
    assert faults_of(marked) == []
    refused = patient.send("/reopen/", code=CODE)
    assert refused.status_code == 422
    assert faults_of(refused) == []


def test_the_pages_to_learn_from_show_it_as_text(hostile, patient):
    for page in PAGES:
        assert faults_of(patient.open(f"/learn/{page.slug}/")) == [], page.slug
    told = text_of(patient.open("/learn/approved-therapies/"))
    assert "<svg onload=alert(1)>" in told, "the therapies are there"


def test_the_desks_tools_show_it_as_text(hostile):
    desk = signed_in()
    User.objects.update(is_superuser=True)
    ready, todo = ready_trial(title=CODE), trial_to_do()
    CohortFactory(trial=ready, name=CODE[:160])
    for row in todo.criteria.all():
        row.text = f"{row.text}. {CODE}"  # still suggests its rule
        row.save()
    entry = AuditEntry.objects.create(act=Act.CHANGE, user_name=CODE[:150], record_type="trials.trial", record_key=CODE[:150], detail=CODE)
    for address in (
        *(f"/admin/trials/trial/{ready.pk}/propose/", f"/admin/trials/trial/{todo.pk}/change/", f"/admin/trials/trial/{ready.pk}/delete/"),
        *("/admin/trials/auditentry/", f"/admin/trials/auditentry/{entry.pk}/change/", f"/admin/trials/auditentry/?q={quote(CODE)}"),
    ):
        page = desk.get(address)
        assert page.status_code == 200, address
        assert faults_of(page) == [], address
        if not address.endswith("/propose/"):  # which tells a trial's number, and patients that we think of
            assert b"&lt;svg onload" in page.content, f"{address}: it is there, as it was written"


def test_the_preview_of_a_table_shows_it_as_text(hostile):
    desk = signed_in()
    User.objects.update(is_superuser=True)
    rows = exported(ready_trial().criteria.all())
    for change in ({"plain": CODE}, {"rule": CODE}, {"text": CODE}, {"id": CODE}, {"kind": CODE}):
        table = written([rows[0] | change, rows[1]])
        page = desk.post("/admin/trials/criterion/import/", {"format": "0", "resource": "0", "import_file": SimpleUploadedFile("<svg onload=x>.csv", table)})
        assert page.status_code == 200, change
        assert faults_of(page) == [], change
        if "plain" in change:  # other faults are told without quoting them
            assert b"&lt;svg onload" in page.content, "it is there, as it was written"


def test_the_paper_prints_it_as_text(hostile, patient):
    patient.remember("me", "eye", **TOLD)
    response = patient.open(PDF)
    assert response.status_code == 200
    text = text_in(response.content).replace(" ", "")
    assert '#read("/etc/passwd")' in text and '#eval("1+76")' in text and "<script>alert(2)</script>" in text
    assert "root:" not in text
    assert OVERRIDE not in text, "an override would turn round what is printed after it"
    for forbidden in (b"/JavaScript", b"/JS ", b"/Launch", b"/OpenAction"):
        assert forbidden not in response.content


def test_a_table_gives_it_as_no_formula(hostile):
    row = Criterion.objects.first()
    row.plain = "=1+1"
    row.save()
    assert "'=1+1" in CriterionResource().export(Criterion.objects.filter(pk=row.pk)).csv


# What nobody sees is taken out at each door


def test_letters_of_every_script_stay():
    words = "Ana Núñez 眼 שלום عين 👁️‍🗨️ नेत्र\n\tα ≥ 5 µg"
    assert visible(words) == words
    assert visible(f"a{INVISIBLE}b") == "ab"


def test_a_record_comes_in_without_it():
    name = f"Doctor{INVISIBLE} No"
    bring(study(title=f"A {INVISIBLE}trial", sponsor=name, contact={"name": name}, sites=[{"city": name}], text=eligibility([f"Aged {INVISIBLE}18 years"])))
    row = trial()
    assert (row.title, row.sponsor, row.contact_name, row.sites.get().city) == ("A trial", "Doctor No", "Doctor No", "Doctor No")
    assert row.criteria.first().text == "Aged 18 years"


def test_a_file_comes_in_without_it(tmp_path):
    text = '- {key: cough, kind: yes_no, text: "Do\\u202e you\\x1b cough?"}\n'
    services.load_files(paths=[write(tmp_path, questions=text)])
    assert Question.objects.get(key="cough").text == "Do you cough?"


def test_a_form_saves_without_it():
    row = Trial.objects.get(nct_id=FIRST)
    row.title, row.genes = f"A {OVERRIDE}title", [f"RP{OVERRIDE}E65"]
    row.full_clean()
    assert (row.title, row.genes) == ("A title", ["RPE65"])


def test_a_tag_of_yaml_is_refused(tmp_path):
    assert "could not determine a constructor" in refusal(write(tmp_path, trial="title: !!python/name:os.system"))
