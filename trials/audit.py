"""Writing the audit trail. Whoever acts calls ``record`` in the transaction of the act, so that an act that is rolled back leaves no line."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AbstractBaseUser, Group
from django.db.models import Model
from django.http import HttpRequest
from simple_history.models import HistoricalRecords

from trials.models import Act, AuditEntry

__all__ = ("Act", "note_account", "note_deleted_account", "note_export", "note_members", "record")

KEYS = ("nct_id", "key", "slug", "brand", "username", "name")
"""Fields that people know records by, the first that a record has."""

LONGEST_NAME, LONGEST_DETAIL = 150, 500  # characters; as the columns are


def record(act: Act, subject: Model | type[Model] | None = None, *, detail: str = "", by: AbstractBaseUser | None = None, address: str | None = None) -> None:
    """Adds a line: what was done or refused, and with which record, or records of which kind.

    ``by`` is the account; by default whoever is signed in where the request comes from, and nobody for a command. ``detail`` is a few words for
    those who read the trail: never what a patient answered, and never a password. ``address`` is the client's, for signing in and out alone.
    """
    account = by or _signed_in()
    AuditEntry.objects.create(
        act=act,
        user_id=account.pk if account else None,
        user_name=_short(account.get_username(), LONGEST_NAME) if account else "",
        record_type=subject._meta.model_name if subject else "",
        record_key=_short(_key(subject), LONGEST_NAME) if isinstance(subject, Model) else "",
        detail=_short(detail, LONGEST_DETAIL),
        address=address,
    )


def _key(row: Model) -> str:
    """What people know a record by, such as a trial's NCT number."""
    return str(next((getattr(row, name) for name in KEYS if hasattr(row, name)), row.pk))


def _short(text: str, most: int) -> str:
    text = text.replace("\0", "")  # which PostgreSQL stores in no text
    return text if len(text) <= most else text[: most - 1] + "…"


def _request() -> HttpRequest | None:
    """The request that is being served, as the history of records knows it; None in a command."""
    return getattr(HistoricalRecords.context, "request", None)


def _signed_in() -> AbstractBaseUser | None:
    account = getattr(_request(), "user", None)
    return account if account and account.is_authenticated else None


def note_export(model: type[Model] | None = None, **_told: object) -> None:
    """Signal receiver: a table left the desk."""
    record(Act.EXPORT, model, detail="a table (CSV)")


# Accounts and groups have pages of Django's own, so their signals tell of changes. Only those of the desk: a migration or a command is run by whoever
# owns the server, and the groups are made while the table of the trail may not be there.


def note_account(instance: Model, created: bool = False, update_fields: Any = None, **_told: object) -> None:
    """Signal receiver: an account or a group was added or changed. (Not the day of the last sign-in, nor a password that is stored in a newer way.)"""
    if _signed_in() and set(update_fields or ()) != {"last_login"}:
        record(Act.ADD if created else Act.CHANGE, instance, detail="" if isinstance(instance, Group) else _standing(instance))


def note_deleted_account(instance: Model, **_told: object) -> None:
    """Signal receiver: an account or a group was deleted."""
    if _signed_in():
        record(Act.DELETE, instance)


def note_members(instance: Model, action: str, model: type[Model], pk_set: set[Any] | None, **_told: object) -> None:
    """Signal receiver: an account came into a group or left it, or a group or an account got or lost permissions."""
    done = {"post_add": "given", "post_remove": "taken", "post_clear": "all taken"}.get(action)
    if done and _signed_in():
        names = ", ".join(sorted(getattr(one, "codename", None) or str(one) for one in model._base_manager.filter(pk__in=pk_set or ())))
        record(Act.CHANGE, instance, detail=f"{model._meta.verbose_name_plural} {done}: {names}".rstrip(": "))


def _standing(account: Any) -> str:
    """What decides what an account may do, and whether it was given a password just now."""
    flags = [name for name, is_so in (("active", account.is_active), ("staff", account.is_staff), ("superuser", account.is_superuser)) if is_so]
    new_password = getattr(account, "_password", None) is not None  # set by set_password until the save is done
    return ", ".join(flags or ["not active"]) + ("; new password" if new_password else "")
