"""The pages to learn from, and the words explained in place."""

import re
from html import unescape
from statistics import median

import pytest
from django.template import Context, Template

from prescreen import glossary, learn_pages
from prescreen.templatetags.words import mark_words
from tests.factories import ApprovedTherapyFactory, ConditionAreaFactory
from trials.desk.readability import grade, words_of
from trials.models import Condition

from .patients import text_of, title_of
from .test_words import NEVER

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small_catalog")]

SLUGS = [page.slug for page in learn_pages.PAGES]
ADDRESSES = ["/learn/", *(f"/learn/{slug}/" for slug in SLUGS)]
WITHOUT_DRAWING = {"benefits-and-risks", "when-to-ask", "approved-therapies", "time-and-approval", "bogus-clinics", "words"}
WORDS = {word.key: word for word in glossary.WORDS}


def source_of(patient, address: str) -> str:
    """The page's source, without what stands around its main part."""
    return re.search(r"<main.*</main>", patient.open(address).content.decode(), re.DOTALL)[0]


def plain(markup: str) -> str:
    """Markup as one line of text; a link within a sentence leaves no gap."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", re.sub(r"</?(?:a|strong)\b[^>]*>", "", markup)))).strip()


def paragraphs(markup: str) -> list[str]:
    """What a reader reads in one go: paragraphs, items and explanations, without what is copied from records and sources."""
    own = re.sub(r"<(details|svg|nav)\b.*?</\1>", "", markup, flags=re.DOTALL)
    own = re.sub(r'<section class="(?:sources|approved)".*?</section>|<a class="noprint".*?</a>', "", own, flags=re.DOTALL)
    return [text for _tag, found in re.findall(r"<(p|li|dd|figcaption)\b[^>]*>(.*?)</\1>", own, re.DOTALL) if words_of(text := plain(found))]


@pytest.mark.parametrize("slug", SLUGS)
class TestEachPage:
    """What every page to learn from has."""

    def test_it_has_one_title_a_summary_sources_and_the_date_of_its_review(self, slug, patient):
        page, _before, _after = learn_pages.find(slug)
        response = patient.open(f"/learn/{slug}/")
        text = plain(response.content.decode())
        assert response.status_code == 200
        assert response.content.decode().count("<h1") == 1
        assert title_of(response).startswith(str(page.title))
        assert 2 <= len(page.in_short) <= 4
        assert text.index("In short") < text.index(str(page.in_short[0])) < text.index("Where this is from")
        assert page.sources
        assert all(source.title in text for source in page.sources)
        assert "Last reviewed: November 22, 2026." in text

    def test_its_links_lead_on_and_back(self, slug, patient):
        page = source_of(patient, f"/learn/{slug}/")
        place = SLUGS.index(slug)
        expected = {"prev": SLUGS[place - 1] if place else None, "next": SLUGS[place + 1] if place + 1 < len(SLUGS) else None}
        for rel, other in expected.items():
            assert re.findall(rf'<a href="([^"]+)" rel="{rel}"', page) == ([f"/learn/{other}/"] if other else [])

    def test_the_first_page_tells_what_it_answers(self, slug, patient):
        page, _before, _after = learn_pages.find(slug)
        door = source_of(patient, "/learn/")
        assert f'href="/learn/{slug}/"' in door
        assert str(page.answers) in plain(door)

    def test_its_drawings_are_described(self, slug, patient):
        drawings = re.findall(r"<svg.*?</svg>", source_of(patient, f"/learn/{slug}/"), re.DOTALL)
        assert bool(drawings) is (slug not in WITHOUT_DRAWING)
        for drawing in drawings:
            title, description = (re.search(rf'<{tag} id="([^"]+)">(.+?)</{tag}>', drawing) for tag in ("title", "desc"))
            assert 'role="img"' in drawing
            assert f'aria-labelledby="{title[1]} {description[1]}"' in drawing
            assert len(description[2]) > len(title[2]) > 10

    def test_its_drawings_need_no_color(self, slug, patient):
        for drawing in re.findall(r"<svg.*?</svg>", source_of(patient, f"/learn/{slug}/"), re.DOTALL):
            assert set(re.findall(r'(?:fill|stroke)="([^"]+)"', drawing)) <= {"none", "currentColor"}
            assert min(map(int, re.findall(r'font-size="(\d+)"', drawing))) >= 16, "of 300: at least as many pixels on a small phone"

    def test_its_words_are_plain(self, slug, patient):
        read = paragraphs(source_of(patient, f"/learn/{slug}/"))
        assert len(read) >= 4
        assert grade(". ".join(text.rstrip(".") for text in read)) <= 8
        assert median(grade(text) for text in read) <= 6
        assert {text: round(found, 1) for text in read if (found := grade(text)) > 8} == {}

    def test_each_id_is_there_once_and_each_link_within_the_page_has_its_end(self, slug, patient):
        page = source_of(patient, f"/learn/{slug}/")
        ids = re.findall(r'\sid="([^"]+)"', page)
        assert len(ids) == len(set(ids))
        assert set(re.findall(r'href="#([^"]+)"', page)) <= set(ids)


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_page_promises_judges_or_speaks_of_people_as_material(address, patient):
    text = plain(source_of(patient, address))
    assert not NEVER.search(text)
    assert not re.search(r"\bsubjects?\b|\bguarantee[sd]?\b|\bmiracle|\bbreakthrough", text, re.IGNORECASE)


@pytest.mark.parametrize("address", ADDRESSES)
def test_nothing_comes_from_elsewhere(address, patient):
    """Other sites stand in plain links only."""
    page = patient.open(address).content.decode()
    assert not re.search(r"<(?:img|iframe|script|object|embed|video|audio|form|use|image)\b|\sstyle=|url\(", page)
    assert all(tag.startswith(("<a ", '<link rel="canonical"', "<meta ")) for tag in re.findall(r"<[^>]*https?://[^>]*>", page))


@pytest.mark.parametrize("address", ["/learn/no-such-page/", "/learn/Words/", "/learn/page/", "/learn/door/", "/learn/in_short/"])
def test_an_unknown_page_says_kindly_what_to_do(address, patient):
    response = patient.open(address)
    assert response.status_code == 404
    assert "We cannot find that page" in text_of(response)


def test_the_sources_are_addresses_of_authorities():
    sources = {source for page in learn_pages.PAGES for source in page.sources}
    assert len(sources) >= 20
    for source in sources:
        assert not source.address or re.fullmatch(r"https://[\w./-]+", source.address), source


class TestWhatMustBeSaid:
    """Each with the page that says it."""

    @pytest.mark.parametrize(
        ("slug", "words"),
        [
            ("benefits-and-risks", "It cannot be undone."),
            ("benefits-and-risks", "It may also not work."),
            ("benefits-and-risks", "It may close the door to other gene therapy trials."),
            ("benefits-and-risks", "Your immune system may see the vector as a germ."),
            ("benefits-and-risks", "Some effects may show only after years."),
            ("how-it-gets-in", "A vector carries the new gene into your cells."),
            ("how-it-gets-in", "In vivo means inside the body."),
            ("how-it-gets-in", "Ex vivo means outside the body."),
            ("what-happens-in-a-trial", "You can leave at any time, for any reason."),
            ("what-happens-in-a-trial", "Some trials are randomized."),
            ("when-to-ask", "call your local emergency number"),
            ("bogus-clinics", "You must pay to get in."),
            ("ways-it-works", "Gene silencing turns down a gene that does harm."),
            ("time-and-approval", "Many never get approved."),
        ],
    )
    def test_it_is_said(self, slug, words, patient):
        assert words in plain(source_of(patient, f"/learn/{slug}/"))

    def test_the_first_page_says_it_too(self, patient):
        text = plain(source_of(patient, "/learn/"))
        for words in ("It may not work.", "It cannot be undone.", "It may close the door to other gene therapy trials."):
            assert words in text


def test_approved_therapies_stand_by_area_and_condition_with_source_and_date(patient):
    conditions = Condition.objects.filter(key__in=("hemophilia", "rp_x_linked"))
    assert len(conditions) == 2
    therapy = ApprovedTherapyFactory(brand="Newblood", area=ConditionAreaFactory(slug="genetic"), source="https://example.org/label, read 2026-11-22")
    therapy.conditions.set(conditions)
    ApprovedTherapyFactory(brand="Homeless", area=None)
    page = source_of(patient, "/learn/approved-therapies/")
    text = plain(page)
    assert text.index("Oldvision") < text.index("Newblood") < text.index("Homeless"), "eye disease before genetic conditions before the rest"
    assert page.count("<strong>Newblood</strong>") == 2, "under both conditions"
    for condition in conditions:
        assert f"<h3>{condition.label}</h3>" in page
    assert text.count("As of November 1, 2026, from example.org.") == 2
    assert text.count("As of November 1, 2026, from invented for a test.") >= 1, "a source without an address stands as it is"
    assert text.count("Newblood: https://example.org/label, read 2026-11-22 (November 1, 2026)") == 1, "the whole source, once"


class TestTheGlossary:
    """The words, and where they are explained."""

    def test_each_word_is_explained_once_in_one_or_two_plain_sentences(self):
        assert 40 <= len(glossary.WORDS) == len(WORDS)
        every_form = [form for word in glossary.WORDS for form in word.listed]
        assert len(every_form) == len(set(every_form)), "no form belongs to two words"
        for word in glossary.WORDS:
            assert 1 <= len(re.findall(r"[.!?](?=\s|$)", str(word.meaning))) <= 3, word
            assert grade(str(word.meaning)) <= 8, word
            assert not NEVER.search(f"{word.forms} {word.meaning}")

    def test_its_page_has_an_anchor_for_each_word(self, patient):
        page = source_of(patient, "/learn/words/")
        assert sorted(re.findall(r'<div id="([\w-]+)"><dt>', page)) == sorted(WORDS)
        for word in glossary.WORDS:
            assert page.count(f"<dt>{word.name}</dt>") == 1

    def test_the_list_is_in_the_order_of_names(self, patient):
        names = re.findall(r"<dt>([^<]+)</dt>", source_of(patient, "/learn/words/"))
        assert names == sorted(names, key=str.lower)

    @pytest.mark.parametrize("key", WORDS)
    def test_each_form_of_a_word_is_found(self, key):
        for form in WORDS[key].listed:
            assert [(word.key, linked) for word, linked in mark_words(f"<p>Read about {form}.</p>")[1]] == [(key, True)]


class TestExplainedInPlace:
    """The block {% explained %}."""

    def show(self, content: str) -> str:
        return Template("{% load words %}{% explained %}" + content + "{% endexplained %}").render(Context({"text": "A vector & <b>AAV</b>"}))

    def test_the_first_mention_is_a_link_to_the_explanation_below(self):
        page = self.show("<p>A vector is not the last vector.</p>")
        assert '<p>A <a class="word" id="use-vector" href="#word-vector">vector</a> is not the last vector.</p>' in page
        assert page.count('id="word-vector"') == 1
        assert str(WORDS["vector"].meaning) in page
        assert 'href="#use-vector"' in page

    @pytest.mark.parametrize(
        "content",
        [
            "<h2>A vector</h2>",
            "<a href='/'>A vector</a>",
            "<label>A vector</label>",
            "<fieldset><legend>A vector</legend></fieldset>",
            '<p class="hint">A vector</p>',
            '<div class="hint"><div>So</div>A vector</div>',
            "<button>A vector</button>",
            "<svg><text>A vector</text></svg>",
            "<form><p>A vector</p></form>",
            "<dl><dd>A vector</dd></dl>",
            "<details><summary>A vector</summary></details>",
        ],
    )
    def test_hints_legends_and_the_like_get_no_link_but_an_explanation(self, content):
        page = self.show(content)
        assert content in page
        assert 'id="word-vector"' in page
        assert "use-vector" not in page

    def test_a_word_without_link_is_linked_where_it_comes_again(self):
        page = self.show('<p class="hint">A vector</p><p>The vector</p>')
        assert '<p class="hint">A vector</p><p>The <a class="word"' in page

    def test_longer_words_win(self):
        found = mark_words("<p>A neutralizing antibody, and gene therapy.</p>")[1]
        assert [word.key for word, _linked in found] == ["gene-therapy", "neutralizing-antibody"]

    @pytest.mark.parametrize("text", ["a work of art", "generous", "vectored", "subphase", '<img alt="a vector">'])
    def test_what_only_looks_like_a_word_is_left_alone(self, text):
        assert mark_words(text) == (text, [])

    def test_the_titles_of_other_pages_explain_nothing(self):
        assert mark_words("<nav><a href='/'>A vector</a></nav>") == ("<nav><a href='/'>A vector</a></nav>", [])

    def test_where_there_is_no_word_nothing_is_added(self):
        assert self.show("<p>Good day.</p>").strip() == "<p>Good day.</p>"

    def test_what_comes_from_records_stays_escaped(self):
        page = self.show("<p>{{ text }}</p>")
        assert "&amp; &lt;b&gt;" in page
        assert "<b>" not in page
        assert 'href="#word-aav">AAV</a>' in page

    def test_the_page_of_a_trial_explains_its_words(self, patient):
        page = source_of(patient, "/trials/NCT10000001/")
        assert "Words on this page" in page
        assert re.findall(r'href="#word-[\w-]+"', page)
        ids = re.findall(r'\sid="([^"]+)"', page)
        assert len(ids) == len(set(ids))
        assert set(re.findall(r'href="#([^"]+)"', page)) <= set(ids)
