"""Words that patients read: never a promise, never a verdict on a person, and plain enough for most."""

import ast
import re
from collections.abc import Iterable
from pathlib import Path
from statistics import median

import pytest
from django.conf import settings

from prescreen import facts
from prescreen.fact_words import NAMES
from trials.desk.readability import grade, words_of
from trials.models import ApprovedTherapy, Choice, Condition, Criterion, Question, Trial

from .patients import CHECK, RESULTS, SUMMARY, Patient, text_of

pytestmark = pytest.mark.django_db

# Diseases may be named: "heart failure", "rejection of an organ".
NEVER = re.compile(
    r"\b(in)?eligib\w*|\bqualif(y|ies|ied|ying)\b|\bfail(s|ed|ing)?\b|\breject(s|ed|ing)?\b|\bcandidates?\b|\byou can join\b|\benroll you\b", re.I
)

TEMPLATES = sorted(path for folder in ("templates", "prescreen/templates") for path in Path(settings.BASE_DIR, folder).rglob("*.html"))
PAPER = Path(settings.BASE_DIR, "prescreen/paper/summary.typ")
PROGRAMS = sorted(Path(settings.BASE_DIR, "prescreen").rglob("*.py"))

HARDEST_GRADE = 8
HARDEST_MEDIAN = 6
FEWEST_WORDS = 8
"""A grade says little about a text of our own with fewer words, such as the name on a button. (Texts of the records are counted however short they are.)"""


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
        assert_plain(f"{row.text} {row.help}" for row in Question.objects.all())

    def test_questions_for_a_child_are_as_plain(self):
        assert_plain(f"{row.child_text} {row.help}" for row in Question.objects.exclude(child_text=""))

    def test_reasons_for_asking_are_plain(self):
        assert_plain(Question.objects.exclude(why="").values_list("why", flat=True))

    def test_what_explains_a_choice_is_plain(self):
        assert_plain(Condition.objects.exclude(help="").values_list("help", flat=True))

    @pytest.mark.parametrize("who", ["me", "child", "other"])
    def test_what_to_ask_a_clinic_for_is_plain(self, who):
        assert_plain(facts.say(row, who) for row in Question.objects.filter(key__in=NAMES))

    def test_each_question_asks(self):
        assert [row.key for row in Question.objects.all() if "?" not in row.text] == []

    def test_summaries_of_trials_are_plain(self):
        assert_plain(Trial.objects.values_list("summary", flat=True))

    def test_criteria_are_plain_in_what_a_patient_reads(self):
        assert_plain(criterion.plain or criterion.text for criterion in Criterion.objects.all())

    def test_notes_on_approved_therapies_are_plain(self):
        assert_plain(ApprovedTherapy.objects.exclude(note="").values_list("note", flat=True))

    @pytest.mark.parametrize("area", ["cancer", "eye", "genetic", "hiv"])
    def test_no_page_of_a_screening_promises_or_judges(self, area, patient: Patient):
        questions = Question.objects.values_list("key", flat=True)
        patient.remember("me", area, **dict.fromkeys(questions))
        for address in (CHECK, RESULTS):
            assert not NEVER.search(text_of(patient.open(address))), address
        patient.send(SUMMARY, trial="none")
        assert not NEVER.search(text_of(patient.open(SUMMARY)))


def assert_plain(texts: Iterable[str]) -> None:
    """Each text can be read at grade 8, and half of them at grade 6."""
    grades = {text: grade(text) for text in texts}
    assert len(grades) > 10, "there is something to read"
    assert {text: round(found, 2) for text, found in grades.items() if found > HARDEST_GRADE} == {}
    assert median(grades.values()) <= HARDEST_MEDIAN


def said_in_template(source: str) -> list[str]:
    """The texts that a template translates, each form of a plural by itself."""
    short = [text for _quote, text in re.findall(r"""{%-?\s*translate\s+(["'])(.*?)\1""", source)]
    long = re.findall(r"{%-?\s*blocktranslate.*?%}(.*?){%-?\s*endblocktranslate", source, re.DOTALL)
    return short + [form for text in long for form in re.split(r"{%-?\s*plural\s*-?%}", text)]


def own_texts(paths: Iterable[Path]) -> set[str]:
    """The texts of 8 words or more that templates and programs translate, with "it" for what is filled in later."""
    sources = ((path, path.read_text(encoding="utf-8")) for path in paths)
    texts = (text for path, source in sources for text in (said_in_template(source) if path.suffix == ".html" else translated_texts(path)))
    read = (" ".join(re.sub(r"<[^>]*>", " ", re.sub(r"%\(\w+\)[sd]|{{.*?}}|{\w+}", "it", text)).split()) for text in texts)
    return {text for text in read if len(words_of(text)) >= FEWEST_WORDS}


OWN = [path for path in (*TEMPLATES, *PROGRAMS) if "admin" not in path.parts]
GLOSSARY = [path for path in OWN if path.name == "glossary.py"]
LEARN = [path for path in OWN if "learn" in path.parts or path.name == "learn_pages.py"]
PAGES = [path for path in OWN if path not in (*GLOSSARY, *LEARN)]


@pytest.mark.parametrize(("paths", "at_least"), [(PAGES, 200), (LEARN, 150), (GLOSSARY, 40)], ids=["pages", "learn", "glossary"])
def test_our_own_texts_are_plain(paths, at_least):
    texts = own_texts(paths)
    assert len(texts) > at_least
    assert_plain(texts)


def test_each_form_of_a_translated_text_is_read():
    source = """{% translate "One." %}{% blocktranslate count n=n %}{{ n }} trial{% plural %}{{ n }} <b>trials</b>{% endblocktranslate %}"""
    assert said_in_template(source) == ["One.", "{{ n }} trial", "{{ n }} <b>trials</b>"]


def test_a_text_that_is_too_hard_is_found():
    plain = [f"You are {years} years old" for years in range(20)]
    assert_plain(plain)
    with pytest.raises(AssertionError, match="Participants"):
        assert_plain([*plain, "Participants demonstrating inadequate cardiovascular functionality necessitate supplementary evaluation"])
    with pytest.raises(AssertionError, match="6"):
        assert_plain(f"The doctor of the hospital saw the patient in room {number} early in the morning" for number in range(20))
