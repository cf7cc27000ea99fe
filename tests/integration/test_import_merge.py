"""Records of the registry merged into the criteria of listings: rules and a coordinator's work stay, and what changed is marked for review."""

import pytest

from tests.factories import CohortFactory, ConditionAreaFactory, CriterionFactory, QuestionFactory
from trials import catalog
from trials.eligibility.judging import judge
from trials.eligibility.verdicts import Verdict
from trials.models import Cohort, Criterion, Trial

from .registry_records import ADULT, GLAUCOMA, NUMBER, STEROIDS, bring, criterion, edit, eligibility, study, texts, trial

pytestmark = pytest.mark.django_db

STEROIDS_LATER = "Steroid tablets within the last 60 days"
NEVER = "Ever had a lamp vector before"


def next_record(day="2026-10-02", *, number=NUMBER, sex="ALL", minimum=None, **of_the_text):
    """The record of the day after, with another text."""
    return study(number, day=day, sex=sex, minimum=minimum, text=eligibility(**of_the_text))


@pytest.fixture
def listing():
    """A published listing that came from the registry, with a rule on glaucoma and one on steroids."""
    for key in ("glaucoma", "steroids", "dull"):
        QuestionFactory(key=key)
    bring(study())
    row = trial()
    row.areas.set([ConditionAreaFactory()])
    edit(row, published=True)
    edit(criterion(ADULT), rule="dull is yes")
    edit(criterion(GLAUCOMA), rule="glaucoma is yes", plain="You have glaucoma.")
    edit(criterion(STEROIDS), rule="steroids is yes", plain="You take steroids.")
    return row


def verdict(**answers: str) -> Verdict | None:
    """What a patient with these answers is told of the listing; None if nothing."""
    current = catalog.current()
    known = current.questionnaire.settle(current.questionnaire.read(answers))
    return {one.key: judge(one, known).verdict for one in current.judged.values()}.get(NUMBER)


def told(text: str):
    """A criterion as the patients' catalog has it."""
    return next(one for one in next(one for one in catalog.current().judged.values() if one.key == NUMBER).criteria if one.text == text)


def test_a_changed_line_keeps_its_rule_and_is_left_to_the_study_team_until_reviewed(listing):
    assert verdict(dull="yes", glaucoma="no", steroids="yes") is Verdict.FAILS
    outcome = bring(next_record(exclusion=(GLAUCOMA, STEROIDS_LATER)))
    assert "1 criteria changed: review" in outcome.notes
    row = criterion(STEROIDS_LATER)
    assert (row.rule, row.plain, row.state) == ("steroids is yes", "You take steroids.", "review")
    assert row.earlier_source == {"heading": "", "text": STEROIDS, "kind": "exclusion", "cohort": ""}
    shown = told(STEROIDS_LATER)
    assert (shown.rule, shown.plain) == (None, "")
    assert verdict(dull="yes", glaucoma="no", steroids="yes") is Verdict.PASSES, "the stale rule rules nobody out"
    assert verdict(dull="yes", glaucoma="yes") is Verdict.FAILS, "the other rules still count"
    edit(row, earlier_source=None)
    assert verdict(dull="yes", glaucoma="no", steroids="yes") is Verdict.FAILS


def test_a_text_that_the_coordinator_put_in_other_words_stays_so_beside_a_change(listing):
    edit(criterion(STEROIDS), text="Steroids in the last month", rule="", plain="")
    bring(next_record(exclusion=(GLAUCOMA, STEROIDS_LATER)))
    row = criterion("Steroids in the last month")
    assert row.needs_review and row.earlier_source["text"] == STEROIDS
    assert row.source_text.endswith("60 days")


def test_an_untouched_line_follows_its_change_without_a_review(listing):
    edit(criterion(STEROIDS), rule="", plain="")
    bring(next_record(exclusion=(GLAUCOMA, STEROIDS_LATER)))
    assert not criterion(STEROIDS_LATER).needs_review


