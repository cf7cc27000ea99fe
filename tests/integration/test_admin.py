"""The coordinator's desk: finding records, structuring criteria, publishing, and never breaking what is stored."""

import datetime
import re
from html.parser import HTMLParser

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
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
from trials import catalog, services
from trials.models import ApprovedTherapy, AuditEntry, Choice, Cohort, Condition, ConditionArea, Criterion, Question, Trial

from .patients import text_of

pytestmark = pytest.mark.django_db
DESK = "/admin/trials/"
WRONG_RULE, ENGINE_SAYS = "aeg >= 18", "unknown question 'aeg' at column 1; did you mean 'age'?"


class Form(HTMLParser):
    """The fields of a page's own form as a browser would send them unchanged."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.fields: dict[str, list[str]] = {}
        self.inside = self.select = self.textarea = None
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        name, value = found.get("name"), found.get("value", "on" if found.get("type") == "checkbox" else "")
        if tag == "form":
            self.inside = found.get("method") == "post" and str(found.get("id")).endswith("_form") and found["id"] != "logout-form"
        if not self.inside:
            return
        if tag == "select":
            self.select = name
        elif tag == "option" and "selected" in found:
            self.fields.setdefault(self.select, []).append(value)
        elif tag == "textarea":
            self.textarea, self.fields[name] = name, [""]
        elif tag == "input" and name and found["type"] != "submit" and (found["type"] not in ("checkbox", "radio") or "checked" in found):
            self.fields.setdefault(name, []).append(value)

    def handle_data(self, data):
        if self.textarea:
            self.fields[self.textarea][0] += data.removeprefix("\n")

    def handle_endtag(self, tag):
        if tag == "textarea":
            self.textarea = None


@pytest.fixture
def admin_user(django_user_model):
    """Somebody who may do everything; without a password, which would take long to store."""
    return django_user_model.objects.create(username="admin", is_staff=True, is_superuser=True)


@pytest.fixture
def eye_trial():
    """A published trial of X-linked RP with each kind of part, and the questions that its rules name."""
    rp = ConditionFactory(key="rp", label="Retinitis pigmentosa", areas=["eye"])
    x_linked = ConditionFactory(key="rp_x_linked", parent=rp, areas=["eye"], synonyms=["XLRP"])
    QuestionFactory(key="diagnosis", choice=True)
    QuestionFactory(key="age", kind="number", unit="years", units={"months": "1/12"}, min="0", max="120")
    treatments = QuestionFactory(key="treatments", choices_=True)
    for key in ("injection", "surgery"):
        ChoiceFactory(question=treatments, key=key)
    trial = TrialFactory(
        nct_id="NCT10000001",
        title="A working gene for one eye",
        areas=["eye"],
        genes=["RPGR"],
        sponsor="Eye Clinic",
        rules=["diagnosis is rp_x_linked", "age >= 18"],
    )
    trial.conditions.add(x_linked)
    CriterionFactory(
        trial=trial, kind="exclusion", text="Earlier surgery", rule="treatments includes surgery", cohort=CohortFactory(trial=trial, name="Adults")
    )
    SiteFactory(trial=trial)
    SamplePatientFactory(trial=trial, name="Man of 30", answers={"diagnosis": "rp_x_linked", "age": 30, "treatments": []}, expect="passes")
    return trial


def change_page(record) -> str:
    """The address of a record's page."""
    return f"{DESK}{record._meta.model_name}/{record.pk}/change/"


def save(client, record, **changes):
    """Opens a record's page, changes these fields (lists are sent as several values), and saves; the page that follows."""
    page = client.get(change_page(record))
    assert page.status_code == 200
    return client.post(change_page(record), Form(page.content.decode()).fields | changes, follow=True)


def run(client, action: str, *trials):
    """Runs an action of the list on these trials; the page that follows."""
    return client.post(f"{DESK}trial/", {"action": action, "_selected_action": [trial.pk for trial in trials]}, follow=True)


