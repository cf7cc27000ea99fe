"""Results that explain: what may change and when, what stands in the way when nothing fits, and trials side by side."""

import re
from datetime import date
from fractions import Fraction

import pytest

from prescreen import nothing_fits, results
from prescreen.answers import COOKIE, Answers, Near, seal
from prescreen.changing import amount_text, time_text
from prescreen.results import in_short
from prescreen.screening import Screening
from tests.factories import CohortFactory, CriterionFactory, SiteFactory, TrialFactory
from trials.models import Condition, Question, Trial

from .patients import EXPIRED, RESULTS, Patient, text_of, title_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small_catalog")]

COMPARE = "/screening/compare/"
TODAY = date(2026, 11, 22)


def years(number):
    """An age as a page keeps it."""
    return {"value": str(number), "unit": "years"}


@pytest.fixture
def growing(small_catalog):
    """The small catalog, where it is known which answers change."""
    for key, changes in {"age": "grows", "weight": "may_change", "sex": "fixed", "treatments": "fixed"}.items():
        question = Question.objects.get(key=key)
        question.changes = changes
        question.save()


def screening_of(patient: Patient) -> Screening:
    """The screening of a patient's answers."""
    request = type("Request", (), {"COOKIES": {COOKIE: patient.client.cookies[COOKIE].value}})()
    return Screening.of(request)


def result_of(patient: Patient, number: str):
    """One trial on the results page."""
    built = results.build(screening_of(patient), TODAY)
    return next(result for group in built.groups for result in group.results if result.trial.nct_id == number)


class TestWhatMayChange:
    """In words, on the page."""

    @pytest.fixture(autouse=True)
    def _growing(self, growing):
        pass

    @pytest.mark.parametrize(
        ("rules", "given", "line"),
        [
            (["age >= 18"], {"age": years(16)}, "This may change from the age of 18 years on, in about 2 years."),
            (["age > 18"], {"age": years(16)}, "This may change after the age of 18 years, in about 2 years."),
            (["age > 18"], {"age": years(18)}, "This may change after the age of 18 years."),
            (["age >= 18"], {"age": {"max": "15"}}, "This may change from the age of 18 years on."),
            (["age >= 6 months"], {"age": {"value": "5", "unit": "months"}}, "This may change from the age of 6 months on, in about 5 weeks."),
            (["age <= 12"], {"age": years(16)}, "This time limit has passed."),
            (["weight >= 90"], {"weight": {"value": "70", "unit": "kg"}}, "This answer may change."),
            (["sex is female"], {"sex": "male"}, "This stays as it is."),
            (["age >= 18", "diagnosis is stargardt or age >= 40"], {"age": years(16)}, "in about 2 years. This is not the only reason."),
            (["visits is yes"], {"visits": "no"}, ""),
        ],
    )
    def test_of_a_trial_that_does_not_match(self, patient, rules, given, line):
        TrialFactory(nct_id="NCT30000001", areas=["eye"], rules=rules)
        questions = {"diagnosis": "rp", "age": years(30), "sex": "male", "weight": None, "antibodies": None, "treatments": [], "visits": None}
        patient.remember(**questions | given)
        change = result_of(patient, "NCT30000001").change
        assert change.endswith(line) if line else change == ""
        if line:
            assert line in text_of(patient.open(RESULTS))

    @pytest.mark.parametrize(
        ("who", "rules", "age", "line"),
        [
            ("child", ["age <= 6 months"], {"value": "5", "unit": "months"}, "This trial takes children up to 6 months: about 4 weeks left."),
            ("me", ["age <= 50"], years(49), "This trial takes people up to 50 years: about 12 months left."),
            ("me", ["age < 50"], years(49), "This trial takes people under 50 years: about 12 months left."),
            ("me", ["age <= 12"], years(12), "This trial takes children up to 12 years: the limit is reached now. Ask soon."),
            ("me", ["age <= 50"], years(48), ""),
        ],
    )
    def test_of_a_trial_that_may_match(self, patient, who, rules, age, line):
        TrialFactory(nct_id="NCT30000001", areas=["eye"], rules=rules)
        patient.remember(who, diagnosis="rp", age=age)
        assert result_of(patient, "NCT30000001").change == line

    def test_names_both_answers_of_a_cause(self, patient):
        TrialFactory(nct_id="NCT30000001", areas=["eye"], rules=["age >= 40 or sex is female"])
        patient.remember(diagnosis="rp", age=years(30), sex="male", weight=None, antibodies=None, treatments=[], visits=None)
        reason = result_of(patient, "NCT30000001").reason
        assert reason.startswith("because you said “How old are you? 30 years” and “Which sex were you recorded as at birth? Male”. The trial asks: ")

    @pytest.mark.parametrize(
        ("days", "text"),
        [
            (Fraction(1, 2), "1 day"),
            (Fraction(13), "13 days"),
            (Fraction(14), "2 weeks"),
            (Fraction(35), "5 weeks"),
            (Fraction(59), "8 weeks"),
            (Fraction(61), "2 months"),
            (Fraction(730), "23 months"),
            (Fraction(1461, 2), "2 years"),
        ],
    )
    def test_a_time_is_told_in_the_unit_people_use(self, days, text):
        assert time_text(days, int) == text

    @pytest.mark.parametrize(
        ("number", "unit", "text"), [(1, "years", "1 year"), (2, "months", "2 months"), (Fraction(1, 2), "years", "0.5 years"), (3, "doses", "3 doses")]
    )
    def test_an_amount_is_one_or_many(self, number, unit, text):
        assert amount_text(Fraction(number), unit) == text


