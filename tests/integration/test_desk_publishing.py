"""Publishing and withdrawing at the desk: refused for each single reason, allowed when there is none, and never by somebody who may not."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.factories import CriterionFactory, SamplePatientFactory
from trials import catalog, services
from trials.groups import AUDITOR, COORDINATOR
from trials.models import Criterion, Trial

from .desk import messages_of, ready_trial, signed_in, standing_of
from .patients import text_of
from .test_admin import Form, change_page, fresh, run, save

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(small_catalog):
    """The desk of somebody who may publish."""
    return signed_in()


@pytest.fixture
def coordinator(small_catalog):
    """The desk of somebody who may change trials, and not publish."""
    return signed_in("carl", COORDINATOR)


@pytest.fixture
def ready(small_catalog) -> Trial:
    """A trial that nothing speaks against, and that is not published."""
    return ready_trial()


@pytest.fixture
def shown(ready) -> Trial:
    """The same, published a week ago."""
    services.publish(trial=ready)
    Trial.objects.update(published_at=timezone.now() - timedelta(days=7))
    return fresh(ready)


def seen_by_patients(trial: Trial) -> bool:
    return trial.nct_id in catalog.current().listings


def test_a_trial_that_nothing_speaks_against_is_published_and_patients_see_it_at_once(desk, ready):
    assert not seen_by_patients(ready)
    assert "Nothing speaks against publishing. Tick “published” below and save." in standing_of(desk.get(change_page(ready)))
    page = save(desk, ready, published="on")
    assert "Patients now see" in messages_of(page)
    assert seen_by_patients(ready)
    assert "Patients see it." in standing_of(desk.get(change_page(ready)))
    save(desk, ready, published="")
    assert not seen_by_patients(ready)


def change(trial: Trial, named: str, **values) -> None:
    Criterion.objects.filter(trial=trial, text=named).update(**values)


REASONS = {
    "no area": (lambda trial: trial.areas.clear(), "no condition area is ticked, so no patient would find it"),
    "no criteria": (lambda trial: (trial.criteria.all().delete(), trial.sample_patients.all().delete()), "it has no criteria"),
    "one to do": (lambda trial: change(trial, "Willing to give consent", team_checks=False), "1 criterion is still to do"),
    "unclear kind": (lambda trial: change(trial, "Willing to give consent", kind="unclear"), "1 criterion is still to do"),
    "changed line": (
        lambda trial: change(trial, "Pregnant women", earlier_source={"text": "Women", "kind": "exclusion", "cohort": ""}),
        "1 criterion was changed at the registry and waits for review",
    ),
    "gone line": (
        lambda trial: change(trial, "Willing to give consent", gone_at_source=True),
        "1 criterion was changed at the registry and waits for review",
    ),
    "unreadable rule": (lambda trial: change(trial, "Pregnant women", rule="pregnantt is yes"), "“Pregnant women”: unknown question 'pregnantt'"),
    "lint error": (lambda trial: change(trial, "Willing to give consent", plain="You are eligible if you say yes"), "the plain wording says “eligible”"),
    "sample patient": (
        lambda trial: trial.sample_patients.update(expect="fails"),
        "sample patient “Man of 30”: expected fails, the rules say passes",
    ),
}


@pytest.mark.parametrize("reason", REASONS)
def test_publishing_is_refused_for_one_reason_alone(desk, ready, reason):
    spoil, said = REASONS[reason]
    spoil(ready)
    assert len(services.check_trial(trial=fresh(ready))) == 1
    assert said in standing_of(desk.get(change_page(ready)))
    page = run(desk, "publish", ready)
    assert f"{ready.nct_id} cannot be published: " in messages_of(page)
    assert said in messages_of(page)
    assert not fresh(ready).published
    assert not seen_by_patients(ready)


def test_a_warning_of_lint_is_shown_and_refuses_nothing(desk, ready):
    CriterionFactory(trial=ready, text="Has heart failure in the family", team_checks=True, order=9)
    change(ready, "Willing to give consent", text="Eligible by consent")
    page = desk.get(change_page(ready))
    assert "Please check: Criterion 3 (“Eligible by consent”): patients would read “Eligible”" in text_of(page)
    save(desk, ready, published="on")
    assert seen_by_patients(ready)


def test_nothing_is_lost_when_publishing_is_refused(desk, ready):
    said = messages_of(save(desk, ready, published="on", title="Another title", **{"criteria-0-rule": "age >= 40"}))
    assert "is saved, but it is not published and patients do not see it: sample patient “Man of 30”: expected passes, the rules say fails." in said
    stored = fresh(ready)
    assert (stored.title, stored.criteria.first().rule, stored.published) == ("Another title", "age >= 40", False)


def test_a_change_that_is_refused_hides_a_published_trial(desk, shown):
    save(desk, shown, **{"criteria-0-rule": "age >= 40"})
    stored = fresh(shown)
    assert (stored.published, stored.published_at, stored.published_by) == (False, None, None)
    assert not seen_by_patients(shown)


def test_a_rule_that_breaks_is_refused_and_the_published_trial_stays_as_it_was(desk, shown):
    page = save(desk, shown, title="Another title", **{"criteria-0-rule": "aeg >= 18"})
    assert "unknown question 'aeg' at column 1; did you mean 'age'?" in text_of(page)
    stored = fresh(shown)
    assert (stored.title, stored.criteria.first().rule, stored.published) == ("A trial made ready", "age >= 18", True)
    assert seen_by_patients(shown)


def test_a_page_that_is_refused_tells_what_is_stored_and_not_what_was_typed(desk, ready):
    page = save(desk, ready, published="on", **{"criteria-0-rule": "aeg >= 18", "criteria-2-rule": "age >= 3"})
    assert "Patients do not see it." in standing_of(page)
    assert "2 with a rule, 1 left to the study team." in standing_of(page)
    assert page.content.decode().count("left to the study team</span>") == 1


def test_who_published_and_when_are_noted(desk, ready):
    before = timezone.now()
    save(desk, ready, published="on")
    stored = fresh(ready)
    assert stored.published_by.username == "petra"
    assert before <= stored.published_at <= timezone.now()
    assert "by petra." in standing_of(desk.get(change_page(ready)))


@pytest.mark.parametrize("years", [None, "15"])
def test_a_save_without_a_change_keeps_who_and_when(desk, shown, years):
    Trial.objects.update(follow_up_years=years)
    save(signed_in("paul"), shown)
    assert (fresh(shown).published_at, fresh(shown).published_by, fresh(shown).published) == (shown.published_at, None, True)


@pytest.mark.parametrize("change", [{"title": "Another title"}, {"criteria-2-plain": "You say yes"}, {"sample_patients-0-name": "Somebody"}])
def test_a_save_with_a_change_renews_who_and_when(desk, shown, change):
    save(desk, shown, **change)
    stored = fresh(shown)
    assert (stored.published_by.username, stored.published_at > shown.published_at) == ("petra", True)


def test_line_breaks_as_browsers_send_them_are_no_change(desk, shown):
    change(shown, "Willing to give consent", text="Willing\nto give consent")
    fields = Form(desk.get(change_page(shown)).content.decode()).fields
    desk.post(change_page(shown), {name: [value.replace("\n", "\r\n") for value in values] for name, values in fields.items()})
    assert shown.criteria.last().text == "Willing\nto give consent"
    assert fresh(shown).published_at == shown.published_at


def test_answers_that_are_written_alike_are_no_change(desk, shown):
    SamplePatientFactory(trial=shown, name="Woman", answers={"age": 30, "sex": "female", "pregnant": True}, expect="fails")
    save(desk, shown)
    assert fresh(shown).published_at == shown.published_at


def test_a_published_trial_saved_unchanged_is_shown_on_and_what_speaks_against_it_is_told(desk, shown):
    change(shown, "Willing to give consent", gone_at_source=True)
    said = messages_of(save(desk, shown))
    assert "You changed nothing, and patients still see NCT20000001. But look at this: 1 criterion was changed at the registry" in said
    assert fresh(shown).published


def test_a_trial_is_withdrawn_by_its_page_and_by_the_list(desk, coordinator, shown):
    save(desk, shown, published="")
    assert (fresh(shown).published, fresh(shown).published_at, fresh(shown).published_by) == (False, None, None)
    save(desk, shown, published="on")
    assert seen_by_patients(shown)
    run(coordinator, "withdraw", shown)
    assert not seen_by_patients(shown)


def test_a_coordinator_who_changes_a_published_trial_hides_it_and_is_told_before_and_after(coordinator, shown):
    before = standing_of(coordinator.get(change_page(shown)))
    assert "Patients see it." in before
    assert "If you save a change, it is hidden until a publisher has looked at it and publishes it again." in before
    page = save(coordinator, shown, title="Another title")
    assert "NCT20000001 is saved and no longer shown to patients. A publisher has to look at it and publish it again." in messages_of(page)
    assert (fresh(shown).title, fresh(shown).published) == ("Another title", False)
    assert not seen_by_patients(shown)
    assert "Ask a publisher." in standing_of(coordinator.get(change_page(shown)))


def test_only_who_may_publish_has_the_box_to_tick(desk, coordinator, ready):
    has_box = ['name="published"' in person.get(change_page(ready)).content.decode() for person in (desk, coordinator)]
    assert has_box == [True, False]


def test_a_coordinator_who_changes_nothing_hides_nothing(coordinator, shown):
    page = save(coordinator, shown)
    assert "no longer shown" not in messages_of(page)
    assert (fresh(shown).published, fresh(shown).published_at) == (True, shown.published_at)


@pytest.mark.parametrize("group", [COORDINATOR, AUDITOR])
def test_who_may_not_publish_cannot_by_any_way(small_catalog, ready, group):
    desk = signed_in("carl", group)
    fields = Form(signed_in().get(change_page(ready)).content.decode()).fields | {"published": "on", "title": "Another title"}
    desk.post(change_page(ready), fields)
    run(desk, "publish", ready)
    desk.post("/admin/trials/trial/", {"action": "publish", "_selected_action": [ready.pk], "select_across": "1"})
    desk.post(f"{change_page(ready).removesuffix('change/')}propose/", {"publish": "on"})
    desk.post("/admin/trials/trial/add/", fields | {"nct_id": "NCT20000009"})
    assert not Trial.objects.filter(published=True, nct_id__startswith="NCT2").exists()
    assert (fresh(ready).title == "Another title") == (group == COORDINATOR), "the page itself was taken"


def test_expected_and_actual_verdicts_stand_side_by_side(desk, ready):
    SamplePatientFactory(trial=ready, name="Girl of 3", answers={"age": 3, "sex": "female"}, expect="unknown")
    SamplePatientFactory(trial=ready, name="Unreadable", answers={"aeg": 3}, expect="unknown")
    said = text_of(desk.get(change_page(ready)))
    assert "passes: as expected" in said
    assert "fails: NOT as expected" in said
    assert "unknown question 'aeg'; did you mean 'age'?: NOT as expected" in said


def test_sample_patients_whose_verdict_changes_are_named(desk, ready):
    SamplePatientFactory(trial=ready, name="Man of 20", answers={"age": 20, "sex": "male"}, expect="passes")
    said = messages_of(save(desk, ready, **{"criteria-0-rule": "age >= 25"}))
    assert "This changed the verdict on sample patients: Man of 20: passes → fails." in said
    assert "Man of 30" not in said.partition("Man of 20: passes → fails.")[0]


def test_a_verdict_that_stays_is_not_told(desk, ready):
    assert "This changed the verdict" not in messages_of(save(desk, ready, **{"criteria-0-rule": "age >= 30"}))


def test_patients_are_judged_by_the_new_rule_at_once(desk, shown):
    def limits() -> list[str]:
        trial = catalog.current().judged[shown.nct_id]
        return [str(criterion.text) for criterion in trial.criteria if criterion.rule]

    assert limits() == ["Aged 18 years or older", "Pregnant women"]
    save(desk, shown, **{"criteria-1-rule": "", "criteria-1-team_checks": "on"})
    assert limits() == ["Aged 18 years or older"]
