"""The admin as the desk uses it: Django's own, with our sign-in."""

from django.contrib.admin.apps import AdminConfig


class DeskAdminConfig(AdminConfig):
    """Stands in ``INSTALLED_APPS`` in the place of ``django.contrib.admin``."""

    default_site = "trials.signin.site.DeskSite"

    def ready(self) -> None:
        """Once all pages of the admin are found: ours for accounts, and none that shows the secrets of second steps."""
        super().ready()
        from django.contrib.auth.signals import user_logged_in  # noqa: PLC0415

        from . import accounts, sessions  # noqa: PLC0415

        accounts.register()
        user_logged_in.connect(sessions.note_start, dispatch_uid="trials.signin")
