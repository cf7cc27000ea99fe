"""Patients on their way from the start page to the paper, with and without JavaScript, with a pointer and with the keyboard alone."""

from __future__ import annotations

import re
import subprocess

import pytest
from playwright.sync_api import Page

from .hands import Hands, Keyboard, Pointer, key_of, shows
from .sights import remember
from .tables import PATIENTS, Answer, Patient

MOST = 30
"""Questions after which a patient has had enough and asks for the results."""

SITE = " – Gene Therapy Trial Finder"
NEVER_SAID = re.compile(r"\b(in)?eligib|\bqualif|\bcandidate|\breject|\bunclear\b", re.IGNORECASE)


@pytest.mark.parametrize("patient", PATIENTS, ids=lambda patient: patient.area)
@pytest.mark.parametrize(("hands", "script"), [(Pointer, True), (Keyboard, False)], ids=["pointer-with-javascript", "keyboard-without-javascript"])
def test_a_patient_comes_from_the_start_page_to_the_paper(visit, tmp_path, patient: Patient, hands: type[Hands], script: bool):
    page = visit(java_script_enabled=script).new_page()
    hand = hands(page)
    page.goto("/")
    hand.follow("Start now")
    asked = walk(hand, patient, script)
    assert 10 <= len(asked) <= MOST
    go_to_check(hand)
    look_at_check(hand, patient, asked)
    hand.follow("See results now")
    look_at_results(hand)
    hand.follow("Get your summary to print")
    assert page.title() == "Your summary to print" + SITE
    look_at_pdf(hand, tmp_path / "paper.pdf")


@pytest.mark.parametrize("area", ["cancer", "eye", "genetic", "hiv"])
def test_not_being_sure_of_anything_rules_no_trial_out(page: Page, area: str):
    hand = Pointer(page)
    page.goto("/screening/q/who/")
    hand.answer("me")
    hand.answer(area)
    asked = []
    while key := key_of(page):
        assert key not in asked
        asked.append(key)
        hand.answer(None)
    hand.follow("See results now")
    assert page.locator("article.trial").count()
    assert page.locator(".group-fails").count() == 0


@pytest.mark.parametrize("patient", PATIENTS, ids=lambda patient: patient.area)
def test_every_answer_is_shown_again_as_it_was_given(page: Page, patient: Patient):
    remember(page, patient)
    page.goto("/screening/check/")
    for address in [link.get_attribute("href") for link in page.locator("dl.answers a").all()]:
        page.goto(address)
        assert shows(page, patient.answer(key_of(page))), key_of(page)


def walk(hand: Hands, patient: Patient, script: bool) -> list[str]:
    """Answers question after question, with a slip and a few steps back on the way. Gives the keys in the order in which they came."""
    page, asked = hand.page, []
    while (key := key_of(page)) and len(asked) < MOST:
        look_at_question(page, len(asked) + 1)
        if key == patient.slip:
            forget_to_answer(hand, script)
        hand.answer(patient.answer(key))
        asked.append(key)
        if len(asked) == 5:
            go_back_and_forth(hand, patient.answer(key))
    assert patient.slip in asked
    return asked


def look_at_question(page: Page, number: int) -> None:
    """The title and the only heading are the question, and the number counts up."""
    assert page.locator("h1").count() == 1
    assert page.title() == page.locator("h1").inner_text() + SITE
    assert re.fullmatch(rf"Question {number}( · about .+)?", page.locator(".step").inner_text())


def forget_to_answer(hand: Hands, script: bool) -> None:
    """Continues without an answer: the error page says so, and its link leads to the control."""
    page = hand.page
    response = hand.follow("Continue")
    assert response.status == 422
    assert page.title() == "Error: " + page.locator("h1").inner_text() + SITE
    if script:
        assert page.evaluate("document.activeElement.id") == "error-summary"
    else:
        page.reload()
        assert page.title().startswith("Error:")
    link = page.locator(".problem a")
    hand.press(link.inner_text())
    page.wait_for_url("**#id_answer*")
    control = page.locator(link.get_attribute("href"))
    assert control.is_visible()
    assert control.evaluate("element => element == document.activeElement")


def go_back_and_forth(hand: Hands, last: Answer | None) -> None:
    """Goes back by the page's link and by the browser, and reloads: the answer is still there, and so is the next question."""
    page = hand.page
    here = page.url
    hand.follow("Back")
    assert shows(page, last)
    hand.follow("Continue")
    assert page.url == here
    page.go_back()
    assert shows(page, last)
    page.reload()
    assert shows(page, last)
    page.go_forward()
    assert page.url == here
    page.reload()
    assert page.url == here
    assert not page.title().startswith("Error:")


def go_to_check(hand: Hands) -> None:
    """From the last question, or from the question that was one too many, to the check page."""
    if key_of(hand.page):
        hand.follow("See results now")
        hand.follow("Back")
    assert hand.page.title() == "Check your answers" + SITE


def look_at_check(hand: Hands, patient: Patient, asked: list[str]) -> None:
    """Every answer is there; one is changed, and its page leads back here."""
    page = hand.page
    rows = page.locator("dl.answers > div")
    assert rows.count() == len(asked)
    page.reload()
    key, answer = patient.change
    question = rows.nth(asked.index(key)).locator("dt").inner_text()
    row = page.locator("dl.answers > div", has=page.get_by_text(question, exact=True))
    hand.follow(" ".join(row.locator("a").text_content().split()))
    assert key_of(page) == key
    assert shows(page, patient.answer(key))
    hand.answer(answer)
    answer_new_questions(hand, patient, asked)
    assert page.title() == "Check your answers" + SITE
    assert row.locator("dd").first.inner_text() == patient.shown
    page.reload()
    assert row.locator("dd").first.inner_text() == patient.shown


def answer_new_questions(hand: Hands, patient: Patient, asked: list[str]) -> None:
    """The questions that a change newly needs, before it leads back to the check page."""
    known = set(asked)
    while key := key_of(hand.page):
        assert key not in known
        known.add(key)
        hand.answer(patient.answer(key))


def look_at_results(hand: Hands) -> None:
    """The results say what is known, and nothing that only a trial team can say."""
    page = hand.page
    assert page.title() == "Your results" + SITE
    assert page.locator("main").get_by_text("Only the trial team can decide").is_visible()
    trial = page.locator("article.trial").first
    assert not trial.locator(".criteria").is_visible()
    hand.unfold(" ".join(trial.locator("summary").text_content().split()))
    assert trial.locator(".criteria").is_visible()
    assert not NEVER_SAID.search(page.locator("body").inner_text())
    page.reload()
    assert page.title() == "Your results" + SITE


def look_at_pdf(hand: Hands, file) -> None:
    """The download is a PDF that a screen reader can read."""
    hand.download("Download PDF").save_as(file)
    assert file.read_bytes().startswith(b"%PDF")
    facts = subprocess.run(["pdfinfo", file], check=True, capture_output=True, text=True).stdout
    assert re.search(r"^Tagged:\s+yes$", facts, re.MULTILINE)
    assert re.search(r"^Title:\s+\S", facts, re.MULTILINE)
