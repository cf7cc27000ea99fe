"""The trail in the cookie spares work and changes nothing: whatever somebody does, the path is that of a replay from the first question on."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest

from prescreen import path
from prescreen.answers import COOKIE, LIFETIME, Answers, seal, unseal
from prescreen.question_pages import with_answer
from prescreen.screening import AREA, WHO, Screening
from trials import catalog, overlay
from trials.catalog import Catalog
from trials.eligibility.index import Index
from trials.eligibility.questions import Kind
from trials.eligibility.questions import Question as EngineQuestion
from trials.models import Criterion, Question, Trial

from .patients import CHECK, PDF, RESULTS, SUMMARY, UNSURE, Patient, key_of, options_of, page_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("starter")]

AREAS = ("cancer", "eye", "genetic", "hiv", None)
STEPS = 80


def kept_by(patient: Patient) -> Answers:
    """What the patient's cookie holds."""
    return unseal(patient.client.cookies[COOKIE].value, LIFETIME)


def told_by(screening: Screening) -> dict[str, object]:
    """Everything that a screening says of the way."""
    found = screening.path
    return {
        "pages": screening.pages,
        "next": screening.next_page,
        "answers": dict(found.answers),
        "verdicts": found.matches.verdicts.tolist(),
        "possible": screening.still_possible,
    }


def from_the_first_question(screening: Screening) -> dict[str, object]:
    """The same, found without the trail."""
    return told_by(Screening(replace(screening.answers, trail=None), screening.catalog))


def some_answer(question: EngineQuestion, chance: random.Random) -> object:
    """An answer as the pages give it."""
    if chance.random() < 0.3:
        return None
    if question.kind is Kind.NUMBER:
        low, high = float(question.min or 0), float(question.max or 200)
        return {"value": f"{chance.uniform(low, high):.0f}", "unit": question.unit}
    if question.kind is Kind.CHOICES:
        return chance.sample([choice.key for choice in question.choices], chance.randint(0, 2))
    return chance.choice(["yes", "no"] if question.kind is Kind.YES_NO else [choice.key for choice in question.choices])


def behind(now: Catalog) -> Catalog:
    """The catalog while its index is an old one: some trials are masked in it, and apart."""
    rows = np.arange(0, len(now.keys), 3)
    apart = tuple(now.take([str(key) for key in now.keys[rows]]))
    return replace(now, state=f"{now.state} behind", index=overlay.Masked(now.index, rows), apart=apart, is_behind=True)


def changed(now: Catalog) -> Catalog:
    """The catalog after a coordinator changed records."""
    index = Index.compile(now.questionnaire, [trial for place, trial in enumerate(now.judged.values()) if place % 2])
    return replace(now, token="later", state="later", index=index, stored=replace(now.stored, index=index, openness=now.openness[1::2]))


@pytest.fixture(scope="module")
def catalogs(starter, django_db_blocker):
    """The catalog in several states, and one with a trial alone, as it is tried."""
    with django_db_blocker.unblock():
        now = catalog.current()
        trial = max(Trial.objects.published().open().with_parts(), key=lambda trial: trial.criteria.count())
        return [now, behind(now), changed(now), catalog.of_trial(trial.nct_id)]


@pytest.mark.parametrize("seed", range(12))
def test_whatever_somebody_does_the_path_is_that_of_a_replay(seed, catalogs):
    """Answers, changes, goes back, changes the area and who answers; meanwhile the catalog changes, back too."""
    chance = random.Random(seed)
    answers, now, followed = Answers(area=chance.choice(AREAS)), catalogs[0], 0
    for _ in range(STEPS):
        screening = Screening(answers, now)
        assert told_by(screening) == from_the_first_question(screening)
        followed += answers.trail is not None and answers.trail.state == screening.state
        questions = [*screening.path.steps, *([screening.path.next] if screening.path.next else [])]
        doing = chance.random()
        if doing < 0.1:
            now = chance.choice(catalogs)
        elif doing < 0.2:
            answers = with_answer(screening.answers, AREA, chance.choice(AREAS))
        elif doing < 0.25:
            answers = with_answer(screening.answers, WHO, chance.choice(["me", "child"]))
        elif questions:
            key = questions[-1] if doing < 0.8 else chance.choice(questions)
            answers = with_answer(screening.answers, key, some_answer(now.questionnaire[key], chance))
        after = Screening(answers, now)
        assert told_by(after) == from_the_first_question(after)
        answers = unseal(seal(after.to_keep), LIFETIME)
    assert followed > STEPS / 2, "most of the time the trail was followed"


@pytest.mark.parametrize("seed", range(3))
def test_a_walk_through_the_pages_leads_where_a_replay_leads(seed, patient):
    """Over HTTP, while a coordinator changes records in between."""
    chance = random.Random(seed)
    address = patient.begin(chance.choice(AREAS[:4]))["Location"]
    for turn in range(25):
        key = key_of(address) or chance.choice(Screening(kept_by(patient), catalog.current()).path.steps)
        options = options_of(patient.open(page_of(key)))
        answer = chance.choice([option for option in options if option != "not_listed"] or ["20", UNSURE])
        address = patient.answer(key, answer)["Location"]
        screening = Screening(kept_by(patient), catalog.current())
        assert told_by(screening) == from_the_first_question(screening)
        assert address == (page_of(screening.path.next) if screening.path.next else CHECK)
        if turn % 7 == 6:
            chance.choice(Trial.objects.published().open().order_by("nct_id")).delete()


