"""Clocks that jump: nothing crashes, no answer is lost, and nothing older is shown for newer."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.test import override_settings
from django.utils import timezone

from prescreen.answers import COOKIE, LIFETIME, Answers, Unreadable, cipher, pack, unseal
from prescreen.trial_facts import checked_text, is_fresh
from trials import catalog, overlay, renewal, shared_index
from trials.models import Trial

from .patients import EXPIRED, page_of, text_of

ANSWERS = Answers("me", "eye", {"diagnosis": "rp_x_linked", "age": {"value": "30", "unit": "years"}})


def sealed(ahead: int) -> str:
    """A cookie that a server wrote whose clock is so many seconds ahead of ours."""
    return cipher("prescreen.answers").encrypt_at_time(pack(ANSWERS), int(time.time()) + ahead).decode().rstrip("=")


@pytest.mark.parametrize("ahead", [-LIFETIME + 60, -60, 0, 59, 61, 3600, LIFETIME - 60])
def test_a_cookie_of_a_clock_that_is_a_little_off_is_read(ahead):
    assert unseal(sealed(ahead), LIFETIME) == ANSWERS


@pytest.mark.parametrize("ahead", [-LIFETIME - 60, LIFETIME + 60, 365 * 86_400])
def test_a_cookie_of_a_clock_that_is_far_off_is_too_old(ahead):
    """One dated a year ahead would otherwise live for a year."""
    with pytest.raises(Unreadable):
        unseal(sealed(ahead), LIFETIME)


@pytest.mark.django_db
@pytest.mark.usefixtures("small_catalog")
class TestPages:
    """What a patient sees when the server's clock was set."""

    def test_set_back_by_an_hour_the_screening_goes_on(self, patient):
        patient.client.cookies[COOKIE] = sealed(3600)
        assert 'value="30"' in patient.open(page_of("age")).content.decode()

    def test_set_forward_by_a_day_the_patient_is_told_kindly(self, patient):
        patient.client.cookies[COOKIE] = sealed(-86_400)
        page = patient.open(page_of("age"))
        assert (page.status_code, page["Location"]) == (302, EXPIRED)
        assert patient.open(EXPIRED).status_code == 200

    @pytest.mark.parametrize("days", [-400, -1, 0, 1, 400])
    def test_a_listing_dated_before_or_after_today_is_shown(self, days, patient):
        Trial.objects.update(as_of=date.today() + timedelta(days=days))
        catalog.touch()
        patient.remember(diagnosis="rp_x_linked")
        for address in ("/screening/results/", "/trials/", "/trials/NCT10000001/", "/healthz"):
            assert patient.open(address).status_code == 200
        assert ("not checked since" in text_of(patient.open("/trials/NCT10000001/"))) == (days == -400)


def test_a_listing_dated_tomorrow_counts_as_fresh():
    trial = Trial(as_of=date(2026, 11, 2), status="RECRUITING")
    assert is_fresh(trial, date(2026, 11, 1))
    assert checked_text(trial, date(2026, 11, 1)) == "as of November 2, 2026"


@pytest.mark.django_db
@pytest.mark.usefixtures("small_catalog")
def test_a_new_index_stays_though_the_clock_was_set_back(tmp_path):
    """The folder of the newest index then bears the oldest date."""

    stored = renewal._compiled(catalog.current().questionnaire, "")
    with override_settings(INDEX_FOLDER=tmp_path), shared_index.alone() as can_keep:
        assert can_keep
        for token in ("one", "two"):
            shared_index.keep(token, stored)
            ahead = time.time() + 86_400
            os.utime(shared_index._folder_of(token), (ahead, ahead))
        shared_index.keep("three", stored)
        assert shared_index.is_there("three")
        assert len(shared_index._folders()) == shared_index.KEPT


@pytest.mark.django_db
@pytest.mark.usefixtures("small_catalog")
@pytest.mark.parametrize(("ahead", "is_used"), [(-1, True), (1, False)])
def test_an_index_dated_ahead_is_not_brought_up_to_date(ahead, is_used, monkeypatch):
    """What changed since it was made cannot be told by the history's dates."""
    stored = replace(catalog.current().stored, made=timezone.now() + timedelta(hours=ahead))
    monkeypatch.setattr(overlay, "SMALLEST", 0)
    monkeypatch.setattr(shared_index, "newest", lambda *_: stored)
    assert (renewal._overlaid(renewal.stamp(), None) is not None) == is_used
