"""What a trial asks for, and the invented patients on whom its rules are tried."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from trials.eligibility.verdicts import CriterionKind, Verdict

from .trials import Trial
from .visible import VisibleTexts


class Cohort(VisibleTexts):
    """A group of participants with criteria of its own."""

    trial = models.ForeignKey(Trial, models.CASCADE, related_name="cohorts")
    name = models.CharField(max_length=160)
    order = models.PositiveSmallIntegerField(default=0)

    history = HistoricalRecords()

    class Meta:
        ordering = ("order", "id")
        constraints = (models.UniqueConstraint(fields=("trial", "name"), name="cohort_once_a_trial"),)

    def __str__(self) -> str:
        return self.name


class Criterion(VisibleTexts):
    """One inclusion or exclusion criterion, with its rule, or left to the study team."""

    UNCLEAR = "unclear"
    KINDS = ((CriterionKind.INCLUSION.value, _("Inclusion")), (CriterionKind.EXCLUSION.value, _("Exclusion")), (UNCLEAR, _("Unclear: please set")))

    trial = models.ForeignKey(Trial, models.CASCADE, related_name="criteria")
    kind = models.CharField(max_length=10, choices=KINDS)
    heading = models.TextField(blank=True, help_text=_("What the source writes above it, where that matters, such as “at least one of these”."))
    text = models.TextField()
    plain = models.TextField(blank=True)
    rule = models.TextField(blank=True)
    cohort = models.ForeignKey(Cohort, models.CASCADE, null=True, blank=True, related_name="criteria")
    order = models.PositiveIntegerField(default=0)
    team_checks = models.BooleanField(default=False, help_text=_("Left to the study team on purpose, so that nothing is left to do here."))
    source_text = models.TextField(blank=True, editable=False, help_text=_("The line of the registry record, word for word."))
    source_kind = models.CharField(max_length=10, choices=KINDS, blank=True, editable=False, help_text=_("The kind that the registry record shows."))
    source_cohort = models.CharField(max_length=160, blank=True, editable=False, help_text=_("The cohort that the registry record names."))
    earlier_source = models.JSONField(
        null=True, blank=True, editable=False, help_text=_("Text, kind and cohort of the line before the registry changed it: review.")
    )
    gone_at_source = models.BooleanField(default=False, editable=False, help_text=_("The registry record no longer has this line: review."))
    suggestion_dismissed = models.BooleanField(default=False, editable=False)

    history = HistoricalRecords()

    class Meta:
        ordering = ("order", "id")
        verbose_name_plural = "criteria"
        constraints = (
            models.CheckConstraint(condition=~Q(text=""), name="criterion_has_text"),
            models.CheckConstraint(condition=Q(kind__in=[*(kind.value for kind in CriterionKind), "unclear"]), name="criterion_kind_known"),
            models.CheckConstraint(condition=~Q(kind="unclear") | Q(rule=""), name="criterion_of_unclear_kind_has_no_rule"),
        )

    def __str__(self) -> str:
        return self.text[:80]

    @property
    def whole_text(self) -> str:
        """The text with what stands above it."""
        return f"{self.heading}: {self.text}" if self.heading else self.text

    @property
    def needs_review(self) -> bool:
        """Whether the registry changed or dropped the line since a coordinator last looked."""
        return bool(self.earlier_source) or self.gone_at_source

    @property
    def state(self) -> str:
        """``review``, ``to_do``, ``rule`` or ``study_team``: what a coordinator still has to do."""
        if self.needs_review:
            return "review"
        if self.kind == self.UNCLEAR or not (self.rule or self.team_checks):
            return "to_do"
        return "rule" if self.rule else "study_team"

    def clean(self) -> None:
        """Refuses a cohort of another trial. (The rule is checked by the forms that know the questions.)"""
        if self.cohort and self.cohort.trial_id != self.trial_id:
            raise ValidationError({"cohort": _("This cohort belongs to another trial.")})


class SamplePatient(VisibleTexts):
    """An invented patient on whom a trial's rules are tried, with the verdict to expect."""

    EXPECT = tuple((verdict.slug, verdict.slug) for verdict in Verdict)

    trial = models.ForeignKey(Trial, models.CASCADE, related_name="sample_patients")
    name = models.CharField(max_length=200)
    answers = models.JSONField(default=dict)
    expect = models.CharField(max_length=10, choices=EXPECT)

    history = HistoricalRecords()

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return self.name
