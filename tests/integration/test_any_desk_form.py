"""Whatever is sent to a page of the desk, by somebody who may do everything: never an error of the server, and never a published trial that is not valid.

The pages are those that the desk's addresses tell, and their forms those that the pages show, so a new one is tried as well, or fails here.
ANY_ANSWERS=10000 sends 2,500; some 300 are sent otherwise.
"""

from __future__ import annotations

import json
import os
import re
import traceback
from dataclasses import replace
from urllib.parse import quote_from_bytes

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.plugins.otp_totp.models import TOTPDevice
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.factories import ConditionFactory, QuestionFactory
from trials import catalog, services
from trials.eligibility.questionnaire import Questionnaire
from trials.models import Trial

from . import desk_forms, small, spreadsheets
from .any_input import FEW, multipart, urlencoded
from .desk import ready_trial, trial_to_do
from .desk_forms import OWN, Form
from .form_changes import Sending, inputs, numbers, sendings
from .registry_records import OTHER, bring_in, study
from .signing_in import CODE, LOGIN, give_password, staff, with_app
from .test_import_from_registry import server  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small_catalog", "statuses"), pytest.mark.filterwarnings("ignore:Generating overly large repr")]

TRIED = int(os.environ.get("ANY_ANSWERS", "800")) // 4
"""Forms sent, over all kinds of pages."""

KINDS = {
    # what the pages are of, and the part of all tries that they get
    "trials_trial": 0.35,
    "trials_question": 0.15,
    "trials_criterion": 0.12,
    "trials_condition": 0.08,
    "trials_conditionarea": 0.05,
    "trials_approvedtherapy": 0.05,
    "trials_auditentry": 0.02,
    "auth_user": 0.08,
    "auth_group": 0.03,
    OWN: 0.07,
}

BY_SCRIPT = {"trials_trial_rule": [("rule", "age >= 18"), ("kind", "inclusion"), ("cursor", "5")]}
"""What a script sends, and no form."""

AFTER_UPLOAD = {"trials_criterion_process_import"}
"""What a form sends that is shown after a file was sent."""

ONLY_READ = {
    *(f"{kind}_history" for kind in KINDS if kind != OWN),
    *("trials_question_checks", "trials_trial_export", "trials_criterion_export", "trials_auditentry_export"),
    *("trials_criterion_add", "trials_criterion_change", "trials_criterion_delete"),
    *("trials_auditentry_add", "trials_auditentry_change", "trials_auditentry_delete"),
    *("index", "app_list", "autocomplete", "jsi18n", "view_on_site", "password_change_done", "sign_in"),
}
"""Pages without a form that sends something, and those that nobody may use."""

LISTS = ("q", "p", "o", "e", "all", "_facets", "_popup", "_to_field", "id__in", "nct_id__regex", "areas__id__exact", "title__icontains", "as_of__gte")
"""What can be asked of a list."""

ALLOWED = (200, 302, 400, 403, 404, 405, 413, 414, 422, 429)


def tries(kind: str) -> settings:
    """So many tries as the pages of this kind get."""
    return settings(FEW, max_examples=max(5, int(TRIED * KINDS[kind])))


def answer(browser: Client, method: str, address: str, query: bytes = b"", **body):
    """What is answered, which must be one of ours. The browser keeps the cookies that it had."""
    sender = Client(raise_request_exception=False, headers={"host": "127.0.0.1"})
    sender.cookies.load({name: morsel.value for name, morsel in browser.cookies.items()})
    path, _mark, told = address.partition("?")
    asked = "&".join(filter(None, (told, query.decode("latin-1"))))
    response = sender.generic(method, path, QUERY_STRING=asked, **body)
    fault = "".join(traceback.format_exception(*response.exc_info)) if getattr(response, "exc_info", None) else ""
    assert response.status_code in ALLOWED, (method, address, asked, fault)
    return response


def sent_by(browser: Client, form: Form, sending: Sending | None = None, contents: list[bytes] = ()):
    """What is answered to a form, as it is shown or as it is changed."""
    fields, files = (sending.fields(form), sending.files(form, contents)) if sending else (form.as_shown(), [])
    query = urlencoded([(name.encode(), value) for name, value in sending.query]) if sending else b""
    charset = sending.charset if sending and not query else ""  # both at once break the test client, see test_any_answer
    data, kind = (multipart(fields, files), "multipart/form-data; boundary=B") if form.files else (urlencoded(fields), "application/x-www-form-urlencoded")
    return answer(browser, "POST", form.address, query, data=data, content_type=kind + charset)


def faults_of_published() -> list[str]:
    """What speaks against the trials that patients see."""
    questionnaire = Questionnaire(catalog.stored_questions())
    published = Trial.objects.published().with_parts().prefetch_related("sample_patients")
    return [f"{trial.nct_id}: {fault}" for trial in published for fault in services.check_trial(trial=trial, questionnaire=questionnaire)]


@pytest.fixture
def browser(small_catalog):
    """Somebody who may do everything, with an app for codes, at a desk with trials in many states."""
    Trial.objects.filter(status="COMPLETED").update(published=False)  # its rule fits everybody, which only files may bring in
    QuestionFactory()  # these two are used by nothing, so they can be deleted
    ConditionFactory()
    spreadsheets.trial_of_two()
    ready_trial()
    trial_to_do()
    bring_in(study(OTHER, conditions=["Retinitis Pigmentosa"]))
    person = staff("anna", is_superuser=True)
    with_app(person)
    Client().force_login(person)  # in another place, where they can sign out
    staff("bo")  # whose password somebody else may change
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(person)
    session = client.session
    session[DEVICE_ID_SESSION_KEY] = TOTPDevice.objects.get(user=person).persistent_id
    session.save()
    assert faults_of_published() == []
    return client