@pytest.mark.parametrize("done", [{"rule": "steroids is yes"}, {"plain": "You take steroids."}, {"team_checks": True}])
def test_whatever_a_coordinator_did_with_a_line_calls_for_a_review_of_its_change(listing, done):
    edit(criterion(STEROIDS), **{"rule": "", "plain": ""} | done)
    bring(next_record(exclusion=(GLAUCOMA, STEROIDS_LATER)))
    row = criterion(STEROIDS_LATER)
    assert row.state == "review"
    assert {name: getattr(row, name) for name in done} == done


def test_the_text_that_the_rule_was_written_for_is_kept_through_several_changes(listing):
    bring(next_record(exclusion=(GLAUCOMA, STEROIDS_LATER)))
    bring(next_record("2026-10-03", exclusion=(GLAUCOMA, "Steroid tablets within the last 90 days")))
    assert criterion("Steroid tablets within the last 90 days").earlier_source["text"] == STEROIDS


def test_a_change_of_blanks_alone_is_no_change(listing):
    assert bring(next_record(exclusion=(GLAUCOMA, STEROIDS.replace(" ", "  ")))).notes == ()
    assert criterion(STEROIDS).state == "rule"


def test_a_new_line_is_added_in_its_place_and_left_to_the_study_team(listing):
    outcome = bring(next_record(exclusion=(GLAUCOMA, NEVER, STEROIDS)))
    assert outcome.notes == ("1 criteria added",)
    assert texts() == [ADULT, GLAUCOMA, NEVER, STEROIDS]
    assert criterion(NEVER).state == "to_do" and told(NEVER).rule is None


def test_a_line_that_is_gone_marks_a_touched_criterion_and_takes_an_untouched_one_along(listing):
    edit(criterion(STEROIDS), rule="", plain="")
    outcome = bring(next_record(exclusion=()))
    assert outcome.notes == ("1 criteria gone at the registry: review", "1 untouched criteria gone at the registry: deleted")
    assert texts() == [ADULT, GLAUCOMA]
    assert criterion(GLAUCOMA).gone_at_source and criterion(GLAUCOMA).rule == "glaucoma is yes"
    assert verdict(dull="yes", glaucoma="yes") is Verdict.PASSES, "a rule of a line that is gone rules nobody out"


@pytest.mark.parametrize(
    "done",
    [{"rule": "steroids is yes"}, {"plain": "Steroids"}, {"team_checks": True}, {"suggestion_dismissed": True}, {"text": "Steroids"}, {"kind": "inclusion"}],
)
def test_any_work_of_a_coordinator_keeps_a_criterion_whose_line_is_gone(listing, done):
    row = edit(criterion(STEROIDS), **{"rule": "", "plain": ""} | done)
    bring(next_record(exclusion=(GLAUCOMA,)))
    row.refresh_from_db()
    assert row.gone_at_source


def test_a_line_that_a_coordinator_moved_to_a_cohort_is_kept_when_it_is_gone(listing):
    row = edit(criterion(STEROIDS), rule="", plain="", cohort=CohortFactory(trial=listing, name="Mine"))
    bring(next_record(exclusion=(GLAUCOMA,)))
    row.refresh_from_db()
    assert row.gone_at_source


def test_a_line_that_came_back_finds_its_criterion_again(listing):
    pk = criterion(STEROIDS).pk
    bring(next_record(exclusion=(GLAUCOMA,)))
    bring(next_record("2026-10-03"))
    row = criterion(STEROIDS)
    assert (row.pk, row.state, row.rule) == (pk, "rule", "steroids is yes")
    assert verdict(steroids="yes") is Verdict.FAILS


def test_a_line_that_came_back_as_the_other_kind_is_marked_for_review(listing):
    bring(next_record(exclusion=(GLAUCOMA,)))
    bring(next_record("2026-10-03", inclusion=(ADULT, STEROIDS), exclusion=(GLAUCOMA,)))
    row = criterion(STEROIDS)
    assert (row.kind, row.rule, row.state, row.earlier_source["kind"]) == ("inclusion", "steroids is yes", "review", "exclusion")


