"""The trials app."""

from django.apps import AppConfig


class TrialsConfig(AppConfig):
    """Connects the records to the catalog's stamp, the groups of the desk to the tables, and accounts and exports to the audit trail."""

    name = "trials"
    verbose_name = "Gene therapy trials"

    def ready(self) -> None:
        """Any change to a record makes the compiled catalog out of date. New tables get the groups."""
        from django.contrib.auth import get_user_model  # noqa: PLC0415
        from django.contrib.auth.models import Group  # noqa: PLC0415
        from django.db.models.signals import m2m_changed, post_delete, post_migrate, post_save  # noqa: PLC0415
        from import_export.signals import post_export  # noqa: PLC0415

        from . import audit, catalog, groups  # noqa: PLC0415

        for signal in (post_save, post_delete, m2m_changed):
            signal.connect(catalog.note_change, dispatch_uid="trials.catalog")
        user = get_user_model()
        for model in (user, Group):
            post_save.connect(audit.note_account, sender=model, dispatch_uid=f"trials.audit.{model.__name__}")
            post_delete.connect(audit.note_deleted_account, sender=model, dispatch_uid=f"trials.audit.{model.__name__}")
        for through in (user.groups.through, user.user_permissions.through, Group.permissions.through):
            m2m_changed.connect(audit.note_members, sender=through, dispatch_uid=f"trials.audit.{through.__name__}")
        post_export.connect(audit.note_export, dispatch_uid="trials.audit")
        post_migrate.connect(groups.after_migrate, sender=self, dispatch_uid="trials.groups")
        post_migrate.connect(catalog.after_migrate, sender=self, dispatch_uid="trials.catalog.migrated")
