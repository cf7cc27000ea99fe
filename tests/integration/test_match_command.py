"""``manage.py match``: the JSON that other programs rely on, and one clear line for each thing that can be wrong."""

import json
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from .small import TRIAL, load

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small_catalog")]

FITS_FIRST = {"diagnosis": "rp_x_linked", "age": 30, "sex": "male", "weight": 70, "antibodies": 0, "treatments": []}


@pytest.fixture
def match(tmp_path):
    """Runs the command on these answers and gives the JSON that it prints."""

    def run(answers: dict | None = None, area: str | None = "eye") -> dict:
        return json.loads(output_of(file_of(tmp_path, {"condition_area": area, "answers": answers or {}}), "--json"))

    return run


def file_of(folder: Path, content: object) -> str:
    """The path of a new answers file."""
    path = folder / "answers.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return str(path)


def output_of(*arguments: str) -> str:
    """What the command prints."""
    out = StringIO()
    call_command("match", *arguments, stdout=out)
    return out.getvalue()


def trial_of(found: dict, number: str) -> dict:
    """One trial of the output."""
    return next(trial for trial in found["trials"] if trial["nct_id"] == number)


def verdict_on(found: dict, text: str, number: str = "NCT10000001") -> str:
    """The verdict on the criterion with this text."""
    return next(criterion["verdict"] for criterion in trial_of(found, number)["criteria"] if criterion["text"] == text)


def test_the_whole_output_for_one_trial(match):
    found = match({"diagnosis": "hemophilia"}, area="genetic")
    assert found == {
        "condition_area": "genetic",
        "trials": [
            {
                "nct_id": "NCT10000006",
                "title": "A trial of hemophilia",
                "verdict": "passes",
                "cohort": None,
                "criteria": [
                    {
                        "kind": "inclusion",
                        "text": "Hemophilia",
                        "rule": "diagnosis is hemophilia",
                        "cohort": None,
                        "verdict": "passes",
                        "because": ["diagnosis"],
                        "explanation": "Fits what you told us: Which condition do you have? Hemophilia.",
                    }
                ],
            }
        ],
        "next_questions": [],
    }


def test_the_keys_are_those_of_the_contract_and_in_its_order(match):
    found = match()
    assert list(found) == ["condition_area", "trials", "next_questions"]
    for trial in found["trials"]:
        assert list(trial) == ["nct_id", "title", "verdict", "cohort", "criteria"]
        assert trial["verdict"] in {"passes", "unknown", "fails"}
        for criterion in trial["criteria"]:
            assert list(criterion) == ["kind", "text", "rule", "cohort", "verdict", "because", "explanation"]
            assert criterion["kind"] in {"inclusion", "exclusion"}
            assert criterion["verdict"] in {"passes", "unknown", "fails", "study_team"}
            assert criterion["explanation"]


def test_only_published_open_trials_of_the_area_are_judged(match):
    assert {trial["nct_id"] for trial in match()["trials"]} == {"NCT10000001", "NCT10000002", "NCT10000003"}


def test_without_an_area_all_trials_are_judged(match):
    found = match(area=None)
    assert found["condition_area"] is None
    assert {trial["nct_id"] for trial in found["trials"]} == {"NCT10000001", "NCT10000002", "NCT10000003", "NCT10000006"}


def test_trials_come_best_first(match):
    found = match(FITS_FIRST)
    assert [(trial["nct_id"], trial["verdict"]) for trial in found["trials"]] == [
        ("NCT10000001", "passes"),
        ("NCT10000002", "unknown"),
        ("NCT10000003", "fails"),
    ]


def test_a_criterion_without_a_rule_is_for_the_study_team_and_judges_nothing(match):
    criterion = trial_of(match(FITS_FIRST), "NCT10000001")["criteria"][-1]
    assert (criterion["rule"], criterion["verdict"], criterion["because"]) == (None, "study_team", [])
    assert criterion["explanation"] == "The study team will check this."


def test_no_criterion_is_left_out_and_the_order_is_that_of_the_record(match):
    assert [criterion["text"] for criterion in trial_of(match(), "NCT10000001")["criteria"]] == [
        "Has X-linked retinitis pigmentosa",
        "Aged 18 years or older",
        "Weighs 40 kg to 100 kg",
        "Pregnant",
        "Antibodies to the vector above 1:100",
        "Earlier gene therapy of the eye",
        "The retina can be treated in the view of the investigator",
    ]


