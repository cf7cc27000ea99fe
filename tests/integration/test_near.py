"""How far away: where the patient lives is asked only if they want, kept in their browser alone, and told in words."""

import io
import logging
import re

import pytest
from django.http import HttpResponse

from prescreen import near_map
from prescreen.answers import COOKIE, LIFETIME, Answers, Near, keep, unseal
from prescreen.near import CLOSE, Nearness, open_sites, rounded
from prescreen.screening import Screening
from tests.factories import SiteFactory, TrialFactory
from tests.rows import everything
from trials import catalog
from trials.earth import KM_A_MILE
from trials.models import Site, Trial

from .patients import EXPIRED, RESULTS, text_of, title_of

pytestmark = pytest.mark.django_db

NEAR = "/screening/near/"
CAMBRIDGE = Near("US", "02139", "mi")


def nearness(near: Near = CAMBRIDGE) -> Nearness:
    """Distances from there."""
    return Nearness.of(near)


def trial_with(*sites: dict) -> Trial:
    """A trial with these sites; each is open unless it says otherwise."""
    trial = TrialFactory()
    for site in sites:
        SiteFactory(trial=trial, **{"state": "", "status": "RECRUITING"} | site)
    return trial


BOSTON = {"city": "Boston", "state": "Massachusetts"}
NEW_YORK = {"city": "New York", "state": "New York"}
LONDON = {"city": "London", "country": "United Kingdom"}
NOWHERE = {"city": "No Such Town", "state": "Ohio"}


class TestTheWords:
    """What is said about one trial."""

    def test_the_nearest_open_place(self):
        trial = trial_with(LONDON, NEW_YORK)
        assert nearness().text(trial) == "Nearest open place: New York, about 190 miles away."
        assert nearness(CAMBRIDGE._replace(unit="km")).text(trial) == "Nearest open place: New York, about 300 km away."
        assert nearness().distance_or_beyond(trial) == pytest.approx(300, abs=10)

    def test_a_closed_place_does_not_count(self):
        trial = trial_with({**BOSTON, "status": "COMPLETED"}, {**BOSTON, "status": "ACTIVE_NOT_RECRUITING"}, NEW_YORK)
        assert nearness().nearest(trial).site.city == "New York"
        assert len(open_sites(trial)) == 1

    @pytest.mark.parametrize(
        ("status", "words"),
        [
            ("RECRUITING", "Nearest open place: Boston, Massachusetts, less than 10 miles away."),
            ("NOT_YET_RECRUITING", "Nearest place: Boston, Massachusetts, less than 10 miles away. It is not open yet."),
            ("ENROLLING_BY_INVITATION", "Nearest place: Boston, Massachusetts, less than 10 miles away. It takes people by invitation only."),
            ("UNKNOWN", "Nearest place: Boston, Massachusetts, less than 10 miles away. Ask if it is open."),
            ("", "Nearest place: Boston, Massachusetts, less than 10 miles away. Ask if it is open."),
        ],
    )
    def test_the_status_of_the_place_is_said(self, status, words):
        assert nearness().text(trial_with({**BOSTON, "status": status})) == words

    def test_a_place_abroad_is_told_with_its_country(self):
        assert nearness().text(trial_with(LONDON)) == "Nearest open place: London, United Kingdom, about 3,300 miles away."
        assert nearness(Near("GB", "2643743", "km")).text(trial_with(LONDON)) == "Nearest open place: London, less than 10 km away."

    def test_where_there_is_no_place_it_is_said(self):
        assert nearness().text(trial_with()) == "No places are listed for it. Ask the trial team where it takes place."
        assert nearness().text(trial_with({**BOSTON, "status": "COMPLETED"})) == "All places listed for it are closed. Ask the trial team about others."
        words = nearness().text(trial_with(NOWHERE))
        assert words == "We do not know how far away it is: its place is not on our map (No Such Town, Ohio)."
        assert [nearness().nearest(trial) for trial in (trial_with(), trial_with(NOWHERE))] == [None, None]

    def test_a_country_alone_is_no_place(self):
        trial = trial_with({"city": "", "facility": ""})
        assert "We do not know how far away it is" in nearness().text(trial)
        assert "(United States)" in nearness().text(trial)

    def test_places_that_we_cannot_find_are_counted(self):
        assert nearness().text(trial_with(BOSTON, NOWHERE)).endswith("away. We do not know where 1 more place is.")
        assert nearness().text(trial_with(BOSTON, NOWHERE, NOWHERE)).endswith("away. We do not know where 2 more places are.")

    @pytest.mark.parametrize(
        ("miles", "words"),
        [
            (0, "less than 10 miles away"),
            (CLOSE - 0.001, "less than 10 miles away"),
            (CLOSE, "about 10 miles away"),
            (14.99, "about 10 miles away"),
            (15, "about 20 miles away"),
            (994.99, "about 990 miles away"),
            (999.99, "about 1,000 miles away"),
            (1000, "about 1,000 miles away"),
            (1049.99, "about 1,000 miles away"),
            (1050, "about 1,100 miles away"),
            (12_400, "about 12,400 miles away"),
        ],
    )
    def test_distances_are_told_as_exactly_as_we_know_them(self, miles, words):
        assert nearness().distance_text(miles * KM_A_MILE) == words
        assert nearness(CAMBRIDGE._replace(unit="km")).distance_text(miles) == words.replace("miles", "km")

    def test_rounding_at_its_steps(self):
        assert [rounded(amount) for amount in (14.9, 15, 994, 995, 999, 1000, 1049, 1050)] == [10, 20, 990, 1000, 1000, 1000, 1000, 1100]

    @pytest.mark.parametrize("near", [None, Near("US", "00000", "mi"), Near("XX", "1", "km"), Near("GB", "0", "km")])
    def test_a_place_that_is_not_known_any_more_is_none(self, near):
        assert Nearness.of(near) is None

    def test_a_unit_that_is_none_is_the_usual_one(self):
        assert Nearness.of(Near("US", "02139", "x")).unit == "mi"
        assert Nearness.of(Near("GB", "2643743", "x")).unit == "km"


