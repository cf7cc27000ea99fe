"""Completing a rule: what is offered at each place, best first, and that whatever is offered leads on to a rule that can be read."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.builders import CATALOG, choice, choices, number, yes_no
from trials.eligibility.completing import MOST_ITEMS, Completion, complete
from trials.eligibility.questionnaire import Questionnaire
from trials.eligibility.questions import Choice, Kind, Question
from trials.eligibility.rules import LONGEST_RULE, RuleError, parse

NUMERIC = [">= ", "<= ", "> ", "< ", "= ", "between "]
CHOICES = ["car_t ", "car_t_cd19 ", "car_t_bcma ", "stem_cell_transplant ", "chemotherapy "]
YEARS = ["years ", "months ", "weeks "]
ALL = [f"{key} " for key in CATALOG]
CLINIC = Questionnaire(
    [
        number("weight", "kg", order=1),
        number("egfr", "mL/min", order=2),
        Question("creatinine", Kind.NUMBER, "How well do your kidneys work, by your kidney test?", unit="mg/dL", order=3),
        Question(
            "illnesses", Kind.CHOICES, "Which of these do you have?", choices=(Choice("ckd", "Lasting kidney disease"), Choice("angina", "Angina")), order=4
        ),
        Question("diagnosis", Kind.CHOICE, "What is it?", choices=(Choice("rp", "Retinitis pigmentosa"), Choice("usher", "Usher syndrome")), order=5),
        yes_no("dialysis_kidney", order=6),
        number("drinks", "glasses per week", order=7),
    ]
)
SYNONYMS = {"diagnosis": {"rp": ["rod-cone dystrophy", "night blindness"]}}


def offered(text, questions=CATALOG, synonyms=None):
    return [item.insert for item in complete(text, questions, synonyms).items]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # the beginning, and after not, and, or, "("
        ("", ALL),
        ("  ", ALL),
        ("not ", ALL),
        ("(", ALL),
        ("age >= 18 and ", ALL),
        ("sex is male or not (", ALL),
        ("preg", ["pregnant ", "weeks_pregnant "]),
        ("PREG", ["pregnant ", "weeks_pregnant "]),
        ("hepatitis", ["hepatitis_b ", "hepatitis_c "]),
        ("age >= 18 and (hep", ["hepatitis_b ", "hepatitis_c "]),
        ("globin", ["hemoglobin "]),
        ("lobin", ["hemoglobin "]),
        ("lob", ["hemoglobin "]),
        ("og", []),
        ("no", ["not "]),
        ("hemophilia", ["diagnosis "]),
        ("b cell", ["diagnosis "]),
        ("treat", ["treated ", "treatments "]),
        ("treated", []),
        ("zzz", []),
        ("-", []),
        # after a question: the comparisons that fit its kind
        ("age ", NUMERIC),
        ("age", []),
        ("age >", [">= "]),
        ("age b", ["between "]),
        ("pregnant ", ["is ", "is not "]),
        ("pregnant is", ["is not "]),
        ("sex ", ["is ", "is not ", "in (", "not in ("]),
        ("sex i", ["is ", "is not ", "in ("]),
        ("sex in ", ["in ("]),
        ("sex not ", ["not in ("]),
        ("sex not  i", ["not in ("]),
        ("treatments ", ["includes ", "includes any of (", "includes all of ("]),
        ("zzz ", []),
        # choices
        ("pregnant is ", ["yes ", "no ", "not "]),
        ("pregnant is n", ["no ", "not "]),
        ("pregnant is not ", ["yes ", "no "]),
        ("sex is ", ["female ", "male ", "not "]),
        ("sex is m", ["male "]),
        ("sex is male", []),
        ("diagnosis is rp", ["rp_x_linked "]),
        ("diagnosis is b cell lym", ["b_cell_lymphoma "]),
        ("diagnosis is b ", ["b_cell_lymphoma ", "hemophilia_b "]),
        ("age is ", []),
        ("age in (", []),
        ("zzz is ", []),
        ("treatments includes ", [*CHOICES, "any of (", "all of ("]),
        ("treatments includes a", ["any of (", "all of ("]),
        ("treatments includes any ", ["any of ("]),
        ("treatments includes all o", ["all of ("]),
        ("treatments includes any of (chem", ["chemotherapy"]),
        ("pregnant includes ", []),
        ("treatments is ", []),
        ("sex in (", ["female", "male"]),
        ("sex in (male", ["male, ", "male) "]),
        ("sex in (male, ", ["female"]),
        ("sex in (male ", [", ", ") "]),
        ("sex in (male, female", ["female) "]),
        ("sex in (male, female ", [") "]),
        ("sex in (zzz ", []),
        ("diagnosis not in (rp", ["rp, ", "rp) ", "rp_x_linked"]),
        # numbers and units
        ("age >= ", []),
        ("age >= 18", ["18 years ", "18 months ", "18 weeks "]),
        ("age >= 18 ", [*YEARS, "and ", "or "]),
        ("age >= 18 m", ["months "]),
        ("age >= 18 moths ", []),
        ("(age >= 18 ", [*YEARS, "and ", "or ", ") "]),
        ("age between 1 ", [*YEARS, "and "]),
        ("age between 1 months ", ["and "]),
        ("age between 1 months and ", []),
        ("age between 1 months and 2", ["2 years ", "2 months ", "2 weeks "]),
        ("pregnant >= 1", []),
        ("pregnant >= 1 ", []),
        # after a whole comparison
        ("age >= 18 years ", ["and ", "or "]),
        ("sex is male ", ["and ", "or "]),
        ("sex is male a", ["and "]),
        ("sex is zzz ", []),
        ("sex in (male) ", ["and ", "or "]),
        ("not (sex is male or (age > 1 years ", ["and ", "or ", ") "]),
        # no rule begins like this
        ("age age age ", []),
        (") ", []),
        ("age is $ ", []),
    ],
)
def test_what_is_offered(text, expected):
    assert offered(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("kidney", ["creatinine ", "dialysis_kidney ", "illnesses "]),
        ("dney", ["creatinine ", "dialysis_kidney "]),
        ("kidney test", ["creatinine "]),
        ("kidney ", ["creatinine ", "dialysis_kidney ", "illnesses "]),
        ("weight > 1 and retin", ["diagnosis "]),
        ("night bl", ["diagnosis "]),
        ("diagnosis is usher s", ["usher "]),
        ("diagnosis is night", ["rp "]),
        ("diagnosis is ni", ["rp "]),
        ("diagnosis is rod-cone", ["rp "]),
        ("drinks < 3 glasses p", ["glasses per week "]),
        ("drinks < 3 glasses per ", ["glasses per week "]),
        ("drinks < 3 glasses per week ", ["and ", "or "]),
    ],
)
def test_questions_and_choices_are_found_by_their_words(text, expected):
    assert offered(text, CLINIC, SYNONYMS) == expected


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("", 0),
        ("preg", 0),
        ("age >= 18 and preg", 14),
        ("age ", 4),
        ("age >", 4),
        ("sex in (ma", 8),
        ("diagnosis is b cell lym", 13),
        ("zzz", 0),
        ("zzz ", 4),
        ("sex is\nma", 7),
    ],
)
def test_the_word_that_is_replaced_begins_at(text, start):
    assert complete(text, CATALOG).start == start


def hints(text, questions=CATALOG):
    return {item.label: item.hint for item in complete(text, questions).items}


def test_each_item_tells_what_it_is():
    assert hints("preg")["pregnant"] == "pregnant?"
    assert hints("b cell") == {"diagnosis": "diagnosis? (b cell lymphoma)"}
    assert hints("diagnosis is usher s", CLINIC) == {"usher": "Usher syndrome"}
    assert hints("pregnant is ")["yes"] == ""
    assert hints("age > 18 ")["months"] == "is counted as years"
    assert hints("age > 18 ")["years"] == "the question's own unit"


@pytest.mark.parametrize(
    ("bounds", "example"),
    [
        ({}, "score >= 18 points"),
        ({"min": Fraction(0)}, "score >= 18 points"),
        ({"max": Fraction(3)}, "score >= 3 points"),
        ({"min": Fraction(40), "max": Fraction(200)}, "score >= 40 points"),
    ],
)
def test_a_comparison_comes_with_an_example_that_the_question_takes(bounds, example):
    assert hints("score ", Questionnaire([number("score", **bounds)]))[">="] == f"at least: {example}"


@pytest.mark.parametrize("question", [choice("eyes", "left"), choices("eyes", "left", "right"), yes_no("eyes")])
def test_the_examples_of_other_comparisons_are_rules(question):
    questions = Questionnaire([question])
    for hint in hints("eyes ", questions).values():
        parse(hint.rpartition(": ")[2], questions)


def test_no_more_is_offered_than_one_can_look_through():
    many = Questionnaire([yes_no(f"question_{n}", order=n) for n in range(50)])
    assert offered("", many) == [f"question_{n} " for n in range(MOST_ITEMS)]


def test_without_questions_nothing_is_offered():
    assert complete("", Questionnaire([])) == Completion(0)


def test_a_text_that_is_too_long_for_a_rule_is_not_completed():
    text = "sex is male and " * LONGEST_RULE
    assert complete(text, CATALOG) == Completion(len(text))


WORDS = [*CATALOG, "and", "or", "not", "is", "in", "(", ")", ",", "includes", "any", "of", ">=", "18", "years", "yes", "male", "rp", "between", " ", "$", "é"]


@given(st.text() | st.lists(st.sampled_from(WORDS)).map(" ".join) | st.lists(st.sampled_from(WORDS)).map("".join))
def test_any_text_can_be_completed(text):
    completion = complete(text, CATALOG)
    assert 0 <= completion.start <= len(text)
    assert len(completion.items) <= MOST_ITEMS


@given(st.data())
def test_what_is_accepted_leads_on_until_the_rule_can_be_read(data):
    text = ""
    for _ in range(data.draw(st.integers(1, 25))):
        completion = complete(text, CATALOG)
        if completion.items:
            text = text[: completion.start] + data.draw(st.sampled_from(completion.items)).insert
        else:
            assert text.endswith((*NUMERIC, "and ")), f"nothing follows {text!r}"  # a number follows, and that is left to the writer
            text += "18"
    try:
        parse(text, CATALOG)
    except RuleError as fault:
        assert "the rule ends" in str(fault) or "lies between" in str(fault)
