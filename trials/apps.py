"""The trials app."""

from django.apps import AppConfig


class TrialsConfig(AppConfig):
    """Connects the records to the catalog's stamp, and the groups of the desk to the tables."""

    name = "trials"
    verbose_name = "Gene therapy trials"

    def ready(self) -> None:
        """Any change to a record makes the compiled catalog out of date. New tables get the groups."""
        from django.db.models.signals import m2m_changed, post_delete, post_migrate, post_save  # noqa: PLC0415

        from . import catalog, groups  # noqa: PLC0415

        for signal in (post_save, post_delete, m2m_changed):
            signal.connect(catalog.note_change, dispatch_uid="trials.catalog")
        post_migrate.connect(groups.after_migrate, sender=self, dispatch_uid="trials.groups")