@pytest.fixture
def calls(monkeypatch):
    """How often it is asked what to ask next, and how often all trials are judged."""
    counted = {"asked": 0, "judged": 0}

    def counting(name, work):
        def run(*args, **named):
            counted[name] += 1
            return work(*args, **named)

        return run

    monkeypatch.setattr(path, "next_questions", counting("asked", path.next_questions))
    monkeypatch.setattr("trials.matching.next_questions", path.next_questions)
    monkeypatch.setattr(Index, "match", counting("judged", Index.match))
    return counted


@pytest.fixture
def walked(patient) -> Patient:
    """A patient on their way."""
    address = patient.begin()["Location"]
    for _ in range(5):
        address = patient.answer(key_of(address), UNSURE)["Location"]
    return patient


@pytest.mark.parametrize("address", [page_of("who"), page_of("area"), page_of("age"), CHECK, RESULTS, SUMMARY, PDF])
def test_a_page_without_a_change_asks_nothing_and_judges_once_at_most(address, walked, calls):
    assert walked.open(address).status_code == 200
    assert calls["asked"] == 0
    assert calls["judged"] <= 1


def test_one_more_answer_asks_once_and_judges_once(walked, calls):
    screening = Screening(kept_by(walked), catalog.current())
    walked.answer(screening.path.next, UNSURE)
    assert calls == {"asked": 1, "judged": 1}


def test_the_first_pages_ask_and_judge_nothing(patient, calls):
    assert patient.open(page_of("who")).status_code == patient.open(page_of("area")).status_code == 200
    assert calls == {"asked": 0, "judged": 0}


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda: Criterion.objects.filter(rule__contains="age").first().delete(), id="a criterion that is gone"),
        pytest.param(lambda: Question.objects.get(key="age").save(), id="a question saved"),
        pytest.param(catalog.touch, id="records written without a signal"),
    ],
)
def test_after_a_change_of_the_catalog_all_is_asked_anew_until_the_next_answer(change, walked, calls):
    change()
    for _ in range(2):
        before = calls["asked"]
        assert walked.open(CHECK).status_code == 200
        assert calls["asked"] - before > 4
    walked.answer("age", "31")
    before = calls["asked"]
    assert walked.open(CHECK).status_code == 200
    assert calls["asked"] == before


@pytest.mark.parametrize("words", [{"summary": "In other words"}, {"title": "Another title"}, {"contact_phone": "1-800-000-0000"}])
def test_after_a_change_of_words_alone_nothing_is_asked_anew(words, walked, calls):
    trial = Trial.objects.published().open().first()
    for name, text in words.items():
        setattr(trial, name, text)
    trial.save()
    assert catalog.current().listings[trial.nct_id].summary == trial.summary
    for address in (CHECK, RESULTS):
        assert walked.open(address).status_code == 200
    assert calls["asked"] == 0


def test_changing_the_trials_of_the_paper_takes_the_trail_along(walked, calls):
    catalog.touch()
    walked.send(SUMMARY, trial=[])
    before = calls["asked"]
    assert walked.open(SUMMARY).status_code == 200
    assert calls["asked"] == before


def test_a_cookie_without_a_trail_opens_as_before(walked):
    told = kept_by(walked)
    walked.client.cookies[COOKIE] = seal(replace(told, trail=None))
    assert kept_by(walked).trail is None
    screening = Screening(kept_by(walked), catalog.current())
    assert screening.path.trail(screening.state) == told.trail
    assert walked.open(CHECK).status_code == 200


@pytest.mark.parametrize("published", [True, False])
def test_a_trial_that_is_tried_is_followed_too_and_asked_anew_after_a_change(published, patient, django_user_model, calls):
    patient.client.force_login(django_user_model.objects.create_superuser("ana", password=None))
    trial = Trial.objects.published().open().filter(areas__slug="eye").order_by("nct_id").first()
    trial.published = published
    trial.save()
    patient.send(f"/screening/try/{trial.nct_id}/")
    address = patient.answer("who", "me")["Location"]
    while address != CHECK and len(kept_by(patient).given) < 3:
        address = patient.answer(key_of(address), UNSURE)["Location"]
    assert kept_by(patient).trail is not None
    before = calls["asked"]
    assert patient.open(CHECK).status_code == 200
    assert calls["asked"] == before
    trial.criteria.first().delete()
    assert patient.open(CHECK).status_code == 200
    assert calls["asked"] > before


def test_one_trial_that_is_tried_is_another_state_than_all_trials(catalogs):
    now, one = catalogs[0], catalogs[-1]
    assert Screening(Answers(area="eye"), now).state != Screening(Answers(area="eye"), one).state


def test_two_areas_are_two_states(catalogs):
    assert len({Screening(Answers(area=area), catalogs[0]).state for area in AREAS}) == len(AREAS)
