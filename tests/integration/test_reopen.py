"""A printed paper opened again: judged against today's listings, marked and printed, and nothing of it is kept anywhere."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from prescreen import paper_code
from prescreen.answers import COOKIE, Answers, seal
from prescreen.paper_code import OnPaper
from prescreen.screening import Screening
from tests.factories import CriterionFactory, TrialFactory
from tests.rows import everything
from trials import catalog
from trials.eligibility.verdicts import Verdict
from trials.models import Criterion, Question, Trial

from .patients import RESULTS, SUMMARY, Patient, text_of, title_of
from .test_pdf import TOLD
from .test_privacy import log  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small_catalog")]

REOPEN = "/reopen/"
FIRST, SECOND, THIRD = "NCT10000001", "NCT10000002", "NCT10000003"


def printed(days_ago: int = 0, who: str = "me", area: str | None = "eye", picked: tuple[str, ...] | None = None, **told) -> str:
    """The code of a paper that was printed so many days ago, as the trials stand now."""
    screening = Screening(Answers(who, area, told or TOLD, picked), catalog.current())
    return paper_code.seal(paper_code.note(screening, timezone.localdate() - timedelta(days=days_ago)))


def opened(patient: Patient, code: str, **marks: str):
    """The provider's page of a code."""
    response = patient.send(REOPEN, code=code, **marks)
    assert response.status_code == 200, text_of(response)
    return response


def part(response, start: str, end: str) -> str:
    """What the page says between two headings."""
    text = text_of(response)
    return text[text.index(start) : text.index(end, text.index(start))]


def changes(response) -> str:
    """What the page says has changed."""
    return part(response, "What changed since", "What could settle most")


def test_the_page_for_codes_has_a_field_and_a_button_and_asks_for_nothing_else(patient):
    page = patient.open(REOPEN)
    assert page.status_code == 200
    body = page.content.decode()
    assert re.findall(r'<(?:input|textarea|select)[^>]*name="(\w+)"', body) == ["csrfmiddlewaretoken", "code"]
    assert "Open the summary" in text_of(page)


def test_no_code_is_taken_from_an_address(patient):
    page = patient.client.get(f"{REOPEN}?code={printed()}")
    assert title_of(page).startswith("Open a printed summary again")
    assert "rp_x_linked" not in page.content.decode()


@pytest.mark.parametrize("method", ["get", "post"])
def test_the_pages_are_kept_by_nobody(method, patient):
    page = patient.open(REOPEN) if method == "get" else opened(patient, printed())
    assert "no-store" in page["Cache-Control"]
    assert page["X-Robots-Tag"] == "noindex"
    assert page["Referrer-Policy"] == "same-origin"
    assert "script-src 'self'" in page["Content-Security-Policy"]


def test_a_code_needs_the_token_of_its_form():
    client = Client(headers={"host": "127.0.0.1"}, enforce_csrf_checks=True)
    assert client.post(REOPEN, {"code": printed()}).status_code == 403
    client.get(REOPEN)
    token = client.cookies["csrftoken"].value
    assert client.post(REOPEN, {"code": printed(), "csrfmiddlewaretoken": token}).status_code == 200


def test_the_link_on_the_summary_opens_the_same_answers(patient):
    patient.remember(**TOLD)
    shown = patient.open(SUMMARY).content.decode()
    code = re.sub(r"\s", "", re.search(r'class="digits">([\d\s]+)<', shown)[1])
    assert "http://127.0.0.1/reopen/" in shown
    page = opened(Patient(), code)
    for words in ("X-linked retinitis pigmentosa", "154 lb", "30 years", f"{FIRST} A working gene for one eye"):
        assert words in text_of(page)


def wrong_codes() -> dict[str, str]:
    """Codes that must not open, each for another reason."""
    good = printed()
    screening = Screening(Answers("me", "eye", TOLD), catalog.current())
    old = paper_code.seal(paper_code.note(screening, timezone.localdate() - timedelta(days=91)))
    return {
        "nothing": "",
        "words": "my code",
        "altered": good[:50] + str((int(good[50]) + 1) % 10) + good[51:],
        "cut short": good[:-17],
        "old": old,
        "foreign": "1234567" * 50,
        "a cookie": seal(Answers("me", "eye", TOLD)),
    }


def test_every_wrong_code_gets_the_same_kind_answer(patient):
    pages = {}
    for name, code in wrong_codes().items():
        page = patient.send(REOPEN, code=code)
        body = re.sub(r"(<textarea[^>]*>).*?(</textarea>)|name=\"csrfmiddlewaretoken\" value=\"\w+\"", r"\1\2", page.content.decode(), flags=re.DOTALL)
        pages[name] = (page.status_code, body, sorted(page.headers.items() - {("Content-Length", page.get("Content-Length"))}))
    pages = {name: (status, body) for name, (status, body, _headers) in pages.items()}
    assert len(set(pages.values())) == 1, pages.keys()
    status, body = pages["old"]
    assert status == 422
    assert "This code does not open." in body
    assert title_of(page).startswith("Error: ")


