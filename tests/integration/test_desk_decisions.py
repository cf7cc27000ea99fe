"""What a coordinator decides about criteria, suggested facts and the registry's changes: only what was ticked happens, and nothing else is lost."""

import pytest

from tests.factories import CohortFactory, CriterionFactory, TrialFactory
from trials.models import Criterion, Trial

from .desk import AGE, CONSENT, MEN, PREGNANT, decided, messages_of, signed_in, standing_of, trial_to_do
from .patients import text_of
from .registry_records import GLAUCOMA, STEROIDS, bring, eligibility, study
from .registry_records import trial as imported
from .test_admin import change_page, fresh, save

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(small_catalog):
    """The desk of somebody who may publish."""
    return signed_in()


@pytest.fixture
def trial(small_catalog) -> Trial:
    """A trial whose criteria are all to do."""
    return trial_to_do()


TO_DO = {AGE: "to_do", PREGNANT: "to_do", MEN: "to_do", CONSENT: "to_do"}


def test_a_suggestion_never_lands_in_a_rule_by_itself(desk, trial):
    page = desk.get(change_page(trial))
    assert text_of(page).count("Suggested:") == 2
    save(desk, trial, title="Another title")
    assert decided(trial) == TO_DO
    assert not Criterion.objects.exclude(rule="").filter(trial=trial).exists()


def test_a_ticked_suggestion_becomes_the_rule_of_its_criterion_alone(desk, trial):
    save(desk, trial, **{"criteria-1-use_suggestion": "on"})
    assert decided(trial) == TO_DO | {PREGNANT: "pregnant is yes"}


def test_all_suggestions_are_used_at_once_and_counted(desk, trial):
    assert "Use all suggested rules (2 criteria)" in standing_of(desk.get(change_page(trial)))
    assert "2 suggested rules are in place." in messages_of(save(desk, trial, use_all_rules="on"))
    assert decided(trial) == TO_DO | {AGE: "age >= 18", PREGNANT: "pregnant is yes"}


def test_a_suggestion_that_nobody_was_shown_is_not_among_all(desk, trial):
    new = {"criteria-TOTAL_FORMS": "5", "criteria-4-kind": "inclusion", "criteria-4-text": "Body weight of at least 40 kg"}
    page = save(desk, trial, use_all_rules="on", **{"criteria-0-text": "Age 21 years or older", **new})
    assert "1 suggested rule is in place." in messages_of(page)
    assert decided(trial) == {
        "Age 21 years or older": "to_do",
        PREGNANT: "pregnant is yes",
        MEN: "to_do",
        CONSENT: "to_do",
        "Body weight of at least 40 kg": "to_do",
    }


def test_a_dismissed_suggestion_stays_away(desk, trial):
    save(desk, trial, **{"criteria-0-dismiss_suggestion": "on"})
    assert text_of(save(desk, trial, title="Another title")).count("Suggested:") == 0
    assert text_of(desk.get(change_page(trial))).count("Suggested:") == 1
    save(desk, trial, use_all_rules="on")
    assert decided(trial) == TO_DO | {PREGNANT: "pregnant is yes"}


def test_a_rule_of_ones_own_and_a_ticked_suggestion_are_refused_together(desk, trial):
    page = save(desk, trial, **{"criteria-0-rule": "age >= 21", "criteria-0-use_suggestion": "on"})
    assert "You wrote a rule and ticked the suggested one too." in text_of(page)
    assert "age &gt;= 21</textarea>" in page.content.decode()
    assert decided(trial) == TO_DO


def test_criteria_are_left_to_the_study_team_one_by_one(desk, trial):
    assert "Looks like one for them: consent" in text_of(desk.get(change_page(trial)))
    save(desk, trial, **{"criteria-3-team_checks": "on"})
    assert decided(trial) == TO_DO | {CONSENT: "study_team"}


def test_all_the_rest_is_left_to_the_study_team_but_never_what_is_of_unclear_kind(desk, trial):
    page = save(desk, trial, leave_rest="on", **{"criteria-0-use_suggestion": "on"})
    assert "2 criteria are left to the study team." in messages_of(page)
    assert decided(trial) == {AGE: "age >= 18", PREGNANT: "study_team", MEN: "to_do", CONSENT: "study_team"}


def test_suggested_rules_go_before_what_is_left_to_the_study_team(desk, trial):
    save(desk, trial, use_all_rules="on", leave_rest="on")
    assert decided(trial) == {AGE: "age >= 18", PREGNANT: "pregnant is yes", MEN: "to_do", CONSENT: "study_team"}


def test_a_rule_takes_a_criterion_back_from_the_study_team(desk, trial):
    save(desk, trial, **{"criteria-0-team_checks": "on"})
    save(desk, trial, **{"criteria-0-rule": "age >= 18"})
    assert (decided(trial)[AGE], trial.criteria.first().team_checks) == ("age >= 18", False)


