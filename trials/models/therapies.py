"""The gene therapies that are approved already."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from .conditions import Condition, ConditionArea
from .trials import Approach, Delivery
from .visible import VisibleTexts


class ApprovedTherapy(VisibleTexts):
    """A gene therapy that is approved already."""

    brand = models.CharField(max_length=120, unique=True)
    generic = models.CharField(max_length=200, blank=True)
    company = models.CharField(max_length=200, blank=True)
    condition = models.TextField()
    conditions = models.ManyToManyField(Condition, related_name="therapies", blank=True)
    area = models.ForeignKey(ConditionArea, models.PROTECT, null=True, blank=True, related_name="therapies")
    year_approved = models.PositiveSmallIntegerField(null=True, blank=True)
    approach = models.CharField(max_length=20, choices=Approach.choices, blank=True)
    delivery = models.CharField(max_length=10, choices=Delivery.choices, blank=True)
    vector = models.CharField(max_length=200, blank=True)
    note = models.TextField(blank=True)
    withdrawn = models.BooleanField(default=False)
    source = models.TextField()
    as_of = models.DateField(_("as of"))

    history = HistoricalRecords(m2m_fields=[conditions])

    class Meta:
        ordering = ("brand",)
        verbose_name_plural = "approved therapies"

    def __str__(self) -> str:
        return self.brand
