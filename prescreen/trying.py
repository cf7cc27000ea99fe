"""Trying a trial: a coordinator answers the questions as a patient would, against one trial alone, published or not."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from trials import catalog
from trials.models import Trial

from .answers import Answers, Unreadable


def may_try(request: HttpRequest) -> bool:
    """Whether somebody who may see trials at the desk asks. Only asked where a trial is tried: patients are not looked up."""
    return admin.site.has_permission(request) and request.user.has_perm("trials.view_trial")


def first_answers(trial: Trial) -> Answers:
    """The answers to begin with: the trial's own area, or all areas where it has none."""
    area = trial.areas.first()
    return Answers(area=area.slug if area else None, trying=trial.nct_id)


def catalog_for(request: HttpRequest, told: Answers) -> catalog.Catalog:
    """The catalog with the tried trial alone. Raises ``Unreadable`` where the trial is gone, or for somebody who may not try it (any more)."""
    found = catalog.of_trial(told.trying) if may_try(request) else None
    if found is None:
        raise Unreadable
    return found
