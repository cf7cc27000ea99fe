"""The form of a trial, and those of its cohorts, criteria, sites and sample patients."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from trials.eligibility.questionnaire import Questionnaire
from trials.eligibility.questions import AnswerError, QuestionError
from trials.eligibility.rules import RuleError, parse
from trials.models import Criterion
from trials.vocabulary import PHASES

from .fields import AnswersField, LinesField, plain_textarea, wide_input, without_zeros
from .formsets import OrderedForm, OrderedFormSet

PHASE_LABELS = {
    "EARLY_PHASE1": gettext_lazy("Early phase 1"),
    "PHASE1": gettext_lazy("Phase 1"),
    "PHASE2": gettext_lazy("Phase 2"),
    "PHASE3": gettext_lazy("Phase 3"),
    "PHASE4": gettext_lazy("Phase 4"),
    "NA": gettext_lazy("Does not apply"),
}


class TrialForm(forms.ModelForm):
    """A trial's own fields, with lists written as lines."""

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
            "title": wide_input(),
            "summary": plain_textarea(4),
            "vector": wide_input(60),
            "route": wide_input(60),
            "sponsor": wide_input(60),
            "source": plain_textarea(3),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["follow_up_years"] = without_zeros(self.instance.follow_up_years)


class CheckedFormSet(forms.BaseInlineFormSet):
    """Rows that are checked against the questions. The page that makes the form set gives it the questions, read once for the request."""

    questionnaire: Questionnaire

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        return super().get_form_kwargs(index) | {"questionnaire": self.questionnaire}


class CriterionFormSet(CheckedFormSet, OrderedFormSet):
    """The criteria of a trial, in order, with their rules checked."""


class CriterionForm(OrderedForm):
    """A criterion. A wrong rule is refused beside its field, in the engine's words."""

    class Meta:
        labels = {"text": gettext_lazy("As the source has it"), "plain": gettext_lazy("In plain words")}  # noqa: RUF012
        widgets = {  # noqa: RUF012
            "text": plain_textarea(3, 48),
            "plain": plain_textarea(3, 48),
            "rule": plain_textarea(2, 100, spellcheck="false"),
        }

    def __init__(self, *args: Any, questionnaire: Questionnaire, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.questionnaire = questionnaire
        self.fields["order"].help_text = ""

    def clean_rule(self) -> str:
        """Refuses a rule that the engine cannot use."""
        rule = self.cleaned_data["rule"].strip()
        if rule:
            try:
                parse(rule, self.questionnaire)
            except (RuleError, QuestionError) as fault:
                raise ValidationError(str(fault)) from None
        return rule


class SamplePatientForm(forms.ModelForm):
    """A sample patient, whose answers must be answers to our questions."""

    answers = AnswersField(
        rows=6,
        label=gettext_lazy("Answers"),
        help_text=gettext_lazy(
            "One on each line: the question's key and the answer, such as “age: 45”, “diagnosis: lymphoma”, “treatments: [car_t]”. “unknown” means not sure."
        ),
        widget=plain_textarea(6, 56, spellcheck="false"),
    )
    expect = forms.ChoiceField(
        label=gettext_lazy("Verdict to expect"),
        choices=[
            ("", gettext_lazy("Please choose")),
            ("passes", gettext_lazy("passes: the answers fit")),
            ("unknown", gettext_lazy("unknown: may match")),
            ("fails", gettext_lazy("fails: not a match")),
        ],
    )

    class Meta:
        labels = {"name": gettext_lazy("Who it is")}  # noqa: RUF012
        widgets = {"name": wide_input(40)}  # noqa: RUF012

    def __init__(self, *args: Any, questionnaire: Questionnaire, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.questionnaire = questionnaire

    def clean_answers(self) -> dict[str, Any]:
        """Refuses answers that the questions do not take."""
        answers = self.cleaned_data["answers"]
        try:
            self.questionnaire.read(answers)
        except (AnswerError, QuestionError) as fault:
            raise ValidationError(str(fault)) from None
        return answers


class CohortFormSet(OrderedFormSet):
    """The cohorts of a trial. One that has criteria is not deleted, or they would be lost with it."""

    def clean(self) -> None:
        """Refuses to delete a cohort that still has criteria."""
        super().clean()
        for form in self.deleted_forms:
            left = Criterion.objects.filter(cohort=form.instance.pk).count() if form.instance.pk else 0
            if left:
                raise ValidationError(
                    ngettext(
                        "“%(cohort)s” still has %(count)s criterion, which would be lost with it. Move or delete it and save; then delete the cohort.",
                        "“%(cohort)s” still has %(count)s criteria, which would be lost with it. Move or delete them and save; then delete the cohort.",
                        left,
                    )
                    % {"cohort": form.instance, "count": left}
                )


class SiteForm(forms.ModelForm):
    """A site."""

    def clean(self) -> dict[str, Any]:
        """Refuses a site that is nowhere."""
        values = super().clean()
        if not any(values.get(part) for part in ("facility", "city", "country")):
            self.add_error("facility", _("Name the facility, the city or the country."))
        return values
