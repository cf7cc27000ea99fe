"""The history of a record: who changed what and when, in words; for a trial, with all that belongs to it."""

import html
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db.models import F
from django.utils import timezone

from tests.factories import (
    ApprovedTherapyFactory,
    ChoiceFactory,
    CohortFactory,
    ConditionAreaFactory,
    ConditionFactory,
    CriterionFactory,
    QuestionFactory,
    SamplePatientFactory,
    SiteFactory,
    TrialFactory,
)
from trials import services
from trials.admin import history
from trials.history import FILE, REGISTRY, create, save, update
from trials.models import Choice, Cohort, ConditionArea, Criterion, Question, SamplePatient, Site, Trial

pytestmark = pytest.mark.django_db
OF_A_TRIAL = (Trial, Criterion, Cohort, Site, SamplePatient)
HOSTILE = "<script>alert(1)</script> & \"quoted\" <b onclick='x()'>"


@pytest.fixture
def person(django_user_model):
    """Somebody who may do everything."""
    return django_user_model.objects.create(username="mara", first_name="Mara", last_name="Lind", is_staff=True, is_superuser=True)


@pytest.fixture
def desk(client, person):
    """The browser of this person."""
    client.force_login(person)
    return client


@pytest.fixture
def trial():
    """A trial that is not published, with a part of each kind, all of it long ago."""
    found = TrialFactory(published=False, title="One eye", areas=["eye"], genes=["RPGR"])
    QuestionFactory(key="age", kind="number", unit="years", min="0", max="120")
    CriterionFactory(trial=found, text="Age 18 or older", plain="You are an adult", order=0, team_checks=True)
    CriterionFactory(trial=found, text="Given consent", order=1, cohort=CohortFactory(trial=found, name="Adults"), team_checks=True)
    SiteFactory(trial=found)
    SamplePatientFactory(trial=found, name="Man of 30", answers={"age": 30})
    long_ago(*OF_A_TRIAL)
    return found


def long_ago(*models) -> None:
    """Moves everything that is recorded of these so far into the past, so that what follows is another entry."""
    for model in models:
        model.history.update(history_date=F("history_date") - timedelta(hours=1))


def address(record, page: str = "history") -> str:
    """The address of a page of a record."""
    return f"/admin/trials/{record._meta.model_name}/{record.pk}/{page}/"


def entries(client, record, query: str = "") -> list[tuple[str, list[str]]]:
    """What the history says: of each entry who did it, and the lines, in which removed words stand in [-…-] and added ones in [+…+]."""
    page = client.get(address(record) + query)
    assert page.status_code == 200
    found = []
    for section in re.findall(r"<article.*?</article>", page.content.decode(), re.DOTALL):
        marked = re.sub(r'<(?:del|ins)><span class="visually-hidden">(removed|added): </span>(.*?)</(?:del|ins)>', _mark, section, flags=re.DOTALL)
        who = _text(re.search(r"<h2.*?</time> · (.*?)</h2>", marked, re.DOTALL)[1])
        found.append((who, [line for line in map(_text, re.split(r"</?(?:li|ul|summary)>", marked.partition("</h2>")[2])) if line]))
    return found


def _mark(found: re.Match) -> str:
    sign = "-" if found[1] == "removed" else "+"
    return f"[{sign}{found[2]}{sign}]"


def _text(markup: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]*>", "", markup)).split())


def newest(client, record) -> tuple[str, list[str]]:
    """The newest entry."""
    return entries(client, record)[0]


def fields_of(page) -> dict:
    """What the browser would send if nothing on a record's page were changed."""
    sets = [inline.formset for inline in page.context["inline_admin_formsets"]]
    forms = [page.context["adminform"].form, *(formset.management_form for formset in sets), *(form for formset in sets for form in formset.forms)]
    values = {bound.html_name: bound.value() for form in forms for bound in form}
    return {name: value for name, value in values.items() if value is not None and value is not False}


def change(client, record, **changes):
    """Opens a record's page, changes these fields, and saves."""
    fields = fields_of(client.get(address(record, "change"))) | changes
    response = client.post(address(record, "change"), {name: value for name, value in fields.items() if value is not None})
    assert response.status_code == 302, response.context["errors"]


