"""What people type for a number: exact, as a range, with a unit, in words; what it becomes, and how it is shown again."""

from fractions import Fraction
from typing import ClassVar

import pytest

from prescreen.answers import COOKIE, LIFETIME, Answers, seal, unseal
from prescreen.ranges import in_words, is_vague, read_typed, typed_again
from trials.eligibility.questions import AnswerError, Interval, Kind, Question
from trials.models import Question as Stored

from .patients import CHECK, Patient, page_of, text_of, title_of


def number(unit: str, units: dict | None = None, **more) -> Question:
    """A question that is answered with a number."""
    return Question("q", Kind.NUMBER, "How much?", unit=unit, units={name: Fraction(factor) for name, factor in (units or {}).items()}, **more)


VIRAL_LOAD = number("copies/mL", min=Fraction(0))
WEIGHT = number("kg", {"lb": "0.45359237"}, min=Fraction(0))
AGE = number("years", {"months": "1/12", "weeks": "7/365", "days": "1/365"}, min=Fraction(0))
TITER = number("titer", min=Fraction(0))


@pytest.mark.parametrize(
    ("typed", "low", "high"),
    [
        ("under 200", None, "199"),
        ("Under 200", None, "199"),
        ("below 200", None, "199"),
        ("less than 200", None, "199"),
        ("<200", None, "199"),
        ("< 200 copies/mL", None, "199"),
        ("under 200.5", None, "200"),
        ("under 1,200", None, "1199"),
        ("up to 200", None, "200"),
        ("200 or less", None, "200"),
        ("<=200", None, "200"),
        ("≤ 200", None, "200"),
        ("over 500", "501", None),
        ("more than 500", "501", None),
        ("> 500", "501", None),
        ("at least 500", "500", None),
        ("≥500", "500", None),
        ("500 or more", "500", None),
        ("500+", "500", None),
        ("between 200 and 350", "200", "350"),
        ("from 200 to 350", "200", "350"),
        ("200-350", "200", "350"),
        ("200 – 350", "200", "350"),
        ("350 to 200", "200", "350"),
        ("1,000-2,000", "1000", "2000"),
        ("undetectable", None, "199"),
        ("Not detected", None, "199"),
        ("Target not detected", None, "199"),
        ("undetectable, <20", None, "19"),
        ("<50 copies/mL (undetectable)", None, "49"),
        ("undetectable 50", None, "49"),
    ],
)
def test_a_range_is_read_with_its_ends(typed, low, high):
    wanted = {end: value for end, value in (("min", low), ("max", high)) if value is not None}
    assert read_typed(typed, VIRAL_LOAD, "copies/mL") == {**wanted, "unit": "copies/mL"}


@pytest.mark.parametrize("typed", ["many", "below", "to 5", "5 to", "1-2-3", "about 200", "~200", "<>5", "1/2", "seventy", "200 ish", "", "under under 5"])
def test_what_is_no_number_and_no_range_is_not_read(typed):
    assert read_typed(typed, VIRAL_LOAD, "copies/mL") is None


@pytest.mark.parametrize(("typed", "is_so"), [("about 200", True), ("~200", True), ("Around 30", True), ("200", False), ("aboutness", False)])
def test_about_is_noticed(typed, is_so):
    assert is_vague(typed) is is_so


@pytest.mark.parametrize(
    ("question", "typed", "answer"),
    [
        (WEIGHT, "154 lbs", {"value": "154", "unit": "lb"}),
        (WEIGHT, "70kg", {"value": "70", "unit": "kg"}),
        (WEIGHT, "70 kg to 75 kg", {"min": "70", "max": "75", "unit": "kg"}),
        (WEIGHT, "70 lb kg", None),
        (WEIGHT, "11 stone", None),
        (AGE, "5 months", {"value": "5", "unit": "months"}),
        (AGE, "18 months old", {"value": "18", "unit": "months"}),
        (AGE, "1 year 3 months", {"value": "15", "unit": "months"}),
        (AGE, "1 year and 3 months", {"value": "15", "unit": "months"}),
        (AGE, "10 days", {"value": "10", "unit": "days"}),
        (TITER, "1:50", {"value": "50", "unit": "titer"}),
        (TITER, "<1:50", {"max": "50", "unit": "titer"}),
    ],
)
def test_a_unit_that_is_typed_counts(question, typed, answer):
    assert read_typed(typed, question, question.unit) == answer