def test_because_names_the_answers_that_decide(match):
    pregnant = trial_of(match({"sex": "male"}), "NCT10000001")["criteria"][3]
    assert (pregnant["verdict"], pregnant["because"]) == ("passes", ["sex"]), "a man need not be asked"
    child = trial_of(match({"age": 5}), "NCT10000002")["criteria"][2]
    assert (child["verdict"], child["because"]) == ("fails", ["age"])


def test_because_of_an_unknown_criterion_names_what_is_open(match):
    assert trial_of(match(), "NCT10000001")["criteria"][3]["because"] == ["pregnant"]


def test_the_best_cohort_is_named(match):
    adult = trial_of(match({"diagnosis": "rp", "visits": "yes", "age": 40}), "NCT10000002")
    assert (adult["verdict"], adult["cohort"]) == ("passes", "Adults")
    child = trial_of(match({"diagnosis": "rp", "visits": "yes", "age": 17}), "NCT10000002")
    assert (child["verdict"], child["cohort"]) == ("passes", "Children")
    assert [criterion["cohort"] for criterion in child["criteria"]] == [None, "Adults", "Children", None]


def test_no_cohort_is_named_where_none_is_left(match):
    toddler = trial_of(match({"diagnosis": "rp", "visits": "yes", "age": 5}), "NCT10000002")
    assert (toddler["verdict"], toddler["cohort"]) == ("fails", None)


def test_a_trial_whose_record_is_incomplete_never_passes(match):
    found = match({"diagnosis": "stargardt"})
    assert trial_of(found, "NCT10000003")["verdict"] == "unknown"
    assert verdict_on(found, "Stargardt disease", "NCT10000003") == "passes"


def test_next_questions_come_best_first_and_end_when_nothing_can_change(match):
    assert match()["next_questions"][:2] == ["diagnosis", "age"]
    assert set(match()["next_questions"]) <= {"diagnosis", "age", "sex", "weight", "antibodies", "treatments", "visits"}
    after = match({"diagnosis": "rp_x_linked", "age": 30, "sex": "male"})["next_questions"]
    assert set(after) == {"weight", "antibodies", "treatments", "visits"}
    assert match({"diagnosis": "hemophilia"})["next_questions"] == []


def test_a_question_answered_not_sure_is_not_asked_again(match):
    found = match({"diagnosis": None})
    assert "diagnosis" not in found["next_questions"]
    assert {trial["verdict"] for trial in found["trials"]} == {"unknown"}


