"""The patient's answers travel in one encrypted cookie, and come back as they were or not at all."""

import base64
import os
import time
import zlib
from dataclasses import replace

import pytest
from cryptography.fernet import Fernet
from django.http import HttpResponse
from django.test import RequestFactory

from prescreen import answers
from prescreen.answers import COOKIE, LIFETIME, Answers, Near, Unreadable, forget, keep, read, seal, unseal
from prescreen.path import Trail
from trials import catalog
from trials.eligibility.questions import KEY, Kind, Question

GIVEN = Answers(
    "child", "eye", {"age": {"value": "7.5", "unit": "years"}, "diagnosis": "rp", "treatments": [], "visits": None, "name": "Zoë 眼"}, ("NCT10000001",)
)
NEAR = Near("US", "02139", "mi")
OTHER_SECRET = "another-secret-that-is-long-enough-for-production-use"


def request_with(sealed: str):
    """A request that brings this cookie."""
    return RequestFactory().get("/", headers={"cookie": f"{COOKIE}={sealed}"})


def opened(sealed: str) -> bytes:
    """What is inside the encryption."""
    return answers._cipher().decrypt(sealed + "=" * (-len(sealed) % 4))


def sealed_at(moment: int, given: Answers = GIVEN) -> str:
    """The cookie as it was made at another time."""
    return answers._cipher()._fernets[0].encrypt_at_time(opened(seal(given)), moment).decode().rstrip("=")


def packed(content: bytes, number: bytes = b"1") -> bytes:
    """Content as the cookie packs it."""
    packer = zlib.compressobj(9, wbits=-15, zdict=answers.WORDS["1"])
    return number + packer.compress(content) + packer.flush()


def seal_content(given: Answers) -> bytes:
    """The JSON inside a cookie."""
    return zlib.decompressobj(wbits=-15, zdict=answers.WORDS["1"]).decompress(opened(seal(given))[1:])


@pytest.mark.parametrize(
    "given",
    [
        pytest.param(GIVEN, id="each form of answer"),
        pytest.param(Answers(), id="nothing yet"),
        pytest.param(Answers("other", None, {}), id="an area of which somebody is not sure"),
        pytest.param(Answers("me", "hiv", {"age": None}, ()), id="no trial picked"),
        pytest.param(Answers("me", "hiv", {"age": None}, None, "NCT10000001"), id="a trial that a coordinator tries"),
        pytest.param(Answers("me", "hiv", {"age": None}, near=NEAR), id="where the patient lives"),
        pytest.param(Answers("me", "hiv", {"age": None}, (), "NCT10000001", NEAR), id="where the patient lives, and a trial that is tried"),
        pytest.param(Answers("me", "hiv", {f"question_{n}": n for n in range(300)}), id="many answers"),
    ],
)
def test_answers_come_back_as_they_were(given):
    assert unseal(seal(given), LIFETIME) == given
    assert read(request_with(seal(given))) == given


@pytest.mark.parametrize("bare", [0, 0.0, False, True, 1, ""])
@pytest.mark.parametrize("key", ["age", "a_question_of_tomorrow"])
def test_a_bare_answer_comes_back_as_it_was(key, bare):
    """A bare 0 or False stands for "not asked" in the list of the answers, so it is kept beside it."""
    told = Answers("me", "eye", {key: bare, "diagnosis": "rp"}, trail=Trail("abcdefgh", ("diagnosis", key), "sex"))
    opened_again = unseal(seal(told), LIFETIME)
    assert opened_again.given[key] == bare
    assert type(opened_again.given[key]) is type(bare)
    assert (opened_again, opened_again.trail) == (told, told.trail)


TRAIL = Trail("abcdefgh", ("diagnosis", "a_question_of_tomorrow", "age"), "sex")
WITH_TRAIL = Answers("me", "eye", {"age": None, "diagnosis": "rp", "a_question_of_tomorrow": "yes", "one_more": "no"}, trail=TRAIL)


@pytest.mark.parametrize("trail", [TRAIL, replace(TRAIL, next=None), replace(TRAIL, next="another_of_tomorrow"), replace(TRAIL, steps=()), None])
@pytest.mark.parametrize("trying", ["", "NCT10000001"])
@pytest.mark.parametrize("near", [None, NEAR])
def test_the_trail_comes_back_as_it_was(trail, trying, near):
    told = replace(WITH_TRAIL, trail=trail, trying=trying, near=near)
    assert unseal(seal(told), LIFETIME) == told
    assert unseal(seal(told), LIFETIME).trail == trail


def test_the_trail_is_no_answer():
    assert replace(WITH_TRAIL, trail=None) == WITH_TRAIL


def test_a_cookie_of_before_there_were_trails_opens():
    """These are the bytes that were written then, for answers without and with a trial that is tried."""
    for ending, trying in ((b"", ""), (b',"NCT10000001"', "NCT10000001")):
        listed = b",".join(b'"rp"' if key == "diagnosis" else b"0" for key in answers._keys("1"))
        content = packed(b'["me","eye",null,[' + listed + b"],{}" + ending + b"]")
        assert unseal(answers._cipher().encrypt(content).decode(), LIFETIME) == Answers("me", "eye", {"diagnosis": "rp"}, trying=trying)


