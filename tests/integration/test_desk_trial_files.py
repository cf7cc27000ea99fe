"""Trial files at the desk: what was downloaded can be brought in again, all or nothing, and by whom."""

import pytest

from trials.files.writing import write_trial
from trials.groups import COORDINATOR
from trials.models import Trial
from trials.services import publish

from .desk import ready_trial, signed_in
from .test_desk_bringing_in import bring, told

pytestmark = pytest.mark.django_db


@pytest.fixture
def trial(small_catalog):
    """A trial that could be published."""
    return ready_trial()


def test_a_trial_that_was_downloaded_comes_back_as_it_was(trial):
    written = write_trial(trial)
    trial.delete()
    assert told(bring(signed_in(), written.encode(), "NCT20000001.yaml")) == ["NCT20000001: added, patients do not see it yet"]
    assert write_trial(Trial.objects.get(nct_id="NCT20000001")) == written


def test_only_a_publisher_brings_in_what_patients_see(trial):
    publish(trial=trial)
    written = write_trial(trial).replace("A trial made ready", "Another title").encode()
    coordinator = signed_in("cora", COORDINATOR)
    [refused] = told(bring(coordinator, written, "trial.yml"))
    assert "only a publisher can bring it in" in refused
    hidden = write_trial(trial).replace("published: true", "published: false").encode()
    assert "only a publisher" in told(bring(coordinator, hidden, "trial.yml"))[0]
    trial.refresh_from_db()
    assert (trial.title, trial.published) == ("A trial made ready", True)
    assert told(bring(signed_in(), written, "trial.yml")) == ["NCT20000001: changed"]
    assert Trial.objects.get(nct_id="NCT20000001").title == "Another title"


def test_a_wrong_trial_file_is_named_with_its_line_and_nothing_is_saved(trial):
    broken = write_trial(trial).replace("age >= 18", "aeg >= 18").encode()
    trial.delete()
    [refused] = told(bring(signed_in(), broken, "trial.yaml"))
    assert "the file:" in refused
    assert "did you mean 'age'?" in refused
    assert "/tmp" not in refused
    assert not Trial.objects.filter(nct_id="NCT20000001").exists()


def test_looking_only_saves_nothing(trial):
    written = write_trial(trial).encode()
    trial.delete()
    bring(signed_in(), written, "trial.yaml", dry_run="on")
    assert not Trial.objects.filter(nct_id="NCT20000001").exists()
