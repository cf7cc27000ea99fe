"""What of a load is a broken promise."""

import pytest

from tests.load.run import GROWTH, SLOWEST, broken

KEPT = {
    "300 patients": {"errors": 0, "p95_ms": SLOWEST - 0.1, "memory_mib": [100.0, 200.0]},
    "1,000 patients": {"errors": 0, "p95_ms": 9_000.0, "memory_mib": [100.0, 200.0]},
    "20,000 requests without a pause": {"errors": 0, "memory_mib": [100.0, 200.0, 150.0, 200.0 * GROWTH]},
}


def test_many_patients_may_wait_and_memory_may_come_and_go():
    assert broken(KEPT) == []


@pytest.mark.parametrize(
    ("name", "changes", "said"),
    [
        ("300 patients", {"p95_ms": float(SLOWEST)}, ["300 patients: p95 500 ms"]),
        ("300 patients", {"errors": 1}, ["300 patients: 1 errors"]),
        ("1,000 patients", {"errors": 2}, ["1,000 patients: 2 errors"]),
        ("20,000 requests without a pause", {"memory_mib": [100.0, 200.0, 221.0]}, ["20,000 requests without a pause: memory from 200 to 221 MiB"]),
    ],
)
def test_what_breaks_a_promise_is_told(name, changes, said):
    assert broken(KEPT | {name: KEPT[name] | changes}) == said
