"""A coordinator tries one trial with the patient's own pages: who may, what is judged, how it shows, and that patients notice nothing."""

import re

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext

from prescreen.answers import COOKIE, LIFETIME, Answers, seal, unseal
from tests.factories import CriterionFactory, TrialFactory
from tests.rows import everything
from trials import catalog
from trials.models import Criterion, Trial

from .patients import CHECK, EXPIRED, NOT_LISTED, PDF, RESULTS, SUMMARY, Patient, page_of, text_of, title_of
from .test_pdf import text_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small_catalog")]

HIDDEN, FIRST, CLOSED = "NCT10000005", "NCT10000001", "NCT10000004"
NOT_A_PATIENT = "This is not a patient’s screening."
PAGES = [page_of("who"), page_of("area"), page_of("age"), CHECK, RESULTS, SUMMARY, NOT_LISTED]


def try_page(number: str = HIDDEN) -> str:
    """The address from which a trial is tried."""
    return f"/screening/try/{number}/"


def desk_page(number: str = HIDDEN) -> str:
    """The trial's page at the desk."""
    return f"/admin/trials/trial/{Trial.objects.get(nct_id=number).pk}/change/"


@pytest.fixture
def person(django_user_model):
    """Makes somebody with an account, who has these permissions of the app; without a password, which would take long to store."""

    def make(*may: str, **account):
        user = django_user_model.objects.create(username="ana", **account)
        user.user_permissions.set(Permission.objects.filter(codename__in=may, content_type__app_label="trials"))
        return user

    return make


@pytest.fixture
def coordinator(person):
    """Somebody at the desk who may see trials."""
    return person("view_trial", is_staff=True)


@pytest.fixture
def staff(coordinator) -> Patient:
    """The coordinator at a browser."""
    staff = Patient()
    staff.client.force_login(coordinator)
    return staff


def start(staff: Patient, number: str = HIDDEN) -> Patient:
    """Begins to try a trial."""
    assert staff.send(try_page(number))["Location"] == page_of("who")
    return staff


def kept(staff: Patient) -> Answers:
    """The answers in the browser."""
    return unseal(staff.client.cookies[COOKIE].value, LIFETIME)


ACCOUNTS = {
    "not at the desk": (("view_trial",), {}),
    "at the desk, without leave to see trials": (("view_question", "change_question"), {"is_staff": True}),
}


class TestWhoMayTry:
    """Only staff who may see trials; and only as long as they may."""

    @pytest.mark.parametrize("way", ["open", "send"])
    @pytest.mark.parametrize("address", [try_page(), try_page("NCT99999999")])
    def test_whoever_is_not_signed_in_is_asked_to(self, patient, way, address):
        assert getattr(patient, way)(address)["Location"] == f"/admin/login/?next={address}"
        assert COOKIE not in patient.client.cookies

    @pytest.mark.parametrize("way", ["open", "send"])
    @pytest.mark.parametrize(("may", "account"), ACCOUNTS.values(), ids=ACCOUNTS)
    def test_for_others_there_is_no_such_page(self, patient, person, way, may, account):
        patient.client.force_login(person(*may, **account))
        for address in (try_page(), f"{try_page()}stop/"):
            response = getattr(patient, way)(address)
            assert response.status_code == (405 if (way, address) == ("open", f"{try_page()}stop/") else 404)
            assert COOKIE not in patient.client.cookies

    def test_a_coordinator_is_shown_the_way_in_and_the_way_back(self, staff):
        page = staff.open(try_page())
        assert "A trial still in the drawer" in text_of(page)
        assert "Start trying" in text_of(page)
        assert f'href="{desk_page()}"' in page.content.decode()
        assert COOKIE not in staff.client.cookies, "looking begins nothing"

    def test_a_number_without_a_trial_is_not_found(self, staff):
        assert staff.open(try_page("NCT99999999")).status_code == 404
        assert staff.send(try_page("NCT99999999")).status_code == 404

    @pytest.mark.parametrize("loss", ["signed out", "no longer at the desk", "no longer active", "may no longer see trials"])
    @pytest.mark.parametrize("address", [*PAGES, PDF])
    def test_who_may_no_longer_is_led_out_and_the_answers_are_forgotten(self, staff, coordinator, loss, address):
        start(staff).tell(age="30")
        if loss == "signed out":
            del staff.client.cookies["sessionid"]
        elif loss == "may no longer see trials":
            coordinator.user_permissions.clear()
        else:
            setattr(coordinator, "is_staff" if "desk" in loss else "is_active", False)
            coordinator.save()
        assert staff.open(address)["Location"] == EXPIRED
        assert staff.client.cookies[COOKIE].value == ""
        assert NOT_A_PATIENT not in text_of(staff.open(page_of("who")))

    def test_an_answer_sent_by_one_who_may_no_longer_is_not_taken(self, staff):
        start(staff)
        del staff.client.cookies["sessionid"]
        assert staff.answer("age", "30")["Location"] == EXPIRED
        assert staff.client.cookies[COOKIE].value == ""

    def test_the_mark_in_somebody_else_s_browser_shows_them_nothing(self, staff, patient):
        patient.client.cookies[COOKIE] = start(staff).client.cookies[COOKIE].value
        assert patient.open(RESULTS)["Location"] == EXPIRED

    def test_a_trial_deleted_meanwhile_leads_out_too(self, staff):
        start(staff).tell(age="30")
        Trial.objects.get(nct_id=HIDDEN).delete()
        assert staff.open(RESULTS)["Location"] == EXPIRED


