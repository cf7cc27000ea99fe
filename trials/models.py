"""The records that coordinators keep. Nothing about a patient is ever stored here."""

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from .eligibility.questions import Kind, Source
from .eligibility.verdicts import CriterionKind, Verdict
from .vocabulary import OPEN_STATUSES, STATUSES

key_validator = RegexValidator(r"^[A-Za-z0-9_][A-Za-z0-9_-]*\Z", _("Use letters, digits and _ only."))
nct_validator = RegexValidator(r"^NCT[0-9]{8}\Z", _("An NCT number is “NCT” and 8 digits."))


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


class ConditionArea(models.Model):
    """One of the broad groups that trials are kept by."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=80)
    description = models.CharField(max_length=200, blank=True)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("order", "slug")

    def __str__(self) -> str:
        return self.name


class Condition(models.Model):
    """A disease in the tree of conditions. The conditions are the choices of the question ``diagnosis``."""

    key = models.CharField(max_length=80, unique=True, validators=[key_validator])
    label = models.CharField(max_length=160)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="kinds")
    areas = models.ManyToManyField(ConditionArea, related_name="conditions", blank=True)
    help = models.CharField(max_length=400, blank=True)
    synonyms = models.JSONField(default=list, blank=True)
    order = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("order", "key")
        constraints = (
            models.CheckConstraint(condition=~Q(label=""), name="condition_has_label"),
            models.CheckConstraint(condition=Q(parent__isnull=True) | ~Q(parent=F("id")), name="condition_not_its_own_parent"),
        )

    def __str__(self) -> str:
        return self.label


class Question(models.Model):
    """Something a patient can be asked. Its fields are those of a question file."""

    KINDS = (
        (Kind.YES_NO.value, _("Yes or no")),
        (Kind.NUMBER.value, _("Number")),
        (Kind.CHOICE.value, _("One choice")),
        (Kind.CHOICES.value, _("Several choices")),
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

    class Meta:
        ordering = ("order", "key")
        constraints = (
            models.CheckConstraint(condition=~Q(text=""), name="question_has_text"),
            models.CheckConstraint(condition=~Q(kind="number") | ~Q(unit=""), name="number_question_has_unit"),
            models.CheckConstraint(condition=Q(min__isnull=True) | Q(max__isnull=True) | Q(min__lte=F("max")), name="question_bounds_not_crossed"),
        )

    def __str__(self) -> str:
        return self.key


class Choice(models.Model):
    """One value of a choice question; a parent makes it a kind of another choice."""

    question = models.ForeignKey(Question, models.CASCADE, related_name="choices")
    key = models.CharField(max_length=80, validators=[key_validator])
    label = models.CharField(max_length=200)
    parent = models.CharField(max_length=80, blank=True, help_text=_("The key of the choice that this is a kind of."))
    order = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("order", "id")
        constraints = (
            models.UniqueConstraint(fields=("question", "key"), name="choice_once_a_question"),
            models.CheckConstraint(condition=~Q(label=""), name="choice_has_label"),
        )

    def __str__(self) -> str:
        return self.label


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


class Trial(models.Model):
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
    criteria_complete = models.BooleanField(
        default=True, help_text=_("Whether the source showed all criteria. If not, the trial is never better than “may match”.")
    )

    objects = TrialQuerySet.as_manager()

    class Meta:
        ordering = ("nct_id",)
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
        return self.status not in (*OPEN_STATUSES, "UNKNOWN")

    @property
    def status_known(self) -> bool:
        """Whether the source told a status."""
        return self.status != "UNKNOWN"

    @property
    def phase_text(self) -> str:
        """The phases as people write them: ``1/2``."""
        return "/".join(phase.replace("EARLY_PHASE", "early ").replace("PHASE", "") for phase in self.phase if phase != "NA")


class Site(models.Model):
    """A place where a trial is run."""

    trial = models.ForeignKey(Trial, models.CASCADE, related_name="sites")
    facility = models.CharField(max_length=300, blank=True)
    city = models.CharField(max_length=120, blank=True)
    state = models.CharField(max_length=120, blank=True)
    country = models.CharField(max_length=120, blank=True)
    zip = models.CharField(max_length=20, blank=True)
    status = models.CharField(max_length=30, blank=True)

    class Meta:
        ordering = ("country", "state", "city", "id")
        constraints = (models.CheckConstraint(condition=~Q(facility="", city="", country=""), name="site_has_a_place"),)

    def __str__(self) -> str:
        return ", ".join(part for part in (self.facility, self.city, self.state, self.country) if part)


class Cohort(models.Model):
    """A group of participants with criteria of its own."""

    trial = models.ForeignKey(Trial, models.CASCADE, related_name="cohorts")
    name = models.CharField(max_length=160)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("order", "id")
        constraints = (models.UniqueConstraint(fields=("trial", "name"), name="cohort_once_a_trial"),)

    def __str__(self) -> str:
        return self.name


class Criterion(models.Model):
    """One inclusion or exclusion criterion, with its rule, or left to the study team."""

    UNCLEAR = "unclear"
    KINDS = ((CriterionKind.INCLUSION.value, _("Inclusion")), (CriterionKind.EXCLUSION.value, _("Exclusion")), (UNCLEAR, _("Unclear: please set")))

    trial = models.ForeignKey(Trial, models.CASCADE, related_name="criteria")
    kind = models.CharField(max_length=10, choices=KINDS)
    text = models.TextField()
    plain = models.TextField(blank=True)
    rule = models.TextField(blank=True)
    cohort = models.ForeignKey(Cohort, models.CASCADE, null=True, blank=True, related_name="criteria")
    order = models.PositiveIntegerField(default=0)
    team_checks = models.BooleanField(default=False, help_text=_("Left to the study team on purpose, so that nothing is left to do here."))
    source_text = models.TextField(blank=True, editable=False, help_text=_("The line of the registry record, word for word."))
    earlier_source_text = models.TextField(blank=True, editable=False, help_text=_("The line before the registry changed it: review."))
    gone_at_source = models.BooleanField(default=False, editable=False, help_text=_("The registry record no longer has this line: review."))
    suggestion_dismissed = models.BooleanField(default=False, editable=False)

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
    def needs_review(self) -> bool:
        """Whether the registry changed or dropped the line since a coordinator last looked."""
        return bool(self.earlier_source_text) or self.gone_at_source

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


class SamplePatient(models.Model):
    """An invented patient on whom a trial's rules are tried, with the verdict to expect."""

    EXPECT = tuple((verdict.slug, verdict.slug) for verdict in Verdict)

    trial = models.ForeignKey(Trial, models.CASCADE, related_name="sample_patients")
    name = models.CharField(max_length=200)
    answers = models.JSONField(default=dict)
    expect = models.CharField(max_length=10, choices=EXPECT)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return self.name


class ApprovedTherapy(models.Model):
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

    class Meta:
        ordering = ("brand",)
        verbose_name_plural = "approved therapies"

    def __str__(self) -> str:
        return self.brand


class CatalogStamp(models.Model):
    """One row with a token that is new after every change to the records, so that each process sees that its index is out of date."""

    token = models.CharField(max_length=32)

    def __str__(self) -> str:
        return self.token
