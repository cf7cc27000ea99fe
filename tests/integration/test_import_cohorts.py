"""Cohorts through the import: none is left empty, as an empty one would let everybody in, and a coordinator's names stay."""

import pytest

from tests.factories import ConditionAreaFactory, QuestionFactory
from trials import catalog
from trials.eligibility.judging import judge
from trials.eligibility.verdicts import Verdict
from trials.models import Cohort, Criterion

from .registry_records import ADULT, GLAUCOMA, NUMBER, bring, criterion, edit, eligibility, study, trial

pytestmark = pytest.mark.django_db

YOUNG, OLD, BOTH = "Lost the light before school", "Lost the light after retirement", "Can sit still for an hour"
COHORTS = {"Cohort A": [YOUNG, BOTH], "Cohort B": [OLD, BOTH]}


def next_record(day="2026-10-02", **of_the_text):
    return study(day=day, text=eligibility(**of_the_text))


@pytest.fixture
def listing():
    """A published listing of two cohorts, each with a rule of its own."""
    for key in ("young", "old", "glaucoma"):
        QuestionFactory(key=key)
    bring(study(text=eligibility(cohorts=COHORTS)))
    row = trial()
    row.areas.set([ConditionAreaFactory()])
    edit(row, published=True)
    edit(criterion(GLAUCOMA), rule="glaucoma is yes")
    edit(criterion(YOUNG), rule="young is yes")
    edit(criterion(OLD), rule="old is yes")
    return row


def places() -> list[tuple[str, str]]:
    """Each criterion of a cohort with the name of its cohort."""
    return list(Criterion.objects.filter(cohort__isnull=False).values_list("text", "cohort__name"))


def verdict(**answers: str) -> Verdict:
    current = catalog.current()
    (judged,) = [one for one in current.judged.values() if one.key == NUMBER]
    return judge(judged, current.questionnaire.settle(current.questionnaire.read(answers))).verdict


def no_cohort_is_empty() -> bool:
    return not Cohort.objects.filter(criteria__isnull=True).exists()


def test_lines_under_the_name_of_a_cohort_belong_to_it(listing):
    assert places() == [(YOUNG, "Cohort A"), (BOTH, "Cohort A"), (OLD, "Cohort B"), (BOTH, "Cohort B")]
    assert verdict(glaucoma="no", young="no", old="no") is Verdict.FAILS
    assert verdict(glaucoma="no", young="no", old="yes") is Verdict.PASSES


def test_a_line_that_moves_to_another_cohort_takes_its_rule_along_under_review(listing):
    bring(next_record(cohorts={"Cohort A": [BOTH], "Cohort B": [OLD, BOTH, YOUNG]}))
    row = criterion(YOUNG)
    assert (row.cohort.name, row.rule, row.state) == ("Cohort B", "young is yes", "review")
    assert row.earlier_source == {"heading": "Cohort A:", "text": YOUNG, "kind": "inclusion", "cohort": "Cohort A"}


def test_a_line_stays_in_the_cohort_that_a_coordinator_moved_it_to_and_the_change_is_shown(listing):
    edit(criterion(YOUNG), rule="", cohort=None)
    bring(next_record(cohorts={"Cohort A": [BOTH], "Cohort B": [OLD, BOTH, YOUNG]}))
    row = criterion(YOUNG)
    assert (row.cohort, row.state) == (None, "review")


def test_cohorts_in_another_order_change_nothing_although_they_share_a_line(listing):
    before = {row.pk: (row.cohort_id, row.rule) for row in Criterion.objects.all()}
    outcome = bring(next_record(cohorts={"Cohort B": [OLD, BOTH], "Cohort A": [YOUNG, BOTH]}))
    assert outcome.notes == ()
    assert {row.pk: (row.cohort_id, row.rule) for row in Criterion.objects.all()} == before


def test_of_a_line_that_two_cohorts_share_the_one_that_a_coordinator_deleted_stays_deleted(listing):
    Criterion.objects.get(text=BOTH, cohort__name="Cohort A").delete()
    bring(next_record(cohorts=COHORTS, exclusion=(GLAUCOMA,)))
    assert (BOTH, "Cohort B") in places() and (BOTH, "Cohort A") not in places()


