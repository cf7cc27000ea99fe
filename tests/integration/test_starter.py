"""The built-in records: enough of them, each consistent, and each rule tried on its sample patients."""

from collections import Counter
from io import StringIO

import pytest
from django.core.management import call_command

from tests.rows import everything
from trials import catalog, matching, models, services
from trials.eligibility.questionnaire import Questionnaire
from trials.eligibility.rules import parse, questions_of
from trials.eligibility.verdicts import Verdict
from trials.files import read_files
from trials.models import ConditionArea, Question, Trial

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("starter")]


@pytest.fixture(scope="module")
def questionnaire(starter, django_db_blocker) -> Questionnaire:
    """The questions as the engine knows them."""
    with django_db_blocker.unblock():
        return Questionnaire(catalog.stored_questions())


def rules_of(trial: Trial) -> list[str]:
    """The rules of a trial's criteria."""
    return [criterion.rule for criterion in trial.criteria.all() if criterion.rule]


def all_trials():
    """The trials with everything that the tests look at."""
    return Trial.objects.with_parts().prefetch_related("sample_patients")


def test_loading_again_adds_nothing_and_changes_nothing_that_a_coordinator_wrote():
    Trial.objects.filter(pk=Trial.objects.first().pk).update(title="As the coordinator wrote it", published=False)
    Question.objects.filter(key="age").update(text="How old, exactly?")
    before = everything()
    out = StringIO()
    call_command("load_starter", stdout=out)
    assert out.getvalue() == "added: 0 questions, 0 trials (0 published, 0 unpublished), 0 approved therapies\n"
    assert {**everything(), "trials_catalogstamp": []} == {**before, "trials_catalogstamp": []}


def test_there_are_trials_enough():
    assert Trial.objects.count() >= 75
    assert Trial.objects.published().count() >= 60


@pytest.mark.parametrize(("area", "least"), [("cancer", 14), ("eye", 18), ("genetic", 18), ("hiv", 7)])
def test_each_area_has_published_trials_enough(area, least):
    assert Trial.objects.published().filter(areas__slug=area).count() >= least


@pytest.mark.parametrize("area", ["cancer", "eye", "genetic", "hiv"])
def test_each_area_has_trials_that_are_open(area):
    assert Trial.objects.published().open().filter(areas__slug=area).exists()


def test_there_are_open_and_closed_trials_published_and_unpublished_ones():
    assert any(trial.is_closed for trial in Trial.objects.published())
    assert Trial.objects.filter(published=False).exists()


@pytest.mark.parametrize("approach", models.Approach.values)
def test_each_approach_occurs(approach):
    assert Trial.objects.published().filter(approach=approach).exists()


@pytest.mark.parametrize("delivery", models.Delivery.values)
def test_each_way_of_delivery_occurs(delivery):
    assert Trial.objects.published().filter(delivery=delivery).exists()


def test_published_trials_have_five_criteria_or_more():
    assert [trial.nct_id for trial in all_trials().published() if trial.criteria.count() < 5] == []


def test_each_trial_says_where_it_comes_from_and_in_which_area_it_is():
    assert [trial.nct_id for trial in all_trials() if not (trial.source and trial.summary and trial.areas.all())] == []


def test_each_rule_can_be_read(questionnaire):
    for trial in all_trials():
        for rule in rules_of(trial):
            parse(rule, questionnaire)


def test_each_trial_is_tried_on_a_sample_patient_who_fits_best_and_on_one_who_does_not():
    for trial in all_trials().published():
        expected = {patient.expect for patient in trial.sample_patients.all()}
        assert "fails" in expected, trial
        assert expected & {"passes", "unknown"}, trial


def test_each_sample_patient_gets_the_expected_verdict(questionnaire):
    assert [f"{trial.nct_id}: {fault}" for trial in all_trials() for fault in matching.sample_faults(trial, questionnaire)] == []