def test_a_criterion_with_a_rule_is_not_left_to_the_study_team_unseen(desk, trial):
    save(desk, trial, **{"criteria-0-rule": "age >= 18"})
    page = save(desk, trial, **{"criteria-0-team_checks": "on"})
    assert "Take the rule out to leave it to the study team." in text_of(page)
    save(desk, trial, **{"criteria-0-team_checks": "on", "criteria-0-rule": ""})
    assert decided(trial)[AGE] == "study_team"


def test_a_rule_for_a_criterion_of_unclear_kind_is_refused_beside_the_kind(desk, trial):
    page = save(desk, trial, **{"criteria-2-rule": "sex is male"})
    [errors] = [form.errors for inline in page.context["inline_admin_formsets"] for form in inline.formset.forms if form.errors]
    assert errors == {"kind": ["Choose inclusion or exclusion first: the same rule means the opposite in the other."]}
    assert decided(trial) == TO_DO
    save(desk, trial, **{"criteria-2-rule": "sex is male", "criteria-2-kind": "inclusion"})
    assert decided(trial)[MEN] == "sex is male"


def settled_import(desk) -> Trial:
    """A trial from a record, each of its three criteria settled."""
    bring(study(text=eligibility(inclusion=[AGE])))
    save(desk, imported(), leave_rest="on", areas=["1"], **{"criteria-0-use_suggestion": "on"})
    assert decided(imported()) == {AGE: "age >= 18", GLAUCOMA: "study_team", STEROIDS: "study_team"}
    return imported()


def test_a_line_changed_at_the_registry_is_settled_with_its_rule_kept(desk):
    trial = settled_import(desk)
    bring(study(text=eligibility(inclusion=["Age 21 years or older"]), day="2026-10-05"))
    page = desk.get(change_page(trial))
    assert "The registry changed this line. Before: Age 18 years or older" in text_of(page)
    assert "Suggested: age >= 21" in text_of(page), "the rule may not fit any more"
    save(desk, trial, title="Another title")
    assert trial.criteria.first().state == "review", "saving is not looking"
    save(desk, trial, **{"criteria-0-reviewed": "on"})
    assert decided(trial)["Age 21 years or older"] == "age >= 18"


def test_the_suggestion_for_a_changed_line_takes_the_place_of_the_rule(desk):
    trial = settled_import(desk)
    bring(study(text=eligibility(inclusion=["Age 21 years or older"]), day="2026-10-05"))
    save(desk, trial, **{"criteria-0-reviewed": "on", "criteria-0-use_suggestion": "on"})
    assert decided(trial)["Age 21 years or older"] == "age >= 21"


def test_a_line_gone_at_the_registry_is_kept_when_somebody_has_looked(desk):
    trial = settled_import(desk)
    bring(study(text=eligibility(inclusion=[AGE], exclusion=[GLAUCOMA]), day="2026-10-05"))
    assert decided(trial)[STEROIDS] == "review"
    assert "The registry record no longer has this line." in text_of(desk.get(change_page(trial)))
    save(desk, trial, **{"criteria-2-reviewed": "on"})
    assert decided(trial)[STEROIDS] == "study_team"


FACTS = (
    ("areas", "genetic"),
    ("conditions", "stargardt"),
    ("approach", "gene_addition"),
    ("delivery", "in_vivo"),
    ("vector", "AAV8"),
    ("genes", "ABCA4"),
)


def suggesting(*facts) -> Trial:
    """A trial of the eye whose record suggests these facts."""
    return TrialFactory(areas=["eye"], published=False, suggestions=[{"field": field, "value": value, "because": f"it says {value}"} for field, value in facts])


def facts_of(trial: Trial) -> tuple:
    trial = fresh(trial)
    areas, conditions = (sorted(rows.values_list("pk", flat=True)) for rows in (trial.areas, trial.conditions))
    return len(areas), len(conditions), trial.approach, trial.delivery, trial.vector, trial.genes


@pytest.mark.parametrize(
    ("place", "wanted"),
    [
        (0, (2, 0, "", "", "", [])),
        (1, (1, 1, "", "", "", [])),
        (2, (1, 0, "gene_addition", "", "", [])),
        (3, (1, 0, "", "in_vivo", "", [])),
        (4, (1, 0, "", "", "AAV8", [])),
        (5, (1, 0, "", "", "", ["ABCA4"])),
    ],
)
def test_only_the_ticked_fact_is_taken_over(desk, place, wanted):
    trial = suggesting(*FACTS)
    save(desk, trial, facts=[":".join(FACTS[place])])
    assert facts_of(trial) == wanted
    left = text_of(desk.get(change_page(trial)))
    assert [f"it says {value}" in left for _field, value in FACTS] == [other != place for other in range(len(FACTS))]


