"""The code on the paper: it gives back what was told, on this site and for 90 days, and a phone can read it off the print."""

import base64
import dataclasses
import os
import subprocess
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
import typst
import zxingcpp
from cryptography.fernet import InvalidToken
from hypothesis import given, settings
from hypothesis import strategies as st

from prescreen import answers, paper_code
from prescreen.answers import LIFETIME, Answers, Near, Unreadable
from prescreen.paper_code import OnPaper, bare, draw, from_digits, seal, to_digits, unseal
from prescreen.screening import Screening
from trials import catalog
from trials.eligibility.verdicts import Verdict

from .test_answers_cookie import OTHER_SECRET, likely_answer

DAY = date(2026, 11, 22)
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
TOLD = Answers("child", "eye", {"age": {"value": "7.5", "unit": "years"}, "diagnosis": "rp", "treatments": [], "visits": None}, ("NCT10000001",))
FOUND = {"NCT10000001": Verdict.PASSES, "NCT00000002": Verdict.UNKNOWN, "NCT99999999": Verdict.UNKNOWN}
PAPER = OnPaper(TOLD, DAY, FOUND)
START = "https://trials.example.org/reopen/#"


def read_off(print_: np.ndarray) -> list[str]:
    """The texts of the QR codes in a gray picture."""
    return [found.text for found in zxingcpp.read_barcodes(print_, formats=zxingcpp.BarcodeFormat.QRCode)]


def at_print(picture: paper_code.Picture, dots: int) -> np.ndarray:
    """The picture as a printer or phone sees it, with so many dots an inch."""
    side = round(picture.inches * dots)
    squares = np.full((picture.size, picture.size), 255, np.uint8)
    for run in picture.path.removeprefix("M").removesuffix("z").split("zM"):
        place, length = run.split("h")[0], int(run.split("h")[1].split("v")[0])
        x, y = map(int, place.split(" "))
        squares[y, x : x + length] = 0
    places = np.arange(side) * picture.size // side
    return squares[np.ix_(places, places)]


@given(st.binary(min_size=1, max_size=60))
@settings(max_examples=200)
def test_bytes_come_back_from_their_digits(content):
    assert from_digits(to_digits(content)) == content


@pytest.mark.parametrize("length", [1, 2, 3, 4, 5, 6, 7, 8, 14, 15])
@pytest.mark.parametrize("byte", [b"\x00", b"\xff"])
def test_the_smallest_and_largest_bytes_come_back_too(byte, length):
    assert from_digits(to_digits(byte * length)) == byte * length


@pytest.mark.parametrize("digits", ["", "1", "9" * 17, "999", "12a", "１２３", "-12", "1" * 20_001])
def test_digits_that_no_bytes_have_are_refused(digits):
    with pytest.raises((ValueError, OverflowError)):
        from_digits(digits)


def test_what_is_on_the_paper_comes_back():
    opened = unseal(seal(PAPER), NOON)
    assert opened == PAPER
    assert list(opened.verdicts) == list(FOUND), "best first, as they were"


@pytest.mark.parametrize("picked", [(), ("NCT00000002", "NCT99999999")])
@pytest.mark.parametrize("area", [None, "hiv"])
def test_any_trials_and_any_area_come_back(area, picked):
    paper = dataclasses.replace(PAPER, answers=dataclasses.replace(TOLD, area=area, picked=picked))
    assert unseal(seal(paper), NOON) == paper


@pytest.mark.parametrize("write", ["{code}", START + "{code}", "#{code}", " {code}\r\n", "{groups}"])
def test_a_code_is_read_from_a_link_and_from_groups_of_digits(write):
    code = seal(PAPER)
    groups = "\n".join(code[start : start + 5] for start in range(0, len(code), 5))
    assert unseal(write.format(code=code, groups=groups), NOON) == PAPER
    assert bare(write.format(code=code, groups=groups)) == code


def test_the_same_paper_never_has_the_same_code_twice():
    assert seal(PAPER) != seal(PAPER)


def test_a_code_tells_the_day_and_not_the_hour():
    stamp = int.from_bytes(from_digits(seal(PAPER))[1:9])
    assert stamp == int(datetime(2026, 11, 22, tzinfo=UTC).timestamp())


LAST = datetime(2027, 2, 20, 23, 59, 59, tzinfo=UTC)


def test_it_works_for_90_days():
    assert PAPER.works_until == date(2027, 2, 20) == DAY + timedelta(days=90)


@pytest.mark.parametrize("moment", [datetime(2026, 11, 22, tzinfo=UTC), LAST - timedelta(days=1), LAST], ids=["first moment", "a day before", "last second"])
def test_it_opens_until_the_end_of_the_last_day(moment):
    assert unseal(seal(PAPER), moment) == PAPER


@pytest.mark.parametrize("moment", [LAST + timedelta(seconds=1), LAST + timedelta(days=400)])
def test_it_does_not_open_after(moment):
    with pytest.raises(Unreadable):
        unseal(seal(PAPER), moment)


def test_a_code_of_tomorrow_does_not_open():
    with pytest.raises(Unreadable):
        unseal(seal(PAPER), NOON - timedelta(days=1))


def test_a_cookie_is_no_code_and_a_code_is_no_cookie():
    cookie = answers.seal(TOLD)
    with pytest.raises(Unreadable):
        unseal(cookie, datetime.now(UTC))
    with pytest.raises(Unreadable):
        unseal(to_digits(base64.urlsafe_b64decode(cookie + "=" * (-len(cookie) % 4))), datetime.now(UTC))
    token = base64.urlsafe_b64encode(from_digits(seal(dataclasses.replace(PAPER, made_on=datetime.now(UTC).date())))).decode()
    for code in (token, token.rstrip("=")):
        with pytest.raises(Unreadable):
            answers.unseal(code, 10**9)
    assert answers.unseal(cookie, LIFETIME) == TOLD


