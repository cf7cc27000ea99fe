"""Every real record at hand: each is read, and each line of its eligibility text is in one criterion or is a heading. Run with ``-s`` for the figures."""

import gzip
import json
import time
from collections import Counter
from pathlib import Path

import pytest

from trials.registry.criteria import split_criteria
from trials.registry.losses import lost_lines
from trials.registry.records import StudyRecord
from trials.registry.sources import read_sources
from trials.registry.wording import readable

DATA = Path(__file__).parents[3] / "shared" / "data" / "registry"
STUDIES = (DATA / "gene_therapy", DATA / "other_studies.jsonl.gz")
FLATTENED = DATA / "gene_therapy_criteria.jsonl"

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the real records are not here")


@pytest.fixture(scope="module")
def texts():
    """The distinct eligibility texts: those of the records as the registry wrote them, and those that others flattened."""
    read = [record["protocolSection"].get("eligibilityModule", {}).get("eligibilityCriteria", "") for record in _json_lines(STUDIES[1])]
    read += [json.loads(path.read_text())["protocolSection"]["eligibilityModule"]["eligibilityCriteria"] for path in STUDIES[0].glob("*.json")]
    read += [row["eligibility_criteria"] for row in _json_lines(FLATTENED)]
    return list(dict.fromkeys(filter(None, read)))


def _json_lines(path):
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as lines:
        return [json.loads(line) for line in lines]


def test_every_real_record_is_read():
    start = time.perf_counter()
    found = list(read_sources(STUDIES))
    seconds = time.perf_counter() - start
    print(f"\n{len(found):,} records in {seconds:.1f} s: {len(found) / seconds:.0f} a second")
    assert len(found) == 1333
    assert [str(one) for one in found if not isinstance(one, StudyRecord)] == []
    assert all(one.title and one.nct_id for one in found)


def test_no_line_of_any_real_text_is_lost_or_doubled(texts):
    lines, kinds, lost, headings = 0, Counter(), [], 0
    for text in texts:
        criteria = split_criteria(text)
        lost += lost_lines(text, criteria)
        kinds.update(criterion.kind for criterion in criteria)
        filled = [number for number, line in enumerate(text.splitlines(), 1) if readable(line)]
        held = {criterion.line + more for criterion in criteria for more in range(len(criterion.source.splitlines()))}
        lines, headings = lines + len(filled), headings + sum(number not in held for number in filled)
    total = kinds.total()
    print(f"\n{len(texts):,} texts, {lines:,} lines, {headings:,} of them headings, {total:,} criteria")
    print(f"{len(lost)} lost or doubled, {kinds[None] / total:.1%} kind unclear")
    assert lost == []
    assert total > 18_000
    assert kinds[None] / total < 0.01


def test_real_records_that_others_flattened_are_refused_by_name():
    found = list(read_sources([FLATTENED]))
    assert len(found) == 105
    assert {one.fault for one in found} == {"protocolSection: is missing, so this is no API v2 record of a study"}