class TestWhatATrialIs:
    """Two plain sentences."""

    def test_a_short_summary_stays_whole(self):
        assert in_short("One. Two. Three.") == "One. Two. Three."

    def test_of_a_long_one_the_first_two_sentences_stay(self):
        first, second, third = (f"{word} {'and so on ' * 10}end." for word in ("First", "Second", "Third"))
        assert in_short(f"{first} {second} {third}") == f"{first} {second}"

    def test_a_number_with_a_point_ends_no_sentence(self):
        first = f"It is given at 1.5 mg vs. placebo {'and so on ' * 30}end."
        assert in_short(f"{first} Second. Third.") == f"{first} Second."


class TestDistance:
    """Trials that fit alike and are as open: the nearest first, where the patient said where they live."""

    @pytest.fixture
    def three(self, small_catalog):
        for number, status, city in (("1", "RECRUITING", "Chicago"), ("2", "RECRUITING", "Boston"), ("3", "NOT_YET_RECRUITING", "Cambridge")):
            trial = TrialFactory(nct_id=f"NCT3000000{number}", areas=["genetic"], rules=["age >= 18"], status=status)
            SiteFactory(trial=trial, city=city, state="Illinois" if city == "Chicago" else "Massachusetts", status="RECRUITING")
        TrialFactory(nct_id="NCT30000004", areas=["genetic"], rules=["age >= 18"], status="RECRUITING")

    def shown(self, patient, near):
        given = Answers("me", "genetic", {"diagnosis": None, "age": years(30)}, near=near)
        patient.client.cookies[COOKIE] = seal(given)
        fits = results.build(screening_of(patient), TODAY).groups[0].results
        return [(result.trial.nct_id[-1], result.distance) for result in fits if result.trial.nct_id.startswith("NCT3")]

    @pytest.mark.usefixtures("three")
    def test_sorts_only_equals_and_is_told(self, patient):
        order = self.shown(patient, Near("US", "02139", "mi"))
        assert [number for number, _ in order] == ["2", "1", "4", "3"]
        assert order[0][1] == "Nearest open place: Boston, Massachusetts, less than 10 miles away."
        assert order[2][1] == "No places are listed for it. Ask the trial team where it takes place."

    @pytest.mark.usefixtures("three")
    def test_says_nothing_where_nobody_asked(self, patient):
        assert self.shown(patient, None) == [("1", ""), ("2", ""), ("4", ""), ("3", "")]


