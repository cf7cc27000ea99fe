"""The public listing and the page of each trial: narrowed by plain links, quick, fit to share, and told right to search engines."""

import datetime
import re
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from prescreen import listing
from tests.factories import CohortFactory, ConditionFactory, CriterionFactory, SiteFactory, TrialFactory
from trials.models import ConditionArea, Trial

from .patients import page_of, text_of

pytestmark = pytest.mark.django_db
TODAY = datetime.date(2026, 11, 22)


def numbers(query: str = "", client: Client | None = None) -> list[str]:
    """The trials on a page of the listing, in order."""
    page = (client or Client()).get(f"/trials/{query}").content.decode()
    return re.findall(r'<h2><a href="/trials/(NCT\d{8})/">', page)


def links(query: str = "") -> dict[str, tuple[int, str]]:
    """The choices of a page of the listing: words -> how many trials, and the address."""
    page = Client().get(f"/trials/{query}").content.decode()
    filters = page[page.index('<nav class="filters') : page.index("</nav>", page.index('<nav class="filters'))]
    offered = re.findall(r'<a href="([^"]*)">([^<]*)</a> <span class="count">\((\d+)\)', filters)
    return {unescape(label): (int(count), unescape(address)) for address, label, count in offered}


@pytest.fixture
def some_trials():
    """Four trials: an open one of each of two kinds of lymphoma, one of unknown status, and a closed one."""
    cancer = ConditionFactory(key="cancer_of_blood", label="Cancer of the blood", areas=["cancer"])
    lymphoma = ConditionFactory(key="lymphoma", label="Lymphoma", parent=cancer, synonyms=["lymph cancer"], areas=["cancer"])
    follicular = ConditionFactory(key="follicular", label="Follicular lymphoma", parent=lymphoma, areas=["cancer"])
    made = {
        "a": TrialFactory(nct_id="NCT20000001", title="B open", areas=["cancer"], phase=["PHASE1", "PHASE2"], approach="engineered_cells", genes=["CD19"]),
        "b": TrialFactory(nct_id="NCT20000002", title="a open", areas=["cancer"], phase=["EARLY_PHASE1"], summary="About kites", sponsor="Kite House"),
        "c": TrialFactory(nct_id="NCT20000003", title="Unknown", areas=["eye"], status="UNKNOWN", condition_names=["Rare thing"]),
        "d": TrialFactory(nct_id="NCT20000004", title="Closed", areas=["eye", "genetic"], status="COMPLETED", phase=["PHASE3"], delivery="in_vivo"),
        "hidden": TrialFactory(nct_id="NCT20000005", title="Hidden", areas=["eye"], published=False),
    }
    made["a"].conditions.set([lymphoma])
    made["b"].conditions.set([follicular])
    SiteFactory(trial=made["a"], country="France")
    SiteFactory(trial=made["a"], country="France")
    SiteFactory(trial=made["b"], country="United States")
    return made


@pytest.mark.usefixtures("some_trials")
class TestNarrowing:
    """By plain links, each with its count."""

    def test_open_trials_come_first_then_by_title(self):
        assert numbers() == ["NCT20000002", "NCT20000001", "NCT20000003", "NCT20000004"]

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("?area=cancer", "21"),
            ("?area=eye", "34"),
            ("?open=yes", "21"),
            ("?open=unknown", "3"),
            ("?open=no", "4"),
            ("?condition=lymphoma", "21"),
            ("?condition=cancer_of_blood", "21"),
            ("?condition=follicular", "2"),
            ("?phase=PHASE1", "1"),
            ("?phase=PHASE2", "1"),
            ("?phase=EARLY_PHASE1", "2"),
            ("?phase=PHASE3", "4"),
            ("?approach=engineered_cells", "1"),
            ("?delivery=in_vivo", "4"),
            ("?country=France", "1"),
            ("?country=United+States", "2"),
            ("?area=eye&open=no", "4"),
            ("?area=cancer&country=France&phase=PHASE2", "1"),
            ("?area=cancer&open=no", ""),
            ("?area=nonsense", ""),
            ("?open=maybe", ""),
            ("?q=kite", "2"),
            ("?q=KITE+about", "2"),
            ("?q=cd19", "1"),
            ("?q=lymph+cancer", "21"),
            ("?q=follicular", "2"),
            ("?q=rare", "3"),
            ("?q=20000004", "4"),
            ("?q=nct20000003", "3"),
            ("?q=kite+rare", ""),
            ("?q=%25", ""),
            ("?q=kite&area=eye", ""),
            ("?q=", "2134"),
            ("?area=&open=", "2134"),
            ("?nonsense=1", "2134"),
        ],
    )
    def test_what_is_left(self, query, found):
        assert [number[-1] for number in numbers(query)] == list(found)

    def test_each_link_says_how_many_trials_it_leads_to(self):
        for query in ("", "?area=eye", "?q=open", "?open=yes&phase=PHASE1"):
            offered = links(query)
            assert offered
            for label, (count, address) in offered.items():
                assert count == len(numbers(address)) > 0, (query, label)

    def test_a_choice_is_counted_beside_the_others_and_not_beside_its_own(self):
        assert links("?area=eye")["Cancer"][0] == 2, "another area can be chosen instead"
        assert "France" not in links("?area=eye"), "a choice that would leave nothing is not offered"

    def test_what_was_chosen_can_be_taken_back_one_by_one(self):
        page = Client().get("/trials/?area=cancer&country=France&q=open").content.decode()
        chosen = page[page.index('<ul class="choices">') : page.index("</ul>", page.index('<ul class="choices">'))]
        assert [unescape(address) for address in re.findall(r'href="([^"]*)"', chosen)] == [
            "?country=France&q=open",
            "?area=cancer&q=open",
            "?area=cancer&country=France",
        ]
        assert "“open”" in chosen

    def test_a_search_keeps_the_choices(self):
        page = Client().get("/trials/?area=cancer").content.decode()
        assert '<input type="hidden" name="area" value="cancer">' in page

    def test_where_nothing_is_left_the_page_says_what_to_do(self):
        text = text_of(Client().get("/trials/?area=nonsense&q=kite"))
        assert "No trial has all of this" in text
        assert "Remove a choice above" in text
        assert "nonsense" in text

    def test_what_is_typed_cannot_become_markup(self):
        page = Client().get("/trials/?q=<b>x&area=%22><script>").content.decode()
        assert "<b>x" not in page
        assert "<script>" not in page

    def test_a_closed_trial_is_told_as_closed(self):
        assert "Closed: completed" in text_of(Client().get("/trials/?open=no"))


