"""The form of a trial's own fields, and of what is decided about it as a whole."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from trials.services.deciding import SINGLE_FACTS, open_facts
from trials.vocabulary import PHASES

from .fields import LinesField, plain_textarea, wide_input, without_zeros
from .meanwhile import SEEN, what_happened
from .quick_drawing import QUICK, QuickTwoLists
from .standing import FIELD_NAMES, fact_label

PHASE_LABELS = {
    "EARLY_PHASE1": gettext_lazy("Early phase 1"),
    "PHASE1": gettext_lazy("Phase 1"),
    "PHASE2": gettext_lazy("Phase 2"),
    "PHASE3": gettext_lazy("Phase 3"),
    "PHASE4": gettext_lazy("Phase 4"),
    "NA": gettext_lazy("Does not apply"),
}


class TrialForm(forms.ModelForm):
    """A trial's own fields, with lists written as lines. The page that makes the form gives it the stamp of the trial as stored, and the person."""

    default_renderer = QUICK
    stamp: str = ""
    person: AbstractUser | None = None

    genes = LinesField(rows=2, label=gettext_lazy("Genes"), help_text=gettext_lazy("One on each line, such as RPE65."))
    condition_names = LinesField(
        rows=2,
        label=gettext_lazy("Other conditions"),
        help_text=gettext_lazy("Conditions in the record's own words that the list above does not have. One on each line."),
    )
    phase = forms.MultipleChoiceField(
        required=False,
        label=gettext_lazy("Phase"),
        choices=[(phase, PHASE_LABELS[phase]) for phase in PHASES],
        widget=forms.CheckboxSelectMultiple,
    )
    facts = forms.MultipleChoiceField(required=False, label=gettext_lazy("Use these facts"), widget=forms.CheckboxSelectMultiple)
    use_all_facts = forms.BooleanField(required=False, label=gettext_lazy("Use all of these facts"))
    dismiss_facts = forms.BooleanField(required=False, label=gettext_lazy("Do not show the others again"))
    use_all_rules = forms.BooleanField(required=False, label=gettext_lazy("Use all suggested rules"))
    leave_rest = forms.BooleanField(required=False, label=gettext_lazy("Leave everything else that is to do to the study team"))
    differences_seen = forms.BooleanField(required=False, label=gettext_lazy("I have seen these changes"))
    add_lines = forms.BooleanField(required=False, label=gettext_lazy("Add these lines as criteria to do"))
    drop_lines = forms.BooleanField(required=False, label=gettext_lazy("The listing says all this in other words: do not show these lines again"))
    settle_doubts = forms.BooleanField(required=False, label=gettext_lazy("It belongs here: do not ask again"))

    class Meta:
        labels = {  # noqa: RUF012
            "areas": gettext_lazy("Condition areas"),
            "criteria_complete": gettext_lazy("All criteria are here"),
            "follow_up_years": gettext_lazy("Years of follow-up"),
        }
        help_texts = {  # noqa: RUF012
            "nct_id": gettext_lazy("“NCT” and 8 digits, as in the registry."),
            "title": gettext_lazy("What is given and for what, in plain words."),
            "summary": gettext_lazy("A few short sentences in our own words, for patients."),
            "areas": gettext_lazy("Patients find the trial under each area that is ticked."),
            "status": gettext_lazy("As the registry has it. Closed trials are listed as closed, and not judged for patients."),
            "published": gettext_lazy(
                "Tick to show the trial to patients. When you save, the sample patients are tried on the rules first. If one of them does not get the "
                "verdict to expect, your work is saved, the trial is not shown, and you are told why."
            ),
            "criteria_complete": gettext_lazy("Untick if the source did not show all criteria. Then patients read “you may match” at best."),
            "vector": gettext_lazy("What carries the gene, such as AAV8 or lentiviral."),
            "route": gettext_lazy("How it is given, such as “into a vein (intravenous)”."),
            "follow_up_years": gettext_lazy("How long the trial follows its participants."),
            "source": gettext_lazy("Where these facts are from: an address, and when it was read."),
            "as_of": gettext_lazy("The day on which the source was last checked."),
        }
        widgets = {  # noqa: RUF012
            "conditions": QuickTwoLists("conditions", is_stacked=False),
            "title": wide_input(),
            "summary": plain_textarea(4),
            "vector": wide_input(60),
            "route": wide_input(60),
            "sponsor": wide_input(60),
            "source": plain_textarea(3),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "areas" in self.fields:
            self.fields["areas"].required = False  # a trial without an area can be saved, and not published
        self.open_facts = open_facts(self.instance)
        self.fields["facts"].choices = [(_key(fact), fact_label(fact)) for fact in self.open_facts]
        years = without_zeros(self.instance.follow_up_years)
        self.initial["follow_up_years"] = years and Decimal(years)

    @property
    def chosen_facts(self) -> list[dict[str, Any]]:
        """The suggested facts that are ticked."""
        ticked, every = self.cleaned_data.get("facts") or (), self.cleaned_data.get("use_all_facts")
        return [fact for fact in self.open_facts if every or _key(fact) in ticked]

    def clean(self) -> dict[str, Any]:
        """Refuses to save over what somebody else saved while the page was open, two values for one field, and lines both added and dropped."""
        values = super().clean()
        seen = self.data.get(SEEN)
        if self.instance.pk and seen and seen != self.stamp:
            self.add_error(None, what_happened(self.instance.pk, seen, self.person))
        chosen = [fact["field"] for fact in self.chosen_facts]
        for field in SINGLE_FACTS:
            if chosen.count(field) > 1:
                said = _("The trial takes one value for “%(field)s”, and the record suggests several. Tick one.")
                self.add_error("facts", ValidationError(said, params={"field": FIELD_NAMES[field]}))
        if values.get("add_lines") and values.get("drop_lines"):
            self.add_error("drop_lines", _("You ticked both. Tick one of the two."))
        return values


def _key(fact: dict[str, Any]) -> str:
    """What stands for a suggested fact in the form: never its place, which changes as others are taken over."""
    return f"{fact['field']}:{fact['value']}"
