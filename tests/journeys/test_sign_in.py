"""Signing in at the desk as on a server: the app is set up from the picture, and then each sign-in asks for a code."""

from __future__ import annotations

import re
import time
from base64 import b32decode

import numpy as np
import pytest
import zxingcpp
from django_otp.oath import TOTP
from playwright.sync_api import Page, expect

from tests.integration.processes import environment, manage, served

from .test_pages import WIDTHS, faults

NAME, GIVEN, PASSWORD = "signer", "nine orange wheelbarrows", "five quiet lighthouse keepers"
"""The first password is chosen by whoever makes the account."""


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> str:
    """A site of its own that asks everybody for a code. The name is that of the shared one, so that ``visit`` takes this."""
    folder = tmp_path_factory.mktemp("signing")
    given = environment(folder / "db.sqlite3", DJANGO_SECOND_STEP="1")
    manage(given, "prepare")
    manage(given, "add_staff", NAME, "--group", "Publisher", "--password-stdin", typed=GIVEN)
    with served(given, folder / "log") as server:
        yield server.address


@pytest.fixture(autouse=True)
def _patient():
    """Passwords and codes are slow to check, on purpose."""
    expect.set_options(timeout=30_000)
    yield
    expect.set_options(timeout=5_000)


def give_password(page: Page, password: str = PASSWORD) -> None:
    page.goto("/admin/")
    page.get_by_label("Username").fill(NAME)
    page.get_by_label("Password").fill(password)
    page.keyboard.press("Enter")


def code_from(key: str, steps: int = 0) -> str:
    """What the app shows now, or so many times 30 seconds from now."""
    app = TOTP(bytes.fromhex(key), drift=steps)
    app.time = time.time()
    return f"{app.token():06}"


def give_code(page: Page, code: str) -> None:
    page.get_by_label("Code").fill(code)
    page.keyboard.press("Enter")


def choose_password(page: Page) -> None:
    """The password that somebody else chose opens nothing; a first try that is easy to guess is refused."""
    for typed, said in (("gene therapy trial desk", "This password is easy to guess"), (PASSWORD, "Your password was changed")):
        expect(page.get_by_text("Somebody else chose the password that you have now")).to_be_visible()
        for_all(page, preload=False)  # preloading writes styles into the page
        page.get_by_label("Old password").fill(GIVEN)
        page.get_by_label("New password", exact=False).first.fill(typed)
        page.get_by_label("New password confirmation").fill(typed)
        page.get_by_role("button", name="Change my password").click()
        expect(page.get_by_text(said)).to_be_visible()


def prove(page: Page, password: str, code: str) -> None:
    """Password and code once more, before a change of the sign-in."""
    page.get_by_label("Password").fill(password)
    give_code(page, code)


def only_with_proof(page: Page, plain: Page, code: str) -> None:
    """The pages that change how somebody signs in, and one of them without scripts."""
    page.goto("/admin/sign-in/")
    page.get_by_role("link", name="Change to another phone or app").click()
    expect(page.get_by_label("Code from your old app")).to_be_visible()
    for_all(page)
    page.get_by_role("link", name="Back without a change").click()
    page.get_by_role("link", name="Make new recovery codes").click()
    for_all(page)
    prove(page, "not the password", code)
    expect(page.get_by_text("That password does not work")).to_be_visible()
    for_all(page)
    plain.goto("/admin/sign-in/recovery-codes/")
    prove(plain, PASSWORD, code)
    expect(plain.get_by_role("heading", level=1)).to_have_text("Your recovery codes")
    expect(plain.locator(".codes code")).to_have_count(10)


def for_all(page: Page, **more: object) -> None:
    """On a large screen and on a small phone the page fits, and axe finds nothing."""
    page.wait_for_load_state("networkidle")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        assert faults(page, **more) == [], width
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0, width
    page.set_viewport_size({"width": 1280, "height": 900})


def scanned_from(page: Page) -> str:
    """What a phone reads from the picture, as the browser draws it."""
    drawn = page.locator("img.qr").evaluate("""image => {
        const canvas = document.createElement("canvas");
        [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
        const pen = canvas.getContext("2d");
        pen.fillStyle = "white";
        pen.fillRect(0, 0, canvas.width, canvas.height);
        pen.drawImage(image, 0, 0);
        const pixels = pen.getImageData(0, 0, canvas.width, canvas.height).data;
        return [canvas.height, canvas.width, [...pixels].filter((_, place) => place % 4 === 0)];
    }""")
    height, width, pixels = drawn
    return zxingcpp.read_barcode(np.array(pixels, dtype=np.uint8).reshape(height, width)).text


def test_from_the_first_sign_in_to_signing_out_everywhere(visit):
    page = visit().new_page()
    give_password(page, GIVEN)
    expect(page.get_by_role("heading", level=1)).to_have_text("Set up your second step")
    for_all(page)
    told = scanned_from(page)
    assert told.startswith("otpauth://totp/Gene%20Therapy%20Trial%20Finder%3Asigner?")
    secret = re.search(r"secret=(\w+)", told)[1]
    assert "".join(page.locator("code.key span").all_inner_texts()) == secret
    key = b32decode(secret).hex()

    give_code(page, "12345")
    expect(page.get_by_text("That code does not come from this app")).to_be_visible()
    for_all(page)
    give_code(page, code_from(key))
    expect(page.get_by_role("heading", level=1)).to_have_text("Your recovery codes")
    codes = page.locator(".codes code").all_inner_texts()
    assert len(codes) == 10
    expect(page.get_by_role("button", name="Print", exact=True)).to_be_visible()
    for_all(page)
    page.emulate_media(media="print")
    expect(page.get_by_role("link", name="I have kept them")).to_be_hidden()
    page.emulate_media(media="screen")
    page.get_by_role("link", name="I have kept them").click()
    choose_password(page)
    page.get_by_role("link", name="Home").click()
    expect(page.get_by_role("link", name="Your sign-in")).to_be_visible()

    other = visit(java_script_enabled=False).new_page()  # the same without scripts
    give_password(other)
    expect(other.get_by_role("heading", level=1)).to_have_text("Type your code")
    give_code(other, code_from(key, 1))
    expect(other.get_by_role("link", name="Your sign-in")).to_be_visible()

    third = visit().new_page()
    give_password(third)
    for_all(third)
    give_code(third, "no code at all")
    expect(third.get_by_text("That code does not work")).to_be_visible()
    for_all(third)
    third.wait_for_timeout(1100)  # one wrong recovery code makes the next wait a second
    give_code(third, codes[0])
    third.get_by_role("link", name="Your sign-in").click()
    expect(third.get_by_text("9 recovery codes are left")).to_be_visible()
    for_all(third)

    only_with_proof(page, other, codes[1])
    third.get_by_role("button", name="Sign out everywhere").click()
    expect(third.get_by_text("You are signed out in all 3 places")).to_be_visible()
    for one in (page, other):
        one.goto("/admin/trials/trial/")
        expect(one.get_by_label("Password")).to_be_visible()


def test_too_many_wrong_tries_lead_to_a_page_that_says_how_long_to_wait(page: Page):
    for number in range(5):
        page.goto("/admin/")
        page.get_by_label("Username").fill("nobody in particular")
        page.get_by_label("Password").fill(f"a guess, number {number}")
        page.keyboard.press("Enter")
        expect(page.locator(".errornote, .sign-in")).to_be_visible()
    expect(page.get_by_text("Wait 15 minutes")).to_be_visible()
    for_all(page)
