"""Reading a rule: each operator, what binds tighter, exact units, and refusals that name the column and the likely fix."""

import math
from fractions import Fraction

import pytest

from tests.unit.builders import choice, number, rule
from trials.eligibility.questionnaire import Questionnaire
from trials.eligibility.questions import Interval
from trials.eligibility.rules import And, Comparison, Not, Or, Quantity, RuleError, comparisons, parse, questions_of

A, B, C = (rule(text) for text in ("hepatitis_b is yes", "hepatitis_c is yes", "sex is male"))
LYMPHOMAS = frozenset({"lymphoma", "b_cell_lymphoma", "dlbcl", "t_cell_lymphoma"})


@pytest.mark.parametrize(
    ("text", "operator", "names", "inside", "negated"),
    [
        ("hepatitis_b is yes", "is", ("yes",), {"yes"}, False),
        ("hepatitis_b is not yes", "is not", ("yes",), {"yes"}, True),
        ("diagnosis is lymphoma", "is", ("lymphoma",), LYMPHOMAS, False),
        ("diagnosis is not dlbcl", "is not", ("dlbcl",), {"dlbcl"}, True),
        ("diagnosis in (rp)", "in", ("rp",), {"rp", "rp_x_linked"}, False),
        ("diagnosis in (rp, lymphoma)", "in", ("rp", "lymphoma"), {"rp", "rp_x_linked", *LYMPHOMAS}, False),
        ("diagnosis not in (hemophilia_a, hemophilia_b)", "not in", ("hemophilia_a", "hemophilia_b"), {"hemophilia_a", "hemophilia_b"}, True),
        ("treatments includes car_t", "includes", ("car_t",), {"car_t"}, False),
        ("treatments includes any of (car_t, chemotherapy)", "includes any of", ("car_t", "chemotherapy"), {"car_t", "chemotherapy"}, False),
        ("treatments includes all of (car_t, chemotherapy)", "includes all of", ("car_t", "chemotherapy"), {"car_t", "chemotherapy"}, False),
    ],
)
def test_a_comparison_with_choices_names_a_set_of_them(text, operator, names, inside, negated):
    found = rule(text)
    assert (found.operator, found.names, found.inside, found.negated) == (operator, names, frozenset(inside), negated)


@pytest.mark.parametrize(
    ("text", "operator", "inside"),
    [
        ("age = 18", "=", Interval(18, 18)),
        ("age < 18", "<", Interval(-math.inf, 18, high_open=True)),
        ("age <= 18", "<=", Interval(-math.inf, 18)),
        ("age ≤ 18", "<=", Interval(-math.inf, 18)),
        ("age > 18", ">", Interval(18, math.inf, low_open=True)),
        ("age >= 18", ">=", Interval(18, math.inf)),
        ("age ≥ 18", ">=", Interval(18, math.inf)),
        ("age between 18 and 65", "between", Interval(18, 65)),
        ("age between 18 and 18", "between", Interval(18, 18)),
    ],
)
def test_a_comparison_with_a_number_names_an_interval(text, operator, inside):
    found = rule(text)
    assert (found.operator, found.inside, found.negated) == (operator, inside, False)


@pytest.mark.parametrize(
    ("text", "low"),
    [
        ("age >= 12 months", 1),
        ("age >= 1 years", 1),
        ("age >= 1 months", Fraction(1, 12)),
        ("age >= 52 weeks", Fraction(364, 365)),
        ("hemoglobin >= 80 g/L", 8),
        ("hemoglobin >= 85g/L", Fraction(17, 2)),
        ("viral_load >= 50 copies/mL", 50),
        ("age >= 0.1", Fraction(1, 10)),
        ("age >= .5", Fraction(1, 2)),
        ("age >= 5.", 5),
        ("age >= -3", -3),
        ("age >= +3", 3),
    ],
)
def test_a_bound_is_converted_to_the_questions_own_unit_exactly(text, low):
    assert rule(text).inside == Interval(low, math.inf)


def test_twelve_months_are_one_year():
    assert rule("age >= 12 months").inside == rule("age >= 1 years").inside == rule("age >= 1").inside


def test_each_bound_of_between_has_its_own_unit():
    found = rule("age between 6 months and 12 years")
    assert found.inside == Interval(Fraction(1, 2), 12)
    assert found.quantities == (Quantity(Fraction(6), "months"), Quantity(Fraction(12), "years"))