def test_all_facts_are_taken_over_at_once(desk):
    trial = suggesting(*FACTS)
    save(desk, trial, use_all_facts="on")
    assert facts_of(trial) == (2, 1, "gene_addition", "in_vivo", "AAV8", ["ABCA4"])


def test_facts_that_are_not_right_are_dismissed_and_doubts_are_not(desk):
    trial = suggesting(*FACTS, ("doubt", ""), ("follows_earlier", ""))
    save(desk, trial, facts=["genes:ABCA4"], dismiss_facts="on")
    assert facts_of(trial) == (1, 0, "", "", "", ["ABCA4"])
    said = text_of(desk.get(change_page(trial)))
    assert "The record suggests these facts" not in said
    assert "Not a gene therapy?" in said
    assert "Only follows earlier participants?" in said
    save(desk, trial, settle_doubts="on")
    assert "Not a gene therapy?" not in text_of(desk.get(change_page(trial)))


def test_two_values_for_one_field_are_refused(desk):
    trial = suggesting(("vector", "AAV8"), ("vector", "AAV9"))
    assert "the record suggests several. Tick one." in text_of(save(desk, trial, use_all_facts="on"))
    save(desk, trial, facts=["vector:AAV9"])
    assert fresh(trial).vector == "AAV9"


def test_what_somebody_wrote_goes_before_a_ticked_fact(desk):
    trial = suggesting(("vector", "AAV8"))
    save(desk, trial, facts=["vector:AAV8"], vector="AAV2")
    assert fresh(trial).vector == "AAV2"


def test_the_doubt_about_a_record_is_shown(desk):
    bring(study(title="Vitamin tablets for dull eyes"))
    Trial.objects.update(suggestions=[{"field": "doubt", "value": "", "because": "no gene is named"}])
    assert "Not a gene therapy? no gene is named" in standing_of(desk.get(change_page(imported())))


def by_hand(desk) -> Trial:
    """A listing made by hand that shows one line of a record of four, two of which are of a cohort."""
    trial = TrialFactory(nct_id="NCT30000001", title="My title", sponsor="My sponsor", published=False, as_of="2026-09-01")
    CriterionFactory(trial=trial, text="Has glaucoma in either eye", kind="exclusion", rule="", team_checks=True, order=5)
    CohortFactory(trial=trial, name="Cohort A")
    bring(study(text=eligibility(inclusion=[AGE], exclusion=[GLAUCOMA], cohorts={"Cohort A": ["Fears no doctors"], "Cohort B": [AGE]})))
    return fresh(trial)


def test_changes_at_the_registry_are_shown_in_words_and_go_when_they_are_seen(desk):
    trial = by_hand(desk)
    said = standing_of(desk.get(change_page(trial)))
    assert "Sponsor : before: My sponsor → now: Lantern House (yours is kept)" in said
    save(desk, trial, title="Another title")
    assert fresh(trial).differences
    save(desk, trial, differences_seen="on")
    assert [one["field"] for one in fresh(trial).differences] == ["criteria"], "a line of the record is not lost by looking at a sponsor"


def test_lines_of_the_record_are_added_once_and_in_order_with_their_cohorts(desk):
    trial = by_hand(desk)
    for _twice in range(2):
        save(desk, trial, add_lines="on")
    rows = [(row.text, row.kind, str(row.cohort or ""), row.state) for row in Criterion.objects.filter(trial=trial)]
    assert rows == [
        ("Has glaucoma in either eye", "exclusion", "", "study_team"),
        (AGE, "inclusion", "", "to_do"),
        ("Fears no doctors", "inclusion", "Cohort A", "to_do"),
        (AGE, "inclusion", "Cohort B", "to_do"),
    ]
    assert "like none of the criteria below" not in standing_of(desk.get(change_page(trial)))


def test_a_line_that_has_its_criterion_is_not_added_again(desk):
    trial = TrialFactory(nct_id="NCT30000001", published=False, as_of="2026-09-01")
    CriterionFactory(trial=trial, text=AGE, team_checks=True)
    bring(study(text=eligibility(inclusion=[AGE], exclusion=[], cohorts={"Cohort B": [AGE]})))
    save(desk, trial, add_lines="on")
    assert sorted((row.text, str(row.cohort or "")) for row in Criterion.objects.filter(trial=trial)) == [(AGE, ""), (AGE, "Cohort B")]


def test_lines_that_the_listing_says_in_other_words_are_left_out(desk):
    trial = by_hand(desk)
    assert "You ticked both." in text_of(save(desk, trial, add_lines="on", drop_lines="on"))
    save(desk, trial, drop_lines="on")
    assert Criterion.objects.filter(trial=trial).count() == 1
    assert "criteria" not in [one["field"] for one in fresh(trial).differences]
