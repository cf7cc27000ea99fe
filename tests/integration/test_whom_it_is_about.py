"""In the words of a parent or a carer: no question, hint, reason or choice takes the reader for the patient."""

import re

import pytest
from django.utils.translation import override

from prescreen.wording import criterion_text, for_whom, help_text, question_text, why_text
from trials import catalog
from trials.eligibility.judging import Criterion
from trials.eligibility.questions import Question
from trials.eligibility.verdicts import CriterionKind

READER = re.compile(
    r"your child(['’]s)?\b|the person you care for|you (?:are not|do not|know|find|may|choose|chose|can type)\b|help if you\b|if you are\b|can tell you\b", re.I
)
"""Where "you" is whoever reads."""

THE_PATIENT = re.compile(r"\b(you|your|yours|yourself|my|myself|me|I)\b", re.I)

NUMERALS = re.compile(r"\b(MPS|type) I\b|“I am not sure”|\"I am not sure\"")
"""A Roman one, and the name of a button."""


def leftovers(text: str) -> list[str]:
    """The words that would make the reader the patient."""
    return THE_PATIENT.findall(NUMERALS.sub("", READER.sub("", text)))


@pytest.mark.parametrize("text", ["How old are you?", "Your doctor can help.", "I never walked", "You have HIV.", "the drugs you take", "your children"])
def test_a_leftover_is_seen(text):
    assert leftovers(text)


@pytest.mark.parametrize(
    "text",
    [
        "How old is your child?",
        "A doctor can help if you are not sure.",
        "Leave out the condition you chose.",
        "MPS I Hurler",
        "your child's report",
        "You find it on the report.",
    ],
)
def test_words_for_the_reader_are_left_alone(text):
    assert not leftovers(text)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Has your child's cancer come back?", "Has their cancer come back?"),
        ("Which area is your child’s condition in?", "Which area is their condition in?"),
        ("How old is your child?", "How old is the person you care for?"),
        ("Your child's doctor", "Their doctor"),
        ("Your child may match", "The person you care for may match"),
    ],
)
def test_a_text_about_a_child_is_told_about_somebody_else(text, told):
    assert for_whom(text, "other") == told
    assert for_whom(text, "child") == text


@pytest.mark.django_db
@pytest.mark.usefixtures("starter")
class TestTheStarter:
    """All built-in questions."""

    @pytest.fixture
    def questions(self) -> list[Question]:
        """Every question of the catalog."""
        return list(catalog.current().questionnaire.values())

    def test_there_are_many(self, questions):
        assert len(questions) > 250

    @pytest.mark.parametrize("who", ["child", "other"])
    def test_no_question_hint_or_reason_takes_the_reader_for_the_patient(self, who, questions):
        texts = {(question.key, told(question, who)) for question in questions for told in (question_text, help_text, why_text)}
        assert [pair for pair in sorted(texts) if leftovers(pair[1])] == []

    def test_no_choice_takes_the_reader_for_the_patient(self, questions):
        labels = {(question.key, choice.label) for question in questions for choice in question.choices}
        helps = {(key, row.help) for key, row in catalog.current().conditions.items()}
        assert [pair for pair in sorted(labels | helps) if leftovers(pair[1])] == []

    def test_nobody_reads_the_person_you_care_for_s(self, questions):
        assert [question.key for question in questions if re.search(r"care for['’]s", question_text(question, "other"))] == []

    def test_each_question_is_asked_in_its_own_words_about_somebody_else(self, questions):
        same = [question.key for question in questions if question_text(question, "child") == question.text and leftovers(question.text)]
        assert same == []

    def test_each_question_says_why(self, questions):
        assert [question.key for question in questions if not why_text(question, "me")] == []


def test_a_question_without_a_reason_has_a_general_one():
    question = Question("q", "yes_no", "Is it so?")
    assert why_text(question, "me") == "At least one trial asks this. The answer can change your results."


ADULT = Criterion(CriterionKind.INCLUSION, "Aged 18 years or older", None, plain="You are 18 or older")
BY_YOURSELF = Criterion(CriterionKind.INCLUSION, "Able to walk", None, plain="You can walk by yourself")


class TestACriterion:
    """In plain words to whoever reads."""

    @pytest.mark.parametrize(("who", "told"), [("me", "You are"), ("child", "Your child is"), ("other", "The person you care for is")])
    def test_is_told_of_whom_it_is_about(self, who, told):
        assert criterion_text(ADULT, who) == f"{told} 18 or older"

    @pytest.mark.parametrize(("who", "told"), [("me", "You can walk by yourself"), ("child", "Able to walk")])
    def test_is_neutral_where_it_cannot_be_told_without_a_mistake(self, who, told):
        assert criterion_text(BY_YOURSELF, who) == told

    def test_is_neutral_where_another_language_is_read(self):
        with override("es"):
            assert criterion_text(ADULT, "child") == "Aged 18 years or older"