def test_a_unit_may_be_of_several_words():
    questions = Questionnaire([number("drinks", "glasses per week")])
    found = parse("drinks < 3 glasses per  week and drinks > 1", questions)
    assert found.rules[0].quantities == (Quantity(Fraction(3), "glasses per week"),)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hepatitis_b is yes and hepatitis_c is yes", And((A, B))),
        ("hepatitis_b is yes or hepatitis_c is yes", Or((A, B))),
        ("hepatitis_b is yes or hepatitis_c is yes and sex is male", Or((A, And((B, C))))),
        ("hepatitis_b is yes and hepatitis_c is yes or sex is male", Or((And((A, B)), C))),
        ("(hepatitis_b is yes or hepatitis_c is yes) and sex is male", And((Or((A, B)), C))),
        ("hepatitis_b is yes and (hepatitis_c is yes or sex is male)", And((A, Or((B, C))))),
        ("hepatitis_b is yes and hepatitis_c is yes and sex is male", And((A, B, C))),
        ("hepatitis_b is yes or hepatitis_c is yes or sex is male", Or((A, B, C))),
        ("(hepatitis_b is yes and hepatitis_c is yes) and sex is male", And((And((A, B)), C))),
        ("not hepatitis_b is yes", Not(A)),
        ("not hepatitis_b is yes and hepatitis_c is yes", And((Not(A), B))),
        ("not hepatitis_b is yes or hepatitis_c is yes", Or((Not(A), B))),
        ("not (hepatitis_b is yes and hepatitis_c is yes)", Not(And((A, B)))),
        ("not(hepatitis_b is yes or hepatitis_c is yes)", Not(Or((A, B)))),
        ("not not hepatitis_b is yes", Not(Not(A))),
        ("((hepatitis_b is yes))", A),
        ("  hepatitis_b   is\nyes\t", A),
    ],
)
def test_not_binds_tighter_than_and_and_and_tighter_than_or(text, expected):
    assert rule(text) == expected


@pytest.mark.parametrize("word", ["android", "order", "nothing", "island", "inside", "includes_all", "between_2"])
def test_a_key_may_begin_with_a_word_of_the_language(word):
    questions = Questionnaire([choice(word, word, "other")])
    assert parse(f"{word} is {word} or not {word} is other", questions).rules[0] == Comparison(word, "is", (word,))


def test_a_key_may_hold_digits_and_hyphens():
    questions = Questionnaire([choice("line-2", "2nd", "car-t")])
    assert parse("line-2 in (2nd, car-t)", questions).names == ("2nd", "car-t")


@pytest.mark.parametrize(
    ("text", "column", "fault"),
    [
        ("", 1, "the rule is empty"),
        (" \n", 1, "the rule is empty"),
        ("aeg >= 18", 1, "unknown question 'aeg' at column 1; did you mean 'age'?"),
        ("age >= 18 and zzz is yes", 15, "unknown question 'zzz' at column 15"),
        ("diagnosis is rp_xlinked", 14, "'diagnosis' has no choice 'rp_xlinked'; did you mean 'rp_x_linked'? (column 14)"),
        ("diagnosis in (rp, zzz)", 19, "'diagnosis' has no choice 'zzz' (column 19)"),
        ("pregnant is maybe", 13, "'pregnant' has no choice 'maybe' (column 13)"),
        ("treatments includes cart", 21, "'treatments' has no choice 'cart'; did you mean 'car_t'? (column 21)"),
        ("age >= 18 g/dL", 11, "'age' is in years, not g/dL; it takes years, months, weeks (column 11)"),
        ("age >= 18 moths", 11, "'age' is in years, not moths; did you mean 'months'? (column 11)"),
        ("age between 1 year and 2 moons", 15, "'age' is in years, not year; did you mean 'years'? (column 15)"),
        ("viral_load < 50 IU", 17, "'viral_load' is in copies/mL, not IU (column 17)"),
        ("age between 5 and 3", 13, "5 is above 3, so nothing lies between (column 13); write 'between 3 and 5'"),
        (
            "age between 1 years and 11 months",
            13,
            "1 years is above 11 months, so nothing lies between (column 13); write 'between 11 months and 1 years'",
        ),
        ("sex is male and age is yes", 17, "'age' is a number question at column 17; write 'age >= 1' or 'age between 1 and 2'"),
        ("age in (yes)", 1, "'age' is a number question at column 1; write 'age >= 1' or 'age between 1 and 2'"),
        ("age includes yes", 1, "'age' is a number question at column 1; write 'age >= 1' or 'age between 1 and 2'"),
        ("pregnant >= 1", 1, "'pregnant' is a yes/no question at column 1; write 'pregnant is yes' or 'pregnant is no'"),
        ("pregnant includes yes", 1, "'pregnant' is a yes/no question at column 1; write 'pregnant is yes' or 'pregnant is no'"),
        ("sex between 1 and 2", 1, "'sex' is a choice question at column 1; write 'sex is …' or 'sex in (…)'"),
        ("sex includes male", 1, "'sex' is a choice question at column 1; write 'sex is …' or 'sex in (…)'"),
        ("treatments is car_t", 1, "'treatments' is a choices question at column 1; write 'treatments includes …' or 'treatments includes any of (…)'"),
        ("treatments in (car_t)", 1, "'treatments' is a choices question at column 1; write 'treatments includes …' or 'treatments includes any of (…)'"),
    ],
)
def test_a_rule_that_does_not_fit_the_questions_is_refused_with_the_place_and_the_fix(text, column, fault):
    assert _refusal(text) == (column, fault)


