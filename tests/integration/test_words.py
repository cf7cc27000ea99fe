"""Words that patients read: never a promise, never a verdict on a person, and plain enough for most."""

import ast
import re
from pathlib import Path
from statistics import median

import pytest
from django.conf import settings

from trials.desk.readability import grade, words_of
from trials.models import ApprovedTherapy, Choice, Condition, Question, Trial

from .patients import CHECK, RESULTS, SUMMARY, Patient, text_of

pytestmark = pytest.mark.django_db

# Diseases may be named: "heart failure", "rejection of an organ".
NEVER = re.compile(
    r"\b(in)?eligib\w*|\bqualif(y|ies|ied|ying)\b|\bfail(s|ed|ing)?\b|\breject(s|ed|ing)?\b|\bcandidates?\b|\byou can join\b|\benroll you\b", re.I
)

TEMPLATES = sorted(path for folder in ("templates", "prescreen/templates") for path in Path(settings.BASE_DIR, folder).rglob("*.html"))
PAPER = Path(settings.BASE_DIR, "prescreen/paper/summary.typ")
PROGRAMS = sorted(Path(settings.BASE_DIR, "prescreen").rglob("*.py"))


def template_text(path: Path) -> str:
    """What a template can say, without its tags."""
    text = path.read_text(encoding="utf-8")
    text = re.sub(r"{#.*?#}|{% comment %}.*?{% endcomment %}", " ", text, flags=re.DOTALL)
    text = re.sub(r"""{%-?\s*trans(?:late)?\s+(["'])(.*?)\1.*?%}""", r" \2 ", text)
    text = re.sub(r"{%.*?%}|{{.*?}}", " ", text)
    named = " ".join(re.findall(r'(?:aria-label|title|alt|placeholder|content|data-label|value)="([^"]*)"', text))
    return re.sub(r"<[^>]*>", " ", text) + " " + named


def translated_texts(path: Path) -> list[str]:
    """The texts that a program passes through the translation."""
    calls = (node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call))
    named = (call for call in calls if getattr(call.func, "id", getattr(call.func, "attr", "")) in ("_", "gettext", "ngettext", "gettext_lazy"))
    return [part.value for call in named for part in call.args if isinstance(part, ast.Constant) and isinstance(part.value, str)]


@pytest.mark.parametrize(
    "word", ["eligible", "Ineligible", "eligibility", "qualify", "qualifies", "fail", "fails", "failed", "reject", "candidate", "You can join"]
)
def test_the_search_finds(word):
    assert NEVER.search(f"This says {word}, which it must not.")


@pytest.mark.parametrize("word", ["quality", "fair", "heart failure", "rejection of a transplant", "candid", "can you join"])
def test_the_search_leaves_alone(word):
    assert not NEVER.search(f"This says {word}.")


def test_there_are_templates_to_search():
    assert len(TEMPLATES) > 15


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(settings.BASE_DIR)))
def test_no_template_promises_or_judges(path):
    assert not NEVER.search(template_text(path))


def test_the_paper_s_own_template_promises_and_judges_nothing():
    texts = " ".join(re.findall(r'"([^"]*)"|\[([^\]]*)\]', PAPER.read_text(encoding="utf-8")).__str__().split())
    assert not NEVER.search(texts)


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: str(path.relative_to(settings.BASE_DIR)))
def test_no_program_of_the_patient_s_site_promises_or_judges(path):
    assert [text for text in translated_texts(path) if NEVER.search(text)] == []


@pytest.mark.usefixtures("starter")
class TestTheStarter:
    """The words of the built-in records."""

    def test_no_question_promises_or_judges(self):
        texts = [(row.key, text) for row in Question.objects.all() for text in (row.text, row.child_text, row.help, row.why)]
        assert [pair for pair in texts if NEVER.search(pair[1])] == []

    def test_no_choice_or_condition_promises_or_judges(self):
        texts = [row.label for row in Choice.objects.all()] + [f"{row.label} {row.help}" for row in Condition.objects.all()]
        assert [text for text in texts if NEVER.search(text)] == []

    def test_no_trial_promises_or_judges(self):
        texts = [(row.nct_id, text) for row in Trial.objects.all() for text in (row.title, row.summary)]
        assert [pair for pair in texts if NEVER.search(pair[1])] == []

    def test_no_criterion_promises_or_judges_in_what_a_patient_reads(self):
        rows = [(row.nct_id, criterion.plain or criterion.text) for row in Trial.objects.all() for criterion in row.criteria.all()]
        assert len(rows) > 500
        assert [pair for pair in rows if NEVER.search(pair[1])] == []

    def test_no_therapy_promises_or_judges(self):
        assert [row.brand for row in ApprovedTherapy.objects.all() if NEVER.search(f"{row.condition} {row.note}")] == []

    def test_questions_are_plain(self):
        grades = {row.key: grade(f"{row.text} {row.help}") for row in Question.objects.all()}
        assert median(grades.values()) <= 6
        assert {key: round(found, 1) for key, found in grades.items() if found > 8} == {}

    def test_questions_for_a_child_are_as_plain(self):
        grades = {row.key: grade(f"{row.child_text} {row.help}") for row in Question.objects.exclude(child_text="")}
        assert median(grades.values()) <= 7
        assert {key: round(found, 1) for key, found in grades.items() if found > 8.5} == {}

    def test_reasons_for_asking_are_plain(self):
        grades = {row.why: grade(row.why) for row in Question.objects.exclude(why="")}
        assert {why: round(found, 1) for why, found in grades.items() if found > 8} == {}

    def test_each_question_asks(self):
        assert [row.key for row in Question.objects.all() if "?" not in row.text] == []

    def test_summaries_of_trials_are_in_our_own_plain_words(self):
        grades = {row.nct_id: grade(row.summary) for row in Trial.objects.published()}
        assert median(grades.values()) <= 10

    @pytest.mark.parametrize("area", ["cancer", "eye", "genetic", "hiv"])
    def test_no_page_of_a_screening_promises_or_judges(self, area, patient: Patient):
        questions = Question.objects.values_list("key", flat=True)
        patient.remember("me", area, **dict.fromkeys(questions))
        for address in (CHECK, RESULTS):
            assert not NEVER.search(text_of(patient.open(address))), address
        patient.send(SUMMARY, trial="none")
        assert not NEVER.search(text_of(patient.open(SUMMARY)))


def own_words(*paths: Path) -> dict[str, float]:
    """The grade of each text that templates and programs translate."""
    found: dict[str, float] = {}
    for path in paths:
        source = path.read_text(encoding="utf-8")
        texts = [text for _quote, text in re.findall(r"""{%\s*translate\s+(["'])(.*?)\1""", source)] if path.suffix == ".html" else translated_texts(path)
        found |= {text: grade(re.sub(r"%\(\w+\)[sd]", "it", text)) for text in texts if len(words_of(text)) >= 8}
    return found


def test_our_own_pages_are_plain():
    grades = own_words(*(path for path in TEMPLATES if "admin" not in path.parts), *PROGRAMS)
    assert len(grades) > 40
    assert median(grades.values()) <= 6
    assert {text: round(found, 1) for text, found in grades.items() if found > 9} == {}
