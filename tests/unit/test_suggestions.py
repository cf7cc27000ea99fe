"""Rule suggestions: each example of the data file, who is meant and who is not, and texts of any kind."""

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.suggestions.meaning import meaning, negation
from tests.suggestions.measure import questionnaire
from trials.eligibility.questionnaire import Questionnaire
from trials.eligibility.rules import parse
from trials.suggestions import is_for_study_team, suggest_rule
from trials.suggestions.patterns import patterns
from trials.suggestions.tokens import LONGEST_CRITERION, tokens

QUESTIONS = questionnaire()
PATTERNS = [pattern for pattern in patterns().rules if pattern.yes]
YES = [pytest.param(one, id=f"{pattern.name}: {one.text}") for pattern in PATTERNS for one in pattern.yes]
NO = [pytest.param(one, id=f"{pattern.name}: {one.text}") for pattern in PATTERNS for one in pattern.no]
TEAM_YES = [pytest.param(pattern.label, one, id=one.text) for pattern in patterns().study_team for one in pattern.yes]
TEAM_NO = [pytest.param(one, id=one.text) for pattern in patterns().study_team for one in pattern.no]


def rule_of(text, kind="inclusion", headings=()):
    """The suggested rule's text, or None."""
    suggestion = suggest_rule(text, kind, QUESTIONS, headings)
    return suggestion.rule if suggestion else None


def means(rule):
    """What a rule means, so that two wordings of it are equal; None for no rule."""
    return meaning(rule, QUESTIONS) if rule else None


# the data file


@pytest.mark.parametrize("example", YES)
def test_the_example_gets_its_rule(example):
    assert means(rule_of(example.text, example.kind)) == means(example.rule)


@pytest.mark.parametrize("example", NO)
def test_the_example_gets_no_rule(example):
    assert rule_of(example.text, example.kind) is None


@pytest.mark.parametrize(("label", "example"), TEAM_YES)
def test_the_example_is_for_the_study_team(label, example):
    assert is_for_study_team(example.text, example.kind) == label


@pytest.mark.parametrize("example", TEAM_NO)
def test_the_example_is_not_only_for_the_study_team(example):
    assert is_for_study_team(example.text, example.kind) is None


@pytest.mark.parametrize("pattern", [*PATTERNS, *patterns().study_team], ids=lambda pattern: pattern.name)
def test_each_pattern_has_a_label_and_two_examples_of_each_sort(pattern):
    assert pattern.label
    assert len(pattern.yes) >= 2
    assert len(pattern.no) >= 2


# boundaries

COMPARISONS = [
    ("≥ 18", "age >= 18"),
    (">= 18", "age >= 18"),
    ("=> 18", "age >= 18"),
    ("＞＝１８", "age >= 18"),
    ("at least 18", "age >= 18"),
    ("greater than or equal to 18", "age >= 18"),
    ("> 18", "age > 18"),
    ("more than 18", "age > 18"),
    ("≤ 18", "age <= 18"),
    ("=< 18", "age <= 18"),
    ("up to 18", "age <= 18"),
    ("less than or equal to 18", "age <= 18"),
    ("< 18", "age < 18"),
    ("less than 18", "age < 18"),
]


@pytest.mark.parametrize(("words", "rule"), COMPARISONS)
def test_a_comparison_keeps_its_end(words, rule):
    assert rule_of(f"Age {words} years") == rule
    assert rule_of(f"Age {words} years", "exclusion") == rule


RANGES = [
    ("18-65 years old", "age between 18 and 65"),
    ("18 to 65 years of age, inclusive", "age between 18 and 65"),
    ("Between 18 and 65 years (inclusive)", "age between 18 and 65"),
    ("Aged ≥18 and ≤65 years", "age between 18 and 65"),
    ("18 ≤ age ≤ 65", "age between 18 and 65"),
    ("18 ≤ age < 65", "age >= 18 and age < 65"),
    ("Aged 6 to 36 months", "age between 6 months and 36 months"),
    ("Age from 18 years to 70 years", "age between 18 and 70"),
    ("Age from 6 months to 12 years", "age between 6 months and 12 years"),
    ("Age from 28 days to 2 years", "age between 28 days and 2 years"),
    ("Age 8 weeks or older", "age >= 8 weeks"),
    ("Age 17 years or younger", "age <= 17"),
    ("Women only", "sex is female"),
    ("Men only", "sex is male"),
    ("Between the ages of 13 and 22", "age between 13 and 22"),
    ("Eighteen (18) years of age or older", "age >= 18"),
    ("4 to < 8 years of age", "age >= 4 and age < 8"),
]


