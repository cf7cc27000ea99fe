"""Four patients and what they know. A question that is not in a patient's table is answered with "I am not sure"."""

from __future__ import annotations

from dataclasses import dataclass

Answer = str | list[str]
"""A radio button's value; the values of checkboxes; a number, with its unit after a space where it is not the one on offer first."""

NONE: Answer = ["none_of_these"]


@dataclass(frozen=True)
class Patient:
    """One patient, or somebody who answers for them."""

    who: str
    area: str
    told: dict[str, Answer]
    slip: str
    """The question that is first sent without an answer."""
    change: tuple[str, Answer]
    """The answer to change from the check page."""
    shown: str
    """How the changed answer reads on the check page."""

    def answer(self, key: str) -> Answer | None:
        """The answer to a question; None is "I am not sure"."""
        return {"who": self.who, "area": self.area, **self.told}.get(key)


GRANDMOTHER = Patient(
    who="me",
    area="eye",
    told={
        "diagnosis": "amd_wet",
        "age": "68",
        "sex": "female",
        "active_wet_amd": ["left"],
        "right_eye_surgery": ["cataract_lens"],
        "left_eye_surgery": ["cataract_lens"],
        "events_6_months": NONE,
        "conditions_now": ["high_blood_pressure"],
        "harmful_eye_drugs": "no",
        "right_eye_letters": "80",
        "left_eye_letters": "55",
        "prior_gene_therapy": "no",
        "right_eye_conditions": ["dry_amd"],
        "left_eye_conditions": ["wet_amd"],
        "left_eye_shots": ["anti_vegf"],
        "right_eye_shots": NONE,
    },
    slip="age",
    change=("age", "70"),
    shown="70 years",
)

CHILD_WITH_LEUKEMIA = Patient(
    who="child",
    area="cancer",
    told={
        "diagnosis": "b_all",
        "age": "8",
        "sex": "female",
        "tumor_markers": ["cd19", "cd22"],
        "cells_possible": "yes",
        "transplants": NONE,
        "performance_score": "90",
        "oxygen_saturation": "98",
        "cancer_relapsed_or_refractory": "yes",
        "hepatitis_b": "never",
        "hepatitis_c": "never",
        "cancer_treatments": ["chemotherapy", "antibody"],
        "hiv": "no",
        "prior_gene_therapy": "no",
        "immune_deficiency": NONE,
        "infections_now": NONE,
        "steroids": "yes",
        "steroid_weeks": "3 months",
    },
    slip="who",
    change=("age", "108 months"),
    shown="108 months",
)

BOY_WITH_DUCHENNE = Patient(
    who="child",
    area="genetic",
    told={
        "diagnosis": "dmd",
        "age": "6",
        "sex": "male",
        "genetic_test_confirmed": "yes",
        "steroid_stable_weeks": "8 months",
        "infections_now": NONE,
        "vaccines_up_to_date": "yes",
        "mri_awake": "yes",
        "weight": "46.5 lb",
        "walking": "alone",
        "dmd_first_exon": "48",
        "dmd_last_exon": "50",
        "dmd_mutation": "deletion",
        "floor_rise_seconds": "4.5",
        "hemoglobin": "12.9",
        "prior_gene_therapy": "no",
        "prior_cell_therapy": "no",
        "dystrophin_drugs_6_months": NONE,
        "autoimmune": "never",
        "breathing_machine": NONE,
        "must_not_have": NONE,
        "serious_infection_4_weeks": "no",
        "hiv": "no",
    },
    slip="diagnosis",
    change=("age", "6.5"),
    shown="6.5 years",
)

MAN_WITH_HIV = Patient(
    who="me",
    area="hiv",
    told={
        "diagnosis": "hiv_without_blood_cancer",
        "age": "44",
        "sex": "male",
        "hiv_drugs": "now",
        "cd4": "620",
        "opportunistic_infection": "never",
        "hiv_type": "hiv_1",
        "performance_score": "100",
        "hiv_drugs_months": "6 years",
        "viral_load": "49",
        "cd4_lowest": "310",
        "infections_now": NONE,
        "hepatitis_b": "never",
        "hepatitis_c": "past",
        "hiv_drugs_same_weeks": "2 years",
        "hiv_regimens": "2",
        "hiv_drugs_failed": "no",
        "undetectable_months": "5 years",
        "hiv_vaccine": "no",
        "aids_cancer_last_year": "no",
    },
    slip="area",
    change=("age", "540 months"),
    shown="540 months",
)

PATIENTS = [CHILD_WITH_LEUKEMIA, GRANDMOTHER, BOY_WITH_DUCHENNE, MAN_WITH_HIV]
