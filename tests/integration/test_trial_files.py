"""Trial and therapy files: what they say is what is stored, and a trial loaded again is replaced whole."""

from datetime import date
from decimal import Decimal

import pytest

from trials.models import ApprovedTherapy, Cohort, Criterion, SamplePatient, Trial

from .small import FIRST, SECOND, THERAPY, TRIAL, load

pytestmark = pytest.mark.django_db

SHORT = TRIAL.format(number="NCT20000001", title="A short trial", area="eye", status="RECRUITING", published="false") + "criteria:\n- inclusion: Anybody\n"


def stored(number: str = "NCT10000001") -> Trial:
    """The trial as the database has it."""
    return Trial.objects.get(nct_id=number)


def test_every_field_of_a_trial_is_stored(small_catalog):
    trial = stored()
    assert (trial.title, trial.summary) == ("A working gene for one eye", "A vector carries a working gene under the retina.")
    assert (trial.approach, trial.delivery, trial.genes, trial.phase) == ("gene_addition", "in_vivo", ["RPGR"], ["PHASE1", "PHASE2"])
    assert (trial.status, trial.source, trial.as_of) == ("RECRUITING", "invented for a test", date(2026, 11, 1))
    assert (trial.contact_name, trial.contact_phone, trial.contact_email) == ("Ana Núñez", "555 0100", "ana@example.org")
    assert (trial.follow_up_years, trial.published, trial.criteria_complete) == (5, True, True)
    assert [area.slug for area in trial.areas.all()] == ["eye"]
    assert [condition.key for condition in trial.conditions.all()] == ["rp"]
    assert [str(site) for site in trial.sites.all()] == ["Eye Clinic, Boston, United States"]


def test_criteria_keep_their_order_kind_and_rule(small_catalog):
    rows = stored().criteria.all()
    assert [row.text for row in rows][:3] == ["Has X-linked retinitis pigmentosa", "Aged 18 years or older", "Weighs 40 kg to 100 kg"]
    assert [row.kind for row in rows] == ["inclusion"] * 3 + ["exclusion"] * 3 + ["inclusion"]
    assert (rows[0].plain, rows[0].rule) == ("You have X-linked retinitis pigmentosa", "diagnosis is rp_x_linked")
    assert rows[6].rule == "", "a criterion without a rule is left to the study team"


def test_criteria_of_a_cohort_belong_to_it(small_catalog):
    trial = stored("NCT10000002")
    assert [cohort.name for cohort in trial.cohorts.all()] == ["Adults", "Children"]
    assert [row.cohort and row.cohort.name for row in trial.criteria.all()] == [None, "Adults", "Children", None]


def test_sample_patients_are_kept_with_the_verdict_to_expect(small_catalog):
    assert [(patient.name, patient.expect) for patient in stored().sample_patients.all()] == [("Man of 30", "passes"), ("Boy of 17", "fails")]
    assert stored().sample_patients.last().answers == {"age": 17}


def test_ages_for_the_listing_come_from_the_criteria_common_to_all(small_catalog):
    assert (stored().min_age, stored().max_age) == (18, None)
    assert (stored("NCT10000002").min_age, stored("NCT10000002").max_age) == (None, None)


def test_ages_in_other_units_are_listed_in_years(small_catalog, tmp_path):
    load(tmp_path, trial=SHORT + "  rule: age between 6 months and 12\n")
    assert (stored("NCT20000001").min_age, stored("NCT20000001").max_age) == (Decimal("0.5"), 12)


def test_what_is_left_out_has_its_default(small_catalog, tmp_path):
    load(tmp_path, trial=SHORT.replace("published: false\n", "").replace("conditions: [rp]\n", ""))
    trial = stored("NCT20000001")
    assert (trial.published, trial.criteria_complete) == (False, True)
    assert (trial.summary, trial.approach, trial.genes, trial.phase, trial.sex, trial.follow_up_years) == ("", "", [], [], "", None)