@pytest.mark.parametrize(("text", "rule"), RANGES)
def test_a_range_has_both_its_ends(text, rule):
    assert means(rule_of(text)) == means(rule)


def test_an_exclusion_that_names_a_range_is_left_to_the_desk():
    assert rule_of("Aged 18 to 65 years", "exclusion") is None


def test_an_exclusion_outside_of_a_range_excludes_on_both_sides():
    assert rule_of("Age below 18 or above 65 years", "exclusion") == "age < 18 or age > 65"
    assert rule_of("Age below 18 and above 65 years", "exclusion") == "age < 18 or age > 65"


def test_two_numbers_for_one_count_must_be_the_same():
    assert rule_of("Nineteen (18) years of age or older") is None


# units

AMOUNTS = [
    ("Platelets ≥ 100,000/µL", "platelets >= 100"),
    ("Platelets ≥ 100 x 10^9/L", "platelets >= 100"),
    ("Platelets ≥ 100×10⁹/L", "platelets >= 100"),
    ("Platelets ≥ 100 x 109/L", "platelets >= 100"),
    ("Platelets ≥ 100 K/uL", "platelets >= 100"),
    ("Platelets ≥ 100,000", "platelets >= 100"),
    ("Platelets ≥ 100 G/L", "platelets >= 100"),
    ("Platelets ≥ 100 x 10e9/L", "platelets >= 100"),
    ("Platelets ≥ 100 x 10**9/L", "platelets >= 100"),
    ("Platelets ≥ 100,000 cells per cubic millimeter", "platelets >= 100"),
    ("eGFR ≥ 60 ml/min per 1.73 m2", "egfr >= 60"),
    ("Bilirubin ≤ 1.5 x the institutional upper limit of normal", "bilirubin_times_limit <= 1.5"),
    ("Bilirubin ≤ 1.5 fold the normal upper limit", "bilirubin_times_limit <= 1.5"),
    ("Creatinine ≤ 132.6 umol/l", "creatinine <= 1.5 mg/dL"),
    ("Hemoglobin ≥ 90 g/L", "hemoglobin >= 9 g/dL"),
    ("Creatinine ≤ 132.6 µmol/L", "creatinine <= 1.5 mg/dL"),
    ("Bilirubin ≤ 1.5 mg/dL", "bilirubin <= 1.5 mg/dL"),
    ("Bilirubin ≤ 1.5 times ULN", "bilirubin_times_limit <= 1.5"),
    ("ALT ≤ ULN", "alt_times_limit <= 1"),
]


@pytest.mark.parametrize(("text", "rule"), AMOUNTS)
def test_an_amount_is_put_into_the_questions_unit(text, rule):
    assert means(rule_of(text)) == means(rule)


@pytest.mark.parametrize(
    "text", ["Platelets ≥ 100", "Platelets ≥ 100/µL", "Hemoglobin ≥ 90 g/dL", "Hemoglobin ≥ 9", "Platelets ≥ 100 mg/dL", "Creatinine ≤ 1.5"]
)
def test_an_amount_whose_unit_cannot_be_right_is_left_alone(text):
    assert rule_of(text) is None


@pytest.mark.parametrize("text", ["Hemoglobin ≥ 10 g/dL (90 g/L)", "ANC ≥ 1.5 x 10^9/L (1000/µL)"])
def test_an_amount_said_again_must_be_the_same(text):
    assert rule_of(text) is None


# polarity

FINDINGS = [
    ("HIV positive", "exclusion", "hiv is yes"),
    ("HIV positive", "inclusion", None),
    ("HIV negative", "inclusion", "hiv is no"),
    ("HIV negative", "exclusion", None),
    ("Negative for HIV", "inclusion", "hiv is no"),
    ("No HIV infection", "inclusion", "hiv is no"),
    ("No history of HIV", "exclusion", None),
    ("Without HIV", "exclusion", None),
    ("Pregnant", "inclusion", None),
    ("Not pregnant", "inclusion", "pregnant is no"),
    ("Not pregnant", "exclusion", None),
    ("Positive pregnancy test", "exclusion", "pregnant is yes"),
    ("Positive pregnancy test", "inclusion", None),
    ("Negative pregnancy test", "inclusion", "pregnant is no"),
    ("Negative pregnancy test", "exclusion", None),
    ("Active autoimmune disease", "exclusion", "autoimmune in (now, now_treated)"),
    ("Active autoimmune disease", "inclusion", None),
]