def listed(client, model: str, query: str) -> int:
    """How many records a list shows."""
    page = client.get(f"{DESK}{model}/?{query}")
    assert page.status_code == 200
    return page.context["cl"].result_count


def fresh(record):
    """The record as it is stored now."""
    return type(record).objects.get(pk=record.pk)


MODELS = {model._meta.model_name: model for model in (ApprovedTherapy, Condition, ConditionArea, Question, Trial)}


@pytest.mark.parametrize("page", ["", "add/", "1/change/"])
@pytest.mark.parametrize("model", MODELS)
def test_each_page_opens_without_code_in_the_page(admin_client, eye_trial, model, page):
    ApprovedTherapyFactory(area=ConditionAreaFactory(slug="eye"))
    address = change_page(MODELS[model].objects.first()) if page == "1/change/" else f"{DESK}{model}/{page}"
    response = admin_client.get(address)
    assert response.status_code == 200
    html = response.content.decode()
    assert "Gene Therapy Trial Finder: trials desk" in html
    assert not re.search(r'<style|<script(?![^>]* src=)(?![^>]*type="application/json")|\sstyle=|\son\w+=', html)


def test_only_the_records_of_the_coordinator_and_the_audit_trail_are_at_the_desk(admin_client):
    models = next(app["models"] for app in admin_client.get("/admin/").context["app_list"] if app["app_label"] == "trials")
    assert {model["model"] for model in models} == {*MODELS.values(), Criterion, AuditEntry}


def test_without_permission_staff_see_nothing(client, django_user_model, eye_trial):
    staff = django_user_model.objects.create_user("staff", is_staff=True)
    client.force_login(staff)
    assert client.get("/admin/").context["app_list"] == []
    assert {client.get(f"{DESK}{model}/").status_code for model in MODELS} == {403}
    assert client.get(change_page(eye_trial)).status_code == 403
    staff.user_permissions.set(Permission.objects.filter(content_type__app_label="trials", codename__startswith="view_"))
    for record in (eye_trial, *Question.objects.all(), *Condition.objects.all()):
        assert client.get(change_page(record)).status_code == 200
        assert client.post(change_page(record), {"published": ""}).status_code == 403
    assert run(client, "withdraw", eye_trial).status_code == 200
    assert fresh(eye_trial).published


@pytest.mark.parametrize("words", ["NCT10000001", "working gene", "eye clinic", "rp_x_linked", "rpgr"])
def test_trials_are_found_by(admin_client, eye_trial, words):
    TrialFactory()
    assert listed(admin_client, "trial", f"q={words}") == 1


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("areas__id__exact={eye}", 1),
        ("status__exact=RECRUITING", 1),
        ("published__exact=0", 1),
        ("checked=lately", 1),
        ("checked=long_ago", 1),
        ("approach__exact=gene_editing", 1),
        ("criteria_complete__exact=0", 1),
        ("checked=lately&published__exact=0", 0),
    ],
)
def test_trials_are_filtered_by(admin_client, query, count):
    today = timezone.localdate()
    TrialFactory(areas=["eye"], as_of=today, approach="gene_editing")
    TrialFactory(areas=["hiv"], as_of=today - datetime.timedelta(days=184), status="COMPLETED", published=False, criteria_complete=False)
    assert listed(admin_client, "trial", query.format(eye=ConditionArea.objects.get(slug="eye").pk)) == count


@pytest.mark.parametrize(
    ("model", "query"),
    [
        ("question", "kind__exact=number"),
        ("question", "sensitive__exact=1"),
        ("question", "source__exact=scan"),
        ("question", "areas__id__exact={eye}"),
        ("question", "q=injection"),
        ("condition", "q=xlrp"),
        ("condition", "areas__id__exact={eye}&q=pigmentosa"),
        ("approvedtherapy", "area__id__exact={eye}"),
        ("approvedtherapy", "withdrawn__exact=1"),
        ("approvedtherapy", "approach__exact=gene_addition"),
        ("approvedtherapy", "checked=long_ago"),
    ],
)
def test_other_records_are_found_by(admin_client, eye_trial, model, query):
    eye = ConditionAreaFactory(slug="eye")
    QuestionFactory(sensitive=True, source="scan", areas=["eye"])
    ApprovedTherapyFactory(as_of=timezone.localdate())
    ApprovedTherapyFactory(area=eye, withdrawn=True, approach="gene_addition", as_of="2020-01-01")
    assert listed(admin_client, model, query.format(eye=eye.pk)) == 1