@pytest.mark.parametrize(("typed", "high"), [("under 13", "13"), ("<13.5", "13.5")])
def test_a_strict_end_of_what_is_measured_is_included_rather_than_guessed(typed, high):
    answer = read_typed(typed, WEIGHT, "kg")
    assert answer == {"max": high, "unit": "kg"}
    assert WEIGHT.read(answer) == Interval(Fraction(0), Fraction(high))


@pytest.mark.parametrize("typed", ["199 or less", "501 or more", "200 to 350", "70", "12.5 to 13"])
def test_what_is_shown_again_reads_as_the_same_answer(typed):
    answer = read_typed(typed, WEIGHT, "lb")
    assert typed_again(answer) == typed
    assert read_typed(typed_again(answer), WEIGHT, "lb") == answer


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"value": "154", "unit": "lb"}, "154 lb"),
        ({"value": 34}, "34 kg"),
        ({"max": "199", "unit": "lb"}, "199 lb or less"),
        ({"min": 5}, "5 kg or more"),
        ({"min": "200", "max": "350"}, "200 to 350 kg"),
    ],
)
def test_an_answer_is_told_in_its_own_unit(answer, words):
    assert in_words(answer, "kg") == words


@pytest.mark.parametrize("value", ["1000001", "-1"])
def test_an_end_that_cannot_be_is_refused(value):
    question = number("copies/mL", min=Fraction(0), max=Fraction(1000000))
    with pytest.raises(AnswerError):
        question.read({"max": value})


# --- on the page ---


def given_by(patient: Patient) -> dict:
    """The answers in the patient's cookie."""
    return unseal(patient.client.cookies[COOKIE].value, LIFETIME).given


