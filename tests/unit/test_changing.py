"""What time and new results can change: exact at the limit, silent where nothing is sure, and honest about other reasons."""

from fractions import Fraction

import pytest

from tests.unit.builders import choice, choices, exclusion, inclusion, number, trial, yes_no
from trials.eligibility.changing import Course, closing, later, outlook
from trials.eligibility.explanations import Explanation, main_reason
from trials.eligibility.judging import judge
from trials.eligibility.questionnaire import Questionnaire
from trials.eligibility.questions import DAYS, Changes, Interval, QuestionError
from trials.eligibility.verdicts import Verdict

GROWS, MAY_CHANGE, FIXED = Changes.GROWS, Changes.MAY_CHANGE, Changes.FIXED
YEARS = {"months": Fraction(1, 12), "days": Fraction(4, 1461)}
QUESTIONS = Questionnaire(
    [
        number("age", "years", units=YEARS, min=Fraction(0), changes=GROWS, order=1),
        choice("sex", "female", "male", changes=FIXED, order=2),
        yes_no("pregnant", ask_if="sex is female", otherwise="no", changes=MAY_CHANGE, order=3),
        number("washout", "weeks", units={"days": Fraction(1, 7)}, min=Fraction(0), changes=GROWS, order=4),
        number("off_drugs", "weeks", changes=GROWS, order=5),
        number("weight", "kg", changes=MAY_CHANGE, order=6),
        number("letters", "letters", order=7),
        choices("surgery", "cataract", "implant", changes=FIXED, order=8),
        number("baby_weight", "kg", ask_if="age < 1", order=9),
        yes_no("talks", ask_if="age >= 2", otherwise="no", order=10),
        number("birth_weight", "kg", changes=FIXED, order=11),
    ]
)


def known(**answers):
    """What is known of a patient who gave these answers."""
    return QUESTIONS.settle(QUESTIONS.read(answers))


def wanted(text, cohort=None):
    """An inclusion criterion."""
    return inclusion(text, cohort, QUESTIONS)


def barred(text, cohort=None):
    """An exclusion criterion."""
    return exclusion(text, cohort, QUESTIONS)


def seen(*criteria, cohorts=(), **answers):
    """What can become of the main reason why a trial with these criteria does not fit."""
    told = known(**answers)
    judgement = judge(trial(*criteria, cohorts=cohorts), told)
    assert judgement.verdict is Verdict.FAILS
    return outlook(judgement, main_reason(judgement, told, QUESTIONS), told, QUESTIONS)


def soon(*criteria, cohorts=(), **answers):
    """How soon a trial with these criteria would no longer fit: the limit as written and the days left."""
    told = known(**answers)
    judgement = judge(trial(*criteria, cohorts=cohorts), told)
    assert judgement.verdict is not Verdict.FAILS
    found = closing(judgement, told, QUESTIONS)
    return found and (str(found.limit.quantity), found.days, found.within)


