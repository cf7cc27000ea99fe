"""What looks wrong in the questions."""

import pytest

from tests.unit.builders import choice, choices, inclusion, number, trial, yes_no
from tests.unit.starter import starter
from trials.desk.catalog_lint import lint_questions
from trials.eligibility.questionnaire import Questionnaire
from trials.eligibility.questions import Kind, Question


def findings(questions, *rules):
    """What lint says of these questions where trials have these rules."""
    questionnaire = Questionnaire(questions)
    return lint_questions(questionnaire, [trial(inclusion(rule, questions=questionnaire)) for rule in rules])


def asked(key, text, kind=Kind.YES_NO, **parts):
    """A question with words of its own."""
    return Question(key, kind, text, **parts)


class TestUnusedQuestions:
    def test_a_question_that_no_rule_uses(self):
        [finding] = findings([yes_no("stroke"), yes_no("asthma")], "stroke is no")
        assert (finding.level, finding.criterion, finding.code) == ("warning", None, "unused-question")
        assert finding.message == "The question “asthma” is in no rule, so nobody is asked it. Use it in a rule, or take it away."

    def test_a_question_that_decides_whether_another_is_asked(self):
        assert findings([yes_no("stroke"), number("stroke_weeks", ask_if="stroke is yes")], "stroke_weeks >= 4") == []

    def test_a_question_deep_in_a_rule(self):
        assert findings([yes_no("stroke"), yes_no("asthma")], "not (stroke is yes or asthma is yes)") == []


class TestQuestionsAlike:
    @pytest.mark.parametrize(
        ("one", "two"),
        [
            ("Have you ever had a stroke?", "Did you ever have a stroke?"),
            ("Do you take medicine for your blood pressure?", "Do you take medicines for your blood pressure?"),
            ("Do you take drugs that thin the blood?", "Do you now take any drugs that thin your blood?"),
            ("Did you have heart surgery in the last 6 months?", "Did you have open heart surgery in the last 6 months?"),
        ],
    )
    def test_nearly_the_same(self, one, two):
        [finding] = findings([asked("one", one), asked("two", two)], "one is yes and two is yes")
        assert finding.code == "questions-alike"
        assert "“one” and “two”" in finding.message

    @pytest.mark.parametrize(
        ("one", "two"),
        [
            ("Did your right eye ever have surgery?", "Did your left eye ever have surgery?"),
            ("Did you have a heart attack in the last 6 months?", "Did you have a heart attack in the last 3 months?"),
            ("Was your last shot in the right eye anti-VEGF?", "Was your last shot in the right eye not anti-VEGF?"),
            ("Have you ever had a stroke?", "Do you have asthma?"),
            ("Have you ever had surgery?", "Have you ever had heart surgery?"),
            ("Are you?", "Do you have it?"),
        ],
    )
    def test_different(self, one, two):
        assert findings([asked("one", one), asked("two", two)], "one is yes and two is yes") == []

    def test_other_kinds_units_and_choices_tell_apart(self):
        text = "How long ago was your last heart surgery?"
        pair = [asked("one", text), asked("two", text, Kind.NUMBER, unit="weeks"), asked("three", text, Kind.NUMBER, unit="years")]
        assert findings(pair, "one is yes and two > 1 and three > 1") == []
        sets = [choice("a_drug", "x", "y"), choice("b_drug", "p", "q")]
        same = [Question(one.key, one.kind, "Which of these drugs?", choices=one.choices) for one in sets]
        assert findings(same, "a_drug is x and b_drug is p") == []


class TestIdleChoices:
    def test_choices_that_no_rule_names(self):
        [finding] = findings([choices("had", "stroke", "asthma", "gout")], "had includes stroke")
        assert (finding.level, finding.code) == ("warning", "idle-choices")
        assert finding.message == "The question “had” has 2 choices that no rule names: “asthma”, “gout”. Check whether a rule forgets them."

    def test_one_choice(self):
        [finding] = findings([choices("had", "stroke", "asthma")], "had includes stroke")
        assert "has a choice that no rule names: “asthma”" in finding.message

    def test_the_first_few_of_many_and_their_number(self):
        [finding] = findings([choices("had", *"abcdefgh")], "had includes a")
        assert "has 7 choices that no rule names: “b”, “c”, “d”, “e”, “f” …." in finding.message

    def test_kinds_of_a_named_choice_and_what_it_is_a_kind_of_count_as_named(self):
        tree = ["cancer", "blood < cancer", "aml < blood", "all < blood", "lung < cancer", "flu"]
        [finding] = findings([choices("had", *tree)], "had includes blood")
        assert "has 2 choices that no rule names: “lung”, “flu”." in finding.message

    @pytest.mark.parametrize(("count", "found"), [(2, False), (3, False), (4, True)])
    def test_of_one_answer_two_choices_may_stand_for_the_rest(self, count, found):
        assert bool(findings([choice("pick", *"abcd"[:count])], "pick is a")) is found

    def test_a_condition_that_decides_whether_to_ask_names_choices_too(self):
        questions = [choices("had", "stroke", "asthma"), yes_no("inhaler", ask_if="had includes asthma")]
        assert findings(questions, "had includes stroke and inhaler is no") == []

    def test_an_unused_question_is_told_once(self):
        assert [finding.code for finding in findings([choices("had", "stroke", "asthma")])] == ["unused-question"]


def test_the_starter_s_questions_are_all_used_and_none_are_alike():
    questionnaire, published, unpublished = starter()
    found = lint_questions(questionnaire, [*published.values(), *unpublished.values()])
    assert {finding.code for finding in found} == {"idle-choices"}
    assert len(found) == len({finding.message.split("”")[0] for finding in found}) < 30
