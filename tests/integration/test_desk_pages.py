"""The desk's other pages: the list and its queue, files, and what is true of all of them. For bringing records in and proposing see beside."""

import io
import re
import zipfile
from datetime import timedelta

import pytest
import yaml
from django.utils import timezone

from tests.factories import CohortFactory, CriterionFactory, QuestionFactory, SamplePatientFactory, SiteFactory, TrialFactory
from trials.admin.attention import needing, queue
from trials.groups import AUDITOR, COORDINATOR
from trials.models import Criterion, Trial

from .desk import HOSTILE, code_in, messages_of, ready_trial, signed_in, trial_to_do
from .patients import text_of
from .test_admin import change_page, listed, run, save

pytestmark = pytest.mark.django_db
LIST = "/admin/trials/trial/"


@pytest.fixture
def desk(small_catalog):
    """The desk of somebody who may publish, without trials."""
    Trial.objects.all().delete()
    return signed_in()


def needs(trial: Trial) -> list[str]:
    """What a trial needs."""
    return [what for what in ("changed", "unchecked", "to_do", "ready") if needing(Trial.objects.filter(pk=trial.pk), what, timezone.localdate()).exists()]


@pytest.mark.parametrize(("days", "wanted"), [(89, []), (90, []), (91, ["unchecked"])])
def test_a_trial_that_patients_are_asked_about_is_checked_every_90_days(desk, days, wanted):
    assert needs(ready_trial(published=True, as_of=timezone.localdate() - timedelta(days=days))) == wanted


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({"status": "UNKNOWN"}, ["unchecked"]),
        ({"status": "ENROLLING_BY_INVITATION"}, ["unchecked"]),
        ({"status": "COMPLETED"}, []),
        ({"published": False}, ["ready"]),
    ],
)
def test_a_trial_that_patients_are_not_asked_about_need_not_be_checked(desk, changes, wanted):
    trial = ready_trial(**{"published": True, "as_of": timezone.localdate() - timedelta(days=91)} | changes)
    assert needs(trial) == wanted


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({}, ["ready"]),
        ({"team_checks": False}, ["to_do"]),
        ({"kind": "unclear"}, ["to_do"]),
        ({"gone_at_source": True}, ["changed"]),
        ({"earlier_source": {"text": "Before"}}, ["changed"]),
        ({"gone_at_source": True, "team_checks": False}, ["changed"]),
        ({"team_checks": False, "rule": "age >= 3"}, ["ready"]),
    ],
)
def test_one_criterion_decides_what_a_trial_needs(desk, changes, wanted):
    trial = ready_trial(as_of=timezone.localdate())
    Criterion.objects.filter(trial=trial, rule="").update(**changes)
    assert needs(trial) == wanted


def test_what_the_registry_changed_of_the_trial_itself_needs_attention_too(desk):
    trial = ready_trial(as_of=timezone.localdate(), differences=[{"field": "sponsor", "was": "A", "now": "B", "kept": True}])
    assert needs(trial) == ["changed", "ready"]


@pytest.mark.parametrize("changes", [{"published": True}, {"criteria": 0}])
def test_a_trial_is_not_ready_to_publish(desk, changes):
    trial = ready_trial(as_of=timezone.localdate(), published="published" in changes)
    if "criteria" in changes:
        trial.criteria.all().delete()
    assert needs(trial) == []


def test_the_queue_above_the_list_leads_to_as_many_trials_as_it_says(desk):
    assert "What needs attention" not in text_of(desk.get(LIST))
    today = timezone.localdate()
    ready_trial(as_of=today)
    ready_trial(nct_id="NCT20000003", as_of=today, differences=[{"field": "sponsor", "was": "A", "now": "B", "kept": True}])
    ready_trial(nct_id="NCT20000004", as_of=today - timedelta(days=91), published=True)
    trial_to_do()
    page = desk.get(LIST)
    links = re.findall(r'<a href="[^"]*\?needs=(\w+)">[^<]*<strong>(\d+)</strong>', page.content.decode())
    assert links == [("changed", "1"), ("unchecked", "1"), ("to_do", "1"), ("ready", "2")]
    assert [(need["what"], str(need["count"])) for need in queue(today)] == links
    assert [str(listed(desk, "trial", f"needs={what}")) for what, _count in links] == [count for _what, count in links]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (None, "no criteria"),
        ({}, "3 of 3 done (2 with a rule)"),
        ({"team_checks": False}, "2 of 3 done (2 with a rule)"),
        ({"gone_at_source": True}, "2 of 3 done (2 with a rule); 1 to look at again"),
    ],
)
def test_the_list_says_how_far_a_trial_is(desk, changes, said):
    trial = ready_trial()
    if changes is None:
        trial.criteria.all().delete()
    else:
        Criterion.objects.filter(trial=trial, rule="").update(**changes)
    cells = text_of(desk.get(LIST)).partition("NCT20000001 A trial made ready")[2]
    assert said in cells
    assert ("done" in cells.replace(said, "", 1)) is False


