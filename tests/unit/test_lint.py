"""What looks wrong in a trial: each finding where it should be, and absent where it should not."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit import strategies
from tests.unit.builders import CATALOG, inclusion, known, rule, trial, yes_no
from tests.unit.starter import starter
from trials.desk import values
from trials.desk.amounts import amounts_in
from trials.desk.lint import lint_trial
from trials.eligibility.judging import Criterion, truth_of, verdict_of
from trials.eligibility.questionnaire import Questionnaire
from trials.eligibility.verdicts import CriterionKind, Truth, Verdict

IN, EX = CriterionKind.INCLUSION, CriterionKind.EXCLUSION


def criterion(kind, text, rule_text="", plain="", cohort=None):
    """A criterion whose text is not its rule."""
    return Criterion(kind, text, rule(rule_text) if rule_text else None, cohort, plain)


def findings(*criteria, cohorts=()):
    """What lint says of a trial with these criteria."""
    return lint_trial(trial(*criteria, cohorts=cohorts), CATALOG)


def codes(*criteria, cohorts=()):
    """The codes of what lint says."""
    return [finding.code for finding in findings(*criteria, cohorts=cohorts)]


class TestRulesThatSayNothingOrLeaveNobody:
    @pytest.mark.parametrize(
        "never",
        [
            "age >= 18 and age < 18",
            "age > 18 and age <= 216 months",
            "age > 120",
            "hemoglobin < 0",
            "sex is male and pregnant is yes",
            "diagnosis is rp and diagnosis is lymphoma",
            "diagnosis is dlbcl and diagnosis is not lymphoma",
            "treated is no and treatments includes car_t",
            "treatments includes car_t_cd19 and not treatments includes car_t",
            "weeks_pregnant >= 12 and pregnant is no",
            "not (age >= 0)",
        ],
    )
    def test_a_rule_that_never_holds(self, never):
        assert "leaves-nobody" in codes(criterion(IN, "Some text", never))
        assert "says-nothing" in codes(criterion(EX, "Some text", never))

    @pytest.mark.parametrize(
        "always",
        ["age >= 0", "age <= 120", "age < 18 or age >= 18", "sex in (female, male)", "treated is yes or treated is no", "sex is female or pregnant is no"],
    )
    def test_a_rule_that_always_holds(self, always):
        assert "says-nothing" in codes(criterion(IN, "Some text", always))
        assert "leaves-nobody" in codes(criterion(EX, "Some text", always))

    @pytest.mark.parametrize(
        "either",
        [
            "age >= 18",
            "age > 0",
            "age < 120",
            "age >= 18 and age <= 18",
            "age between 18 and 18",
            "viral_load < 0",
            "pregnant is yes",
            "treatments includes any of (car_t, chemotherapy)",
            "treatments includes all of (car_t_cd19, car_t_bcma, chemotherapy)",
            "diagnosis is lymphoma and diagnosis not in (b_cell_lymphoma, t_cell_lymphoma)",
            "treated is no or not treatments includes car_t",
            "weeks_pregnant >= 12",
        ],
    )
    def test_a_rule_that_some_meet_and_some_do_not(self, either):
        for kind in (IN, EX):
            assert {"leaves-nobody", "says-nothing"}.isdisjoint(codes(criterion(kind, "Some text", either)))

    def test_they_are_errors_that_name_the_place_and_the_fix(self):
        [finding] = findings(criterion(IN, "Consent given"), criterion(IN, "Grown up, or not", "age >= 18 and age < 18"))
        assert (finding.level, finding.criterion, finding.code) == ("error", 1, "leaves-nobody")
        assert finding.message == "Criterion 2 (“Grown up, or not”): nobody's answers can fit this rule. Check its numbers, its choices and its “not”."

    def test_a_criterion_without_a_rule_is_left_alone(self):
        assert codes(criterion(IN, "Consent given"), criterion(EX, "Any other illness")) == []

    def test_a_rule_that_takes_too_long_is_passed_over(self, monkeypatch):
        monkeypatch.setattr(values, "MOST_STEPS", 1)
        assert codes(criterion(IN, "Some text", "age >= 18 and age < 18 and sex is male")) == []


class TestContradictions:
    @pytest.mark.parametrize(
        "pair",
        [
            [(IN, "age >= 18"), (IN, "age < 18")],
            [(IN, "age >= 18"), (EX, "age >= 18")],
            [(IN, "age > 2"), (IN, "age < 24 months")],
            [(IN, "diagnosis is dlbcl"), (EX, "diagnosis is lymphoma")],
            [(IN, "diagnosis in (hemophilia_a, hemophilia_b)"), (EX, "diagnosis in (hemophilia_a, hemophilia_b, rp)")],
            [(IN, "sex is male"), (IN, "pregnant is yes")],
            [(EX, "treated is yes"), (IN, "treatments includes car_t")],
        ],
    )
    def test_two_criteria_that_leave_nobody(self, pair):
        [finding] = findings(*(criterion(kind, f"Text {name}", text) for name, (kind, text) in zip("AB", pair, strict=True)))
        assert (finding.level, finding.criterion, finding.code) == ("error", 1, "contradiction")
        assert finding.message == "Criterion 2 (“Text B”): together with criterion 1 (“Text A”) it leaves nobody. Change one of them."

    @pytest.mark.parametrize(
        "pair",
        [
            [(IN, "age >= 18"), (IN, "age <= 18")],
            [(IN, "age >= 18"), (EX, "age > 18")],
            [(IN, "diagnosis is lymphoma"), (EX, "diagnosis is dlbcl")],
            [(IN, "sex is male"), (EX, "pregnant is yes")],
        ],
    )
    def test_two_criteria_that_leave_somebody(self, pair):
        assert codes(*(criterion(kind, "Text" * place, text) for place, (kind, text) in enumerate(pair, start=1))) == []

    def test_three_that_only_together_leave_nobody(self):
        [finding] = findings(
            criterion(IN, "Hemophilia", "diagnosis in (hemophilia_a, hemophilia_b)"),
            criterion(IN, "Treated before", "treated is yes"),
            criterion(EX, "Type A", "diagnosis is hemophilia_a"),
            criterion(EX, "Type B", "diagnosis is hemophilia_b"),
        )
        assert finding.criterion == 3
        assert "1 (“Hemophilia”), 3 (“Type A”)" in finding.message
        assert "Treated" not in finding.message

    def test_criteria_of_a_cohort_count_with_the_common_ones(self):
        [finding] = findings(
            criterion(IN, "Child", "age < 18"),
            criterion(IN, "Grown up", "age >= 18", cohort="A"),
            criterion(IN, "Six or older", "age >= 6", cohort="B"),
            cohorts=("A", "B"),
        )
        assert finding.criterion == 1
        assert finding.message.endswith("it leaves nobody in the cohort “A”. Change one of them.")

    def test_criteria_of_two_cohorts_do_not_count_together(self):
        assert codes(criterion(IN, "Grown up", "age >= 18", cohort="A"), criterion(IN, "Child", "age < 18", cohort="B"), cohorts=("A", "B")) == []

    def test_a_contradiction_of_common_criteria_is_told_once(self):
        assert codes(criterion(IN, "Child", "age < 18"), criterion(IN, "Grown up", "age >= 18"), cohorts=("A", "B")) == ["contradiction"]

    def test_a_second_contradiction_is_told_too(self):
        pairs = [("age < 18", "age >= 18"), ("sex is male", "sex is female")]
        criteria = [criterion(IN, f"Text {text}", text) for pair in pairs for text in pair]
        assert [finding.criterion for finding in findings(*criteria) if finding.code == "contradiction"] == [1, 3]

    def test_a_rule_that_leaves_nobody_by_itself_is_not_told_again(self):
        assert codes(criterion(IN, "Some text", "age >= 18 and age < 18"), criterion(IN, "Grown up", "age >= 18")) == ["leaves-nobody"]


def test_the_search_turns_back_to_the_question_to_blame():
    """Without that it would try all combinations of the 40 questions between, and give up."""
    keys = [f"{side}{place}" for place in range(20) for side in "xy"]
    questions = Questionnaire([yes_no(key) for key in ["a", *keys, "z"]])
    between = [inclusion(f"x{place} is yes or y{place} is yes", questions=questions) for place in range(20)]
    ends = [inclusion(text, questions=questions) for text in ("a is no", "a is yes or z is yes", "a is yes or z is no")]
    assert values.find([ends[0], *between, ends[1]], questions) is not None
    assert values.find([ends[0], *between, *ends[1:]], questions) is None


class TestTurnedRound:
    @pytest.mark.parametrize(
        ("kind", "text", "turned"),
        [
            (IN, "No history of hepatitis B", "hepatitis_b is yes"),
            (IN, "Patients must not have hepatitis B", "hepatitis_b is yes"),
            (IN, "Absence of hepatitis C", "hepatitis_c is yes"),
            (IN, "Free of hepatitis B or C", "hepatitis_b is yes or hepatitis_c is yes"),
            (IN, "Women: not pregnant", "pregnant is yes"),
            (IN, "HIV negative", "hepatitis_b is yes"),
            (IN, "Never had CAR T cells", "treatments includes car_t"),
            (EX, "No earlier treatment", "treated is yes"),
            (EX, "History of hepatitis B", "hepatitis_b is no"),
            (EX, "Hepatitis B", "hepatitis_b is not yes"),
            (EX, "Hepatitis B", "not hepatitis_b is yes"),
            (IN, "Earlier CAR T cells", "not treatments includes car_t"),
            (IN, "Positive for hepatitis B", "hepatitis_b is no"),
        ],
    )
    def test_a_rule_that_says_the_opposite_of_the_text(self, kind, text, turned):
        [finding] = findings(criterion(kind, text, turned))
        assert (finding.level, finding.code) == ("warning", "turned-round")
        assert f"“{turned}”" in finding.message

    @pytest.mark.parametrize(
        ("kind", "text", "right"),
        [
            (IN, "No history of hepatitis B", "hepatitis_b is no"),
            (IN, "No history of hepatitis B", "not hepatitis_b is yes"),
            (EX, "History of hepatitis B", "hepatitis_b is yes"),
            (EX, "No earlier treatment", "treated is no"),
            (EX, "Not controlled by treatment", "treated is yes"),
            (IN, "Disease cannot be removed", "treated is no"),
            (IN, "Male, or female who is not pregnant", "sex is male or pregnant is no"),
            (IN, "No lymphoma", "diagnosis is not lymphoma"),
            (IN, "No hepatitis B, or treated", "hepatitis_b is no or treated is yes"),
        ],
    )
    def test_a_rule_that_says_what_the_text_says(self, kind, text, right):
        assert codes(criterion(kind, text, right)) == []

    @pytest.mark.parametrize(
        ("kind", "text", "turned"),
        [
            (EX, "Age < 18", "age >= 18"),
            (IN, "Age ≥ 18 years", "age < 18"),
            (IN, "Age 18 years or older", "age <= 18"),
            (IN, "At least eighteen years old", "age < 18"),
            (IN, "Aged 12 to 18 years", "age <= 12"),
            (EX, "Hemoglobin below 8 g/dL", "hemoglobin > 8"),
            (IN, "Hemoglobin no more than 16 g/dL", "hemoglobin >= 16"),
            (EX, "Hemoglobin below 8 g/dL", "not hemoglobin < 8"),
            (IN, "Age 18 to under 65 years", "age < 18 and age < 65"),
        ],
    )
    def test_a_limit_on_the_other_side(self, kind, text, turned):
        assert "limit-turned" in codes(criterion(kind, text, turned))

    @pytest.mark.parametrize(
        ("kind", "text", "right"),
        [
            (EX, "Age < 18", "age < 18"),
            (IN, "Age 18 years or older", "age >= 18"),
            (IN, "Age 18 to under 65 years", "age >= 18 and age < 65"),
            (IN, "Age 18 to 65 years", "age between 18 and 65"),
            (IN, "Hemoglobin not below 8 g/dL", "hemoglobin >= 8"),
            (IN, "Hemoglobin no less than 8 g/dL", "hemoglobin >= 8"),
            (IN, "If aged 4 or older: hemoglobin 9 g/dL or more", "age < 4 or hemoglobin >= 9"),
            (EX, "Hemoglobin under 8 or over 16 g/dL", "hemoglobin < 8 or hemoglobin > 16"),
            (IN, "Hemoglobin 8 g/dL", "hemoglobin >= 8"),
        ],
    )
    def test_a_limit_on_the_same_side(self, kind, text, right):
        assert codes(criterion(kind, text, right)) == []


class TestNumbersAndUnits:
    @pytest.mark.parametrize(
        ("text", "rule_text", "code"),
        [
            ("Age 18 or older", "age >= 12", "number"),
            ("Age 18 to 65 years", "age between 18 and 56", "number"),
            ("Age 18 years or older", "age >= 18 months", "unit"),
            ("At least 3 weeks pregnant", "weeks_pregnant >= 9", "number"),
            ("Hemoglobin above 9 g/dL", "hemoglobin > 9 g/L", "unit"),
            ("Hemoglobin above 9 mmol/L", "hemoglobin > 9 g/dL", "unit"),
            ("Viral load below 50 %", "viral_load < 50", "unit"),
            ("Hemoglobin above 90 g/dL", "hemoglobin > 90", "out-of-range"),
            ("Age 130 or younger", "age <= 130", "out-of-range"),
            ("Hemoglobin 90 g/dL (or 9)", "hemoglobin >= 9", "implausible"),
        ],
    )
    def test_what_does_not_agree(self, text, rule_text, code):
        assert code in codes(criterion(IN, text, rule_text))

    @pytest.mark.parametrize(
        ("text", "rule_text"),
        [
            ("Age 18 or older", "age >= 18"),
            ("Adults", "age >= 18"),
            ("Twenty-one years or younger", "age <= 21"),
            ("Age 4 to 12 years, both included", "age >= 4 and age < 13"),
            ("Age over 17 years", "age >= 17"),
            ("Age 2 years or older", "age >= 24 months"),
            ("Age 24 months or older", "age >= 2"),
            ("Hemoglobin above 90 g/L", "hemoglobin > 9 g/dL"),
            ("Hemoglobin above 9.0 g/dL", "hemoglobin > 9"),
            ("Fewer than 1,000 copies/mL", "viral_load < 1000"),
            ("Fewer than 2 x 10^3 copies/mL", "viral_load < 2000"),
            ("Three months pregnant or less", "weeks_pregnant <= 13"),
            ("Enough hemoglobin", "hemoglobin > 9"),
            ("No copies in 2 tests", "viral_load = 0"),
        ],
    )
    def test_what_does_agree(self, text, rule_text):
        numbers = ("number", "unit", "out-of-range", "implausible")
        assert [finding for finding in findings(criterion(IN, text, rule_text)) if finding.code in numbers] == []

    def test_the_message_says_both_numbers(self):
        [finding] = findings(criterion(IN, "Age 18 years or older", "age >= 12"))
        assert finding.message == "Criterion 1 (“Age 18 years or older”): the rule says 12, the text says 18 years. Check the number."

    def test_a_number_is_told_once_for_each_criterion(self):
        assert codes(criterion(IN, "Age 18", "age >= 12 or hemoglobin >= 12")) == ["number"]


@pytest.mark.parametrize(
    ("text", "amounts"),
    [
        ("Age 18 to 75 years", [("18 years", "at least"), ("75 years", None)]),
        ("Platelets above 50,000/mm3", [("50,000 cells/µL", "at least")]),
        ("at most twenty-one days", [("21 days", "at most")]),
        ("2.5 times the upper limit of normal or less", [("2.5 times", "at most")]),
        ("not below 200", [("200", "at least")]),
        ("no more than 3", [("3", "at most")]),
        ("a titer above 1:200", [("200", "at least")]),
        ("20/80 or worse", [("80", None)]),
        ("within 4 weeks", [("4 weeks", "at most")]),
        ("CD4 and HIV-1 and AAV9", []),
        ("LVEF 40% or more", [("40%", "at least")]),
    ],
)
def test_amounts_are_read_from_a_text(text, amounts):
    assert [(str(amount), amount.direction) for amount in amounts_in(text)] == amounts


@given(st.text() | st.text("0123456789.,x^:/%<>= under or more than years", max_size=80))
def test_no_text_is_too_odd_to_read(text):
    assert all(str(amount) for amount in amounts_in(text))


def test_a_number_of_very_many_digits_is_no_amount():
    assert amounts_in("9" * 5_000) == []


class TestDuplicates:
    def test_the_same_rule_twice(self):
        [finding] = findings(criterion(IN, "Grown up", "age >= 18"), criterion(IN, "Adult", "age >= 18"))
        assert (finding.level, finding.criterion, finding.code) == ("warning", 1, "same-rule")
        assert "criterion 1 has the same rule" in finding.message

    def test_the_same_text_twice(self):
        assert codes(criterion(EX, "Any  illness."), criterion(EX, "any illness")) == ["same-text"]

    def test_one_warning_where_text_and_rule_are_the_same(self):
        assert codes(criterion(IN, "Adult", "age >= 18"), criterion(IN, "Adult", "age >= 18")) == ["same-text"]

    def test_other_cohorts_and_the_other_kind_may_say_the_same(self):
        rows = [criterion(IN, "Adult", "age >= 18", cohort=cohort) for cohort in ("A", "B")]
        assert codes(*rows, criterion(IN, "Consent"), criterion(EX, "Consent"), cohorts=("A", "B")) == []

    def test_a_limit_below_is_no_limit_above(self):
        assert codes(criterion(EX, "ALT < 3"), criterion(EX, "ALT > 3")) == []


class TestWording:
    HARD = "Participants demonstrating inadequate cardiovascular functionality necessitate supplementary evaluation beforehand."

    def test_hard_words(self):
        [finding] = findings(criterion(IN, "Heart", plain=self.HARD))
        assert (finding.level, finding.code) == ("warning", "hard-words")
        assert re.search(r"at school grade \d\d; aim at 8", finding.message)

    def test_plain_words(self):
        assert codes(criterion(IN, "Heart", plain="Your heart is strong, and you can walk as far as you like.")) == []

    def test_a_hard_source_text_or_a_few_hard_words_do_not_count(self):
        assert codes(criterion(IN, self.HARD), criterion(IN, "MLD", plain="You have metachromatic leukodystrophy")) == []

    @pytest.mark.parametrize("word", ["eligible", "qualify", "failed", "rejected", "candidate"])
    def test_words_never_said(self, word):
        [finding] = findings(criterion(IN, "Text", plain=f"You were {word} once"))
        assert (finding.level, finding.code) == ("error", "never-said")
        assert f"“{word}”" in finding.message

    def test_a_source_text_that_a_patient_would_read(self):
        [finding] = findings(criterion(IN, "Failed two drugs"))
        assert (finding.level, finding.code) == ("warning", "never-said")
        assert codes(criterion(IN, "Failed two drugs", plain="Two drugs did not work")) == []

    def test_names_of_diseases_may_be_said(self):
        assert codes(criterion(EX, "Text", plain="You have heart failure or rejection of an organ")) == []


def test_errors_come_first_then_the_order_of_the_criteria():
    found = findings(
        criterion(IN, "Age 18", "age >= 12"), criterion(IN, "Text", "age >= 0"), criterion(IN, "Text", plain="You are eligible"), criterion(IN, "Text")
    )
    assert [(finding.level, finding.criterion) for finding in found] == [("error", 1), ("error", 2), ("warning", 0), ("warning", 2), ("warning", 3)]


@given(strategies.rule_trees, st.lists(strategies.sharp_patients(), min_size=1, max_size=5))
def test_a_rule_that_leaves_nobody_fits_none_of_many_patients(tree, patients):
    condition = inclusion(strategies.text_of(tree))
    found = values.find([condition], CATALOG)
    if found is None:
        assert all(truth_of(condition.rule, known(CATALOG, **patient)) is not Truth.TRUE for patient in patients)
    else:
        settled = CATALOG.settle({key: value.possible for key, value in found.items()})
        assert truth_of(condition.rule, settled) is Truth.TRUE


@given(strategies.plain_trials(), strategies.sharp_patients())
def test_the_search_finds_whoever_meets_all_criteria(plain, patient):
    criteria = [criterion for criterion in strategies.built(plain).criteria if criterion.rule is not None]
    found = values.find(criteria, CATALOG)
    settled = known(CATALOG, **patient) if found is None else CATALOG.settle({key: value.possible for key, value in found.items()})
    verdicts = [verdict_of(criterion, settled) for criterion in criteria]
    assert (found is None) == any(verdict is not Verdict.PASSES for verdict in verdicts)


class TestTheStarter:
    @pytest.mark.parametrize("nct_id", starter()[1])
    def test_no_published_trial_has_an_error(self, nct_id):
        questionnaire, published, _unpublished = starter()
        assert [finding.message for finding in lint_trial(published[nct_id], questionnaire) if finding.level == "error"] == []

    def test_fewer_than_one_false_alarm_in_a_hundred_rules(self):
        questionnaire, published, unpublished = starter()
        trials = [*published.values(), *unpublished.values()]
        alarms = [finding for one in trials for finding in lint_trial(one, questionnaire) if finding.code != "hard-words"]
        rules = sum(criterion.rule is not None for one in trials for criterion in one.criteria)
        assert rules > 800
        assert len(alarms) < rules / 100
