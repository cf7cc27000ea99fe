"""Records of the registry merged into the facts of listings: status, sites, contact and the rest, and what a record does not state."""

from datetime import date

import pytest

from tests.factories import ConditionAreaFactory, ConditionFactory, SiteFactory
from tests.rows import everything
from trials import catalog, matching
from trials.history import REGISTRY
from trials.models import Cohort, Criterion, Site, Trial

from .registry_records import (
    ADULT,
    CONTACT,
    GLAUCOMA,
    HOSPITAL,
    NUMBER,
    OTHER,
    STEROIDS,
    bare,
    bring,
    bring_in,
    criterion,
    edit,
    eligibility,
    study,
    texts,
    trial,
)

pytestmark = pytest.mark.django_db

CLINIC = {"facility": "Dune Clinic", "city": "Leiden", "country": "Netherlands", "status": "RECRUITING"}


@pytest.fixture
def listing():
    """A published listing that came from the registry."""
    bring(study())
    row = trial()
    row.areas.set([ConditionAreaFactory()])
    return edit(row, published=True)


def test_what_is_new_comes_in_unpublished_and_whole():
    outcome = bring(study(phases=["PHASE1", "PHASE2"], minimum="6 Months"))
    row = trial()
    assert (outcome.action, row.published, row.published_at) == ("added", False, None)
    assert (row.title, row.status, row.sponsor, row.phase, row.sex) == ("A New Light for Dull Eyes", "RECRUITING", "Lantern House", ["PHASE1", "PHASE2"], "ALL")
    assert (row.contact_name, row.contact_phone, row.contact_email) == ("Study desk", "555-0100", "desk@example.org")
    assert (row.condition_names, row.criteria_complete, row.as_of, float(row.min_age)) == (["Dull Eye"], True, date(2026, 10, 1), 0.5)
    assert str(row.sites.get()) == "Hill Hospital, Utrecht, Netherlands"
    assert [(one.kind, one.text, one.rule) for one in row.criteria.all()] == [
        ("inclusion", "Age 6 months or older", ""),
        ("inclusion", ADULT, ""),
        ("exclusion", GLAUCOMA, ""),
        ("exclusion", STEROIDS, ""),
    ]


def test_every_row_of_the_history_says_that_it_was_the_import():
    bring(study(text=eligibility(cohorts={"Cohort A": ["Likes light"]})))
    bring(study(day="2026-10-02", title="Another", sites=[CLINIC], text=eligibility(exclusion=(), cohorts={"Cohort B": ["Reads at night"]})))
    for model in (Trial, Criterion, Cohort, Site):
        rows = model.history.all()
        assert {row.history_change_reason for row in rows} == {REGISTRY}, model
        assert {"+"} < {row.history_type for row in rows}, model


def test_a_trial_that_the_registry_closes_is_not_shown_or_judged_any_more_at_once(listing):
    current = catalog.current()
    assert NUMBER in current.listings and [one.listing.nct_id for one in matching.match(current, None, {}).trials] == [NUMBER]
    outcome = bring(study(day="2026-10-02", status="ACTIVE_NOT_RECRUITING"))
    assert (outcome.action, outcome.closed, outcome.was_published) == ("changed", True, True)
    current = catalog.current()
    assert NUMBER not in current.listings and not matching.match(current, None, {}).trials


def test_a_closing_counts_although_a_coordinator_set_the_status(listing):
    edit(listing, status="NOT_YET_RECRUITING")
    assert bring(study(day="2026-10-02", status="TERMINATED")).closed
    assert NUMBER not in catalog.current().listings


def test_a_trial_that_opens_again_is_shown_again_unless_a_coordinator_closed_it(listing):
    bring(study(day="2026-10-02", status="SUSPENDED"))
    bring(study(day="2026-10-03", status="RECRUITING"))
    assert NUMBER in catalog.current().listings
    edit(trial(), status="SUSPENDED")
    bring(study(day="2026-10-04", status="ENROLLING_BY_INVITATION"))
    assert trial().status == "SUSPENDED"