def test_what_is_sealed_without_a_trail_is_as_small_as_before():
    assert seal_content(replace(WITH_TRAIL, trail=None)).endswith(b'{"a_question_of_tomorrow":"yes","one_more":"no"}]')


def test_an_answer_cuts_the_trail_where_it_counts():
    assert WITH_TRAIL.with_answer("age", "1").trail == Trail("abcdefgh", ("diagnosis", "a_question_of_tomorrow"), "age")
    assert WITH_TRAIL.with_answer("sex", "male").trail == TRAIL
    assert Answers().with_answer("age", "1").trail is None


def test_without_a_cookie_there_are_no_answers_yet():
    assert read(RequestFactory().get("/")) == Answers()
    assert not Answers().started


def test_whoever_is_not_sure_of_the_area_has_started():
    assert Answers(area=None).started


def test_the_same_answers_never_look_the_same_twice():
    assert seal(GIVEN) != seal(GIVEN)


def test_the_cookie_tells_nothing_without_the_key():
    raw = base64.urlsafe_b64decode(seal(GIVEN) + "==")
    assert not any(word in raw for word in (b"child", b"diagnosis", b"treatments", b"NCT10000001"))


@pytest.mark.parametrize("place", [0, 10, 60, -1])
def test_a_cookie_with_one_letter_changed_is_unreadable(place):
    sealed = list(seal(GIVEN))
    sealed[place] = "A" if sealed[place] != "A" else "Q"
    with pytest.raises(Unreadable):
        read(request_with("".join(sealed)))


@pytest.mark.parametrize(
    "sealed",
    [
        pytest.param("x", id="one letter"),
        pytest.param("not a cookie of ours", id="words"),
        pytest.param("ünïcode", id="other letters"),
        pytest.param(base64.urlsafe_b64encode(os.urandom(3750)).decode(), id="5 KB of noise"),
        pytest.param(base64.urlsafe_b64encode(b"\x80" + os.urandom(200)).decode(), id="noise that starts as ours does"),
        pytest.param("A" * 100_000, id="100 KB of one letter"),
        pytest.param("%00", id="a zero byte"),
    ],
)
def test_noise_is_unreadable(sealed):
    with pytest.raises(Unreadable):
        unseal(sealed, LIFETIME)


@pytest.mark.parametrize("cut", [1, 10, 50])
def test_a_cookie_cut_short_is_unreadable(cut):
    with pytest.raises(Unreadable):
        read(request_with(seal(GIVEN)[:-cut]))


def test_a_cookie_from_another_key_is_unreadable(settings):
    sealed = seal(GIVEN)
    settings.SECRET_KEY = OTHER_SECRET
    with pytest.raises(Unreadable):
        read(request_with(sealed))


def test_a_cookie_sealed_with_the_bare_secret_is_unreadable(settings):
    """The key of the answers is derived for them alone."""
    bare = Fernet(base64.urlsafe_b64encode(settings.SECRET_KEY.encode()[:32].ljust(32, b"0")))
    with pytest.raises(Unreadable):
        read(request_with(bare.encrypt(zlib.compress(b'["me","eye",{},null]')).decode()))


def test_a_retired_key_is_still_read_and_no_longer_written(settings):
    sealed, retired = seal(GIVEN), settings.SECRET_KEY
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = OTHER_SECRET, [retired]
    assert read(request_with(sealed)) == GIVEN
    renewed = seal(GIVEN)
    settings.SECRET_KEY_FALLBACKS = []
    assert read(request_with(renewed)) == GIVEN
    with pytest.raises(Unreadable):
        read(request_with(sealed))


def test_twelve_hours_are_the_lifetime():
    assert LIFETIME == 12 * 60 * 60


def test_answers_just_under_twelve_hours_old_are_read():
    assert read(request_with(sealed_at(int(time.time()) - LIFETIME + 5))) == GIVEN


def test_answers_just_over_twelve_hours_old_are_unreadable():
    with pytest.raises(Unreadable):
        read(request_with(sealed_at(int(time.time()) - LIFETIME - 1)))