@pytest.mark.django_db
@pytest.mark.usefixtures("starter")
class TestOnThePage:
    """Numbers of the starter's own questions."""

    ON_THE_WAY: ClassVar = {"hiv_type": "hiv_1", "hiv_drugs": "now", "diagnosis": "hiv_without_blood_cancer", "sex": "male", "age": "40"}

    def walk_to(self, patient: Patient, key: str) -> None:
        """Answers what comes before a question."""
        address = patient.begin("hiv")["Location"]
        for _ in range(60):
            asked = address.split("/")[-2]
            if asked == key:
                return
            address = patient.answer(asked, self.ON_THE_WAY.get(asked, "unknown"))["Location"]
        raise AssertionError(f"{key} is never asked")

    @pytest.mark.parametrize(
        ("typed", "kept"),
        [
            ("undetectable", {"max": "199", "unit": "copies/mL"}),
            (["", "undetectable"], {"max": "199", "unit": "copies/mL"}),
            ("under 50", {"max": "49", "unit": "copies/mL"}),
            ("200-350", {"min": "200", "max": "350", "unit": "copies/mL"}),
        ],
    )
    def test_a_range_is_kept_shown_on_the_check_page_and_stands_in_the_box_again(self, typed, kept, patient):
        self.walk_to(patient, "viral_load")
        assert 'value="undetectable"' in patient.open(page_of("viral_load")).content.decode(), "there is a button for it"
        assert patient.answer("viral_load", typed).status_code == 302
        assert given_by(patient)["viral_load"] == kept
        assert in_words(kept, "") in text_of(patient.open(CHECK))
        assert f'value="{typed_again(kept)}"' in patient.open(page_of("viral_load")).content.decode()
        assert patient.answer("viral_load", typed_again(kept)).status_code == 302
        assert given_by(patient)["viral_load"] == kept

    def test_undetectable_leaves_a_limit_of_50_open_and_under_50_settles_it(self):
        question = number("copies/mL", min=Fraction(0))
        below_50 = Interval(Fraction(0), Fraction(50), high_open=True)
        undetectable = question.read(read_typed("undetectable", question, "copies/mL"))
        assert not below_50.holds_all_of(undetectable)
        assert not below_50.holds_none_of(undetectable)
        assert below_50.holds_all_of(question.read(read_typed("under 50", question, "copies/mL")))

    @pytest.mark.parametrize(
        ("typed", "message"),
        [
            ("many", "Enter a number in copies/mL, or choose “I am not sure”. “under 200” or “200 to 350” is fine too."),
            ("about 200", "“About” can mean much or little."),
            ("under 0", "Enter a number from 0 to 20000000 copies/mL"),
        ],
    )
    def test_what_cannot_be_read_is_answered_with_how_to_mend_it(self, typed, message, patient):
        self.walk_to(patient, "viral_load")
        page = patient.answer("viral_load", typed)
        assert page.status_code == 422
        assert message in text_of(page)
        assert f'value="{typed}"' in page.content.decode(), "what was typed stays"

    def test_every_number_as_a_range_still_fits_the_browser(self, patient):
        given = {}
        for row in Stored.objects.prefetch_related("choices"):
            first = [choice.key for choice in row.choices.all()][:3]
            given[row.key] = {
                "number": {"min": "12.5", "max": "130.25", "unit": row.unit},
                "yes_no": "yes",
                "choice": first[0] if first else None,
                "choices": first,
            }[row.kind]
        assert len(seal(Answers("child", "genetic", given))) < 4000

    @pytest.mark.parametrize(
        ("key", "typed", "unit", "offer"),
        [
            ("weight", "700", "lb", None),
            ("weight", "1.5", "kg", None),
            ("weight", "210", "kg", "210 lb"),
            ("hemoglobin", "1", "g/dL", None),
            ("creatinine", "30", "mg/dL", "30 µmol/L"),
        ],
    )
    def test_an_unlikely_number_is_asked_about_once(self, key, typed, unit, offer, patient):
        form = self.form(key)
        asked = form({"answer": typed, "unit": unit})
        assert not asked.is_valid()
        assert asked.asked_about == f"{typed} {unit}"
        assert [one.value for one in asked.offers] == ([offer] if offer else [])
        again = form({"answer": typed, "unit": unit, "sure": asked.asked_about})
        assert again.is_valid()
        assert again.value == {"value": typed, "unit": unit}
        other = form({"answer": typed, "unit": unit, "sure": f"{typed}0 {unit}"})
        assert not other.is_valid(), "what was confirmed was another number"

    @pytest.mark.parametrize(
        ("key", "typed", "unit", "offer"),
        [
            ("hemoglobin", "140", "g/dL", ["140 g/L"]),
            ("creatinine", "80", "mg/dL", ["80 µmol/L"]),
            ("platelets", "150000", "thousand/µL", ["150000 cells/µL"]),
            ("weight", "500", "kg", []),
            ("age", "340", "years", []),
        ],
    )
    def test_an_impossible_number_is_refused_with_the_unit_that_may_be_meant(self, key, typed, unit, offer):
        form = self.form(key)
        refused = form({"answer": typed, "unit": unit})
        assert not refused.is_valid()
        assert not refused.asked_about
        assert [one.value for one in refused.offers] == offer
        assert not form({"answer": typed, "unit": unit, "sure": f"{typed} {unit}"}).is_valid(), "it cannot be confirmed"
        for value in offer:
            taken = form({"answer": value, "unit": unit})
            assert taken.is_valid(), "the button's words are taken"
            assert " ".join(taken.value.values()) == value

    @pytest.mark.parametrize(
        ("who", "typed", "unit", "kept"),
        [
            ("child", "0", "years", {"min": "0", "max": "12", "unit": "months"}),
            ("child", "1", "years", {"min": "12", "max": "24", "unit": "months"}),
            ("other", "1", "years", {"min": "12", "max": "24", "unit": "months"}),
            ("child", "2", "years", None),
            ("child", "1.5", "years", None),
            ("child", "20", "months", None),
            ("child", "1 year 8 months", "years", None),
        ],
    )
    def test_a_baby_s_age_is_asked_for_in_months_once(self, who, typed, unit, kept):
        form = self.form("age", who)
        first = form({"answer": typed, "unit": unit})
        assert first.is_valid() is (kept is None)
        if kept:
            again = form({"answer": typed, "unit": unit, "sure": first.asked_about})
            assert again.is_valid()
            assert again.value == kept, "one year may be any month of it"

    def test_the_page_that_asks_is_no_error_and_lets_go_on(self, patient):
        self.walk_to(patient, "age")
        page = patient.answer("age", "1300", unit="months")
        assert page.status_code == 422
        assert title_of(page).startswith("Please check:")
        assert "Is 1300 months right?" in text_of(page)
        assert 'name="sure" value="1300 months"' in page.content.decode()
        assert '<option value="months" selected>' in page.content.decode()
        assert patient.answer("age", "1300", unit="months", sure="1300 months").status_code == 302

    def form(self, key: str, who: str = "me"):
        """Fills in the form of a number question."""
        from prescreen.number_form import NumberForm  # noqa: PLC0415 - needs the settings
        from trials import catalog  # noqa: PLC0415

        question = catalog.current().questionnaire[key]
        return lambda data: NumberForm(("?", ""), question, data, None, who)
