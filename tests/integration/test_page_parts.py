"""Parts of pages that are made in a quick way: they say what they would say otherwise, and nothing of one patient reaches another."""

import pytest
from django.template import Context, Template
from django.utils.translation import override

from prescreen.results import CriterionLine
from prescreen.templatetags.criteria import criterion_lines
from prescreen.templatetags.frame import same_for_all
from trials import matching

from .patients import PDF, RESULTS, SUMMARY

LINE = CriterionLine(kind="Must be so", asks="Aged 18 years or older", said="How old are you? 30 years", reading="Fits", verdict="passes")


def test_a_criterion_is_an_item_with_what_was_said():
    assert criterion_lines([LINE]) == (
        '<li><span class="reading passes">Fits</span> <span><strong>Must be so:</strong> Aged 18 years or older'
        '<span class="option-help">How old are you? 30 years</span></span></li>'
    )


def test_where_nothing_was_said_nothing_stands_there():
    assert "option-help" not in criterion_lines([LINE._replace(said="")])


@pytest.mark.parametrize("part", ["kind", "asks", "said", "reading"])
def test_the_words_of_a_criterion_are_no_markup(part):
    page = criterion_lines([LINE._replace(**{part: "a <b> & 'c'"})])
    assert "a &lt;b&gt; &amp; &#x27;c&#x27;" in page
    assert "<b>" not in page


def test_what_is_the_same_for_all_knows_nothing_of_the_page():
    """Not even a context processor's: it is made once, for everybody."""
    page = Template("{% load frame %}{% same_for_all 'frame/top.html' %}").render(Context({"screening": "secret", "request": "secret"}))
    assert page == same_for_all("frame/top.html")
    assert "secret" not in page


def test_what_is_the_same_for_all_is_made_for_each_language(settings, tmp_path):
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path, *settings.TEMPLATES[0]["DIRS"]]}]
    (tmp_path / "language.html").write_text("{% load i18n %}{% get_current_language as lang %}{{ lang }}")
    for language in ("en", "de", "en"):
        with override(language):
            assert same_for_all("language.html") == language


@pytest.fixture
def explained(monkeypatch):
    """How many trials were explained."""
    numbers = []
    work = matching.explain_all
    monkeypatch.setattr(matching, "explain_all", lambda judgement, *rest: numbers.append(judgement.trial.key) or work(judgement, *rest))
    return numbers


@pytest.mark.django_db
@pytest.mark.usefixtures("small_catalog")
@pytest.mark.parametrize(("address", "trials"), [(RESULTS, 3), (SUMMARY, 1), (PDF, 1)])
def test_only_what_a_page_shows_is_explained_and_once(address, trials, patient, explained):
    patient.begin()
    patient.tell(diagnosis="rp_x_linked")
    patient.send(SUMMARY, trial="NCT10000001")
    explained.clear()
    assert patient.open(address).status_code == 200
    assert len(explained) == len(set(explained)) == trials