class TestPages:
    """Pages of 50, quick however many trials there are."""

    @pytest.mark.parametrize(("count", "pages"), [(0, 1), (50, 1), (51, 2), (100, 2), (101, 3)])
    def test_pages_have_fifty_trials(self, count, pages):
        make(count)
        assert len(numbers()) == min(count, 50)
        assert len({number for page in range(1, pages + 1) for number in numbers(f"?page={page}")}) == count
        assert (f"page 1 of {pages}" in text_of(Client().get("/trials/"))) is (pages > 1)

    def test_the_pages_lead_to_each_other_and_keep_the_choices(self):
        make(120)
        page = Client().get("/trials/?area=genetic&page=2").content.decode()
        assert re.search(r'rel="prev" href="\?area=genetic"', page)
        assert re.search(r'rel="next" href="\?area=genetic&amp;page=3"', page)

    @pytest.mark.parametrize(("asked", "shown"), [("0", 2), ("-1", 2), ("99", 2), ("x", 1), ("", 1)])
    def test_a_page_that_is_not_there_is_the_last_and_nonsense_the_first(self, asked, shown):
        make(60)
        assert listing.build({"page": asked}, TODAY).page.number == shown

    def test_five_thousand_trials_take_no_more_queries_than_one(self, django_assert_num_queries):
        make(1)
        with django_assert_num_queries(8):
            assert len(numbers()) == 1
        make(5000)
        with django_assert_num_queries(8):
            assert len(numbers()) == 50
        with django_assert_num_queries(10):  # one more for each word
            assert len(numbers("?area=genetic&q=trial+called")) == 50


def make(count: int) -> None:
    """So many trials at once."""
    area = ConditionArea.objects.get(slug="genetic")
    start = 30_000_000 + Trial.objects.count()
    made = Trial.objects.bulk_create(
        Trial(nct_id=f"NCT{start + n}", title=f"A trial called {n}", status="RECRUITING", source="invented for a test", as_of=TODAY, published=True)
        for n in range(count)
    )
    Trial.areas.through.objects.bulk_create(Trial.areas.through(trial_id=trial.pk, conditionarea_id=area.pk) for trial in made)