@pytest.mark.parametrize("place", [0, 5, 17, 100, 200, -1])
def test_one_wrong_digit_is_noticed(place):
    code = list(seal(PAPER))
    code[place] = str((int(code[place]) + 1) % 10)
    with pytest.raises(Unreadable):
        unseal("".join(code), NOON)


NOISE = ["", "#", "0", "1" * 255, "9" * 17 * 15, "not a code", "ünïcode", "12 34", "\x00", "https://trials.example.org/reopen/", "5" * 100_000, "1#2#3"]


@pytest.mark.parametrize("typed", NOISE)
def test_noise_does_not_open(typed):
    with pytest.raises(Unreadable):
        unseal(typed, NOON)


@pytest.mark.parametrize(
    "content", [b"", b"1", b"2\x00" + answers.pack(TOLD), b"1\x05abc", b"1\x01\x00\x00\x00\x06" + answers.pack(TOLD), b"1\x00junk", os.urandom(300)]
)
def test_other_contents_under_our_key_do_not_open(content):
    token = paper_code.cipher(paper_code.PURPOSE).encrypt_at_time(content, int(NOON.timestamp()))
    with pytest.raises(Unreadable):
        unseal(to_digits(base64.urlsafe_b64decode(token)), NOON)


def test_a_code_of_another_site_does_not_open(settings):
    code = seal(PAPER)
    settings.SECRET_KEY = OTHER_SECRET
    with pytest.raises(Unreadable):
        unseal(code, NOON)


def test_a_code_opens_while_its_key_is_being_retired(settings):
    code, retired = seal(PAPER), settings.SECRET_KEY
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = OTHER_SECRET, [retired]
    assert unseal(code, NOON) == PAPER


def test_the_code_tells_nothing_without_the_key():
    raw = from_digits(seal(PAPER))
    assert not any(word in raw for word in (b"child", b"diagnosis", b"treatments", b"10000001", (10000001 << 3).to_bytes(4)))


def test_a_qr_code_is_a_link_with_room_around_it_and_large_enough():
    code = seal(PAPER)
    picture = draw(START, code)
    assert picture.inches >= 1.2
    assert picture.inches / picture.size >= 0.0165
    assert min(int(number) for run in picture.path.split("M")[1:] for number in run.split("h")[0].split(" ")) == paper_code.QUIET
    assert read_off(at_print(picture, 100)) == [START + code], "a bad print"


def test_what_does_not_fit_gives_no_picture():
    assert draw(START, "1" * 6_900) is not None
    assert draw(START, "1" * 7_100) is None


@pytest.fixture
def everything_answered(starter) -> OnPaper:
    """A paper with every question of the starter answered, and as many trials as a page shows."""
    questionnaire = catalog.current().questionnaire
    given = {key: likely_answer(question, number, 3) for number, (key, question) in enumerate(questionnaire.items())}
    verdicts = {f"NCT{number * 7_654_321 % 100_000_000:08}": Verdict.UNKNOWN for number in range(1, 51)}
    told = Answers("child", "genetic", given, tuple(verdicts)[:5])
    return OnPaper(told, DAY, verdicts)


@pytest.mark.django_db
def test_every_question_of_the_starter_answered_fits_a_code_that_can_be_read(everything_answered):
    assert len(everything_answered.answers.given) > 200
    code = seal(everything_answered)
    assert unseal(code, NOON) == everything_answered
    picture = draw(START, code)
    version = (picture.size - 2 * paper_code.QUIET - 17) // 4
    assert version <= 40
    assert picture.inches <= 3.2
    assert read_off(at_print(picture, 200)) == [START + code]


def test_the_pictures_dots_on_paper_are_read_back(tmp_path):
    """Through the typesetter and a renderer, at the resolution of a fax."""
    code = seal(PAPER)
    picture = draw(START, code)
    page = tmp_path / "page.typ"
    page.write_text('#set page(width: 4in, height: 4in)\n#image(bytes(sys.inputs.svg), format: "svg", width: ' + f"{picture.inches}in)")
    content = typst.compile(page, sys_inputs={"svg": picture.svg}, format="pdf")
    gray = subprocess.run(["pdftoppm", "-r", "150", "-gray"], input=content, capture_output=True, check=True).stdout
    assert read_off(from_pgm(gray)) == [START + code]


def from_pgm(content: bytes) -> np.ndarray:
    """The first gray picture of a PGM file."""
    _kind, size, _most, dots = content.split(b"\n", 3)
    width, height = map(int, size.split())
    return np.frombuffer(dots[: width * height], np.uint8).reshape(height, width)


def test_keys_of_two_purposes_are_two_keys():
    sealed = answers.cipher("one purpose").encrypt(b"told")
    assert answers.cipher("one purpose").decrypt(sealed) == b"told"
    with pytest.raises(InvalidToken):
        answers.cipher("another purpose").decrypt(sealed)
    assert paper_code.PURPOSE != "prescreen.answers"


@pytest.mark.django_db
def test_where_somebody_lives_is_not_in_the_code(starter):
    told = Answers("me", "eye", {}, near=Near("US", "60601", "mi"))
    assert paper_code.note(Screening(told, catalog.current()), DAY).answers.near is None
