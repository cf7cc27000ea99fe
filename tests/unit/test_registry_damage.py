"""Records damaged at random: each gives a study or is named, and nothing else ever happens."""

import copy
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.test_registry_records import STUDY
from trials.registry.losses import lost_lines
from trials.registry.records import RecordError, StudyRecord, parse_study
from trials.registry.sources import BadRecord, read_sources

REAL = Path(__file__).parents[3] / "shared" / "data" / "registry" / "gene_therapy"
RECORDS = [STUDY, *(json.loads(path.read_text()) for path in sorted(REAL.glob("*.json")))]
OTHERS = st.sampled_from(
    [None, True, 0, -1.5, "", "x", "N/A", "2024-99-99", "\x00", "\ud800", "\\", "Inclusion Criteria:", [], [[]], ["x", 1], {}, {"nctId": "x"}]
)
CHANGES = st.tuples(st.sampled_from(["drop", "swap", "cut", "wrap", "double"]), st.integers(0, 10_000), OTHERS)


def places(value, path=()):
    """The places of a record, outermost first."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inside:
        yield (*path, key)
        yield from places(one, (*path, key))


def damaged(record, changes):
    """A copy of a record with each change made at one of its places."""
    record = copy.deepcopy(record)
    for change, number, other in changes:
        found = list(places(record))
        if not found:
            break
        *path, last = found[number % len(found)]
        inside = record
        for key in path:
            inside = inside[key]
        value = inside[last]
        if change == "drop":
            del inside[last]
        elif change == "cut" and isinstance(value, str):
            inside[last] = value[: number % (len(value) + 1)]
        elif change == "double":
            inside[last] = [value, value]
        else:
            inside[last] = [value] if change == "wrap" else copy.deepcopy(other)
    return record


@settings(max_examples=1000)
@given(st.sampled_from(RECORDS), st.lists(CHANGES, min_size=1, max_size=8))
def test_a_damaged_record_gives_a_study_or_a_record_error(record, changes):
    try:
        study = parse_study(damaged(record, changes))
    except RecordError as fault:
        assert str(fault).isprintable()
    else:
        assert isinstance(study, StudyRecord)
        assert lost_lines(study.eligibility_text, study.criteria) == []


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return tmp_path_factory.mktemp("damaged") / "records.json"


@settings(max_examples=1000)
@given(
    st.lists(st.sampled_from(RECORDS[:5]), min_size=1, max_size=2),
    st.sampled_from(["array", "studies", "lines"]),
    st.lists(st.tuples(st.integers(0, 10**6), st.binary(min_size=1, max_size=3)), min_size=1, max_size=5),
    st.integers(0, 10**6),
)
def test_a_file_with_flipped_bytes_gives_studies_and_bad_records(file, records, shape, flips, cut):
    text = "\n".join(map(json.dumps, records)) if shape == "lines" else json.dumps(records if shape == "array" else {"studies": records})
    content = bytearray(text.encode())
    for place, flipped in flips:
        content[place % len(content)] = flipped[0]
    file.write_bytes(content[: len(content) - (cut % len(content) if cut % 3 == 0 else 0)])
    for found in read_sources([file]):
        assert isinstance(found, StudyRecord | BadRecord)
        assert str(found).encode()
