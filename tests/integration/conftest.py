"""Fixtures of the integration tests: the small catalog, and a patient at their browser."""

import pytest

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