@pytest.mark.parametrize(
    ("key", "answer", "text", "verdict"),
    [
        ("age", 17.99, "Aged 18 years or older", "fails"),
        ("age", 18, "Aged 18 years or older", "passes"),
        ("age", "18", "Aged 18 years or older", "passes"),
        ("age", {"value": 215, "unit": "months"}, "Aged 18 years or older", "fails"),
        ("age", {"value": 216, "unit": "months"}, "Aged 18 years or older", "passes"),
        ("age", {"min": 18}, "Aged 18 years or older", "passes"),
        ("age", {"max": 17}, "Aged 18 years or older", "fails"),
        ("age", {"min": 17, "max": 18}, "Aged 18 years or older", "unknown"),
        ("age", {"max": 18}, "Aged 18 years or older", "unknown"),
        ("age", {"min": None, "max": None}, "Aged 18 years or older", "unknown"),
        ("age", None, "Aged 18 years or older", "unknown"),
        ("weight", 40, "Weighs 40 kg to 100 kg", "passes"),
        ("weight", 39.999, "Weighs 40 kg to 100 kg", "fails"),
        ("weight", 100, "Weighs 40 kg to 100 kg", "passes"),
        ("weight", 100.001, "Weighs 40 kg to 100 kg", "fails"),
        ("weight", {"value": 88, "unit": "lb"}, "Weighs 40 kg to 100 kg", "fails"),
        ("weight", {"value": 89, "unit": "lb"}, "Weighs 40 kg to 100 kg", "passes"),
        ("weight", {"min": 90, "max": 200, "unit": "lb"}, "Weighs 40 kg to 100 kg", "passes"),
        ("antibodies", 100, "Antibodies to the vector above 1:100", "passes"),
        ("antibodies", 100.5, "Antibodies to the vector above 1:100", "fails"),
        ("antibodies", {"max": 100}, "Antibodies to the vector above 1:100", "passes"),
        ("antibodies", {"min": 100}, "Antibodies to the vector above 1:100", "unknown"),
        ("diagnosis", "rp_x_linked", "Has X-linked retinitis pigmentosa", "passes"),
        ("diagnosis", "rp", "Has X-linked retinitis pigmentosa", "unknown"),
        ("diagnosis", "rp_usher", "Has X-linked retinitis pigmentosa", "fails"),
        ("treatments", [], "Earlier gene therapy of the eye", "passes"),
        ("treatments", ["surgery"], "Earlier gene therapy of the eye", "passes"),
        ("treatments", ["injection"], "Earlier gene therapy of the eye", "unknown"),
        ("treatments", ["surgery", "gene_injection"], "Earlier gene therapy of the eye", "fails"),
        ("treatments", None, "Earlier gene therapy of the eye", "unknown"),
        ("pregnant", "yes", "Pregnant", "fails"),
        ("pregnant", True, "Pregnant", "fails"),
        ("pregnant", "no", "Pregnant", "passes"),
        ("pregnant", False, "Pregnant", "passes"),
        ("pregnant", None, "Pregnant", "unknown"),
    ],
)
def test_an_answer_is_judged(key, answer, text, verdict, match):
    assert verdict_on(match({key: answer}), text) == verdict


def test_an_empty_answers_file_means_that_nothing_is_known(tmp_path):
    found = json.loads(output_of(file_of(tmp_path, {}), "--json"))
    assert found["condition_area"] is None
    assert {trial["verdict"] for trial in found["trials"]} == {"unknown"}


def test_answers_can_come_from_standard_input(monkeypatch):
    monkeypatch.setattr(sys, "stdin", StringIO('{"condition_area": "genetic", "answers": {"diagnosis": "hemophilia"}}'))
    assert json.loads(output_of("-", "--json"))["trials"][0]["verdict"] == "passes"


def test_without_json_each_trial_is_one_line_and_the_next_questions_one(tmp_path):
    assert output_of(file_of(tmp_path, {"condition_area": "eye", "answers": FITS_FIRST})).splitlines() == [
        "passes   NCT10000001 A working gene for one eye",
        "unknown  NCT10000002 Two doses for retinitis pigmentosa",
        "fails    NCT10000003 A trial whose record is cut short",
        "ask next: visits",
    ]


def test_letters_of_all_languages_come_out_as_they_are(match, tmp_path):
    trial = TRIAL.format(number="NCT20000001", title="Ensayo de visión – «niños» 眼", area="hiv", status="RECRUITING", published="true")
    load(tmp_path, trial=trial + "criteria:\n- inclusion: Cualquiera\n")
    assert match(area="hiv")["trials"][0]["title"] == "Ensayo de visión – «niños» 眼"


def test_a_trial_without_a_judged_criterion_is_unknown(match, tmp_path):
    trial = TRIAL.format(number="NCT20000001", title="A trial", area="hiv", status="RECRUITING", published="true")
    load(tmp_path, trial=trial + "criteria:\n- inclusion: Anybody\n")
    found = match(area="hiv")
    assert (found["trials"][0]["verdict"], found["next_questions"]) == ("unknown", [])


def test_an_area_without_trials_is_no_error(match):
    assert match(area="cancer") == {"condition_area": "cancer", "trials": [], "next_questions": []}


def test_the_command_works_in_a_new_database_with_no_step_before_it(tmp_path):
    """As from a clean checkout: tables are made, the starter is loaded, and standard output is JSON alone."""
    path = file_of(tmp_path, {"condition_area": "hiv", "answers": {"age": 40}})
    run = subprocess.run(
        [sys.executable, "manage.py", "match", path, "--json"],
        cwd=settings.BASE_DIR,
        env={"DATABASE_URL": f"sqlite:///{tmp_path}/new.sqlite3", "PATH": "/usr/bin"},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert len(json.loads(run.stdout)["trials"]) >= 3
