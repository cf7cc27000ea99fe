"""A small catalog of eye disease, as the files that a coordinator would load: one question of each kind, and four trials."""

from pathlib import Path

import pytest

from tests.rows import everything
from trials import services
from trials.files import FileError

QUESTIONS = """\
- key: diagnosis
  kind: choice
  text: Which condition do you have?
  child_text: Which condition does your child have?
  help: Choose the closest one.
  choices:
  - {key: rp, label: Retinitis pigmentosa, areas: [eye]}
  - {key: rp_x_linked, label: X-linked retinitis pigmentosa, parent: rp, areas: [eye]}
  - {key: rp_usher, label: Usher syndrome, parent: rp, areas: [eye]}
  - {key: stargardt, label: Stargardt disease, areas: [eye]}
  - {key: hemophilia, label: Hemophilia, areas: [genetic]}
  order: 1
- key: age
  kind: number
  text: How old are you?
  child_text: How old is your child?
  unit: years
  units: {months: 1/12}
  min: 0
  max: 120
  order: 2
- key: sex
  kind: choice
  text: Which sex were you recorded as at birth?
  child_text: Which sex was your child recorded as at birth?
  choices:
  - {key: female, label: Female}
  - {key: male, label: Male}
  order: 3
- key: pregnant
  kind: yes_no
  text: Are you pregnant?
  child_text: Is your child pregnant?
  why: The treatment could harm a baby.
  ask_if: sex is female
  otherwise: no
  sensitive: true
  order: 4
- key: weight
  kind: number
  text: How much do you weigh?
  child_text: How much does your child weigh?
  why: The dose depends on it.
  unit: kg
  units: {lb: 0.45359237}
  min: 1
  max: 400
  source: records
  order: 5
- key: antibodies
  kind: number
  text: What is your antibody level?
  child_text: What is your child’s antibody level?
  help: Antibodies can stop the vector. A blood test shows the level.
  unit: titer
  min: 0
  source: antibody_test
  order: 6
- key: treatments
  kind: choices
  text: Which treatments have you had?
  child_text: Which treatments has your child had?
  choices:
  - {key: injection, label: An injection into the eye}
  - {key: gene_injection, label: A gene therapy injected into the eye, parent: injection}
  - {key: surgery, label: Eye surgery}
  order: 7
- key: visits
  kind: yes_no
  text: Can you come to visits?
  child_text: Can your child come to visits?
  order: 8
"""

TRIAL = """\
nct_id: {number}
title: {title}
condition_areas: [{area}]
conditions: [rp]
status: {status}
source: invented for a test
as_of: 2026-11-01
published: {published}
"""

FIRST = (
    TRIAL.format(number="NCT10000001", title="A working gene for one eye", area="eye", status="RECRUITING", published="true")
    + """\
summary: A vector carries a working gene under the retina.
approach: gene_addition
delivery: in_vivo
genes: [RPGR]
phase: [PHASE1, PHASE2]
sites: [{facility: Eye Clinic, city: Boston, country: United States}]
contact: {name: Ana Núñez, phone: 555 0100, email: ana@example.org}
follow_up_years: 5
criteria:
- inclusion: Has X-linked retinitis pigmentosa
  plain: You have X-linked retinitis pigmentosa
  rule: diagnosis is rp_x_linked
- inclusion: Aged 18 years or older
  rule: age >= 18
- inclusion: Weighs 40 kg to 100 kg
  rule: weight between 40 and 100
- exclusion: Pregnant
  rule: pregnant is yes
- exclusion: Antibodies to the vector above 1:100
  rule: antibodies > 100
- exclusion: Earlier gene therapy of the eye
  rule: treatments includes gene_injection
- inclusion: The retina can be treated in the view of the investigator
sample_patients:
- name: Man of 30
  answers: {diagnosis: rp_x_linked, age: 30, sex: male, weight: 70, antibodies: 0, treatments: []}
  expect: passes
- name: Boy of 17
  answers: {age: 17}
  expect: fails
"""
)

SECOND = (
    TRIAL.format(number="NCT10000002", title="Two doses for retinitis pigmentosa", area="eye", status="NOT_YET_RECRUITING", published="true")
    + """\
cohorts: [Adults, Children]
criteria:
- inclusion: Any retinitis pigmentosa
  rule: diagnosis is rp
- inclusion: Adult
  rule: age >= 18
  cohort: Adults
- inclusion: Child of 6 to 17 years
  rule: age >= 6 and age < 18
  cohort: Children
- inclusion: Can come to the visits
  rule: visits is yes
"""
)

INCOMPLETE = (
    TRIAL.format(number="NCT10000003", title="A trial whose record is cut short", area="eye", status="UNKNOWN", published="true")
    + """\
criteria_complete: false
criteria:
- inclusion: Stargardt disease
  rule: diagnosis is stargardt
"""
)

CLOSED = (
    TRIAL.format(number="NCT10000004", title="A trial that is closed", area="eye", status="COMPLETED", published="true")
    + """\
criteria:
- inclusion: Any age
  rule: age >= 0
"""
)

UNPUBLISHED = (
    TRIAL.format(number="NCT10000005", title="A trial still in the drawer", area="eye", status="RECRUITING", published="false")
    + """\
criteria:
- inclusion: Any age
  rule: age >= 0
"""
)

ELSEWHERE = (
    TRIAL.format(number="NCT10000006", title="A trial of hemophilia", area="genetic", status="RECRUITING", published="true")
    + """\
criteria:
- inclusion: Hemophilia
  rule: diagnosis is hemophilia
"""
)

THERAPY = """\
- brand: Oldvision
  generic: voretigene oldovec
  condition: Usher syndrome
  conditions: [rp_usher]
  area: eye
  source: invented for a test
  as_of: 2026-11-01
"""


def write(folder: Path, **files: str) -> Path:
    """Writes each text as a YAML file of that name, and gives the folder."""
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


def load(folder: Path, **files: str) -> None:
    """Loads these texts as files."""
    services.load_files(paths=[write(folder, **files)])


def load_small(folder: Path) -> None:
    """Loads the small catalog."""
    load(folder, questions=QUESTIONS, t1=FIRST, t2=SECOND, t3=INCOMPLETE, t4=CLOSED, t5=UNPUBLISHED, t6=ELSEWHERE, therapies=THERAPY)


def refusal(path: Path) -> str:
    """What is said when this file or folder is loaded. Fails where it is accepted, or where anything was saved all the same."""
    before = everything()
    with pytest.raises(FileError) as caught:
        services.load_files(paths=[path])
    assert everything() == before
    return str(caught.value)