def test_what_is_made_at_the_desk_is_told_with_who_made_it(desk):
    fields = {"slug": "ear", "name": "Hearing", "description": "Ears", "order": "7"}
    desk.post("/admin/trials/conditionarea/add/", fields)
    area = ConditionArea.objects.get(slug="ear")
    said = ["Condition area added", "Slug: ear", "Name: Hearing", "Description: Ears", "Order: 7"]
    assert entries(desk, area) == [("mara (Mara Lind)", said)]


def test_one_save_of_a_trials_page_is_one_entry_with_all_that_changed(desk, trial):
    first, second = trial.criteria.all()
    number = {form.instance.pk: form.prefix for form in _criteria(desk, trial)}
    areas = [ConditionAreaFactory(slug="cancer").pk]
    changes = {
        "title": "Both eyes",
        "areas": areas,
        "genes": "RPGR\nRPE65",
        f"{number[first.pk]}-plain": "You are an older adult",
        f"{number[second.pk]}-DELETE": "on",
        "sample_patients-0-answers": "age: 31",
    }
    change(desk, trial, **changes)
    who, lines = newest(desk, trial)
    assert who == "mara (Mara Lind)"
    assert lines[:5] == [
        "Trial changed",
        "Title: [-One eye-] → [+Both eyes+]",
        "Genes: [+RPE65+]",
        f"Areas: [-{ConditionAreaFactory(slug='eye').name}-] [+{ConditionAreaFactory(slug='cancer').name}+]",
        "Criterion “Age 18 or older” changed",
    ]
    assert "Plain: [-You are an adult-] → [+You are an older adult+]" in lines
    assert "Criterion “Given consent” deleted" in lines
    assert "Cohort: Adults" in lines
    assert "Sample patient “Man of 30” changed" in lines
    assert "Answers: [-age: 30-] [+age: 31+]" in lines
    assert len(entries(desk, trial)) == 2


def _criteria(client, trial):
    inlines = client.get(address(trial, "change")).context["inline_admin_formsets"]
    return next(inline.formset.forms for inline in inlines if inline.formset.model is Criterion)


def test_the_time_of_each_entry_is_told(desk, trial):
    Trial.history.update(history_date=datetime(2026, 11, 22, 16, 5, tzinfo=UTC))
    page = desk.get(address(trial)).content.decode()
    assert '<time datetime="2026-11-22T16:05:00+00:00">Nov. 22, 2026, 4:05 p.m.</time>' in page


def test_answers_and_lists_of_a_new_part_stand_in_words(desk, trial):
    answers = {"age": {"min": 3}, "smokes": False, "pregnant": True, "diagnosis": None}  # short names first: PostgreSQL keeps no other order
    SamplePatientFactory(trial=trial, name="Woman", answers=answers)
    assert newest(desk, trial)[1][1:] == ["Name: Woman", 'Answers: age: {"min": 3}, smokes: no, pregnant: yes, diagnosis: unknown', "Expect: unknown"]


def test_saving_without_a_change_says_so(desk, trial):
    Trial.objects.get(pk=trial.pk).save()
    assert newest(desk, trial) == ("nobody who was signed in", ["Saved. Nothing that is shown here changed."])


def test_what_a_service_does_is_told(desk, trial):
    services.withdraw(trial=trial)
    long_ago(*OF_A_TRIAL)
    Trial.objects.filter(pk=trial.pk).update(published=True)
    trial.refresh_from_db()
    trial.save()
    assert newest(desk, trial) == ("nobody who was signed in", ["Trial changed", "Published: [-no-] → [+yes+]"])


