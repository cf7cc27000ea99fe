"""The site with the settings of a server, in a process of its own: every page is asked for as a browser does.

Called with a folder: what came is written to ``pages.json`` there, and the log goes where a server's log goes, to the output and the error output.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HOST = "trials.example.org"
ADDRESS, TYPED, METHOD = "203.0.113.77", "Xq7Vw", "WEIGHT73"
"""What must not get into the log: where somebody asks from, what they type, and a method of their own making."""


def environment(folder: Path, **changes: str | None) -> dict[str, str]:
    """What a server's environment holds; a change to None leaves a variable out."""
    given = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "prescreen.settings",
        "DJANGO_SECRET_KEY": "kR7-vN2_wQ9xT4mZ8pL1cY6bH3jF5gD0sA-eU_iOqWzXnMvBtGrE",
        "DJANGO_ALLOWED_HOSTS": HOST,
        "DATABASE_URL": f"sqlite:///{folder / 'db.sqlite3'}",
    }
    return {name: value for name, value in (given | changes).items() if value is not None}


def visit(folder: Path) -> subprocess.CompletedProcess:
    """Runs this file."""
    command = [sys.executable, "-m", "tests.integration.production", str(folder)]
    done = subprocess.run(command, cwd=ROOT, env=environment(folder), check=False, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    return done


def told(response) -> dict:
    """What a browser gets."""
    from tests.integration.desk import code_in  # noqa: PLC0415 - needs Django's settings

    is_page = response.get("Content-Type", "").startswith("text/html")
    text = response.content.decode() if is_page else ""
    return {
        "status": response.status_code,
        "headers": {name.lower(): value for name, value in response.items()},
        "cookies": [cookie.OutputString() for cookie in response.cookies.values()],
        "code": code_in(response) if is_page else [],
        "scripts": re.findall(r'<script[^>]*\ssrc="([^"]*)"', text),
        "text": text,
    }


def patients_pages() -> dict[str, dict]:
    """A patient's way through the site, and what can go wrong on it."""
    from django.test import Client  # noqa: PLC0415

    from prescreen import answers  # noqa: PLC0415
    from prescreen.doors import rate_limits  # noqa: PLC0415
    from prescreen.views import outcome  # noqa: PLC0415

    client = Client(raise_request_exception=False, SERVER_NAME=HOST, REMOTE_ADDR=ADDRESS)
    pages = {}
    for address in ("/", "/trials/", "/trials/NCT10000001/", "/learn/", "/learn/words/", "/robots.txt", "/sitemap.xml", "/healthz", "/reopen/"):
        pages[f"public {address}"] = told(client.get(address, secure=True))
    pages["answered"] = told(client.post("/screening/q/who/", {"answer": "me"}, secure=True))
    sealed = answers.seal(answers.Answers("me", "eye", {"diagnosis": "rp_x_linked", "age": {"value": "30", "unit": "years"}}))
    client.cookies[answers.COOKIE] = sealed
    screening = ("q/age/", "check/", "results/", "summary/", "summary.pdf", "summary.json", "not-listed/", "expired/", "deleted/")
    for address in (*(f"/screening/{page}" for page in screening), "/left/"):
        pages[f"patient {address}"] = told(client.get(address, secure=True))
    pages["wrong answer"] = told(client.post("/screening/q/age/", {"answer": TYPED}, secure=True))
    pages["deleted"] = told(client.post("/screening/delete/", secure=True))
    client.cookies[answers.COOKIE] = sealed
    pages["plain HTTP"] = told(client.get("/screening/results/"))
    pages["404"] = told(client.get(f"/{TYPED}/?q={TYPED}", secure=True))
    pages["other method"] = told(client.generic(METHOD, f"/screening/q/age/?q={TYPED}", secure=True))
    pages["405"] = told(client.post("/trials/", {"q": TYPED}, secure=True))
    pages["400"] = told(client.get(f"/?q={TYPED}", secure=True, headers={"host": f"{TYPED}.example.org"}))
    pages["403"] = told(Client(enforce_csrf_checks=True, SERVER_NAME=HOST).post("/screening/q/age/", {"answer": TYPED}, secure=True))
    pages["413"] = told(client.post("/screening/q/age/", {"answer": TYPED * 200_000}, secure=True))
    pages["414"] = told(client.get(f"/trials/?q={TYPED * 2_000}", secure=True))
    rate_limits.LIMITS["reopen"] = rate_limits.Limit(0)
    pages["429"] = told(client.post("/reopen/", {"code": TYPED}, secure=True))
    outcome.render = None  # what stands here cannot be called, so the page breaks in the middle
    pages["500"] = told(client.get(f"/screening/results/?q={TYPED}", secure=True))
    return pages


def desk_pages() -> dict[str, dict]:
    """Every page of the desk that an address leads to."""
    from django.contrib import admin  # noqa: PLC0415
    from django.contrib.auth.models import User  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415
    from django.urls import NoReverseMatch, reverse  # noqa: PLC0415
    from django_otp import DEVICE_ID_SESSION_KEY  # noqa: PLC0415
    from django_otp.plugins.otp_totp.models import TOTPDevice  # noqa: PLC0415

    from tests.integration.desk import signed_in  # noqa: PLC0415
    from trials.models import Trial  # noqa: PLC0415

    desk = signed_in("petra")
    User.objects.update(is_superuser=True)
    session = desk.session
    session[DEVICE_ID_SESSION_KEY] = TOTPDevice.objects.create(user=User.objects.get(), name="app", confirmed=True).persistent_id  # the second step is done
    session.save()
    desk.defaults |= {"SERVER_NAME": HOST, "REMOTE_ADDR": ADDRESS}
    desk.raise_request_exception = False
    pages = {"desk signed out": told(Client(SERVER_NAME=HOST).get("/admin/login/", secure=True))}
    pages["desk sent to sign in"] = told(Client(SERVER_NAME=HOST).get("/admin/trials/trial/", secure=True))
    first = {f"{model._meta.app_label}_{model._meta.model_name}": model._base_manager.first() for model in admin.site._registry}
    for name in sorted(names_in(admin.site.get_urls()) - {"logout"}):
        record = first.get("_".join(name.split("_")[:2])) or Trial.objects.first()
        for arguments in ([], [record.pk]):
            try:
                address = reverse(f"admin:{name}", args=arguments)
            except NoReverseMatch:
                continue
            pages[f"desk {name}"] = told(desk.get(address, secure=True))
    numbers = list(Trial.objects.values_list("pk", flat=True))
    pages["desk delete several"] = told(desk.post("/admin/trials/trial/", {"action": "delete_selected", "_selected_action": numbers}, secure=True))
    pages["desk message"] = told(desk.post("/admin/trials/trial/", {"action": "withdraw", "_selected_action": numbers}, secure=True))
    return pages


def names_in(patterns) -> set[str]:
    """The names of all addresses."""
    found: set[str] = set()
    for pattern in patterns:
        found |= names_in(pattern.url_patterns) if hasattr(pattern, "url_patterns") else {pattern.name} - {None}
    return found


def main(folder: Path) -> None:
    """Sets the site up as on a server, and visits it."""
    import django  # noqa: PLC0415
    from django.conf import settings  # noqa: PLC0415

    settings.STATIC_ROOT = folder / "static"
    django.setup()
    from django.core.management import call_command  # noqa: PLC0415
    from django.templatetags.static import static  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415

    from tests.integration import small  # noqa: PLC0415

    call_command("collectstatic", interactive=False, verbosity=0)
    call_command("migrate", verbosity=0)
    small.load_small(folder)
    pages = {"static file": told(Client(SERVER_NAME=HOST).get(static("prescreen/icon.svg"), secure=True))}
    pages |= patients_pages() | desk_pages()
    (folder / "pages.json").write_text(json.dumps(pages))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