def test_a_cohort_whose_untouched_lines_are_gone_goes_with_them(listing):
    edit(criterion(OLD), rule="")
    bring(next_record(cohorts={"Cohort A": [YOUNG, BOTH]}))
    assert list(Cohort.objects.values_list("name", flat=True)) == ["Cohort A"]
    assert verdict(glaucoma="no", young="no", old="no") is Verdict.FAILS


def test_a_cohort_that_a_coordinator_renamed_goes_with_its_lines_too(listing):
    edit(Cohort.objects.get(name="Cohort B"), name="People who lost the light late")
    edit(criterion(OLD), rule="")
    bring(next_record(cohorts={"Cohort A": [YOUNG, BOTH]}))
    assert list(Cohort.objects.values_list("name", flat=True)) == ["Cohort A"]


def test_a_cohort_that_the_registry_dropped_lets_nobody_in_while_its_criteria_wait_for_review(listing):
    for row in Criterion.objects.filter(cohort__name="Cohort B"):
        edit(row, plain="In other words")
    bring(next_record(cohorts={"Cohort A": [YOUNG, BOTH]}))
    assert Criterion.objects.filter(cohort__name="Cohort B", gone_at_source=True).count() == 2
    assert verdict(glaucoma="no", young="no", old="yes") is Verdict.FAILS
    assert verdict(glaucoma="no", young="yes", old="no") is Verdict.PASSES
    (shown,) = catalog.current().judged.values()
    assert shown.cohorts == ("Cohort A",) and {one.cohort for one in shown.criteria} == {None, "Cohort A"}


def test_a_cohort_that_a_new_line_names_is_made_with_it(listing):
    bring(next_record(cohorts=COHORTS | {"Cohort C": ["Never saw the light"]}))
    assert ("Never saw the light", "Cohort C") in places() and no_cohort_is_empty()


def test_a_new_line_goes_to_the_cohort_under_the_name_that_a_coordinator_gave_it(listing):
    """A second cohort with nothing but the new line would let in whom the first one keeps out."""
    edit(Cohort.objects.get(name="Cohort B"), name="People who lost the light late")
    bring(next_record(cohorts=COHORTS | {"Cohort B": [OLD, BOTH, "Has a reading lamp"]}))
    assert ("Has a reading lamp", "People who lost the light late") in places()
    assert Cohort.objects.count() == 2


def test_a_changed_line_stays_in_a_renamed_cohort(listing):
    edit(Cohort.objects.get(name="Cohort B"), name="People who lost the light late")
    bring(next_record(cohorts=COHORTS | {"Cohort B": ["Lost the light long after retirement", BOTH]}))
    row = criterion("Lost the light long after retirement")
    assert (row.cohort.name, row.state) == ("People who lost the light late", "review") and Cohort.objects.count() == 2


def test_a_new_line_of_a_cohort_that_a_coordinator_dissolved_holds_for_all(listing):
    Criterion.objects.filter(cohort__name="Cohort B").update(cohort=None)
    Cohort.objects.get(name="Cohort B").delete()
    bring(next_record(cohorts=COHORTS | {"Cohort B": [OLD, BOTH, "Has a reading lamp"]}))
    assert criterion("Has a reading lamp").cohort is None
    assert list(Cohort.objects.values_list("name", flat=True)) == ["Cohort A"]


def test_a_changed_line_that_a_coordinator_keeps_elsewhere_makes_no_empty_cohort(listing):
    edit(criterion(OLD), cohort=None)
    bring(next_record(cohorts={"Cohort A": [YOUNG, BOTH], "Cohort B": [BOTH], "Cohort C": [OLD]}))
    assert (criterion(OLD).cohort, criterion(OLD).state) == (None, "review")
    assert no_cohort_is_empty()


def test_a_very_long_name_of_a_cohort_is_cut_and_found_again(listing):
    name = "Cohort " + "Z" * 300
    bring(next_record(cohorts={name: [YOUNG]}))
    bring(next_record("2026-10-03", cohorts={name: [YOUNG, ADULT]}))
    assert sum(row.name.startswith("Cohort ZZZ") for row in Cohort.objects.all()) <= 1
    assert all(len(row.name) <= 160 for row in Cohort.objects.all()) and no_cohort_is_empty()
