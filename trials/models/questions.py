"""What patients can be asked."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from trials.eligibility.questions import Changes, Kind, Source

from .conditions import ConditionArea
from .validators import key_validator
from .visible import VisibleTexts


class Question(VisibleTexts):
    """Something a patient can be asked. Its fields are those of a question file."""

    KINDS = (
        (Kind.YES_NO.value, _("Yes or no")),
        (Kind.NUMBER.value, _("Number")),
        (Kind.CHOICE.value, _("One choice")),
        (Kind.CHOICES.value, _("Several choices")),
    )

    CHANGES = (
        (Changes.GROWS.value, _("Grows with time")),
        (Changes.MAY_CHANGE.value, _("May change")),
        (Changes.FIXED.value, _("Stays as it is")),
    )

    key = models.CharField(max_length=80, unique=True, validators=[key_validator])
    kind = models.CharField(max_length=10, choices=KINDS)
    text = models.CharField(max_length=300)
    child_text = models.CharField(max_length=300, blank=True)
    help = models.TextField(blank=True)
    why = models.TextField(blank=True)
    unit = models.CharField(max_length=40, blank=True)
    units = models.JSONField(default=dict, blank=True, help_text=_("Unit name to its factor to the unit above, such as “months”: “1/12”."))
    min = models.DecimalField(max_digits=20, decimal_places=6, null=True, blank=True)
    max = models.DecimalField(max_digits=20, decimal_places=6, null=True, blank=True)
    areas = models.ManyToManyField(ConditionArea, related_name="questions", blank=True, help_text=_("None means all areas."))
    sensitive = models.BooleanField(default=False)
    source = models.CharField(max_length=20, choices=[(source.value, source.value.replace("_", " ")) for source in Source], default=Source.PATIENT.value)
    ask_if = models.CharField(max_length=500, blank=True)
    otherwise = models.JSONField(null=True, blank=True)
    order = models.IntegerField(default=0)
    changes = models.CharField(max_length=10, choices=CHANGES, blank=True, help_text=_("Whether time can change the answer. Empty: not said."))

    history = HistoricalRecords(m2m_fields=[areas])

    class Meta:
        ordering = ("order", "key")
        constraints = (
            models.CheckConstraint(condition=~Q(text=""), name="question_has_text"),
            models.CheckConstraint(condition=~Q(kind="number") | ~Q(unit=""), name="number_question_has_unit"),
            models.CheckConstraint(condition=Q(min__isnull=True) | Q(max__isnull=True) | Q(min__lte=F("max")), name="question_bounds_not_crossed"),
        )

    def __str__(self) -> str:
        return self.key


class Choice(VisibleTexts):
    """One value of a choice question; a parent makes it a kind of another choice."""

    question = models.ForeignKey(Question, models.CASCADE, related_name="choices")
    key = models.CharField(max_length=80, validators=[key_validator])
    label = models.CharField(max_length=200)
    parent = models.CharField(max_length=80, blank=True, help_text=_("The key of the choice that this is a kind of."))
    order = models.PositiveIntegerField(default=0)

    history = HistoricalRecords()

    class Meta:
        ordering = ("order", "id")
        constraints = (
            models.UniqueConstraint(fields=("question", "key"), name="choice_once_a_question"),
            models.CheckConstraint(condition=~Q(label=""), name="choice_has_label"),
        )

    def __str__(self) -> str:
        return self.label
