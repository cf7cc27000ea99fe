"""Facts to bring: what settles most comes first, by where it is found, with the sentence that asks a clinic for it."""

import re

import pytest
from django.template.loader import render_to_string

from prescreen import facts
from prescreen.answers import Answers
from prescreen.fact_words import NAMES
from prescreen.reopening import Reopened
from tests.factories import QuestionFactory, TrialFactory
from trials import catalog
from trials.desk.readability import grade
from trials.eligibility.questions import Source
from trials.models import Question

pytestmark = pytest.mark.django_db


def screening(who: str = "me", **given) -> Reopened:
    """A patient of the genetic area, all of whose answers count."""
    return Reopened(Answers(who, "genetic", given), catalog.current())


@pytest.fixture
def three_facts():
    """Three questions from two sources: the blood test is needed by three trials, the report by two, the other blood test by one."""
    QuestionFactory(key="cd4", text="What is your last CD4 count?", child_text="What is your child's last CD4 count?", source="blood_test", order=3)
    QuestionFactory(key="gene", text="Which gene is changed?", source="genetic_report", order=2)
    QuestionFactory(key="sodium", text="What is your sodium?", source="blood_test", order=1)
    TrialFactory(rules=["cd4 is yes", "gene is yes", "sodium is yes"])
    TrialFactory(rules=["cd4 is yes", "gene is yes"])
    TrialFactory(rules=["cd4 is yes"])


def asked(who: str = "me", **given) -> list[facts.Fact]:
    """The facts for all trials."""
    now = screening(who, **given)
    return list(facts.to_bring(now, now.matching.trials))


@pytest.mark.usefixtures("three_facts")
class TestThreeFacts:
    """What is needed most comes first."""

    def test_they_are_ranked_by_how_many_trials_each_could_settle(self):
        assert [(fact.question, fact.trials) for fact in asked()] == [
            ("What is your last CD4 count?", 3),
            ("Which gene is changed?", 2),
            ("What is your sodium?", 1),
        ]

    def test_an_answer_that_is_known_is_not_asked_for(self):
        assert "What is your sodium?" not in [fact.question for fact in asked(cd4="yes", gene="yes", sodium="yes")]

    def test_they_stand_by_source_and_the_source_of_the_best_comes_first(self):
        groups = facts.by_source(asked())
        assert [(group.heading, [fact.source for fact in group.facts]) for group in groups] == [
            ("From a blood test", [Source.BLOOD_TEST, Source.BLOOD_TEST]),
            ("From the genetic test report", [Source.GENETIC_REPORT]),
        ]

    @pytest.mark.parametrize(
        ("who", "sentence"),
        [
            ("me", "Please send me my last CD4 count, with the date."),
            ("child", "Please send me my child’s last CD4 count, with the date."),
            ("other", "Please send me the last CD4 count of the person I care for, with the date."),
        ],
    )
    def test_each_has_the_sentence_to_say_to_the_clinic(self, who, sentence):
        assert asked(who)[0].say == sentence

    def test_a_fact_that_has_no_name_is_asked_for_by_its_report(self):
        assert asked()[1].say == "Please send me my full genetic test report, with the date. It should answer this question."

    def test_the_results_page_gets_at_most_eight_and_none_of_trials_that_do_not_fit(self):
        TrialFactory(rules=["gene is no", *(f"{QuestionFactory().key} is yes" for _ in range(12))])
        found = [fact for group in facts.of_results(screening(gene="yes")) for fact in group.facts]
        assert [fact.question for fact in found] == ["What is your last CD4 count?", "What is your sodium?"]
        TrialFactory(rules=[f"{QuestionFactory().key} is yes" for _ in range(12)])
        assert sum(len(group.facts) for group in facts.of_results(screening())) == 8

    def test_the_part_of_a_page_says_all_of_it(self):
        page = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", render_to_string("prescreen/facts_to_bring.html", {"facts": facts.by_source(asked())})))
        assert "From a blood test What is your last CD4 count? Please send me my last CD4 count, with the date. Could settle 3 trials." in page


@pytest.mark.parametrize("source", Source)
def test_every_source_has_a_heading_and_a_sentence(source):
    question = QuestionFactory.build(key="anything", source=source)
    assert facts._heading(source)
    assert facts.say(question, "me").endswith(".")


@pytest.mark.usefixtures("starter")
class TestTheStarter:
    """The names of the built-in questions."""

    def test_every_name_is_that_of_a_question_which_a_clinic_can_answer(self):
        known = dict(Question.objects.values_list("key", "source"))
        assert [key for key in NAMES if known.get(key, "patient") == "patient"] == []

    def test_the_sentences_are_plain(self):
        sentences = {key: facts.say(Question.objects.get(key=key), "other") for key in NAMES}
        assert {text for text in sentences.values() if grade(text) > 8} == set()
