"""Where a listing stands: what is done, what is left, what looks wrong. For the top of a trial's page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from trials import catalog, services
from trials.desk.findings import Finding
from trials.desk.lint import lint_trial
from trials.eligibility import judging
from trials.eligibility.judging import judge
from trials.eligibility.questionnaire import Questionnaire
from trials.eligibility.questions import AnswerError
from trials.importing.suggesting import DOUBT, FOLLOWS
from trials.models import Condition, ConditionArea, Criterion, SamplePatient, Trial
from trials.services.deciding import suggestion_for
from trials.vocabulary import FRESH_DAYS

from .checks import usable_questionnaire

FIELD_NAMES = {
    "areas": gettext_lazy("Condition area"),
    "conditions": gettext_lazy("Condition"),
    "approach": gettext_lazy("Approach"),
    "delivery": gettext_lazy("Delivery"),
    "vector": gettext_lazy("Vector"),
    "genes": gettext_lazy("Gene"),
    "criteria": gettext_lazy("Lines of the record that are like none of the criteria below"),
    "status": gettext_lazy("Status"),
    "phase": gettext_lazy("Phase"),
    "sponsor": gettext_lazy("Sponsor"),
    "title": gettext_lazy("Title"),
    "sex": gettext_lazy("Sex"),
    "condition_names": gettext_lazy("Other conditions"),
    "contact_name": gettext_lazy("Contact"),
    "contact_phone": gettext_lazy("Phone"),
    "contact_email": gettext_lazy("E-mail"),
    "criteria_complete": gettext_lazy("All criteria are here"),
    "source": gettext_lazy("Source"),
}

CHECKED_PARTS = ("areas", "cohorts", "criteria__cohort", "sample_patients")
"""What belongs to a trial and is read again and again when it is checked."""


@dataclass(frozen=True)
class Row:
    """One criterion in the overview: its number on the page (from 1), and the place of its row."""

    number: int
    criterion: Criterion


@dataclass
class Standing:
    """A stored trial's state, computed once for a page."""

    trial: Trial
    questionnaire: Questionnaire
    today: date

    @cached_property
    def rows(self) -> list[Row]:
        """The criteria, numbered as on the page."""
        return [Row(number, criterion) for number, criterion in enumerate(self.trial.criteria.all(), 1)]

    def in_state(self, state: str) -> list[Row]:
        """The criteria of one state."""
        return [row for row in self.rows if row.criterion.state == state]

    @property
    def to_do(self) -> list[Row]:
        """Criteria that nobody decided about."""
        return self.in_state("to_do")

    @property
    def review(self) -> list[Row]:
        """Criteria that the registry changed."""
        return self.in_state("review")

    @property
    def with_rule(self) -> int:
        """How many criteria a rule judges."""
        return len(self.in_state("rule"))

    @property
    def for_team(self) -> int:
        """How many criteria are left to the study team."""
        return len(self.in_state("study_team"))

    @property
    def done(self) -> int:
        """How many criteria are settled."""
        return self.with_rule + self.for_team

    @cached_property
    def judged(self) -> judging.Trial:
        """The trial as the engine knows it."""
        return catalog.judged_trial(self.trial, self.questionnaire)

    @cached_property
    def verdicts(self) -> dict[int, str]:
        """Sample patient (by id) -> verdict by the stored rules, or the fault in the answers."""
        return {sample.pk: _verdict(sample, self.judged, self.questionnaire) for sample in self.trial.sample_patients.all()}

    @cached_property
    def findings(self) -> list[Finding]:
        """What lint says."""
        return lint_trial(self.judged, self.questionnaire)

    def findings_of(self, criterion: Criterion) -> list[Finding]:
        """What lint says of a stored criterion, wherever it stands on the page."""
        places = {row.criterion.pk: row.number - 1 for row in self.rows}
        return [finding for finding in self.findings if finding.criterion is not None and finding.criterion == places.get(criterion.pk)]

    @property
    def general_findings(self) -> list[Finding]:
        """What lint says of the trial as a whole."""
        return [finding for finding in self.findings if finding.criterion is None]

    @property
    def errors(self) -> list[Finding]:
        """What must be mended before publishing."""
        return [finding for finding in self.findings if finding.level == "error"]

    @cached_property
    def faults(self) -> list[str]:
        """What speaks against publishing, a sentence each."""
        return services.check_trial(trial=self.trial, questionnaire=self.questionnaire)

    @cached_property
    def suggested_rules(self) -> int:
        """How many criteria to do have a suggested rule."""
        return sum(suggestion_for(row.criterion, self.questionnaire) is not None for row in self.to_do)

    @property
    def days_unchecked(self) -> int:
        """Days since the source was last checked, where they are too many; else 0."""
        days = (self.today - self.trial.as_of).days
        return days if days > FRESH_DAYS else 0

    @property
    def differences(self) -> list[dict[str, Any]]:
        """What the registry changed, with the field's name, and its values in words."""
        return [
            one
            | {"name": FIELD_NAMES.get(one["field"], one["field"]), "before": _in_words(one["field"], one["was"]), "after": _in_words(one["field"], one["now"])}
            for one in self.trial.differences
            if one["field"] != "criteria"
        ]

    @property
    def lines(self) -> list[str]:
        """Lines of the record that the listing does not show."""
        return [line for one in self.trial.differences if one["field"] == "criteria" for line in one["now"]]

    @property
    def doubt(self) -> str:
        """Why the record may not be of a gene therapy."""
        return self._because(DOUBT)

    @property
    def follows_earlier(self) -> str:
        """Why the study may take earlier participants only."""
        return self._because(FOLLOWS)

    def _because(self, field: str) -> str:
        return next((one["because"] for one in self.trial.suggestions if one["field"] == field and not one.get("dismissed")), "")


def standing_of(pk: int, questionnaire: Questionnaire) -> Standing:
    """Where a trial stands as it is stored now."""
    trial = Trial.objects.select_related("published_by").prefetch_related(*CHECKED_PARTS).get(pk=pk)
    return Standing(trial, questionnaire, timezone.localdate())


def standing_for(request: HttpRequest, pk: int) -> Standing | None:
    """The same for a page that shows what is stored, read once for the request; None where one of the questions cannot be used."""
    if not hasattr(request, "desk_standing"):
        questionnaire = usable_questionnaire(request)
        request.desk_standing = None if questionnaire is None else standing_of(pk, questionnaire)
    return request.desk_standing


def _in_words(field: str, value: Any) -> str:
    """A value of a trial's field as people read it."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "–"
    labels = dict(Trial._meta.get_field(field).flatchoices)
    return str(labels.get(value, value) or "–")


def _verdict(sample: SamplePatient, judged: judging.Trial, questionnaire: Questionnaire) -> str:
    try:
        return judge(judged, questionnaire.settle(questionnaire.read(sample.answers))).verdict.slug
    except AnswerError as fault:
        return str(fault)


def fact_label(fact: dict[str, Any]) -> str:
    """A suggested fact as a line to tick: what, and the words of the record that it rests on."""
    value = fact["value"]
    if fact["field"] == "areas":
        value = ConditionArea.objects.filter(slug=value).values_list("name", flat=True).first() or value
    elif fact["field"] == "conditions":
        value = Condition.objects.filter(key=value).values_list("label", flat=True).first() or value
    elif fact["field"] in ("approach", "delivery"):
        value = dict(Trial._meta.get_field(fact["field"]).choices).get(value, value)
    return _("%(field)s: %(value)s — %(because)s") % {"field": FIELD_NAMES[fact["field"]], "value": value, "because": fact["because"]}