def test_a_coordinators_own_value_is_kept_and_the_difference_is_listed(listing):
    edit(listing, title="Light for eyes, in plain words")
    outcome = bring(study(day="2026-10-02", title="A Newer Light", sponsor="Candle House"))
    row = trial()
    assert (row.title, row.sponsor) == ("Light for eyes, in plain words", "Candle House")
    assert row.differences == [
        {"field": "title", "was": "Light for eyes, in plain words", "now": "A Newer Light", "kept": True, "on": "2026-10-02"},
        {"field": "sponsor", "was": "Lantern House", "now": "Candle House", "kept": False, "on": "2026-10-02"},
    ]
    assert outcome.notes == ("title: Light for eyes, in plain words → A Newer Light (yours is kept)", "sponsor: Lantern House → Candle House")


def test_phases_follow_the_registry(listing):
    bring(study(day="2026-10-02", phases=["PHASE2"]))
    assert trial().phase == ["PHASE2"]


def test_a_new_contact_does_not_keep_the_address_of_the_one_before(listing):
    bring(study(day="2026-10-02", contact={"name": "Night desk", "phone": "555-0200"}))
    row = trial()
    assert (row.contact_name, row.contact_phone, row.contact_email) == ("Night desk", "555-0200", "")


def test_a_contact_that_a_coordinator_took_out_stays_out(listing):
    edit(listing, contact_phone="")
    bring(study(day="2026-10-02", contact=CONTACT | {"phone": "555-0300"}))
    row = trial()
    assert (row.contact_phone, [(one["field"], one["kept"]) for one in row.differences]) == ("", [("contact_phone", True)])


def test_sites_follow_the_registry_beside_those_of_a_coordinator(listing):
    mine = SiteFactory(trial=listing, facility="Mine")
    kept = listing.sites.get(facility="Hill Hospital").pk
    outcome = bring(study(day="2026-10-02", sites=[HOSPITAL, CLINIC]))
    assert outcome.notes == ("sites: 2 before, 3 now",)
    assert set(listing.sites.values_list("pk", flat=True)) > {mine.pk, kept}
    listing.sites.get(facility="Dune Clinic").delete()
    bring(study(day="2026-10-03", sites=[HOSPITAL | {"status": "COMPLETED"}, CLINIC]))
    assert sorted(listing.sites.values_list("facility", "status")) == [("Hill Hospital", "COMPLETED"), ("Mine", "")]


def test_the_same_record_twice_changes_nothing_at_all(listing):
    edit(criterion(ADULT), rule="dull is yes")
    before = everything()
    assert [one.action for one in bring_in(study(), study())] == ["unchanged", "unchanged"]
    assert everything() == before


def test_a_check_that_finds_nothing_new_moves_the_day_and_leaves_no_history(listing):
    history = Trial.history.count(), Criterion.history.count()
    assert catalog.current().listings[NUMBER].as_of == date(2026, 10, 1)
    assert bring(study(day="2026-10-09")).action == "unchanged"
    assert catalog.current().listings[NUMBER].as_of == date(2026, 10, 9)
    assert (Trial.history.count(), Criterion.history.count()) == history


def test_a_change_leaves_history_only_of_the_rows_that_changed(listing):
    before = Criterion.history.count(), Site.history.count()
    bring(study(day="2026-10-02", text=eligibility(exclusion=(GLAUCOMA, "Steroid tablets within the last 60 days"))))
    assert (Criterion.history.count(), Site.history.count()) == (before[0] + 1, before[1])


def test_an_older_record_is_left_alone(listing):
    before = everything()
    outcome = bring(study(day="2026-09-30", title="An old title", status="COMPLETED"))
    assert (outcome.action, outcome.notes) == ("older", ("the record is as of 2026-09-30, the listing as of 2026-10-01",))
    assert everything() == before


def test_a_record_from_the_future_does_not_keep_later_ones_out(listing):
    bring(study(day="2199-01-01", title="From the future"), today=date(2026, 10, 2))
    assert trial().as_of == date(2026, 10, 2)
    assert bring(study(day="2026-10-03", status="COMPLETED")).closed


def test_a_record_without_a_day_does_not_keep_dated_ones_out(listing):
    bring(study(day=None, sponsor="Candle House"), today=date(2026, 11, 1))
    assert (trial().sponsor, trial().as_of) == ("Candle House", date(2026, 10, 1))
    bring(study(OTHER, day=None), today=date(2026, 11, 1))
    assert "without a date" in trial(OTHER).source
    assert bring(study(OTHER, day="2026-10-30", status="COMPLETED")).closed
    assert "without a date" not in trial(OTHER).source


