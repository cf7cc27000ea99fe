"""A browser drops a cookie that is larger than it keeps, and says nothing: such a one is never sent."""

import base64
import random
from bisect import bisect
from dataclasses import replace

import pytest
from django.http import HttpResponse

from prescreen import answers
from prescreen.answers import COOKIE, LIFETIME, Answers, Full, keep, seal, unseal

from .patients import CHECK, text_of, title_of
from .test_answers_cookie import WITH_TRAIL


def noise_of(count: int) -> Answers:
    """Answers whose cookie is about so many bytes, as nothing in them repeats."""
    return Answers("me", "eye", {"age": base64.b64encode(random.Random(7).randbytes(count)).decode()})


def value_of(given: Answers) -> str:
    return keep(HttpResponse(), given).cookies[COOKIE].value


def test_a_cookie_is_as_large_as_browsers_keep_and_no_larger():
    counts = range(2_000, 4_000)
    most = counts[bisect(counts, answers.MOST_BYTES - len(COOKIE), key=lambda count: len(seal(noise_of(count)))) - 1]
    assert answers.MOST_BYTES - 50 < len(f"{COOKIE}{value_of(noise_of(most))}") <= answers.MOST_BYTES == 4_096
    with pytest.raises(Full):
        keep(HttpResponse(), noise_of(most + 40))


def test_what_only_spares_work_makes_room_for_answers(monkeypatch):
    with_trail, without = WITH_TRAIL, replace(WITH_TRAIL, trail=None)
    monkeypatch.setattr(answers, "MOST_BYTES", len(COOKIE) + len(seal(with_trail)))
    assert unseal(value_of(with_trail), LIFETIME).trail == WITH_TRAIL.trail
    monkeypatch.setattr(answers, "MOST_BYTES", len(COOKIE) + len(seal(without)))
    assert unseal(value_of(with_trail), LIFETIME) == without
    assert unseal(value_of(with_trail), LIFETIME).trail is None


@pytest.mark.django_db
def test_an_answer_for_which_there_is_no_room_is_told_and_those_before_it_stay(small_catalog, patient, monkeypatch):
    patient.begin()
    patient.tell(diagnosis="rp_x_linked")
    before = patient.client.cookies[COOKIE].value
    monkeypatch.setattr(answers, "MOST_BYTES", len(COOKIE) + 100)
    page = patient.answer("age", "47")
    assert (page.status_code, title_of(page).split(" – ")[0]) == (422, "There is no room for more answers")
    assert "All your answers before it are safe." in text_of(page)
    assert patient.client.cookies[COOKIE].value == before
    assert patient.open(CHECK).status_code == 200
