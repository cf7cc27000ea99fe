"""How each process sees that its index is out of date."""

from django.db import models


class CatalogStamp(models.Model):
    """One row with a token that is new after every change to the records, so that each process sees that its index is out of date."""

    token = models.CharField(max_length=32)

    def __str__(self) -> str:
        return self.token
