"""What is inside a cookie is believed only as far as it has the form that this site writes."""

import hashlib
import json
import zlib
from types import SimpleNamespace

import pytest

from prescreen import answers
from prescreen.answers import LIFETIME, WORDS, Answers, Unreadable, cipher, pack, seal, unpack, unseal

GIVEN = Answers("child", "eye", {"age": {"value": "7", "unit": "years"}}, ("NCT10000001",))
WHO, AREA, PICKED = range(3)


def packed_with(place: int, value: object) -> bytes:
    """These answers as the cookie packs them, but for one part."""
    opened = zlib.decompressobj(wbits=-15, zdict=WORDS["1"]).decompress(pack(GIVEN)[1:])
    parts = json.loads(opened)
    parts[place] = value
    packer = zlib.compressobj(9, wbits=-15, zdict=WORDS["1"])
    return b"1" + packer.compress(json.dumps(parts).encode()) + packer.flush()


def test_what_was_packed_is_read_back():
    assert unpack(packed_with(WHO, "child")) == GIVEN


@pytest.mark.parametrize(("place", "value"), [(WHO, "nobody"), (WHO, None), (AREA, 7), (AREA, ["eye"]), (PICKED, [7]), (PICKED, [["NCT10000001"]])])
def test_one_part_of_another_form_makes_all_of_it_unreadable(place, value):
    with pytest.raises(Unreadable):
        unpack(packed_with(place, value))


def content(answers: Answers) -> str:
    """The JSON inside a cookie."""
    return zlib.decompressobj(wbits=-15, zdict=WORDS["1"]).decompress(pack(answers)[1:]).decode()


def test_an_amount_travels_as_one_short_text_and_letters_of_any_script_as_they_are():
    assert '"7 years"' in content(GIVEN)
    assert '"眼"' in content(Answers("me", "eye", {"name": "眼"}))


def test_an_amount_with_nothing_typed_is_kept_as_it_is():
    empty = Answers("me", "eye", {"age": {"value": "", "unit": "years"}})
    assert unpack(pack(empty)) == empty


def test_the_words_of_the_list_make_it_small():
    keys = WORDS["1"].split(b"\n", 1)[0].decode().split()
    long = Answers("me", "eye", {f"{key}_more": None for key in keys})
    assert len(pack(long)) < len(zlib.compress(content(long).encode(), 9)) * 0.6


def test_a_sealed_text_of_any_length_is_read_back():
    letters = hashlib.shake_128().hexdigest(500)
    for length in range(0, len(letters), 16):
        told = Answers("me", "eye", {"name": letters[:length]})
        assert unseal(seal(told), LIFETIME) == told


@pytest.mark.parametrize(("encrypted", "sealed"), [(b"abX", "abX"), (b"aX==", "aX"), (b"abc=", "abc")])
def test_of_what_was_encrypted_only_the_filling_at_the_end_is_left_out(monkeypatch, encrypted, sealed):
    monkeypatch.setattr(answers, "_cipher", lambda: SimpleNamespace(encrypt=lambda packed: encrypted))
    assert seal(GIVEN) == sealed


def test_a_cookie_of_another_version_of_the_site_opens():
    """Under another purpose, each cookie that is in a browser would be lost."""
    assert unseal(cipher("prescreen.answers").encrypt(pack(GIVEN)).decode(), LIFETIME) == GIVEN


@pytest.mark.parametrize(("age", "opens"), [(LIFETIME + 1, False), (LIFETIME, True), (0, True), (-LIFETIME, True), (-LIFETIME - 1, False)])
def test_it_opens_up_to_its_last_second(monkeypatch, age, opens):
    made = 1_000_000_000
    sealed = cipher("prescreen.answers").encrypt_at_time(pack(GIVEN), made).decode()
    monkeypatch.setattr(answers, "time", SimpleNamespace(time=lambda: made + age))
    if opens:
        assert unseal(sealed, LIFETIME) == GIVEN
    else:
        with pytest.raises(Unreadable):
            unseal(sealed, LIFETIME)