def test_the_list_says_how_many_criteria_have_a_rule(admin_client, eye_trial):
    CriterionFactory(trial=eye_trial)
    assert "3 of 4 done (3 with a rule)" in text_of(admin_client.get(f"{DESK}trial/"))


def test_more_trials_need_no_more_queries(admin_client, eye_trial, django_assert_max_num_queries):
    for _ in range(12):
        SiteFactory(trial=TrialFactory(rules=["age >= 18"]))
    with django_assert_max_num_queries(12):
        admin_client.get(f"{DESK}trial/?q=N")


def test_more_criteria_need_no_more_queries(admin_client, eye_trial):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            admin_client.get(change_page(eye_trial))
        return len(captured)

    CriterionFactory(trial=eye_trial, rule="age >= 18", cohort=eye_trial.cohorts.get())
    few = queries()
    for _ in range(20):
        CriterionFactory(trial=eye_trial, rule="age >= 18", cohort=eye_trial.cohorts.get())
        SamplePatientFactory(trial=eye_trial, answers={"age": 3})
    assert queries() == few <= 40


def test_a_page_saved_unchanged_changes_nothing(admin_client, eye_trial):
    services.note_ages(trial=eye_trial)
    before = [list(model.objects.order_by("pk").values()) for model in (Trial, Criterion, Cohort, Question, Choice, Condition)]
    for record in (eye_trial, *Question.objects.all(), *Condition.objects.all()):
        assert "was changed successfully" in text_of(save(admin_client, record))
    assert [list(model.objects.order_by("pk").values()) for model in (Trial, Criterion, Cohort, Question, Choice, Condition)] == before


def test_a_wrong_rule_is_refused_beside_its_field_and_nothing_is_saved(admin_client, eye_trial):
    page = save(admin_client, eye_trial, title="Another title", **{"criteria-1-rule": WRONG_RULE})
    _cohorts, criteria, *_rest = page.context["inline_admin_formsets"]
    assert [form.errors for form in criteria.formset.forms] == [{}, {"rule": [ENGINE_SAYS]}, {}]
    assert ENGINE_SAYS in text_of(page)
    assert "Another title" in page.content.decode()
    assert fresh(eye_trial).title == "A working gene for one eye"


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ("aeg: 30", "unknown question 'aeg'; did you mean 'age'?"),
        ("age: 200", "'age' cannot be above 120 years"),
        ("age: [", "Line 1 cannot be read."),
        ('age: "\\ud800"', "This cannot be read."),
        ("thirty", "Write one answer on each line"),
    ],
)
def test_wrong_answers_of_a_sample_patient_are_refused(admin_client, eye_trial, answers, said):
    assert said in text_of(save(admin_client, eye_trial, **{"sample_patients-0-answers": answers}))


def test_answers_are_written_as_lines(admin_client, eye_trial):
    lines = "age: {value: 400, unit: months}\r\ntreatments: [injection]\r\ndiagnosis: unknown"
    save(admin_client, eye_trial, **{"sample_patients-0-answers": lines, "sample_patients-0-expect": "unknown"})
    patient = eye_trial.sample_patients.get()
    assert patient.answers == {"age": {"value": 400, "unit": "months"}, "treatments": ["injection"], "diagnosis": None}
    (shown,) = Form(admin_client.get(change_page(eye_trial)).content.decode()).fields["sample_patients-0-answers"]
    assert sorted(shown.splitlines()) == sorted(lines.splitlines())  # PostgreSQL does not keep the order