def test_a_registry_import_and_a_file_are_named(desk, trial):
    trial.status = "COMPLETED"
    save(trial, REGISTRY)
    create(Site, [Site(trial=trial, city="Graz", country="Austria")], REGISTRY)
    lines = ["Trial changed", "Status: [-Recruiting-] → [+Closed: completed+]", "Site “Graz, Austria” added", "City: Graz", "Country: Austria"]
    assert newest(desk, trial) == ("registry import", lines)
    long_ago(*OF_A_TRIAL)
    trial.sponsor = "Eye Clinic"
    save(trial, FILE)
    assert newest(desk, trial) == ("loaded from a file", ["Trial changed", "Sponsor: [+Eye Clinic+]"])


def test_criteria_that_only_moved_are_counted(desk, trial):
    rows = list(trial.criteria.all())
    for row in rows:
        row.order += 1
    update(Criterion, rows, ["order"], REGISTRY)
    assert newest(desk, trial) == ("registry import", ["2 criteria moved"])


def test_the_registrys_changes_are_told_in_one_line(desk, trial):
    trial.differences = [{"field": "sponsor", "was": "A", "now": "B", "kept": True, "on": "2026-11-01"}]
    trial.registry, trial.suggestions = {"facts": {"sponsor": "secret base"}}, [{"field": "genes", "value": "X"}]
    save(trial, REGISTRY)
    assert newest(desk, trial) == ("registry import", ["The list of what the registry changed was updated."])


def test_parts_that_a_file_replaces_by_the_same_ones_did_not_change(desk, trial):
    first, second = trial.criteria.all()
    trial.criteria.all().delete()
    CriterionFactory(trial=trial, text=first.text, plain="You are grown up", order=0, team_checks=True)
    CriterionFactory(trial=trial, text=second.text, order=1, cohort=second.cohort, team_checks=True)
    lines = ["Criterion “Age 18 or older” changed", "Plain: [-You are an adult-] → [+You are grown up+]"]
    assert newest(desk, trial) == ("nobody who was signed in", lines)


def test_a_deleted_cohort_is_still_called_by_its_name(desk, trial):
    second = trial.criteria.last()
    second.cohort = None
    second.save()
    trial.cohorts.get().delete()
    assert newest(desk, trial)[1] == ["Cohort “Adults” deleted", "Name: Adults", "Criterion “Given consent” changed", "Cohort: [-Adults-]"]


def test_the_changed_words_of_a_long_text_are_marked_and_the_others_shortened(desk, trial):
    text = " ".join(f"word{n}" for n in range(60))
    first = trial.criteria.first()
    first.plain = text
    first.save()
    long_ago(*OF_A_TRIAL)
    first.plain = text.replace("word30 word31", "another thing").replace("word59", "word59 end")
    first.save()
    said = newest(desk, trial)[1][1]
    around = "word25 word26 word27 word28 word29"
    assert said.startswith(f"Plain: … {around} [-word30 word31-] [+another thing+] word32 word33 word34 word35 word36 … word55")
    assert said.endswith("word59 [+end+]")


@pytest.mark.parametrize(
    ("before", "after", "pieces"),
    [
        ("", "new", [("added", "new")]),
        ("old", "", [("removed", "old")]),
        ("old", "new", [("removed", "old"), ("same", "→"), ("added", "new")]),
        ("a b", "a  b", [("same", "spaces and line breaks")]),
        (("a", "b"), ("b", "c"), [("removed", "a"), ("added", "c")]),
        (("a", "b"), ("b", "a"), [("same", "in another order")]),
        ("", ("a",), [("added", "a")]),
        ("x " * 4_000 + "old", "x " * 4_000 + "new", [("removed", "old"), ("added", "new")]),
        ("y" * 400, "", [("removed", "y" * 299 + "…")]),
    ],
)
def test_a_difference_is_told_in_pieces(before, after, pieces):
    assert history.marked(before, after) == pieces


def test_hostile_words_stay_words(desk, trial):
    first = trial.criteria.first()
    first.text = first.plain = HOSTILE
    first.save()
    Trial.objects.get(pk=trial.pk).cohorts.create(name=HOSTILE)
    long_ago(*OF_A_TRIAL)
    first.plain = f"{HOSTILE} and {'more ' * 30}{HOSTILE}"
    first.save()
    page = desk.get(address(trial)).content.decode()
    assert "<script>alert" not in page
    assert "<b onclick" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert any(HOSTILE in line for _who, lines in entries(desk, trial) for line in lines)


