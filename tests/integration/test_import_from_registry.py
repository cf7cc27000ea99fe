"""``import_trials`` and ``refresh_trials`` against a small server that speaks the registry's API on this machine."""

import json

import pytest

from tests.rows import everything
from tests.serving import serving
from tests.unit.test_registry_client import Answer, Server
from trials import catalog
from trials.models import Trial
from trials.registry.client import BATCH, RegistryClient

from .registry_records import NUMBER, OTHER, THIRD, bring_in, edit, run, study, trial, write

pytestmark = pytest.mark.django_db

FOURTH = "NCT30000004"
LATER = "2026-10-02"


@pytest.fixture
def server(settings, monkeypatch):
    """The server in the registry's place, with three studies. The client's pauses take no time."""
    monkeypatch.setitem(RegistryClient.__init__.__kwdefaults__, "sleep", lambda _seconds: None)
    with serving(Server()) as running:
        running.studies = [study(NUMBER), study(OTHER, title="A Lamp for the Blood", conditions=["Pale Blood"]), study(THIRD)]
        settings.REGISTRY_API = running.base
        yield running


@pytest.fixture
def published(server):
    """The three trials of the server, published, as they were the day before."""
    bring_in(*server.studies)
    for row in Trial.objects.all():
        edit(row, published=True)
    server.studies = [study(number, day=LATER) for number in (NUMBER, OTHER, THIRD)]


def numbers() -> list[str]:
    return list(Trial.objects.values_list("nct_id", flat=True))


def changed_on(number: str) -> str:
    return trial(number).as_of.isoformat()


# import_trials


def test_numbers_are_asked_of_the_registry_in_any_case(server):
    assert run("import_trials", NUMBER, THIRD.lower()) == (0, "2 records: 2 added, unpublished\n")
    assert numbers() == [NUMBER, THIRD]
    assert not Trial.objects.filter(published=True).exists()