def test_answers_from_the_far_future_are_unreadable():
    """Those of a clock that was set back since are read: see test_clock."""
    with pytest.raises(Unreadable):
        read(request_with(sealed_at(int(time.time()) + LIFETIME + 60)))


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(packed(b"not JSON"), id="no JSON"),
        pytest.param(packed(b"{}"), id="a mapping"),
        pytest.param(packed(b"[1, 2]"), id="too few parts"),
        pytest.param(packed(b'["me", "eye", null, ["yes"], {}]'), id="too short a list"),
        pytest.param(packed(seal_content(GIVEN)[:-1] + b',"NCT10000001",1]'), id="too many parts"),
        pytest.param(packed(seal_content(GIVEN)[:-1] + b',"","state",[9999],null]'), id="a trail over a question that is not there"),
        pytest.param(packed(seal_content(GIVEN)[:-1] + b',"","state",null,null]'), id="a trail without steps"),
        pytest.param(packed(seal_content(GIVEN)[:-1] + b',"",["US","02139"]]'), id="a place without a unit"),
        pytest.param(packed(seal_content(GIVEN)[:-1] + b',"","state",[],null,"US"]'), id="a place that is none"),
        pytest.param(packed(b"null"), id="nothing"),
        pytest.param(packed(b" " * 50_000_000), id="50 MB when unpacked"),
        pytest.param(packed(seal_content(GIVEN), b"9"), id="a list of words that we do not have"),
        pytest.param(b'1["me","eye",null,[],{}]', id="not compressed"),
        pytest.param(b"", id="empty"),
        pytest.param(b"\xff\xff\xff", id="noise"),
    ],
)
def test_what_was_sealed_with_our_key_by_another_program_is_unreadable(content):
    sealed = answers._cipher().encrypt(content).decode()
    with pytest.raises(Unreadable):
        unseal(sealed, LIFETIME)


def test_the_unpacked_content_that_the_test_above_packs_again_is_readable():
    assert unseal(answers._cipher().encrypt(packed(seal_content(GIVEN))).decode(), LIFETIME) == GIVEN


def test_more_than_the_catalog_can_hold_is_unreadable():
    with pytest.raises(Unreadable):
        unseal(seal(Answers("me", "eye", {"age": "x" * answers.LARGEST_CONTENT})), LIFETIME)


@pytest.mark.parametrize("number", answers.WORDS)
def test_no_question_stands_twice_in_the_list_that_cookies_are_packed_by(number):
    keys = answers._keys(number)
    assert len(keys) == len(set(keys))
    assert all(KEY.fullmatch(key) for key in keys)


def test_questions_that_the_list_does_not_have_are_kept_too():
    new = Answers("me", "eye", {"a_question_of_tomorrow": {"value": "1", "unit": "per day"}, "age": {"value": "1", "unit": "half year"}})
    assert "a_question_of_tomorrow" not in answers._keys(max(answers.WORDS))
    assert unseal(seal(new), LIFETIME) == new


@pytest.mark.parametrize("local", [True, False])
def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites_and_gone_with_the_browser(local, settings):
    settings.SESSION_COOKIE_SECURE = not local
    cookie = keep(HttpResponse(), GIVEN).cookies[COOKIE]
    assert cookie["httponly"] is True
    assert cookie["samesite"] == "Lax"
    assert cookie["max-age"] == ""
    assert cookie["expires"] == ""
    assert cookie["domain"] == ""
    assert bool(cookie["secure"]) is not local, "over plain HTTP on a developer's machine only"
    assert unseal(cookie.value, LIFETIME) == GIVEN


def test_forgetting_deletes_the_cookie_that_was_kept():
    kept, gone = keep(HttpResponse(), GIVEN).cookies[COOKIE], forget(HttpResponse()).cookies[COOKIE]
    assert gone.value == ""
    assert gone["max-age"] == 0
    assert (gone["path"], gone["domain"], gone["samesite"]) == (kept["path"], kept["domain"], kept["samesite"])


def test_a_new_answer_starts_the_twelve_hours_anew_and_drops_the_trials_picked():
    after = GIVEN.with_answer("age", None)
    assert after.given == {**GIVEN.given, "age": None}
    assert after.picked is None
    assert GIVEN.given["age"], "the answers before are as they were"


def likely_answer(question: Question, number: int, boxes: int):
    """An answer to this question, with so many boxes ticked; answers differ, so that they do not compress to nothing."""
    chance = (number * 0.618034) % 1
    if question.kind is Kind.NUMBER:
        low, high = float(question.min or 0), float(question.max or 1000)
        return {"value": f"{low + (high - low) * chance:.1f}", "unit": question.unit}
    if question.kind is Kind.CHOICES:
        return [choice.key for choice in question.choices][:boxes]
    if question.kind is Kind.CHOICE:
        return question.choices[int(len(question.choices) * chance)].key
    return "yes" if chance > 0.5 else "no"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("boxes", "most"), [pytest.param(3, 3 * 1024, id="3 KB, three boxes ticked"), pytest.param(99, 3900, id="what browsers take, all boxes ticked")]
)
def test_every_question_of_the_starter_answered_fits_in(boxes, most, starter):
    questionnaire = catalog.current().questionnaire
    given = {key: likely_answer(question, number, boxes) for number, (key, question) in enumerate(questionnaire.items())}
    questionnaire.read(given)
    everything = Answers("child", "genetic", given, ("NCT22962963", "NCT30617284", "NCT38271605", "NCT45925926", "NCT53580247"))
    assert len(given) > 200
    steps = sorted(given, key=lambda key: zlib.crc32(key.encode()))
    trail = Trail("abcdefgh", tuple(steps), steps[0])
    near = Near("US", "North Little Rock, AR", "mi")
    for told in (everything, replace(everything, trying="NCT53580247"), replace(everything, trail=trail), replace(everything, trail=trail, near=near)):
        assert len(seal(told)) <= most
        assert unseal(seal(told), LIFETIME) == told
