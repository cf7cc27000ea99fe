"""Records of the registry for listings that people made by hand: tied to them, without changing their criteria."""

from datetime import date

import pytest

from tests.rows import everything
from trials import catalog
from trials.models import Criterion, Trial

from .registry_records import bring, eligibility, study

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("starter")]

DAY, LATER = "2050-01-01", "2050-01-02"
TODAY = date(2050, 1, 3)


def lines(listing: Trial, kind: str) -> list[str]:
    """The criteria of a kind, each on one line."""
    return [" ".join(row.text.split()) for row in listing.criteria.filter(kind=kind)]


def record_of(listing: Trial, *, day=DAY, status=None, more=(), without=()):
    """The record that a listing could have been made from. ``more`` are further exclusion criteria."""
    inclusion, exclusion = ([text for text in lines(listing, kind) if text not in without] for kind in ("inclusion", "exclusion"))
    text = eligibility(inclusion, [*exclusion, *more])
    return study(listing.nct_id, day=day, title="The record's own title", status=status or listing.status, conditions=["Its own name"], text=text)


def as_listed(listing: Trial) -> list[tuple]:
    """The criteria of a listing as people see them."""
    return list(listing.criteria.values_list("kind", "text", "plain", "rule", "cohort__name", "order", "team_checks", "earlier_source", "gone_at_source"))


@pytest.fixture
def listing() -> Trial:
    """The published built-in listing with the most rules."""
    return max(Trial.objects.published().open(), key=lambda one: one.criteria.exclude(rule="").count())


def test_the_first_record_of_each_built_in_listing_changes_no_criterion_of_it():
    listings = list(Trial.objects.all())
    before = {one.nct_id: as_listed(one) for one in listings}
    shown = {key: one.title for key, one in catalog.current().listings.items()}
    for one in listings:
        assert bring(record_of(one), today=TODAY).action == "changed"
    assert listings and {one.nct_id: as_listed(one) for one in listings} == before
    assert {key: one.title for key, one in catalog.current().listings.items()} == shown
    untied = Criterion.objects.filter(source_text="").count()
    assert untied < Criterion.objects.count() / 20, "nearly all are tied to their lines"


def test_the_first_record_is_told_once(listing):
    assert bring(record_of(listing), today=TODAY).action == "changed"
    before = everything()
    assert bring(record_of(listing), today=TODAY).action == "unchanged"
    assert everything() == before


def test_a_line_that_the_listing_does_not_show_is_listed_for_the_coordinator_and_added_to_nothing(listing):
    outcome = bring(record_of(listing, more=["Zithers within reach"]), today=TODAY)
    assert "1 lines that the listing does not show" in outcome.notes
    listing.refresh_from_db()
    assert [one["now"] for one in listing.differences if one["field"] == "criteria"] == [["Zithers within reach"]]
    assert not listing.criteria.filter(text__contains="Zithers").exists()


def test_a_status_that_closes_it_counts_from_the_first_record_on(listing):
    assert listing.nct_id in catalog.current().listings
    assert bring(record_of(listing, status="COMPLETED"), today=TODAY).closed
    assert listing.nct_id not in catalog.current().listings


def test_what_the_registry_changes_later_is_marked_for_review_with_the_rule_kept(listing):
    bring(record_of(listing), today=TODAY)
    row = next(one for one in listing.criteria.exclude(rule="") if one.source_text and len(one.text.split()) > 4 and "\n" not in one.text)
    later = record_of(listing, day=LATER)
    module = later["protocolSection"]["eligibilityModule"]
    module["eligibilityCriteria"] = module["eligibilityCriteria"].replace(" ".join(row.text.split()), " ".join(row.text.split()) + " altogether")
    bring(later, today=TODAY)
    rule = row.rule
    row.refresh_from_db()
    assert (row.rule, row.state) == (rule, "review")


def test_a_line_that_the_registry_drops_later_is_marked_for_review_with_the_rule_kept(listing):
    bring(record_of(listing), today=TODAY)
    row = listing.criteria.exclude(rule="").exclude(source_text="").first()
    bring(record_of(listing, day=LATER, without=[" ".join(row.text.split())]), today=TODAY)
    rule = row.rule
    row.refresh_from_db()
    assert (row.rule, row.gone_at_source) == (rule, True)


def test_an_older_record_does_not_touch_it(listing):
    before = everything()
    assert bring(record_of(listing, day="2001-01-01", status="COMPLETED"), today=TODAY).action == "older"
    assert everything() == before
