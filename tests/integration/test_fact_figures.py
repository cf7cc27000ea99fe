"""How good the suggested facts are on real records, where these are at hand. Asserts what was measured, with a little slack."""

import pytest

from tests.suggestions import measure_facts
from tests.suggestions.measure_facts import DATA, GENE_THERAPIES_AMONG_OTHERS, READ, figures, hints, precision

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the registry's records are not here")

LEAST_PRECISION = {"areas": 0.97, "conditions": 0.95, "approach": 0.95, "delivery": 0.95, "vector": 0.95, "genes": 0.95}


@pytest.mark.parametrize("records", ["gene_therapy_records", "flattened_records", "fact_records", "other_records"])
def test_nearly_all_that_is_suggested_is_true(records: str) -> None:
    counted = figures(getattr(measure_facts, records)())
    assert {field: precision(one) for field, one in counted.items() if precision(one) < LEAST_PRECISION[field]} == {}


def test_the_areas_and_conditions_of_gene_therapies_are_found() -> None:
    counted = figures(measure_facts.gene_therapy_records())
    assert [counted[field]["covered"] / counted[field]["true"] >= 0.95 for field in ("areas", "conditions", "approach", "delivery")] == [True] * 4


def test_each_gene_therapy_is_called_one() -> None:
    records = [*measure_facts.gene_therapy_records()]
    assert len(records) > 30
    assert {*hints(iter(records))} == {record.nct_id for record in records}


def test_nearly_no_other_study_is_called_a_gene_therapy() -> None:
    called = {*hints(measure_facts.other_records())}
    assert len(called - GENE_THERAPIES_AMONG_OTHERS) <= 2
    assert len(GENE_THERAPIES_AMONG_OTHERS - called) <= 2


def test_the_trials_read_by_hand_are_no_starter_trials() -> None:
    starter = {path.stem for path in (measure_facts.STARTER / "trials").rglob("NCT*.yaml")}
    assert starter.isdisjoint(READ)