def test_a_record_that_states_nothing_but_its_number_makes_an_incomplete_listing():
    bring(bare())
    row = trial()
    assert (row.title, row.status, row.criteria_complete, row.criteria.count()) == (NUMBER, "UNKNOWN", False, 0)
    bring(study(day="2026-10-03"))
    row = trial()
    assert (row.title, row.status, row.criteria_complete, row.criteria.count()) == ("A New Light for Dull Eyes", "RECRUITING", True, 3)


@pytest.mark.parametrize(
    "modules",
    [
        {},
        {"statusModule": {"overallStatus": "RECRUITING"}},
        {"eligibilityModule": {"sex": "ALL"}},
        {"eligibilityModule": {"eligibilityCriteria": eligibility()}},
        {
            "designModule": {"phases": []},
            "contactsLocationsModule": {"centralContacts": [{}], "locations": []},
            "eligibilityModule": {"eligibilityCriteria": " "},
        },
    ],
)
def test_what_a_record_does_not_state_stays_then_and_at_the_next_whole_record(modules, listing):
    bring(study(day="2026-10-02", sex="FEMALE", minimum="18 Years"))
    edit(criterion(STEROIDS), rule="steroids is yes")
    criterion(GLAUCOMA).delete()
    edit(trial(), contact_phone="", sponsor="In my words")
    if "sex" in modules.get("eligibilityModule", {}):
        modules = {"eligibilityModule": {"sex": "FEMALE", "minimumAge": "18 Years"}}
    before = everything()
    assert bring(bare(day="2026-10-02", **modules)).action == "unchanged"
    assert everything() == before
    assert bring(study(day="2026-10-02", sex="FEMALE", minimum="18 Years")).action == "unchanged"
    assert everything() == before


def test_a_part_of_a_record_that_is_news_changes_only_that_part(listing):
    edit(criterion(STEROIDS), rule="steroids is yes")
    bring(bare(statusModule={"overallStatus": "COMPLETED"}))
    row = trial()
    assert (row.status, row.title, row.sites.count(), row.criteria_complete) == ("COMPLETED", "A New Light for Dull Eyes", 1, True)
    assert texts() == [ADULT, GLAUCOMA, STEROIDS] and criterion(STEROIDS).state == "rule"


def test_a_part_of_a_record_that_has_a_sex_and_no_age_takes_the_bounds_of_age_back(listing):
    bring(study(day="2026-10-02", minimum="18 Years"))
    edit(criterion("Age 18 years or older"), rule="age >= 18")
    bring(bare(day="2026-10-03", eligibilityModule={"sex": "ALL"}))
    assert criterion("Age 18 years or older").gone_at_source
    assert [row.state for row in trial().criteria.all()] == ["review", "to_do", "to_do", "to_do"]


def test_a_dry_run_says_the_same_and_writes_nothing(listing):
    before = everything()
    news = [study(day="2026-10-02", status="COMPLETED", text=eligibility(exclusion=(), cohorts={"Cohort A": ["New"]})), study(OTHER)]
    tried = bring_in(*news, dry_run=True)
    assert everything() == before
    assert bring_in(*news) == tried
    assert everything() != before


@pytest.fixture
def suggested():
    """The suggestions of a record whose condition our tree has: at least its area and its condition."""
    ConditionFactory(label="Dull eye", areas=["eye"])
    bring(study())
    found = trial().suggestions
    assert {"areas", "conditions"} <= {one["field"] for one in found}
    return found


def test_a_part_of_a_record_does_not_take_suggestions_back_but_a_whole_one_does(suggested):
    bring(bare(statusModule={"overallStatus": "COMPLETED"}))
    assert [one for one in suggested if one not in trial().suggestions] == []
    bring(study(day="2026-10-03", title="A study of something else", conditions=["Something else"], text=eligibility(["Adults"], [])))
    assert "conditions" not in {one["field"] for one in trial().suggestions}


def test_a_suggestion_that_was_dismissed_stays_so(suggested):
    edit(trial(), suggestions=[one | {"dismissed": True} for one in suggested])
    bring(study(day="2026-10-02", sponsor="Candle House"))
    assert trial().suggestions and all(one.get("dismissed") for one in trial().suggestions)
    bring(bare(day="2026-10-03", statusModule={"overallStatus": "COMPLETED"}))
    assert all(one.get("dismissed") for one in trial().suggestions if one["field"] in ("areas", "conditions"))