def test_what_was_typed_stays_and_is_shown_as_text(patient):
    page = patient.send(REOPEN, code='123 456</textarea><script>alert("x")</script>')
    assert "123 456&lt;/textarea&gt;&lt;script&gt;" in page.content.decode()


@pytest.mark.parametrize(("days", "status"), [(0, 200), (89, 200), (90, 200), (91, 422)])
def test_a_paper_opens_for_90_days(days, status, patient):
    assert patient.send(REOPEN, code=printed(days)).status_code == status


def test_a_reader_s_own_answers_are_neither_read_nor_changed(patient):
    patient.remember("child", "eye", diagnosis="stargardt", age={"value": "9", "unit": "years"})
    mine = patient.client.cookies[COOKIE].value
    page = opened(patient, printed())
    assert COOKIE not in page.cookies
    assert patient.client.cookies[COOKIE].value == mine
    assert "Stargardt" not in text_of(page)
    assert "Stargardt" in text_of(patient.open(RESULTS)) or "9 years" in text_of(patient.open("/screening/check/"))


def test_a_cookie_that_cannot_be_read_does_not_matter(patient):
    patient.client.cookies[COOKIE] = "junk"
    assert opened(patient, printed()).status_code == 200


def test_nothing_is_stored_and_nothing_is_logged(patient, log):  # noqa: F811
    code = printed(who="other", **{**TOLD, "weight": {"value": "73.419826", "unit": "kg"}})
    before = everything()
    page = opened(patient, code)
    assert "73.419826 kg" in text_of(page)
    opened(patient, code, **{f"{FIRST}-1-00000000": "confirmed"})
    patient.send(REOPEN, code=code + "1")
    assert everything() == before
    assert code[:40] not in log.getvalue()
    assert "73.419826" not in log.getvalue()
    addresses = [response.wsgi_request.get_full_path() for response in patient.seen] + [response.get("Location", "") for response in patient.seen]
    assert set(addresses) == {REOPEN, ""}
    links = re.findall(r'(?:href|action|src)="([^"]*)"', page.content.decode())
    assert not [link for link in links if code[:20] in link]


def test_a_code_holds_no_answer_that_the_paper_does_not_show(patient):
    """Somebody who began with another condition does not carry its answers to this doctor."""
    told = {"diagnosis": "hemophilia", "age": {"value": "30", "unit": "years"}, "pregnant": "yes", "sex": "male"}
    on_paper = paper_code.note(Screening(Answers("me", "eye", told), catalog.current()), timezone.localdate())
    assert "pregnant" not in on_paper.answers.given
    assert "diagnosis" not in on_paper.answers.given


def test_a_trial_that_was_tried_leaves_no_mark_in_the_code():
    screening = Screening(Answers("me", "eye", TOLD, None, FIRST), catalog.current())
    assert paper_code.note(screening, timezone.localdate()).answers.trying == ""


def test_nothing_changed_is_said(patient):
    assert "Nothing: the trials read as they did, and there are no new ones." in changes(opened(patient, printed(5)))


def test_a_trial_that_closed_is_named_with_its_status(patient):
    code = printed(5)
    Trial.objects.filter(nct_id=FIRST).update(status="COMPLETED")
    catalog.touch()
    page = opened(patient, code)
    assert "No longer open" in changes(page)
    assert f"{FIRST} A working gene for one eye . Closed: completed" in changes(page).replace("eye.", "eye .")
    assert f"{FIRST} A working gene for one eye Your" not in text_of(page), "it has no sheet any more"


def test_a_trial_that_is_gone_is_named_too(patient):
    code = printed()
    Trial.objects.get(nct_id=FIRST).delete()
    assert f"{FIRST} We no longer list this trial." in re.sub(r"\s+", " ", changes(opened(patient, code)))


def test_a_trial_whose_verdict_changed_says_what_it_was(patient):
    code = printed()
    CriterionFactory(trial=Trial.objects.get(nct_id=FIRST), text="Aged 31 years or older", rule="age >= 31", order=50)
    page = opened(patient, code)
    assert "Reads differently now" in changes(page)
    assert "The paper said: May match: some answers need checking. Now: Probably not a match right now." in changes(page)
    assert "Aged 31 years or older" in text_of(page), "its sheet is still there"
    assert "Does not fit: 1" in text_of(page)


def test_a_new_trial_is_named(patient):
    code = printed()
    new = TrialFactory(areas=["eye"], rules=["diagnosis is rp", "visits is yes"])
    page = opened(patient, code)
    assert "New, and worth a look" in changes(page)
    assert new.nct_id in changes(page)


def test_a_new_trial_that_does_not_fit_is_not_news(patient):
    code = printed()
    TrialFactory(areas=["eye"], rules=["age < 10"])
    TrialFactory(areas=["hiv"], rules=["age >= 10"])
    assert "Nothing: the trials read as they did" in changes(opened(patient, code))


