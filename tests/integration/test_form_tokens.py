"""No form of another site counts: each address asks for the token that only our own pages know, but the one that can only clear."""

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from prescreen.urls import urlpatterns

from .desk import signed_in

ONLY_CLEARS = {"leave"}
WORDS = {"key": "age", "nct_id": "NCT10000001", "slug": "trials"}

OURS = [pattern for pattern in urlpatterns if isinstance(pattern, URLPattern)]

pytestmark = pytest.mark.django_db


def views(patterns: list, before: str = "") -> Iterator[tuple[str, object]]:
    """The name and the view of each address below these."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from views(pattern.url_patterns, f"{pattern.namespace}:" if pattern.namespace else before)
        else:
            yield f"{before}{pattern.name}", pattern.callback


def test_one_address_alone_is_exempt():
    found = dict(views(get_resolver().url_patterns))
    assert "admin:trials_trial_import" in found
    assert {name for name, view in found.items() if getattr(view, "csrf_exempt", False)} == ONLY_CLEARS


@pytest.mark.parametrize("pattern", OURS, ids=[pattern.name for pattern in OURS])
def test_what_a_patient_sends_needs_the_token(pattern):
    address = reverse(pattern.name, kwargs={name: WORDS[name] for name in pattern.pattern.converters})
    status = Client(enforce_csrf_checks=True).post(address).status_code
    assert (status != 403) is (pattern.name in ONLY_CLEARS)


@pytest.mark.parametrize("name", ["logout", "password_change", "sign_in_out_everywhere", "sign_in_out_there", "trials_trial_add", "trials_trial_import"])
def test_what_the_desk_sends_needs_the_token(name):
    client = signed_in("petra")
    client.handler.enforce_csrf_checks = True
    assert client.post(reverse(f"admin:{name}")).status_code == 403
    assert client.get("/admin/").status_code == 200, "and petra is still signed in"
