"""What stands on the pages around the questions: results, summary, public pages; their headers; and whom they speak to."""

import re

import pytest

from prescreen.answers import COOKIE, LIFETIME, unseal
from tests.factories import SiteFactory
from trials.models import Trial

from .patients import CHECK, NOT_LISTED, PDF, RESULTS, START, SUMMARY, page_of, text_of, title_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small_catalog")]

KILOS = {"value": "70", "unit": "kg"}
YEARS = {"value": "30", "unit": "years"}
FITS_FIRST = {"diagnosis": "rp_x_linked", "age": YEARS, "sex": "male", "weight": KILOS, "antibodies": 0, "treatments": [], "visits": None}
ONLY_THE_TEAM = "Only the trial team can decide if you can take part."
GROUPS = {"passes": "Your answers fit what this trial asks", "unknown": "You may match: some answers need checking", "fails": "Probably not a match right now"}


@pytest.fixture
def told(patient):
    """A patient whose answers fit the first trial, may fit the second, and do not fit the third."""
    patient.remember(**FITS_FIRST)
    return patient


def group(response, slug: str) -> str:
    """The text of one group of the results page; "" where there is no such group."""
    found = re.search(rf'<section class="group-{slug}".*?</section>', response.content.decode(), re.DOTALL)
    return text_of(type("Page", (), {"content": found[0].encode()})) if found else ""


def test_results_come_in_three_groups_each_under_its_words(told):
    page = told.open(RESULTS)
    for (slug, heading), number in zip(GROUPS.items(), ("NCT10000001", "NCT10000002", "NCT10000003"), strict=True):
        assert heading in group(page, slug)
        assert number in group(page, slug)
    assert "Of 3 trials we looked at, 2 may be worth asking about." in text_of(page)


def test_a_trial_that_does_not_match_says_why_in_one_line(told):
    text = group(told.open(RESULTS), "fails")
    assert "Why: because you said “Which condition do you have? X-linked retinitis pigmentosa”. The trial asks: Stargardt disease." in text


def test_a_trial_that_leaves_somebody_out_says_so(patient):
    patient.remember(diagnosis="rp_x_linked", age=None, sex=None, pregnant=None, weight=None, antibodies=None, visits=None, treatments=["gene_injection"])
    assert "The trial leaves out: Earlier gene therapy of the eye." in group(patient.open(RESULTS), "fails")


def test_a_trial_that_may_match_says_what_to_check_first(told):
    assert "Needs checking first: Can you come to visits?" in group(told.open(RESULTS), "unknown")


def test_a_trial_that_fits_says_how_much_the_team_will_still_check(told):
    assert re.search(r"\b6 points\b.*The study team will check 1 more point\.", group(told.open(RESULTS), "passes"))


def test_each_criterion_can_be_read_with_what_was_said_and_our_reading(told):
    text = group(told.open(RESULTS), "passes")
    assert "See all 7 points this trial checks" in text
    for words in ("You have X-linked retinitis pigmentosa", "Aged 18 years or older", "Pregnant", "The retina can be treated in the view of the investigator"):
        assert words in text
    assert "Fits Must be so: Weighs 40 kg to 100 kg How much do you weigh? 70 kg" in text
    assert "Study team checks Must be so: The retina can be treated" in text


def test_a_trial_with_an_incomplete_record_or_an_unknown_status_says_so(patient):
    patient.remember(diagnosis="stargardt")
    text = group(patient.open(RESULTS), "unknown")
    assert "The public source did not show all of this trial’s criteria: there are more to check." in text
    assert "It is not known if this trial is open." in text


def test_the_group_of_participants_that_fits_is_named(patient):
    patient.remember(diagnosis="rp", age={"value": "10", "unit": "years"}, visits="yes")
    assert "Group : Children" in group(patient.open(RESULTS), "passes").replace("Group:", "Group :")


def test_closed_unpublished_and_other_areas_trials_are_nowhere(told):
    for address in (RESULTS, SUMMARY):
        text = text_of(told.open(address))
        for number in ("NCT10000004", "NCT10000005", "NCT10000006"):
            assert number not in text


def test_where_no_trial_is_left_the_page_says_what_to_do_next(patient):
    patient.remember(diagnosis="rp_usher", age={"value": "3", "unit": "years"})
    page = patient.open(RESULTS)
    assert "None of the 3 trials we know of seems to match right now." in text_of(page)
    assert "This is not the end of the road." in text_of(page)
    assert "Ask your provider" in text_of(page)
    assert f'href="{SUMMARY}"' not in page.content.decode()
    assert patient.open(SUMMARY).status_code == 200
    assert patient.open(PDF).status_code == 200


def test_approved_therapies_for_the_condition_or_its_kin_are_shown(patient):
    patient.remember(diagnosis="rp")
    assert "Oldvision (voretigene oldovec) : Usher syndrome" in text_of(patient.open(RESULTS))
    assert "Oldvision" in text_of(patient.open(SUMMARY))


def test_approved_therapies_for_another_condition_are_not(told):
    assert "Oldvision" not in text_of(told.open(RESULTS))


def test_results_lead_on_to_more_questions_only_where_there_are_any(patient):
    patient.begin()
    following = patient.tell(diagnosis="rp")["Location"]
    assert f'href="{following}"' in patient.open(RESULTS).content.decode()
    patient.remember(diagnosis="stargardt")
    assert "Answer more questions" not in text_of(patient.open(RESULTS))


@pytest.mark.parametrize("address", [START, RESULTS, SUMMARY])
def test_only_the_trial_team_decides_stands_in_the_page_itself_too(address, told):
    main = re.search(r"<main.*?</main>", told.open(address).content.decode(), re.DOTALL)[0]
    assert ONLY_THE_TEAM in main


