"""``load_files`` and ``load_starter``: what they add, replace, keep and refuse."""

from io import StringIO

import pytest
from django.core.management import call_command, load_command_class
from django.core.management.base import CommandError
from django.db.models.signals import post_save

from tests.factories import QuestionFactory, TrialFactory
from tests.rows import everything
from trials import catalog, services
from trials.models import Question, Trial

from .small import QUESTIONS, THERAPY, TRIAL, load, load_small, refusal, write

pytestmark = pytest.mark.django_db

SHORT = TRIAL.format(number="NCT20000001", title="A short trial", area="eye", status="RECRUITING", published="true") + "criteria:\n- inclusion: Anybody\n"


def records() -> dict[str, list[tuple]]:
    """Every row but the stamp that tells the processes of a change."""
    return {table: rows for table, rows in everything().items() if table != "trials_catalogstamp"}


def printed_by(*command: str) -> str:
    """What a command prints."""
    out = StringIO()
    call_command(*command, stdout=out)
    return out.getvalue().strip()


def test_load_files_says_in_one_line_what_it_loaded(tmp_path):
    write(tmp_path, questions=QUESTIONS, open=SHORT, drawer=SHORT.replace("NCT20000001", "NCT20000002").replace("published: true", "published: false"))
    assert printed_by("load_files", str(tmp_path)) == "loaded: 8 questions, 2 trials (1 published, 1 unpublished), 0 approved therapies"


def test_load_files_takes_several_paths_in_any_order(tmp_path):
    write(tmp_path, trial=SHORT + "  rule: age >= 18\n", questions=QUESTIONS)
    printed_by("load_files", str(tmp_path / "trial.yaml"), str(tmp_path / "questions.yaml"))
    assert Trial.objects.get().min_age == 18


def test_a_bad_file_is_one_line_on_the_error_output_and_exit_code_2(tmp_path, capsys):
    write(tmp_path, bad=SHORT.replace("RECRUITING", "OPEN"))
    with pytest.raises(SystemExit) as stopped:
        load_command_class("trials", "load_files").run_from_argv(["manage.py", "load_files", str(tmp_path)])
    assert stopped.value.code == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.count("\n") == 1
    assert f"{tmp_path}/bad.yaml:5: 'status' cannot be 'OPEN'" in shown.err


def test_an_error_in_the_middle_of_a_load_saves_nothing(small_catalog, tmp_path):
    def break_off(instance: Trial, **_named) -> None:
        if instance.nct_id == "NCT20000002":
            raise RuntimeError("the disk is full")

    write(tmp_path, a="- {key: fever, kind: yes_no, text: Fever}", b=SHORT, c=SHORT.replace("NCT20000001", "NCT20000002"))
    before = everything()
    post_save.connect(break_off, sender=Trial)
    try:
        with pytest.raises(RuntimeError):
            services.load_files(paths=[tmp_path])
    finally:
        post_save.disconnect(break_off, sender=Trial)
    assert everything() == before


def test_load_files_without_a_path_is_refused():
    with pytest.raises(CommandError, match="PATH"):
        call_command("load_files")


def test_loading_the_same_files_twice_gives_the_same_records(tmp_path):
    load_small(tmp_path)
    before = [(row.key, row.text, row.units, [choice.key for choice in row.choices.all()]) for row in Question.objects.all()]
    load_small(tmp_path)
    assert [(row.key, row.text, row.units, [choice.key for choice in row.choices.all()]) for row in Question.objects.all()] == before
    assert Trial.objects.count() == 6


def test_a_process_that_runs_already_sees_what_was_loaded(small_catalog, tmp_path):
    assert "NCT20000001" not in catalog.current().listings
    load(tmp_path, trial=SHORT)
    assert "NCT20000001" in catalog.current().listings


def test_a_question_loaded_again_keeps_the_choices_and_units_that_rules_may_name(small_catalog, tmp_path):
    load(
        tmp_path,
        again="""\
- {key: age, kind: number, text: Your age, unit: years, units: {weeks: 7/365}}
- {key: sex, kind: choice, text: Your sex, choices: [{key: other, label: Other}]}
- {key: diagnosis, kind: choice, text: Your condition, choices: [{key: lca, label: Leber congenital amaurosis}]}
""",
    )
    questionnaire = catalog.current().questionnaire
    assert set(questionnaire["age"].factors) == {"years", "months", "weeks"}
    assert set(questionnaire["sex"].labels) == {"other", "female", "male"}
    assert {"lca", "rp", "rp_x_linked"} <= set(questionnaire["diagnosis"].labels)
    assert questionnaire["diagnosis"].ancestors("rp_x_linked") == ("rp",)


WEIGHT = "- {key: weight, kind: number, text: Your weight, unit: %s, units: {%s}}\n"


