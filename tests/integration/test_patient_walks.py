"""Whole ways through the starter catalog, from the start page to the paper, in each area."""

import pytest

from prescreen.answers import COOKIE, LIFETIME, Answers, seal, unseal
from trials import catalog, matching
from trials.eligibility.verdicts import Verdict
from trials.models import SamplePatient, Trial

from .patients import CHECK, PDF, RESULTS, START, SUMMARY, UNSURE, not_sure, page_of, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("starter")]

AREAS = ["cancer", "eye", "genetic", "hiv"]
PROBABLY_NOT = "Probably not a match right now"


def best_sample(area: str) -> SamplePatient:
    """The sample patient of an open trial of the area who fits it best, with the most answers."""
    samples = SamplePatient.objects.filter(trial__in=Trial.objects.published().open(), trial__areas__slug=area).exclude(expect="fails")
    return max(samples, key=lambda sample: (sample.expect == "passes", len(sample.answers), sample.trial.nct_id))


def as_fields(answer: object) -> dict:
    """An answer of an answers file as the fields of a question page."""
    match answer:
        case None:
            return {"answer": UNSURE}
        case bool():
            return {"answer": "yes" if answer else "no"}
        case {"value": value, **rest}:
            return {"answer": str(value), **rest}
        case dict():
            return {"answer": UNSURE}
        case []:
            return {"answer": "none_of_these"}
        case list():
            return {"answer": answer}
    return {"answer": str(answer)}


def like(sample: SamplePatient, area: str):
    """Answers as this patient would; to what their record does not say, with "no", "none of these" or "I am not sure"."""
    known = {"who": "me", "area": area, **sample.answers}

    def choose(key: str, options: list[str]):
        if key in known:
            return as_fields(known[key])
        return next((option for option in ("no", "none_of_these") if option in options), UNSURE)

    return choose


@pytest.mark.parametrize("area", AREAS)
def test_a_patient_walks_from_the_start_to_the_paper(area, patient):
    sample = best_sample(area)
    assert f'href="{page_of("who")}"' in patient.open(START).content.decode()
    asked = patient.go_on(like(sample, area))
    assert asked[:4] == ["who", "area", "diagnosis", "age"]
    given = unseal(patient.client.cookies[COOKIE].value, LIFETIME)
    assert set(given.given) == set(asked[2:]), "each answer is kept, and none that was not asked"

    check = text_of(patient.open(CHECK))
    questionnaire = catalog.current().questionnaire
    assert [key for key in asked[2:] if questionnaire[key].text not in check] == []

    results = text_of(patient.open(RESULTS))
    found = matching.match(catalog.current(), area, questionnaire.read(given.given))
    for trial in found.trials:
        assert trial.listing.nct_id in results
    assert found.next_questions == []
    possible = [trial.listing for trial in found.trials if trial.verdict is not Verdict.FAILS]
    assert sample.trial in possible
    assert f"Of {len(found.trials)} trials we looked at, {len(possible)} may be worth asking about." in results

    summary = text_of(patient.open(SUMMARY))
    assert all(trial.nct_id in summary for trial in possible)
    paper = patient.open(PDF)
    assert paper["Content-Type"] == "application/pdf"
    assert paper.content.startswith(b"%PDF-")
    assert [response.status_code for response in patient.seen if response.status_code not in (200, 302)] == []


@pytest.mark.parametrize("area", AREAS)
def test_whoever_is_sure_of_nothing_is_ruled_out_of_nothing(area, patient):
    questions = catalog.current().questionnaire
    patient.client.cookies[COOKIE] = seal(Answers("me", area, dict.fromkeys(questions)))
    page = patient.open(RESULTS)
    assert page.status_code == 200
    assert PROBABLY_NOT not in text_of(page)
    open_trials = Trial.objects.published().open().filter(areas__slug=area)
    assert f"Of {len(open_trials)} trials we looked at, {len(open_trials)} may be worth asking about." in text_of(page)
    assert patient.open("/screening/q/diagnosis/").status_code == 200
    assert patient.open(CHECK).content.decode().count("not sure") >= 20


def test_whoever_is_not_sure_of_the_area_either_sees_the_trials_of_all(patient):
    patient.client.cookies[COOKIE] = seal(Answers("me", None, {"diagnosis": None}))
    page = text_of(patient.open(RESULTS))
    assert f"Of {Trial.objects.published().open().count()} trials we looked at" in page
    assert PROBABLY_NOT not in page


def test_a_walk_of_not_sure_alone_is_taken_on_each_page_and_ends(patient):
    asked = patient.go_on(not_sure(area="hiv"))
    assert len(asked) > 20
    assert PROBABLY_NOT not in text_of(patient.open(RESULTS))
    assert text_of(patient.open(CHECK)).count("not sure") == len(asked) - 2


@pytest.mark.parametrize("area", AREAS)
def test_closed_and_unpublished_trials_are_never_in_the_results(area, patient):
    patient.client.cookies[COOKIE] = seal(Answers("me", area, {}))
    page = text_of(patient.open(RESULTS))
    hidden = [trial for trial in Trial.objects.all() if trial.is_closed or not trial.published]
    assert len(hidden) > 10
    assert [trial.nct_id for trial in hidden if trial.nct_id in page] == []


@pytest.mark.parametrize("area", AREAS)
def test_results_can_be_seen_as_soon_as_the_area_is_known(area, patient):
    assert patient.begin(area)["Location"] == page_of("diagnosis")
    assert patient.open(RESULTS).status_code == 200
    patient.answer("diagnosis", UNSURE)
    assert f'href="{RESULTS}"' in patient.open(page_of("age")).content.decode()


@pytest.mark.parametrize("area", AREAS)
def test_each_trial_of_the_area_can_be_read_in_public(area, patient):
    for trial in Trial.objects.published().filter(areas__slug=area)[:5]:
        page = patient.open(f"/trials/{trial.nct_id}/")
        assert page.status_code == 200
        assert ("This trial is closed." in text_of(page)) is trial.is_closed


def test_the_public_list_shows_each_published_trial_and_no_other(patient):
    page = " ".join(text_of(patient.open(f"/trials/?page={number}")) for number in (1, 2))
    for trial in Trial.objects.all():
        assert (trial.nct_id in page) is trial.published
