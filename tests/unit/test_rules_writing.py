"""Writing a rule back as the line that reads as the same rule, and saying it in words."""

import math
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.builders import CATALOG, rule
from tests.unit.strategies import comparison_trees, text_of
from trials.eligibility.questions import Interval
from trials.eligibility.rule_texts import listed, say, write
from trials.eligibility.rules import And, Comparison, Not, Or, Quantity, comparisons, format_exactly

decimals = st.builds(lambda digits, places: Fraction(digits, 10**places), st.integers(-99_999, 99_999), st.integers(0, 6))
amounts = st.builds(Quantity, decimals, st.sampled_from(["", "years", "months"]))
bounded = st.builds(lambda sign, amount: Comparison("age", sign, quantities=(amount,)), st.sampled_from(["=", "<", "<=", ">", ">="]), amounts)
named = comparison_trees.map(lambda tree: rule(text_of(tree)))


def _groups(parts):
    several = st.lists(parts, min_size=2, max_size=3).map(tuple)
    return st.builds(Not, parts) | st.builds(And, several) | st.builds(Or, several)


rules = st.recursive(named | bounded, _groups, max_leaves=8)


@settings(max_examples=200)
@given(rules)
def test_a_written_rule_reads_back_as_the_same_rule(one):
    again = rule(write(one))
    assert again == one
    assert write(again) == write(one)


@settings(max_examples=100)
@given(comparison_trees)
def test_a_written_comparison_names_the_same_set_again(tree):
    one = rule(text_of(tree))
    assert rule(write(one)).inside == one.inside


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("age>=18", "age >= 18"),
        ("age ≥ 18years", "age >= 18 years"),
        ("age ≤ 6 months", "age <= 6 months"),
        ("age = +05.50", "age = 5.5"),
        ("age > .25", "age > 0.25"),
        ("age < -0.05", "age < -0.05"),
        ("age between 6 months and 12 years", "age between 6 months and 12 years"),
        ("viral_load < 1000000", "viral_load < 1000000"),
        ("sex  is   male", "sex is male"),
        ("sex is not male", "sex is not male"),
        ("diagnosis in(rp,lymphoma)", "diagnosis in (rp, lymphoma)"),
        ("diagnosis not in (rp)", "diagnosis not in (rp)"),
        ("treatments includes car_t", "treatments includes car_t"),
        ("treatments includes any of (car_t,chemotherapy)", "treatments includes any of (car_t, chemotherapy)"),
        ("treatments includes all of (car_t)", "treatments includes all of (car_t)"),
        ("((sex is male))", "sex is male"),
        ("(sex is male and age > 3) or pregnant is no", "sex is male and age > 3 or pregnant is no"),
        ("sex is male and (age > 3 or pregnant is no)", "sex is male and (age > 3 or pregnant is no)"),
        ("sex is male and (age > 3 and pregnant is no)", "sex is male and (age > 3 and pregnant is no)"),
        ("sex is male or (age > 3 or pregnant is no)", "sex is male or (age > 3 or pregnant is no)"),
        ("not(sex is male)", "not sex is male"),
        ("not (sex is male and age > 3)", "not (sex is male and age > 3)"),
        ("not (sex is male or age > 3)", "not (sex is male or age > 3)"),
        ("not (not (sex is male))", "not not sex is male"),
        ("(not sex is male) and age > 3", "not sex is male and age > 3"),
    ],
)
def test_a_rule_is_written_in_one_way_with_no_needless_parentheses(text, written):
    assert write(rule(text)) == written


def test_what_is_written_need_not_be_read_to_know_what_it_names():
    assert [comparison.inside for comparison in comparisons(rule(write(rule("not age >= 12 months and sex is male"))))] == [
        Interval(1, math.inf),
        frozenset({"male"}),
    ]


@pytest.mark.parametrize(
    ("number", "written"),
    [
        (Fraction(0), "0"),
        (Fraction(100), "100"),
        (Fraction(-100), "-100"),
        (Fraction(1, 2), "0.5"),
        (Fraction(-1, 20), "-0.05"),
        (Fraction(123_456, 1_000), "123.456"),
        (Fraction(1, 1_000_000), "0.000001"),
        (Fraction(10**30 + 1, 10), f"{10**29}.1"),
    ],
)
def test_decimals_are_written_without_loss(number, written):
    assert format_exactly(number) == written


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("age >= 18", "Age is at least 18 years"),
        ("age > 18", "Age is above 18 years"),
        ("age <= 18", "Age is at most 18 years"),
        ("age < 18", "Age is below 18 years"),
        ("age = 18", "Age is 18 years"),
        ("age >= 6 months", "Age is at least 6 months"),
        ("age between 6 months and 12 years", "Age is from 6 months to 12 years"),
        ("age between 6 and 12", "Age is from 6 years to 12 years"),
        ("hemoglobin >= 8.5", "Hemoglobin is at least 8.5 g/dL"),
        ("viral_load < 50", "Viral load is below 50 copies/mL"),
        ("hepatitis_b is yes", "Hepatitis b is yes"),
        ("hepatitis_b is not yes", "Hepatitis b is not yes"),
        ("diagnosis is rp_x_linked", "Diagnosis is rp x linked"),
        ("diagnosis in (rp)", "Diagnosis is rp"),
        ("diagnosis in (rp, dlbcl)", "Diagnosis is rp or dlbcl"),
        ("diagnosis in (rp, dlbcl, hemophilia_a)", "Diagnosis is rp, dlbcl or hemophilia a"),
        ("diagnosis not in (rp, dlbcl)", "Diagnosis is none of rp or dlbcl"),
        ("treatments includes car_t", "Treatments includes car t"),
        ("treatments includes any of (car_t, chemotherapy)", "Treatments includes car t or chemotherapy"),
        ("treatments includes all of (car_t, chemotherapy)", "Treatments includes car t and chemotherapy"),
        ("not sex is male", "It is not so that sex is male"),
        ("sex is male and age > 3", "Sex is male and age is above 3 years"),
        ("sex is male or age > 3", "Sex is male or age is above 3 years"),
        ("sex is male and (age > 3 or pregnant is no)", "Sex is male and (age is above 3 years or pregnant is no)"),
        ("sex is male or age > 3 and pregnant is no", "Sex is male or (age is above 3 years and pregnant is no)"),
    ],
)
def test_a_rule_is_said_in_words(text, words):
    assert say(rule(text), CATALOG) == words


def test_a_list_in_words_has_commas_and_one_joint():
    assert [listed(words, "or") for words in (["a"], ["a", "b"], ["a", "b", "c"])] == ["a", "a or b", "a, b or c"]
