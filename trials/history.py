"""Writes of many rows that leave a trace in the history, with the reason: what an import did is told apart from what a person did."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import models
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

REGISTRY = "registry import"
FILE = "loaded from a file"


def save(row: models.Model, reason: str) -> None:
    """Saves one row."""
    row._change_reason = reason
    row.save()


def delete(row: models.Model, reason: str) -> None:
    """Deletes one row."""
    row._change_reason = reason
    row.delete()


def create(model: type[models.Model], rows: Iterable[models.Model], reason: str) -> None:
    """Adds rows."""
    rows = list(rows)
    if rows:
        bulk_create_with_history(rows, model, default_change_reason=reason)


def update(model: type[models.Model], rows: Sequence[models.Model], fields: Sequence[str], reason: str) -> None:
    """Changes these fields of rows."""
    if rows:
        bulk_update_with_history(rows, model, fields, default_change_reason=reason)
