"""A number that is too large for any record is the number of none, wherever it is sent."""

import pytest
from django.urls import reverse

from tests.factories import TrialFactory
from trials.models import Criterion, Trial

from .desk import signed_in

HIGHEST = 2**63 - 1
NUMBERS = [HIGHEST, HIGHEST + 1, -(2**63), -(2**63) - 1, 10**40]

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("number", NUMBERS)
def test_it_is_found_in_no_list(number):
    trial = TrialFactory()
    assert list(Trial.objects.filter(pk__in=[number])) == []
    assert list(Trial.objects.filter(pk__in=[number, trial.pk])) == [trial]
    assert list(Trial.objects.exclude(pk__in=[number])) == [trial]
    assert list(Trial.objects.filter(pk__in=Trial.objects.values("pk"))) == [trial]
    assert list(Criterion.objects.filter(trial__id__in=[number])) == []


@pytest.mark.parametrize("number", NUMBERS)
def test_the_desk_answers(number):
    trial, browser = TrialFactory(nct_id="NCT10000001"), signed_in()
    trials = reverse("admin:trials_trial_changelist")
    assert browser.get(f"{trials}?id__in={number}").status_code == 200
    assert browser.post(trials, {"action": "withdraw", "_selected_action": [str(number)]}).status_code in (200, 302)
    sent = browser.post(reverse("admin:trials_trial_change", args=[trial.pk]), {"conditions": [str(number)]})
    assert sent.status_code in (200, 422)
    assert "is not one of the available choices" in sent.content.decode()
