"""The coordinator's desk: the admin pages of the records, by subject."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from .areas import ConditionAreaAdmin
from .audit import AuditEntryAdmin
from .conditions import ConditionAdmin
from .questions import QuestionAdmin
from .table_pages import CriterionAdmin
from .therapies import ApprovedTherapyAdmin
from .trials import TrialAdmin

__all__ = ["ApprovedTherapyAdmin", "AuditEntryAdmin", "ConditionAdmin", "ConditionAreaAdmin", "CriterionAdmin", "QuestionAdmin", "TrialAdmin"]

admin.site.site_header = admin.site.site_title = _("Gene Therapy Trial Finder: trials desk")
admin.site.enable_nav_sidebar = False  # the page of a trial needs the width
admin.site.index_title = _("Trials and what patients are asked")