def half_way(name: str, **more) -> Client:
    """Somebody who has given the password, and no code yet."""
    client = Client(headers={"host": "127.0.0.1"})
    assert give_password(client, name, **more).status_code == 302
    return client


def forms_to_try(browser: Client, kind: str) -> list[tuple[Client, Form]]:
    """The forms of the pages of this kind, each with who sends it."""
    found = [(browser, form) for form in desk_forms.shown_forms(browser, kind)]
    found += [
        (browser, Form(address, fields=fields))
        for route, fields in BY_SCRIPT.items()
        if desk_forms.kind_of(route) == kind
        for address in desk_forms.addresses_of(route)
    ]
    ticked = ("published", "on")
    found += [(who, replace(form, fields=[*form.fields, ticked])) for who, form in found if ticked in form.offered and ticked not in form.fields]
    if kind == OWN:
        stranger = Client(headers={"host": "127.0.0.1"})
        signing_in = [(stranger, LOGIN), (half_way("anna"), CODE)]
        found += [(client, form) for client, address in signing_in for form in desk_forms.forms_of(client.get(address), address)]
    return found


FILES = {
    "trials_trial_import": [json.dumps(study()).encode(), json.dumps({"studies": [study(), study()]}).encode(), small.FIRST.encode(), small.SECOND.encode()],
    "trials_criterion_import": [b"a,b\n1,2"],
}


def statuses_as_shown(route: str) -> tuple[int, ...]:
    """What is answered to a form that is sent unchanged."""
    if route in ONLY_READ:
        return (403,)
    return (302,) if route == f"{desk_forms.kind_of(route)}_change" else (200, 302, 422)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.usefixtures("server")
def test_no_form_ends_in_an_error(kind, browser):
    tried = forms_to_try(browser, kind)
    table = spreadsheets.written([row | {"plain": "New words"} for row in spreadsheets.exported()])
    contents = FILES | {"trials_criterion_import": [table]}
    for who, form in tried:
        with transaction.atomic():
            expected = statuses_as_shown(desk_forms.route_of(form.address))
            assert sent_by(who, form).status_code in expected, f"{form.address} is taken as it is shown, so what is tried below gets as far as the form"
            assert faults_of_published() == []
            transaction.set_rollback(True)

    @tries(kind)
    @given(st.sampled_from(tried), sendings)
    def sent(by, sending):
        who, form = by
        with transaction.atomic():
            response = sent_by(who, form, sending, contents.get(desk_forms.route_of(form.address), ()))
            for after in desk_forms.forms_of(response, form.address) if form.files else ():
                if desk_forms.route_of(after.address) in AFTER_UPLOAD:
                    sent_by(who, after)
                    sent_by(who, after, sending)
            if response.status_code == 302:  # something may be stored, and has to be shown
                answer(browser, "GET", form.address)
                answer(browser, "GET", response["Location"])
            assert faults_of_published() == []
            transaction.set_rollback(True)
        catalog.touch()

    sent()


def test_every_page_of_the_desk_is_tried(browser):
    """A new page that takes a form shows it, or is named above."""
    shown = {desk_forms.route_of(form.address) for kind in KINDS for _who, form in forms_to_try(browser, kind)}
    assert desk_forms.routes().keys() == shown | ONLY_READ | AFTER_UPLOAD


def test_no_address_ends_in_an_error(browser):
    """The addresses of all pages with anything asked for, and anything in the place of a record's number. Lists are asked by what their own links name."""
    there = [address for route in desk_forms.routes() if route != "logout" for address in desk_forms.addresses_of(route)[:2]]
    named = {address: sorted({*LISTS, *desk_forms.named_in_links(browser.get(address))}) for address in there}
    records = [re.sub(r"/[0-9]+/", "/{}/", address) for address in there if re.search(r"/[0-9]+/", address)]
    lists = [address for address in there if desk_forms.route_of(address).endswith("_changelist")]

    @settings(FEW, max_examples=max(60, TRIED // 5))
    @given(st.sampled_from([*there, *lists * 6]), st.lists(st.tuples(numbers, inputs), max_size=3), st.sampled_from(records), inputs)
    def asked(address, told, record, number):
        query = urlencoded([(named[address][at % len(named[address])].encode(), value[:300]) for at, value in told])
        answer(browser, "GET", address, query)
        answer(browser, "GET", record.format(quote_from_bytes(number[:300], safe="")))
        catalog.touch()

    asked()


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("page", ["change", "delete"])
@pytest.mark.parametrize(("field", "statuses"), [("", {400}), ("title", {400}), ("id", {200, 302, 403, 422})])
def test_a_record_is_looked_up_by_its_number_alone(field, statuses, page, method, browser):
    records = (Trial.objects.first(), User.objects.first())
    places = [reverse(f"admin:{record._meta.label_lower.replace('.', '_')}_{page}", args=[record.pk]) for record in records]
    for place in places:
        assert getattr(browser, method)(f"{place}?_to_field={field}").status_code in statuses
        assert browser.post(place, {"_to_field": field}).status_code in statuses


@pytest.mark.parametrize("name", ["trial", "criterion", "auditentry"])
@pytest.mark.parametrize(("query", "status"), [("", 200), ("q=retina", 200), ("nothing=1", 400), ("trial__nothing__regex=(", 400), ("id__in=x", 400)])
def test_an_export_is_filtered_by_what_its_list_has(name, query, status, browser):
    assert browser.get(f"{reverse(f'admin:trials_{name}_export')}?{query}").status_code == status
