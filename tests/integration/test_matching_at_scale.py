"""The results of one patient among thousands of trials: few queries, exact counts, the best ones shown, and the verdicts of the plain judge."""

from __future__ import annotations

import random
import re

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from prescreen.screening import SHOWN
from tests import rows
from trials import catalog, matching
from trials.eligibility.judging import judge
from trials.eligibility.verdicts import Verdict
from trials.models import Cohort, ConditionArea, Criterion, Trial
from trials.ranking import Limits
from trials.vocabulary import OPEN_STATUSES

from .patients import CHECK, PDF, RESULTS, SUMMARY, Patient, page_of, text_of

COUNT = 3_000
RULES = (
    "diagnosis is {condition}",
    "age >= {low}",
    "age < {high}",
    "weight between {low} and {high}",
    "treatments includes surgery",
    "visits is yes",
    "antibodies <= {high} or visits is yes",
)
TOLD = {"diagnosis": "rp_x_linked", "age": {"value": "30", "unit": "years"}}


def add_many() -> None:
    """Thousands of small trials: most of three criteria, some with cohorts, a few whose record is incomplete."""
    dice = random.Random(5)
    trials = Trial.objects.bulk_create(
        Trial(
            nct_id=f"NCT3{number:07}",
            title=f"Trial {number}",
            status=dice.choice((*OPEN_STATUSES, "UNKNOWN")),
            source="invented",
            as_of="2026-11-01",
            published=True,
            criteria_complete=dice.random() > 0.05,
        )
        for number in range(COUNT)
    )
    area = ConditionArea.objects.get(slug="eye")
    Trial.areas.through.objects.bulk_create(Trial.areas.through(trial=trial, conditionarea=area) for trial in trials)
    of_two = dice.sample(trials, COUNT // 10)
    cohorts = Cohort.objects.bulk_create(Cohort(trial=trial, name=name) for trial in of_two for name in ("One", "Two"))
    by_trial = {trial.pk: [cohort for cohort in cohorts if cohort.trial_id == trial.pk] for trial in of_two}
    criteria = [_criterion(trial, order, dice, by_trial.get(trial.pk, [])) for trial in trials for order in range(dice.randint(1, 4))]
    Criterion.objects.bulk_create(criteria)
    catalog.touch()


def _criterion(trial: Trial, order: int, dice: random.Random, cohorts: list[Cohort]) -> Criterion:
    values = {"condition": dice.choice(("rp", "rp_x_linked", "stargardt")), "low": dice.randint(1, 40), "high": dice.randint(30, 90)}
    rule = dice.choice(RULES).format(**values) if dice.random() > 0.1 else ""
    kind = "inclusion" if dice.random() > 0.2 else "exclusion"
    return Criterion(trial=trial, order=order, kind=kind, text=rule or "As the investigator sees it", rule=rule, cohort=dice.choice([None, *cohorts]))


@pytest.fixture(scope="module", autouse=True)
def _many(small_rows, django_db_setup, django_db_blocker):
    """The small catalog and thousands of trials more, for all tests of this module."""
    with django_db_blocker.unblock():
        with transaction.atomic():
            rows.put(small_rows)
            add_many()
        yield
        with transaction.atomic():
            rows.take_away({Criterion: [], Cohort: [], Trial.areas.through: []})
            rows.take_away(small_rows)


pytestmark = pytest.mark.django_db


def known_of(now: catalog.Catalog, **told: object):
    return now.questionnaire.settle(now.questionnaire.read(told))


PATIENTS = [
    {},
    TOLD,
    TOLD | {"visits": "yes", "weight": 20},
    {"diagnosis": "stargardt", "age": 70, "treatments": ["surgery"]},
    {"diagnosis": "rp_usher", "age": 5, "visits": "no"},
]


@pytest.mark.parametrize("told", PATIENTS)
def test_the_verdicts_and_counts_are_those_of_the_plain_judge(told):
    now = catalog.current()
    answers = now.questionnaire.read(told)
    known = now.questionnaire.settle(answers)
    numbers = [str(key) for key in now.index.keys]
    judged = {kept.judged.key: judge(kept.judged, known).verdict for kept in now.shelf.take(numbers).values()}
    assert len(judged) > COUNT
    assert now.index.match(known).verdicts.tolist() == [judged[number] for number in numbers]
    found = matching.match(now, None, answers, SHOWN)
    assert found.counts == {verdict: list(judged.values()).count(verdict) for verdict in Verdict}
    assert found.total == len(judged)
    assert all(trial.verdict is judged[trial.listing.nct_id] for trial in found.trials)


@pytest.mark.parametrize("told", PATIENTS)
def test_those_shown_are_the_best_ones(told):
    now = catalog.current()
    answers = now.questionnaire.read(told)
    everything = matching.match(now, "eye", answers)
    shown = matching.match(now, "eye", answers, Limits(50, 20))
    assert everything.counts == shown.counts and everything.next_questions == shown.next_questions
    possible = [trial for trial in everything.trials if trial.verdict is not Verdict.FAILS]
    here = [trial for trial in shown.trials if trial.verdict is not Verdict.FAILS]
    assert [trial.verdict for trial in here] == [trial.verdict for trial in possible[:50]]
    failing = [sum(one.verdict is Verdict.FAILS for one in trial.explanations) for trial in shown.with_verdict(Verdict.FAILS)]
    assert len(failing) == min(20, everything.counts[Verdict.FAILS])
    fewest = sorted(_fewest_failing(trial) for trial in everything.with_verdict(Verdict.FAILS))
    assert sorted(_fewest_failing(trial) for trial in shown.with_verdict(Verdict.FAILS)) == fewest[: len(failing)]


def _fewest_failing(trial: matching.TrialMatch) -> int:
    """How many different criteria fail in the cohort where they are fewest."""
    failing = {(one.criterion.rule, one.criterion.kind, one.criterion.cohort) for one in trial.explanations if one.verdict is Verdict.FAILS}
    cohorts = trial.judgement.trial.cohorts or (None,)
    return min(len({pair[:2] for pair in failing if pair[2] in (None, cohort)}) for cohort in cohorts)


def test_few_trials_come_in_the_same_order_with_limits_and_without():
    now = catalog.current()
    for told in PATIENTS:
        answers = now.questionnaire.read(told)
        with_limits = matching.match(now, "genetic", answers, SHOWN)
        assert with_limits.trials == matching.match(now, "genetic", answers).trials


def test_the_results_page_shows_some_and_tells_of_the_rest():
    patient = Patient()
    patient.remember(**TOLD)
    page = patient.open(RESULTS)
    text = text_of(page)
    now = catalog.current()
    found = matching.match(now, "eye", now.questionnaire.read(TOLD), SHOWN)
    assert (page.content.decode().count('<article class="trial">'), text.count("More on this trial")) == (50, 20)
    possible = found.counts[Verdict.PASSES] + found.counts[Verdict.UNKNOWN]
    assert f"Of {found.total} trials we looked at, {possible} may be worth asking about." in text
    assert f"{found.counts[Verdict.FAILS] - 20} more trials probably do not match right now. We show those that come closest." in text
    assert f"{found.counts[Verdict.UNKNOWN] - len(found.with_verdict(Verdict.UNKNOWN))} more trials may match. They are not shown here." in text
    fits, shown = found.counts[Verdict.PASSES], len(found.with_verdict(Verdict.PASSES))
    assert f"Your answers fit what this trial asks ({fits})" in text
    assert shown == min(fits, 50) and (f"{fits - shown} more trial" in text or shown == fits)


def test_the_summary_and_its_pdf_are_of_those_shown_and_tell_of_the_rest():
    patient = Patient()
    patient.remember(**TOLD)
    page = patient.open(SUMMARY)
    assert len(re.findall(r'name="trial"', page.content.decode())) == 50
    assert "more trials probably do not match right now" in text_of(page)
    assert patient.open(PDF).content.startswith(b"%PDF-")


@pytest.mark.parametrize("address", [RESULTS, SUMMARY, CHECK, page_of("age")])
def test_a_page_takes_few_queries_however_many_trials_there_are(address):
    patient = Patient()
    patient.remember(**TOLD)
    catalog.touch()
    catalog.current()
    with CaptureQueriesContext(connection) as first:
        patient.open(address)
    assert len(first) <= 8
    with CaptureQueriesContext(connection) as again:
        patient.open(address)
    assert len(again) == 1


def test_few_trials_are_kept_in_memory():
    now = catalog.current()
    now.shelf.take([str(key) for key in now.index.keys])
    assert len(now.shelf) <= 400
    assert len(now.listings) == len(now.index) > COUNT


def test_a_trial_closed_a_moment_ago_is_left_out_of_a_page_that_was_begun_before():
    now = catalog.current()
    found = matching.match(now, "eye", now.questionnaire.read(TOLD), SHOWN)
    gone = found.trials[0].listing.nct_id
    catalog.touch()
    now = catalog.current()
    Trial.objects.filter(nct_id=gone).update(status="COMPLETED")
    assert gone not in {trial.listing.nct_id for trial in matching.match(now, "eye", now.questionnaire.read(TOLD), SHOWN).trials}
