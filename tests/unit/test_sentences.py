"""The sentences a person reads: answers in words, and the reading of one criterion."""

from fractions import Fraction

import pytest

from tests.unit.builders import CATALOG, choice, exclusion, inclusion, known, number
from trials.eligibility.explanations import describe, explain, sentence


@pytest.mark.parametrize(
    ("key", "answer", "words"),
    [
        ("age", None, "not sure"),
        ("age", 34, "34 years"),
        ("age", {"value": 6, "unit": "months"}, "0.5 years"),
        ("age", {"min": 18, "max": 34}, "18 to 34 years"),
        ("age", {"min": 18, "max": 18}, "18 years"),
        ("age", {"min": 18}, "18 years or more"),
        ("age", {"max": 34}, "34 years or less"),
        ("age", {"min": 0, "max": 34}, "34 years or less"),
        ("age", {"min": 18, "max": 120}, "18 years or more"),
        ("age", {"min": 0, "max": 120}, "not sure"),
        ("age", 0, "0 years"),
        ("viral_load", {"max": 49}, "49 copies/mL or less"),
        ("viral_load", {"min": 50}, "50 copies/mL or more"),
        ("viral_load", {"min": 20, "max": 49.5}, "20 to 49.5 copies/mL"),
        ("viral_load", {"min": None}, "not sure"),
        ("hepatitis_b", "yes", "yes"),
        ("hepatitis_b", "no", "no"),
        ("diagnosis", "lymphoma", "lymphoma"),
        ("diagnosis", "b_cell_lymphoma", "b cell lymphoma"),
        ("diagnosis", "dlbcl", "dlbcl"),
        ("treatments", [], "none of these"),
        ("treatments", ["car_t"], "car t"),
        ("treatments", ["car_t_cd19"], "car t cd19"),
        ("treatments", ["car_t", "car_t_cd19"], "car t cd19"),
        ("treatments", ["chemotherapy", "car_t"], "car t and chemotherapy"),
        ("treatments", ["chemotherapy", "stem_cell_transplant", "car_t_bcma"], "car t bcma, stem cell transplant and chemotherapy"),
    ],
)
def test_an_answer_is_told_in_words(key, answer, words):
    question = CATALOG[key]
    assert describe(question.read(answer), question) == words


def test_a_wider_kind_is_told_by_its_own_name_wherever_it_stands_among_the_choices():
    question = choice("q", "narrow < wide", "wide")
    assert describe(question.read("wide"), question) == "wide"
    assert describe(question.read("narrow"), question) == "narrow"


def test_an_end_that_is_no_bound_of_the_question_is_told():
    question = number("score", min=Fraction(0))
    assert describe(question.read({"min": 1, "max": 9}), question) == "1 to 9 points"
    assert describe(question.read({"max": 9}), question) == "9 points or less"


def told(criterion, **answers):
    """The sentence on a criterion."""
    facts = known(**answers)
    return sentence(explain(criterion, facts, CATALOG), facts, CATALOG)


@pytest.mark.parametrize(
    ("criterion", "answers", "words"),
    [
        (inclusion(""), {"age": 18}, "The study team will check this."),
        (inclusion("age >= 18"), {"age": 18}, "Fits what you told us: age? 18 years."),
        (inclusion("age >= 18"), {"age": 17}, "Does not fit what you told us: age? 17 years."),
        (inclusion("age >= 18"), {}, "Needs checking: age?"),
        (exclusion("age >= 18"), {"age": 18}, "Does not fit what you told us: age? 18 years."),
        (exclusion("age >= 18"), {"age": 17}, "Fits what you told us: age? 17 years."),
        (exclusion("pregnant is yes"), {"sex": "male"}, "Fits what you told us: sex? male."),
        (inclusion("age >= 18 and sex is male"), {"age": 18, "sex": "male"}, "Fits what you told us: age? 18 years; sex? male."),
        (inclusion("age >= 18 and sex is male"), {"sex": None}, "Needs checking: age? sex?"),
        (inclusion("age >= 18"), {"age": {"min": 10, "max": 20}}, "Needs checking: age?"),
    ],
)
def test_a_criterion_is_read_out_with_the_answers_that_decide_it(criterion, answers, words):
    assert told(criterion, **answers) == words


SPANISH = {
    "sex?": "¿sexo?",
    "treatments?": "¿tratamientos?",
    "female": "mujer",
    "and": "y",
    "chemotherapy": "quimioterapia",
    "not sure": "no lo sé",
    "none of these": "ninguno",
    "{low} to {high} {unit}": "de {low} a {high} {unit}",
    "The study team will check this.": "El equipo lo comprobará.",
    "Needs checking: {questions}": "Falta comprobar: {questions}",
    "Fits what you told us: {told}.": "Coincide con lo que nos dijo: {told}.",
    "Does not fit what you told us: {told}.": "No coincide con lo que nos dijo: {told}.",
}


def in_spanish(text):
    """The Spanish words, or the text as it is."""
    return SPANISH.get(text, text)


@pytest.mark.parametrize(
    ("criterion", "answers", "words"),
    [
        (inclusion(""), {}, "El equipo lo comprobará."),
        (inclusion("sex is female"), {}, "Falta comprobar: ¿sexo?"),
        (inclusion("sex is female"), {"sex": "female"}, "Coincide con lo que nos dijo: ¿sexo? mujer."),
        (exclusion("sex is female"), {"sex": "female"}, "No coincide con lo que nos dijo: ¿sexo? mujer."),
        (
            inclusion("treatments includes chemotherapy"),
            {"treatments": ["car_t", "chemotherapy"]},
            "Coincide con lo que nos dijo: ¿tratamientos? car t y quimioterapia.",
        ),
        (exclusion("treatments includes chemotherapy"), {"treatments": []}, "Coincide con lo que nos dijo: ¿tratamientos? ninguno."),
    ],
)
def test_a_sentence_is_translated_in_all_its_parts(criterion, answers, words):
    facts = known(**answers)
    assert sentence(explain(criterion, facts, CATALOG), facts, CATALOG, in_spanish) == words


def test_an_answer_in_words_is_translated():
    age = CATALOG["age"]
    assert describe(None, age, in_spanish) == "no lo sé"
    assert describe(age.read({"min": 0}), age, in_spanish) == "no lo sé"
    assert describe(age.read({"min": 3, "max": 5}), age, in_spanish) == "de 3 a 5 years"


def test_a_sentence_can_ask_in_other_words():
    facts = known(age=17)
    explanation = explain(inclusion("age >= 18"), facts, CATALOG)
    words = sentence(explanation, facts, CATALOG, asked=lambda question: f"Your child's {question.key}:")
    assert words == "Does not fit what you told us: Your child's age: 17 years."
