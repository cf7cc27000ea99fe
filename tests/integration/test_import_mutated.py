"""Records changed at random, by hypothesis: each is read whole or refused in words that name the place. Nothing else ever happens."""

import copy
import gzip
import json
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trials.importing import import_records
from trials.models import Trial
from trials.registry.sources import BadRecord, read_sources

from .test_import_damaged_records import places

pytestmark = pytest.mark.django_db

REAL = Path(__file__).parents[3] / "shared" / "data" / "registry" / "other_studies.jsonl.gz"

TEXTS = st.text(max_size=60) | st.sampled_from(["<!--" * 50, "\u202e", "1e999", "Inclusion Criteria: " * 20, "* a\n" * 50, "#read('x')", "{{ 7 }}", "\x00"])
NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=8,
)


@cache
def real_records() -> tuple[dict, ...]:
    """Twenty real records."""
    with gzip.open(REAL, "rt") as lines:
        return tuple(json.loads(line) for _, line in zip(range(20), lines, strict=False))


@st.composite
def mutants(draw) -> dict:
    """A real record with one to five of its values replaced."""
    record = copy.deepcopy(draw(st.sampled_from(real_records())))
    for _ in range(draw(st.integers(1, 5))):
        *path, last = draw(st.sampled_from(list(places(record))))
        inside = record
        for key in path:
            inside = inside[key]
        inside[last] = draw(VALUES)
    return record


@pytest.mark.skipif(not REAL.exists(), reason="the registry data is not here")
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_a_mutated_record_is_saved_whole_or_refused_in_words(data, tmp_path, record_property):
    record_property("files", 1)
    path = tmp_path / "mutant.json"
    path.write_text(json.dumps(data.draw(mutants())), encoding="utf-8")
    (outcome,) = import_records(read_sources([path]))
    assert outcome.action in ("added", "changed", "unchanged", "older", "refused")
    assert "cannot be saved" not in outcome.fault, "what can be read can be saved"
    assert outcome.fault.isprintable()
    assert not Trial.objects.filter(published=True).exists()


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=300) | TEXTS.map(str.encode) | VALUES.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_are_refused_in_words(content, tmp_path, record_property):
    record_property("files", 1)
    path = tmp_path / "bytes.json"
    path.write_bytes(content)
    found = list(read_sources([path]))
    assert found and all(isinstance(one, BadRecord) and one.fault for one in found)