def test_a_line_that_came_back_finds_a_criterion_that_a_coordinator_kept_meanwhile(listing):
    bring(next_record(exclusion=(GLAUCOMA,)))
    edit(criterion(STEROIDS), gone_at_source=False)
    bring(next_record("2026-10-03"))
    assert texts() == [ADULT, GLAUCOMA, STEROIDS]


def test_lines_in_another_order_keep_their_rules_and_need_no_review(listing):
    outcome = bring(next_record(exclusion=(STEROIDS, GLAUCOMA)))
    assert (outcome.action, outcome.notes) == ("changed", ())
    assert texts() == [ADULT, STEROIDS, GLAUCOMA]
    assert [row.state for row in trial().criteria.all()] == ["rule", "rule", "rule"]


def test_a_criterion_that_the_record_does_not_have_stays_after_the_one_that_it_followed(listing):
    CriterionFactory(trial=listing, text="Mine, after glaucoma", order=1)
    edit(criterion(STEROIDS), order=2)
    bring(next_record(inclusion=("Lives near a lamp", ADULT)))
    assert texts() == ["Lives near a lamp", ADULT, GLAUCOMA, "Mine, after glaucoma", STEROIDS]


def test_a_line_that_a_coordinator_deleted_does_not_come_back(listing):
    criterion(STEROIDS).delete()
    bring(next_record(exclusion=(GLAUCOMA, STEROIDS, NEVER)))
    assert texts() == [ADULT, GLAUCOMA, NEVER]


def test_a_deleted_line_that_the_registry_changes_comes_in_as_a_new_one(listing):
    criterion(STEROIDS).delete()
    bring(next_record(exclusion=(GLAUCOMA, STEROIDS_LATER)))
    assert criterion(STEROIDS_LATER).state == "to_do"


def test_a_line_that_moves_to_the_other_kind_takes_its_rule_along_under_review(listing):
    bring(next_record(inclusion=(ADULT, STEROIDS), exclusion=(GLAUCOMA,)))
    row = criterion(STEROIDS)
    assert (row.kind, row.rule, row.state) == ("inclusion", "steroids is yes", "review")
    assert told(STEROIDS).rule is None
    assert verdict(dull="yes", glaucoma="no", steroids="no") is Verdict.PASSES, "the turned rule rules nobody out"


def test_a_line_whose_kind_becomes_unclear_keeps_its_kind_with_its_rule(listing):
    bring(study(day="2026-10-02", text=f"* {ADULT}\n* {GLAUCOMA}\n* {STEROIDS}"))
    row = criterion(STEROIDS)
    assert (row.kind, row.rule, row.state, row.source_kind) == ("exclusion", "steroids is yes", "review", "unclear")


def test_a_kind_that_a_coordinator_set_stays_when_the_registry_sets_another(listing):
    edit(criterion(STEROIDS), rule="", plain="", kind="inclusion")
    bring(next_record(exclusion=(GLAUCOMA, STEROIDS_LATER)))
    row = criterion(STEROIDS_LATER)
    assert (row.kind, row.state) == ("inclusion", "review")


@pytest.mark.parametrize(
    ("before", "after", "gone"),
    [
        ({"minimum": "18 Years"}, {"minimum": "18 Years"}, False),
        ({"minimum": "18 Years"}, {"minimum": "12 Years"}, None),
        ({"minimum": "18 Years"}, {}, True),
        ({"sex": "FEMALE"}, {"sex": "FEMALE"}, False),
        ({"sex": "FEMALE"}, {}, True),
    ],
)
def test_a_bound_of_age_or_sex_outside_of_the_text_is_a_criterion_too(before, after, gone):
    bring(study(**before))
    row = trial().criteria.first()
    assert row.text == ("Women only" if "sex" in before else "Age 18 years or older")
    edit(row, rule="age >= 18")
    bring(next_record(**after))
    row.refresh_from_db()
    assert row.needs_review is (gone is not False) and row.gone_at_source is (gone is True)
    assert Trial.objects.count() == 1 and not Cohort.objects.exists() and Criterion.objects.count() == 4
