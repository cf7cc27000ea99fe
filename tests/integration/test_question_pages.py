"""One question a page: what stands on it, which answers it takes, and what it says to those that it cannot take."""

import re

import pytest

from prescreen.answers import COOKIE, LIFETIME, unseal

from .patients import UNSURE, options_of, page_of, text_of, title_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small_catalog")]

TO_TREATMENTS = {"diagnosis": "rp_x_linked", "age": "30", "sex": "male", "weight": "70", "antibodies": UNSURE}


@pytest.fixture
def at(patient):
    """A patient who answered everything before the question with this key; the others get "I am not sure" where they come first."""

    def walk_to(key: str):
        address = patient.begin()["Location"]
        while address != page_of(key):
            asked = address.split("/")[-2]
            address = patient.answer(asked, {"diagnosis": "rp_x_linked", "sex": "female"}.get(asked, UNSURE))["Location"]
        return patient

    return walk_to


def given_by(patient) -> dict:
    """The answers in the patient's cookie."""
    return unseal(patient.client.cookies[COOKIE].value, LIFETIME).given


KINDS = {
    "yes_no": "pregnant",
    "number": "antibodies",
    "number with units": "weight",
    "choice": "sex",
    "tree of conditions": "diagnosis",
    "choices": "treatments",
}


@pytest.mark.parametrize("key", KINDS.values(), ids=KINDS.keys())
def test_not_sure_is_taken_on_each_kind_of_page(key, at):
    patient = at(key)
    assert UNSURE in options_of(patient.open(page_of(key))) or f'value="{UNSURE}"' in patient.open(page_of(key)).content.decode()
    assert patient.answer(key, UNSURE).status_code == 302
    assert given_by(patient)[key] is None
    page = patient.open(page_of(key)).content.decode()
    assert "I am not sure" in page


@pytest.mark.parametrize("key", ["who", "area"])
def test_not_sure_is_taken_on_the_two_pages_before_the_questions(key, patient):
    assert patient.answer(key, UNSURE).status_code == 302


def test_not_sure_wins_over_a_number_that_was_typed(at):
    patient = at("weight")
    assert patient.answer("weight", ["70", UNSURE], unit="kg").status_code == 302
    assert given_by(patient)["weight"] is None


@pytest.mark.parametrize("key", KINDS.values(), ids=KINDS.keys())
def test_a_page_has_one_question_one_heading_and_one_form(key, at):
    response = at(key).open(page_of(key))
    page, text = response.content.decode(), text_of(response)
    assert page.count("<h1") == 1
    assert re.search(r"<(legend|label)[^>]*>\s*<h1>|<h1><label", page), "the heading stands inside the legend, or around the label"
    assert set(re.findall(r'<(?:input|select)[^>]* name="(\w+)"', page)) - {"csrfmiddlewaretoken"} <= {"answer", "unit"}
    assert "Continue" in page
    assert "Leave this site" in page
    assert 'class="back"' in page
    assert re.search(r"Question \d+", text)
    assert not re.search(r"Question \d+ of", text), "the total adapts, so it is not promised"
    assert "*" not in text


@pytest.mark.parametrize("key", KINDS.values(), ids=KINDS.keys())
def test_each_control_has_a_label(key, at):
    page = at(key).open(page_of(key)).content.decode()
    controls = re.findall(r'<(?:input|select)[^>]* id="([^"]+)"', page)
    assert controls
    assert len(controls) == len(set(controls))
    assert [control for control in controls if f'for="{control}"' not in page] == []


def test_questions_are_numbered_from_the_first_page_on(patient):
    assert "Question 1" in text_of(patient.open(page_of("who")))
    patient.begin()
    assert "Question 3" in text_of(patient.open(page_of("diagnosis")))
    assert "Question 2" in text_of(patient.open(page_of("area")))


def test_a_question_says_why_it_is_asked_and_that_a_sensitive_answer_is_not_kept(at):
    page = text_of(at("pregnant").open(page_of("pregnant")))
    assert "Why we ask this The treatment could harm a baby." in page
    assert "This answer stays in your browser. We do not keep it" in page


@pytest.mark.parametrize(("key", "is_there"), [("antibodies", True), ("sex", False)])
def test_hard_words_of_a_question_are_explained_under_it(key, is_there, at):
    assert ("Words explained" in text_of(at(key).open(page_of(key)))) is is_there


