"""The way through the questions: changing answers, jumping about, and the ways out."""

import pytest

from prescreen.answers import COOKIE, LIFETIME, Answers, seal, unseal
from trials.models import Criterion, Question

from .patients import CHECK, EXPIRED, NOT_LISTED, PDF, RESULTS, START, SUMMARY, UNSURE, Patient, not_sure, page_of, text_of
from .small import load
from .test_answers_cookie import sealed_at

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small_catalog")]

FROM_CHECK = "?from=check"
ALL = {"diagnosis": "rp_x_linked", "age": "30", "sex": "male", "weight": "70", "antibodies": "0", "treatments": "none_of_these", "visits": "yes"}


@pytest.fixture
def finished(patient):
    """A patient who has answered everything."""
    asked = patient.go_on(not_sure(**ALL))
    assert set(asked) == {"who", "area", *ALL}
    return patient


def given_by(patient: Patient) -> Answers:
    """The answers in the patient's cookie."""
    return unseal(patient.client.cookies[COOKIE].value, LIFETIME)


def change(patient: Patient, key: str, answer) -> str:
    """Changes an answer from the check page; gives the address of the page that follows."""
    return patient.answer(key, answer, FROM_CHECK)["Location"]


def test_the_first_questions_are_the_condition_the_age_and_the_sex(patient):
    assert patient.go_on(not_sure())[:5] == ["who", "area", "diagnosis", "age", "sex"]


def test_a_question_whose_answer_changes_nothing_is_not_asked(patient):
    assert patient.go_on(not_sure(diagnosis="stargardt")) == ["who", "area", "diagnosis"]


def test_the_same_answers_always_give_the_same_path():
    assert Patient().go_on(not_sure(**ALL)) == Patient().go_on(not_sure(**ALL))


def test_a_question_that_hangs_on_another_is_asked_only_where_it_matters(patient):
    assert "pregnant" not in Patient().go_on(not_sure(**ALL))
    assert "pregnant" in Patient().go_on(not_sure(**{**ALL, "sex": "female"}))
    assert "pregnant" in patient.go_on(not_sure(**{**ALL, "sex": UNSURE}))


def test_whoever_is_not_sure_of_the_area_is_asked_about_all(patient):
    patient.begin(UNSURE)
    assert given_by(patient).area is None
    assert "hemophilia" in patient.open(page_of("diagnosis")).content.decode()
    assert "All condition areas" in text_of(patient.open(SUMMARY))


def test_the_check_page_lists_each_answer_with_a_way_to_change_it(finished):
    page = finished.open(CHECK)
    for key in ("who", "area", *ALL):
        assert f'href="{page_of(key)}{FROM_CHECK}"' in page.content.decode()
    text = text_of(page)
    for shown in ("Myself", "Eye disease", "X-linked retinitis pigmentosa", "30 years", "70 kg", "0 titer"):
        assert shown in text
    assert "none of these" in text.lower()


def test_the_check_page_leads_on_while_there_is_more_to_ask(patient):
    patient.begin()
    following = patient.tell(diagnosis="rp", age="30")["Location"]
    assert f'href="{following}"' in patient.open(CHECK).content.decode()


def test_a_change_leads_back_to_the_check_page(finished):
    assert change(finished, "age", "40") == CHECK
    assert given_by(finished).given["age"]["value"] == "40"
    assert "40 years" in text_of(finished.open(CHECK))


def test_a_change_leads_to_what_it_newly_needs_and_then_back(finished):
    assert change(finished, "sex", "female") == page_of("pregnant") + FROM_CHECK
    assert finished.open(page_of("pregnant") + FROM_CHECK).status_code == 200
    assert change(finished, "pregnant", "no") == CHECK


def test_a_change_that_needs_several_answers_asks_them_all_before_the_check_page(finished):
    finished.answer("area", "genetic", FROM_CHECK)
    finished.answer("diagnosis", "hemophilia", FROM_CHECK)
    address = change(finished, "area", "eye")
    while address != CHECK:
        assert address.endswith(FROM_CHECK)
        key = address.split("/")[-2]
        address = change(finished, key, ALL[key])


def test_a_change_while_questions_are_still_open_leads_back_to_the_check_page_too(patient):
    patient.begin()
    patient.tell(diagnosis="rp_x_linked", age="30", sex="male")
    assert change(patient, "age", "31") == CHECK


def test_a_bad_change_is_refused_like_any_answer(finished):
    response = finished.answer("age", "old", FROM_CHECK)
    assert response.status_code == 422
    assert f'href="{CHECK}"' in response.content.decode(), "back leads to the check page"
    assert given_by(finished).given["age"]["value"] == "30"


