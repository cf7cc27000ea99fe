"""Records whose texts hold no sign that nobody sees."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db import models

from trials.texts import visible


class VisibleTexts(models.Model):
    """A record from whose texts, when they are checked, the signs are taken that nobody sees: what a form or table brought in by copy and paste."""

    class Meta:
        abstract = True

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        """Takes the signs out, and checks the fields as every record does."""
        for field in self._meta.concrete_fields:
            if isinstance(field, models.CharField | models.TextField | models.JSONField):
                setattr(self, field.attname, _cleaned(getattr(self, field.attname)))
        super().clean_fields(exclude)


def _cleaned(value: Any) -> Any:
    """A text, or the texts of a list, cleaned; anything else as it is."""
    if isinstance(value, str):
        return visible(value)
    return [_cleaned(one) for one in value] if isinstance(value, list) else value
