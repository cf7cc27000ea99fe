"""What the server gives each request, and what goes no further."""

import pytest
from django.core.signals import request_started
from django.test import RequestFactory

SECRETS = ("DJANGO_SECRET_KEY", "DJANGO_SECRET_KEY_FALLBACKS", "DATABASE_URL", "REPLICA_URLS")


@pytest.fixture
def given():
    """What requests were made of."""
    seen: list[dict] = []

    def note(environ, **_told):
        seen.append(environ)

    request_started.connect(note)
    yield seen
    request_started.disconnect(note)


@pytest.mark.django_db
def test_no_request_holds_a_secret(given, application):
    told = RequestFactory().get("/left/").environ | dict.fromkeys(SECRETS, "not for anybody's eyes")
    assert b"".join(application(told, lambda *_: None))
    assert len(given) == 1
    assert "not for anybody's eyes" not in given[0].values()