def test_changing_an_answer_and_changing_it_back_loses_nothing(finished):
    before = given_by(finished)
    text = text_of(finished.open(CHECK))
    change(finished, "diagnosis", "stargardt")
    assert "70 kg" not in text_of(finished.open(CHECK)), "what no longer matters does not count"
    assert change(finished, "diagnosis", "rp_x_linked") == CHECK
    assert given_by(finished) == before
    assert text_of(finished.open(CHECK)) == text


def test_changing_the_area_and_changing_it_back_loses_nothing(finished):
    before = given_by(finished)
    finished.answer("area", "genetic")
    assert finished.answer("area", "eye")["Location"] == CHECK
    assert given_by(finished) == before


def test_an_answer_that_no_longer_counts_is_not_shown_anywhere(finished):
    change(finished, "diagnosis", "stargardt")
    for address in (CHECK, RESULTS, SUMMARY):
        assert "70 kg" not in text_of(finished.open(address))


def test_changing_who_answers_changes_only_the_words(finished):
    before = given_by(finished)
    assert change(finished, "who", "child") == CHECK
    assert given_by(finished) == Answers("child", before.area, before.given, before.picked)
    assert "How old is your child?" in text_of(finished.open(CHECK))


def test_a_question_that_is_not_on_the_path_leads_to_the_next_one(patient):
    patient.begin()
    for key in ("age", "weight", "visits", "pregnant"):
        assert patient.open(page_of(key))["Location"] == page_of("diagnosis")


def test_a_question_not_on_the_path_leads_to_the_check_page_when_all_is_answered(finished):
    assert finished.open(page_of("pregnant"))["Location"] == CHECK


def test_an_answer_to_a_question_not_on_the_path_is_not_kept(patient):
    patient.begin()
    response = patient.answer("weight", "70")
    assert response["Location"] == page_of("diagnosis")
    assert given_by(patient).given == {}


def test_without_an_area_each_question_leads_to_the_area(patient):
    assert patient.open(page_of("diagnosis"))["Location"] == page_of("area")
    assert patient.answer("diagnosis", "rp")["Location"] == page_of("area")


def test_earlier_questions_can_be_opened_and_lead_back_one_by_one(finished):
    page = finished.open(page_of("sex")).content.decode()
    assert f'href="{page_of("age")}"' in page
    assert f'href="{page_of("diagnosis")}"' in finished.open(page_of("age")).content.decode()
    assert f'href="{page_of("who")}"' in finished.open(page_of("area")).content.decode()
    assert f'href="{START}"' in finished.open(page_of("who")).content.decode()


def test_a_question_that_does_not_exist_is_not_found(finished):
    response = finished.open(page_of("height"))
    assert response.status_code == 404
    assert "We cannot find that page" in text_of(response)


def test_an_answer_that_the_question_no_longer_takes_is_asked_again(finished, tmp_path):
    load(tmp_path, weight="- {key: weight, kind: number, text: Your weight, unit: kg, min: 1, max: 60}")
    assert finished.open(CHECK).status_code == 200
    assert finished.open(page_of("pregnant"))["Location"] == page_of("weight")
    assert "70 kg" not in text_of(finished.open(RESULTS))


def test_a_question_that_is_gone_from_the_catalog_is_ignored(finished):
    Criterion.objects.filter(rule__contains="weight").delete()
    Question.objects.get(key="weight").delete()
    for address in (CHECK, RESULTS, SUMMARY):
        assert finished.open(address).status_code == 200
    assert finished.open(page_of("weight")).status_code == 404


def test_an_area_that_is_gone_leads_to_the_area_again(patient):
    patient.client.cookies[COOKIE] = seal(Answers("me", "heart", {"age": None}))
    assert patient.open(page_of("age"))["Location"] == page_of("area")
    assert patient.open(RESULTS)["Location"] == EXPIRED


def test_a_condition_that_is_not_listed_leads_to_a_page_of_help_and_keeps_nothing(patient):
    patient.begin()
    before = patient.client.cookies[COOKIE].value
    assert patient.answer("diagnosis", "not_listed")["Location"] == NOT_LISTED
    page = patient.open(NOT_LISTED)
    assert page.status_code == 200
    assert f'href="{page_of("diagnosis")}"' in page.content.decode()
    assert "Ask your provider" in text_of(page)
    assert patient.client.cookies[COOKIE].value == before