def test_where_the_code_could_not_hold_all_trials_no_news_is_claimed(patient):
    full = OnPaper(Answers("me", "eye", TOLD, (FIRST,)), timezone.localdate(), {FIRST: Verdict.UNKNOWN, **{f"NCT2{n:07}": Verdict.UNKNOWN for n in range(49)}})
    text = text_of(opened(patient, paper_code.seal(full)))
    assert "new ones cannot be told apart" in text
    assert "New, and worth a look" not in text


def test_a_paper_whose_trials_are_all_closed_says_so(patient):
    code = printed(picked=(FIRST,))
    Trial.objects.get(nct_id=FIRST).delete()
    assert "No trial of the paper is open today." in text_of(opened(patient, code))


def test_all_answers_count_whatever_would_be_asked_today(patient):
    """A new question that would come first must not make the paper's answers count for nothing."""
    code = printed()
    Question.objects.create(key="brand_new", kind="yes_no", text="Is something new so?", order=0)
    CriterionFactory(trial=Trial.objects.get(nct_id=FIRST), text="Something new", rule="brand_new is yes", order=0)
    for _ in range(5):
        TrialFactory(areas=["eye"], rules=["brand_new is yes"])
    assert Screening(Answers("me", "eye", TOLD), catalog.current()).path.next == "brand_new", "a patient would be asked now"
    page = opened(patient, code)
    assert "154 lb" in part(page, "All answers", "works until")
    assert "Is something new so?" in part(page, "What could settle most", "All criteria of")


def test_an_answer_that_its_question_no_longer_takes_is_said_to_be_unused(patient):
    code = printed()
    Question.objects.filter(key="weight").update(max=50)
    catalog.touch()
    assert "1 answer of the paper is not used: its question has changed." in text_of(opened(patient, code))


def test_open_points_come_first_and_every_criterion_is_there(patient):
    page = opened(patient, printed(picked=(FIRST,)))
    body = page.content.decode()
    table = body[body.index('<table class="stack points">') : body.index("</table>", body.index('<table class="stack points">'))]
    readings = re.findall(r'data-label="Our reading">([^<]+)<', table)
    assert readings == sorted(readings, key=["Needs checking", "Study team checks", "Does not fit", "Fits"].index)
    assert len(readings) == Criterion.objects.filter(trial__nct_id=FIRST).count() == 7
    assert table.count('type="radio"') == 7 * 4
    assert table.count(" checked") == 7, "nothing is marked yet"


def names(page) -> list[str]:
    """The fields of the points, in order."""
    return list(dict.fromkeys(re.findall(r'name="(NCT[\w-]+)"', page.content.decode())))


def test_marks_come_back_on_the_sheet_to_print(patient):
    code = printed(picked=(FIRST,))
    fields = names(opened(patient, code))
    page = opened(patient, code, **{fields[0]: "ordered", fields[1]: "confirmed", fields[2]: "not_met"})
    body = page.content.decode()
    for field, mark in zip(fields, ("ordered", "confirmed", "not_met"), strict=False):
        assert f'name="{field}" value="{mark}" checked' in body
    assert "not marked: 4 · confirmed: 1 · not met: 1 · test ordered: 1" in text_of(page)
    assert f"Tests ordered for {FIRST}: Antibodies to the vector above 1:100" in text_of(page)
    assert names(page) == fields, "the order stays"


def test_marks_that_nobody_offered_are_no_marks(patient):
    code = printed(picked=(FIRST,))
    fields = names(opened(patient, code))
    page = opened(patient, code, **{fields[0]: "cured", "NCT99999999-1-0": "confirmed", "other": "x"})
    assert "Your marks" not in text_of(page)


def test_a_mark_never_moves_to_another_criterion(patient):
    code = printed(picked=(FIRST,))
    fields = names(opened(patient, code))
    for criterion in Criterion.objects.filter(trial__nct_id=FIRST):
        criterion.text += " (changed)"
        criterion.save()
    assert "Your marks" not in text_of(opened(patient, code, **dict.fromkeys(fields, "confirmed")))


def test_the_code_goes_along_to_the_next_page_in_the_form(patient):
    code = printed()
    assert f'<input type="hidden" name="code" value="{code}">' in opened(patient, f"http://127.0.0.1/reopen/#{code}").content.decode()


@pytest.mark.parametrize("who", ["child", "other"])
def test_a_paper_for_somebody_else_says_so(who, patient):
    assert "Answered for a" in text_of(opened(patient, printed(who=who)))


def test_a_paper_with_no_trial_and_no_answers_opens_too(patient):
    Trial.objects.all().delete()
    code = paper_code.seal(paper_code.note(Screening(Answers("me", None), catalog.current()), timezone.localdate()))
    text = text_of(opened(patient, code))
    assert "No trial was chosen for the paper." in text
    assert "All condition areas" in text


def test_the_other_ways_of_asking_are_refused(patient):
    assert patient.client.put(REOPEN).status_code == 405
    assert patient.client.head(REOPEN).status_code == 200
