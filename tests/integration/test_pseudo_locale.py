"""Ready for translation: in a made-up language that marks every text it translates, nothing that patients read is left unmarked."""

import gettext
import re
from html import unescape
from html.parser import HTMLParser

import pytest
from django.utils import translation
from django.utils.translation import trans_real

from prescreen import learn_pages
from trials.models import ApprovedTherapy, Trial

from .patients import CHECK, RESULTS, SUMMARY, UNSURE, Patient, page_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("starter")]

LANGUAGE = "eo"
ACCENTED = str.maketrans("aeiouyAEIOUYcnsCNS", "àéîöûýÀÉÎÖÛÝçñšÇÑŠ")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd%]|\{\w*\}|<[^>]*>|&\w+;|https?://\S+|\S+@\S+|\b[\w-]+(?:\.[\w-]+)*\.[a-z]{2,4}\b")
PLAIN_WORD = re.compile(r"(?<![\w.%])[A-Za-z]*[aeiouyAEIOUYcnsCNS][A-Za-z]*(?![\w])")
SPOKEN = ("title", "alt", "aria-label", "placeholder", "content", "label", "summary")
SILENT = {"script", "style", "code", "svg"}


def marked(text: str) -> str:
    """A text as the made-up language says it: every letter that can be is accented; what is filled in later is left alone."""
    parts, place = [], 0
    for found in PLACEHOLDER.finditer(text):
        parts += [text[place : found.start()].translate(ACCENTED), found[0]]
        place = found.end()
    return "".join(parts) + text[place:].translate(ACCENTED)


class MadeUp(gettext.NullTranslations):
    """A catalog that knows every text."""

    def to_language(self):
        return LANGUAGE

    def gettext(self, message):
        return marked(message) if message else message

    def ngettext(self, singular, plural, n):
        return marked(singular if n == 1 else plural)

    def pgettext(self, context, message):
        return marked(message)

    def npgettext(self, context, singular, plural, n):
        return self.ngettext(singular, plural, n)


class Words(HTMLParser):
    """What a page says, to the eye and to a screen reader, piece by piece."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.said: list[str] = []
        self.inside: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        if tag in SILENT:
            self.inside.append(tag)
        named = dict(attrs)
        if tag != "meta" or named.get("name") == "description":
            self.said += [value for name, value in attrs if name in SPOKEN and value]

    def handle_endtag(self, tag):
        if self.inside and self.inside[-1] == tag:
            self.inside.pop()

    def handle_data(self, data):
        if not self.inside and data.strip():
            self.said.append(" ".join(data.split()))


@pytest.fixture
def made_up_language(settings):
    """The site in the made-up language."""
    known = dict(trans_real._translations)
    trans_real._translations[LANGUAGE] = MadeUp()
    with translation.override(LANGUAGE):
        yield
    trans_real._translations.clear()
    trans_real._translations.update(known)


@pytest.fixture
def names(made_up_language) -> re.Pattern[str]:
    """Names that stay as they are in any language: of trials' records, drugs, genes, places, sponsors and sources."""
    found = {"ClinicalTrials.gov", "NCT", "PDF", "JSON", "QR"}
    for trial in Trial.objects.prefetch_related("sites", "cohorts"):
        found |= {
            trial.nct_id,
            trial.title,
            trial.sponsor,
            trial.source,
            trial.vector,
            trial.route,
            trial.contact_name,
            trial.contact_phone,
            trial.contact_email,
        }
        found |= {*trial.genes, *trial.condition_names, *(str(site) for site in trial.sites.all()), *(cohort.name for cohort in trial.cohorts.all())}
    for page in learn_pages.PAGES:
        found |= {part for source in page.sources for part in (source.by, source.title)}
    for therapy in ApprovedTherapy.objects.all():
        found |= {therapy.brand, therapy.generic, therapy.source}
    longest_first = sorted((unescape(name) for name in found if name), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first)))


def left_over(page: str, names: re.Pattern[str]) -> set[str]:
    """Pieces of a page with plain words in them that no translation touched."""
    pieces = {names.sub(" ", piece) for piece in Words(page).said}
    return {piece for piece in pieces if PLAIN_WORD.search(PLACEHOLDER.sub(" ", piece))}


def test_a_text_is_marked_around_what_is_filled_in():
    assert marked("%(count)d more trials at {place}") == "%(count)d möré trîàlš àt {place}"


def test_what_is_not_translated_is_found():
    page = '<h1>Ñö</h1><p title="plain">Ýéš <b>but</b> NCT00000001</p><script>var nothing</script>'
    assert left_over(page, re.compile("NCT00000001")) == {"plain", "but"}


PUBLIC = ("/", "/learn/", "/trials/", "/screening/expired/", "/screening/not-listed/", "/screening/deleted/", "/left/", "/nothing-here/", "/reopen/")
LEARN = [f"/learn/{page.slug}/" for page in learn_pages.PAGES]


@pytest.mark.parametrize("address", [*PUBLIC, *LEARN])
def test_public_pages_are_ready_for_translation(address, names):
    assert left_over(Patient().open(address).content.decode(), names) == set()


@pytest.mark.parametrize("area", ["cancer", "eye", "genetic", "hiv"])
@pytest.mark.parametrize("who", ["me", "other"])
def test_a_whole_screening_is_ready_for_translation(area, who, names):
    patient = Patient()
    first = {"who": who, "area": area}
    patient.go_on(lambda key, _options: first.get(key, UNSURE), page_of("who"))
    for address in (CHECK, RESULTS, SUMMARY, "/screening/near/"):
        patient.open(address)
    patient.send("/screening/compare/", trial=re.findall(r'name="trial" value="(NCT\d+)"', patient.open(RESULTS).content.decode())[:3])
    found = {piece for response in patient.seen for piece in left_over(response.content.decode(), names)}
    assert sorted(found) == []
