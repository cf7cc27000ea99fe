"""Who may do what at the desk: three groups, and what each of them may do."""

from __future__ import annotations

from collections.abc import Iterable

from django.apps import AppConfig, apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission
from django.db import DEFAULT_DB_ALIAS, transaction

COORDINATOR, PUBLISHER, AUDITOR = "Coordinator", "Publisher", "Auditor"

RECORDS = (
    "trial",
    "criterion",
    "cohort",
    "site",
    "samplepatient",
    "question",
    "choice",
    "condition",
    "conditionarea",
    "approvedtherapy",
)
PARTS = ("criterion", "cohort", "site", "samplepatient")


def _may(actions: str, *models: str) -> frozenset[str]:
    """The permissions to do these things, such as ``add change``, with records of these models."""
    return frozenset(f"{action}_{model}" for action in actions.split() for model in models)


_COORDINATOR = (
    _may("view", *RECORDS)
    | _may("add change", "trial", *PARTS, "question", "choice", "condition")
    | _may("delete", *PARTS)
    | _may("change", "approvedtherapy")
    | _may("import export", "trial")
)
GROUPS: dict[str, frozenset[str]] = {
    COORDINATOR: _COORDINATOR,
    PUBLISHER: _COORDINATOR | _may("publish delete", "trial") | _may("change", "conditionarea"),
    AUDITOR: _may("view", *RECORDS, "auditentry") | _may("export", "trial"),
}
"""The permissions of each group, by their codenames."""


@transaction.atomic
def ensure_groups(*, using: str = DEFAULT_DB_ALIAS) -> None:
    """Makes the groups, or gives them exactly these permissions again. Their members stay."""
    for name, codenames in GROUPS.items():
        group, _made = Group.objects.using(using).get_or_create(name=name)
        group.permissions.set(_stored(codenames, using))


def _stored(codenames: Iterable[str], using: str) -> Iterable[Permission]:
    return Permission.objects.using(using).filter(content_type__app_label="trials", codename__in=codenames)


def after_migrate(sender: AppConfig, *, using: str = DEFAULT_DB_ALIAS, **told: object) -> None:
    """Signal receiver: the groups are there once the tables are. The permissions are made first, because this app's turn comes before that of accounts."""
    known = told.get("apps", apps)
    try:
        known.get_model("auth", "Group")
    except LookupError:
        return
    create_permissions(sender, verbosity=0, using=using, apps=known)
    ensure_groups(using=using)