class TestTheMap:
    """The picture, and the list beside it."""

    def test_places_are_numbered_by_distance_and_shared_by_their_trials(self):
        far, near, too = trial_with(LONDON), trial_with(BOSTON), trial_with(BOSTON)
        shown = near_map.build(nearness(), [far, near, too])
        told = [(stop.number, stop.place, [there.trial for there in stop.trials]) for stop in shown.stops]
        assert told == [(1, "Boston, Massachusetts", [near, too]), (2, "London, United Kingdom", [far])]
        assert [stop.direction for stop in shown.stops] == ["", "north-east"], "none where it is close by"

    def test_dots_stand_in_their_direction(self):
        los_angeles, miami = {"city": "Los Angeles", "state": "California"}, {"city": "Miami", "state": "Florida"}
        shown = near_map.build(nearness(), [trial_with(los_angeles), trial_with(LONDON), trial_with(miami)])
        at = {stop.place.split(",")[0]: stop for stop in shown.stops}
        middle = shown.middle
        assert at["Los Angeles"].x < middle < at["London"].x
        assert at["London"].y < middle < at["Miami"].y

    def test_trials_without_a_known_place_are_told_with_the_reason(self):
        lost = trial_with(NOWHERE)
        shown = near_map.build(nearness(), [lost])
        assert shown.stops == ()
        assert shown.lost == ((lost, nearness().text(lost)),)

    def test_dots_never_lie_on_each_other_nor_outside(self):
        towns = "Arlington, Belmont, Boston, Brookline, Cambridge, Chelsea, Everett, Lexington, Malden, Medford, Newton, Quincy, Revere, Somerville, Watertown"
        trials = [trial_with({"city": town, "state": "Massachusetts"}) for town in towns.split(", ")]
        shown = near_map.build(nearness(), trials)
        spots = [(stop.x, stop.y) for stop in shown.drawn]
        assert len(spots) == near_map.MOST
        assert len(shown.stops) == 15, "the list has them all"
        for place, (x, y) in enumerate(spots):
            assert near_map.DOT <= x <= near_map.SIZE - near_map.DOT
            assert near_map.DOT <= y <= near_map.SIZE - near_map.DOT
            assert all((x - other_x) ** 2 + (y - other_y) ** 2 >= (2 * near_map.DOT - 0.2) ** 2 for other_x, other_y in spots[:place])

    @pytest.mark.parametrize(
        ("amount", "radius"), [(0, 0), (25, 28.3), (50, 56.7), (50.001, 56.7), (125, 85), (200, 113.3), (600, 141.7), (1000, 170), (9000, 170)]
    )
    def test_a_distance_is_drawn_evenly_within_its_ring(self, amount, radius):
        assert near_map.radius_of(amount, (50, 200, 1000), 3) == pytest.approx(radius, abs=0.1)

    @pytest.mark.parametrize(("sites", "rings"), [((BOSTON,), 2), ((NEW_YORK,), 2), (({"city": "Chicago", "state": "Illinois"},), 3), ((LONDON,), 4)])
    def test_there_are_as_many_rings_as_are_needed(self, sites, rings):
        shown = near_map.build(nearness(), [trial_with(*sites)])
        assert len(shown.rings) == rings
        assert shown.rings[0].label == "50 miles"