@pytest.mark.parametrize(
    ("text", "column", "fault"),
    [
        ("age", 4, "the rule ends at column 4; expected a comparison such as 'is', 'in', 'includes' or '>='"),
        ("age 18", 5, "'18' is not understood at column 5; expected a comparison such as 'is', 'in', 'includes' or '>='"),
        ("age IS yes", 5, "'IS' is not understood at column 5; expected a comparison such as 'is', 'in', 'includes' or '>='"),
        ("age != 5", 5, "'!=' is not understood at column 5; expected a comparison such as 'is', 'in', 'includes' or '>='"),
        ("age >=  ", 7, "the rule ends at column 7; expected a number"),
        ("age >= five", 8, "'five' is not understood at column 8; expected a number"),
        ("age between 5", 14, "the rule ends at column 14; expected 'and'"),
        ("age between 5 years or 6", 21, "'or' is not understood at column 21; expected 'and'"),
        ("age between 5 and", 18, "the rule ends at column 18; expected a number"),
        ("sex is", 7, "the rule ends at column 7; expected a question or choice"),
        ("sex in male", 8, "'male' is not understood at column 8; expected '('"),
        ("sex in (", 9, "the rule ends at column 9; expected a question or choice"),
        ("sex in (male", 13, "the rule ends at column 13; expected ')'"),
        ("sex in (male female)", 14, "'female)' is not understood at column 14; expected ')'"),
        ("treatments includes any", 24, "the rule ends at column 24; expected 'of'"),
        ("treatments includes all of car_t", 28, "'car_t' is not understood at column 28; expected '('"),
        ("not", 4, "the rule ends at column 4; expected a comparison such as 'age >= 18'"),
        ("sex is male and", 16, "the rule ends at column 16; expected a comparison such as 'age >= 18'"),
        ("()", 2, "')' is not understood at column 2; expected a comparison such as 'age >= 18'"),
        ("@", 1, "'@' is not understood at column 1; expected a comparison such as 'age >= 18'"),
        ("age - 18", 5, "'-' is not understood at column 5; expected a comparison such as 'is', 'in', 'includes' or '>='"),
        ("sex is - male", 8, "'-' is not understood at column 8; expected a question or choice"),
        ("(sex is male", 13, "the rule ends at column 13; expected ')'"),
        ("sex is male pregnant is no", 13, "'pregnant' is not understood at column 13; expected 'and', 'or' or the end of the rule"),
        ("sex is male; age > 3", 12, "';' is not understood at column 12; expected 'and', 'or' or the end of the rule"),
        ("import os", 8, "'os' is not understood at column 8; expected a comparison such as 'is', 'in', 'includes' or '>='"),
    ],
)
def test_a_rule_that_is_no_sentence_of_the_language_is_refused_with_the_place_and_what_was_expected(text, column, fault):
    assert _refusal(text) == (column, fault)


def test_the_place_in_a_rule_of_several_lines_counts_from_its_beginning():
    assert _refusal("sex is male and\nage >= five") == (24, "'five' is not understood at column 24; expected a number")


def _refusal(text):
    with pytest.raises(RuleError) as refused:
        rule(text)
    return refused.value.column, str(refused.value)


@pytest.mark.parametrize(("length", "refused"), [(1_999, False), (2_000, False), (2_001, True)])
def test_a_rule_may_be_2000_characters_long_and_no_longer(length, refused):
    text = f"age >= {'0' * (length - 5)}"
    if refused:
        assert _refusal(text) == (2_001, "the rule is longer than 2000 characters; split the criterion")
    else:
        assert rule(text) == rule("age >= 0")


@pytest.mark.parametrize(("levels", "refused"), [(24, False), (25, False), (26, True)])
def test_a_rule_may_be_nested_25_levels_deep_and_no_deeper(levels, refused):
    text = f"{'not ' * levels}sex is male"
    if refused:
        assert _refusal(text) == (1, "the rule is nested deeper than 25 levels; split the criterion")
    else:
        assert questions_of(rule(text)) == {"sex"}


@pytest.mark.parametrize("joint", ["and", "or"])
@pytest.mark.parametrize(("levels", "refused"), [(25, False), (26, True)])
def test_groups_within_groups_are_levels_too(joint, levels, refused):
    text = f"{f'age > 3 {joint} (' * levels}sex is male{')' * levels}"
    if refused:
        assert _refusal(text) == (1, "the rule is nested deeper than 25 levels; split the criterion")
    else:
        assert questions_of(rule(text)) == {"age", "sex"}


def test_a_rule_of_the_deepest_nesting_may_hold_more_groups_beside_it():
    deepest = f"{'(' * 25}sex is male{')' * 25}"
    assert len(rule(f"(age > 3) and {deepest} and (age < 5)").rules) == 3


def test_many_groups_side_by_side_are_not_deep():
    text = " or ".join(["(sex is male and age > 3)"] * 40)
    assert len(rule(text).rules) == 40


def test_the_comparisons_of_a_rule_come_from_left_to_right():
    found = comparisons(rule("not (sex is male or age > 3) and (hepatitis_b is yes or age < 1)"))
    assert [comparison.question for comparison in found] == ["sex", "age", "hepatitis_b", "age"]


def test_the_questions_of_a_rule_are_those_of_its_comparisons():
    assert questions_of(rule("not (sex is male or age > 3) and (hepatitis_b is yes or age < 1)")) == {"sex", "age", "hepatitis_b"}
