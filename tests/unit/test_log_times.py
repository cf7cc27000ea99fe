"""Times in the log are comparable between machines: UTC, said so, whatever the machine's own zone is."""

import logging
import time

import pytest

from prescreen.logs import BareFormatter


@pytest.fixture
def far_east(monkeypatch):
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(("seconds", "told"), [(0.0, "1970-01-01T00:00:00.000Z"), (1_798_675_199.5, "2026-12-30T23:59:59.500Z")])
def test_a_fault_is_dated_in_utc(far_east, seconds, told):
    record = logging.LogRecord("trials", logging.ERROR, "file", 1, "fixed sentence", None, None)
    record.created, record.msecs = seconds, seconds % 1 * 1000
    assert BareFormatter().format(record) == f"{told} ERROR trials: fixed sentence"
