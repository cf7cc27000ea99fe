"""What load balancers are told: whether this process is alive and ready, how old its index is, and how fresh the listings."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.utils import timezone

from prescreen import health
from trials import catalog
from trials.models import Trial
from trials.vocabulary import FRESH_DAYS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small_catalog")]

DAY = date(2026, 11, 1)
"""The day of all listings of the small catalog."""


def test_it_tells_what_a_load_balancer_needs_and_nothing_else(patient):
    page = patient.open("/healthz")
    found = page.json()
    assert page.status_code == 200
    assert page["Content-Type"] == "application/json"
    assert "no-store" in page["Cache-Control"]
    assert (found.pop("status"), found.pop("live"), found.pop("ready"), found.pop("database"), found.pop("trials")) == ("ok", True, True, True, 4)
    assert found.pop("index").keys() == {"age_seconds", "is_behind"}
    assert found.pop("registry").keys() == {"oldest_check", "not_fresh"}
    assert found == {}


def test_it_sets_no_cookie_and_takes_no_post(patient):
    assert not patient.open("/healthz").cookies
    assert patient.send("/healthz").status_code == 405


def test_it_tells_no_secret(patient, settings):
    told = patient.open("/healthz").content.decode()
    for secret in (settings.SECRET_KEY, str(settings.DATABASES["default"]["NAME"]), str(settings.INDEX_FOLDER), catalog.current().token, "postgres", "sqlite"):
        assert secret not in told


@pytest.mark.parametrize(("days", "not_fresh"), [(0, 0), (FRESH_DAYS, 0), (FRESH_DAYS + 1, 4)])
def test_the_longest_unchecked_open_trial_tells_how_fresh_the_registry_is(days, not_fresh):
    assert health.examine(DAY + timedelta(days=days))["registry"] == {"oldest_check": "2026-11-01", "not_fresh": not_fresh}


def test_one_trial_that_is_checked_again_counts_no_longer():
    Trial.objects.filter(nct_id="NCT10000001").update(as_of=DAY + timedelta(days=60))
    assert health.examine(DAY + timedelta(days=100))["registry"] == {"oldest_check": "2026-11-01", "not_fresh": 3}


def test_without_a_trial_there_is_nothing_to_be_fresh(patient):
    Trial.objects.all().delete()
    found = patient.open("/healthz").json()
    assert (found["status"], found["trials"], found["registry"]) == ("ok", 0, {"oldest_check": None, "not_fresh": 0})


def test_the_age_is_that_of_the_records_it_was_made_from(monkeypatch):
    now = catalog.current()
    for hours, age in ((1, 3600), (-1, 0)):  # made an hour ago; and before the clock was set back
        made = timezone.now() - timedelta(hours=hours)
        monkeypatch.setattr(catalog, "current", lambda made=made: replace(now, stored=replace(now.stored, made=made)))
        assert health.examine(DAY)["index"]["age_seconds"] == pytest.approx(age, abs=5)


def test_it_reads_ahead_what_patients_will_be_shown(patient):
    patient.open("/healthz")
    assert len(catalog.current().shelf) == 4


def test_reading_ahead_is_a_little_at_a_time_and_puts_nothing_out():
    shelf = catalog.current().shelf
    numbers = [f"NCT1000000{last}" for last in (1, 2, 3, 6)]
    shelf.read_ahead(numbers, 1)
    assert len(shelf) == 1
    shelf.read_ahead(numbers, 2)
    assert len(shelf) == 3
    shelf._most, kept = 3, list(shelf._kept)
    shelf.read_ahead(numbers, 50)
    assert list(shelf._kept) == kept