def test_a_file_that_is_named_like_a_number_is_read_as_a_file(server, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(tmp_path / NUMBER, study(OTHER))
    assert run("import_trials", NUMBER)[0] == 0
    assert (numbers(), server.asked) == ([OTHER], [])


def test_files_ask_for_nothing(server, tmp_path):
    run("import_trials", write(tmp_path / "one.json", study()))
    assert server.asked == []


def test_files_numbers_and_a_search_come_in_together(server, tmp_path):
    path = write(tmp_path / "one.json", study(FOURTH))
    code, said = run("import_trials", path, NUMBER, "--search", "Lamp for the Blood")
    assert (code, said) == (0, "3 records: 3 added, unpublished\n")
    assert numbers() == [NUMBER, OTHER, FOURTH]


def test_a_search_asks_for_its_words_and_its_area(server):
    assert run("import_trials", "--search", "Lamp", "--area", "hiv") == (1, "0 records: no record found\nno record could be used; see above\n")
    ((_, query, _),) = server.asked
    assert (query["query.term"], query["query.cond"]) == ("Lamp", "HIV infections")


@pytest.mark.parametrize(("limit", "found"), [(1, 1), (2, 2), (3, 3), (4, 3)])
def test_a_search_gives_at_most_its_limit(limit, found, server):
    assert run("import_trials", "--search", "Lamp", "--limit", limit) == (0, f"{found} records: {found} added, unpublished\n")


@pytest.mark.parametrize("arguments", [("--search", "Lamp", "--limit", "0"), ("--search", "Lamp", "--limit", "-1"), ("--search", " ")])
def test_a_search_for_nothing_is_wrong_usage(arguments, server):
    code, said = run("import_trials", *arguments)
    assert (code, said.count("\n"), server.asked) == (2, 1, [])


def test_a_number_that_the_registry_does_not_have_is_named_and_the_others_come_in(server):
    code, said = run("import_trials", NUMBER, FOURTH, OTHER)
    assert (code, numbers()) == (0, [NUMBER, OTHER])
    first, last = said.splitlines()
    assert FOURTH in first and "Check the missing numbers" in first
    assert last == "3 records: 2 added, unpublished, 1 refused"


def test_a_number_that_the_registry_does_not_have_alone_is_exit_code_1(server):
    code, said = run("import_trials", FOURTH)
    assert code == 1 and FOURTH in said


def test_a_study_that_cannot_be_read_is_named_by_its_number_and_the_others_come_in(server):
    server.studies[1]["protocolSection"]["eligibilityModule"]["minimumAge"] = "grown up"
    code, said = run("import_trials", NUMBER, OTHER, THIRD)
    assert (code, numbers()) == (0, [NUMBER, THIRD])
    assert f"{OTHER}: protocolSection.eligibilityModule.minimumAge: 'grown up' is not an age" in said


def test_an_address_that_is_not_the_registrys_is_refused(settings, server):
    settings.REGISTRY_API = "https://registry.example.org/api/v2"
    before = everything()
    code, said = run("import_trials", NUMBER)
    assert code == 2 and "not the registry's address" in said
    assert everything() == before and server.asked == []


# Faults of the registry

PASSING = [
    pytest.param(Answer("slow down", 429, {"Retry-After": "7"}), "HTTP 429 slow down", id="429"),
    pytest.param(Answer("", 500), "HTTP 500", id="500"),
    pytest.param(Answer('{"studies": [{"protocol'), "not whole JSON", id="half a page"),
    pytest.param(Answer("<html>Maintenance</html>"), "not whole JSON", id="no page"),
    pytest.param(Answer('{"studies": []}', cut=True), "the connection broke", id="a broken connection"),
]


@pytest.mark.parametrize(("fault", "_said"), PASSING)
def test_a_fault_that_passes_harms_nothing(fault, _said, server):
    server.answers = [fault, fault]
    assert run("import_trials", NUMBER, OTHER) == (0, "2 records: 2 added, unpublished\n")


@pytest.mark.parametrize(("fault", "said"), [*PASSING, pytest.param(Answer("{}"), "without a list of 'studies'", id="another page")])
def test_a_fault_that_stays_is_named_and_what_came_before_it_is_kept(fault, said, server, tmp_path):
    server.always = fault
    code, report = run("import_trials", write(tmp_path / "one.json", study(FOURTH)), NUMBER)
    assert (code, numbers()) == (0, [FOURTH])
    assert "Asked the registry for" in report and said in report and "1 added, unpublished, 1 refused" in report
    assert run("import_trials", NUMBER)[0] == 1


def test_a_fault_on_a_later_page_keeps_the_pages_before_it(server):
    server.answers = [Answer(json.dumps({"studies": server.studies, "nextPageToken": "t3"}))]
    server.always = Answer("", 503)
    code, said = run("import_trials", "--search", "Lamp")
    assert (code, len(numbers())) == (0, 3)
    assert "HTTP 503" in said and said.endswith("4 records: 3 added, unpublished, 1 refused\n")


# refresh_trials


def test_nothing_published_means_nothing_to_refresh(server):
    bring_in(*server.studies)
    assert run("refresh_trials") == (0, "no trial is published, so there is nothing to refresh\n")
    assert server.asked == []


def test_a_refresh_asks_for_published_trials_only_the_longest_unchecked_first(published, server):
    edit(trial(NUMBER), as_of="2026-10-02")
    edit(trial(OTHER), published=False)
    run("refresh_trials")
    ((_, query, _),) = server.asked
    assert query["filter.ids"] == f"{THIRD},{NUMBER}"


def test_a_refresh_without_news_notes_the_day_and_is_one_line(published):
    code, said = run("refresh_trials")
    assert (code, said.splitlines()[-1]) == (0, "3 records: 1 changed, 2 unchanged")
    assert {changed_on(number) for number in numbers()} == {LATER}
    assert run("refresh_trials") == (0, "3 records: 3 unchanged\n")


def test_a_trial_that_closed_is_reported_and_not_shown_any_more(published, server):
    server.studies[0] = study(NUMBER, day=LATER, status="COMPLETED")
    assert NUMBER in catalog.current().listings
    code, said = run("refresh_trials")
    assert code == 0
    assert f"{NUMBER}: status: RECRUITING → COMPLETED\n" in said
    assert f"{NUMBER} is closed at the registry: patients are not asked about it any more\n" in said
    assert set(catalog.current().listings) == {OTHER, THIRD}
    assert "is closed at the registry" not in run("refresh_trials")[1]


def test_a_dry_refresh_changes_nothing(published, server):
    server.studies[0] = study(NUMBER, day=LATER, status="COMPLETED")
    before = everything()
    code, said = run("refresh_trials", "--dry-run")
    assert code == 0 and "COMPLETED" in said and "(dry run: nothing was saved)" in said
    assert everything() == before


def test_a_published_trial_that_the_registry_lost_is_named_and_the_others_are_refreshed(published, server):
    del server.studies[0]
    code, said = run("refresh_trials")
    assert code == 0 and f"none with the number {NUMBER}" in said
    assert (changed_on(NUMBER), changed_on(THIRD)) == ("2026-10-01", LATER)


def test_a_published_trial_that_became_a_part_of_another_study_is_named(published, server):
    server.studies[0]["protocolSection"]["identificationModule"] |= {"nctId": FOURTH, "nctIdAliases": [NUMBER]}
    code, said = run("refresh_trials")
    assert code == 0 and f"{NUMBER} is now a part of another study" in said
    assert not trial(FOURTH).published


@pytest.mark.parametrize(("fault", "said"), PASSING)
def test_a_registry_that_is_out_of_order_leaves_all_listings_as_they_are(fault, said, published, server):
    server.always = fault
    before = everything()
    code, report = run("refresh_trials")
    assert code == 1 and said in report and "no record could be used" in report
    assert everything() == before


@pytest.mark.parametrize(("fault", "_said"), PASSING)
def test_a_refresh_waits_out_a_fault_that_passes(fault, _said, published, server):
    server.answers = [fault]
    assert run("refresh_trials")[0] == 0
    assert {changed_on(number) for number in numbers()} == {LATER}


def test_a_refresh_keeps_the_batches_before_a_fault(server):
    many = [f"NCT4{number:07}" for number in range(BATCH + 1)]
    bring_in(*(study(number) for number in many))
    Trial.objects.update(published=True)
    server.answers = [Answer(json.dumps({"studies": [study(number, day=LATER) for number in many[:BATCH]]}))]
    server.always = Answer("", 500)
    code, said = run("refresh_trials")
    assert code == 0 and "HTTP 500" in said
    assert said.endswith(f"{BATCH + 1} records: {BATCH} unchanged, 1 refused\n")
    assert [changed_on(many[0]), changed_on(many[-1])] == [LATER, "2026-10-01"]


def test_an_address_that_is_not_the_registrys_refreshes_nothing(settings, published):
    settings.REGISTRY_API = "http://registry.example.org"
    assert run("refresh_trials")[0] == 1
