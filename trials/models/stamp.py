"""How each process sees that its index is out of date."""

from django.db import models


class CatalogStamp(models.Model):
    """One row with a token that is new after every change to the records, so that each process sees that its index is out of date.

    ``frame`` is new after every change that is not of one trial and its parts alone, ``epoch`` after every change that the history may not tell of.
    """

    token = models.CharField(max_length=32)
    frame = models.CharField(max_length=32, default="")
    epoch = models.CharField(max_length=32, default="")

    def __str__(self) -> str:
        return self.token
