"""Trials and the places where they are run."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from trials.vocabulary import OPEN_STATUSES, STATUSES, is_closed

from .conditions import Condition, ConditionArea
from .validators import nct_validator
from .visible import VisibleTexts


class Approach(models.TextChoices):
    """What the therapy does to genes or cells."""

    GENE_ADDITION = "gene_addition", _("Gene addition: a working copy of a gene is added")
    GENE_SILENCING = "gene_silencing", _("Gene silencing: a gene is turned down")
    GENE_EDITING = "gene_editing", _("Gene editing: a gene is changed in place")
    ENGINEERED_CELLS = "engineered_cells", _("Engineered cells: cells get new abilities in a lab")
    ONCOLYTIC_VIRUS = "oncolytic_virus", _("Oncolytic virus: a changed virus that attacks cancer cells")


class Delivery(models.TextChoices):
    """Where genes are changed."""

    IN_VIVO = "in_vivo", _("Inside the body (in vivo)")
    EX_VIVO = "ex_vivo", _("In cells outside the body (ex vivo)")


STATUS_LABELS = {
    "RECRUITING": _("Recruiting"),
    "NOT_YET_RECRUITING": _("Not yet recruiting"),
    "ENROLLING_BY_INVITATION": _("By invitation only"),
    "UNKNOWN": _("Status not known"),
    "ACTIVE_NOT_RECRUITING": _("Closed: no longer recruiting"),
    "COMPLETED": _("Closed: completed"),
    "SUSPENDED": _("Closed: on hold"),
    "TERMINATED": _("Closed: stopped early"),
    "WITHDRAWN": _("Closed: withdrawn"),
    "AVAILABLE": _("Closed to new participants: expanded access only"),
    "NO_LONGER_AVAILABLE": _("Closed: no longer available"),
    "TEMPORARILY_NOT_AVAILABLE": _("Closed: not available for now"),
    "APPROVED_FOR_MARKETING": _("Closed: approved"),
    "WITHHELD": _("Closed: details withheld"),
}
assert set(STATUS_LABELS) == set(STATUSES)


class TrialQuerySet(models.QuerySet):
    """Trials by what people ask of them."""

    def published(self):
        """Those that a coordinator has released."""
        return self.filter(published=True)

    def open(self):
        """Those judged for patients: open by their status, or of a status that is not known."""
        return self.filter(status__in=(*OPEN_STATUSES, "UNKNOWN"))

    def with_parts(self):
        """With everything that judging and showing them needs."""
        return self.prefetch_related("areas", "conditions", "cohorts", "criteria__cohort", "sites")


class Trial(VisibleTexts):
    """One gene therapy trial as the registry has it, in our own words."""

    nct_id = models.CharField(_("NCT number"), max_length=11, unique=True, validators=[nct_validator])
    title = models.CharField(max_length=300)
    summary = models.TextField(blank=True)
    areas = models.ManyToManyField(ConditionArea, related_name="trials")
    conditions = models.ManyToManyField(Condition, related_name="trials", blank=True)
    condition_names = models.JSONField(default=list, blank=True, help_text=_("Conditions in the record's own words that the tree does not have."))
    approach = models.CharField(max_length=20, choices=Approach.choices, blank=True)
    delivery = models.CharField(max_length=10, choices=Delivery.choices, blank=True)
    vector = models.CharField(max_length=200, blank=True)
    route = models.CharField(max_length=200, blank=True)
    genes = models.JSONField(default=list, blank=True)
    phase = models.JSONField(default=list, blank=True)
    status = models.CharField(max_length=30, choices=STATUS_LABELS)
    sponsor = models.CharField(max_length=300, blank=True)
    contact_name = models.CharField(max_length=200, blank=True)
    contact_phone = models.CharField(max_length=60, blank=True)
    contact_email = models.EmailField(blank=True)
    sex = models.CharField(max_length=10, choices=[("ALL", _("All")), ("FEMALE", _("Female")), ("MALE", _("Male"))], blank=True)
    min_age = models.DecimalField(_("youngest age in years"), max_digits=7, decimal_places=4, null=True, blank=True)
    max_age = models.DecimalField(_("oldest age in years"), max_digits=7, decimal_places=4, null=True, blank=True)
    follow_up_years = models.DecimalField(max_digits=4, decimal_places=1, null=True, blank=True)
    source = models.TextField()
    as_of = models.DateField(_("as of"))
    published = models.BooleanField(default=False)
    published_at = models.DateTimeField(_("published on"), null=True, blank=True, editable=False)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False, related_name="+")
    criteria_complete = models.BooleanField(
        default=True, help_text=_("Whether the source showed all criteria. If not, the trial is never better than “may match”.")
    )
    registry = models.JSONField(default=dict, blank=True, editable=False, help_text=_("The registry record as it was last read: the base of the next merge."))
    differences = models.JSONField(default=list, blank=True, editable=False, help_text=_("What the registry changed since a coordinator last looked."))
    suggestions = models.JSONField(default=list, blank=True, editable=False, help_text=_("What the record's text suggests, and nobody accepted yet."))

    objects = TrialQuerySet.as_manager()
    history = HistoricalRecords(m2m_fields=[areas, conditions], excluded_fields=["registry", "suggestions"])

    class Meta:
        ordering = ("nct_id",)
        permissions = (
            ("publish_trial", "Can show trials to patients"),
            ("import_trial", "Can import trials from registry records and tables"),
            ("export_trial", "Can export trials as files and tables"),
        )
        constraints = (
            models.CheckConstraint(condition=Q(nct_id__regex=r"^NCT[0-9]{8}\Z"), name="trial_nct_number_form"),
            models.CheckConstraint(condition=~Q(title=""), name="trial_has_title"),
            models.CheckConstraint(condition=~Q(source=""), name="trial_has_source"),
            models.CheckConstraint(condition=Q(min_age__isnull=True) | Q(max_age__isnull=True) | Q(min_age__lte=F("max_age")), name="trial_ages_not_crossed"),
        )

    def __str__(self) -> str:
        return f"{self.nct_id} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("trial", args=[self.nct_id])

    @property
    def is_closed(self) -> bool:
        """Whether the trial takes no new participants, as far as its status tells."""
        return is_closed(self.status)

    @property
    def status_known(self) -> bool:
        """Whether the source told a status."""
        return self.status != "UNKNOWN"

    @property
    def phase_text(self) -> str:
        """The phases as people write them: ``1/2``."""
        return "/".join(phase.replace("EARLY_PHASE", str(_("early")) + " ").replace("PHASE", "") for phase in self.phase if phase != "NA")


class Site(VisibleTexts):
    """A place where a trial is run."""

    trial = models.ForeignKey(Trial, models.CASCADE, related_name="sites")
    facility = models.CharField(max_length=300, blank=True)
    city = models.CharField(max_length=120, blank=True)
    state = models.CharField(max_length=120, blank=True)
    country = models.CharField(max_length=120, blank=True)
    zip = models.CharField(max_length=20, blank=True)
    status = models.CharField(max_length=30, blank=True)

    history = HistoricalRecords()

    class Meta:
        ordering = ("country", "state", "city", "id")
        constraints = (models.CheckConstraint(condition=~Q(facility="", city="", country=""), name="site_has_a_place"),)

    def __str__(self) -> str:
        return ", ".join(part for part in (self.facility, self.city, self.state, self.country) if part)
