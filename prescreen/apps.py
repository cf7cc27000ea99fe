"""The patient's site."""

from django.apps import AppConfig
from django.core import checks


class PrescreenConfig(AppConfig):
    """Has no models: that is the privacy policy."""

    name = "prescreen"

    def ready(self) -> None:
        """The checks of the site, and the audit trail's ear at the desk's door."""
        from . import sqlite  # noqa: PLC0415
        from .doors import desk_audit  # noqa: PLC0415

        checks.register(sqlite.check, checks.Tags.database)
        desk_audit.connect()
