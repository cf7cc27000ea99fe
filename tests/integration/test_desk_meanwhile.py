"""Two people at one trial, and Save pressed twice: the later save is refused, says who was first, and keeps everything that was typed."""

import re

import pytest

from tests.factories import SamplePatientFactory
from trials.groups import COORDINATOR
from trials.history import REGISTRY
from trials.history import update as update_rows
from trials.models import Criterion, Trial

from .desk import code_in, messages_of, ready_trial, signed_in, standing_of
from .patients import text_of
from .registry_records import bring, study
from .registry_records import trial as imported
from .test_admin import Form, change_page, fresh, save

pytestmark = pytest.mark.django_db


@pytest.fixture
def trial(small_catalog) -> Trial:
    """A trial that is not published."""
    return ready_trial()


def opened(desk, trial) -> dict[str, list[str]]:
    """The fields of a trial's page as somebody opened it."""
    return Form(desk.get(change_page(trial)).content.decode()).fields


def send(desk, trial, fields, **changes):
    """The page after these fields were sent with these changes."""
    return desk.post(change_page(trial), fields | changes, follow=True)


def again(page) -> dict[str, list[str]]:
    """The fields of a page that was shown again."""
    return Form(page.content.decode()).fields


def test_the_later_of_two_saves_is_refused_and_loses_nothing(trial):
    early, late = signed_in("petra"), signed_in("carl", COORDINATOR)
    before = opened(late, trial)
    save(early, trial, title="Petra's title", **{"criteria-0-rule": "age >= 21"})
    page = send(late, trial, before, title="Carl's title", **{"criteria-2-plain": "You say yes"})
    said = text_of(page)
    assert "petra changed this trial on" in said
    assert "What you wrote is below, and not saved yet." in said
    assert (fresh(trial).title, trial.criteria.last().plain) == ("Petra's title", "")
    assert (again(page)["title"], again(page)["criteria-2-plain"]) == (["Carl's title"], ["You say yes"])
    assert code_in(page) == []


def test_the_refusal_names_each_field_that_would_be_put_in_place(trial):
    early, late = signed_in("petra"), signed_in("carl", COORDINATOR)
    before = opened(late, trial)
    save(early, trial, title="Petra's title", sponsor="Petra's sponsor", **{"criteria-0-rule": "age >= 21"})
    page = send(late, trial, before, **{"criteria-2-plain": "You say yes"})
    listed = re.search(r'<section class="differing".*?</section>', page.content.decode(), re.DOTALL)[0]
    assert re.findall(r"<li>(.*?)</li>", listed) == ["Title", "Sponsor", "Criterion 1: Rule", "Criterion 3: In plain words"]


def test_the_refused_save_goes_through_once_it_was_read(trial):
    early, late = signed_in("petra"), signed_in("carl", COORDINATOR)
    before = opened(late, trial)
    save(early, trial, title="Petra's title")
    page = send(late, trial, before, title="Carl's title")
    assert "was changed successfully" in messages_of(send(late, trial, again(page)))
    assert fresh(trial).title == "Carl's title"
    save(early, trial, title="Petra again")
    assert "petra changed this trial" in text_of(send(late, trial, again(page))), "that was one refusal ago"


def test_another_fault_on_the_page_does_not_hide_that_somebody_was_first(trial):
    early, late = signed_in("petra"), signed_in("carl", COORDINATOR)
    before = opened(late, trial)
    wrong = send(late, trial, before, **{"criteria-0-rule": "aeg >= 18"})
    assert "changed this trial" not in text_of(wrong)
    save(early, trial, title="Petra's title")
    page = send(late, trial, again(wrong), **{"criteria-0-rule": "age >= 21"})
    assert "petra changed this trial" in text_of(page)
    assert trial.criteria.first().rule == "age >= 18"


def test_save_pressed_twice_adds_nothing_twice(trial):
    desk = signed_in()
    new = {"criteria-TOTAL_FORMS": "4", "criteria-3-kind": "inclusion", "criteria-3-text": "Can travel"}
    fields = opened(desk, trial) | new
    assert "was changed successfully" in messages_of(send(desk, trial, fields))
    assert "You saved this trial yourself a moment ago, perhaps by pressing Save twice, on" in text_of(send(desk, trial, fields))
    assert trial.criteria.filter(text="Can travel").count() == 1


def test_ones_own_earlier_save_in_another_tab_is_told_as_such(trial):
    desk = signed_in()
    before = opened(desk, trial)
    save(desk, trial, title="From the other tab")
    Trial.history.update(history_date="2026-01-01T00:00Z")
    assert "You saved this trial yourself on Jan. 1, 2026" in text_of(send(desk, trial, before, title="From this tab"))


@pytest.mark.parametrize("published", ["on", ""])
def test_a_trial_published_or_withdrawn_meanwhile_stays_so(trial, published):
    early, late = signed_in("petra"), signed_in("paul")
    save(early, trial, published="" if published else "on")
    before = opened(late, trial)
    save(early, trial, published=published)
    send(late, trial, before, title="Another title")
    assert fresh(trial).published is (published == "on")