class TestTheTrial:
    """Its page, fit to share."""

    @pytest.fixture
    def trial(self):
        """A trial with everything."""
        made = TrialFactory(
            nct_id="NCT40000001",
            title="A gene for “two” & more",
            summary="A new gene is put in. " * 12,
            phase=["PHASE1"],
            contact_phone="555 0100",
            approach="gene_addition",
            delivery="in_vivo",
            follow_up_years=15,
            as_of=timezone.localdate(),
        )
        adults = CohortFactory(trial=made, name="Adults")
        CohortFactory(trial=made, name="Children")
        CriterionFactory(trial=made, text="Aged >= 18 years", plain="You are 18 or older", cohort=adults)
        CriterionFactory(trial=made, text="Gave consent")
        CriterionFactory(trial=made, kind="exclusion", text="Pregnant", plain="You are pregnant")
        CriterionFactory(trial=made, kind="unclear", text="Something about livers")
        SiteFactory(trial=made, city="Boston", status="RECRUITING")
        SiteFactory(trial=made, city="Chicago", status="COMPLETED")
        SiteFactory(trial=made, city="Paris", country="France", status="")
        return made

    def page(self, trial):
        """Its page."""
        return Client().get(trial.get_absolute_url())

    def test_search_engines_and_messengers_are_told_what_it_is(self, trial):
        page = self.page(trial).content.decode()
        told = {name: unescape(content) for name, content in re.findall(r'<meta (?:name|property)="([^"]+)" content="([^"]*)"', page)}
        assert told["og:title"] == "A gene for “two” & more (NCT40000001)"
        assert told["og:url"] == "http://testserver/trials/NCT40000001/"
        assert told["description"] == told["og:description"]
        assert told["description"].startswith("Recruiting. A new gene is put in.")
        assert len(told["description"]) <= 160
        assert "og:image" not in told
        assert '<link rel="canonical" href="http://testserver/trials/NCT40000001/">' in page
        assert "noindex" not in page

    def test_criteria_are_in_plain_words_with_the_original_beside(self, trial):
        text = text_of(self.page(trial))
        assert "You are 18 or older (Adults) As listed: Aged >= 18 years" in text
        assert "Gave consent What must not" in text.replace("  ", " ") or "As listed: Gave consent" not in text
        assert text.index("What must be so") < text.index("What must not be so") < text.index("You are pregnant") < text.index("Something about livers")

    def test_plain_words_that_may_be_out_of_date_are_left_out(self, trial):
        trial.criteria.filter(text="Pregnant").update(earlier_source={"text": "Expecting"})
        text = text_of(self.page(trial))
        assert "You are pregnant" not in text
        assert "Pregnant" in text

    def test_places_stand_by_country_with_their_status(self, trial):
        text = text_of(self.page(trial))
        assert text.index("France") < text.index("Paris: Status not known") < text.index("United States") < text.index("Boston: Recruiting")
        assert "Chicago: Closed: completed" in text

    def test_what_it_brings_and_what_to_do_next(self, trial):
        text = text_of(self.page(trial))
        assert "Before you decide" in text
        assert "Once given, the new gene cannot be taken out again." in text
        assert "Ask the trial team: 555 0100. Name the trial number, NCT40000001." in text
        assert "Print this page" in text

    def test_without_a_contact_the_registry_is_named(self, trial):
        Trial.objects.update(contact_phone="")
        assert '<a href="https://clinicaltrials.gov/study/NCT40000001">' in self.page(trial).content.decode()

    def test_the_facts_have_source_and_date(self, trial):
        text = text_of(self.page(trial))
        assert "Source invented for a test" in text
        assert "Day of the record" in text
        assert "Recruiting, as of" in text

    def test_a_stale_status_says_so(self, trial):
        Trial.objects.update(as_of=timezone.localdate() - datetime.timedelta(91))
        assert "not checked since" in text_of(self.page(trial))
        assert "(ask if this has changed)" in text_of(self.page(trial))

    def test_a_closed_trial_is_closed_everywhere(self, trial):
        Trial.objects.update(status="COMPLETED")
        trial.conditions.set([ConditionFactory(key="lymphoma", label="Lymphoma")])
        page = self.page(trial)
        text = text_of(page)
        assert "This trial is closed." in text
        assert ": Recruiting" not in text, "whatever was last noted about a place"
        assert "Before you decide" not in text
        assert 'href="/trials/?condition=lymphoma&amp;open=yes"' in page.content.decode()
        assert page_of("who") not in page.content.decode()
        assert 'content="Closed: completed.' in page.content.decode()


class TestSearchEngines:
    """Only the start, the listing, trials and the pages to learn from may be listed."""

    def test_only_the_whole_listing_may_be_listed(self):
        make(60)
        whole = Client().get("/trials/").content.decode()
        assert "noindex" not in whole
        assert '<link rel="canonical" href="http://testserver/trials/">' in whole
        for query in ("?area=genetic", "?q=gene", "?page=2", "?open=no"):
            assert '<meta name="robots" content="noindex">' in Client().get(f"/trials/{query}").content.decode()

    def test_robots_are_told_where_the_pages_are_and_to_leave_narrowed_lists_alone(self):
        told = Client().get("/robots.txt")
        assert told["Content-Type"] == "text/plain; charset=utf-8"
        assert told.content.decode().splitlines() == [
            "User-agent: *",
            "Disallow: /trials/?",
            "Disallow: /admin/",
            "Sitemap: http://testserver/sitemap.xml",
        ]

    @pytest.mark.usefixtures("some_trials")
    def test_the_sitemap_has_each_public_page_and_nothing_else(self):
        response = Client().get("/sitemap.xml")
        assert response["Content-Type"].startswith("application/xml")
        addresses = re.findall(r"<loc>http://testserver([^<]*)</loc>", response.content.decode())
        assert {"/", "/trials/", "/learn/", "/trials/NCT20000001/", "/trials/NCT20000004/"} <= set(addresses)
        assert "/trials/NCT20000005/" not in addresses, "it is not published"
        assert not any(address.startswith(("/screening", "/admin", "/reopen", "/left")) for address in addresses)
        for address in addresses:
            page = Client().get(address)
            assert page.status_code == 200
            assert "noindex" not in page.get("X-Robots-Tag", "") + re.sub(r"<main.*", "", page.content.decode(), flags=re.DOTALL), address
        assert "<lastmod>2026-11-01</lastmod>" in response.content.decode()
