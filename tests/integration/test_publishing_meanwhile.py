"""Publishing and withdrawing from the list, while others change the same trials: what they saved stays, and is judged."""

import pytest
from django.core.exceptions import ValidationError
from django.db.models.signals import post_save

from tests.factories import TrialFactory
from trials import services
from trials.models import Criterion, Trial

from .desk import messages_of, ready_trial, signed_in
from .test_admin import fresh, run

pytestmark = pytest.mark.django_db


@pytest.fixture
def read_early(small_catalog) -> Trial:
    """A trial as somebody read it before others changed it."""
    return fresh(ready_trial())


@pytest.fixture
def deleted_meanwhile(read_early):
    """A second trial, which somebody deletes while the first is being saved."""
    second = TrialFactory(nct_id="NCT29999999")

    def delete(instance, **_told):
        if instance.pk == read_early.pk:
            Trial.objects.filter(pk=second.pk).delete()

    post_save.connect(delete, sender=Trial)
    yield second
    post_save.disconnect(delete, sender=Trial)


def close(trial: Trial) -> None:
    """What others change meanwhile: the registry says that the trial is closed, and a coordinator writes another title."""
    Trial.objects.filter(pk=trial.pk).update(status="COMPLETED", title="A better title")


def told(trial: Trial) -> tuple[str, str, bool]:
    stored = fresh(trial)
    return stored.status, stored.title, stored.published


def test_publishing_puts_nothing_back_that_others_changed(read_early):
    close(read_early)
    services.publish(trial=read_early)
    assert told(read_early) == ("COMPLETED", "A better title", True)
    assert fresh(read_early).history.first().title == "A better title"


def test_withdrawing_puts_nothing_back_that_others_changed(read_early):
    services.publish(trial=read_early)
    close(read_early)
    services.withdraw(trial=read_early)
    assert told(read_early) == ("COMPLETED", "A better title", False)


def test_what_is_checked_is_what_is_stored_now(read_early):
    assert services.check_trial(trial=read_early) == []
    assert len(read_early.criteria.all()) == 3
    Criterion.objects.filter(trial=read_early, text="Pregnant women").update(rule="pregnantt is yes")
    with pytest.raises(ValidationError, match="unknown question 'pregnantt'"):
        services.publish(trial=read_early)
    assert not fresh(read_early).published


@pytest.mark.parametrize("act", ["publish", "withdraw"])
def test_a_trial_that_was_deleted_meanwhile_does_not_come_back(act, read_early):
    Trial.objects.get(pk=read_early.pk).delete()
    with pytest.raises(Trial.DoesNotExist):
        getattr(services, act)(trial=read_early)
    assert not Trial.objects.filter(pk=read_early.pk).exists()


@pytest.mark.parametrize(("act", "done"), [("publish", "1 trial is published."), ("withdraw", "1 trial is withdrawn.")])
def test_the_list_says_which_trial_was_deleted_meanwhile_and_does_the_others(act, done, read_early, deleted_meanwhile):
    said = messages_of(run(signed_in(), act, read_early, deleted_meanwhile))
    assert "NCT29999999 was deleted by somebody else meanwhile." in said
    assert done in said
    assert fresh(read_early).published == (act == "publish")