def test_an_import_meanwhile_is_told(small_catalog):
    bring(study())
    desk, trial = signed_in(), imported()
    before = opened(desk, trial)
    bring(study(sponsor="Another sponsor", day="2026-10-05"))
    page = send(desk, trial, before, title="My title")
    assert "An import from the registry changed this trial on" in text_of(page)
    assert fresh(trial).sponsor == "Another sponsor"


def test_a_table_of_criteria_meanwhile_is_told(trial):
    desk = signed_in()
    before = opened(desk, trial)
    first = trial.criteria.first()
    first.plain = "You are grown up"
    update_rows(Criterion, [first], ["plain"], REGISTRY)
    assert "changed this trial on" in text_of(send(desk, trial, before, title="My title"))
    assert trial.criteria.first().plain == "You are grown up"


def test_sample_patients_proposed_in_another_tab_are_no_reason_to_refuse(trial):
    desk = signed_in()
    before = opened(desk, trial)
    SamplePatientFactory(trial=trial, name="Girl of 3", answers={"age": 3, "sex": "female"}, expect="fails")
    assert "was changed successfully" in messages_of(send(desk, trial, before, title="My title"))
    assert trial.sample_patients.count() == 2


def test_a_criterion_deleted_meanwhile_is_shown_and_stays_deleted(trial):
    early, late = signed_in("petra"), signed_in("carl", COORDINATOR)
    before = opened(late, trial)
    save(early, trial, **{"criteria-0-DELETE": "on"})
    page = send(late, trial, before, **{"criteria-0-plain": "You are 18 or more", "criteria-2-plain": "You say yes"})
    assert "Criterion 1: Somebody deleted this while you had the page open." in text_of(page)
    assert again(page)["criteria-0-plain"] == ["You are 18 or more"]
    assert "was changed successfully" in messages_of(send(late, trial, again(page)))
    assert list(trial.criteria.values_list("text", "plain")) == [("Pregnant women", ""), ("Willing to give consent", "You say yes")]


@pytest.mark.parametrize(("part", "field"), [("sample_patients", "name"), ("cohorts", "name"), ("sites", "city")])
def test_other_parts_deleted_meanwhile_are_shown_too(trial, part, field):
    trial.cohorts.create(name="Adults")
    trial.sites.create(city="Graz", country="Austria")
    early, late = signed_in("petra"), signed_in("carl", COORDINATOR)
    before = opened(late, trial)
    save(early, trial, **{f"{part}-0-DELETE": "on"})
    page = send(late, trial, before, **{f"{part}-0-{field}": "What I wrote"})
    assert "It stays deleted: what you wrote here is not saved." in text_of(page)
    assert again(page)[f"{part}-0-{field}"] == ["What I wrote"]
    assert "was changed successfully" in messages_of(send(late, trial, again(page)))
    assert getattr(trial, part).count() == 0


def test_what_lint_says_stays_with_its_criterion_when_others_moved(trial):
    trial.criteria.filter(text="Pregnant women").update(plain="You are eligible if not pregnant")
    early, late = signed_in("petra"), signed_in("carl", COORDINATOR)
    before = opened(late, trial)
    save(early, trial, **{"criteria-1-order": "0", "criteria-0-order": "5"})
    page = send(late, trial, before, title="Carl's title")
    rows = re.findall(
        r'<div class="inline-related criterion has_original.*?(?=<div class="inline-related|</fieldset>\s*</div>)', page.content.decode(), re.DOTALL
    )
    about = {re.search(r'<p class="text">(.*?)</p>', row, re.DOTALL)[1]: "which we never say to patients" in row for row in rows}
    assert about == {"Aged 18 years or older": False, "Pregnant women": True, "Willing to give consent": False}
    places = {re.search(r'<p class="text">(.*?)</p>', row, re.DOTALL)[1]: re.search(r'name="criteria-\d-id" value="(\d+)"', row)[1] for row in rows}
    assert places == {row.text: str(row.pk) for row in trial.criteria.all()}, "each row shows the words of its own criterion"


def test_what_lint_says_stays_with_its_criterion_when_rows_are_new_or_deleted(trial):
    trial.criteria.filter(text="Willing to give consent").update(plain="You are eligible if you say yes")
    desk = signed_in()
    new = {"criteria-TOTAL_FORMS": "4", "criteria-3-kind": "inclusion", "criteria-3-text": "Can travel", "criteria-3-rule": "aeg >= 3"}
    page = save(desk, trial, **new, **{"criteria-0-DELETE": "on"})
    words = text_of(page).partition("Criterion #3")[2]
    assert "which we never say to patients" in words.partition("Criterion #4")[0]
    assert "which we never say to patients" not in words.partition("Criterion #4")[2]


def test_the_page_of_a_refused_save_shows_what_is_stored_now(trial):
    early, late = signed_in("petra"), signed_in("paul")
    before = opened(late, trial)
    save(early, trial, published="on")
    assert "Patients see it." in standing_of(send(late, trial, before, title="Another title"))