def test_more_changes_need_no_more_queries(desk, trial, django_assert_max_num_queries):
    for number in range(30):
        condition = ConditionFactory(areas=["eye"])
        trial.conditions.add(condition)
        criterion = CriterionFactory(trial=trial, text=f"Criterion {number}", cohort=CohortFactory(trial=trial, name=f"Group {number}"))
        criterion.rule = "age >= 18"
        criterion.save()
        SiteFactory(trial=trial).delete()
        SamplePatientFactory(trial=trial)
        if number % 3 == 0:
            trial.conditions.remove(condition)
            condition.delete()
    with django_assert_max_num_queries(21):
        page = desk.get(address(trial))
    assert "30 criteria added" in page.content.decode()


def test_a_long_history_comes_in_pages(desk, trial):
    now = timezone.now()
    for minutes in range(30):
        trial.sponsor = f"Sponsor {minutes}"
        trial._history_date = now + timedelta(minutes=minutes)
        trial.save()
    first, second = entries(desk, trial), entries(desk, trial, "?p=2")
    assert (len(first), len(second)) == (25, 6)
    assert first[0][1] == ["Trial changed", "Sponsor: [-Sponsor 28-] → [+Sponsor 29+]"]
    assert second[0][1] == ["Trial changed", "Sponsor: [-Sponsor 3-] → [+Sponsor 4+]"]
    assert entries(desk, trial, "?p=nonsense") == first


def test_changes_of_two_people_are_two_entries(desk, trial, django_user_model):
    for name in ("ada", "bo"):
        trial.sponsor = name
        trial._history_user = django_user_model.objects.create(username=name)
        trial.save()
    assert [who for who, _lines in entries(desk, trial)][:2] == ["bo", "ada"]


def test_what_was_there_before_the_history_began_is_not_invented(desk, trial):
    Trial.history.all().delete()
    trial.save()
    assert newest(desk, trial)[1] == ["Trial saved; what it was before is not recorded"]
    for model in OF_A_TRIAL:
        model.history.all().delete()
    assert "Nothing is recorded yet." in desk.get(address(trial)).content.decode()


def test_a_part_made_and_deleted_at_once_leaves_no_line(desk, trial):
    SiteFactory(trial=trial).delete()
    assert newest(desk, trial)[1] == ["Saved. Nothing that is shown here changed."]


def test_the_history_of_a_question_tells_of_its_choices(desk):
    question = QuestionFactory(key="legs", choice=True, areas=["eye"])
    choice = ChoiceFactory(question=question, key="alone", label="Alone")
    long_ago(Question, Choice)
    choice.label = "Without help"
    choice.save()
    assert newest(desk, question)[1] == ["Choice “Without help” changed", "Label: [-Alone-] → [+Without help+]"]


@pytest.mark.parametrize("make", [ApprovedTherapyFactory, ConditionFactory, ConditionAreaFactory, QuestionFactory, TrialFactory])
def test_every_kind_of_record_has_a_history_without_code_in_the_page(desk, make):
    record = make()
    record.save()
    page = desk.get(address(record))
    assert page.status_code == 200
    markup = page.content.decode()
    assert "History of changes" in markup
    assert "<style" not in markup
    assert not re.search(r" (?:style|on\w+)=", markup)
    assert not re.search(r"<script(?![^>]* src=)", markup)


def test_only_who_may_view_a_record_reads_its_history_and_of_its_parts_only_those(client, trial, django_user_model):
    person = django_user_model.objects.create(username="new", is_staff=True)
    client.force_login(person)
    assert client.get(address(trial)).status_code == 403
    person.user_permissions.add(Permission.objects.get(codename="view_trial"), Permission.objects.get(codename="view_site"))
    said = " ".join(line for _who, lines in entries(client, trial) for line in lines)
    assert "Site “" in said
    assert "Criterion “" not in said


def test_a_record_that_is_not_there_has_no_history(desk):
    assert desk.get("/admin/trials/trial/999/history/").status_code == 302
