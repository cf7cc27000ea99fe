"""The pages that search engines may list: the start, the trials, the pages to learn from."""

from __future__ import annotations

from datetime import date

from django.contrib.sitemaps import Sitemap
from django.db.models import QuerySet
from django.urls import reverse

from trials.models import Trial

from . import learn_pages


class Pages(Sitemap):
    """The pages that are always there."""

    def items(self) -> list[str]:
        """Their addresses."""
        return [reverse("start"), reverse("trials"), reverse("learn"), *(reverse("learn_page", args=[page.slug]) for page in learn_pages.PAGES)]

    def location(self, item: str) -> str:
        """The address."""
        return item


class Trials(Sitemap):
    """Each published trial."""

    def items(self) -> QuerySet[Trial]:
        """The trials."""
        return Trial.objects.published().only("nct_id", "as_of").order_by("nct_id")

    def lastmod(self, item: Trial) -> date:
        """The day of its record."""
        return item.as_of


SITEMAPS = {"pages": Pages, "trials": Trials}