def test_a_question_tells_how_many_trials_are_still_possible(patient):
    patient.begin()
    assert "still possible" not in text_of(patient.open(page_of("diagnosis")))
    patient.tell(diagnosis="rp")
    assert "2 trials are still possible." in text_of(patient.open(page_of("age")))
    patient.tell(age="17")
    assert "1 trial is still possible." in text_of(patient.open(page_of(patient.seen[-1]["Location"].split("/")[-2])))


def test_the_conditions_are_those_of_the_area_each_after_its_kinds(patient):
    patient.begin("eye")
    options = options_of(patient.open(page_of("diagnosis")))
    assert options[:4] == ["rp_x_linked", "rp_usher", "rp", "stargardt"]
    assert set(options[4:]) == {UNSURE, "not_listed"}
    patient.begin("genetic")
    assert options_of(patient.open(page_of("diagnosis")))[0] == "hemophilia"


@pytest.mark.parametrize(("answer", "is_open"), [(None, False), ("stargardt", False), ("rp_x_linked", True), ([], True)])
def test_a_group_of_conditions_is_open_where_the_answer_is_in_it_or_the_first_after_a_mistake(answer, is_open, patient):
    patient.begin("eye")
    if answer:
        patient.tell(diagnosis=answer)
    page = patient.answer("diagnosis", answer) if answer == [] else patient.open(page_of("diagnosis"))
    assert re.findall(r'<details class="group"( open)?>', page.content.decode()) == [" open" if is_open else ""]


def test_a_wider_condition_is_for_those_who_do_not_know_which(patient):
    patient.begin()
    assert "Retinitis pigmentosa: another kind, or I do not know which" in text_of(patient.open(page_of("diagnosis")))


@pytest.mark.parametrize(
    ("typed", "unit", "kept"),
    [
        ("70", "kg", "70"),
        (" 70 ", "kg", "70"),
        ("70.5", "kg", "70.5"),
        ("70,5", "kg", "70.5"),
        ("7 0", "kg", "70"),
        ("0,070e3", "kg", None),
        ("2", "kg", "2"),
        ("0.999", "kg", None),
        ("200", "kg", "200"),
        ("400.001", "kg", None),
        ("440", "lb", "440"),
        ("882", "lb", None),
        ("1,000", "kg", None),
        ("70", "stone", None),
        ("-70", "kg", None),
        ("seventy", "kg", None),
        ("70 stones", "kg", None),
        ("", "kg", None),
        ("   ", "kg", None),
        ("9" * 41, "kg", None),
        ("٧٠", "kg", "70"),
        ("nan", "kg", None),
        ("1/2", "kg", None),
        ("0x46", "kg", None),
        ("<script>alert(1)</script>", "kg", None),
    ],
)
def test_a_number_is_taken_or_refused(typed, unit, kept, at):
    patient = at("weight")
    response = patient.answer("weight", typed, unit=unit)
    if kept is None:
        assert response.status_code == 422
        assert "weight" not in given_by(patient)
    else:
        assert response.status_code == 302
        assert given_by(patient)["weight"] == {"value": kept, "unit": unit}


@pytest.mark.parametrize(("typed", "kept"), [("1,200", "1200"), ("1 200", "1200"), ("1,200,000", "1200000"), ("1,200.5", "1200.5"), ("0", "0"), (".5", ".5")])
def test_thousands_are_read_as_people_write_them(typed, kept, at):
    patient = at("antibodies")
    assert patient.answer("antibodies", typed).status_code == 302
    assert given_by(patient)["antibodies"]["value"] == kept


def test_without_a_unit_the_question_s_own_counts(at):
    patient = at("weight")
    assert patient.answer("weight", "70").status_code == 302
    assert given_by(patient)["weight"] == {"value": "70", "unit": "kg"}


@pytest.mark.parametrize(
    ("picked", "kept"),
    [
        (["surgery"], ["surgery"]),
        (["surgery", "injection"], ["surgery", "injection"]),
        (["none_of_these"], []),
        ([UNSURE], None),
    ],
)
def test_boxes_are_taken(picked, kept, at):
    patient = at("treatments")
    assert patient.answer("treatments", picked).status_code == 302
    assert given_by(patient)["treatments"] == kept


