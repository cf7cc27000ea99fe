"""A listing that was not checked lately says so, wherever its day stands: on screen, on paper, in the public listing."""

from datetime import date, timedelta

import pytest

from prescreen import listing, results, summary
from prescreen.answers import Answers
from prescreen.screening import Screening
from prescreen.trial_facts import checked_text, status_text, trial_facts
from tests.factories import TrialFactory
from trials import catalog
from trials.models import Trial
from trials.vocabulary import FRESH_DAYS

from .patients import PDF, RESULTS, SUMMARY, text_of
from .test_pdf import text_in

READ = date(2026, 3, 5)
DAY = "March 5, 2026"
AFTER = [(89, f"as of {DAY}"), (90, f"as of {DAY}"), (91, f"not checked since {DAY}"), (-1, f"as of {DAY}"), (5000, f"not checked since {DAY}")]
pages = pytest.mark.parametrize(("days", "words"), AFTER)


def test_ninety_days_are_the_limit():
    assert FRESH_DAYS == 90


@pages
def test_the_day_of_a_listing_in_words(days, words):
    assert checked_text(Trial(as_of=READ), READ + timedelta(days)) == words


@pytest.mark.parametrize(
    ("status", "days", "words"),
    [
        ("RECRUITING", 90, f"Recruiting, as of {DAY}"),
        ("RECRUITING", 91, f"Recruiting, not checked since {DAY} (ask if this has changed)"),
        ("UNKNOWN", 90, f"Status not known: ask if it is open (record read {DAY})"),
        ("UNKNOWN", 91, f"Status not known: ask if it is open (not checked since {DAY})"),
        ("COMPLETED", 91, f"Closed: completed, not checked since {DAY} (ask if this has changed)"),
    ],
)
def test_the_status_with_its_day(status, days, words):
    assert status_text(Trial(status=status, as_of=READ), READ + timedelta(days)) == words


@pytest.mark.django_db
class TestPages:
    """Every place where the day stands."""

    @pytest.fixture(autouse=True)
    def _trial(self):
        TrialFactory(areas=["eye"], as_of=READ)

    @pages
    def test_results_and_paper(self, days, words):
        screening, today = Screening(Answers(area="eye"), catalog.current()), READ + timedelta(days)
        [found] = [result for group in results.build(screening, today).groups for result in group.results]
        assert words in found.status
        [sheet] = summary.build(screening, today).sheets
        assert words in dict(sheet.facts)["Status"]

    @pages
    def test_the_public_listing_and_a_trial_s_public_page(self, days, words):
        today = READ + timedelta(days)
        [(trial, checked)] = listing.build({}, today).trials
        assert checked == words
        assert words in dict(trial_facts(trial, today))["Status"]

    def test_the_pages_and_the_pdf_show_it(self, patient):
        Trial.objects.update(as_of=date(2020, 3, 5))
        catalog.touch()
        patient.remember()
        shown = [text_of(patient.open(address)) for address in (RESULTS, SUMMARY, "/trials/", Trial.objects.get().get_absolute_url())]
        for text in (*shown, text_in(patient.open(PDF).content)):
            assert "not checked since March 5, 2020" in text
            assert "as of March 5, 2020" not in text