@pytest.mark.parametrize(("written", "kept"), [("RECRUITING", "RECRUITING"), ("Active, not recruiting", "ACTIVE_NOT_RECRUITING"), ("unknown", "UNKNOWN")])
def test_a_status_is_taken_as_the_registry_or_its_web_page_writes_it(written, kept, small_catalog, tmp_path):
    load(tmp_path, trial=SHORT.replace("status: RECRUITING", f"status: {written}"))
    assert stored("NCT20000001").status == kept


def test_conditions_are_found_by_key_or_by_label_and_others_kept_as_words(small_catalog, tmp_path):
    load(tmp_path, trial=SHORT.replace("conditions: [rp]", "conditions: [rp, Stargardt Disease, Something rare]"))
    trial = stored("NCT20000001")
    assert {condition.key for condition in trial.conditions.all()} == {"rp", "stargardt"}
    assert trial.condition_names == ["Something rare"]


def test_several_trials_may_stand_in_one_file(small_catalog, tmp_path):
    load(tmp_path, trials=SHORT + "---\n" + SHORT.replace("NCT20000001", "NCT20000002"))
    assert Trial.objects.filter(nct_id__startswith="NCT2000").count() == 2


def test_a_trial_and_the_questions_of_its_rules_may_come_together(db, tmp_path):
    load(tmp_path, a_trial=SHORT + "  rule: fever is no\n", questions="- {key: fever, kind: yes_no, text: Fever}")
    assert stored("NCT20000001").criteria.get().rule == "fever is no"


def test_sample_answers_may_use_a_bare_yes_no_null_ranges_and_units(small_catalog, tmp_path):
    answers = "{visits: yes, pregnant: no, age: null, weight: {min: 90, max: 100, unit: lb}, treatments: []}"
    load(tmp_path, trial=SHORT + f"sample_patients:\n- {{name: Ann, answers: {answers}, expect: unknown}}\n")
    assert SamplePatient.objects.get(name="Ann").answers == {
        "visits": True,
        "pregnant": False,
        "age": None,
        "weight": {"min": 90, "max": 100, "unit": "lb"},
        "treatments": [],
    }


def test_a_trial_loaded_again_has_its_new_parts_only(small_catalog, tmp_path):
    before = stored().pk
    load(tmp_path, again=SECOND.replace("NCT10000002", "NCT10000001"))
    trial = stored()
    assert trial.pk == before
    assert trial.title == "Two doses for retinitis pigmentosa"
    assert [cohort.name for cohort in trial.cohorts.all()] == ["Adults", "Children"]
    assert trial.criteria.count() == 4
    assert not trial.sites.exists()
    assert not trial.sample_patients.exists()
    assert Cohort.objects.count() == 4, "two of this trial and two of the one copied"
    assert Criterion.objects.filter(text="Pregnant").count() == 0


@pytest.mark.parametrize(
    "name", ["summary", "approach", "delivery", "genes", "phase", "sex", "follow_up_years", "contact_name", "contact_phone", "contact_email"]
)
def test_a_trial_loaded_again_loses_what_its_new_file_leaves_out(name, small_catalog, tmp_path):
    Trial.objects.filter(nct_id="NCT10000001").update(sex="MALE")
    assert getattr(stored(), name)
    load(tmp_path, again=SECOND.replace("NCT10000002", "NCT10000001"))
    assert not getattr(stored(), name)


def test_the_same_file_twice_changes_nothing(small_catalog, tmp_path):
    load(tmp_path, first=FIRST)
    assert Trial.objects.count() == 6
    assert stored().criteria.count() == 7


def test_every_field_of_a_therapy_is_stored(small_catalog):
    therapy = ApprovedTherapy.objects.get()
    assert (therapy.brand, therapy.generic, therapy.condition) == ("Oldvision", "voretigene oldovec", "Usher syndrome")
    assert (therapy.area.slug, therapy.source, therapy.as_of, therapy.withdrawn) == ("eye", "invented for a test", date(2026, 11, 1), False)
    assert [condition.key for condition in therapy.conditions.all()] == ["rp_usher"]


def test_a_therapy_loaded_again_is_replaced(small_catalog, tmp_path):
    load(tmp_path, again=THERAPY + "  withdrawn: true\n  year_approved: 2019\n")
    therapy = ApprovedTherapy.objects.get()
    assert (therapy.withdrawn, therapy.year_approved) == (True, 2019)