class TestNothingFits:
    """Kind, exact, and never about an answer that was not given."""

    def test_names_the_answer_that_rules_out_most_and_what_would_open(self, patient):
        Trial.objects.get(nct_id="NCT10000006").delete()
        for number in range(3):
            TrialFactory(areas=["genetic"], rules=[f"age >= {40 + number}"])
        TrialFactory(areas=["genetic"], rules=["sex is female"])
        patient.remember("me", "genetic", age=years(30), sex="male")
        assert nothing_fits.opened_without(screening_of(patient)) == {"age": 3, "sex": 1}
        text = text_of(patient.open(RESULTS))
        assert "How old are you? 30 years. If this were different, up to 3 trials could be possible." in text
        assert "up to 1 trial could" not in text

    def test_names_the_next_answer_in_place_of_the_condition(self, patient):
        patient.remember(diagnosis="stargardt", age=years(30))
        Trial.objects.get(nct_id="NCT10000003").delete()
        TrialFactory(areas=["eye"], rules=["diagnosis is stargardt", "age >= 40"])
        assert nothing_fits.build(screening_of(patient)).blocking.key == "age"

    def test_never_blames_a_question_that_was_not_answered(self, patient):
        Trial.objects.get(nct_id="NCT10000006").delete()
        TrialFactory(areas=["genetic"], rules=["age >= 40", "visits is yes"])
        patient.remember("me", "genetic", diagnosis=None, age=years(30), visits=None)
        assert "visits" not in nothing_fits.opened_without(screening_of(patient))

    def test_tells_of_approved_therapies_and_trials_that_are_not_open_to_all(self, patient):
        Trial.objects.filter(areas__slug="eye").delete()
        usher = TrialFactory(nct_id="NCT30000001", title="By invitation", areas=["eye"], rules=["age >= 70"], status="ENROLLING_BY_INVITATION")
        usher.conditions.set(Condition.objects.filter(key="rp_usher"))
        other = TrialFactory(title="For another condition", areas=["eye"], rules=["age >= 70"], status="NOT_YET_RECRUITING")
        other.conditions.set(Condition.objects.filter(key="stargardt"))
        patient.remember(diagnosis="rp_usher", age=years(30))
        page = patient.open(RESULTS)
        text = text_of(page).split("What rules out most")[1].split("Probably not a match")[0]
        assert "By invitation" in text and "For another condition" not in text
        assert "Oldvision (voretigene oldovec)" in text
        assert 'href="https://clinicaltrials.gov/"' in page.content.decode()
        assert 'href="/learn/"' in page.content.decode()

    def test_tells_of_wider_areas(self, patient):
        Trial.objects.get(nct_id="NCT10000006").delete()
        TrialFactory(areas=["genetic"], rules=["age >= 70"])
        TrialFactory(areas=["cancer"], rules=["age >= 18"])
        patient.remember("me", "genetic", age=years(30))
        assert "In the other condition areas, 4 trials are not ruled out by these answers." in text_of(patient.open(RESULTS))

    def test_is_not_said_where_something_fits(self, patient):
        patient.remember(diagnosis="stargardt")
        assert "What rules out most" not in text_of(patient.open(RESULTS))

    def test_stands_where_there_are_no_trials_at_all(self, patient):
        patient.remember("me", "hiv", diagnosis=None)
        assert "What you can do next" in text_of(patient.open(RESULTS))