@pytest.mark.usefixtures("small_catalog")
class TestThePage:
    """Asked only if wanted."""

    @pytest.fixture
    def told(self, patient):
        """A patient with results: their trial is in Boston."""
        Site.objects.update(state="Massachusetts")
        patient.remember(diagnosis="rp_x_linked", age={"value": "30", "unit": "years"})
        return patient

    def kept(self, patient) -> Answers:
        """What the browser holds now."""
        return unseal(patient.client.cookies[COOKIE].value, LIFETIME)

    def test_it_needs_answers(self, patient):
        assert patient.open(NEAR)["Location"] == EXPIRED
        assert patient.send(NEAR, country="US", place="02139")["Location"] == EXPIRED

    def test_it_need_not_be_answered(self, told):
        page = text_of(told.open(NEAR))
        assert "Where do you live?" in page
        assert "You do not have to tell us." in page
        assert "Go on without it" in page

    @pytest.mark.parametrize(
        ("who", "asked"), [("me", "Where do you live?"), ("child", "Where does your child live?"), ("other", "Where does the person you care for live?")]
    )
    def test_it_is_asked_about_whoever_the_answers_are_for(self, who, asked, patient):
        patient.remember(who=who, diagnosis="rp_x_linked")
        page = patient.open(NEAR)
        assert asked in text_of(page)
        assert title_of(page).startswith(asked)

    def test_a_zip_code_leads_to_the_map(self, told):
        assert told.send(NEAR, country="US", place="02139")["Location"] == NEAR
        page = told.open(NEAR)
        text = text_of(page)
        assert "Distances are from Cambridge, Massachusetts" in text
        assert "Boston" in text
        assert "A working gene for one eye" in text
        assert re.search(r'<svg [^>]*role="img" aria-labelledby="map-title map-text"', page.content.decode())
        assert self.kept(told).near == CAMBRIDGE

    def test_all_answers_stay(self, told):
        before = self.kept(told)
        told.send(NEAR, country="US", place="02139")
        assert self.kept(told).given == before.given
        assert self.kept(told).area == before.area
        told.answer("age", "31")
        assert self.kept(told).near == CAMBRIDGE, "and an answer does not forget the place"

    def test_one_of_several_is_chosen_by_a_button(self, told):
        page = told.send(NEAR, country="US", place="Springfield")
        assert page.status_code == 200
        assert title_of(page).startswith("Which place do you mean?")
        keys = re.findall(r'name="which" value="([^"]+)"', page.content.decode())
        assert "Springfield, IL" in keys
        assert told.send(NEAR, country="US", which="Springfield, IL")["Location"] == NEAR
        assert self.kept(told).near == Near("US", "Springfield, IL", "mi")

    def test_towns_of_one_name_are_told_apart_by_a_larger_one(self, told):
        text = text_of(told.send(NEAR, country="CN", place="Suzhou"))
        labels = re.findall(r"Suzhou(?:, near \w+)?", text)
        assert len(labels) == len(set(labels)) >= 2

    def test_a_misspelled_town_is_offered(self, told):
        page = told.send(NEAR, country="GB", place="Edinburh")
        assert "Edinburgh" in text_of(page)

    @pytest.mark.parametrize(
        ("sent", "message"),
        [
            ({"country": "US", "place": ""}, "Type your ZIP code, or the name of your town"),
            ({"country": "GB", "place": ""}, "Type the name of your town"),
            ({"country": "US", "place": "99999"}, "We do not know this ZIP code. Check it, or type the name of your town"),
            ({"country": "GB", "place": "WC1N 3JH"}, "We know ZIP codes for the United States only. Type the name of your town"),
            ({"country": "GB", "place": "qqqqqq"}, "We do not know this place. Check the spelling, or type a larger town near you"),
            ({"country": "XX", "place": "02139"}, "Choose your country"),
            ({"place": "02139"}, "Choose your country"),
            ({"country": "US", "which": "nonsense"}, "We do not know this place. Check the spelling, or type a larger town near you"),
        ],
    )
    def test_what_cannot_be_found_is_said_kindly_and_kept_in_the_box(self, sent, message, told):
        page = told.send(NEAR, **sent)
        assert page.status_code == 422
        assert title_of(page).startswith("Error:")
        assert "There is a problem" in text_of(page)
        assert message in text_of(page)
        if sent.get("place"):
            assert f'value="{sent["place"]}"' in page.content.decode()
        assert self.kept(told).near is None

    def test_the_unit_can_be_switched_and_stays_in_the_country(self, told):
        told.send(NEAR, country="US", place="02139")
        told.send(NEAR, unit="km")
        assert "km" in text_of(told.open(NEAR))
        assert self.kept(told).near == CAMBRIDGE._replace(unit="km")
        told.send(NEAR, country="US", place="10001")
        assert self.kept(told).near == Near("US", "10001", "km")
        told.send(NEAR, country="GB", place="London")
        assert self.kept(told).near.unit == "km"
        told.send(NEAR, country="US", place="02139")
        assert self.kept(told).near.unit == "mi", "another country, another usual unit"

    @pytest.mark.parametrize("sent", [{"unit": "furlongs"}, {"unit": "km"}])
    def test_a_unit_without_a_place_or_that_is_none_changes_nothing(self, sent, told):
        assert told.send(NEAR, **sent).status_code == 422
        assert self.kept(told).near is None

    def test_it_can_be_forgotten(self, told):
        told.send(NEAR, country="US", place="02139")
        told.send(NEAR, forget="yes")
        assert self.kept(told).near is None
        assert self.kept(told).given
        assert "Where do you live?" in text_of(told.open(NEAR))

    @pytest.mark.parametrize("way", ["/leave/", "/screening/delete/"])
    def test_leaving_and_deleting_clear_it(self, way, told):
        told.send(NEAR, country="US", place="02139")
        told.send(way)
        assert not told.client.cookies[COOKIE].value

    def test_it_is_taken_from_a_posted_body_only(self, told):
        assert "Where do you live?" in text_of(told.open(NEAR + "?country=US&place=02139"))
        assert self.kept(told).near is None

    def test_neither_address_nor_log_nor_table_holds_it(self, told):
        before, written = everything(), io.StringIO()
        handlers = {handler for name in ("", "django") for handler in logging.getLogger(name).handlers if type(handler) is logging.StreamHandler}
        streams = {handler: handler.setStream(written) for handler in handlers}
        try:
            for sent in ({"country": "US", "place": "98765"}, {"country": "US", "place": "59801"}, {"country": "US", "place": "Missoulah"}, {"unit": "km"}):
                told.send(NEAR, **sent)
                told.open(NEAR)
        finally:
            for handler, stream in streams.items():
                handler.setStream(stream or handler.stream)
        assert self.kept(told).near.place == "59801"
        assert everything() == before
        told_by = [written.getvalue(), *(response.get("Location", "") + response.wsgi_request.get_full_path() for response in told.seen)]
        assert not re.search("98765|59801|missoula|montana", " ".join(told_by), re.IGNORECASE)
        links = re.findall(r'(?:href|action|src)="([^"]*)"', told.open(NEAR).content.decode())
        assert not re.search("59801|missoula", " ".join(links), re.IGNORECASE)

    def test_the_screening_tells_how_near_trials_are(self, told):
        answers = self.kept(told)
        screening = Screening(answers, catalog.current())
        assert screening.nearness is None
        told.send(NEAR, country="US", place="02139")
        screening = Screening(self.kept(told), catalog.current())
        assert screening.nearness.home.name == "Cambridge, Massachusetts"

    def test_the_results_lead_there_or_it_can_be_left_out(self, told):
        assert told.open(RESULTS).status_code == 200
        told.send(NEAR, country="US", place="02139")
        assert told.open(RESULTS).status_code == 200


def test_a_cookie_with_a_place_is_still_small():
    bare, near = Answers("me", "eye", {"age": None}), Answers("me", "eye", {"age": None}, near=Near("US", "North Little Rock, AR", "mi"))
    sizes = [len(keep(HttpResponse(), told).cookies[COOKIE].value) for told in (bare, near)]
    assert sizes[1] - sizes[0] <= 64
