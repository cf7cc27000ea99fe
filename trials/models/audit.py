"""The audit trail: who did what at the desk, a line for each act, to which lines are only ever added."""

from __future__ import annotations

from typing import Any, NoReturn

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Act(models.TextChoices):
    """What can be done at the desk, or is refused there."""

    SIGN_IN = "sign_in", _("Signed in")
    SIGN_OUT = "sign_out", _("Signed out")
    SIGN_IN_REFUSED = "sign_in_refused", _("Sign-in refused")
    PERMISSION_REFUSED = "permission_refused", _("Permission refused")
    ADD = "add", _("Added")
    CHANGE = "change", _("Changed")
    DELETE = "delete", _("Deleted")
    PUBLISH = "publish", _("Published")
    PUBLISH_REFUSED = "publish_refused", _("Publishing refused")
    WITHDRAW = "withdraw", _("Withdrawn")
    IMPORT = "import", _("Imported")
    IMPORT_REFUSED = "import_refused", _("Import refused")
    EXPORT = "export", _("Exported")


SIGN_IN_ACTS = (Act.SIGN_IN, Act.SIGN_OUT, Act.SIGN_IN_REFUSED)
"""The acts of which the client's address is kept; of no other."""


class AppendOnlyError(Exception):
    """Somebody tried to change or delete a line of the audit trail."""


def _refuse(*_args: object, **_kwargs: object) -> NoReturn:
    """Lines of the audit trail are never changed or deleted."""
    raise AppendOnlyError("The audit trail is append-only.")


class AuditEntryQuerySet(models.QuerySet):
    """Lines to read. Triggers of the database refuse what does not come this way."""

    update = bulk_update = delete = _refuse


class AuditEntry(models.Model):
    """One act. It points to no other row, so that it outlives the account and the record that it names."""

    time = models.DateTimeField(default=timezone.now, editable=False)
    act = models.CharField(max_length=20, choices=Act.choices)
    user_id = models.BigIntegerField(_("account number"), null=True, blank=True)
    user_name = models.CharField(_("account name at the time"), max_length=150, blank=True)
    record_type = models.CharField(max_length=50, blank=True)
    record_key = models.CharField(_("record"), max_length=150, blank=True, help_text=_("The NCT number of a trial, the key of a question…"))
    detail = models.CharField(max_length=500, blank=True)
    address = models.GenericIPAddressField(null=True, blank=True)

    objects = AuditEntryQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        default_permissions = ("view",)
        verbose_name = _("line of the audit trail")
        verbose_name_plural = _("audit trail")
        indexes = (models.Index(fields=("time",), name="audit_time"), models.Index(fields=("record_type", "record_key"), name="audit_record"))
        constraints = (
            models.CheckConstraint(condition=Q(act__in=Act.values), name="audit_act_known"),
            models.CheckConstraint(condition=Q(address__isnull=True) | Q(act__in=SIGN_IN_ACTS), name="audit_address_of_sign_in_only"),
        )

    def __str__(self) -> str:
        return f"{self.time:%Y-%m-%d %H:%M:%S} {self.act} {self.record_key or self.user_name}"

    def save(self, **kwargs: Any) -> None:
        """Adds the line. Raises ``AppendOnlyError`` where it is there already."""
        if not self._state.adding:
            _refuse()
        super().save(**kwargs | {"force_insert": True})

    delete = _refuse