class TestWhatIsJudged:
    """The one trial, whatever its status, by its rules as they stand."""

    @pytest.mark.parametrize(("number", "others"), [(HIDDEN, FIRST), (CLOSED, FIRST), (FIRST, "NCT10000002")])
    def test_the_one_trial_alone_whether_hidden_closed_or_public(self, staff, number, others):
        start(staff, number)
        staff.client.cookies[COOKIE] = seal(Answers(area="eye", given={"age": {"value": "30", "unit": "years"}}, trying=number))
        text = text_of(staff.open(RESULTS))
        assert number in text
        assert others not in text
        assert "The one trial we looked at may be worth asking about." in text

    def test_an_unpublished_trial_is_judged_from_the_first_question_to_the_paper(self, staff):
        start(staff)
        assert staff.answer("who", "me")["Location"] == page_of("age"), "the area is the trial's, and only its own questions are asked"
        assert staff.answer("age", "30")["Location"] == CHECK
        assert "Your answers fit what this trial asks" in text_of(staff.open(RESULTS))
        assert "Any age" in text_of(staff.open(SUMMARY))

    def test_a_trial_that_does_not_match_says_why(self, staff):
        Criterion.objects.filter(trial__nct_id=HIDDEN).update(rule="age >= 50")
        catalog.touch()
        start(staff).tell(age="30")
        text = text_of(staff.open(RESULTS))
        assert "The one trial we know of does not seem to match right now." in text
        assert "because you said “How old are you? 30 years”. The trial asks: Any age." in text

    def test_a_changed_rule_counts_at_the_next_page(self, staff):
        start(staff).tell(age="30")
        Criterion.objects.filter(trial__nct_id=HIDDEN).update(rule="age >= 50")
        assert "Probably not a match right now" in text_of(staff.open(RESULTS))

    def test_the_rule_of_a_criterion_under_review_applies_here_though_not_for_patients(self, staff, patient):
        Criterion.objects.filter(trial__nct_id=FIRST, rule="age >= 18").update(gone_at_source=True)
        catalog.touch()
        boy = {"age": {"value": "17", "unit": "years"}, "diagnosis": "rp_x_linked"}
        patient.remember(**boy)
        start(staff, FIRST).client.cookies[COOKIE] = seal(Answers(area="eye", given=boy, trying=FIRST))
        assert "The trial asks: Aged 18 years or older." in text_of(staff.open(RESULTS))
        assert "The trial asks: Aged 18 years or older" not in text_of(patient.open(RESULTS))

    def test_a_trial_of_no_area_is_judged_in_all(self, staff):
        trial = TrialFactory(published=False, rules=["age >= 18"])
        trial.areas.clear()
        start(staff, trial.nct_id).tell(who="me", age="30")
        assert "Your answers fit what this trial asks" in text_of(staff.open(RESULTS))

    def test_a_trial_without_rules_leads_to_the_check_page(self, staff):
        trial = TrialFactory(published=False)
        CriterionFactory(trial=trial)
        assert start(staff, trial.nct_id).answer("who", "child")["Location"] == CHECK
        assert "Study team checks" in text_of(staff.open(RESULTS))

    def test_another_area_says_that_the_trial_is_not_in_it(self, staff):
        start(staff).answer("area", "hiv")
        assert "The trial you try is not in the condition area you chose." in text_of(staff.open(RESULTS))
        assert staff.open(SUMMARY).status_code == staff.open(PDF).status_code == 200

    def test_the_catalog_of_patients_stays_as_it_is(self):
        before = catalog.current()
        assert set(catalog.of_trial(HIDDEN).listings) == {HIDDEN}
        assert catalog.of_trial("NCT99999999") is None
        assert catalog.current() is before
        assert HIDDEN not in before.listings