def test_a_faulty_trial_is_saved_but_not_published_and_it_says_why(admin_client, eye_trial):
    page = save(admin_client, eye_trial, title="Another title", **{"criteria-1-rule": "age >= 40"})
    assert "it is not published and patients do not see it: sample patient “Man of 30”: expected passes, the rules say fails." in text_of(page)
    stored = fresh(eye_trial)
    assert (stored.title, stored.published, stored.criteria.all()[1].rule) == ("Another title", False, "age >= 40")
    page = save(admin_client, eye_trial)
    assert "Before it can be published" in text_of(page)
    page = save(admin_client, eye_trial, published="on", **{"criteria-1-rule": "age >= 18"})
    assert "Patients now see 1 open trial." in text_of(page)
    assert fresh(eye_trial).published


def test_the_actions_publish_and_withdraw(admin_client, eye_trial):
    faulty = TrialFactory(published=False, rules=["age >= 18"])
    SamplePatientFactory(trial=faulty, name="Girl of 3", answers={"age": 3}, expect="passes")
    assert "1 trial is withdrawn. Patients now see 0 open trials." in text_of(run(admin_client, "withdraw", eye_trial))
    assert not fresh(eye_trial).published
    said = text_of(run(admin_client, "publish", eye_trial, faulty))
    assert f"{faulty.nct_id} cannot be published: sample patient “Girl of 3”: expected passes, the rules say fails." in said
    assert "1 trial is published. Patients now see 1 open trial." in said
    assert (fresh(eye_trial).published, fresh(faulty).published) == (True, False)


def test_only_a_published_trial_has_a_page_on_the_site(admin_client, eye_trial):
    assert "/trials/NCT10000001/" in admin_client.get(change_page(eye_trial)).content.decode()
    run(admin_client, "withdraw", eye_trial)
    assert "/trials/NCT10000001/" not in admin_client.get(change_page(eye_trial)).content.decode()


def test_a_criterion_can_name_the_cohorts_of_its_own_trial_only(admin_client, eye_trial):
    other = CohortFactory(name="Elsewhere")
    assert "Elsewhere" not in admin_client.get(change_page(eye_trial)).content.decode()
    assert "Select a valid choice" in text_of(save(admin_client, eye_trial, **{"criteria-0-cohort": other.pk}))


def test_a_cohort_with_criteria_is_not_deleted_with_them(admin_client, eye_trial):
    assert "“Adults” still has 1 criterion" in text_of(save(admin_client, eye_trial, **{"cohorts-0-DELETE": "on"}))
    save(admin_client, eye_trial, **{"criteria-2-cohort": ""})
    save(admin_client, eye_trial, **{"cohorts-0-DELETE": "on"})
    assert (eye_trial.cohorts.count(), eye_trial.criteria.count()) == (0, 3)


def test_rows_left_empty_are_not_saved(admin_client, eye_trial):
    added = {"criteria-TOTAL_FORMS": "4", "criteria-3-order": "", "criteria-3-rule": "", "sample_patients-TOTAL_FORMS": "2", "sample_patients-1-answers": ""}
    assert "was changed successfully" in text_of(save(admin_client, eye_trial, **added))
    assert (eye_trial.criteria.count(), eye_trial.sample_patients.count()) == (3, 1)


def test_a_new_criterion_comes_last(admin_client, eye_trial):
    new = {"criteria-TOTAL_FORMS": "4", "criteria-3-kind": "inclusion", "criteria-3-text": "Can travel", "criteria-3-order": "", "criteria-3-rule": ""}
    save(admin_client, eye_trial, **new)
    assert str(eye_trial.criteria.last()) == "Can travel"


def test_a_site_must_be_somewhere(admin_client, eye_trial):
    page = text_of(save(admin_client, eye_trial, **{"sites-0-facility": "", "sites-0-city": "", "sites-0-country": "", "sites-0-zip": "1"}))
    assert "Name the facility, the city or the country." in page
    assert "Constraint" not in page


def test_the_ages_of_a_trial_follow_its_rules(admin_client, eye_trial):
    save(admin_client, eye_trial)
    eye_trial.refresh_from_db()
    assert (eye_trial.min_age, eye_trial.max_age) == (18, None)