@pytest.mark.parametrize(("text", "kind", "rule"), FINDINGS)
def test_a_finding_is_stated_as_it_is_written(text, kind, rule):
    assert means(rule_of(text, kind)) == means(rule)


@pytest.mark.parametrize("example", YES)
def test_no_example_ever_gets_the_opposite(example):
    for kind in ("inclusion", "exclusion"):
        found = rule_of(example.text, kind)
        assert found is None or means(found) != negation(example.rule, QUESTIONS)


LISTS = [
    ("HIV, hepatitis B or pregnancy", "exclusion", "hiv is yes or hepatitis_b is now or pregnant is yes"),
    ("History of HIV, or active hepatitis C", "exclusion", "hiv is yes or hepatitis_c is now"),
    ("Past or active hepatitis C", "exclusion", "hepatitis_c in (past, now)"),
    ("HIV and hepatitis B", "exclusion", "hiv is yes or hepatitis_b is now"),
    ("No HIV, hepatitis B or autoimmune disease", "inclusion", "hiv is no and hepatitis_b is not now and not autoimmune in (now, now_treated)"),
    ("No HIV; ANC > 1.0 x 10^9/L", "inclusion", "hiv is no and neutrophils > 1"),
    ("AST or ALT > 3 x ULN", "exclusion", "ast_times_limit > 3 or alt_times_limit > 3"),
    ("AST or ALT < 3 x ULN", "inclusion", None),
    ("AST and ALT > 3 x ULN", "exclusion", None),
    ("Platelets < 50,000/µL and hemoglobin < 8 g/dL", "exclusion", None),
    ("Platelets > 50,000/µL and hemoglobin > 8 g/dL or ANC > 500/µL", "inclusion", None),
    ("Adequate function:\n  - ANC ≥ 1,000/µL\n  - eGFR ≥ 60 mL/min", "inclusion", None),
    ("Adequate organ function defined as:\n  - ANC ≥ 1,000/µL\n  - eGFR ≥ 60 mL/min", "inclusion", "neutrophils >= 1 and egfr >= 60"),
    ("Adequate organ function defined as:\n  - ANC ≥ 1,000/µL\n  - a good heart", "inclusion", None),
    ("Any of the following: ANC < 500/µL; eGFR < 30 mL/min", "exclusion", "neutrophils < 0.5 or egfr < 30"),
    ("Any of the following: ANC > 500/µL; eGFR > 30 mL/min", "inclusion", None),
    ("Organ function as follows:\n  - ANC ≥ 1,000/µL\n  - eGFR ≥ 60 mL/min", "inclusion", "neutrophils >= 1 and egfr >= 60"),
]


@pytest.mark.parametrize(("text", "kind", "rule"), LISTS)
def test_several_clauses_are_joined_as_they_are_meant(text, kind, rule):
    assert means(rule_of(text, kind)) == means(rule)


WINDOWS = [
    ("Chemotherapy within 4 weeks before enrollment", "chemotherapy is yes and chemotherapy_weeks <= 4 weeks"),
    ("Chemotherapy less than 4 weeks before enrollment", "chemotherapy is yes and chemotherapy_weeks < 4 weeks"),
    ("Chemotherapy in the 4 weeks prior to the first dose of the study drug;", "chemotherapy is yes and chemotherapy_weeks <= 4 weeks"),
    ("Systemic steroids within 48 hours", "steroids is yes and steroid_weeks <= 2 days"),
    ("Systemic steroids within 30 hours", None),
    ("HIV infection, or chemotherapy within 4 weeks", "hiv is yes or (chemotherapy is yes and chemotherapy_weeks <= 4 weeks)"),
    ("Chemotherapy within 4 weeks, or HIV infection", None),
    ("Diabetes, or chemotherapy within 4 weeks", None),
    ("At least 4 weeks since the last chemotherapy", None),
]


@pytest.mark.parametrize(("text", "rule"), WINDOWS)
def test_a_time_is_said_of_what_it_is_meant_for(text, rule):
    assert means(rule_of(text, "exclusion")) == means(rule)