class TestHowItShows:
    """A banner over every page, and a way out."""

    @pytest.mark.parametrize("address", PAGES)
    def test_every_page_says_what_it_is(self, staff, address):
        page = start(staff).open(address)
        assert page.status_code == 200
        assert f"Trying {HIDDEN} — “A trial still in the drawer”. {NOT_A_PATIENT} Answers here are for trying only." in text_of(page)
        assert re.search(rf'<form method="post" action="{try_page()}stop/">.*?Stop trying', page.content.decode(), re.DOTALL)
        assert "no-store" in page["Cache-Control"]

    def test_a_page_with_an_error_says_so_too(self, staff):
        page = start(staff).answer("age", "old")
        assert page.status_code == 422
        assert NOT_A_PATIENT in text_of(page)
        assert title_of(page).startswith("Error:")

    def test_the_pdf_says_so_on_each_page(self, staff):
        start(staff).tell(age="30")
        content = staff.open(PDF).content
        assert b"pdfuaid" in content, "it is still made for screen readers"
        pages = text_in(content)
        assert f"Trying {HIDDEN}" in pages
        assert pages.count("For trying only. This is not a patient’s screening.") == pages.count("made on") > 1

    def test_a_patient_s_pages_and_pdf_say_nothing_of_it(self, patient):
        patient.remember(diagnosis="rp", age={"value": "30", "unit": "years"})
        for address in PAGES:
            assert "rying" not in text_of(patient.open(address))
        assert "rying" not in text_in(patient.open(PDF).content)

    @pytest.mark.parametrize(("number", "public"), [(HIDDEN, False), (FIRST, True)])
    def test_the_results_link_to_the_page_that_there_is(self, staff, number, public):
        link = f"/trials/{number}/" if public else desk_page(number)
        assert f'<h3><a href="{link}">' in start(staff, number).open(RESULTS).content.decode()

    def test_the_mark_stays_while_answers_are_given_changed_and_trials_are_picked(self, staff):
        start(staff).tell(who="child", area="unknown", age="30")
        staff.answer("age", "31", "?from=check")
        staff.send(SUMMARY, trial=HIDDEN)
        assert kept(staff) == Answers("child", None, {"age": {"value": "31", "unit": "years"}}, (HIDDEN,), HIDDEN)

    def test_stopping_clears_the_answers_and_leads_back_to_the_desk(self, staff):
        start(staff).tell(age="30")
        assert staff.send(f"{try_page()}stop/")["Location"] == desk_page()
        assert staff.client.cookies[COOKIE].value == ""
        assert staff.open(RESULTS)["Location"] == EXPIRED

    def test_stopping_needs_a_button(self, staff):
        assert start(staff).open(f"{try_page()}stop/").status_code == 405

    @pytest.mark.parametrize("button", ["/leave/", "/screening/delete/"])
    def test_leaving_and_deleting_end_it_too(self, staff, button):
        start(staff).send(button)
        assert NOT_A_PATIENT not in text_of(staff.open(page_of("who")))

    def test_earlier_answers_are_cleared_at_the_start(self, staff):
        staff.remember(age=None)
        assert kept(start(staff)) == Answers(area="eye", trying=HIDDEN)

    def test_a_form_of_another_site_begins_nothing(self, coordinator):
        staff = Patient(enforce_csrf_checks=True)
        staff.client.force_login(coordinator)
        assert staff.send(try_page()).status_code == 403
        assert COOKIE not in staff.client.cookies

    def test_nothing_is_written(self, staff):
        staff.open(RESULTS)
        before = everything()
        start(staff).tell(who="other", age="30")
        for address in (*PAGES, PDF):
            staff.open(address)
        staff.send(f"{try_page()}stop/")
        assert everything() == before


class TestPatients:
    """Patients are not looked up."""

    @pytest.mark.parametrize("signed_in", [False, True])
    @pytest.mark.parametrize("address", [*PAGES, PDF])
    def test_a_patient_s_page_asks_the_database_for_the_catalog_s_date_alone(self, patient, coordinator, address, signed_in):
        if signed_in:
            patient.client.force_login(coordinator)
        patient.remember(diagnosis="rp", age={"value": "30", "unit": "years"})
        patient.open(address)  # reads the trials on it, which stay until a record changes
        with CaptureQueriesContext(connection) as asked:
            assert patient.open(address).status_code == 200
        assert [re.search(r'FROM "(\w+)"', query["sql"])[1] for query in asked] == ["trials_catalogstamp"]

    def test_a_patient_s_cookie_is_sealed_as_before(self):
        assert unseal(seal(Answers("me", "eye", {"age": None})), LIFETIME).trying == ""