def question(key: str) -> Question:
    """The question of this key."""
    return Question.objects.get(key=key)


@pytest.mark.parametrize(
    ("key", "changes", "said"),
    [
        ("age", {"unit": "months", "units": "years = 12"}, "NCT10000001: the rule “age >= 18” would mean another amount"),
        ("age", {"kind": "yes_no", "unit": "", "units": "", "min": "", "max": ""}, "'age' is a yes/no question"),
        ("age", {"kind": "yes_no"}, "Only a number can have this."),
        ("age", {"unit": "months"}, "'age': the factor of its own unit months must be 1"),
        ("age", {"unit": ""}, "A number needs a unit, such as years or g/dL."),
        ("age", {"min": "121"}, "The largest answer is below the smallest."),
        ("age", {"max": "29"}, "sample patient “Man of 30”: 'age' cannot be above 29 years"),
        ("age", {"units": "months: a twelfth"}, "“months: a twelfth” cannot be read."),
        ("age", {"ask_if": "sexx is female"}, "unknown question 'sexx' at column 1"),
        ("age", {"ask_if": "age >= 3"}, "go round in a circle"),
        ("age", {"otherwise": "many", "ask_if": "treatments includes injection"}, "'age' takes a number, such as 34; not 'many'"),
        ("age", {"changes": "grows", "unit": "doses", "units": ""}, "Only a number of days, weeks, months or years grows with time."),
        ("treatments", {"changes": "grows"}, "Only a number of days, weeks, months or years grows with time."),
        ("treatments", {"choices-1-DELETE": "on"}, "NCT10000001: the rule “treatments includes surgery” could not be read any more"),
        ("treatments", {"choices-1-key": "operation"}, "'treatments' has no choice 'surgery'"),
        ("treatments", {"choices-1-parent": "injektion"}, "the parent of 'surgery' is unknown: 'injektion'; did you mean 'injection'?"),
        ("treatments", {"choices-0-DELETE": "on", "choices-1-DELETE": "on"}, "'treatments' needs choices"),
        ("diagnosis", {"otherwise": "rpp", "ask_if": "treatments includes injection"}, "'diagnosis' has no choice 'rpp'; did you mean 'rp'?"),
    ],
)
def test_a_change_to_a_question_is_refused_that_breaks_it_or_a_stored_trial(admin_client, eye_trial, key, changes, said):
    before = [list(model.objects.order_by("pk").values()) for model in (Question, Choice)]
    page = save(admin_client, question(key), **changes)
    assert said in text_of(page)
    assert page.context["errors"]
    assert [list(model.objects.order_by("pk").values()) for model in (Question, Choice)] == before


def test_a_fault_is_shown_beside_the_part_of_the_question(admin_client, eye_trial):
    form = save(admin_client, question("age"), ask_if="age >=").context["adminform"].form
    assert form.errors == {"ask_if": ["the rule ends at column 7; expected a number"]}


def test_other_changes_to_a_question_are_saved(admin_client, eye_trial):
    new = {"choices-TOTAL_FORMS": "3", "choices-2-key": "laser", "choices-2-label": "Laser", "choices-2-parent": "surgery", "choices-2-order": ""}
    page = save(admin_client, question("treatments"), text="Which have you had?", ask_if="age >= 6 months", otherwise="[]", **new)
    assert "was changed successfully" in text_of(page)
    stored = question("treatments")
    assert (stored.text, stored.ask_if, stored.otherwise, stored.choices.last().key) == ("Which have you had?", "age >= 6 months", [], "laser")


def test_whether_an_answer_grows_with_time_is_saved_and_reaches_the_engine(admin_client, eye_trial):
    assert "was changed successfully" in text_of(save(admin_client, question("age"), changes="grows"))
    assert catalog.current().questionnaire["age"].changes == "grows"


