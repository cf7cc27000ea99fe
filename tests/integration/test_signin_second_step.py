"""The second step of signing in at the desk: set up at the first sign-in, asked for at each one after."""

import time
from base64 import b32decode

import pytest
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.hashers import make_password
from django.core.management import CommandError, call_command
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from prescreen.settings import PASSWORD_HASHERS
from trials.signin import second_step
from trials.signin.half_way import LASTS, PASSWORD_GIVEN

from .signing_in import (
    CODE,
    INDEX,
    LOGIN,
    OWN,
    PASSWORD,
    RECOVERY,
    SET_UP,
    browser,
    change_session,
    code_from,
    codes_on,
    give_password,
    is_in,
    key_on,
    staff,
    time_passes,
    with_app,
    wrong_code,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def production(settings):
    """Everybody needs a code, as on a server."""
    settings.SECOND_STEP_REQUIRED = True


@pytest.fixture
def mara():
    """Somebody of the desk, without an app."""
    return staff()


@pytest.mark.usefixtures("production")
class TestTheFirstSignIn:
    def test_the_password_leads_to_setting_up_and_signs_nobody_in(self, mara):
        client = browser()
        assert give_password(client)["Location"] == SET_UP
        assert SESSION_KEY not in client.session
        assert not is_in(client)
        assert client.get(OWN)["Location"] == f"{LOGIN}?next={OWN}"
        assert client.get("/admin/trials/trial/").status_code == client.get("/screening/try/NCT10000001/").status_code == 302

    def test_the_page_shows_a_picture_and_the_key_and_can_be_shown_again(self, mara):
        client = browser()
        give_password(client)
        page = client.get(SET_UP)
        assert 'src="data:image/svg+xml' in page.content.decode()
        assert "no-store" in page["Cache-Control"]
        assert key_on(page) == key_on(client.get(SET_UP))
        assert not TOTPDevice.objects.exists()

    def test_two_sessions_half_way_have_different_keys(self, mara):
        one, other = browser(), browser("192.0.2.2")
        give_password(one)
        give_password(other)
        assert key_on(one.get(SET_UP)) != key_on(other.get(SET_UP))

    def test_keys_and_recovery_codes_are_long_enough(self, mara):
        client = browser()
        give_password(client)
        key = key_on(client.get(SET_UP))
        codes = codes_on(client.post(SET_UP, {"code": code_from(key)}))
        assert len(bytes.fromhex(key)) == 20
        assert [len(b32decode(code.replace("-", "").upper())) for code in codes] == [10] * 10
        assert len(set(codes)) == 10

    def test_a_wrong_code_sets_nothing_up(self, mara):
        client = browser()
        give_password(client)
        key = key_on(client.get(SET_UP))
        for typed in (wrong_code(key), "12", "abcdef", "١٢٣٤٥٦", ""):
            page = client.post(SET_UP, {"code": typed})
            assert page.status_code == 422 if typed else 200
            assert key_on(page) == key
        assert not TOTPDevice.objects.exists()
        assert not is_in(client)

    def test_a_code_from_the_app_signs_in_and_shows_ten_recovery_codes_once(self, mara):
        client = browser()
        assert give_password(client, next="/admin/trials/trial/")["Location"] == SET_UP
        key = key_on(client.get(SET_UP))
        shown = code_from(key)
        page = client.post(SET_UP, {"code": f"{shown[:3]} {shown[3:]}"})
        assert page.status_code == 200
        assert "no-store" in page["Cache-Control"]
        assert len(set(codes_on(page))) == 10
        assert 'href="/admin/trials/trial/"' in page.content.decode()
        assert is_in(client)
        for address in (SET_UP, OWN, CODE):
            assert codes_on(client.get(address)) == []
        assert key_on(client.get(SET_UP)) != key

    def test_the_code_of_the_setting_up_works_for_no_sign_in(self, mara):
        client, other = browser(), browser()
        give_password(client)
        code = code_from(key_on(client.get(SET_UP)))
        client.post(SET_UP, {"code": code})
        give_password(other)
        assert other.post(CODE, {"code": code}).status_code == 422

    def test_no_recovery_code_is_stored_readably(self, mara):
        client = browser()
        give_password(client)
        codes = codes_on(client.post(SET_UP, {"code": code_from(key_on(client.get(SET_UP)))}))
        stored = str([list(rows) for rows in StaticToken.objects.values_list()]) + str(client.session.items())
        assert not [code for code in codes if code in stored or code.replace("-", "") in stored]

    def test_an_app_that_was_set_up_elsewhere_meanwhile_is_not_replaced(self, mara):
        slow = browser()
        give_password(slow)
        key = key_on(slow.get(SET_UP))
        hers, _codes = with_app(mara)
        assert slow.post(SET_UP, {"code": code_from(key)})["Location"] == LOGIN
        assert second_step.set_up(second_step.new_app(mara, key), code_from(key), instead=False) is None
        assert TOTPDevice.objects.get().key == hers
        assert not is_in(slow)


@pytest.mark.usefixtures("production")
class TestEachSignInAfter:
    def test_asks_for_the_code(self, mara):
        key, _codes = with_app(mara)
        client = browser()
        assert give_password(client, next="/admin/trials/trial/")["Location"] == CODE
        assert not is_in(client)
        assert client.get(SET_UP)["Location"] == LOGIN, "nobody sets up another app with the password alone"
        assert client.post(CODE, {"code": code_from(key)})["Location"] == "/admin/trials/trial/"
        assert is_in(client)

    def test_a_wrong_code_is_refused_and_the_next_try_has_to_wait(self, mara):
        key, _codes = with_app(mara)
        client = browser()
        give_password(client)
        page = client.post(CODE, {"code": wrong_code(key)})
        assert page.status_code == 422
        assert "does not work" in page.content.decode()
        assert "Please wait" in client.post(CODE, {"code": code_from(key)}).content.decode()
        assert not is_in(client)
        time_passes()
        assert client.post(CODE, {"code": code_from(key)}).status_code == 302

    def test_a_code_works_once(self, mara):
        key, _codes = with_app(mara)
        code = code_from(key)
        for expected in (302, 422):
            client = browser()
            give_password(client)
            assert client.post(CODE, {"code": code}).status_code == expected

    def test_a_recovery_code_works_once_however_it_is_typed(self, mara):
        _key, codes = with_app(mara)
        assert second_step.recovery_codes_left(mara) == 10
        for typed, expected in ((codes[3].upper().replace("-", " "), 302), (codes[3], 422), (codes[4], 422), (codes[4], 302)):
            client = browser()
            give_password(client)
            assert client.post(CODE, {"code": typed}).status_code == expected
            if expected == 422 and typed == codes[4]:
                time_passes()
        assert second_step.recovery_codes_left(mara) == 8

    @pytest.mark.parametrize(("used", "said"), [(8, "1 is left."), (7, "2 are left."), (9, "0 are left.")])
    def test_whoever_used_a_recovery_code_reads_how_many_are_left(self, used, said, mara):
        _key, codes = with_app(mara)
        for code in codes[:used]:
            assert second_step.check(mara, code)
        client = browser()
        give_password(client)
        client.post(CODE, {"code": codes[9]})
        page = client.get(OWN).content.decode()
        assert f"You signed in with a recovery code. {said}" in page
        assert "You signed in with" not in client.get(OWN).content.decode(), "once"

    def test_a_code_from_the_app_tells_nothing_of_recovery_codes(self, mara):
        key, _codes = with_app(mara)
        client = browser()
        give_password(client)
        client.post(CODE, {"code": code_from(key)})
        assert "You signed in with" not in client.get(OWN).content.decode()

    def test_a_code_of_somebody_else_is_refused(self, mara):
        with_app(mara)
        key, codes = with_app(staff("bo"))
        client = browser()
        give_password(client)
        for typed in (code_from(key), codes[0]):
            assert client.post(CODE, {"code": typed}).status_code == 422

    @pytest.mark.parametrize("typed", ["", "0", "x" * 41, "\0", "１２３４５６", "-", "12345a", "ſ" * 6, "'; --"])
    def test_nonsense_is_refused(self, typed, mara):
        with_app(mara)
        client = browser()
        give_password(client)
        assert client.post(CODE, {"code": typed}).status_code == 422
        assert not is_in(client)

    @pytest.mark.parametrize(("ago", "works"), [(LASTS - 30, True), (LASTS, False)])
    def test_the_code_comes_soon_after_the_password(self, ago, works, mara):
        key, _codes = with_app(mara)
        client = browser()
        give_password(client)
        change_session(client, **{PASSWORD_GIVEN: client.session[PASSWORD_GIVEN] | {"at": int(time.time()) - ago}})
        client.post(CODE, {"code": code_from(key)})
        assert is_in(client) is works

    @pytest.mark.parametrize("change", [{"is_active": False}, {"is_staff": False}, {"password": "!"}])
    def test_an_account_that_was_changed_meanwhile_starts_again(self, change, mara, django_user_model):
        key, _codes = with_app(mara)
        client = browser()
        give_password(client)
        django_user_model.objects.filter(pk=mara.pk).update(**change)
        assert client.post(CODE, {"code": code_from(key)})["Location"] == LOGIN
        assert SESSION_KEY not in client.session

    def test_the_code_alone_signs_nobody_in(self, mara):
        key, _codes = with_app(mara)
        assert browser().post(CODE, {"code": code_from(key)})["Location"] == LOGIN

    def test_a_session_without_a_code_opens_nothing(self, mara):
        client = browser()
        client.force_login(mara)
        assert not is_in(client)
        with_app(mara)
        assert not is_in(client)

    def test_going_on_leads_to_no_other_site(self, mara):
        key, _codes = with_app(mara)
        client = browser()
        give_password(client, next="https://elsewhere.example/")
        assert client.post(CODE, {"code": code_from(key)})["Location"] == INDEX


class TestOnesOwnMachine:
    def test_the_password_is_enough_and_the_second_step_is_offered(self, mara):
        client = browser()
        assert give_password(client)["Location"] == INDEX
        assert is_in(client)
        assert f'href="{SET_UP}"' in client.get(OWN).content.decode()

    def test_whoever_set_it_up_is_asked_in_every_session(self, mara):
        one, other = browser(), browser()
        give_password(one)
        give_password(other)
        key = key_on(one.get(SET_UP))
        assert len(codes_on(one.post(SET_UP, {"code": code_from(key)}))) == 10
        assert is_in(one)
        assert not is_in(other)
        assert give_password(other)["Location"] == CODE

    def test_another_phone_takes_the_place_of_the_first(self, mara):
        old, codes = with_app(mara)
        client = browser()
        give_password(client)
        client.post(CODE, {"code": code_from(old)})
        new = key_on(client.get(SET_UP))
        proof = {"password": PASSWORD, "current_code": codes[1]}
        assert len(codes_on(client.post(SET_UP, {"code": code_from(new)} | proof))) == 10
        assert is_in(client)
        assert TOTPDevice.objects.get().key == new
        for typed in (code_from(old), codes[0]):
            time_passes()
            assert second_step.check(mara, typed) is None

    def test_new_recovery_codes_take_the_place_of_the_first(self, mara):
        key, codes = with_app(mara)
        client = browser()
        give_password(client)
        client.post(CODE, {"code": code_from(key)})
        new = codes_on(client.post(RECOVERY, {"password": PASSWORD, "current_code": codes[1]}))
        assert len(new) == 10
        assert second_step.check(mara, codes[0]) is None
        time_passes()
        assert second_step.check(mara, new[0])
        assert "9 recovery codes are left" in " ".join(client.get(OWN).content.decode().split())


def test_the_admin_has_no_page_for_the_secrets_of_others(admin_client):
    for address in ("otp_totp/totpdevice/", "otp_static/staticdevice/", "axes/accessattempt/"):
        assert admin_client.get(f"/admin/{address}").status_code == 404


def test_a_command_takes_away_the_second_step_of_somebody_who_lost_it(mara, production):
    key, codes = with_app(mara)
    hers = browser()
    give_password(hers)
    hers.post(CODE, {"code": code_from(key)})
    assert is_in(hers)
    call_command("forget_second_step", "mara")
    assert not is_in(hers)
    assert give_password(hers)["Location"] == SET_UP
    assert second_step.check(mara, codes[0]) is None
    with pytest.raises(CommandError, match="nobody named bo"):
        call_command("forget_second_step", "bo")


def test_passwords_are_kept_by_argon2_and_older_ones_are_renewed_at_sign_in(mara):
    assert PASSWORD_HASHERS[0] == "django.contrib.auth.hashers.Argon2PasswordHasher"
    assert mara.password.startswith("argon2$argon2id$")
    mara.password = make_password(PASSWORD, hasher="pbkdf2_sha256")
    mara.save()
    assert give_password(browser()).status_code == 302
    mara.refresh_from_db()
    assert mara.password.startswith("argon2$")
