"""The summary as data: in the form of the match command, with the questions and answers, for a program to read."""

import json

import pytest
from django.core.management import call_command
from django.utils import timezone

from .test_pdf import TOLD

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small_catalog")]


def test_the_summary_as_data_has_the_form_of_the_match_command(patient, tmp_path, capsys):
    patient.remember(**TOLD)
    response = patient.open("/screening/summary.json")
    assert response["Content-Type"] == "application/json"
    assert response["Content-Disposition"] == 'attachment; filename="trial-summary.json"'
    assert "no-store" in response["Cache-Control"]
    data = json.loads(response.content)
    told = {"condition_area": "eye", "answers": {answer["key"]: answer["given"] for answer in data["questions_and_answers"]}}
    (tmp_path / "told.json").write_text(json.dumps(told))
    call_command("match", str(tmp_path / "told.json"), "--json")
    matched = json.loads(capsys.readouterr().out)
    assert {key: data[key] for key in matched} == matched
    assert data["made_on"] == timezone.localdate().isoformat()
    assert data["not_shown"] == {"fails": 0, "unknown": 0, "passes": 0}
    assert {"key": "weight", "question": "How much do you weigh?", "answer": "154 lb", "given": {"value": "154", "unit": "lb"}} in data["questions_and_answers"]


def test_without_answers_there_is_no_data(patient):
    assert patient.open("/screening/summary.json")["Location"] == "/screening/expired/"
