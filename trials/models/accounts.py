"""What the desk knows about an account besides Django's own."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class InitialPassword(models.Model):
    """That somebody else chose an account's password, and when. The row goes when the owner chooses another."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="+")
    set_at = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.user} {self.set_at:%Y-%m-%d}"