def test_one_trial_is_downloaded_as_its_file_and_several_as_an_archive(desk):
    first, second = ready_trial(), ready_trial(nct_id="NCT20000003")
    page = run(desk, "download_files", first)
    assert page["Content-Disposition"] == 'attachment; filename="NCT20000001.yaml"'
    assert yaml.safe_load(page.content)["criteria"][0] == {"inclusion": "Aged 18 years or older", "rule": "age >= 18"}
    page = run(desk, "download_files", first, second)
    assert page["Content-Disposition"] == 'attachment; filename="trials.zip"'
    with zipfile.ZipFile(io.BytesIO(page.content)) as archive:
        assert archive.namelist() == ["NCT20000001.yaml", "NCT20000003.yaml"]
        assert yaml.safe_load(archive.read("NCT20000003.yaml"))["nct_id"] == "NCT20000003"


def test_a_trial_that_cannot_be_written_as_a_file_is_named_and_nothing_is_downloaded(desk):
    page = run(desk, "download_files", ready_trial(), trial_to_do())
    assert "Content-Disposition" not in page
    assert messages_of(page) == "NCT20000002: the criterion “Male patients” is neither an inclusion nor an exclusion yet. Choose which; a file needs it."


def test_who_may_only_look_is_offered_nothing_else(desk):
    trial = ready_trial()
    looking = signed_in("ada", AUDITOR)
    page = looking.get(change_page(trial))
    assert "Where this listing stands" in text_of(page)
    assert "Aged 18 years or older" in text_of(page)
    for offered in ("Use all", "Leave everything else", "Propose sample patients", "Delete", "Use this rule"):
        assert offered not in text_of(page)
    assert "Bring in registry records" not in text_of(looking.get(LIST))
    assert looking.get(f"{LIST}import-records/").status_code == 403
    assert looking.post(f"{LIST}import-records/", {"numbers": "NCT20000001"}).status_code == 403
    assert looking.get(f"{LIST}{trial.pk}/propose/").status_code == 403
    assert "Download as trial files" in text_of(looking.get(LIST))


def test_the_ways_on_are_on_the_page_of_a_trial(desk):
    trial = ready_trial()
    links = re.findall(r'href="([^"]+)"', desk.get(change_page(trial)).content.decode())
    assert {"/screening/try/NCT20000001/", f"{LIST}{trial.pk}/propose/", f"{LIST}{trial.pk}/history/"} <= set(links)
    assert "/trials/NCT20000001/" not in links
    assert f"{LIST}import-records/" in re.findall(r'href="([^"]+)"', desk.get(LIST).content.decode())


def hostile_trial() -> Trial:
    """A trial in which each text tries to do harm."""
    about = {"official_title": HOSTILE, "summary": HOSTILE, "conditions": [HOSTILE], "interventions": [HOSTILE]}
    trial = TrialFactory(
        title=HOSTILE,
        summary=HOSTILE,
        areas=["eye"],
        source="javascript:alert(1)",
        sponsor=HOSTILE,
        genes=[HOSTILE],
        registry={"about": about},
        differences=[
            {"field": "sponsor", "was": HOSTILE, "now": HOSTILE, "kept": True},
            {"field": "criteria", "was": None, "now": [HOSTILE], "kept": True},
        ],
        suggestions=[{"field": field, "value": HOSTILE, "because": HOSTILE} for field in ("vector", "doubt", "follows_earlier")],
    )
    cohort = CohortFactory(trial=trial, name=HOSTILE)
    mark = {"text": HOSTILE, "kind": "inclusion", "cohort": HOSTILE}
    for rule in ("age >= 18", ""):
        CriterionFactory(trial=trial, kind="exclusion", text=HOSTILE, plain=HOSTILE, heading=HOSTILE, rule=rule, cohort=cohort, earlier_source=mark)
    CriterionFactory(trial=trial, text=HOSTILE, rule=HOSTILE)
    SiteFactory(trial=trial, facility=HOSTILE)
    SamplePatientFactory(trial=trial, name=HOSTILE, answers={HOSTILE: HOSTILE})
    return trial


@pytest.mark.parametrize("group", [COORDINATOR, AUDITOR])
@pytest.mark.parametrize("page", ["", "{pk}/change/", "{pk}/history/", "{pk}/propose/", "import-records/", "add/"])
def test_no_page_holds_code_whatever_a_trial_says(desk, page, group):
    trial = hostile_trial()
    response = signed_in("carl", group).get(LIST + page.format(pk=trial.pk))
    assert response.status_code == (403 if group == AUDITOR and page in ("{pk}/propose/", "import-records/", "add/") else 200)
    assert code_in(response) == []


def test_a_hostile_trial_is_shown_again_inert_when_it_is_refused(desk):
    page = save(desk, hostile_trial(), nct_id="")
    assert "Please correct the error" in text_of(page)
    assert code_in(page) == []


def test_the_checks_of_the_questions_name_what_no_trial_needs(desk):
    QuestionFactory(key="shoe_size", text="Which shoes fit you?")
    page = desk.get("/admin/trials/question/checks/")
    assert "shoe_size" in page.content.decode()
    assert "/admin/trials/question/checks/" in desk.get("/admin/trials/question/").content.decode()