@pytest.mark.parametrize("address", [CHECK, RESULTS, SUMMARY, PDF])
def test_pages_with_answers_lead_to_the_page_that_says_there_are_none(address, patient):
    assert patient.open(address)["Location"] == EXPIRED
    page = patient.open(EXPIRED)
    assert page.status_code == 200
    assert "There are no answers here" in text_of(page)
    assert f'href="{page_of("who")}"' in page.content.decode()


@pytest.mark.parametrize("address", [page_of("who"), page_of("age"), CHECK, RESULTS, SUMMARY, PDF, NOT_LISTED])
@pytest.mark.parametrize("cookie", ["older than twelve hours", "noise"])
def test_a_cookie_that_cannot_be_read_is_cleared_and_the_page_says_so(cookie, address, patient):
    patient.client.cookies[COOKIE] = sealed_at(1_700_000_000) if cookie != "noise" else "noise"
    response = patient.open(address)
    assert response["Location"] == EXPIRED
    assert response.cookies[COOKIE]["max-age"] == 0
    assert patient.open(START).status_code == 200


def test_an_answer_sent_with_an_old_cookie_is_not_taken(patient):
    patient.client.cookies[COOKIE] = sealed_at(1_700_000_000)
    assert patient.answer("who", "child")["Location"] == EXPIRED


@pytest.mark.parametrize(
    ("way", "page", "words"),
    [("/screening/delete/", "/screening/deleted/", "Your answers are deleted"), ("/leave/", "/left/", "You can close this page")],
)
def test_deleting_and_leaving_clear_the_cookie(way, page, words, finished):
    response = finished.send(way)
    assert response["Location"] == page
    assert response.cookies[COOKIE].value == ""
    assert response.cookies[COOKIE]["max-age"] == 0
    assert response["Clear-Site-Data"] == '"cache", "storage"'
    assert words in text_of(finished.open(page))
    assert finished.open(RESULTS)["Location"] == EXPIRED


@pytest.mark.parametrize("way", ["/screening/delete/", "/leave/"])
def test_a_link_alone_deletes_nothing(way, finished):
    assert finished.open(way).status_code == 405
    assert finished.open(RESULTS).status_code == 200


def test_the_page_after_leaving_tells_nothing_of_this_site(finished):
    finished.send("/leave/")
    page = finished.open("/left/").content.decode().lower()
    assert "gene" not in page
    assert "trial" not in page
    assert "<a " not in page


def test_deleting_works_with_a_cookie_that_cannot_be_read(patient):
    patient.client.cookies[COOKIE] = "noise"
    assert patient.send("/screening/delete/").cookies[COOKIE]["max-age"] == 0


def test_the_start_page_offers_to_go_on_only_where_there_are_answers(patient):
    assert f'href="{CHECK}"' not in patient.open(START).content.decode()
    patient.begin()
    assert f'href="{CHECK}"' in patient.open(START).content.decode()


def test_a_form_of_another_site_is_refused_kindly(finished):
    other = Patient(enforce_csrf_checks=True)
    other.client.cookies = finished.client.cookies
    response = other.answer("age", "99")
    assert response.status_code == 403
    assert "Please try that once more" in text_of(response)
    assert given_by(finished).given["age"]["value"] == "30"


@pytest.mark.parametrize("address", [START, CHECK, RESULTS, NOT_LISTED, EXPIRED, "/screening/summary.json", "/learn/", "/trials/"])
def test_pages_that_only_show_take_no_posts(address, finished):
    assert finished.send(address).status_code == 405


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_a_question_takes_no_other_method(method, finished):
    assert getattr(finished.client, method)(page_of("age")).status_code == 405


@pytest.mark.parametrize("cookie", ["older than twelve hours", "noise"])
def test_the_start_page_clears_a_cookie_that_cannot_be_read_and_starts_anew(cookie, patient):
    patient.client.cookies[COOKIE] = sealed_at(1_700_000_000) if cookie != "noise" else "noise"
    page = patient.open(START)
    assert page.status_code == 200
    assert page.cookies[COOKIE]["max-age"] == 0
    assert "Start now" in text_of(page)
    assert "Go on with the answers" not in text_of(page)


def test_a_condition_of_another_area_is_asked_again_and_comes_back_with_its_area(patient):
    patient.begin(area="eye")
    patient.answer("diagnosis", "rp_x_linked")
    assert patient.answer("area", "genetic")["Location"] == page_of("diagnosis"), "the page of this area does not offer the condition"
    assert 'value="rp_x_linked"' not in patient.open(page_of("diagnosis")).content.decode()
    assert patient.answer("area", "eye")["Location"] != page_of("diagnosis")
    assert "X-linked" in text_of(patient.open(CHECK))
