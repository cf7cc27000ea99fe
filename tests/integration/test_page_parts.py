"""Parts of pages that are made in a quick way: they say what they would say otherwise, and nothing of one patient reaches another."""

import pytest
from django.template import Context, Template
from django.utils.translation import override

from prescreen.choices import Group, Option, groups_of
from prescreen.forms import ChoiceForm, ChoicesForm
from prescreen.long_lists import Search
from prescreen.results import CriterionLine
from prescreen.templatetags.controls import controls
from prescreen.templatetags.criteria import criterion_lines
from prescreen.templatetags.frame import same_for_all
from trials import catalog, matching
from trials.models import Condition
from trials.vocabulary import DIAGNOSIS

from .patients import PDF, RESULTS, SUMMARY, Patient, page_of, text_of

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


def form_of(*groups: Group, initial=None) -> ChoiceForm:
    """The form of a list that can be searched."""
    form = ChoiceForm(("?", ""), list(groups), initial=initial)
    form.search = Search()
    return form


def test_options_stand_in_their_groups():
    groups = Group((Option("a", "Ay"),)), Group((Option("b", "Bee", "Buzzes", ("bumble", "hum")),), "Animals", folded=True), Group((Option("c", "Cee"),), "or")
    assert controls(form_of(*groups, initial="b")).splitlines() == [
        '<div class="choice"><input type="radio" name="answer" value="a" id="id_answer_1_1"><label for="id_answer_1_1">Ay</label></div>',
        '<details class="group" open><summary>Animals</summary>',
        '<div class="choice" data-find="bumble|hum"><input type="radio" name="answer" value="b" id="id_answer_2_1" checked>'
        '<label for="id_answer_2_1">Bee<span class="option-help">Buzzes</span></label></div>',
        "</details>",
        '<p class="between">or</p>',
        '<div class="choice"><input type="radio" name="answer" value="c" id="id_answer_3_1"><label for="id_answer_3_1">Cee</label></div>',
    ]


def test_several_options_are_boxes_and_other_names_stand_where_there_is_a_search_alone():
    form = ChoicesForm(("?", ""), [Group((Option("a", "Ay", names=("aye",)), Option("b", "Bee")))], initial=["b"])
    page = controls(form)
    assert page.count('type="checkbox"') == page.count("<input") == 4
    assert page.count(" checked") == page.count('value="b" id="id_answer_1_2" checked') == 1
    assert "data-find" not in page


@pytest.mark.parametrize("folded", [True, False])
@pytest.mark.parametrize("part", ["value", "label", "help", "names", "heading"])
def test_the_words_of_an_option_are_no_markup(part, folded):
    hostile = "<script>alert(\"1\")</script> & 'c'"
    told = {"value": "a", "label": "Ay", "help": "", "names": ()} | ({part: (hostile,) if part == "names" else hostile} if part != "heading" else {})
    page = controls(form_of(Group((Option(**told),), hostile if part == "heading" else "Letters", folded)))
    assert page.count("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#x27;c&#x27;") == 1
    assert "<script" not in page
    assert "&amp;lt;" not in page


@pytest.mark.django_db
@pytest.mark.usefixtures("small_catalog")
class TestListsThatAreKept:
    """The conditions of an area are listed once for all patients, while the records are as they are."""

    def test_what_one_patient_chose_is_not_chosen_for_the_next(self, patient):
        patient.begin()
        patient.tell(diagnosis="rp_x_linked")
        assert " checked" in patient.open(page_of("diagnosis")).content.decode()
        other = Patient()
        other.begin()
        page = other.open(page_of("diagnosis")).content.decode()
        assert " checked" not in page
        assert " open" not in page

    def test_a_record_that_changes_is_listed_anew(self, patient):
        patient.begin()
        patient.open(page_of("diagnosis"))
        row = Condition.objects.get(key="stargardt")
        row.label = "Stargardt by another name"
        row.save()
        assert "Stargardt by another name" in text_of(patient.open(page_of("diagnosis")))

    def test_a_list_is_made_for_each_area_and_language(self):
        now = catalog.current()
        question = now.questionnaire[DIAGNOSIS]
        lists = []
        for language in ("en", "de"):
            with override(language):
                lists += [groups_of(question, now, area) for area in ("eye", None)]
        assert len({id(made) for made in lists}) == 4
        assert lists[0] != lists[1]


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
