"""The page of a trial is cheap: its pieces are drawn quickly and alike, its rows need no queries of their own, its questions are not read in vain."""

from types import SimpleNamespace

import pytest
from django.db import connection
from django.forms.renderers import DjangoTemplates
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from tests.factories import CohortFactory, CriterionFactory, QuestionFactory, SamplePatientFactory, SiteFactory
from trials import renewal
from trials.admin.checks import keep_catalog, questionnaire_for
from trials.admin.formsets import OrderedForm
from trials.admin.part_forms import CriterionForm, SamplePatientForm, SiteForm
from trials.admin.quick_drawing import QUICK
from trials.models import Criterion, Trial

from .desk import HOSTILE, ready_trial, signed_in
from .test_admin import Form, change_page, save

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(small_catalog):
    """The desk of somebody who may publish, without trials."""
    Trial.objects.all().delete()
    return signed_in()


def grown(trial, rows: int):
    """A trial with so many more rows of each kind."""
    for number in range(rows):
        cohort = CohortFactory(trial=trial, name=f"{trial.cohorts.count()} {HOSTILE}")
        CriterionFactory(trial=trial, text=f"{number} {HOSTILE}", heading=HOSTILE, plain=HOSTILE, rule="age >= 18", cohort=cohort)
        SamplePatientFactory(trial=trial, name=f"{number} {HOSTILE}", answers={"age": 30, "sex": "male"}, expect="passes")
        SiteFactory(trial=trial, facility=HOSTILE)
    return trial


def queries_of(desk, trial) -> tuple[int, int]:
    """How many queries the page of a trial needs, and a save of it."""
    with CaptureQueriesContext(connection) as read:
        page = desk.get(change_page(trial))
    sent = Form(page.content.decode()).fields | {"summary": f"{trial.summary} More."}
    with CaptureQueriesContext(connection) as saved:
        assert desk.post(change_page(trial), sent).status_code == 302
    return len(read), len(saved)


@pytest.mark.parametrize("sent", [{}, {"title": "", "criteria-1-text": "", "criteria-1-rule": HOSTILE, "sample_patients-0-answers": HOSTILE}])
def test_pieces_are_drawn_as_django_draws_them(desk, monkeypatch, sent):
    """A page as read, and one sent back with errors."""
    trial = grown(ready_trial(), 2)
    pages = []
    for drawn in (QUICK.render, lambda *args: DjangoTemplates.render(QUICK, *args)):
        monkeypatch.setattr(QUICK, "render", drawn, raising=False)
        response = save(desk, trial, **sent) if sent else desk.get(change_page(trial))
        assert response.status_code == 200
        pages.append(response)
    quick, slow = ("".join(page.content.decode().split()) for page in pages)
    tokens = [page.context["csrf_token"] for page in pages]
    assert quick.replace(str(tokens[0]), "") == slow.replace(str(tokens[1]), "")
    assert HOSTILE not in pages[0].content.decode()


@pytest.mark.parametrize("form", [OrderedForm, CriterionForm, SamplePatientForm, SiteForm])
def test_no_field_of_a_row_has_scripts_of_its_own(form):
    assert not any(field.widget.media.render() for field in form.base_fields.values()), "RowForm leaves them out"


def test_more_rows_need_no_more_queries(desk):
    trial = grown(ready_trial(), 2)
    queries_of(desk, trial)  # what is kept from then on, and the message that the next page tells
    few = queries_of(desk, trial)
    assert queries_of(desk, grown(Trial.objects.get(), 10)) == few


def test_a_changed_row_is_checked(desk):
    trial = grown(ready_trial(), 1)
    assert save(desk, trial, **{"criteria-1-kind": "unclear"}).status_code == 200
    assert not Criterion.objects.filter(kind="unclear").exists()


def test_the_questions_of_the_catalog_are_used_until_one_changes(small_catalog):
    kept = SimpleNamespace(frame=renewal.stamp().frame, questionnaire={"the": "same"})
    request = RequestFactory().get("/")
    request.desk_catalog = kept
    assert dict(questionnaire_for(request)) == {"the": "same"}
    QuestionFactory(key="a_new_one")
    later = RequestFactory().get("/")
    later.desk_catalog = kept
    assert "a_new_one" in questionnaire_for(later)


def test_the_catalog_is_kept_for_a_page(small_catalog, monkeypatch):
    request = RequestFactory().get("/")
    monkeypatch.setattr("trials.admin.checks.connection", SimpleNamespace(in_atomic_block=False))
    keep_catalog(request)
    assert request.desk_catalog.questionnaire.keys() == questionnaire_for(request).keys()


def test_the_catalog_is_not_kept_in_a_transaction(small_catalog):
    request = RequestFactory().get("/")
    keep_catalog(request)
    assert not hasattr(request, "desk_catalog")
    assert "age" in questionnaire_for(request)