class TestALimitAhead:
    """An answer that grows will reach it."""

    @pytest.mark.parametrize(
        ("rule", "age", "limit", "years", "beyond"),
        [
            ("age >= 18", 16, "18", 2, False),
            ("age >= 18", {"value": 215, "unit": "months"}, "18", Fraction(1, 12), False),
            ("age > 18", 16, "18", 2, True),
            ("age > 18", 18, "18", 0, True),
            ("age between 12 and 50", 10, "12", 2, False),
            ("age >= 6 months", {"value": 5, "unit": "months"}, "6 months", Fraction(1, 12), False),
            ("age >= 18 and age < 65", 17, "18", 1, False),
            ("age between 2 and 5 or age >= 12", 1, "2", 1, False),
            ("age between 2 and 5 or age >= 12", 6, "12", 6, False),
            ("not age < 18", 17, "18", 1, False),
        ],
    )
    def test_is_named_with_the_time_until_then(self, rule, age, limit, years, beyond):
        found = seen(wanted(rule), age=age)
        assert (found.course, str(found.limit.quantity), found.beyond, found.is_only) == (Course.AHEAD, limit, beyond, True)
        assert found.days == years * DAYS["years"]

    def test_of_an_exclusion_is_where_it_ends(self):
        found = seen(barred("washout < 4"), washout=1)
        assert (found.course, str(found.limit.quantity), found.days, found.beyond) == (Course.AHEAD, "4", 21, False)
        found = seen(barred("washout <= 4"), washout=1)
        assert (str(found.limit.quantity), found.beyond) == ("4", True)

    def test_is_counted_in_the_unit_it_is_written_in(self):
        found = seen(wanted("washout >= 30 days"), washout=4)
        assert (str(found.limit.quantity), found.days) == ("30 days", 2)

    def test_is_named_without_a_time_where_the_answer_is_a_range(self):
        found = seen(wanted("age >= 18"), age={"max": 15})
        assert (found.course, found.days) == (Course.AHEAD, None)

    def test_is_named_without_a_time_where_nothing_has_begun_or_it_goes_on_now(self):
        found = seen(wanted("washout >= 4"), washout=0)
        assert (found.course, found.days) == (Course.AHEAD, None)

    def test_of_age_has_a_time_from_birth_on(self):
        assert seen(wanted("age >= 2"), age=0).days == 2 * DAYS["years"]

    @pytest.mark.parametrize(("rule", "is_only"), [("age >= 18", True), ("age > 18", False)])
    def test_is_judged_just_after_it_only_where_the_limit_itself_is_not_enough(self, rule, is_only):
        assert seen(wanted(rule), barred("age > 18"), age=16).is_only is is_only

    def test_is_not_promised_where_that_answer_alone_changes_nothing(self):
        assert seen(wanted("age >= 18 and letters >= 20"), age=16, letters=10) is None

    def test_is_promised_where_one_of_two_is_enough(self):
        found = seen(wanted("age >= 18 or letters >= 20"), age=16, letters=10)
        assert (found.course, found.days) == (Course.AHEAD, 2 * DAYS["years"])

    def test_counts_also_where_other_answers_are_still_open(self):
        assert seen(wanted("age >= 18 and letters >= 20"), age=16).course is Course.AHEAD

    def test_is_not_the_only_reason_where_another_criterion_keeps_out(self):
        assert seen(wanted("age >= 18"), wanted("sex is male and letters >= 1"), age=16, sex="male", letters=10).is_only
        assert not seen(wanted("age >= 18"), wanted("sex is male or letters >= 20"), age=16, sex="female", letters=10).is_only

    def test_is_not_named_where_something_that_lasts_keeps_out_as_well(self):
        assert seen(wanted("age >= 18"), wanted("sex is male"), age=16, sex="female").course is Course.FIXED
        assert seen(wanted("weight >= 40"), wanted("letters >= 20"), weight=35, letters=10) is None

    def test_is_not_the_only_reason_where_time_closes_another_door(self):
        assert not seen(wanted("age >= 18"), wanted("off_drugs <= 52"), age=16, off_drugs=10).is_only
        assert seen(wanted("age >= 18"), wanted("off_drugs <= 520"), age=16, off_drugs=10).is_only

    def test_of_one_cohort_is_enough(self):
        criteria = (wanted("age between 2 and 5", "Young"), wanted("age >= 18", "Adults"), barred("sex is male", "Young"))
        assert seen(*criteria, cohorts=("Young", "Adults"), age=1, sex="female").is_only
        boy = seen(*criteria, cohorts=("Young", "Adults"), age=1, sex="male")
        assert (boy.limit.bound, boy.is_only) == (18, True)
        assert not seen(*criteria, wanted("letters >= 20", "Adults"), cohorts=("Young", "Adults"), age=1, sex="male", letters=10).is_only

    def test_nothing_is_said_to_stay_for_the_sake_of_one_cohort(self):
        criteria = (barred("sex is male", "Women"), wanted("age >= 18", "Adults"))
        assert seen(*criteria, cohorts=("Women", "Adults"), age=16, sex="male") is None