def test_a_new_question_is_added_with_its_choices(admin_client, eye_trial):
    fields = Form(admin_client.get(f"{DESK}question/add/").content.decode()).fields
    fields |= {"key": "legs", "kind": "choice", "text": "Can you walk?", "choices-TOTAL_FORMS": "1", "choices-0-key": "alone", "choices-0-label": "Alone"}
    assert "was added successfully" in text_of(admin_client.post(f"{DESK}question/add/", fields, follow=True))
    assert question("legs").choices.get().key == "alone"


def test_a_stored_question_that_cannot_be_used_is_named_and_can_be_mended(admin_client, eye_trial):
    question("treatments").choices.all().delete()
    assert "'treatments' needs choices" in text_of(save(admin_client, eye_trial))
    new = {"choices-TOTAL_FORMS": "1", "choices-0-key": "surgery", "choices-0-label": "Surgery", "choices-0-order": ""}
    save(admin_client, question("treatments"), **new)
    assert "was changed successfully" in text_of(save(admin_client, eye_trial))


def test_the_key_of_a_question_stays(admin_client, eye_trial):
    save(admin_client, question("age"), key="years")
    assert question("age")


def test_the_choices_of_the_diagnosis_are_the_conditions(admin_client, eye_trial):
    page = admin_client.get(change_page(question("diagnosis")))
    assert page.context["inline_admin_formsets"] == []
    assert "The conditions are the choices of this question." in text_of(page)


def delete(client, record) -> str:
    """What is said when somebody asks to delete a record, in its page or in the list, and says yes."""
    address = f"{DESK}{record._meta.model_name}/{record.pk}/delete/"
    asked = text_of(client.get(address))
    if "This cannot be deleted, because it is still needed:" in asked:
        fields = {"action": "delete_selected", "_selected_action": record.pk, "post": "yes"}
        assert "This cannot be deleted" in text_of(client.post(f"{DESK}{record._meta.model_name}/", fields))
    client.post(address, {"post": "yes"})
    return asked


def test_a_question_that_a_rule_names_is_not_deleted(admin_client, eye_trial):
    assert "NCT10000001: the rule “age >= 18” could not be read any more: unknown question 'age'" in delete(admin_client, question("age"))
    assert question("age")
    unused = QuestionFactory()
    delete(admin_client, unused)
    assert not Question.objects.filter(pk=unused.pk).exists()


def test_a_condition_that_a_rule_names_is_neither_deleted_nor_given_another_key(admin_client, eye_trial):
    named, unused = Condition.objects.get(key="rp_x_linked"), ConditionFactory()
    said = "NCT10000001: the rule “diagnosis is rp_x_linked” could not be read any more: 'diagnosis' has no choice 'rp_x_linked'"
    assert said in delete(admin_client, named)
    page = save(admin_client, named, key="xlrp")
    assert said in " ".join(page.context["adminform"].form.errors["key"])
    assert fresh(named).key == "rp_x_linked"
    delete(admin_client, unused)
    assert not Condition.objects.filter(pk=unused.pk).exists()


def test_the_tree_of_conditions_never_goes_round_in_a_circle(admin_client, eye_trial):
    top, kind = Condition.objects.get(key="rp"), Condition.objects.get(key="rp_x_linked")
    for parent in (top, kind):
        assert "cannot be a kind of itself" in text_of(save(admin_client, top, parent=parent.pk))
    assert fresh(top).parent is None


def test_the_list_of_conditions_shows_the_tree(admin_client, eye_trial):
    ConditionFactory(parent=Condition.objects.get(key="rp_x_linked"))
    assert "Retinitis pigmentosa › Rp x linked" in text_of(admin_client.get(f"{DESK}condition/"))


def test_a_condition_is_saved_with_its_other_names(admin_client, eye_trial):
    save(admin_client, Condition.objects.get(key="rp"), synonyms="RP\r\n\r\n night blindness \r\nRP")
    assert Condition.objects.get(key="rp").synonyms == ["RP", "night blindness"]


def test_an_area_with_trials_is_not_deleted(admin_client, eye_trial):
    assert "Trial NCT10000001 A working gene for one eye is kept by this area" in delete(admin_client, ConditionArea.objects.get(slug="eye"))
    assert ConditionArea.objects.filter(slug="eye").exists()