@pytest.mark.parametrize(
    ("question", "fault"),
    [
        pytest.param(WEIGHT % ("g", "kg: 1000"), "the unit of 'weight' cannot change from kg to g", id="another unit"),
        pytest.param(WEIGHT % ("pounds", ""), "the unit of 'weight' cannot change from kg to pounds", id="a unit without the old one"),
        pytest.param("- {key: weight, kind: yes_no, text: Heavy}\n", "'weight' is a yes/no question", id="another kind"),
        pytest.param("- {key: visits, kind: number, unit: visits, text: Visits}\n", "'visits' is a number question", id="a number in place of yes or no"),
    ],
)
def test_a_question_that_a_stored_rule_depends_on_cannot_change_its_unit_or_kind(question, fault, small_catalog, tmp_path):
    write(tmp_path, new=question)
    message = refusal(tmp_path)
    assert fault in message
    assert "NCT1000000" in message, "the trial is named"


def test_the_refusal_of_another_unit_names_the_file_and_line_of_the_question(small_catalog, tmp_path):
    write(tmp_path, a_other="- {key: fever, kind: yes_no, text: Fever}\n", new="# kilograms no more\n" + WEIGHT % ("g", "kg: 1000"))
    assert refusal(tmp_path).startswith(f"{tmp_path}/new.yaml:2: ")


def test_a_factor_that_a_stored_rule_depends_on_cannot_change(small_catalog, tmp_path):
    """A rule of 12 months would let in others than before."""
    load(tmp_path, trial=SHORT + "  rule: age >= 12 months\n")
    write(tmp_path, trial="", new="- {key: age, kind: number, text: Your age, unit: years, units: {months: 1/10}}\n")
    assert "months" in refusal(tmp_path)


def test_a_unit_may_change_together_with_the_trials_that_depend_on_it(small_catalog, tmp_path):
    Trial.objects.exclude(nct_id="NCT10000001").delete()
    rules = "criteria:\n- inclusion: Heavy enough\n  rule: weight >= 40000\n"
    load(tmp_path, new=WEIGHT % ("g", "kg: 1000"), trial=SHORT.replace("NCT20000001", "NCT10000001").replace("criteria:\n- inclusion: Anybody\n", rules))
    assert Question.objects.get(key="weight").unit == "g"


def test_a_unit_may_change_where_no_rule_depends_on_it(small_catalog, tmp_path):
    load(tmp_path, fever="- {key: fever, kind: number, text: Fever, unit: C}\n")
    load(tmp_path, fever="- {key: fever, kind: number, text: Fever, unit: F}\n")
    assert Question.objects.get(key="fever").unit == "F"


@pytest.mark.parametrize("kind", ["yes_no", "number, unit: points", "choice, choices: [{key: new, label: New}]"])
def test_a_question_may_change_its_kind_where_no_rule_depends_on_it(kind, small_catalog, tmp_path):
    load(tmp_path, fever="- {key: fever, kind: choices, text: Fever, choices: [{key: low, label: Low}, {key: high, label: High}]}\n")
    load(tmp_path, fever=f"- {{key: fever, kind: {kind}, text: Fever}}\n")
    assert "fever" in catalog.current().questionnaire


def test_a_trial_that_is_replaced_does_not_hold_its_own_questions_back(small_catalog, tmp_path):
    load(tmp_path, trial=SHORT + "  rule: fever >= 38\n", fever="- {key: fever, kind: number, text: Fever, unit: C}\n")
    load(tmp_path, trial=SHORT + "  rule: fever is no\n", fever="- {key: fever, kind: yes_no, text: Fever}\n")
    assert Trial.objects.get(nct_id="NCT20000001").criteria.get().rule == "fever is no"


def add(folder, **files: str) -> None:
    """Loads as ``load_starter`` does: only what the database does not have."""
    services.load_files(paths=[write(folder, **files)], replace=False)


def test_load_starter_leaves_what_is_there_as_it_is(small_catalog, tmp_path):
    before = records()
    add(
        tmp_path,
        question="- {key: visits, kind: yes_no, text: Other words}",
        trial=SHORT.replace("NCT20000001", "NCT10000001"),
        therapy=THERAPY.replace("Usher syndrome", "Another condition"),
    )
    assert records() == before


def test_load_starter_adds_a_trial_together_with_the_choice_that_its_rule_names(small_catalog, tmp_path):
    """A new version of the program brings a new trial, and a new choice of a question that the database has already."""
    choices = "choices: [{key: injection, label: Injection}, {key: laser, label: Laser}]"
    add(tmp_path, question=f"- {{key: treatments, kind: choices, text: Treatments, {choices}}}", trial=SHORT + "  rule: treatments includes laser\n")
    assert services.check_trial(trial=Trial.objects.get(nct_id="NCT20000001")) == []


def test_load_starter_does_not_stop_at_a_question_whose_unit_a_coordinator_changed(small_catalog, tmp_path):
    """The question is left as it is, so the coordinator's unit is the one that counts."""
    Trial.objects.all().delete()
    Question.objects.filter(key="weight").update(unit="g", units={"kg": "1000"}, max=400_000)
    mine = TrialFactory(rules=["weight >= 40000"])
    add(tmp_path, question=WEIGHT % ("kg", "lb: 0.45359237"))
    assert Question.objects.get(key="weight").unit == "g"
    assert services.check_trial(trial=mine) == []


def test_prepare_loads_nothing_into_a_database_that_has_records():
    QuestionFactory()
    assert printed_by("prepare") == "the database is ready"
    assert not Trial.objects.exists()