def test_nothing_is_said_of_a_criterion_that_the_study_team_checks():
    criterion = inclusion("")
    judgement = judge(trial(criterion), {})
    assert outlook(judgement, Explanation(criterion, None, ()), {}, QUESTIONS) is None


def test_nothing_is_said_of_an_answer_that_has_no_lower_end():
    criterion = wanted("age >= 18")
    facts = {"age": Interval(float("-inf"), Fraction(10))}
    judgement = judge(trial(criterion), facts)
    assert outlook(judgement, Explanation(criterion, Verdict.FAILS, ("age",)), facts, QUESTIONS) is None


def test_nothing_is_said_of_an_answer_that_is_not_there():
    criterion = wanted("age >= 18")
    assert outlook(judge(trial(criterion), {}), Explanation(criterion, Verdict.FAILS, ("age",)), {}, QUESTIONS) is None


class TestALimitThatHasPassed:
    """Time does not bring it back."""

    @pytest.mark.parametrize(("rule", "answers"), [("age <= 65", {"age": 66}), ("age between 12 and 50", {"age": 51}), ("off_drugs <= 4", {"off_drugs": 5})])
    def test_is_said_to_have_passed(self, rule, answers):
        assert seen(wanted(rule), **answers).course is Course.PASSED

    def test_is_not_said_to_have_passed_where_it_is_another_answer_that_keeps_out(self):
        assert seen(wanted("age >= 18 and letters >= 20"), age=16, letters=10) is None

    def test_says_nothing_where_it_goes_on_now(self):
        assert seen(wanted("washout < 0"), washout=0) is None


class TestAnAnswerThatMayChange:
    """Only where taking it back would change the verdict of the criterion."""

    def test_is_said_where_it_alone_decides(self):
        found = seen(wanted("weight >= 40"), weight=35)
        assert (found.course, found.is_only) == (Course.MAY_CHANGE, True)

    def test_follows_through_what_it_settles(self):
        assert seen(barred("pregnant is yes"), sex="female", pregnant="yes").course is Course.MAY_CHANGE

    def test_is_not_said_where_another_answer_of_the_criterion_decides_too(self):
        assert seen(barred("weight < 40 or letters < 20"), weight=35, letters=10) is None

    def test_is_not_the_only_reason_where_others_remain(self):
        assert not seen(wanted("weight >= 40"), wanted("sex is male or letters >= 20"), weight=35, sex="female", letters=10).is_only

    def test_says_nothing_of_an_answer_that_nobody_described(self):
        assert seen(wanted("letters >= 20"), letters=10) is None


class TestAnAnswerThatStays:
    """Said only where time and more of the same change nothing."""

    def test_is_said(self):
        assert seen(wanted("sex is male"), sex="female").course is Course.FIXED

    def test_is_said_of_what_was_chosen_of_several(self):
        assert seen(barred("surgery includes implant"), surgery=["implant"]).course is Course.FIXED

    def test_is_not_said_of_what_was_not_chosen_since_more_may_come(self):
        assert seen(wanted("surgery includes implant"), surgery=["cataract"]) is None

    def test_is_said_where_one_of_two_reasons_passed_and_the_other_stays(self):
        assert seen(wanted("age <= 10 or sex is male"), age=12, sex="female").course is Course.FIXED

    def test_is_said_of_a_number_that_does_not_grow(self):
        assert seen(wanted("birth_weight >= 2"), birth_weight=1).course is Course.FIXED

    def test_is_said_of_a_newborn_too_whose_age_does_not_stand_still(self):
        assert seen(wanted("age < 0 or sex is male"), age=0, sex="female").course is Course.FIXED


