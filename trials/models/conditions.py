"""Condition areas, and the tree of conditions."""

from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from .validators import key_validator
from .visible import VisibleTexts


class ConditionArea(VisibleTexts):
    """One of the broad groups that trials are kept by."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=80)
    description = models.CharField(max_length=200, blank=True)
    order = models.PositiveSmallIntegerField(default=0)

    history = HistoricalRecords()

    class Meta:
        ordering = ("order", "slug")

    def __str__(self) -> str:
        return self.name


class Condition(VisibleTexts):
    """A disease in the tree of conditions. The conditions are the choices of the question ``diagnosis``."""

    key = models.CharField(max_length=80, unique=True, validators=[key_validator])
    label = models.CharField(max_length=160)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="kinds")
    areas = models.ManyToManyField(ConditionArea, related_name="conditions", blank=True)
    help = models.CharField(max_length=400, blank=True)
    synonyms = models.JSONField(default=list, blank=True)
    order = models.PositiveIntegerField(default=0)

    history = HistoricalRecords(m2m_fields=[areas])

    class Meta:
        ordering = ("order", "key")
        constraints = (
            models.CheckConstraint(condition=~Q(label=""), name="condition_has_label"),
            models.CheckConstraint(condition=Q(parent__isnull=True) | ~Q(parent=F("id")), name="condition_not_its_own_parent"),
        )

    def __str__(self) -> str:
        return self.label