def test_the_summary_has_the_patient_s_part_first_and_the_provider_s_after(told):
    text = text_of(told.open(SUMMARY))
    order = [
        "Trials worth asking about",
        "Questions to ask",
        "What this paper cannot tell",
        "For the health care provider",
        "All answers",
        "All criteria of NCT10000001",
    ]
    assert [text.index(words) for words in order] == sorted(text.index(words) for words in order)
    assert "1 fit your answers, 1 may match, 1 probably do not match right now." in text
    assert "NCT10000003 A trial whose record is cut short: the trial asks: Stargardt disease." in text


def test_the_summary_has_each_criterion_of_its_trials_as_written(told):
    text = text_of(told.open(SUMMARY))
    for row in Trial.objects.get(nct_id="NCT10000001").criteria.all():
        assert row.text in text
    assert "Ana Núñez, 555 0100, ana@example.org" in text
    assert "Eye Clinic, Boston, United States" in text


def test_facts_to_bring_name_where_each_is_found(patient):
    patient.remember(diagnosis="rp_x_linked", age=YEARS, sex="male")
    text = text_of(patient.open(SUMMARY))
    assert "From an antibody test (a blood test) What is your antibody level? Please send me my antibody test report" in text
    assert "From the medical records How much do you weigh? Please send me my medical record on this, with the date." in text
    assert "Could settle 1 trial." in text


def test_the_patient_picks_the_trials_of_the_paper(told):
    assert told.send(SUMMARY, trial=["NCT10000002"])["Location"] == SUMMARY
    text = text_of(told.open(SUMMARY))
    assert "All criteria of NCT10000002" in text
    assert "All criteria of NCT10000001" not in text
    assert "NCT10000001 A working gene for one eye: Your answers fit what this trial asks" in text, "the others are one line each"


def test_only_trials_that_may_match_can_be_picked(told):
    told.send(SUMMARY, trial=["NCT10000003", "NCT10000004", "NCT99999999", "<b>"])
    assert "No trial in this paper." in text_of(told.open(SUMMARY))


def test_a_new_answer_picks_the_best_trials_anew(told):
    told.send(SUMMARY, trial=["NCT10000002"])
    told.answer("age", "31")
    assert unseal(told.client.cookies[COOKIE].value, LIFETIME).picked is None


def test_a_long_list_of_picked_trials_cannot_outgrow_the_cookie(told):
    told.send(SUMMARY, trial=[f"NCT{n * 7654321 % 10**8:08}" for n in range(1, 900)])
    assert len(told.client.cookies[COOKIE].value) < 3 * 1024


# --- whom the pages speak to ---


@pytest.mark.parametrize(("who", "whose", "of_whom"), [("child", "your child", "your child’s"), ("other", "the person you care for", "their")])
def test_questions_are_about_the_person_they_are_for(who, whose, of_whom, patient):
    patient.begin(who=who)
    for key, words in {"area": f"Which area is {of_whom} condition in?", "diagnosis": f"Which condition does {whose} have?"}.items():
        assert words in text_of(patient.open(page_of(key)))
        assert words in title_of(patient.open(page_of(key)))
    patient.remember(who, **FITS_FIRST)
    for key in FITS_FIRST:
        page = patient.open(page_of(key))
        heading = re.search(r"<h1>(.*?)</h1>", page.content.decode(), re.DOTALL)[1]
        assert whose in heading or of_whom in heading
        assert f"about {whose}" in text_of(page)
    for address in (CHECK, RESULTS, SUMMARY):
        text = text_of(patient.open(address))
        assert f"How old is {whose}?" in text or f"How much does {whose} weigh?" in text
        assert "do you weigh" not in text


@pytest.mark.parametrize("who", ["child", "other"])
def test_a_paper_for_somebody_else_says_so(who, patient):
    patient.remember(who, **FITS_FIRST)
    assert {"child": "Answered for a child", "other": "Answered for a person somebody cares for"}[who] in text_of(patient.open(SUMMARY))


@pytest.mark.parametrize("who", ["child", "other"])
@pytest.mark.parametrize(
    ("address", "words"),
    [
        pytest.param(RESULTS, "You have X-linked retinitis pigmentosa", id="a criterion in plain words"),
        pytest.param(RESULTS, "You may match", id="the heading of a group"),
        pytest.param(SUMMARY, "You may match", id="the fit of a trial"),
        pytest.param(SUMMARY, "make sense for me", id="the questions to ask"),
        pytest.param(NOT_LISTED, "Your condition is not in our list", id="the page of help"),
    ],
)
def test_pages_for_somebody_else_do_not_speak_as_if_the_reader_were_the_patient(address, words, who, patient):
    patient.remember(who, **FITS_FIRST)
    assert words not in text_of(patient.open(address))


def test_a_trial_with_many_places_names_the_first_and_counts_the_rest(told):
    for city in ("Ames", "Bath", "Cork", "Dole", "Eton"):
        SiteFactory(trial=Trial.objects.get(nct_id="NCT10000001"), city=city, country="Utopia", facility="")
    assert "and 2 more" in text_of(told.open(SUMMARY))


def test_a_trial_s_words_are_never_markup(told):
    Trial.objects.filter(nct_id="NCT10000001").update(title="<script>alert(1)</script> & co", summary='"><img src=x>')
    Trial.objects.get(nct_id="NCT10000002").save()
    for address in (RESULTS, SUMMARY, "/trials/", "/trials/NCT10000001/"):
        page = told.open(address).content.decode()
        assert "<script>alert" not in page
        assert "<img" not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; co" in page
