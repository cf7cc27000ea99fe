"""What all tests share: the starter records, read from their files once a run."""

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import override_settings

from tests import rows
from trials import services


@pytest.fixture(scope="session", autouse=True)
def _static_root(tmp_path_factory):
    """A folder for collected files, as a server has one: WhiteNoise warns where there is none."""
    with override_settings(STATIC_ROOT=tmp_path_factory.mktemp("static")):
        yield


@pytest.fixture(scope="session", autouse=True)
def _index_folder(tmp_path_factory):
    """A folder for the index of this run."""
    with override_settings(INDEX_FOLDER=tmp_path_factory.mktemp("index")):
        yield


@pytest.fixture(autouse=True)
def _empty_cache():
    """No test sees what another one cached."""
    cache.clear()


@pytest.fixture(scope="session")
def starter_rows(django_db_setup, django_db_blocker) -> rows.Rows:
    """What ``load_starter`` adds to a new database. Reading the files takes seconds, so it is done once."""
    with django_db_blocker.unblock():
        return rows.added_by(services.load_starter)


@pytest.fixture(scope="module")
def starter(starter_rows, django_db_blocker):
    """The starter records in the database, for all tests of a module. Other modules find the database empty but for the areas."""
    with django_db_blocker.unblock(), transaction.atomic():
        rows.put(starter_rows)
    yield
    with django_db_blocker.unblock(), transaction.atomic():
        rows.take_away(starter_rows)