PASSED = [
    ("At least 4 weeks since the last chemotherapy", "chemotherapy is no or chemotherapy_weeks >= 4 weeks"),
    ("More than 4 weeks since prior chemotherapy", "chemotherapy is no or chemotherapy_weeks > 4 weeks"),
    ("At least 100 days after allogeneic stem cell transplant", None),
    ("No chemotherapy at least 4 weeks since the transplant", None),
]


@pytest.mark.parametrize(("text", "rule"), PASSED)
def test_a_time_that_must_have_passed_leaves_out_what_happened_in_it(text, rule):
    assert means(rule_of(text)) == means(rule)


# whatever is left over

ADDED = [
    "unless treated",
    "except at site 2",
    "in cohort B",
    "(treated with drugs)",
    "for at least two years",
    "and something else",
    "or as agreed",
    "if a child",
]


@pytest.mark.parametrize("more", ADDED)
@pytest.mark.parametrize("text", ["Age ≥ 18 years", "Platelets ≥ 100,000/µL", "HIV negative", "ECOG 0-1"])
def test_a_criterion_that_says_more_gets_no_rule(text, more):
    assert rule_of(text)
    assert rule_of(f"{text} {more}") is None


def test_a_criterion_that_leads_on_to_a_list_gets_no_rule():
    assert rule_of("Measurable disease:") is None


@pytest.mark.parametrize(
    ("heading", "kind", "suggested"),
    [
        ("At least one of the following:", "inclusion", False),
        ("All of the following:", "inclusion", True),
        ("Any of the following excludes:", "exclusion", True),
        ("All of the following together:", "exclusion", False),
        ("Donors", "inclusion", False),
        ("General", "inclusion", True),
    ],
)
def test_a_heading_can_make_a_criterion_one_of_several(heading, kind, suggested):
    assert bool(rule_of("Weight < 50 kg", kind, (heading,))) is suggested


def test_a_kind_that_is_not_known_gets_nothing():
    assert rule_of("Age ≥ 18 years", "") is is_for_study_team("Signed informed consent", "") is None


@pytest.mark.parametrize("example", YES)
def test_questions_that_are_not_there_make_no_suggestion(example):
    assert suggest_rule(example.text, example.kind, Questionnaire([])) is None


def test_a_choice_that_is_not_there_makes_no_suggestion():
    without = Questionnaire([one for one in QUESTIONS.values() if one.key not in ("hepatitis_b_virus_found",)])
    assert suggest_rule("Active hepatitis B", "exclusion", without) is None
    assert suggest_rule("HIV infection", "exclusion", without)


# any text

WORDS = sorted({word for pattern in PATTERNS for one in (*pattern.yes, *pattern.no) for word in one.text.split()})
SENTENCES = st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join)
TEXTS = st.one_of(st.text(max_size=200), SENTENCES, st.text(alphabet=string.digits + "≥≤<>=.,-()/^x% ", max_size=80))
KINDS = st.sampled_from(("inclusion", "exclusion"))


@settings(max_examples=300, deadline=None)
@given(TEXTS, KINDS)
def test_any_text_gets_a_rule_that_can_be_read_or_none(text, kind):
    suggestion = suggest_rule(text, kind, QUESTIONS)
    assert suggestion is None or parse(suggestion.rule, QUESTIONS)
    is_for_study_team(text, kind)


@pytest.mark.parametrize(
    "bit", ["a", " ", "1", "1,", "(", "hiv ", "and ", "of the ", "≥", "1.", "no ", "x ", "prior ", "history of ", "use of investigational ", "ecog status "]
)
def test_a_very_long_text_is_not_read_and_one_just_short_enough_is(bit):
    long = bit * (10_000 // len(bit) + 1)
    assert tokens(long) is None
    assert is_for_study_team(long, "inclusion") is None
    for end in ("", "!", "zz"):
        assert rule_of(long[: LONGEST_CRITERION - len(end)] + end) is None


EXPRESSIONS = [phrase for pattern in (*patterns().rules, *patterns().study_team) for phrase in pattern.words]
EXPRESSIONS += [phrase for phrases in patterns().words.values() for phrase in phrases]


@pytest.mark.parametrize("bit", [*" a1,(", "hiv ", "the ", "a an ", "or ", "1 ", "use of ", "status ", "active ", "with in of "])
def test_no_expression_runs_wild_on_a_long_text(bit):
    long = bit * (10_000 // len(bit)) + "!"
    for expression in EXPRESSIONS:
        expression.match(long)
        expression.match("ecog " + long)
        expression.match("received " + long)
