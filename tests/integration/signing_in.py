"""Help for tests of signing in at the desk: people with a password, and the codes that their app shows."""

import re
import time
from base64 import b32decode
from functools import cache

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import Client
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from trials.signin import second_step

LOGIN, CODE, SET_UP, OWN, INDEX = "/admin/login/", "/admin/sign-in/code/", "/admin/sign-in/set-up/", "/admin/sign-in/", "/admin/"
RECOVERY = "/admin/sign-in/recovery-codes/"
PASSWORD = "seven green bicycles"


def staff(name: str = "mara", **more) -> User:
    """Somebody of the desk, with a password."""
    return User.objects.create(username=name, password=_stored_password(), is_staff=True, **more)


@cache
def _stored_password() -> str:
    """The password as it is stored. Made once a run: that takes long, on purpose."""
    return make_password(PASSWORD)


def browser(address: str = "192.0.2.1", **headers) -> Client:
    """A browser at this address."""
    return Client(REMOTE_ADDR=address, headers=headers)


def give_password(client: Client, name: str = "mara", password: str = PASSWORD, **more):
    """The answer to name and password."""
    return client.post(LOGIN, {"username": name, "password": password} | more)


def code_from(key: str, steps: int = 0) -> str:
    """What an app with this key (hexadecimal) shows now, or so many times 30 seconds from now."""
    app = TOTP(bytes.fromhex(key), drift=steps)
    app.time = time.time()
    return f"{app.token():06}"


def wrong_code(key: str) -> str:
    """Six digits that the app shows neither now nor within two minutes."""
    near = {code_from(key, steps) for steps in range(-4, 5)}
    return next(code for code in ("000000", "111111", "222222", "333333", "444444", "555555", "666666", "777777", "888888", "999999") if code not in near)


def with_app(user: User) -> tuple[str, list[str]]:
    """Sets up an app; gives its key and the recovery codes."""
    app = second_step.new_app(user)
    codes = second_step.set_up(app, code_from(app.key), instead=False)
    assert codes
    time_passes()
    return app.key, codes


def time_passes() -> None:
    """The code that was used is an old one by now, and no wrong one makes anybody wait."""
    TOTPDevice.objects.update(last_t=-1, drift=0, throttling_failure_count=0)
    StaticDevice.objects.update(throttling_failure_count=0)


def key_on(page) -> str:
    """The key that the page for setting up an app shows, in hexadecimal."""
    shown = re.search(r'<code class="key">(.*?)</code>', page.content.decode())[1]
    return b32decode("".join(re.findall(r"<span>(\w+)</span>", shown))).hex()


def codes_on(page) -> list[str]:
    """The recovery codes that a page shows."""
    return re.findall(r"<li><code>([a-z2-7-]+)</code></li>", page.content.decode())


def is_in(client: Client) -> bool:
    """Whether the desk is open for a browser."""
    response = client.get(INDEX)
    assert response.status_code in (200, 302)
    return response.status_code == 200


def change_session(client: Client, **changes) -> None:
    """Makes a browser's stored session hold something else."""
    held = client.session
    held.update(changes)
    held.save()


def sessions() -> int:
    """How many sessions are stored."""
    return Session.objects.count()
