"""Help for tests of the coordinator's desk: who works there, and trials in the states that they meet. All need the small catalog."""

import re
from html.parser import HTMLParser

from django.contrib.auth.models import Group, User
from django.test import Client

from tests.factories import CriterionFactory, SamplePatientFactory, TrialFactory
from trials.groups import PUBLISHER
from trials.models import Criterion, Trial

from .patients import text_of

HOSTILE = "<svg onload=alert(1)> \"'&amp; </textarea></script><script>alert(2)</script> javascript:alert(3)"


def signed_in(name: str = "petra", group: str = PUBLISHER) -> Client:
    """The browser of a member of a group."""
    person, made = User.objects.get_or_create(username=name, defaults={"is_staff": True})
    if made:
        person.groups.add(Group.objects.get(name=group))
    client = Client()
    client.force_login(person)
    return client


def ready_trial(**changes) -> Trial:
    """A trial that nothing speaks against, and that is not published."""
    trial = TrialFactory(**{"nct_id": "NCT20000001", "title": "A trial made ready", "areas": ["eye"], "published": False} | changes)
    CriterionFactory(trial=trial, text="Aged 18 years or older", rule="age >= 18", order=0)
    CriterionFactory(trial=trial, kind="exclusion", text="Pregnant women", rule="pregnant is yes", order=1)
    CriterionFactory(trial=trial, text="Willing to give consent", team_checks=True, order=2)
    SamplePatientFactory(trial=trial, name="Man of 30", answers={"age": 30, "sex": "male"}, expect="passes")
    return trial


AGE, PREGNANT, MEN, CONSENT = "Age 18 years or older", "Pregnant", "Male patients", "Willing to give written informed consent"


def trial_to_do() -> Trial:
    """A trial whose criteria are all to do: the first two suggest a rule, the kind of the third is unclear, the last is one for the study team."""
    trial = TrialFactory(nct_id="NCT20000002", areas=["eye"], published=False)
    for order, (kind, text) in enumerate([("inclusion", AGE), ("exclusion", PREGNANT), ("unclear", MEN), ("inclusion", CONSENT)]):
        CriterionFactory(trial=trial, kind=kind, text=text, order=order)
    return trial


def decided(trial: Trial) -> dict[str, str]:
    """Text -> what is decided about each criterion: its rule, or its state."""
    return {row.text: row.rule if row.state == "rule" else row.state for row in Criterion.objects.filter(trial=trial)}


def messages_of(page) -> str:
    """What the desk told after a save, the messages one after the other."""
    return " ".join(" ".join(str(message).split()) for message in page.context["messages"])


def standing_of(page) -> str:
    """What the top of a trial's page says."""
    return text_of(type("Part", (), {"content": re.search(rb'<section class="standing".*?</section>', page.content, re.DOTALL)[0]}))


class _Code(HTMLParser):
    """Notes what a strict content security policy forbids, and addresses that are code."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        if tag == "style" or (tag == "script" and "src" not in found and found.get("type") != "application/json"):
            self.found.append(tag)
        self.found += [f"{tag} {name}" for name in found if name == "style" or name.startswith("on")]
        self.found += [f"{tag} {name}: {value}" for name, value in found.items() if str(value).strip().lower().startswith("javascript:") and name != "value"]


def code_in(page) -> list[str]:
    """The code that a page holds in itself. Scripts and styles belong into files."""
    return _Code(page.content.decode()).found
