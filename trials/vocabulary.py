"""The words of the registry and of our records: approaches, statuses, phases."""

APPROACHES = ("gene_addition", "gene_silencing", "gene_editing", "engineered_cells", "oncolytic_virus")
DELIVERIES = ("in_vivo", "ex_vivo")
PHASES = ("EARLY_PHASE1", "PHASE1", "PHASE2", "PHASE3", "PHASE4", "NA")
OPEN_STATUSES = ("RECRUITING", "NOT_YET_RECRUITING", "ENROLLING_BY_INVITATION")
STATUSES = (
    *OPEN_STATUSES,
    "UNKNOWN",
    "ACTIVE_NOT_RECRUITING",
    "COMPLETED",
    "SUSPENDED",
    "TERMINATED",
    "WITHDRAWN",
    "AVAILABLE",
    "NO_LONGER_AVAILABLE",
    "TEMPORARILY_NOT_AVAILABLE",
    "APPROVED_FOR_MARKETING",
    "WITHHELD",
)


def is_closed(status: str) -> bool:
    """Whether a trial of this status takes no new participants. One whose status is not known may."""
    return status not in (*OPEN_STATUSES, "UNKNOWN")


SEXES = ("ALL", "FEMALE", "MALE")

DIAGNOSIS = "diagnosis"
"""The question whose choices are the conditions."""

FRESH_DAYS = 90
"""A listing as of a day longer ago than this is said not to have been checked since."""