def test_the_compiled_index_says_the_same_to_each_sample_patient(questionnaire):
    current = catalog.current()
    rows = {str(key): row for row, key in enumerate(current.index.keys)}
    for trial in all_trials().filter(nct_id__in=rows):
        for patient in trial.sample_patients.all():
            matches = current.index.match(questionnaire.settle(questionnaire.read(patient.answers)))
            assert Verdict(matches.verdicts[rows[trial.nct_id]]).slug == patient.expect, (trial, patient)


def test_a_trial_whose_record_is_incomplete_is_never_better_than_unknown(questionnaire):
    incomplete = all_trials().filter(criteria_complete=False)
    assert incomplete.exists()
    for trial in incomplete:
        assert "passes" not in {patient.expect for patient in trial.sample_patients.all()}
        assert matching.sample_faults(trial, questionnaire) == []


def test_a_trial_that_asks_for_a_question_is_in_the_areas_where_it_is_asked(questionnaire):
    unasked = []
    for trial in all_trials():
        areas = {area.slug for area in trial.areas.all()}
        for key in {key for rule in rules_of(trial) for key in questions_of(parse(rule, questionnaire))}:
            for needed in (key, *questions_of(questionnaire.ask_if[key])) if key in questionnaire.ask_if else (key,):
                asked_in = questionnaire[needed].areas
                if asked_in and not areas <= asked_in:
                    unasked.append(f"{trial.nct_id} {key}: {needed} is not asked in {', '.join(sorted(areas - asked_in))}")
    assert unasked == []


def test_the_conditions_of_a_trial_can_be_chosen_in_its_areas():
    for trial in all_trials().published().open():
        assert trial.condition_names == [], f"{trial}: conditions that the tree does not have"
        for condition in trial.conditions.all():
            areas = {area.slug for area in condition.areas.all()}
            assert areas & {area.slug for area in trial.areas.all()}, f"{trial}: {condition.key} is only in {areas}"


def test_each_question_is_used_by_a_rule_or_a_condition(questionnaire):
    used = {key for trial in all_trials() for rule in rules_of(trial) for key in questions_of(parse(rule, questionnaire))}
    used |= {key for rule in questionnaire.ask_if.values() for key in questions_of(rule)}
    assert set(questionnaire) - used == set()


def test_each_inner_node_of_a_tree_has_two_kinds_or_more(questionnaire):
    alone = []
    for question in questionnaire.values():
        kinds = Counter(choice.parent for choice in question.choices if choice.parent)
        alone += [f"{question.key}: {parent}" for parent, count in kinds.items() if count < 2]
    assert alone == []


def test_each_question_that_says_you_has_words_for_a_child(questionnaire):
    assert [key for key, question in questionnaire.items() if "you" in question.text.lower().replace("young", "") and not question.child_text] == []


def test_each_area_knows_its_conditions():
    assert [area.slug for area in ConditionArea.objects.all() if not area.conditions.exists()] == []


def test_each_condition_and_area_that_a_therapy_names_is_known(questionnaire):
    areas = [area.slug for area in ConditionArea.objects.all()]
    therapies = read_files([services.STARTER / "therapies.yaml"], catalog.stored_questions(), areas)[0].therapies
    assert len(therapies) == models.ApprovedTherapy.objects.count() >= 20
    for therapy in therapies:
        assert set(therapy.conditions) <= set(questionnaire["diagnosis"].labels), therapy.values["brand"]
        assert therapy.area == "" or ConditionArea.objects.filter(slug=therapy.area).exists(), therapy.values["brand"]


def test_it_is_known_of_answers_whether_they_change_where_that_is_sure(questionnaire):
    assert {key for key, question in questionnaire.items() if question.changes == "grows"} > {"age", "chemotherapy_weeks", "hiv_known_months"}
    assert questionnaire["prior_gene_therapy"].changes == questionnaire["smn2_copies"].changes == "fixed"
    assert questionnaire["pregnant"].changes == questionnaire["hemoglobin"].changes == "may_change"
    assert questionnaire["hiv_drugs"].changes is None, "nobody should stop a medicine to fit a trial"
    assert questionnaire["walking"].changes is None, "no false hope where an illness gets worse"