class TestComparing:
    """Two or three trials side by side."""

    @pytest.fixture
    def told(self, patient):
        patient.remember(diagnosis="rp_x_linked", age=years(30), sex="male", weight={"value": "70", "unit": "kg"}, antibodies=0, treatments=[], visits=None)
        return patient

    def test_the_results_offer_it_where_there_are_two(self, told):
        page = told.open(RESULTS).content.decode()
        assert re.findall(r'<input type="checkbox" name="trial" value="(NCT\d+)"[^>]* form="compare"', page) == ["NCT10000001", "NCT10000002"]
        assert f'method="post" action="{COMPARE}"' in page

    def test_the_results_do_not_offer_it_for_one(self, patient):
        patient.remember(diagnosis="stargardt")
        assert COMPARE not in patient.open(RESULTS).content.decode()

    def test_shows_each_trial_with_headers_for_rows_and_columns(self, told):
        page = told.send(COMPARE, trial=["NCT10000001", "NCT10000002"])
        html = page.content.decode()
        assert page.status_code == 200
        assert re.findall(r'<th scope="col"><a href="/trials/(NCT\d+)/"', html) == ["NCT10000001", "NCT10000002"]
        assert re.findall(r'<th scope="row">([^<]*)</th>', html) == [
            *("Does it fit?", "Still open", "Status", "Phase", "Approach", "How it is given", "Places", "Follow-up", "Before you decide"),
        ]
        text = text_of(page)
        for words in ("Can you come to visits?", "Eye Clinic, Boston, United States", "5 years", "1/2", "Once given, the new gene cannot be taken out again."):
            assert words in text

    def test_says_what_may_change_where_something_does(self, told, growing):
        TrialFactory(nct_id="NCT30000001", areas=["eye"], rules=["age <= 30.5"])
        page = told.send(COMPARE, trial=["NCT10000001", "NCT30000001"])
        assert '<th scope="row">What may change</th>' in page.content.decode()
        assert "This trial takes people up to 30.5 years: about 6 months left." in text_of(page)

    def test_says_where_a_record_is_silent(self, told):
        assert "The record does not say." in text_of(told.send(COMPARE, trial=["NCT10000001", "NCT10000002"]))

    def test_shows_three_of_four(self, told):
        for number in ("NCT30000001", "NCT30000002"):
            SiteFactory(trial=TrialFactory(nct_id=number, areas=["eye"], rules=["age >= 18"]))
        page = told.send(COMPARE, trial=["NCT10000001", "NCT10000002", "NCT30000001", "NCT30000002"])
        assert page.content.decode().count('scope="col"') == 3
        assert "Only three trials fit side by side." in text_of(page)

    @pytest.mark.parametrize(
        "ticked", [[], ["NCT10000001"], ["NCT10000001", "NCT10000001"], ["NCT10000001", "NCT99999999"], ["NCT10000001", "NCT10000006"], ["x"]]
    )
    def test_asks_for_two_where_fewer_are_known(self, told, ticked):
        page = told.send(COMPARE, trial=ticked)
        assert page.status_code == 422
        assert title_of(page).startswith("Error:")
        assert "Please tick two or three trials" in text_of(page)

    def test_has_no_address_of_its_own(self, told):
        assert told.open(COMPARE + "?trial=NCT10000001&trial=NCT10000002")["Location"] == RESULTS

    def test_without_answers_leads_to_the_page_that_says_so(self, patient):
        assert patient.send(COMPARE, trial=["NCT10000001"])["Location"] == EXPIRED

    def test_is_kept_by_no_cache(self, told):
        page = told.send(COMPARE, trial=["NCT10000001", "NCT10000002"])
        assert "no-store" in page["Cache-Control"]
        assert page["X-Robots-Tag"] == "noindex"

    def test_a_trial_of_cohorts_is_shown_with_what_is_open_in_it(self, told):
        trial = TrialFactory(nct_id="NCT30000001", areas=["eye"])
        CriterionFactory(trial=trial, rule="visits is yes", cohort=CohortFactory(trial=trial, name="A"))
        text = text_of(told.send(COMPARE, trial=["NCT10000001", "NCT30000001"]))
        assert "Can you come to visits?" in text
