"""Fixtures of the integration tests: the small catalog, and a patient at their browser."""

import pytest
from django.core.signals import request_started
from django.db import close_old_connections
from django.db.backends.signals import connection_created

from tests import rows

from . import clusters, small
from .any_input import statuses  # noqa: F401 - a fixture
from .patients import Patient
from .workers import prepared_for_workers, shared_database, worker  # noqa: F401 - fixtures


@pytest.fixture(scope="session")
def small_rows(django_db_setup, django_db_blocker, tmp_path_factory) -> rows.Rows:
    """The rows of the small catalog."""
    with django_db_blocker.unblock():
        return rows.added_by(lambda: small.load_small(tmp_path_factory.mktemp("small")))


@pytest.fixture
def small_catalog(db, small_rows):
    """The records of ``small`` in an otherwise empty database."""
    rows.put(small_rows)


@pytest.fixture
def patient() -> Patient:
    """A patient who has not answered anything yet."""
    return Patient()


@pytest.fixture(scope="module")
def cluster():
    """A PostgreSQL server of our own; only for tests that are skipped where there is none."""
    with clusters.one_cluster() as found:
        yield found


@pytest.fixture
def application():
    """The application as servers run it, but for what would reach beyond the test: its transaction's connection is left open, and no request has limits."""
    from prescreen.wsgi import application as served  # noqa: PLC0415 - importing it puts its limits in force

    request_started.disconnect(dispatch_uid="prescreen.patience")
    connection_created.disconnect(dispatch_uid="prescreen.patience")
    request_started.disconnect(close_old_connections)
    yield served
    request_started.connect(close_old_connections)