class TestALimitThatComesNear:
    """A trial that fits now and would not later."""

    MONTH = DAYS["months"]

    @pytest.mark.parametrize(
        ("rule", "age", "expected"),
        [
            ("age <= 6 months", {"value": 5, "unit": "months"}, ("6 months", MONTH, False)),
            ("age < 6 months", {"value": 5, "unit": "months"}, ("6 months", MONTH, True)),
            ("age <= 6 months", {"value": 6, "unit": "months"}, ("6 months", 0, False)),
            ("age <= 50", 49, ("50", DAYS["years"], False)),
            ("age <= 50", 48, None),
            ("age <= 50", {"value": 587, "unit": "months"}, None),
            ("age <= 50", {"value": 589, "unit": "months"}, ("50", 11 * MONTH, False)),
            ("age between 2 and 5 or age >= 5", 4, None),
            ("age >= 18", 18, None),
            ("age between 2 and 5 or age >= 5.5", {"value": 59, "unit": "months"}, ("5", MONTH, False)),
            ("age <= 50 or letters >= 20", 49, None),
        ],
    )
    def test_of_age_within_a_year(self, rule, age, expected):
        assert soon(wanted(rule), age=age) == expected

    @pytest.mark.parametrize(("weeks", "expected"), [(51, ("52", 7, False)), (39, ("52", 91, False)), (38, None), (52, ("52", 0, False))])
    def test_of_another_answer_within_three_months(self, weeks, expected):
        assert soon(wanted("off_drugs <= 52"), off_drugs=weeks) == expected

    def test_counts_from_birth_on(self):
        assert soon(wanted("age <= 6 months"), age=0) == ("6 months", 6 * self.MONTH, False)

    def test_is_said_an_hour_before(self):
        assert soon(wanted("off_drugs <= 52"), off_drugs=52 - Fraction(1, 7 * 24)) == ("52", Fraction(1, 24), False)

    def test_says_nothing_of_a_criterion_that_the_study_team_checks(self):
        assert soon(wanted(""), wanted("age >= 18"), age=18) is None

    def test_says_nothing_of_a_range(self):
        assert soon(wanted("age <= 50"), age={"min": Fraction(99, 2), "max": 50}) is None

    def test_says_nothing_where_another_cohort_stays_open(self):
        criteria = (wanted("age <= 50", "One"), wanted("age > 50", "Two"))
        assert soon(*criteria, cohorts=("One", "Two"), age=Fraction(99, 2)) is None
        assert soon(wanted("age <= 50"), age=Fraction(99, 2)) == ("50", DAYS["years"] / 2, False)

    def test_names_the_first_of_several(self):
        assert soon(wanted("age <= 50"), barred("off_drugs >= 8"), age=Fraction(99, 2), off_drugs=7) == ("8", 7, True)

    def test_names_the_one_of_the_earlier_criterion_where_two_are_as_near(self):
        for one, other in (("50", "600 months"), ("600 months", "50")):
            assert soon(wanted(f"age <= {one}"), wanted(f"age <= {other}"), age=49) == (one, DAYS["years"], False)


def test_later_everything_that_grows_has_grown_and_nothing_else():
    then = later(known(age=1, washout=2, off_drugs=0, weight=10, sex="male"), 7 * Fraction(4), QUESTIONS)
    assert then["washout"] == Interval(Fraction(6), Fraction(6))
    assert then["age"].low == 1 + 28 / DAYS["years"]
    assert then["off_drugs"].low == 0
    assert then["weight"].low == 10
    assert later(known(age=0), DAYS["years"], QUESTIONS)["age"] == Interval(Fraction(1), Fraction(1))


def test_what_followed_from_age_is_settled_anew():
    babies = known(age=Fraction(1, 2), baby_weight=4)
    assert "baby_weight" not in later(babies, DAYS["years"], QUESTIONS)
    assert "talks" in babies
    assert "talks" not in later(babies, 2 * DAYS["years"], QUESTIONS), "nobody was asked, so it may be anything"


@pytest.mark.parametrize("parts", [{"unit": "kg"}, {"unit": "points"}])
def test_only_a_time_can_grow(parts):
    with pytest.raises(QuestionError, match="cannot grow with time"):
        number("x", changes=GROWS, **parts)


def test_a_yes_or_no_cannot_grow():
    with pytest.raises(QuestionError, match="cannot grow with time"):
        yes_no("x", changes=GROWS)
