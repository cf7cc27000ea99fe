"""The measuring of how few questions are enough: the simulated patients, the orders, the walks and their summary."""

import json
import math
from itertools import pairwise

import pytest

from tests.benchmarks import few_questions
from tests.benchmarks.crowds import EVEN, LENIENT, Crowd, uses_of
from tests.benchmarks.few_questions import Area, Walker, measure_area, starter_areas, summary, table
from tests.unit.builders import CATALOG, exclusion, inclusion, trial
from trials.eligibility.questions import Interval, OneOf, Several

TRIALS = [
    trial(inclusion("diagnosis is rp"), inclusion("age >= 18"), exclusion("hepatitis_b is yes"), inclusion("treated is no"), key="NCT00000001", areas=("eye",)),
    trial(inclusion("diagnosis is rp"), inclusion("hepatitis_c is yes"), inclusion("treated is no"), key="NCT00000002", areas=("eye",)),
    trial(inclusion("diagnosis is lymphoma"), inclusion("hemoglobin >= 8"), key="NCT00000003", areas=("eye",)),
    trial(inclusion("treated is no"), areas=("eye",), complete=False, key="NCT00000004"),
]
AREA = Area("eye", CATALOG, TRIALS, ("rp", "rp", "dlbcl"))


def walk(order, **answers):
    """The walk of a patient who gives these answers, and is not sure of anything else."""
    walker = Walker(AREA)
    chosen = next(each for each in walker.orders if each.name == order)
    return walker.walk(chosen, dict.fromkeys(CATALOG) | CATALOG.read(answers))


@pytest.mark.parametrize("order", ["ours", "entropy", "most used", "fixed", "random"])
def test_every_order_asks_the_first_questions_first_and_ends_at_the_plain_judges_verdicts(order):
    found = walk(order, diagnosis="rp", age=30, treated="no", hepatitis_b="no", hepatitis_c="no")
    assert found.asked[:2] == ("diagnosis", "age")
    assert set(found.asked[2:]) == {"treated", "hepatitis_b", "hepatitis_c"}
    assert found.wrong == 0
    assert found.decidable.tolist() == [True, True, True, False]


def test_a_trial_is_settled_once_nothing_can_change_its_verdict():
    found = walk("ours", diagnosis="rp", age=30, treated="no", hepatitis_b="no", hepatitis_c="no")
    assert found.asked == ("diagnosis", "age", "hepatitis_c", "treated", "hepatitis_b")
    assert found.settled.tolist() == [5, 3, 1, 4]
    assert found.left.tolist() == [True, True, False, True]


def test_a_trial_that_stays_unknown_is_settled_when_its_last_question_is_answered_not_sure():
    found = walk("fixed", diagnosis="rp", age=30)
    assert found.asked == ("diagnosis", "age", "treated", "hepatitis_b", "hepatitis_c")
    assert found.settled.tolist() == [4, 5, 1, 3]
    assert found.decidable.tolist() == [False, False, True, False]


def test_the_orders_choose_differently():
    answers = {"diagnosis": "rp", "age": 30, "treated": "no", "hepatitis_b": "no", "hepatitis_c": "no"}
    assert walk("most used", **answers).asked[2] == "treated"
    assert walk("ours", **answers).asked[2] == "hepatitis_c"


def test_the_summary_tells_the_questions_and_the_shares_of_settled_trials():
    walks = [walk("ours", diagnosis="rp", age=30, treated="no"), walk("ours", diagnosis="hemophilia_a", treated="yes")]
    found = summary(walks)
    assert [len(each.asked) for each in walks] == [5, 2]
    assert found["mean"] == 3.5
    assert found["quartiles"] == [2.75, 3.5, 4.25]
    assert found["settled_after"]["all"] == {"4": 0.875, "8": 1, "12": 1}
    assert found["wrong"] == 0


def test_shares_of_no_trials_are_whole():
    found = summary([walk("ours", diagnosis="hemophilia_a", treated="yes")] * 2)
    assert found["settled_after"]["left"] == {"4": 1, "8": 1, "12": 1}


def crowd(lean=EVEN):
    return Crowd(CATALOG, TRIALS, AREA.conditions, "eye", lean)


def test_the_same_seed_gives_the_same_patients():
    assert [crowd().patient(number) for number in range(5)] == [crowd().patient(number) for number in range(5)]
    assert crowd().patient(1) != crowd().patient(2)
    assert crowd().patient(1, seed=1) != crowd().patient(1, seed=2)


def test_patients_are_drawn_as_said():
    drawn = [crowd().patient(number) for number in range(1000)]
    assert all(patient["age"] and patient["sex"] for patient in drawn)
    assert sum(patient["hepatitis_b"] is None for patient in drawn) == pytest.approx(200, abs=40)
    assert sum(patient["hepatitis_b"] == OneOf(frozenset({"yes"})) for patient in drawn) == pytest.approx(120, abs=40)
    assert sum(patient["treatments"] == Several(frozenset()) for patient in drawn) == pytest.approx(400, abs=60)
    named = [patient["diagnosis"] for patient in drawn if patient["diagnosis"]]
    assert sum("rp" in each.keys for each in named) > sum("dlbcl" in each.keys for each in named) > sum("hemophilia_a" in each.keys for each in named) > 0


def test_numbers_lie_at_and_between_the_limits_and_a_lenient_crowd_passes_more_of_them():
    even, lenient = ([crowd(lean).patient(number)["hemoglobin"] for number in range(600)] for lean in (EVEN, LENIENT))
    assert all(answer is None or 0 <= answer.low == answer.high <= 16 for answer in even)
    assert any(answer == Interval(8, 8) for answer in even)
    assert sum(answer is not None and answer.low < 8 for answer in even) > 2 * sum(answer is not None and answer.low < 8 for answer in lenient) > 0


def test_the_uses_of_a_comparison_tell_whether_its_being_true_lets_a_patient_in():
    judged = trial(inclusion("not (age > 60 or treated is not no)"), exclusion("hemoglobin < 8"), inclusion(""))
    assert [(comparison.question, lets_in) for comparison, lets_in in uses_of([judged])] == [("age", False), ("treated", True), ("hemoglobin", False)]


def test_the_starter_trials_are_measured_the_same_way_twice_without_a_wrong_verdict(monkeypatch, tmp_path, capsys):
    part = measure_area("hiv", "even", 6)
    assert part == measure_area("hiv", "even", 6)
    assert part["trials"] == len(starter_areas()["hiv"].trials)
    assert all(found["wrong"] == 0 and found["quartiles"] == sorted(found["quartiles"]) for name, found in part.items() if name != "trials")
    for found in (found for name, found in part.items() if name != "trials"):
        for shares in found["settled_after"].values():
            assert all(fewer <= more for fewer, more in pairwise(shares.values()))
            assert not any(math.isnan(share) for share in shares.values())
    whole = {"patients": 6, "even": {"hiv": part}, "lenient": {"hiv": part}}
    monkeypatch.setattr(few_questions, "measure", lambda patients: whole)
    held = tmp_path / "bench.json"
    held.write_text('{"machine": "any"}')
    monkeypatch.setattr("sys.argv", ["few_questions", "--patients", "6", "--json", str(held)])
    few_questions.main()
    assert json.loads(held.read_text()) == {"machine": "any", "few_questions": whole}
    assert table(whole) in capsys.readouterr().out
