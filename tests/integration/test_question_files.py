"""Question files: what they say is what is stored."""

from fractions import Fraction

import pytest

from trials import catalog
from trials.eligibility.questions import Source
from trials.models import Condition, Question

from .small import load, write

pytestmark = pytest.mark.django_db

FULL = """\
- key: viral_load
  kind: number
  text: What is your viral load?
  child_text: What is your child’s viral load?
  help: Copies of the virus in your blood.
  why: Some trials need it low.
  unit: copies/mL
  units: {copies/mL: 1, thousands: 1000, per liter: 1/1000}
  min: 0
  max: 10000000
  areas: [hiv, cancer]
  sensitive: true
  source: blood_test
  ask_if: tested is yes
  otherwise: {max: 49}
  order: 7
  changes: may_change
- {key: tested, kind: yes_no, text: "Have you been tested?"}
"""


def test_every_field_of_a_question_is_stored(tmp_path):
    load(tmp_path, full=FULL)
    row = Question.objects.get(key="viral_load")
    assert (row.kind, row.unit, row.sensitive, row.source, row.order) == ("number", "copies/mL", True, Source.BLOOD_TEST, 7)
    assert row.changes == "may_change"
    assert row.text == "What is your viral load?"
    assert row.child_text == "What is your child’s viral load?"
    assert row.help == "Copies of the virus in your blood."
    assert row.why == "Some trials need it low."
    assert (row.min, row.max) == (0, 10_000_000)
    assert (row.ask_if, row.otherwise) == ("tested is yes", {"max": 49})
    assert sorted(area.slug for area in row.areas.all()) == ["cancer", "hiv"]


def test_units_are_kept_exactly(tmp_path):
    load(tmp_path, full=FULL)
    assert catalog.current().questionnaire["viral_load"].units == {"copies/mL": 1, "thousands": 1000, "per liter": Fraction(1, 1000)}


def test_what_is_left_out_has_its_default(tmp_path):
    load(tmp_path, short="- {key: fever, kind: yes_no, text: 'Do you have a fever?'}")
    row = Question.objects.get()
    assert (row.child_text, row.help, row.why, row.unit, row.units, row.min, row.max) == ("", "", "", "", {}, None, None)
    assert (row.sensitive, row.source, row.ask_if, row.otherwise, row.order, row.changes) == (False, "patient", "", None, 0, "")
    assert not row.areas.exists(), "no area means all areas"


def test_choices_keep_their_order_and_their_tree(tmp_path):
    load(
        tmp_path,
        choices="""\
- key: treatments
  kind: choices
  text: Which treatments have you had?
  choices:
  - {key: z_cells, label: Cells}
  - {key: car_t, label: CAR T cells, parent: z_cells}
  - {key: "1", label: Something with a number for its key}
""",
    )
    assert [(choice.key, choice.label, choice.parent) for choice in Question.objects.get().choices.all()] == [
        ("z_cells", "Cells", ""),
        ("car_t", "CAR T cells", "z_cells"),
        ("1", "Something with a number for its key", ""),
    ]


def test_the_choices_of_diagnosis_are_the_conditions(tmp_path):
    load(
        tmp_path,
        tree="""\
- key: diagnosis
  kind: choice
  text: Which condition do you have?
  choices:
  - {key: dlbcl, label: Diffuse large B-cell lymphoma, parent: lymphoma, areas: [cancer], help: The most common one., synonyms: [DLBCL]}
  - {key: lymphoma, label: Lymphoma, areas: [cancer]}
  - {key: anything, label: Something in all areas}
""",
    )
    dlbcl = Condition.objects.get(key="dlbcl")
    assert (dlbcl.label, dlbcl.parent.key, dlbcl.help, dlbcl.synonyms) == ("Diffuse large B-cell lymphoma", "lymphoma", "The most common one.", ["DLBCL"])
    assert [area.slug for area in dlbcl.areas.all()] == ["cancer"]
    assert Condition.objects.get(key="anything").areas.count() == 4
    assert not Question.objects.get().choices.exists()
    assert catalog.current().questionnaire["diagnosis"].kinds["lymphoma"] == {"lymphoma", "dlbcl"}


@pytest.mark.parametrize(("written", "read"), [("yes", True), ("no", False), ('"no"', "no"), ("null", None)])
def test_a_bare_yes_or_no_is_an_answer(written, read, tmp_path):
    load(
        tmp_path,
        questions=f"""\
- {{key: sick, kind: yes_no, text: "Are you sick?"}}
- {{key: fever, kind: yes_no, text: "Do you have a fever?", ask_if: sick is yes, otherwise: {written}}}
""",
    )
    assert Question.objects.get(key="fever").otherwise is read or Question.objects.get(key="fever").otherwise == read


@pytest.mark.parametrize(("written", "bound"), [("0.5", Fraction(1, 2)), ("1/4", Fraction(1, 4)), ("-3", Fraction(-3)), ('"7"', Fraction(7))])
def test_bounds_are_decimals_or_fractions(written, bound, tmp_path):
    load(tmp_path, questions=f"- {{key: fever, kind: number, text: 'How high is it?', unit: degrees, min: {written}}}")
    assert catalog.current().questionnaire["fever"].min == bound


def test_questions_may_stand_in_any_order_and_in_several_files(tmp_path):
    load(
        tmp_path,
        a="- {key: fever, kind: yes_no, text: 'Do you have a fever?', ask_if: sick is yes}",
        b="- {key: cough, kind: yes_no, text: 'Do you cough?'}\n---\n- {key: sick, kind: yes_no, text: 'Are you sick?'}",
    )
    assert set(catalog.current().questionnaire) == {"fever", "cough", "sick"}


def test_files_are_found_in_folders_of_folders_by_either_ending(tmp_path):
    inner = tmp_path / "inner"
    inner.mkdir()
    write(inner, a="- {key: fever, kind: yes_no, text: 'Do you have a fever?'}")
    (tmp_path / "b.yml").write_text("- {key: cough, kind: yes_no, text: 'Do you cough?'}", encoding="utf-8")
    (tmp_path / "notes.txt").write_text("- not a question", encoding="utf-8")
    load(tmp_path)
    assert set(catalog.current().questionnaire) == {"fever", "cough"}


def test_an_empty_file_adds_nothing(tmp_path):
    load(tmp_path, empty="", comment="# nothing yet\n")
    assert not Question.objects.exists()


def test_letters_of_all_languages_are_kept(tmp_path):
    load(tmp_path, spanish="- {key: fiebre, kind: yes_no, text: '¿Tiene fiebre? 発熱', help: Más de 38 °C}")
    assert Question.objects.get().text == "¿Tiene fiebre? 発熱"


def test_loading_again_replaces_the_words_and_adds_to_choices_and_units(tmp_path):
    write(tmp_path, q="- {key: eye, kind: choice, text: 'Which eye?', choices: [{key: left, label: Left}, {key: right, label: Right}]}")
    load(tmp_path)
    load(tmp_path, q="- {key: eye, kind: choice, text: 'Which eye is worse?', choices: [{key: both, label: Both}, {key: left, label: The left one}]}")
    assert Question.objects.get().text == "Which eye is worse?"
    assert {choice.key: choice.label for choice in Question.objects.get().choices.all()} == {"both": "Both", "left": "The left one", "right": "Right"}