BAD = {
    # what is sent: (key, answer, message)
    "no choice": ("sex", [], "Choose an answer, or “I am not sure”"),
    "an unknown choice": ("sex", "woman", "Select a valid choice"),
    "an empty choice": ("sex", "", "Choose an answer, or “I am not sure”"),
    "no yes and no no": ("pregnant", [], "Choose an answer, or “I am not sure”"),
    "perhaps": ("pregnant", "perhaps", "Select a valid choice"),
    "a condition of another area": ("diagnosis", "hemophilia", "Select a valid choice"),
    "no condition": ("diagnosis", [], "Choose an answer, or “I am not sure”"),
    "no number": ("antibodies", "", "Enter a number in titer, or choose “I am not sure”"),
    "a word": ("antibodies", "many", "Enter a number in titer, or choose “I am not sure”"),
    "an age in words": ("age", "thirty", "Enter a number, such as 34, or choose “I am not sure”"),
    "a number below the smallest": ("antibodies", "-1", "Enter a number of 0 titer or more"),
    "a number above the largest": ("age", "121", "Enter a number from 0 to 120 years"),
    "no boxes": ("treatments", [], "Choose all that apply, or “None of these”, or “I am not sure”"),
    "none of these and one": ("treatments", ["none_of_these", "surgery"], "or only “None of these”"),
    "not sure and one": ("treatments", [UNSURE, "surgery"], "or only “I am not sure”"),
    "none of these and not sure": ("treatments", ["none_of_these", UNSURE], "or only “None of these”"),
    "an unknown box": ("treatments", ["surgery", "magic"], "Select a valid choice"),
    "nobody": ("who", [], "Choose an answer"),
    "somebody else": ("who", "neighbor", "Select a valid choice"),
    "no area": ("area", [], "Choose an answer, or “I am not sure"),
    "an unknown area": ("area", "heart", "Select a valid choice"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_answer_is_answered_with_what_is_wrong_and_a_link_to_the_control(name, at, patient):
    key, answer, message = BAD[name]
    if key not in ("who", "area"):
        at(key)
    before = patient.client.cookies.get(COOKIE)
    response = patient.answer(key, answer)
    page = response.content.decode()
    assert response.status_code == 422
    assert title_of(response).startswith("Error: ")
    assert "There is a problem" in page
    assert message in text_of(response)
    control = re.search(r'id="error-summary".*?href="#([^"]+)"', page, re.DOTALL)[1]
    assert re.search(rf'<input[^>]* id="{control}"', page), "the link leads to a control"
    assert re.search(r'<p class="error" id="([^"]+)"', page)[1] in re.search(r'aria-describedby="([^"]+)"', page)[1], "the control names its error"
    assert COOKIE not in response.cookies, "nothing is kept"
    assert patient.client.cookies.get(COOKIE) is before


@pytest.mark.parametrize("typed", ["many", "-1", '"><b>', "1,2,3"])
def test_what_was_typed_stays_and_is_not_markup(typed, at):
    page = at("antibodies").answer("antibodies", typed).content.decode()
    assert f'value="{typed.replace("&", "&amp;").replace(chr(34), "&quot;").replace("<", "&lt;").replace(">", "&gt;")}"' in page


def test_the_unit_chosen_stays_after_an_error(at):
    page = at("weight").answer("weight", "abc", unit="lb").content.decode()
    assert '<option value="lb" selected>' in page


def test_the_boxes_ticked_stay_ticked_after_an_error(at):
    page = at("treatments").answer("treatments", ["none_of_these", "surgery"]).content.decode()
    ticked = re.findall(r'value="(\w+)"[^>]* checked', page)
    assert sorted(ticked) == ["none_of_these", "surgery"]


@pytest.mark.parametrize(
    ("key", "answer", "shown"),
    [
        ("sex", "female", r'value="female"[^>]* checked'),
        ("treatments", ["surgery"], r'value="surgery"[^>]* checked'),
        ("antibodies", "12.50", r'name="answer"[^>]* value="12\.50"|value="12\.50"[^>]* name="answer"'),
        ("sex", UNSURE, rf'value="{UNSURE}"[^>]* checked'),
        ("treatments", UNSURE, rf'value="{UNSURE}"[^>]* checked'),
        ("treatments", "none_of_these", r'value="none_of_these"[^>]* checked'),
    ],
)
def test_an_earlier_answer_is_shown_again(key, answer, shown, at):
    patient = at(key)
    assert not re.search(shown, patient.open(page_of(key)).content.decode())
    patient.answer(key, answer)
    assert re.search(shown, patient.open(page_of(key)).content.decode())


def test_an_earlier_number_is_shown_in_its_own_unit(at):
    patient = at("weight")
    patient.answer("weight", "154", unit="lb")
    page = patient.open(page_of("weight")).content.decode()
    assert 'value="154"' in page
    assert '<option value="lb" selected>' in page


def test_numbers_are_typed_into_a_plain_box(at):
    box = re.search(r'<input[^>]* name="answer"[^>]*>', at("weight").open(page_of("weight")).content.decode())[0]
    assert 'type="text"' in box
    assert 'inputmode="decimal"' in box
