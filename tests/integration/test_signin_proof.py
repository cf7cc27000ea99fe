"""Whoever finds a desk's session open cannot change how its owner signs in: that takes the password and a code once more."""

import pytest
from axes.models import AccessAttempt
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from trials.models import AuditEntry
from trials.signin import second_step

from .signing_in import (
    CODE,
    OWN,
    PASSWORD,
    RECOVERY,
    SET_UP,
    browser,
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
WRONG_PASSWORD, WRONG_CODE, WAIT = "That password does not work", "That code does not work", "Please wait"


@pytest.fixture
def mara():
    """Somebody of the desk."""
    return staff()


@pytest.fixture
def hers(mara):
    """Her app's key and her recovery codes."""
    return with_app(mara)


@pytest.fixture
def desk(hers):
    """Her open session, a while after she signed in."""
    client = browser()
    give_password(client)
    client.post(CODE, {"code": code_from(hers[0])})
    assert is_in(client)
    time_passes()
    return client


def proof(code: str, password: str = PASSWORD) -> dict[str, str]:
    """What shows that it is she."""
    return {"password": password, "current_code": code}


def other_app(desk) -> dict[str, str]:
    """The code of the app that the page offers."""
    return {"code": code_from(key_on(desk.get(SET_UP)))}


def what_protects() -> tuple[str, set[str]]:
    """The app and the recovery codes that are stored."""
    return TOTPDevice.objects.get().key, set(second_step.StaticToken.objects.values_list("token", flat=True))


def faults(page) -> dict[str, str]:
    """What the page says of each field."""
    return {name: " ".join(said) for name, said in page.context["form"].errors.items()}


def refusals() -> list[tuple[str, ...]]:
    """The lines of the trail about refusals: who, which account, what, from where."""
    return list(AuditEntry.objects.filter(act="sign_in_refused").order_by("pk").values_list("user_name", "record_key", "detail", "address"))


class TestWithoutProof:
    @pytest.mark.parametrize("address", [SET_UP, RECOVERY])
    def test_an_open_session_changes_nothing(self, address, desk):
        before = what_protects()
        page = desk.post(address, other_app(desk))
        assert (page.status_code, codes_on(page)) == (422, [])
        assert {"password", "current_code"} <= faults(page).keys()
        assert what_protects() == before

    @pytest.mark.parametrize("address", [SET_UP, RECOVERY])
    def test_a_wrong_password_is_named_at_its_field_and_uses_no_code_up(self, address, desk, hers):
        before = what_protects()
        page = desk.post(address, other_app(desk) | proof(code_from(hers[0]), "not the password"))
        assert (page.status_code, list(faults(page))) == (422, ["password"])
        assert WRONG_PASSWORD in page.content.decode() and "not the password" not in page.content.decode()
        assert "no-store" in page["Cache-Control"]
        assert what_protects() == before
        assert codes_on(desk.post(address, other_app(desk) | proof(code_from(hers[0]))))

    @pytest.mark.parametrize("address", [SET_UP, RECOVERY])
    def test_a_wrong_code_is_named_at_its_field_and_makes_the_next_wait(self, address, desk, hers):
        before = what_protects()
        page = desk.post(address, other_app(desk) | proof(wrong_code(hers[0])))
        assert (page.status_code, list(faults(page))) == (422, ["current_code"])
        assert WRONG_CODE in page.content.decode()
        page = desk.post(address, other_app(desk) | proof(code_from(hers[0])))
        assert (page.status_code, WAIT in faults(page)["current_code"]) == (422, True)
        assert what_protects() == before

    def test_the_code_of_the_new_app_is_no_proof(self, desk):
        before, new = what_protects(), other_app(desk)
        assert list(faults(desk.post(SET_UP, new | proof(new["code"])))) == ["current_code"]
        assert what_protects() == before

    def test_the_code_and_the_password_of_somebody_else_are_no_proof(self, desk):
        bo = staff("bo")
        bo.set_password("nine purple teapots")
        bo.save()
        second_step.set_up(app := second_step.new_app(bo), code_from(app.key), instead=False)
        bos = code_from(app.key, 1)
        assert list(faults(desk.post(RECOVERY, proof(bos)))) == ["current_code"]
        assert list(faults(desk.post(RECOVERY, proof(bos, "nine purple teapots")))) == ["password"]

    def test_a_code_proves_it_once(self, desk, hers):
        code = code_from(hers[0])
        assert codes_on(desk.post(RECOVERY, proof(code)))
        assert list(faults(desk.post(RECOVERY, proof(code)))) == ["current_code"]

    def test_a_wrong_code_of_the_new_app_uses_up_no_code_of_the_old_one(self, desk, hers):
        new = key_on(desk.get(SET_UP))
        page = desk.post(SET_UP, proof(code_from(hers[0])) | {"code": wrong_code(new)})
        assert list(faults(page)) == ["code"]
        assert codes_on(desk.post(SET_UP, proof(code_from(hers[0])) | {"code": code_from(new)}))

    @pytest.mark.usefixtures("mara")
    def test_a_first_app_that_another_session_set_up_a_moment_ago_is_not_replaced(self, mara, monkeypatch):
        """On one's own machine a session without an app is open; it may be asking for its first one."""
        slow, set_up = browser(), second_step.set_up
        give_password(slow)
        hers = second_step.new_app(mara)

        def comes_second(app, code, *, instead):
            set_up(hers, code_from(hers.key), instead=False)
            return set_up(app, code, instead=instead)

        monkeypatch.setattr(second_step, "set_up", comes_second)
        assert codes_on(slow.post(SET_UP, other_app(slow))) == []
        assert what_protects()[0] == hers.key


class TestWithProof:
    def test_another_app_takes_the_place_of_the_first(self, desk, hers, mara):
        key, codes = hers
        new = key_on(desk.get(SET_UP))
        page = desk.post(SET_UP, proof(code_from(key)) | {"code": code_from(new)})
        assert len(codes_on(page)) == 10
        assert (is_in(desk), what_protects()[0]) == (True, new)
        for typed in (code_from(key), codes[0]):
            time_passes()
            assert second_step.check(mara, typed) is None

    def test_a_recovery_code_stands_in_for_a_lost_phone(self, desk, hers):
        new = key_on(desk.get(SET_UP))
        assert codes_on(desk.post(SET_UP, proof(hers[1][3].upper()) | {"code": code_from(new)}))
        assert what_protects()[0] == new

    def test_other_sessions_end_where_the_app_is_another_one(self, desk, hers):
        other = browser()
        give_password(other)
        other.post(CODE, {"code": code_from(hers[0])})
        time_passes()
        assert is_in(other)
        desk.post(SET_UP, proof(hers[1][0]) | other_app(desk))
        assert (is_in(desk), is_in(other)) == (True, False)

    def test_new_recovery_codes(self, desk, hers, mara):
        assert codes_on(desk.get(RECOVERY)) == []
        new = codes_on(desk.post(RECOVERY, proof(code_from(hers[0]))))
        assert len(new) == 10
        assert second_step.check(mara, hers[1][0]) is None
        time_passes()
        assert second_step.check(mara, new[0])

    def test_whoever_has_no_app_makes_no_recovery_codes(self, mara):
        client = browser()
        give_password(client)
        assert client.get(RECOVERY)["Location"] == client.post(RECOVERY, proof("")).headers["Location"] == SET_UP


class TestThePages:
    def test_ones_own_page_leads_to_both(self, desk):
        page = desk.get(OWN).content.decode()
        assert f'href="{SET_UP}"' in page and f'href="{RECOVERY}"' in page

    @pytest.mark.parametrize("address", [SET_UP, RECOVERY])
    def test_a_page_asks_for_the_password_and_a_code_and_leads_back(self, address, desk):
        page = desk.get(address).content.decode()
        assert 'autocomplete="current-password"' in page and 'name="current_code"' in page
        assert f'href="{OWN}"' in page
        assert page.count("autofocus") == 1

    def test_the_first_app_takes_no_proof(self, mara):
        client = browser()
        give_password(client)
        page = client.get(SET_UP)
        assert 'name="password"' not in page.content.decode()
        assert len(codes_on(client.post(SET_UP, other_app(client)))) == 10


class TestGuessing:
    def test_five_wrong_proofs_lock_out_as_at_the_sign_in(self, desk, hers):
        before = what_protects()
        for number in range(5):
            time_passes()
            page = desk.post(RECOVERY if number % 2 else SET_UP, other_app(desk) | proof(code_from(hers[0]), f"a guess {number}"))
        assert (page.status_code, page["Retry-After"]) == (429, "900")
        assert "Wait 15 minutes" in page.content.decode()
        for address in (SET_UP, RECOVERY):
            assert desk.post(address, other_app(desk) | proof(code_from(hers[0]))).status_code == 429
        assert give_password(browser()).status_code == 429
        assert what_protects() == before

    def test_wrong_codes_count_too(self, desk, hers):
        for _number in range(5):
            time_passes()
            page = desk.post(RECOVERY, proof(wrong_code(hers[0])))
        assert page.status_code == 429

    def test_wrong_tries_at_the_sign_in_count_here(self, desk, hers):
        for number in range(5):
            give_password(browser(), password=f"a guess {number}")
        assert desk.post(RECOVERY, proof(code_from(hers[0]))).status_code == 429

    def test_a_right_password_forgives_no_wrong_one(self, desk, hers):
        desk.post(RECOVERY, proof(code_from(hers[0]), "a guess"))
        desk.post(RECOVERY, proof(code_from(hers[0])))
        assert AccessAttempt.objects.get().failures_since_start == 1

    def test_a_lockout_is_over_after_a_quarter_of_an_hour(self, desk, hers):
        for number in range(5):
            desk.post(RECOVERY, proof(code_from(hers[0]), f"a guess {number}"))
        AccessAttempt.objects.update(attempt_time=timezone.now() - timezone.timedelta(minutes=15.1))
        assert codes_on(desk.post(RECOVERY, proof(code_from(hers[0]))))

    def test_nothing_that_was_typed_is_stored(self, desk, hers):
        wrong = wrong_code(hers[0])
        desk.post(RECOVERY, proof(wrong, "a password of another site"))
        desk.post(RECOVERY, proof(wrong))
        stored = str(list(AccessAttempt.objects.values_list())) + str(list(AuditEntry.objects.values_list()))
        assert not [typed for typed in ("another site", wrong, PASSWORD) if typed in stored]


class TestTheTrail:
    def test_what_is_done(self, desk, hers):
        desk.post(RECOVERY, proof(code_from(hers[0])))
        desk.post(SET_UP, proof(code_from(hers[0], 1)) | other_app(desk))
        done = AuditEntry.objects.filter(act="change").order_by("pk").values_list("user_name", "record_key", "detail")
        assert list(done)[1:] == [("mara", "mara", "new recovery codes"), ("mara", "mara", "second step moved to another app")]
        assert refusals() == []

    def test_what_is_refused(self, desk, hers):
        desk.post(SET_UP, other_app(desk) | proof(code_from(hers[0]), "a guess"))
        desk.post(RECOVERY, proof(code_from(hers[0]), "a guess"))
        desk.post(RECOVERY, proof(wrong_code(hers[0])))
        desk.post(RECOVERY, proof(code_from(hers[0])))
        for number in range(2):
            desk.post(RECOVERY, proof(code_from(hers[0]), f"a guess {number}"))
        desk.post(RECOVERY, proof(code_from(hers[0])))
        assert refusals() == [
            ("mara", "mara", f"{what}: {why}", "192.0.2.1")
            for what, why in [
                ("another app", "wrong password"),
                ("new recovery codes", "wrong password"),
                ("new recovery codes", "wrong code"),
                ("new recovery codes", "too soon after a wrong code"),
                ("new recovery codes", "wrong password"),
                ("new recovery codes", "wrong password"),
                ("new recovery codes", "locked out"),
            ]
        ]
        assert not AuditEntry.objects.filter(act="permission_refused").exists(), "one line for each"
