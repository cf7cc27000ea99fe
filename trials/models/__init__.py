"""The records that coordinators keep. Nothing about a patient is ever stored here."""

from . import lookups  # noqa: F401 - they are registered
from .accounts import InitialPassword
from .audit import SIGN_IN_ACTS, Act, AppendOnlyError, AuditEntry
from .conditions import Condition, ConditionArea
from .criteria import Cohort, Criterion, SamplePatient
from .questions import Choice, Question
from .stamp import CatalogStamp
from .therapies import ApprovedTherapy
from .trials import STATUS_LABELS, Approach, Delivery, Site, Trial, TrialQuerySet
from .validators import key_validator, nct_validator

__all__ = [
    "SIGN_IN_ACTS",
    "STATUS_LABELS",
    "Act",
    "AppendOnlyError",
    "Approach",
    "ApprovedTherapy",
    "AuditEntry",
    "CatalogStamp",
    "Choice",
    "Cohort",
    "Condition",
    "ConditionArea",
    "Criterion",
    "Delivery",
    "InitialPassword",
    "Question",
    "SamplePatient",
    "Site",
    "Trial",
    "TrialQuerySet",
    "key_validator",
    "nct_validator",
]
